"""Overviews of a map, each half as large as the one before: four times as fast as GDAL's, in
which the mode is slow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
import rasterio.shutil

from ..core.arrays import Bytes
from ..core.card import NODATA
from ..core.grid import Window
from ..core.jit import compiled
from .handles import rasterio_window

BLOCK = 512  # GDAL's COG driver goes on to halve until height and width are at most that
STRIP = 4 * BLOCK  # rows that are read at once
Pixels = npt.NDArray[Any]
Halve = Callable[[Pixels], Pixels]


def with_overviews(plain: Path, profile: Mapping[str, Any], halve: Halve) -> Path:
    """Give a raster overviews that GDAL's COG driver takes over.

    Parameters
    ----------
    plain
        A raster; the overviews are written beside it.
    profile
        What they are written with, as `rasterio.open` takes it.
    halve
        Makes one level of another: `mode`, `mode_of_numbers`, `mean` or `mean_of_floats`.

    Returns
    -------
    Path
        A virtual raster (VRT) beside `plain`.
    """
    levels = [plain]
    while max(_size(levels[-1])) > BLOCK:
        level = plain.with_name(f"{plain.stem}-{len(levels)}.tif")
        _write_half(levels[-1], level, profile, halve)
        levels.append(level)
    virtual = plain.with_suffix(".vrt")
    rasterio.shutil.copy(str(plain), str(virtual), driver="VRT")
    end = "</VRTRasterBand>"
    *parts, rest = virtual.read_text(encoding="utf-8").split(end)
    text = "".join(f"{part}{_listed(levels, i)}{end}" for i, part in enumerate(parts, 1))
    virtual.write_text(text + rest, encoding="utf-8")
    return virtual


def _listed(levels: list[Path], band: int) -> str:
    """The overviews of one band, as a virtual raster lists them."""
    return "".join(
        f'<Overview><SourceFilename relativeToVRT="1">{level.name}</SourceFilename>'
        f"<SourceBand>{band}</SourceBand></Overview>"
        for level in levels[1:]
    )


def mode(pixels: Bytes) -> Bytes:
    """Return a class map of half the size.

    Parameters
    ----------
    pixels
        Classes, uint8 [row, column].

    Returns
    -------
    Bytes
        The value of most of each two by two pixels, the first of several; NODATA only where all
        are.
    """
    out = _empty(pixels)
    _most(pixels, NODATA, out)
    return out


def mode_of_numbers(pixels: Pixels) -> Pixels:
    """Return a raster of the numbers of objects, of half the size.

    Parameters
    ----------
    pixels
        uint32 [row, column], 0 for none.

    Returns
    -------
    Pixels
        As `mode`, of the same type; 0 only where all are.
    """
    out = _empty(pixels)
    _most(pixels, 0, out)
    return out


def mean(pixels: Bytes) -> Bytes:
    """Return a map of numbers of half the size.

    Parameters
    ----------
    pixels
        uint8 [row, column].

    Returns
    -------
    Bytes
        The mean of each two by two pixels, rounded, without those that are NODATA.
    """
    out = _empty(pixels)
    _mean(pixels, out)
    return out


def mean_of_floats(pixels: Pixels) -> Pixels:
    """Return a map of fractions of half the size.

    Parameters
    ----------
    pixels
        float32 [row, column], NaN where there is no number.

    Returns
    -------
    Pixels
        The mean of each two by two pixels, without those that are NaN.
    """
    even = np.pad(pixels, [(0, side % 2) for side in pixels.shape], "edge")
    parts = even.reshape(even.shape[0] // 2, 2, even.shape[1] // 2, 2)
    known = (~np.isnan(parts)).sum((1, 3))
    total = np.nansum(parts, (1, 3), np.float64)
    mean: Pixels = np.full(known.shape, np.nan, np.float32)
    np.divide(total, known, out=mean, where=known > 0, casting="same_kind")
    return mean


def _size(path: Path) -> tuple[int, int]:
    with rasterio.open(path) as raster:
        return raster.height, raster.width


def _write_half(large: Path, small: Path, profile: Mapping[str, Any], halve: Halve) -> None:
    with rasterio.open(large) as source:
        size = {"height": -(-source.height // 2), "width": -(-source.width // 2)}
        with rasterio.open(
            small, "w", **{**profile, **size}
        ) as target:  # its place on the ground is read by no one
            for block in Window(0, 0, source.height, source.width).blocks(STRIP):
                half = np.stack([halve(b) for b in source.read(window=rasterio_window(block))])
                top = block.top // 2
                place = Window(top, 0, top + half.shape[1], half.shape[2])
                target.write(half, window=rasterio_window(place))


def _empty(pixels: Pixels) -> Pixels:
    return np.empty((-(-pixels.shape[0] // 2), -(-pixels.shape[1] // 2)), pixels.dtype)


@compiled
def _most(pixels: Pixels, void: int, out: Pixels) -> None:
    bottom = pixels.shape[0] - 1
    right = pixels.shape[1] - 1
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            # at an odd edge the last row or column counts twice, which changes no majority
            above = pixels[2 * row]
            below = pixels[min(2 * row + 1, bottom)]
            a = above[2 * column]
            b = above[min(2 * column + 1, right)]
            c = below[2 * column]
            d = below[min(2 * column + 1, right)]
            best = a
            votes = 0
            for value in (a, b, c, d):
                count = (value == a) + (value == b) + (value == c) + (value == d)
                if count > votes and value != void:
                    best = value
                    votes = count
            out[row, column] = best


@compiled
def _mean(pixels: Bytes, out: Bytes) -> None:
    bottom = pixels.shape[0] - 1
    right = pixels.shape[1] - 1
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            above = pixels[2 * row]
            below = pixels[min(2 * row + 1, bottom)]
            total = 0
            known = 0
            for line in (above, below):
                for place in (2 * column, min(2 * column + 1, right)):
                    if line[place] != NODATA:
                        total += line[place]
                        known += 1
            out[row, column] = (2 * total + known) // (2 * known) if known else NODATA
