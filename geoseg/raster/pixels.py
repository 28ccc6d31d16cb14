"""Reading one window of one file: pixels, and which of them hold data."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from rasterio.enums import ColorInterp
from rasterio.errors import RasterioError

from ..core.errors import RunError
from ..core.grid import Window
from .band_info import BandInfo
from .handles import (
    forget_fetched,
    gdal_env,
    has_large_blocks,
    rasterio_window,
    reason_of,
    remote_files,
)
from .patience import Patience

PLAIN = (
    "uint8",
    "uint16",
    "int16",
    "float32",
)  # what models are fed with; the rest becomes float32
Pixels = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
T = TypeVar("T")
UNLIKELY = 9999  # from here on, and below 0, a nodata value is one that no measurement gives


def read_pixels(
    dataset: Any, bands: Sequence[BandInfo], window: Window, step: int = 1
) -> tuple[Pixels, Mask | None]:
    """Read bands of one file as models are fed with them.

    Parameters
    ----------
    dataset
        Open for reading.
    bands
        The bands.
    window
        Pixels of the file, inside it.
    step
        Pixels along the side of a square that may all get one value, see `coarse_step`.

    Returns
    -------
    tuple[Pixels, Mask | None]
        The pixels [band, row, column], of the file's type where it is one of PLAIN, else float32;
        and where they are valid, bool [row, column], None for everywhere. What is not finite is
        invalid and holds 0.

    Raises
    ------
    RunError
        If the file cannot be read.
    """
    data, valid = read_valid(dataset, bands, window, step)
    if data.dtype.name in PLAIN:
        return data, valid
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, hence invalid
        data = data.astype(np.float32)
    return data, _all([_make_finite(data), *(() if valid is None else (valid,))])


def read_valid(
    dataset: Any, bands: Sequence[BandInfo], window: Window, step: int = 1
) -> tuple[Pixels, Mask | None]:
    """Read bands of one file, and which of its pixels hold data.

    Whatever reads a raster asks here what is nodata: nodata values, masks, alpha bands, and numbers
    that are not finite, which hold 0.

    Parameters
    ----------
    dataset
        Open for reading.
    bands
        The bands.
    window
        Pixels of the file, inside it.
    step
        Pixels along the side of a square that may all get one value, see `coarse_step`.

    Returns
    -------
    tuple[Pixels, Mask | None]
        The pixels [band, row, column] in the file's type, and where they are valid, bool [row,
        column], None for everywhere.

    Raises
    ------
    RunError
        If the file cannot be read.
    """
    place = rasterio_window(window)

    def read() -> tuple[Pixels, list[Mask]]:
        with gdal_env():
            data: Pixels = _read(dataset, [band.index for band in bands], window, step)
            return data, _masks(dataset, bands, window, place)

    data, masks = _patiently(read, dataset, bands[0].path, window)
    masks += _nodata(data, bands)
    if data.dtype.kind == "f":
        masks.append(_make_finite(data))
    return data, _all(masks)


def read_north_up(
    dataset: Any, bands: Sequence[BandInfo], window: Window
) -> tuple[Pixels, Mask | None]:
    """Read bands of one file as their grid has them, with north up, and which pixels hold data.

    Parameters
    ----------
    dataset
        Open for reading.
    bands
        The bands.
    window
        Pixels of their `grid`.

    Returns
    -------
    tuple[Pixels, Mask | None]
        As `read_valid`.

    Raises
    ------
    RunError
        If the file cannot be read.
    """
    turn = bands[0].turn
    data, valid = read_valid(dataset, bands, turn.window(window, bands[0].grid))
    if not turn:
        return data, valid
    return turn.pixels(data), None if valid is None else turn.pixels(valid)


def _read(dataset: Any, indices: list[int], window: Window, step: int) -> Pixels:
    if step == 1:
        return np.asarray(dataset.read(indices, window=rasterio_window(window)))
    top = window.top - window.top % step  # squares begin at the file's corner, as its levels do
    left = window.left - window.left % step
    bottom = min(-(-window.bottom // step) * step, dataset.height)
    right = min(-(-window.right // step) * step, dataset.width)
    around = Window(top, left, bottom, right)
    shape = len(indices), -(-(bottom - top) // step), -(-(right - left) // step)
    found = dataset.read(indices, window=rasterio_window(around), out_shape=shape)
    full = found.repeat(step, axis=1).repeat(step, axis=2)
    return np.asarray(full[:, *window.within(around)])


def coarse_step(dataset: Any, greatest: float) -> int:
    """Find how much coarser a file may be looked at in a few windows, because it is cheaper so.

    JPEG 2000 holds each of its levels of half the size: what is left out of it need not be decoded,
    and where a window lies in a large block, all of the block is decoded for it.

    Parameters
    ----------
    dataset
        Open for reading.
    greatest
        Pixels along a side that may be seen as one.

    Returns
    -------
    int
        A power of two; 1 for files whose overviews somebody made, by whatever rule.
    """
    if not has_large_blocks(dataset):
        return 1
    levels = [level for level in dataset.overviews(1) if level <= greatest]
    return max(levels, default=1)


def read_numbers(dataset: Any, bands: Sequence[BandInfo], window: Window) -> Pixels:
    """Read bands of one file as they are, such as those of a mask, whatever is nodata in them.

    Parameters
    ----------
    dataset
        Open for reading.
    bands
        The bands.
    window
        Pixels of the file, inside it.

    Returns
    -------
    Pixels
        [band, row, column], in the file's type.

    Raises
    ------
    RunError
        If the file cannot be read.
    """

    def read() -> Pixels:
        with gdal_env():
            indices = [band.index for band in bands]
            return np.asarray(dataset.read(indices, window=rasterio_window(window)))

    return _patiently(read, dataset, bands[0].path, window)


def _patiently(read: Callable[[], T], dataset: Any, path: str, window: Window) -> T:
    """Return what read() gives; over a network, try again a few times, and fetch anew.

    GDAL asks again where a server is busy, but not where a connection was cut: it keeps what came
    for all that there is, so that a further try would fail without asking.
    """
    patience = Patience()
    while True:
        try:
            return read()
        except (RasterioError, OSError) as error:
            names = remote_files(dataset)
            if not names or not patience.wait():
                tries = patience.tries if names else 0
                raise _unreadable(path, window, error, tries, dataset.driver) from error
            forget_fetched(names)


def _unreadable(path: str, window: Window, error: Exception, tries: int, driver: str) -> RunError:
    """Say what could not be read; `tries` is 0 where no server was asked."""
    where = (
        f"{path} cannot be read at rows {window.top} to {window.bottom}, columns "
        f"{window.left} to {window.right}"
    )
    cause: BaseException = error
    while cause.__cause__:
        cause = cause.__cause__
    if not tries and driver == "VRT":
        return RunError(
            f"{where}: a file that it is made of did not give it ({reason_of(cause, path)})",
            do="see that all its files are there, and whole",
        )
    if not tries:
        return RunError(f"{where}: the file is cut off or damaged", do="fetch or copy it again")
    return RunError(
        f"{where}: the server did not give it, asked {tries} times ({reason_of(cause, path)})",
        do="see that it can be reached and that the file is whole, or fetch the file first",
    )


def _make_finite(data: Pixels) -> Mask:
    """Put 0 where a value is not finite, and return where all bands were."""
    finite = np.isfinite(data)
    if not finite.all():
        data[~finite] = 0
    return np.asarray(finite.all(axis=0))


def read_alpha(dataset: Any, window: Window) -> Pixels:
    """Read the alpha band of a file that has one.

    Parameters
    ----------
    dataset
        Open for reading.
    window
        Pixels of the file, inside it.

    Returns
    -------
    Pixels
        [row, column]; 0 is transparent.
    """
    alpha = dataset.colorinterp.index(ColorInterp.alpha) + 1
    return np.asarray(dataset.read(alpha, window=rasterio_window(window)))


def _masks(dataset: Any, bands: Sequence[BandInfo], window: Window, place: Any) -> list[Mask]:
    """Masks that the file keeps beside its bands: alpha, internal, .msk, one per band."""
    kinds = {band.mask for band in bands}
    found: list[Mask] = []
    if "alpha" in kinds:
        found.append(read_alpha(dataset, window) != 0)
    if "file" in kinds:
        found.append(dataset.read_masks(bands[0].index, window=place) != 0)
    if "band" in kinds:
        found += [
            dataset.read_masks(band.index, window=place) != 0
            for band in bands
            if band.mask == "band"
        ]
    return found


def _nodata(data: Pixels, bands: Sequence[BandInfo]) -> list[Mask]:
    """Masks from nodata values.

    A dark pixel can be 0 in one band, a bright one 255, any 128, and still be data: such a
    value counts only where all bands have theirs. A value that no measurement gives (-9999,
    NaN, 65535) spoils the pixel in any band.
    """
    equal = [_equals(pixels, band.nodata) for pixels, band in zip(data, bands, strict=True)]
    sure = [
        found
        for found, band in zip(equal, bands, strict=True)
        if found is not None and not _plausible(band)
    ]
    spoilt = [
        found
        for pixels, band in zip(data, bands, strict=True)
        for value in band.invalid
        if (found := _equals(pixels, value)) is not None
    ]
    masks = [~found for found in (*sure, *spoilt) if found.any()]
    doubtful = [
        found
        for found, band in zip(equal, bands, strict=True)
        if found is not None and _plausible(band)
    ]
    if doubtful and len(doubtful) + len(sure) == len(bands):
        nothing = np.logical_and.reduce(doubtful)
        if nothing.any():
            masks.append(~nothing)
    return masks


def _plausible(band: BandInfo) -> bool:
    """Whether a measurement may give the value that stands for none."""
    return band.nodata is not None and 0 <= band.nodata < (
        256 if band.dtype == "uint8" else UNLIKELY
    )


def _equals(pixels: Pixels, nodata: float | None) -> Mask | None:
    if nodata is None or math.isnan(nodata):  # NaN is found with what is not finite
        return None
    if pixels.dtype.kind in "iu":
        limits = np.iinfo(pixels.dtype)
        if not (nodata == int(nodata) and limits.min <= nodata <= limits.max):
            return None  # a value that the data type cannot hold
    found: Mask = pixels == pixels.dtype.type(nodata)
    return found


def _all(masks: list[Mask]) -> Mask | None:
    masks = [mask for mask in masks if not mask.all()]
    return np.logical_and.reduce(masks) if masks else None
