"""FlatGeobuf: with its spatial index GDAL sorts the polygons after the last has come; without, one pass is enough."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..style import Legend
from . import ogr
from .formats import Layer


def write(path: Path, layer: Layer, reader: Any, legend: Legend) -> None:  # noqa: ARG001
    """Write the record batches of `reader` as a new FlatGeobuf."""
    ogr.write(path, layer, reader, "FlatGeobuf", layer_options={"SPATIAL_INDEX": "YES" if layer.index else "NO"})
