"""GeoPackage: one layer of polygons, or one for each class, with a spatial index and its QGIS
style inside.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ...core.arrays import Bytes, Floats
from ...core.card import Label
from ...core.database import TOLD
from ...core.job import RESERVED
from ...core.ogr import get_gdal_config_option, set_gdal_config_options
from ...core.style import STYLE_COLUMNS, Legend, layer_style
from ...core.threads import iterate_in_background
from ..polygons import GEOMETRY
from . import ogr
from .batch_reader import cut_at
from .layer import Layer
from .packed_rtree import BUNCH, PackedTree, Roots
from .sorting import sorted_out
from .sqlite_pages import (
    BLOB,
    INTEGER,
    NO_BYTES,
    NO_PLACES,
    REAL,
    TEXT,
    Rows,
    Table,
    count_rows,
    open_pages,
    plant,
)
from .wkb import arrow_bytes, bounds

# the same input gives the same bytes, so the file does not tell when it was made
EPOCH = "1970-01-01T00:00:00.000Z"
# nobody reads the file before it is whole, so SQLite need not wait for the disk at each step
UNHURRIED = "PRAGMA synchronous = OFF"

_STYLES = """
CREATE TABLE layer_styles (
 id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
 f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30),
 styleQML TEXT, styleSLD TEXT,
 useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
 update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))
"""


def write(path: Path, layer: Layer, reader: Any, legend: Legend) -> None:
    """Write the layer of a new GeoPackage, and the legend's colours as its style.

    Parameters
    ----------
    path, layer, reader, legend
        As for every `Writer`.
    """
    name = layer.name if fit_for_table(layer.name) else f"map {layer.name}"
    _write_layer(path, replace(layer, name=name), reader)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(UNHURRIED)
        add_style_row(database, layer_style(legend, name, GEOMETRY))
        mark(database, layer.name)


def write_by_class(path: Path, layer: Layer, reader: Any, legend: Legend) -> None:
    """Write a layer for each class that has polygons, under its name and with its own style.

    Where none has any, there is one layer without polygons.

    Parameters
    ----------
    path, layer, reader, legend
        As for every `Writer`.
    """
    with sorted_out(reader, path.parent) as classes:
        if not classes:
            write(path, layer, reader.schema.empty_table().to_reader(), legend)
            return
        labels = {label.value: label for label in legend.labels}
        found = [
            labels.get(value) or Label(value, f"class {value}", "#808080")
            for value in sorted(classes)
        ]
        names = layer_names([(label.value, label.name) for label in found])
        for label, name in zip(found, names, strict=True):
            with pa.OSFile(str(classes[label.value])) as file, pa.ipc.open_stream(file) as batches:
                _write_layer(path, replace(layer, name=name), batches)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(UNHURRIED)
        styles = [
            layer_style(_Single(label.name, (label,)), name, GEOMETRY)
            for label, name in zip(found, names, strict=True)
        ]
        add_style_rows(database, styles)
        mark(database, layer.name)


def mark(database: sqlite3.Connection, name: str) -> None:
    """Tell of each layer of which map it is: who replaces the map replaces all of them.

    Parameters
    ----------
    database
        A new GeoPackage.
    name
        The map's.
    """
    database.execute(
        "UPDATE gpkg_contents SET description = ? WHERE data_type = 'features'",
        (TOLD.format(name=name),),
    )


def layers_of_map(path: str, name: str) -> list[str]:
    """Return the layers of a GeoPackage that hold a map.

    Parameters
    ----------
    path
        The GeoPackage, opened read-only.
    name
        The map's.

    Returns
    -------
    list[str]
        In the order in which they were made; empty where there is no such map.

    Raises
    ------
    sqlite3.Error
        If it cannot be read.
    """
    with closing(sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=ro", uri=True)) as database:
        query = "SELECT table_name FROM gpkg_contents WHERE description = ? ORDER BY rowid"
        return [table for (table,) in database.execute(query, (TOLD.format(name=name),))]


@dataclass(frozen=True, slots=True)
class _Single:
    """The legend of one class."""

    name: str
    """The class's name."""
    labels: tuple[Label, ...]
    """The class alone."""


