"""Layers of one GeoPackage put into another, in one transaction: all else that the other holds
stays as it is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from .disk import write_error
from .errors import OutputError, RunError
from .style import MARK

MAGIC = b"SQLite format 3\0"
PATIENCE = 5.0  # seconds for which a file may be in use by another program before a run begins
LONG_PATIENCE = 120.0  # seconds, when the run has ended and its map would be lost
ENCODING = "UTF-8"  # of the texts in a new GeoPackage
STYLES = "layer_styles"
METADATA = "gpkg_metadata"
REFERENCES = "gpkg_metadata_reference"
GDAL = "http://gdal.org"  # whose metadata they are
TOLD = "Polygons of the map {name}, by geoseg"  # in the description of a layer: of which map it is
RENAME = (
    "name the layer otherwise: '{path}|layername=NAME', or, where it is a layer, "
    "replace it with --overwrite"
)
# tables of the standard (OGC 12-128r18) and of GDAL in which a row tells of the layer in column
# table_name
ABOUT = (
    "gpkg_extensions",
    "gpkg_ogr_contents",
    "gpkg_geometry_columns",
    "gpkg_data_columns",
    "gpkg_metadata_reference",
    "gpkg_contents",
)
COPIED = (
    "gpkg_contents",
    "gpkg_geometry_columns",
    "gpkg_extensions",
    "gpkg_ogr_contents",
)  # in this order


def is_database(path: Path) -> bool:
    """Return whether a file is one of SQLite's, to be written through SQLite alone.

    Parameters
    ----------
    path
        Of any kind; it need not be there.

    Returns
    -------
    bool
        By the first bytes, not by the name. https://www.sqlite.org/fileformat.html
    """
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def check_database(path: Path, layer: str, replace: bool, classes: Sequence[str] = ()) -> None:
    """Look, before a run, whether a layer can be put into an existing GeoPackage.

    Parameters
    ----------
    path
        The file; one of another kind passes, for it is replaced as a whole.
    layer
        The layer's name.
    replace
        Whether a layer of that name may be replaced.
    classes
        The names that layers of classes may have: only those of a map of ours are replaced.

    Raises
    ------
    OutputError
        If the file is in use, damaged, no GeoPackage, not in UTF-8, or holds something of that name
        that may not be replaced.
    """
    if not is_database(path):
        return  # it is replaced as a whole
    try:
        with _opened(path, PATIENCE) as database:
            database.execute("BEGIN EXCLUSIVE")
            known = _tables(database, "main")
            kinds = _kinds(database) if "gpkg_contents" in known else {}
            ours = _layers_of_maps(database) if kinds else set()
            (encoding,) = database.execute("PRAGMA encoding").fetchone()
            database.execute("ROLLBACK")
    except sqlite3.Error as error:
        if _is_busy(error):
            raise OutputError(
                f"{path} is in use by another program",
                "a file that may be written",
                "close it there (in QGIS: end editing), or choose another name",
            ) from error
        raise OutputError(
            f"{path} cannot be written by SQLite: {error}",
            "a sound GeoPackage",
            "choose another name",
        ) from error
    if not {"gpkg_contents", "gpkg_spatial_ref_sys"} <= known.keys():
        raise OutputError(
            f"{path} is a database of SQLite, and no GeoPackage",
            "a GeoPackage",
            "choose another name",
        )
    if encoding != ENCODING:
        raise OutputError(
            f"{path} holds its texts in {encoding}",
            f"{ENCODING}, as GDAL and QGIS write them: SQLite copies nothing between the two",
            "choose another name, or have ogr2ogr copy the file and add to the copy",
        )
    if classes:
        others = known.keys() - ours - {layer.casefold()}
        held = [name for name in classes if name.casefold() in others]
        if held:
            raise OutputError(
                f"{path} holds a layer {held[0]} that is no class of a map of geoseg's, and is not "
                "replaced",
                do="write the layers of classes into another file, or rename that layer",
            )
    if problem := _taken(layer, "features", known, kinds, replace):
        raise OutputError(f"{path} holds {problem}", do=RENAME.format(path=path))


def _layers_of_maps(database: sqlite3.Connection) -> set[str]:
    """Return the layers that hold maps of geoseg's, in small letters."""
    rows = database.execute(
        "SELECT table_name FROM main.gpkg_contents WHERE description LIKE ?",
        (TOLD.format(name="%"),),
    )
    return {str(name).casefold() for (name,) in rows}


