"""Bands whose mean over each polygon becomes a column."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..grid import Grid, Window
from ..raster.handles import gdal_env, open_dataset
from ..raster.info import Layer, read_layers
from ..raster.pixels import read_valid
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
    """Return the bands that FILE:1,2 names, of a raster on this grid; without numbers, all but an alpha band."""
    path, numbers = split(text)
    with gdal_env(), open_dataset(path) as raster:
        layers = read_layers(raster, path)
    check_grid(path, layers[0].grid, grid)
    count = len(layers)
    indices = numbers or tuple(layer.index for layer in layers if layer.colour != "alpha")
    if not all(1 <= index <= count for index in indices) or len(set(indices)) < len(indices):
        raise InputError(f"--zonal {text}", f"different bands from 1 to {count}")
    chosen = [layers[index - 1] for index in indices]
    names = tuple(layer.description or f"band_{layer.index}" for layer in chosen)
    if len(set(names)) < len(names):
        names = tuple(f"band_{index}" for index in indices)
    return Zonal(names, lambda top, bottom: _rows(path, chosen, Window(top, 0, bottom, grid.width)))


def split(text: str) -> tuple[str, tuple[int, ...]]:
    """Return the path and the band numbers of FILE:1,2."""
    match = re.fullmatch(r"(.+?):(\d+(?:,\d+)*)", text)
    return (match[1], tuple(int(number) for number in match[2].split(","))) if match else (text, ())


def _rows(path: str, layers: list[Layer], window: Window) -> Floats:
    found = np.empty((len(layers), *window.shape))
    with open_dataset(path) as raster:
        for values, layer in zip(found, layers, strict=True):  # nodata of one band says nothing of another
            data, valid = read_valid(raster, [layer], window)
            values[:] = data[0]
            if valid is not None:
                values[~valid] = np.nan
    return found