def layer_names(classes: Sequence[tuple[int, str]]) -> list[str]:
    """Return a table's name for each class.

    Parameters
    ----------
    classes
        Value and name of each.

    Returns
    -------
    list[str]
        Its own name; all begin with the value where two are the same, or one may not be a table's.
    """
    names = [name for _, name in classes]
    folded = {name.strip().casefold() for name in names}
    if len(folded) == len(names) and all(map(fit_for_table, names)):
        return names
    return [f"{value} {name}" for value, name in classes]


def class_layers(legend: Legend, values: Iterable[int] = ()) -> list[str]:
    """Return all names that layers of classes may have, whichever occur.

    Parameters
    ----------
    legend
        With the value and name of each class.
    values
        Further values that may occur, which the legend does not name.

    Returns
    -------
    list
        Names of tables.
    """
    unnamed = {value: f"class {value}" for value in values}
    named = unnamed | {label.value: label.name for label in legend.labels}
    pairs = sorted(named.items())
    alike = [name for _, name in pairs] if all(fit_for_table(name) for _, name in pairs) else []
    return list(dict.fromkeys([*alike, *layer_names(pairs)]))


def fit_for_table(name: str) -> bool:
    """Tell whether a table may be called so: GDAL wants a letter first, or a digit, and keeps
    some names.

    Parameters
    ----------
    name
        The name.

    Returns
    -------
    bool
        Whether it may.
    """
    first = name[:1]
    return (first.isalnum() or first == "_") and not name.casefold().startswith(RESERVED)


def _write_layer(path: Path, layer: Layer, reader: Any) -> None:
    """Write the batches as a layer of a GeoPackage, which is made where it does not exist.

    GDAL makes the layer, with all that belongs to it but rows; these are put in as they lie in the
    file (`sqlite_pages`), the spatial index likewise, where they are as a map has them.
    """
    indexed = {"SPATIAL_INDEX": "YES" if layer.index else "NO"}
    options = {} if path.exists() else {"VERSION": "1.2"}  # GDAL 3.6, as in Debian 12, warns of 1.4
    plain = fits_pages(reader.schema)
    given = reader.schema.empty_table().to_reader() if plain else reader
    with fixed_date():
        ogr.write_ogr(path, layer, given, "GPKG", dataset_options=options, layer_options=indexed)
    if not plain:
        return
    found = _found_layer(path, layer)
    # cut there, the index's pages lie where they do however the rows come
    made = (table_rows(batch, found.columns, found.srs) for batch in cut_at(reader, BUNCH))
    with closing(iterate_in_background(made, depth=2)) as ahead, open_pages(path) as pages:
        table = Table(pages)
        index = PackedTree(pages, found.index) if found.index else None
        extent = np.array([np.inf, np.inf, -np.inf, -np.inf])
        for rows, boxes in ahead:
            table.add(rows)
            if index:
                index.add(boxes)
            extent[:2] = np.minimum(extent[:2], boxes[:2].min(axis=1, initial=np.inf))
            extent[2:] = np.maximum(extent[2:], boxes[2:].max(axis=1, initial=-np.inf))
        count = table.first - 1
        if count:
            plant(pages, found.root, [table])
            if index:
                index.finish()
    if count:
        _tell_of_rows(path, layer.name, count, extent)


def fits_pages(schema: Any) -> bool:
    """Tell whether rows can be put into a table's pages: those of a map can, those of many maps
    merged, which have more columns of text, are GDAL's to write.

    Parameters
    ----------
    schema
        A `pyarrow.Schema` with the shapes as WKB in GEOMETRY.

    Returns
    -------
    bool
        Whether all its columns but one of text at most hold numbers.
    """
    types = [field.type for field in schema if field.name != GEOMETRY]
    texts = [kind for kind in types if pa.types.is_string(kind)]
    numbers = [kind for kind in types if pa.types.is_integer(kind) or pa.types.is_float64(kind)]
    return len(texts) <= 1 and len(texts) + len(numbers) == len(types)


