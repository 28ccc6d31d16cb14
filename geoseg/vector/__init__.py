"""Class raster to polygons: clean, trace, simplify, measure, write."""

from __future__ import annotations

from .clean import Tracing
from .trace import built, trace
from .vectorize import vectorize

__all__ = ["Tracing", "built", "trace", "vectorize"]
