"""Masks as polygons along the edges of their pixels: burning, the other way round."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from rasterio import Affine
from rasterio.features import shapes

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
