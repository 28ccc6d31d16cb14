"""GeoPackage: one layer of polygons with a spatial index and its QGIS style inside."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pyogrio

from ..style import STYLE_COLUMNS, Legend, layer_style
from . import ogr
from .formats import Layer
from .polygons import GEOMETRY

# the same input gives the same bytes, so the file does not tell when it was made
EPOCH = "1970-01-01T00:00:00.000Z"

_STYLES = """
CREATE TABLE layer_styles (
 id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
 f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
 useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
 update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))
"""


def write(path: Path, layer: Layer, reader: Any, legend: Legend) -> None:
    """Write the record batches of `reader` as the layer of a new GeoPackage, and the legend's colours as its style."""
    indexed = {"SPATIAL_INDEX": "YES" if layer.index else "NO"}
    options = {"VERSION": "1.2"}  # GDAL 3.6, as in Debian 12, warns of 1.4
    with fixed_date():
        ogr.write(path, layer, reader, "GPKG", dataset_options=options, layer_options=indexed)
    with closing(sqlite3.connect(path)) as database, database:
        _add_style(database, layer.name, legend)


def count(path: Path, layer: str) -> int:
    """Return the number of rows that the layer holds."""
    name = layer.replace('"', '""')
    with closing(sqlite3.connect(path)) as database:
        return int(database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])  # noqa: S608 - quoted above


@contextmanager
def fixed_date() -> Iterator[None]:
    """Have GDAL write the same date into every GeoPackage."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": EPOCH})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _add_style(database: sqlite3.Connection, layer: str, legend: Legend) -> None:
    """Add the table in which QGIS keeps styles, and announce it: without a gpkg_contents row QGIS looks past it."""
    add_style_row(database, layer_style(legend, layer, GEOMETRY))


def add_style_row(database: sqlite3.Connection, style: tuple[str, ...]) -> None:
    """Add the table of styles with one row, in the order of STYLE_COLUMNS."""
    database.execute(_STYLES)
    columns = ", ".join((*STYLE_COLUMNS, "update_time"))
    holes = ", ".join("?" * (len(STYLE_COLUMNS) + 1))
    database.execute(f"INSERT INTO layer_styles ({columns}) VALUES ({holes})", (*style, EPOCH))  # noqa: S608 - our own names
    announce(database, "layer_styles")


def announce(database: sqlite3.Connection, table: str) -> None:
    """Enter a table without geometries into the GeoPackage's contents."""
    database.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id)"
        " VALUES (?, 'attributes', ?, '', ?, 0)",
        (table, table, EPOCH),
    )
