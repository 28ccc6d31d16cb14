"""A class raster as a small picture in the colours of its classes, transparent where there is no
data.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from rasterio import Affine
from rasterio.errors import RasterioError
from rasterio.io import MemoryFile

from ..core.card import NODATA
from ..core.errors import RunError
from ..core.style import Legend
from .handles import gdal_env, open_dataset


def quicklook(path: str, legend: Legend, side: int) -> tuple[bytes, tuple[int, int]]:
    """Return a class raster as a small picture.

    Parameters
    ----------
    path
        Of the raster; its overviews are read.
    legend
        Colours of its classes.
    side
        Pixels of the picture's longer side, at most.

    Returns
    -------
    tuple[bytes, tuple[int, int]]
        A PNG, transparent where there is no data, and its height and width.

    Raises
    ------
    RunError
        If the raster cannot be read.
    """
    with gdal_env(), open_dataset(path) as dataset:
        shape = picture_shape((dataset.height, dataset.width), side)
        try:
            labels = dataset.read(
                1, out_shape=shape
            )  # nearest: the overviews hold the class that most pixels have
        except RasterioError as error:
            raise RunError(f"{path} cannot be read: {error}") from error
    table = np.zeros((256, 4), np.uint8)
    for label in legend.labels:
        table[label.value] = (*label.rgb, 255)
    table[NODATA] = 0
    return png(np.ascontiguousarray(np.moveaxis(table[labels], -1, 0))), shape


def read_small(
    path: str, shape: tuple[int, int], band: int, values: tuple[int, ...]
) -> npt.NDArray[np.uint8]:
    """Read a class raster small, from its overviews where it has any.

    Parameters
    ----------
    path
        Of the raster.
    shape
        Rows and columns of the picture, at any size.
    band
        The number of the band, from 1.
    values
        The class value that each index stands for.

    Returns
    -------
    npt.NDArray[np.uint8]
        Indices of classes [row, column], NODATA where there is none.

    Raises
    ------
    RunError
        If it cannot be read.
    """
    with gdal_env(), open_dataset(path) as dataset:
        # never more than there are; Pillow enlarges
        whole = min(shape[0], dataset.height), min(shape[1], dataset.width)
        try:
            found = dataset.read(band, out_shape=whole, masked=True)
        except RasterioError as error:
            raise RunError(f"{path} cannot be read: {error}") from error
    known = np.array(values)
    order = np.argsort(known)
    data = found.data.astype(np.int64) if found.dtype.kind == "f" else found.data
    place = np.searchsorted(known[order], data).clip(0, max(len(known) - 1, 0))
    same = known[order][place] == data if len(known) else np.zeros(data.shape, bool)
    index = order[place] if len(known) else place
    there = same & ~np.ma.getmaskarray(found)
    return np.where(there, index, NODATA).astype(np.uint8)


def picture_shape(shape: tuple[int, int], side: int) -> tuple[int, int]:
    """Return how large a raster is drawn.

    Parameters
    ----------
    shape
        Its rows and columns.
    side
        Pixels of the picture's longer side, at most.

    Returns
    -------
    tuple[int, int]
        Rows and columns of the picture, at least 1 each; it is never larger than the raster.
    """
    shrink = max(1.0, max(shape) / side)
    return max(1, round(shape[0] / shrink)), max(1, round(shape[1] / shrink))


def png(rgb: npt.NDArray[np.uint8]) -> bytes:
    """Return a picture as the bytes of a PNG.

    Parameters
    ----------
    rgb
        Red, green, blue and perhaps alpha, uint8 [band, row, column].

    Returns
    -------
    bytes
        A file's.
    """
    bands, rows, columns = rgb.shape
    with gdal_env(), MemoryFile() as file:
        # the affine only keeps GDAL from saying that the picture has no place on the ground
        with file.open(
            driver="PNG",
            count=bands,
            height=rows,
            width=columns,
            dtype="uint8",
            transform=Affine.scale(0.5),
        ) as picture:
            picture.write(rgb)
        return bytes(file.read())


def to_8bit(
    pixels: npt.NDArray[Any], valid: npt.NDArray[np.bool_], limits: Sequence[tuple[float, float]]
) -> npt.NDArray[np.uint8]:
    """Return bands as pictures show them.

    Parameters
    ----------
    pixels
        Numbers [band, row, column].
    valid
        Where there is data, bool [row, column].
    limits
        For each band, what becomes 0 and what becomes 255.

    Returns
    -------
    npt.NDArray[np.uint8]
        0 to 255 [band, row, column]; 255 where not valid.
    """
    low, high = (np.array(side, np.float32)[:, None, None] for side in zip(*limits, strict=True))
    shares = ((pixels.astype(np.float32) - low) / np.maximum(high - low, 1e-9)).clip(0, 1)
    return np.where(valid, shares * 255, 255).astype(np.uint8)
