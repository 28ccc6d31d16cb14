"""Writing record batches through GDAL."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from pyogrio.raw import write_arrow

from .formats import Layer
from .polygons import GEOMETRY


def write(path: Path, layer: Layer, reader: Any, driver: str, **options: Any) -> None:
    """Write the batches of `reader` as one layer of polygons; the options are pyogrio's."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "'crs' was not provided")  # write_polygons() has said so, in our words
        shape = {"geometry_name": GEOMETRY, "geometry_type": layer.kind}
        name = path.stem if driver == "ESRI Shapefile" else layer.name  # that of its files
        write_arrow(reader, path, layer=name, driver=driver, crs=layer.crs, **shape, **options)
