"""Small regions merged into their neighbours, before the polygons are traced."""

from __future__ import annotations

import numpy as np
import rasterio.features

from ..card import NODATA
from .ground import Ground
from .state import Bytes


def sieve(classes: Bytes, ground: Ground, min_area: float) -> Bytes:
    """Merge regions below `min_area` square metres into their largest neighbour; nodata takes no part.

    The area of the pixel at the centre stands for all. A region without a neighbour stays.
    """
    pixels = int(np.ceil(min_area / ground.pixel)) if ground.pixel > 0 else 0
    if pixels <= 1 or not (classes != NODATA).any():
        return classes
    found: Bytes = rasterio.features.sieve(classes, min(pixels, classes.size + 1), mask=classes != NODATA)
    return np.where(classes == NODATA, classes, found)