def put_layers(source: Path, target: Path, replace: bool) -> None:
    """Put all layers and tables of a new GeoPackage into one that exists, with their styles.

    Parameters
    ----------
    source
        The new file, whole, which nobody else has open.
    target
        The file that gets its layers, in one transaction: whoever reads it sees all of them, or
        none.
    replace
        Whether layers of the same name may be replaced, and with them those of the same
        description: others of the same map. Styles that a user saved stay.

    Raises
    ------
    RunError
        If a layer may not be replaced, or SQLite refuses; the target is then as it was.

    Notes
    -----
    Tables and columns are those of OGC 12-128r18 (GeoPackage 1.3.1) and of GDAL.
    """
    try:
        with _opened(target, LONG_PATIENCE) as database:
            database.execute("ATTACH ? AS new", (f"{source.absolute().as_uri()}?mode=ro",))
            database.execute("BEGIN IMMEDIATE")
            try:
                _put_all(database, target, replace)
                database.execute("COMMIT")
            except BaseException:
                if database.in_transaction:
                    database.execute("ROLLBACK")
                # where writing failed, SQLite takes back what reached the file when it next reads:
                # now, as whoever opens it to read only could not
                with suppress(sqlite3.Error):
                    database.execute("SELECT count(*) FROM main.sqlite_master")
                raise
    except sqlite3.Error as error:
        if not _is_busy(error):
            raise write_error(target, error) from error
        raise RunError(
            f"writing {target} failed: {error}; it is as it was",
            do="close it in other programs and run again",
        ) from error


def _put_all(database: sqlite3.Connection, target: Path, replace: bool) -> None:
    rows = database.execute(
        "SELECT table_name, data_type FROM new.gpkg_contents WHERE lower(table_name) <> ?",
        (STYLES,),
    )
    new = {str(name): str(kind) for name, kind in rows}
    _check_names(database, new, target, replace)
    old = [name for name in new if name.casefold() in _tables(database, "main")]
    if replace:
        kept = {name.casefold() for name in new}
        told = database.execute(
            "SELECT table_name FROM main.gpkg_contents WHERE data_type = 'features'"
            " AND description IN (SELECT description FROM new.gpkg_contents WHERE description "
            "<> '')"
        ).fetchall()
        old += [name for (name,) in told if name.casefold() not in kept]
    for name in old:
        _drop(database, name)
    for table in (*COPIED, *((STYLES,) if STYLES in _tables(database, "new") else ())):
        _create_missing(database, table)
    moved = _systems(database)
    for name, kind in new.items():
        _copy_table(database, name, kind, moved)
    if STYLES in _tables(database, "new"):
        _copy_styles(database)


def _check_names(
    database: sqlite3.Connection, new: dict[str, str], target: Path, replace: bool
) -> None:
    """Raise RunError where a name is taken by what may not go.

    A layer that is named after a class, and not after its map as the user may have named it,
    replaces one of ours only.
    """
    there = _tables(database, "main")
    kinds = _kinds(database)
    ours = _layers_of_maps(database)
    of_map = dict(
        database.execute("SELECT table_name, description FROM new.gpkg_contents").fetchall()
    )
    for name, kind in new.items():
        if problem := _taken(name, kind, there, kinds, replace):
            raise RunError(f"{target} holds {problem}", do=RENAME.format(path=target))
        named = not of_map[name] or of_map[name] in (
            TOLD.format(name=name),
            TOLD.format(name=name.removeprefix("map ")),
        )
        if named or name.casefold() not in there or name.casefold() in ours:
            continue
        raise RunError(
            f"{target} holds a layer {name} that is no class of a map of geoseg's, and was not "
            "replaced",
            do="write the layers of classes into another file, or rename that layer",
        )


