"""FlatGeobuf: one pass, no spatial index, so that nothing waits for the last polygon."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..style import Legend
from . import ogr


def write(path: Path, layer: str, reader: Any, crs: str | None, legend: Legend) -> None:  # noqa: ARG001
    """Write the record batches of `reader` as a new FlatGeobuf."""
    ogr.write(path, layer, reader, crs, "FlatGeobuf", layer_options={"SPATIAL_INDEX": "NO"})
