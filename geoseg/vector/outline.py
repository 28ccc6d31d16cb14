"""The outline of what lies around one pixel: the connected component of a mask that holds it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
import shapely
from rasterio.features import shapes

from ..core.grid import Grid
from ..raster.handles import gdal_env


def outline_at(mask: npt.NDArray[np.bool_], grid: Grid, row: int, column: int) -> Any:
    """Return the polygon of the 4-connected component of a mask that holds a pixel.

    Parameters
    ----------
    mask
        bool [row, column].
    grid
        Where it lies.
    row, column
        The pixel.

    Returns
    -------
    shapely.Polygon or None
        Along the edges of pixels, with holes, in the grid's CRS; None where the mask is not set
        there.
    """
    if not mask[row, column]:
        return None
    middle = shapely.Point(column + 0.5, row + 0.5)
    with gdal_env():
        for shape, _ in shapes(mask.astype(np.uint8), mask, connectivity=4):
            found = shapely.geometry.shape(shape)
            if shapely.contains(found, middle):
                return shapely.affinity.affine_transform(found, _matrix(grid))
    return None


def _matrix(grid: Grid) -> list[float]:
    a, b, c, d, e, f = rasterio.Affine(*grid.transform)[:6]
    return [a, b, d, e, c, f]
