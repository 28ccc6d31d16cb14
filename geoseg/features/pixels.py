"""Shapes in the pixels of a raster: their corners on so fine a grid that any window counts
alike.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from pyproj import Transformer

from ..core.arrays import Floats
from ..core.grid import Grid
from ..raster.georeference import to_pixels

FINEST = 4096  # parts of a pixel: corners on them are shifted by whole pixels without rounding


def in_pixels(shapes: Any, grid: Grid, there: Transformer | None = None) -> Any:
    """Return shapes in the pixels of a grid, x to the right and y down.

    Parameters
    ----------
    shapes
        One of shapely's geometries, or an array of them.
    grid
        The raster's.
    there
        The way from the shapes' CRS to the grid's; None where they are the same.

    Returns
    -------
    Any
        As many geometries; infinite where the grid's CRS has no coordinates for them.
    """
    if there is not None:
        shapes = shapely.transform(shapes, there.transform, interleaved=False)

    def snapped(xy: Floats) -> Floats:
        return np.rint(to_pixels(grid, xy) * FINEST) / FINEST

    return shapely.transform(shapes, snapped)
