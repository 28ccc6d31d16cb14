"""Polygons into a table of PostGIS, in one transaction: it is there whole, or the old one is there
as it was.

A run writes its polygons to a GeoParquet in a temporary folder first, so that no connection is
held open while a network computes; then they are copied. Passwords come from where libpq looks for
them (PGPASSWORD, .pgpass, PGSERVICE) or from the address, and are told to nobody.
"""

from __future__ import annotations

import json
import re
import shutil
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
from pyproj import CRS
from pyproj.exceptions import CRSError

from ..core.errors import GeosegError, InputError, OutputError, RunError
from ..core.events import Event, Finished, Progress, Report, Warned
from ..core.job import TABLE
from ..core.provenance import TAG
from ..core.redact import HIDDEN, without_secrets
from ..core.style import MARK
from .polygons import GEOMETRY

if TYPE_CHECKING:
    from psycopg import Connection, Cursor

LONGEST = 63  # bytes of a name in PostgreSQL
ROWS = 4096  # polygons that are read at a time
STYLE_TABLE = "layer_styles"
PATIENCE = "60s"  # for a lock that somebody else holds
OWN_SRIDS = range(910_000, 998_999)  # for CRSs that no authority has a number for
TYPES = {pa.int32(): "int4", pa.int64(): "int8", pa.float64(): "float8", pa.string(): "text"}
WITH_SRID = 0x20000000  # of a shape's type, where four bytes of SRID come behind it (EWKB)
KINDS = {"v": "a view", "m": "a materialised view", "f": "a foreign table", "p": "partitioned"}


@dataclass(frozen=True, slots=True, repr=False)  # no address in a traceback
class Table:
    """A table of a database."""

    address: str
    """As libpq takes it; it may hold a password."""
    schema: str | None
    """None is the first one of the search path."""
    name: str
    """The table's."""
    place: str
    """Host, port and database as libpq reads them from the address, as far as it names them."""

    @property
    def told(self) -> str:
        """What people are told of it: no user, no password."""
        schema = f"{self.schema}." if self.schema else ""
        return f"{TABLE}{schema}{self.name} of postgresql://{self.place}"


def read_table(out: str) -> Table:
    """Take an address with a table apart.

    Parameters
    ----------
    out
        postgresql://user@host/database?options#schema.table; letters that mean something in
        addresses are written as %2E and the like.

    Returns
    -------
    Table
        The table, which need not be there.

    Raises
    ------
    InputError
        If it names none.
    """
    begun, _, text = out.rpartition("#")
    scheme, slashes, rest = begun.partition("://")
    names = [unquote(part) for part in text.split(".")]
    # behind a # in a password comes what is no table, and what nobody is to be told
    stray = any(letter in text for letter in "@/:?")
    known = scheme.lower() in ("postgresql", "postgres") and slashes
    good = known and not stray and len(names) <= 2 and all(_is_name(name) for name in names)
    address = f"postgresql://{rest}"
    place = _place(address) if good else None
    if place is None:
        raise InputError(
            "an address of a database that libpq cannot read, or that does not end in a table",
            "postgresql://HOST/DATABASE and then #TABLE or #SCHEMA.TABLE, names of at most "
            f"{LONGEST} bytes",
            "within a name or password a dot is written %2E, # %23, @ %40, / %2F, : %3A, ? %3F "
            "and % %25",
        )
    if names[-1] == STYLE_TABLE:
        raise InputError(
            f"the table {STYLE_TABLE}, in which QGIS keeps the styles of all layers",
            do="choose another name",
        )
    return Table(address, names[0] if len(names) == 2 else None, names[-1], place)


