"""The outline of what lies around one pixel: the connected component of a mask that holds it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
import shapely
from pyproj import Transformer
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


def common_part(shape: Any, grid: Grid, row: int, column: int, other: str, crs: str | None) -> Any:
    """Return what two polygons have in common at a pixel.

    Parameters
    ----------
    shape
        A polygon in the CRS of the grid that holds the pixel.
    grid
        A grid.
    row, column
        The pixel.
    other
        WKT of the other polygon.
    crs
        Its CRS.

    Returns
    -------
    shapely.Polygon
        In the CRS of the grid: of several parts the nearest to the pixel's centre. Where they have
        no area in common, as two grids may have it at their borders, the pixel itself.
    """
    cut = shapely.from_wkt(other)
    if crs != grid.crs and crs is not None and grid.crs is not None:
        way = Transformer.from_crs(crs, grid.crs, always_xy=True)
        cut = shapely.make_valid(shapely.transform(cut, way.transform, interleaved=False))
    pixel = shapely.affinity.affine_transform(
        shapely.box(column, row, column + 1, row + 1), _matrix(grid)
    )
    parts = [
        part
        for part in shapely.get_parts(shapely.intersection(shape, cut))
        if part.geom_type == "Polygon" and part.area > 0
    ]
    return min(parts, key=lambda part: part.distance(pixel.centroid)) if parts else pixel


def _matrix(grid: Grid) -> list[float]:
    a, b, c, d, e, f = rasterio.Affine(*grid.transform)[:6]
    return [a, b, d, e, c, f]
