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


def to_planes(array: npt.NDArray[Any]) -> Bytes:
    """Take numbers apart into planes of bytes, so that all maps of a scene travel as one array.

    A pixel whose bytes are all 255 is nodata in each of them: NODATA of whole numbers, NaN of
    floats.

    Parameters
    ----------
    array
        [band, row, column].

    Returns
    -------
    Bytes
        [plane, row, column]: for each band as many planes as its numbers have bytes.
    """
    plain = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    apart = plain.view(np.uint8).reshape(*plain.shape, plain.itemsize)
    bands, *rest = plain.shape  # of which there may be no rows
    return np.moveaxis(apart, 3, 1).reshape(bands * plain.itemsize, *rest)


def from_planes(planes: Bytes, dtype: str) -> npt.NDArray[Any]:
    """Put numbers together again from their planes.

    Parameters
    ----------
    planes
        uint8 [plane, row, column], as `to_planes` gives them.
    dtype
        What the numbers are, such as float16.

    Returns
    -------
    ndarray
        [band, row, column] of this type.
    """
    kind = np.dtype(dtype).newbyteorder("<")
    count, *rest = planes.shape
    apart = planes.reshape(count // kind.itemsize, kind.itemsize, *rest)
    together = np.ascontiguousarray(np.moveaxis(apart, 1, 3)).view(kind)[..., 0]
    return together.astype(dtype, copy=False)
