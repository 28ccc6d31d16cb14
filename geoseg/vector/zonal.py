"""Bands whose mean over each polygon becomes a column."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass

import numpy as np

from ..core.arrays import Floats
from ..core.errors import InputError
from ..core.grid import Grid, Window
from ..raster.band_info import BandInfo, describe_bands
from ..raster.handles import gdal_env, open_dataset
from ..raster.pixels import read_north_up
from ..scene.describe import SceneInfo, finest
from ..scene.reader import Reader
from ..scene.source import Source
from .clean.mask import check_grid


@dataclass(frozen=True, slots=True)
class Zonal:
    """Bands on the class raster's grid."""

    names: tuple[str, ...]
    """Their names, all different."""
    read: Callable[[int, int], Floats]
    """Called with the first row and the one after the last, their values: float64 [band, row,
    column], digital numbers, with NaN for nodata."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(f"mean_{name}" for name in self.names)


def open_zonal(text: str, grid: Grid) -> Zonal:
    """Open the bands of a raster.

    Parameters
    ----------
    text
        A path, with numbers of bands from 1 (FILE:1,2); without numbers all bands but alpha are
        meant.
    grid
        The class raster's.

    Returns
    -------
    Zonal
        Named by their descriptions, where each has one of its own.

    Raises
    ------
    InputError
        If the file cannot be read, does not lie on the grid, or has no such bands.
    """
    path, numbers = split(text)
    with gdal_env(), open_dataset(path) as raster:
        layers = describe_bands(raster, path)
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
    """Take FILE:1,2 apart.

    Parameters
    ----------
    text
        A path, with numbers of bands or without.

    Returns
    -------
    tuple[str, tuple[int, ...]]
        The path, and the numbers, none where none are given.
    """
    match = re.fullmatch(r"(.+?):(\d+(?:,\d+)*)", text)
    return (match[1], tuple(int(number) for number in match[2].split(","))) if match else (text, ())


def _rows(path: str, layers: list[BandInfo], window: Window) -> Floats:
    found = np.empty((len(layers), *window.shape))
    with open_dataset(path) as raster:
        # nodata of one band says nothing of another
        for values, layer in zip(found, layers, strict=True):
            data, valid = read_north_up(raster, [layer], window)
            values[:] = data[0]
            if valid is not None:
                values[~valid] = np.nan
    return found


Bands = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Means:
    """Open bands of a scene."""

    names: tuple[str, ...]
    """Their names, all different."""
    bands: tuple[Reader, ...]
    """One reader of a single band for each name; who opened them closes them."""

    def over(self, region: Window) -> Zonal:
        """Return the bands over a region of the scene.

        Parameters
        ----------
        region
            The window whose class raster is traced.

        Returns
        -------
        Zonal
            Rows are counted from the region's first one.
        """
        return Zonal(self.names, lambda top, bottom: self._rows(region, top, bottom))

    def _rows(self, region: Window, top: int, bottom: int) -> Floats:
        window = Window(region.top + top, region.left, region.top + bottom, region.right)
        rows = np.empty((len(self.bands), *window.shape))
        for band, reader in zip(rows, self.bands, strict=True):
            patch = reader.read(window)
            band[:] = patch.data[0]
            if patch.valid is not None:
                band[~patch.valid] = np.nan
        return rows


@contextmanager
def open_means(
    source: Source, wanted: Bands | None, resampled: bool = True
) -> Iterator[Means | None]:
    """Open bands of a scene, each by itself, for each may have nodata of its own.

    Parameters
    ----------
    source
        The scene as the model reads it.
    wanted
        Names of bands, or numbers from 1.
    resampled
        Whether the bands are read on the grid that the model sees; else on the scene's own.

    Yields
    ------
    Means | None
        None where no band is wanted.

    Raises
    ------
    InputError
        If the scene has no such band, or one is named twice.
    """
    if not wanted:
        yield None
        return
    info = source.info
    chosen = [find_band(info, band) for band in wanted]
    if len(set(chosen)) < len(chosen):
        raise InputError(
            f"--zonal {','.join(map(str, wanted))} names a band twice", "each band once"
        )
    names = tuple(_called(info, number) or f"band_{number}" for number in chosen)
    with ExitStack() as opened:
        bands = [
            opened.enter_context(closing(source.open_band(number, resampled))) for number in chosen
        ]
        yield Means(names, tuple(bands))


def find_band(info: SceneInfo, wanted: str | int) -> int:
    """Return the number of the band that a name or a number means.

    Parameters
    ----------
    info
        The scene.
    wanted
        A name, in large or small letters, or a number from 1.

    Returns
    -------
    int
        From 1; of several bands of one name, the one with the finest pixels.

    Raises
    ------
    InputError
        If there is no such band.
    """
    names = [_called(info, number) for number in range(1, len(info.layers) + 1)]
    if str(wanted).isdecimal():
        found: Sequence[int] = [
            number for number in range(1, len(names) + 1) if number == int(wanted)
        ]
    else:
        found = [n for n, name in enumerate(names, 1) if name.casefold() == str(wanted).casefold()]
    if not found:
        known = ", ".join(filter(None, names)) or "none has a name"
        raise InputError(
            f"--zonal {wanted}",
            f"a band of the scene ({known}), or a number from 1 to {len(names)}",
        )
    grid = finest([info.layers[number - 1] for number in found])
    return next(number for number in found if info.layers[number - 1].grid == grid)


def _called(info: SceneInfo, number: int) -> str:
    layer = info.layers[number - 1]
    return layer.name or layer.description
