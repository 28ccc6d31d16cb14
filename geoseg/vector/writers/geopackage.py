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

import pyarrow as pa
import pyogrio

from ...core.card import Label
from ...core.database import TOLD
from ...core.job import RESERVED
from ...core.style import STYLE_COLUMNS, Legend, layer_style
from ..polygons import GEOMETRY
from . import ogr
from .layer import Layer
from .sorting import sorted_out

# the same input gives the same bytes, so the file does not tell when it was made
EPOCH = "1970-01-01T00:00:00.000Z"

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
    """Write the batches as a layer of a GeoPackage, which is made where it does not exist."""
    indexed = {"SPATIAL_INDEX": "YES" if layer.index else "NO"}
    options = {} if path.exists() else {"VERSION": "1.2"}  # GDAL 3.6, as in Debian 12, warns of 1.4
    with fixed_date():
        ogr.write_ogr(path, layer, reader, "GPKG", dataset_options=options, layer_options=indexed)


def count(path: Path) -> int:
    """Count the rows of all layers together.

    Parameters
    ----------
    path
        A GeoPackage.

    Returns
    -------
    int
        As SQLite reads them, not as GDAL's table of counts says.
    """
    with closing(sqlite3.connect(path)) as database:
        tables = database.execute(
            "SELECT table_name FROM gpkg_contents WHERE data_type = 'features'"
        ).fetchall()
        names = [name.replace('"', '""') for (name,) in tables]
        counts = (database.execute(f'SELECT count(*) FROM "{name}"') for name in names)  # noqa: S608 - quoted above
        return sum(int(found.fetchone()[0]) for found in counts)


@contextmanager
def fixed_date() -> Iterator[None]:
    """Have GDAL write the same date into every GeoPackage, within the block.

    Yields
    ------
    None
        Nothing.
    """
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": EPOCH})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


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