def _taken(
    name: str, kind: str, there: Mapping[str, str], kinds: Mapping[str, str], replace: bool
) -> str:
    """Return what stands in the way of a new layer of that name and kind; "" where nothing does."""
    key = name.casefold()
    if key not in there:
        return ""
    if there[key] != "table" or kinds.get(key) != kind:
        what = (
            "view"
            if there[key] != "table"
            else f"table of {kinds[key]}"
            if key in kinds
            else "table"
        )
        return f"a {what} called {name}, which a layer does not replace"
    return "" if replace else f"a layer {name} already"


def _kinds(database: sqlite3.Connection) -> dict[str, str]:
    """Return what each table of the contents is by its name in small letters: features,
    attributes, tiles.
    """
    rows = database.execute("SELECT table_name, data_type FROM main.gpkg_contents")
    return {str(name).casefold(): str(kind) for name, kind in rows}


@contextmanager
def _opened(path: Path, patience: float) -> Iterator[sqlite3.Connection]:
    """Open a database for writing, never making one; transactions are begun and ended by hand."""
    uri = f"{path.absolute().as_uri()}?mode=rw"
    with closing(
        sqlite3.connect(uri, uri=True, timeout=patience, isolation_level=None)
    ) as database:
        yield database


def _is_busy(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
    )


def _tables(database: sqlite3.Connection, schema: str) -> dict[str, str]:
    """Return tables and views of a database by their names in small letters, with which of the
    two they are.
    """
    rows = database.execute(
        f"SELECT name, type FROM {schema}.sqlite_master WHERE type IN ('table', 'view')"  # noqa: S608
    )
    return {str(name).casefold(): str(kind) for name, kind in rows}


def _drop(database: sqlite3.Connection, name: str) -> None:
    """Remove a layer with its index and all rows that tell of it, but for styles that somebody
    saved.
    """
    there = _tables(database, "main")
    if "gpkg_geometry_columns" in there:
        columns = database.execute(
            "SELECT column_name FROM gpkg_geometry_columns WHERE lower(table_name) = lower(?)",
            (name,),
        ).fetchall()
        for (column,) in columns:
            if (index := f"rtree_{name}_{column}").casefold() in there:
                database.execute(f"DROP TABLE {_quoted(index)}")
    database.execute(f"DROP TABLE {_quoted(name)}")
    for table in ABOUT:
        if table in there:
            database.execute(f"DELETE FROM {table} WHERE lower(table_name) = lower(?)", (name,))  # noqa: S608
    if {METADATA, REFERENCES} <= there.keys():  # what was said of this layer alone
        database.execute(
            f"DELETE FROM {METADATA} WHERE md_standard_uri = ? AND id NOT IN "  # noqa: S608
            f"(SELECT md_file_id FROM {REFERENCES} UNION SELECT md_parent_id FROM {REFERENCES} "
            "WHERE md_parent_id IS NOT NULL)",
            (GDAL,),
        )
    if STYLES in there:
        database.execute(
            f"DELETE FROM {STYLES} WHERE lower(f_table_name) = lower(?) AND instr(styleQML, ?) > 0",  # noqa: S608
            (name, MARK),
        )


def _create_missing(database: sqlite3.Connection, table: str) -> None:
    if table in _tables(database, "main") or table not in _tables(database, "new"):
        return
    (statement,) = database.execute(
        "SELECT sql FROM new.sqlite_master WHERE name = ?", (table,)
    ).fetchone()
    database.execute(statement)
    if table == STYLES:
        _copy_rows(database, "gpkg_contents", "lower(table_name) = ?", (STYLES,))


