"""GeoJSON as in RFC 7946: longitude and latitude on WGS 84, outer rings counterclockwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import InputError
from ..style import Legend
from . import ogr
from .formats import Layer


def write(path: Path, layer: Layer, reader: Any, legend: Legend) -> None:  # noqa: ARG001
    """Write the record batches of `reader` as a new GeoJSON file; GDAL transforms them."""
    if layer.crs is None:
        raise InputError(f"{path.name}: the raster has no CRS", "one, as GeoJSON is in longitude and latitude",
                         "write a GeoPackage, or give the raster its CRS")  # fmt: skip
    ogr.write(
        path, layer, reader, "GeoJSON", layer_options={"RFC7946": "YES", "COORDINATE_PRECISION": "9"}
    )  # 0.1 mm: at the 7 of the RFC small pixels merge
