"""A raster of object numbers: each pixel holds the number of the object that it belongs to."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.errors import InputError
from ..core.grid import Grid, Window
from ..core.provenance import KIND_TAG
from .band_info import BandInfo, describe_bands
from .class_values import class_band
from .handles import gdal_env, open_dataset
from .pixels import Mask, read_valid
from .texts import tags_of

MOST = (1 << 32) - 1  # the largest number
OBJECTS = "objects"  # what a raster of ours says that it holds
NONE = 0  # a pixel of no object


@dataclass(frozen=True, slots=True)
class ObjectRaster:
    """One band of whole numbers; NONE, and nothing else, stands for no object."""

    path: str
    """The file."""
    grid: Grid
    """Where its pixels lie."""
    band: BandInfo
    """The band."""

    def open(self) -> Any:
        """Open the file.

        Returns
        -------
        rasterio.io.DatasetReader
            To be closed by the caller.

        Raises
        ------
        InputError
            If it cannot be opened.
        """
        return open_dataset(self.path)

    def read(self, dataset: Any, window: Window) -> tuple[npt.NDArray[np.uint32], Mask]:
        """Read the numbers in a window.

        Parameters
        ----------
        dataset
            What `open` returned.
        window
            Pixels of the raster.

        Returns
        -------
        tuple[npt.NDArray[np.uint32], Mask]
            Numbers [row, column], NONE where there is no object or no data; and where there is
            data. A nodata value of NONE means no object, which is data.

        Raises
        ------
        InputError
            If a number is below 0 or above MOST.
        RunError
            If the file is damaged.
        """
        data, valid = read_valid(dataset, [self.band], window)
        known = np.ones(window.shape, bool) if valid is None else valid
        if self.band.nodata == NONE:
            known = known | (data[0] == NONE)
        numbers = np.where(known, data[0], NONE)
        low = int(numbers.min(initial=0))
        high = int(numbers.max(initial=0))
        if low < 0 or high > MOST:
            raise InputError(
                f"{self.path} holds the number {low if low < 0 else high}",
                f"whole numbers that are 0 where there is no object, {MOST} at most",
            )
        return numbers.astype(np.uint32), known


def open_numbers(path: str, band: int | None = None, option: str = "--band") -> ObjectRaster:
    """Return what a raster of object numbers is.

    Parameters
    ----------
    path
        Of the raster.
    band
        The number of the band, from 1 on; needed where there are several.
    option
        What the user calls `band`.

    Returns
    -------
    ObjectRaster
        Nothing stays open.

    Raises
    ------
    InputError
        If the band cannot be told, does not hold whole numbers, or says that it holds something
        else, such as classes.
    """
    with gdal_env(), closing(open_dataset(path)) as dataset:
        kind = tags_of(dataset).get(KIND_TAG, OBJECTS)
        if kind != OBJECTS:
            raise InputError(
                f"{path} says that it holds {kind}",
                "a raster of object numbers",
                "geoseg objects --raster writes one",
            )
        found = class_band(
            describe_bands(dataset, path), path, band, option, "a picture holds no objects"
        )
    if not np.issubdtype(np.dtype(found.dtype), np.integer):
        raise InputError(
            f"{path} holds numbers of the type {found.dtype}",
            "object numbers: whole ones, such as of uint32, 0 where there is no object",
        )
    return ObjectRaster(path, found.grid, found)