def _place(address: str) -> str | None:
    """Return host, port and database as libpq understands them; None where it does not, or may
    read a part of a password as one of these.
    """
    psycopg = _psycopg()
    user = address.removeprefix("postgresql://")
    # libpq takes what comes before the first @ for the user, unless a / comes before that
    behind = user if "/" in user.partition("@")[0] else user.partition("@")[2] or user
    place, _, _ = behind.partition("?")
    try:
        stray = re.search("[@&=]", place)
        read = {} if stray else psycopg.conninfo.conninfo_to_dict(address)
    except psycopg.Error:  # its text may name a part of a password
        read = {}
    host, port, name = (str(read.get(key) or "") for key in ("host", "port", "dbname"))
    if not (read or behind in ("", "/")) or not re.fullmatch(r"[0-9,]*", port):
        return None
    hosts = "" if host.startswith(("/", "@")) else host  # a folder of sockets is no host
    return f"{hosts}{port and f':{port}'}{name and f'/{name}'}"


def _is_name(name: str) -> bool:
    return 0 < len(name.encode(errors="replace")) <= LONGEST and "\0" not in name


@contextmanager
def delivered(out: str, overwrite: bool, report: Report) -> Iterator[tuple[str, str, Report]]:
    """Have polygons written to a file, which becomes a table when the block ends.

    Parameters
    ----------
    out
        The table's address.
    overwrite
        Whether a table that is there is replaced.
    report
        Takes the events.

    Yields
    ------
    tuple[str, str, Report]
        Where a run writes them; what people are told of it; and what takes the run's events.

    Raises
    ------
    InputError
        If the address is none, or the database is not to be reached or has no PostGIS; before
        anything is computed.
    OutputError
        If the table is there and may not be replaced.
    RunError
        If it could not be written: then nothing has changed in the database, and the polygons are
        kept in the file, which is told.
    """
    table = read_table(out)
    check_table(table, overwrite)
    done: list[Finished] = []

    def tell(event: Event) -> None:
        if isinstance(event, Finished):
            done.append(event)
        else:
            report(event)

    folder = Path(mkdtemp(prefix="geoseg-"))
    try:
        path = folder / "map.parquet"
        yield str(path), table.told, tell
        try:
            copy_table(path, table, overwrite, report)
        except GeosegError as error:
            # hours of a network may lie in it
            kept, folder = path, Path()
            do = f"{error.do}; " if error.do else ""
            do += f"the polygons are kept in {kept}: bring them there by ogr2ogr, or delete them"
            raise type(error)(error.found, error.expected, do) from None
        for event in done:
            outputs = tuple(
                table.told if one == str(path) else one for one in event.summary.outputs
            )
            report(Finished(replace(event.summary, outputs=outputs)))
    finally:
        if folder.name:
            shutil.rmtree(folder, ignore_errors=True)


def _psycopg() -> Any:
    try:
        import psycopg
    except ImportError:
        raise InputError(
            "PostGIS needs psycopg, which is not installed",
            do="pip install 'geoseg[postgis]'",
        ) from None
    return psycopg


@contextmanager
def _connected(table: Table) -> Iterator[Connection[Any]]:
    """Connect; the transaction is committed where the block ends without an error."""
    psycopg = _psycopg()
    known: dict[str, Any] = {"application_name": "geoseg"}
    if "connect_timeout" not in table.address:
        known["connect_timeout"] = 20
    try:
        with psycopg.connect(table.address, **known) as connection:
            connection.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
            yield connection
    except psycopg.errors.DuplicateTable:
        raise OutputError(
            f"{table.told} was written by somebody else while this ran, and was not replaced",
            do="choose another name, or replace it with --overwrite",
        ) from None
    except psycopg.errors.DependentObjectsStillExist as error:
        # of a part of an extension the server says so in its first line
        said = error.diag.message_detail or error.diag.message_primary or ""
        held = " ".join(said.split())
        raise OutputError(
            f"{table.told} cannot be replaced, as other objects depend on it: {held}",
            "a table that nothing depends on",
            "drop these first, or choose another name",
        ) from None
    except psycopg.Error as error:
        said = _said(error, table)
        kind = RunError if error.diag.sqlstate else InputError
        # from None: a traceback would show what libpq was given
        raise kind(f"{table.told}: {said}", do=_advice(error.diag.sqlstate)) from None