@dataclass(frozen=True, slots=True)
class _FoundLayer:
    """What GDAL has made for a layer."""

    root: int
    """Root page of its table."""
    columns: tuple[str, ...]
    """Names of the table's columns; the first is the row's number."""
    srs: int
    """Number of its reference system."""
    index: Roots | None
    """Its spatial index."""


def _found_layer(path: Path, layer: Layer) -> _FoundLayer:
    """Read where a layer without rows begins; RuntimeError where it is not there: of a full disk
    GDAL may say nothing.
    """
    try:
        return _read_layer(path, layer)
    except (sqlite3.Error, LookupError):
        raise RuntimeError(f"GDAL has not made the layer {layer.name}") from None


def _read_layer(path: Path, layer: Layer) -> _FoundLayer:
    with closing(sqlite3.connect(path)) as database:
        roots = dict(database.execute("SELECT name, rootpage FROM sqlite_master"))
        columns = tuple(
            name
            for (name,) in database.execute("SELECT name FROM pragma_table_info(?)", (layer.name,))
        )
        srs = database.execute(
            "SELECT srs_id FROM gpkg_geometry_columns WHERE table_name = ?", (layer.name,)
        ).fetchall()[0][0]
        index = None
        if layer.index:
            name = f"rtree_{layer.name}_{GEOMETRY}"
            quoted = name.replace('"', '""')
            size = database.execute(f'SELECT length(data) FROM "{quoted}_node"').fetchall()[0][0]  # noqa: S608
            node, rowid, parent = (roots[f"{name}_{part}"] for part in ("node", "rowid", "parent"))
            index = Roots(node, rowid, parent, size)
    return _FoundLayer(roots[layer.name], columns, srs, index)


