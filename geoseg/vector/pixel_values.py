"""What the pixels of a raster that is traced hold: classes, or the numbers of objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.card import NODATA

# of such a raster: uint8 or uint32
Values = npt.NDArray[np.uint8] | npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class PixelValues:
    """How the pixels of a raster are told apart."""

    dtype: Any
    """The type of its numbers: uint8 or uint32."""
    void: int
    """The number of pixels that are of no component."""


CLASSES = PixelValues(np.uint8, NODATA)
OBJECTS = PixelValues(np.uint32, 0)
# what lies between objects is a component as well: borders along it are not those of nodata
OBJECTS_ON_GROUND = PixelValues(np.uint32, (1 << 32) - 1)