def _said(error: Exception, table: Table) -> str:
    """Return what PostgreSQL says, without what the address keeps secret.

    libpq tells user and password apart, for a password that holds a # is no part of an address
    elsewhere.
    """
    read = _psycopg().conninfo.conninfo_to_dict(table.address)
    text = str(error)
    for secret in filter(None, (read.get("password"), read.get("user"))):
        text = text.replace(f'"{secret}"', f'"{HIDDEN}"')
    return " ".join(without_secrets(text, table.address).split())


def _advice(state: str | None) -> str:
    return {
        None: "look at the address, and whether the server runs",
        "53100": "the server's disk is full: free some space there",
        "55P03": "somebody else has locked the table: try again when they are done",
        "42501": "ask the owner of the database for this right",
    }.get(state, "")


def check_table(table: Table, overwrite: bool) -> None:
    """See whether a table can be written, before anything is computed.

    Parameters
    ----------
    table
        The table.
    overwrite
        Whether it is replaced where it is there.

    Raises
    ------
    InputError
        If the database is not to be reached, has no PostGIS or not the schema, or the user not the
        right.
    OutputError
        If it is there and may not or cannot be replaced.
    """
    from psycopg import sql

    with _connected(table) as connection, connection.cursor() as cursor:
        if _geometry_schema(cursor) is None:
            raise InputError(
                f"{table.told}: the database has no PostGIS",
                "the extension postgis",
                "have its owner run CREATE EXTENSION postgis",
            )
        schema = _schema(cursor, table)
        cursor.execute("SELECT has_schema_privilege(%s, 'CREATE')", (schema,))
        if not _one(cursor):
            raise InputError(
                f"{table.told}: no right to make tables in the schema {schema}",
                do="ask its owner for it, or name another schema",
            )
        if _may_replace(cursor, table, schema, overwrite):
            cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(schema, table.name)))
            connection.rollback()  # it was to see whether anything depends on it


def _geometry_schema(cursor: Cursor[Any]) -> str | None:
    cursor.execute(
        "SELECT nspname FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace "
        "WHERE extname = 'postgis'"
    )
    row = cursor.fetchone()
    return None if row is None else str(row[0])


def _schema(cursor: Cursor[Any], table: Table) -> str:
    if table.schema is None:
        cursor.execute("SELECT current_schema()")
        found = _one(cursor)
    else:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname = %s", (table.schema,))
        row = cursor.fetchone()
        found = row and row[0]
    if not found:
        raise InputError(f"{table.told}: there is no such schema", do="create it first")
    return str(found)


def _may_replace(cursor: Cursor[Any], table: Table, schema: str, overwrite: bool) -> bool:
    """Tell whether there is a table that is replaced."""
    cursor.execute(
        "SELECT relkind, pg_has_role(relowner, 'USAGE') FROM pg_class c JOIN pg_namespace n "
        "ON n.oid = relnamespace WHERE nspname = %s AND relname = %s",
        (schema, table.name),
    )
    row = cursor.fetchone()
    if row is None:
        return False
    if row[0] != "r":
        what = KINDS.get(str(row[0]), "something else than a table")
        raise OutputError(f"{table.told} is {what}", "the name of a plain table, or a new one")
    if not overwrite:
        raise OutputError(
            f"{table.told} exists already",
            do="choose another name, or replace it with --overwrite",
        )
    if not row[1]:
        raise OutputError(f"{table.told} belongs to somebody else", "a table of this user's")
    return True


def _one(cursor: Cursor[Any]) -> Any:
    row = cursor.fetchone()
    return row and row[0]


