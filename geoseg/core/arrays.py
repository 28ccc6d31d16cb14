"""The kinds of arrays that stages hand on, by the type of their numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]  # class values, their indices, or percent
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Array = Any  # a numpy array, or a torch tensor on any device: both index and add alike


def to_uint8(array: Array) -> Bytes:
    """Return what a model that computes with numpy gives to `stitch`.

    Parameters
    ----------
    array
        Numbers from 0 to 255, of any type.

    Returns
    -------
    Bytes
        The same as uint8, cut off below the point.
    """
    return np.asarray(array).astype(np.uint8)
