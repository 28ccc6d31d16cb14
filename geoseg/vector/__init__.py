"""Class raster to polygons: clean, trace, simplify, measure, write."""

from __future__ import annotations

from .bands import Means, open_means
from .clean import Tracing
from .formats import check_crs
from .strips import Live
from .target import failures, staged
from .trace import built, draw, tell_of_pixels, trace, tracing_of
from .vectorize import vectorize
from .zonal import Zonal

__all__ = [
    "Live",
    "Means",
    "Tracing",
    "Zonal",
    "built",
    "check_crs",
    "draw",
    "failures",
    "open_means",
    "staged",
    "tell_of_pixels",
    "trace",
    "tracing_of",
    "vectorize",
]