def copy_table(path: Path, table: Table, overwrite: bool, report: Report) -> int:
    """Copy a GeoParquet of ours into a table.

    Parameters
    ----------
    path
        The file, with its style beside it.
    table
        The table.
    overwrite
        Whether one that is there is replaced; it is seen by others until the new one is whole.
    report
        Told how far it is.

    Returns
    -------
    int
        The number of rows.

    Raises
    ------
    OutputError, RunError
        See `delivered`. The transaction is rolled back.
    """
    from psycopg import sql

    with pq.ParquetFile(path) as file, _connected(table) as connection:
        told = file.schema_arrow.metadata
        about = json.loads(told[b"geo"])["columns"][GEOMETRY]
        fields = [one for one in file.schema_arrow if one.name not in (GEOMETRY, "bbox")]
        with connection.cursor() as cursor:
            schema = _schema(cursor, table)
            home = _geometry_schema(cursor)
            assert home is not None
            srid = _srid(cursor, about.get("crs"), home)
            shape = sql.SQL("{}.geometry({}, {})").format(
                sql.Identifier(home), sql.SQL(about["geometry_types"][0]), sql.Literal(srid)
            )
            columns: list[tuple[Any, Any]] = [(sql.Identifier("fid"), sql.SQL("int8"))]
            columns += [(sql.Identifier(one.name), sql.SQL(TYPES[one.type])) for one in fields]
            columns += [(sql.Identifier(GEOMETRY), shape)]
            # under a name of its own until it is whole, so that nobody waits for the old one
            mark = uuid4().hex[:16]
            new = sql.Identifier(schema, f"geoseg_{mark}")
            cursor.execute(
                sql.SQL("CREATE TABLE {} ({})").format(
                    new, sql.SQL(", ").join(sql.SQL(" ").join(column) for column in columns)
                )
            )
            rows = _copy(cursor, new, file, fields, srid, report)
            key, index = (sql.Identifier(f"geoseg_{mark}_{end}") for end in ("key", "geom"))
            for statement in (
                sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} PRIMARY KEY (fid)").format(new, key),
                sql.SQL("CREATE INDEX {} ON {} USING gist ({})").format(
                    index, new, sql.Identifier(GEOMETRY)
                ),
                sql.SQL("COMMENT ON TABLE {} IS {}").format(
                    new, sql.Literal(told.get(TAG.encode(), b"").decode())
                ),
                sql.SQL("ANALYZE {}").format(new),
            ):
                cursor.execute(statement)
            if _may_replace(cursor, table, schema, overwrite):
                # without CASCADE: what depends on it stops this
                cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(schema, table.name)))
            cursor.execute(
                sql.SQL("ALTER TABLE {} RENAME TO {}").format(new, sql.Identifier(table.name))
            )
            _put_style(connection, path.with_suffix(".qml"), table, schema, report)
    return rows


def _copy(
    cursor: Cursor[Any], new: Any, file: Any, fields: Sequence[Any], srid: int, report: Report
) -> int:
    from time import monotonic

    from psycopg import sql

    begun = monotonic()
    total = file.metadata.num_rows
    done = 0
    head = struct.Struct("<BII")
    # a shape's bytes are those of bytea: a length, and themselves
    kinds = ["int8", *(TYPES[one.type] for one in fields), "bytea"]
    names = [one.name for one in fields]
    with cursor.copy(sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(new)) as copy:
        copy.set_types(kinds)
        for batch in file.iter_batches(ROWS, columns=[*names, GEOMETRY]):
            columns = [batch.column(name).to_pylist() for name in names]
            for *values, shape in zip(*columns, batch.column(GEOMETRY).to_pylist(), strict=True):
                done += 1
                order, kind = shape[0], int.from_bytes(shape[1:5], "little")
                copy.write_row(
                    [done, *values, head.pack(order, kind | WITH_SRID, srid) + shape[5:]]
                )
            report(Progress("copy", done, total, monotonic() - begun))
    return done


