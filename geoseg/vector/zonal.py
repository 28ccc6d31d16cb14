"""Bands whose mean over each polygon becomes a column."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from rasterio.errors import RasterioError
from rasterio.windows import Window as RasterWindow

from ..errors import InputError, RunError
from ..grid import Grid
from ..raster.handles import open_dataset
from ..raster.texts import descriptions_of
from .mask import check_grid
from .state import Floats


@dataclass(frozen=True, slots=True)
class Zonal:
    """Bands by name, and `read`(top, bottom): float64 [band, row, column] of these rows, with NaN for nodata."""

    names: tuple[str, ...]
    read: Callable[[int, int], Floats]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(f"mean_{name}" for name in self.names)


def open_zonal(text: str, grid: Grid) -> Zonal:
    """Return the bands that FILE:1,2 names, of a raster on this grid; without numbers, all of its bands."""
    path, numbers = split(text)
    with open_dataset(path) as raster:
        count, described = raster.count, descriptions_of(raster)
    indices = numbers or tuple(range(1, count + 1))
    if not all(1 <= index <= count for index in indices) or len(set(indices)) < len(indices):
        raise InputError(f"--zonal {text}", f"different bands from 1 to {count}")
    check_grid(path, grid)
    names = tuple(described[index - 1] or f"band_{index}" for index in indices)
    if len(set(names)) < len(names):
        names = tuple(f"band_{index}" for index in indices)
    return Zonal(names, lambda top, bottom: _rows(path, indices, top, bottom, grid.width))


def split(text: str) -> tuple[str, tuple[int, ...]]:
    """Return the path and the band numbers of FILE:1,2."""
    match = re.fullmatch(r"(.+?):(\d+(?:,\d+)*)", text)
    return (match[1], tuple(int(number) for number in match[2].split(","))) if match else (text, ())


def _rows(path: str, indices: tuple[int, ...], top: int, bottom: int, width: int) -> Floats:
    window = RasterWindow(0, top, width, bottom - top)
    try:
        with open_dataset(path) as raster:
            values = raster.read(indices, window=window).astype(np.float64)
            values[raster.read_masks(indices, window=window) == 0] = np.nan
    except RasterioError as error:
        raise RunError(f"{path} cannot be read: {error}") from error
    return np.asarray(values)