def _systems(database: sqlite3.Connection) -> dict[int, int]:
    """Enter the reference systems that are lacking; return those numbers that are another in the
    target.
    """
    names = "organization, organization_coordsys_id, definition"
    moved = {}
    for srs, *what in database.execute(
        f"SELECT srs_id, {names} FROM new.gpkg_spatial_ref_sys"  # noqa: S608
    ).fetchall():
        own = database.execute(
            f"SELECT {names} FROM gpkg_spatial_ref_sys WHERE srs_id = ?",  # noqa: S608
            (srs,),
        ).fetchone()
        if own is not None and _same_system(own, what):
            continue
        place = srs
        if own is not None:
            found = database.execute(f"SELECT srs_id, {names} FROM gpkg_spatial_ref_sys").fetchall()  # noqa: S608
            alike = [number for number, *theirs in found if _same_system(theirs, what)]
            place = alike[0] if alike else max(99_999, *(number for number, *_ in found)) + 1
            moved[srs] = place
            if alike:
                continue
        _copy_rows(database, "gpkg_spatial_ref_sys", "srs_id = ?", (srs,), {"srs_id": place})
    return moved


def _same_system(one: Sequence[object], other: Sequence[object]) -> bool:
    """Whether two reference systems are one: by authority and number, or, of none, by their
    text.
    """
    if str(one[0]).casefold() != str(other[0]).casefold() or one[1] != other[1]:
        return False
    return str(one[0]).casefold() != "none" or one[1] in (-1, 0) or one[2] == other[2]


def _copy_table(database: sqlite3.Connection, name: str, kind: str, moved: dict[int, int]) -> None:
    """Copy a layer: its table and rows, what is told of it, its index; triggers last: they would
    count rows.
    """
    own = database.execute(
        "SELECT type, name, sql FROM new.sqlite_master WHERE lower(tbl_name) = lower(?) AND sql "
        "NOT NULL",
        (name,),
    ).fetchall()
    statements = {
        part: [(n, sql) for what, n, sql in own if what == part]
        for part in ("table", "index", "trigger")
    }
    for _, sql in statements["table"]:
        database.execute(sql)
    geometry = None
    if kind == "features":
        geometry, srs = database.execute(
            "SELECT column_name, srs_id FROM new.gpkg_geometry_columns WHERE lower(table_name) "
            "= lower(?)",
            (name,),
        ).fetchone()
        place = moved.get(srs, srs)
        if place != srs:
            database.create_function(
                "geoseg_move", 1, lambda blob: _with_system(blob, place), deterministic=True
            )
    changed = geometry if geometry is not None and place != srs else None
    columns = [row[1] for row in database.execute(f"PRAGMA new.table_info({_quoted(name)})")]
    values = [f"geoseg_move({_quoted(c)})" if c == changed else _quoted(c) for c in columns]
    database.execute(
        f"INSERT INTO main.{_quoted(name)} ({', '.join(map(_quoted, columns))})"  # noqa: S608
        f" SELECT {', '.join(values)} FROM new.{_quoted(name)}"
    )
    for _, sql in statements["index"]:
        database.execute(sql)
    taken = database.execute(
        "SELECT count(*) FROM main.gpkg_contents WHERE identifier = ?", (name,)
    ).fetchone()[0]
    for table in COPIED:
        if table in _tables(database, "new"):
            given: dict[str, object] = (
                {"identifier": None} if taken and table == "gpkg_contents" else {}
            )
            if changed and table in ("gpkg_contents", "gpkg_geometry_columns"):
                given["srs_id"] = place
            _copy_rows(database, table, "lower(table_name) = lower(?)", (name,), given)
    _copy_metadata(database, name)
    if geometry is not None:
        _copy_index(database, f"rtree_{name}_{geometry}")
    for _, sql in statements["trigger"]:
        database.execute(sql)