def _srid(cursor: Cursor[Any], told: Any, home: str) -> int:
    """Find the number of a CRS in the database, or give it one."""
    from psycopg import sql

    if told is None:
        return 0
    known = sql.Identifier(home, "spatial_ref_sys")
    crs = CRS.from_user_input(told)
    code = crs.to_epsg()
    if code is not None:
        cursor.execute(
            sql.SQL("SELECT srid FROM {} WHERE auth_name = 'EPSG' AND auth_srid = %s").format(
                known
            ),
            (code,),
        )
        if found := _one(cursor):
            return int(found)
    try:
        text = crs.to_wkt("WKT1_GDAL")
    except CRSError:
        text = crs.to_wkt()
    cursor.execute(sql.SQL("SELECT srid FROM {} WHERE srtext = %s").format(known), (text,))
    if found := _one(cursor):
        return int(found)
    cursor.execute(
        sql.SQL("SELECT max(srid) FROM {} WHERE srid BETWEEN %s AND %s").format(known),
        (OWN_SRIDS.start, OWN_SRIDS.stop),
    )
    number = (_one(cursor) or OWN_SRIDS.start - 1) + 1
    cursor.execute(
        sql.SQL(
            "INSERT INTO {} (srid, auth_name, auth_srid, srtext, proj4text) "
            "VALUES (%s, 'geoseg', %s, %s, %s)"
        ).format(known),
        (number, number, text, _proj4(crs)),
    )
    return int(number)


def _proj4(crs: CRS) -> str:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it says less than WKT, which stands beside it
        try:
            return str(crs.to_proj4())
        except CRSError:
            return ""


STYLES = """CREATE TABLE IF NOT EXISTS {} (
    id serial PRIMARY KEY, f_table_catalog varchar, f_table_schema varchar, f_table_name varchar,
    f_geometry_column varchar, stylename text, styleqml xml, stylesld xml, useasdefault boolean,
    description text, owner varchar(63) DEFAULT CURRENT_USER, ui xml,
    update_time timestamp DEFAULT CURRENT_TIMESTAMP, type varchar)"""

OLD_STYLE = """DELETE FROM layer_styles WHERE f_table_catalog = current_database()
    AND f_table_schema = %(schema)s::text AND f_table_name = %(table)s::text
    AND styleqml::text LIKE %(mark)s::text"""
NEW_STYLE = """INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name,
    f_geometry_column, stylename, styleqml, useasdefault, description)
    SELECT current_database(), %(schema)s::text, %(table)s::text, %(column)s::text, 'geoseg',
    XMLPARSE(DOCUMENT %(qml)s::text), NOT EXISTS (SELECT FROM layer_styles
        WHERE f_table_catalog = current_database() AND f_table_schema = %(schema)s::text
        AND f_table_name = %(table)s::text AND useasdefault), 'Classes'"""


def _put_style(
    connection: Connection[Any], path: Path, table: Table, schema: str, report: Report
) -> None:
    """Put the style where QGIS looks for it; one that somebody saved there stays the default.

    A database in which that may not be done has the polygons all the same.
    """
    import psycopg
    from psycopg import sql

    try:
        with connection.transaction(), connection.cursor() as cursor:  # a savepoint
            cursor.execute("SELECT to_regclass('layer_styles') IS NULL")
            if _one(cursor):
                cursor.execute(sql.SQL(STYLES).format(sql.Identifier("public", "layer_styles")))
            mine = {"schema": schema, "table": table.name, "mark": f"%{MARK}%"}
            cursor.execute(OLD_STYLE, mine)
            cursor.execute(
                NEW_STYLE, mine | {"column": GEOMETRY, "qml": path.read_text(encoding="utf-8")}
            )
    except psycopg.errors.Error as error:
        if connection.broken:
            raise
        report(
            Warned(f"the style for QGIS could not be put into the database: {_first_line(error)}")
        )


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
