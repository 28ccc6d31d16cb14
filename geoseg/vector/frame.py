"""Polygons that were written, as a table in memory."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import InputError
from ..core.job import TABLE, TILES
from ..core.ogr import DataSourceError
from .writers.geopackage import layers_of_map

if TYPE_CHECKING:
    from geopandas import GeoDataFrame


def read_polygons(path: str, layer: str | None = None) -> GeoDataFrame:
    """Read the polygons of one map of ours.

    Parameters
    ----------
    path
        A file in any of the formats that are written, or what people are told of a table.
    layer
        The map's name in a GeoPackage, which may have a layer for each class; None is the file's
        stem.

    Returns
    -------
    GeoDataFrame
        Its columns are those of `Columns`, and the geometry.

    Raises
    ------
    InputError
        If the file is gone, cannot be read, or holds tiles, or if it is a table.
    """
    import geopandas
    import pandas

    if path.startswith(TABLE):
        raise InputError(
            f"the polygons went to {path}", "them in a file", "read it with geopandas.read_postgis"
        )
    if path.lower().endswith(TILES):
        raise InputError(
            f"{path} holds its polygons in tiles, cut at their borders",
            "a file of whole polygons",
            "write a GeoPackage, and look at that",
        )
    try:
        if path.lower().endswith(".parquet"):
            return geopandas.read_parquet(path)
        if not path.lower().endswith(".gpkg"):
            return geopandas.read_file(path, engine="pyogrio")
        held = layers_of_map(path, layer or Path(path).stem)
        tables = [geopandas.read_file(path, layer=name, engine="pyogrio") for name in held]
    except (DataSourceError, OSError, sqlite3.Error) as error:
        raise InputError(f"the polygons {path} cannot be read: {error}") from error
    if not tables:
        raise InputError(f"the polygons {path} are there no more")
    return tables[0] if len(tables) == 1 else pandas.concat(tables, ignore_index=True)