def _tell_of_rows(path: Path, name: str, count: int, extent: Floats) -> None:
    """Write what the tables of a GeoPackage say of a layer's rows."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute(UNHURRIED)
        database.execute("BEGIN")
        database.execute(
            "UPDATE gpkg_contents SET min_x = ?, min_y = ?, max_x = ?, max_y = ?"
            " WHERE table_name = ?",
            (*extent.tolist(), name),
        )
        database.execute(
            "UPDATE gpkg_ogr_contents SET feature_count = ? WHERE table_name = ?", (count, name)
        )
        database.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (name, count))
        database.execute("COMMIT")


def table_rows(batch: Any, columns: Sequence[str], srs: int) -> tuple[Rows, Floats]:
    """Return the rows of a record batch as those of a feature table.

    Parameters
    ----------
    batch
        A `pyarrow.RecordBatch` with the shapes as WKB in GEOMETRY.
    columns
        Names of the table's columns; the first is the row's number.
    srs
        Number of the reference system.

    Returns
    -------
    tuple[Rows, Floats]
        The rows; and the bounds of the shapes, float64 [side, row], least x and y, greatest x and
        y.
    """
    kinds = np.zeros(len(columns), np.uint8)
    numbers = np.zeros((len(columns), batch.num_rows), np.int64)
    present = np.ones(numbers.shape, np.uint8)
    text_at, text = NO_PLACES, NO_BYTES
    for i, name in enumerate(columns[1:], 1):
        column = batch.column(name)
        if name == GEOMETRY:
            kinds[i] = BLOB
        elif pa.types.is_string(column.type):
            kinds[i] = TEXT
            text_at, text = arrow_bytes(column)
        else:
            if column.null_count:
                present[i] = column.is_valid().to_numpy(zero_copy_only=False)
                column = column.fill_null(0)
            values = column.to_numpy()
            real = values.dtype.kind == "f"
            kinds[i] = REAL if real else INTEGER
            numbers[i] = values.view(np.int64) if real else values
    blob_at, blobs = arrow_bytes(batch.column(GEOMETRY))
    boxes = np.empty((4, batch.num_rows))
    bounds(blob_at, blobs, boxes)
    heads = geometry_heads(boxes, srs)
    return Rows(kinds, numbers, present, text_at, text, heads, blob_at, blobs), boxes


def geometry_heads(boxes: Floats, srs: int) -> Bytes:
    """Return what a GeoPackage has before the WKB of a shape: its reference system and bounds.

    Parameters
    ----------
    boxes
        float64 [side, row]: least x and y, greatest x and y.
    srs
        Number of the reference system.

    Returns
    -------
    Bytes
        uint8 [row, 40], little-endian (OGC 12-128r18, 2.1.3.1.1).
    """
    head = np.dtype(
        [("magic", "S2"), ("version", "u1"), ("flags", "u1"), ("srs", "<i4"), ("bounds", "<f8", 4)]
    )
    heads = np.empty(boxes.shape[1], head)
    heads["magic"] = b"GP"
    heads["version"] = 0
    heads["flags"] = 0b011  # bounds of x and y, little-endian
    heads["srs"] = srs
    heads["bounds"] = boxes[[0, 2, 1, 3]].T
    return heads.view(np.uint8).reshape(-1, head.itemsize)


def is_whole(path: Path, rows: int) -> bool:
    """Tell whether a new GeoPackage holds all that was written to it.

    Parameters
    ----------
    path
        The file.
    rows
        How many its layers have together.

    Returns
    -------
    bool
        Whether the file is as long as it says, and all rows are in the pages of its tables.
    """
    try:
        with closing(sqlite3.connect(path)) as database:
            ((size,),) = database.execute("PRAGMA page_size")
            roots = database.execute(
                "SELECT rootpage FROM gpkg_contents JOIN sqlite_master ON name = table_name"
                " WHERE data_type = 'features'"
            ).fetchall()
        with path.open("rb") as file:
            length = size * int.from_bytes(file.read(100)[28:32], "big")
            found = sum(count_rows(file, size, root) for (root,) in roots)
            return file.seek(0, 2) == length and found == rows
    except (sqlite3.Error, ValueError):  # a page of it is damaged
        return False


@contextmanager
def fixed_date() -> Iterator[None]:
    """Have GDAL write the same date into every GeoPackage, within the block.

    Yields
    ------
    None
        Nothing.
    """
    before = get_gdal_config_option("OGR_CURRENT_DATE")
    set_gdal_config_options({"OGR_CURRENT_DATE": EPOCH})
    try:
        yield
    finally:
        set_gdal_config_options({"OGR_CURRENT_DATE": before})


def add_style_row(database: sqlite3.Connection, style: tuple[str, ...]) -> None:
    """Add the table of styles with one row.

    Parameters
    ----------
    database
        A GeoPackage without styles.
    style
        In the order of STYLE_COLUMNS.
    """
    add_style_rows(database, [style])


def add_style_rows(database: sqlite3.Connection, styles: Sequence[tuple[str, ...]]) -> None:
    """Add the table in which QGIS keeps styles, and announce it: without a gpkg_contents row
    QGIS looks past it.

    Parameters
    ----------
    database
        A GeoPackage without styles.
    styles
        Rows in the order of STYLE_COLUMNS.
    """
    database.execute(_STYLES)
    columns = ", ".join((*STYLE_COLUMNS, "update_time"))
    holes = ", ".join("?" * (len(STYLE_COLUMNS) + 1))
    rows = [(*style, EPOCH) for style in styles]
    database.executemany(f"INSERT INTO layer_styles ({columns}) VALUES ({holes})", rows)  # noqa: S608 - our own names
    announce(database, "layer_styles")


def announce(database: sqlite3.Connection, table: str) -> None:
    """Enter a table without geometries into the GeoPackage's contents.

    Parameters
    ----------
    database
        A GeoPackage.
    table
        The table's name.
    """
    database.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, "
        "last_change, srs_id)"
        " VALUES (?, 'attributes', ?, '', ?, 0)",
        (table, table, EPOCH),
    )
