"""GeoJSON as in RFC 7946: longitude and latitude on WGS 84, outer rings counterclockwise."""

from __future__ import annotations

from math import ceil, log10
from pathlib import Path
from typing import Any

from ..style import Legend
from . import ogr
from .formats import Layer, check_crs

METRES = 111_320  # of a degree at the equator
LEAST, MOST = 7, 9


def write(path: Path, layer: Layer, reader: Any, legend: Legend) -> None:  # noqa: ARG001
    """Write the record batches of `reader` as a new GeoJSON file; GDAL transforms them."""
    check_crs(path, layer.crs)
    options = {"RFC7946": "YES", "COORDINATE_PRECISION": str(decimals(layer.step))}
    ogr.write(path, layer, reader, "GeoJSON", layer_options=options)


def decimals(step: float) -> int:
    """Return the decimals of degrees that keep vertices apart which are `step` metres from each other.

    7 are a centimetre, and what RFC 7946, 11.2, has in mind; the last digit is at most a
    sixteenth of the step, so that no outline is bent into itself.
    """
    return max(LEAST, ceil(log10(16 * METRES / step))) if step > 0 else MOST