def _copy_metadata(database: sqlite3.Connection, name: str) -> None:
    """Copy what is said of a layer, under numbers of the target."""
    if not {METADATA, REFERENCES} <= _tables(database, "new").keys():
        return
    for table in (METADATA, REFERENCES):
        _create_missing(database, table)
        known = database.execute(
            "SELECT count(*) FROM gpkg_extensions WHERE lower(table_name) = ?", (table,)
        ).fetchone()[0]
        if not known:
            _copy_rows(database, "gpkg_extensions", "lower(table_name) = ?", (table,))
    rows = database.execute(
        f"SELECT rowid, md_file_id FROM new.{REFERENCES} WHERE lower(table_name) = lower(?)",  # noqa: S608
        (name,),
    ).fetchall()
    for row, number in rows:
        (most,) = database.execute(f"SELECT coalesce(max(id), 0) FROM main.{METADATA}").fetchone()  # noqa: S608
        _copy_rows(database, METADATA, "id = ?", (number,), {"id": most + 1})
        _copy_rows(database, REFERENCES, "rowid = ?", (row,), {"md_file_id": most + 1})


def _copy_index(database: sqlite3.Connection, index: str) -> None:
    """Copy a spatial index, a table of SQLite's module rtree."""
    found = database.execute(
        "SELECT name, sql FROM new.sqlite_master WHERE lower(name) = lower(?)", (index,)
    ).fetchone()
    if found is None:
        return
    name, sql = found
    if name.casefold() in _tables(database, "main"):  # left by a layer that was removed carelessly
        database.execute(f"DROP TABLE {_quoted(name)}")
    database.execute(sql)
    database.execute(f"INSERT INTO main.{_quoted(name)} SELECT * FROM new.{_quoted(name)}")  # noqa: S608


def _copy_rows(
    database: sqlite3.Connection,
    table: str,
    which: str,
    values: Sequence[object],
    given: dict[str, object] | None = None,
) -> None:
    """Copy rows of a table that both have, in the columns that both have; `given` are other
    values.
    """
    names = [_columns(database, schema, table) for schema in ("main", "new")]
    columns = [column for column in names[1] if column in set(names[0])]
    given = given or {}
    chosen = ", ".join("?" if column in given else _quoted(column) for column in columns)
    database.execute(
        f"INSERT INTO main.{table} ({', '.join(map(_quoted, columns))})"  # noqa: S608 - the names are the standard's
        f" SELECT {chosen} FROM new.{table} WHERE {which}",
        (*(given[column] for column in columns if column in given), *values),
    )


def _copy_styles(database: sqlite3.Connection) -> None:
    """Copy the rows of styles under numbers of the target; a default style of the user's stays
    that.
    """
    names = [_columns(database, schema, STYLES) for schema in ("main", "new")]
    columns = [column for column in names[1] if column in set(names[0]) and column != "id"]
    default = (
        f"CASE WHEN EXISTS (SELECT 1 FROM main.{STYLES} m WHERE lower(m.f_table_name) = "  # noqa: S608
        "lower(n.f_table_name)"
        " AND m.useAsDefault) THEN 0 ELSE n.useAsDefault END"
    )
    chosen = ", ".join(
        default if column == "useAsDefault" else f"n.{_quoted(column)}" for column in columns
    )
    database.execute(
        f"INSERT INTO main.{STYLES} ({', '.join(map(_quoted, columns))}) SELECT {chosen} FROM "  # noqa: S608
        f"new.{STYLES} n"
    )


def _columns(database: sqlite3.Connection, schema: str, table: str) -> list[str]:
    return [
        str(row[1]) for row in database.execute(f"PRAGMA {schema}.table_info({_quoted(table)})")
    ]


def _with_system(blob: bytes | None, srs: int) -> bytes | None:
    """Return a geometry in GeoPackage's binary form with another number of its reference system."""
    if blob is None:
        return None
    order: str = "little" if blob[3] & 1 else "big"
    return blob[:4] + srs.to_bytes(4, order, signed=True) + blob[8:]  # type: ignore[arg-type]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
