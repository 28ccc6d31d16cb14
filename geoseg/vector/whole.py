"""Regions of a whole raster in memory, traced by GDAL: simple, and the oracle of the streaming tracer."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import rasterio.features
import shapely
from affine import Affine

from ..card import NODATA
from ..grid import Grid
from .ground import Ground

Bytes = npt.NDArray[np.uint8]


def sieve(classes: Bytes, ground: Ground, min_area: float) -> Bytes:
    """Merge regions below `min_area` square metres into their largest neighbour; nodata takes no part.

    The area of the pixel at the centre stands for all. A region without a neighbour stays.
    """
    pixels = int(np.ceil(min_area / ground.pixel)) if ground.pixel > 0 else 0
    if pixels <= 1 or not (classes != NODATA).any():
        return classes
    found: Bytes = rasterio.features.sieve(classes, min(pixels, classes.size + 1), mask=classes != NODATA)
    return np.where(classes == NODATA, classes, found)


def regions(classes: Bytes, grid: Grid) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.uint8]]:
    """Return the outlines of all 4-connected regions, in order of their first pixel, and their classes."""
    transform = Affine(*grid.transform)
    traced = list(rasterio.features.shapes(classes, classes != NODATA, connectivity=4, transform=transform))
    outlines = [shapely.Polygon(shape["coordinates"][0], shape["coordinates"][1:]) for shape, _ in traced]
    return np.array(outlines, dtype=object), np.array([value for _, value in traced], np.uint8)


def numbered(classes: Bytes) -> npt.NDArray[np.int32]:
    """Return the number of each pixel's region, in the order of regions(); -1 for nodata."""
    traced = rasterio.features.shapes(classes, classes != NODATA, connectivity=4)
    shapes = [(shape, index) for index, (shape, _) in enumerate(traced)]
    if not shapes:
        return np.full(classes.shape, -1, np.int32)
    found: npt.NDArray[np.int32] = rasterio.features.rasterize(shapes, classes.shape, fill=-1, dtype=np.int32)
    return found
