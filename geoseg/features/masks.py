"""Masks as polygons along the edges of their pixels: burning, the other way round."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from rasterio import Affine
from rasterio.features import rasterize, shapes

from ..raster.handles import gdal_env, one_at_a_time


def outline(mask: npt.NDArray[np.bool_], top: int = 0, left: int = 0) -> Any:
    """Return the area of a mask.

    Parameters
    ----------
    mask
        [row, column].
    top, left
        Where its first pixel lies.

    Returns
    -------
    Any
        One of shapely's, x to the right and y down in pixels; it holds the centres of the mask's
        pixels, and of no other. A MultiPolygon, empty where the mask is.
    """
    place = Affine.translation(left, top)
    with gdal_env(), one_at_a_time:
        found = [
            shapely.geometry.shape(shape)
            for shape, _ in shapes(mask.astype(np.uint8), mask, 4, place)
        ]
    return shapely.MultiPolygon(found)


def fill(shape: Any, height: int, width: int) -> tuple[npt.NDArray[np.bool_], int, int]:
    """Return the pixels of a picture whose centres a shape holds.

    Parameters
    ----------
    shape
        An area, one of shapely's, x to the right and y down in pixels.
    height, width
        Of the picture; what lies outside of it is cut off.

    Returns
    -------
    tuple
        The mask [row, column] of the shape's bounding box, and the box's top and left; of no rows
        and columns where the shape lies outside.
    """
    bounds = shapely.bounds(shape)
    if not np.isfinite(bounds).all():  # empty
        return np.zeros((0, 0), bool), 0, 0
    left, top, right, bottom = bounds
    columns = np.clip([np.floor(left), np.ceil(right)], 0, width).astype(int)
    rows = np.clip([np.floor(top), np.ceil(bottom)], 0, height).astype(int)
    size = (int(rows[1] - rows[0]), int(columns[1] - columns[0]))
    if 0 in size:
        return np.zeros((0, 0), bool), 0, 0
    place = Affine.translation(int(columns[0]), int(rows[0]))
    with gdal_env(), one_at_a_time:
        mask = rasterize([(shape, 1)], size, transform=place, dtype="uint8")
    return mask.astype(bool), int(rows[0]), int(columns[0])
