"""A raster of classes of any whole numbers: which values it holds, and its pixels as indices of
these, in a byte.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.arrays import Bytes
from ..core.card import NODATA
from ..core.errors import InputError
from ..core.events import Report, silent, watch
from ..core.grid import Grid, Window
from ..core.provenance import KIND_TAG
from .band_info import BandInfo, describe_bands
from .handles import gdal_env, open_dataset
from .pixels import read_north_up
from .texts import tags_of

MOST = NODATA  # classes of one raster: what a byte holds beside NODATA
LARGEST = 1 << 53  # whole numbers up to here are exact in every type that a raster may have
BYTES = tuple(range(NODATA))  # values of a raster of bytes that are their own indices
BLOCK = 1 << 22  # pixels of a strip of whole rows that is looked at
ROWS = 512
RECLASSIFY = (
    "make classes of them first, such as with gdal_calc.py --calc 'A>0.5', or "
    "Reclassify by table in QGIS"
)


@dataclass(frozen=True, slots=True)
class ClassRaster:
    """One band of a raster, whose pixels are read as the indices of its class values.

    A pixel has no class, and the index NODATA, where the file says so: by a nodata value, a mask,
    an alpha band, or NaN.
    """

    path: str
    """The file."""
    grid: Grid
    """Where its pixels lie."""
    band: BandInfo
    """The band."""
    values: tuple[int, ...]
    """The value of each index, rising."""

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

    def read(self, dataset: Any, window: Window) -> Bytes:
        """Read the classes in a window.

        Parameters
        ----------
        dataset
            What `open` returned.
        window
            Pixels of the raster.

        Returns
        -------
        Bytes
            Indices, uint8 [row, column], NODATA where there is no class.

        Raises
        ------
        RunError
            If the file is damaged.
        """
        data, valid = read_north_up(dataset, [self.band], window)
        found = indices_of(data[0], self.values)
        if valid is not None:
            found[~valid] = NODATA
        return found


def open_classes(
    path: str,
    band: int | None = None,
    option: str = "--band",
    advice: str = "",
    report: Report = silent,
) -> ClassRaster:
    """Return what a class raster is: its grid, its band, and the values that it holds.

    The pixels are read for the values, but where a byte has room for all that can be.

    Parameters
    ----------
    path
        Of any raster.
    band
        The number of the band that holds the classes, from 1 on; needed where there are several.
    option
        What the user calls `band`.
    advice
        What else the user may do where there are several bands.
    report
        What gets the progress.

    Returns
    -------
    ClassRaster
        Nothing stays open.

    Raises
    ------
    InputError
        If the band cannot be told, or it holds fractions, complex numbers or more than MOST
        different values.
    """
    with gdal_env(), closing(open_dataset(path)) as dataset:
        found = class_band(describe_bands(dataset, path), path, band, option, advice)
    values = _possible(found)
    return ClassRaster(
        path, found.grid, found, survey(path, found, report) if values is None else values
    )


def open_percent(path: str, what: str = "confidence") -> ClassRaster:
    """Return what a raster of percent is.

    Parameters
    ----------
    path
        Of a raster that `geoseg predict` wrote.
    what
        What it holds, by the name of that command's option: confidence or depth.

    Returns
    -------
    ClassRaster
        Of bytes, each its own index: whole percent, and NODATA where there is none.

    Raises
    ------
    InputError
        If it has several bands, or no bytes, or says that it holds something else.
    """
    with gdal_env(), closing(open_dataset(path)) as dataset:
        bands = [band for band in describe_bands(dataset, path) if band.colour != "alpha"]
        kind = tags_of(dataset).get(KIND_TAG, what)
    if kind != what:
        raise InputError(
            f"{path} says that it holds {kind}",
            f"{what} in percent",
            f"geoseg predict --{what} writes such a raster",
        )
    if len(bands) != 1 or bands[0].dtype != "uint8":
        raise InputError(
            f"{path} has {len(bands)} bands of {bands[0].dtype}",
            f"{what} in percent: one of uint8",
            f"geoseg predict --{what} writes such a raster",
        )
    return ClassRaster(path, bands[0].grid, bands[0], BYTES)


def class_band(
    bands: list[BandInfo], path: str, number: int | None, option: str, advice: str
) -> BandInfo:
    """Return the band that holds the classes.

    Parameters
    ----------
    bands
        Of a file.
    path
        The file, for the message.
    number
        The one that the user names, from 1 on; None for the only one that is no alpha band.
    option, advice
        As in `open_classes`.

    Returns
    -------
    BandInfo
        One of them.

    Raises
    ------
    InputError
        If there is no such band, or several and none is named.
    """
    images = [band for band in bands if band.colour != "alpha"]
    numbers = [band.index for band in images]
    if number is not None:
        if number not in numbers:
            raise InputError(
                f"{option} {number}", f"a band of {path}: one of {', '.join(map(str, numbers))}"
            )
        return images[numbers.index(number)]
    if len(images) != 1:
        raise InputError(
            f"{path} has {len(images)} bands",
            "one band of class values",
            f"if one of them holds classes, name it with {option} N; "
            + (advice or "a picture or a scene holds none"),
        )
    return images[0]


def _possible(band: BandInfo) -> tuple[int, ...] | None:
    """Return all values of a byte but nodata; None where there are too many, and it matters
    which ones occur.
    """
    if band.dtype not in ("uint8", "int8") or band.nodata is None:
        return None
    limits = np.iinfo(band.dtype)
    values = tuple(value for value in range(limits.min, limits.max + 1) if value != band.nodata)
    return values if len(values) <= MOST else None


def survey(path: str, band: BandInfo, report: Report = silent) -> tuple[int, ...]:
    """Return the values that the valid pixels of a band hold.

    Parameters
    ----------
    path
        The file.
    band
        Of the file.
    report
        What gets the progress.

    Returns
    -------
    tuple[int, ...]
        Rising, at most MOST.

    Raises
    ------
    InputError
        If these are no classes: fractions, complex numbers, or too many.
    RunError
        If the file is damaged.
    """
    if band.dtype.startswith("complex"):
        raise InputError(f"{path} holds {band.dtype} numbers", "whole numbers, one for each class")
    known: npt.NDArray[Any] = np.empty(0, band.dtype)
    extent = band.grid.extent
    rows = max(1, min(ROWS, BLOCK // band.grid.width))
    with closing(open_dataset(path)) as dataset:
        windows = watch(extent.blocks(rows), lambda w: w.area, extent.area, report, "look")
        for window in windows:
            data, valid = read_north_up(dataset, [band], window)
            here = data[0].ravel() if valid is None else data[0][valid]
            known = _join(known, here, path)
    return tuple(int(value) for value in known)


def _join(known: npt.NDArray[Any], here: npt.NDArray[Any], path: str) -> npt.NDArray[Any]:
    """Return the known values and those that are new; InputError where they are no classes, or
    too many.
    """
    if len(known):
        places = np.searchsorted(known, here).clip(max=len(known) - 1)
        here = here[known[places] != here]
    new = np.unique(here)
    if new.dtype.kind == "f":
        broken = new[new != np.floor(new)]
        if len(broken):
            raise InputError(
                f"{path} holds fractions, such as {broken[0]:g}",
                "whole numbers, one for each class",
                RECLASSIFY,
            )
    if len(new) and not (new[0] >= -LARGEST and new[-1] <= LARGEST):
        beyond = new[-1] if new[-1] > LARGEST else new[0]
        raise InputError(
            f"{path} holds the value {beyond}", f"class values from {-LARGEST} to {LARGEST}"
        )
    found = np.union1d(known, new)
    if len(found) > MOST:
        raise InputError(
            f"{path} holds more than {MOST} different values",
            f"at most {MOST} classes",
            f"if these are measurements, {RECLASSIFY}",
        )
    return found


def indices_of(data: npt.NDArray[Any], values: tuple[int, ...]) -> Bytes:
    """Return the place of each number among the class values.

    Parameters
    ----------
    data
        Numbers of any type, of any shape.
    values
        Rising, at most MOST.

    Returns
    -------
    Bytes
        Of the same shape, uint8; NODATA for numbers that are none of them.
    """
    if data.dtype == np.uint8 and values == BYTES:
        return np.array(data)
    keys = np.array(values, np.int64)
    if data.dtype.kind in "iu" and data.dtype.itemsize <= 2:
        table = np.full(1 << 8 * data.dtype.itemsize, NODATA, np.uint8)
        table[keys % len(table)] = np.arange(len(keys), dtype=np.uint8)
        return np.asarray(table[data.view(f"u{data.dtype.itemsize}")])
    if not len(keys):
        return np.full(data.shape, NODATA, np.uint8)
    keys = keys.astype(data.dtype)
    places = np.searchsorted(keys, data).clip(max=len(keys) - 1)
    return np.where(keys[places] == data, places, NODATA).astype(np.uint8)
