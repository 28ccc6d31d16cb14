"""Class raster to polygons: trace, measure, write."""

from __future__ import annotations

from .trace import trace

__all__ = ["trace"]
