"""Which vector files can be read: GDAL's driver for GeoParquet is not in every build of it."""

from __future__ import annotations

import pyogrio

from ..errors import InputError
from ..files import check_regular

PARQUET = (".parquet", ".geoparquet")


def check_driver(path: str) -> None:
    """Raise InputError for a kind of vector file that the GDAL installed here has no driver for, and for a pipe."""
    check_regular(path, "vector data in a file")
    if path.lower().endswith(PARQUET) and "Parquet" not in pyogrio.list_drivers(read=True):
        raise InputError(
            f"{path} is GeoParquet, which the GDAL of the installed pyogrio cannot read",
            "GeoPackage, FlatGeobuf, GeoJSON, shapefile, GML or KML",
            "convert it, such as with geopandas.read_parquet(FILE).to_file('labels.gpkg')",
        )
