"""Bands of the scene itself, on the grid of its map, whose mean over each polygon becomes a column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..grid import Window
from ..raster import SceneInfo, Source, finest
from .state import Floats
from .zonal import Zonal

Bands = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Means:
    """Open bands of a scene, each with its name."""

    names: tuple[str, ...]
    bands: tuple[Source, ...]

    def over(self, region: Window) -> Zonal:
        """Return the bands as rows of a region of the scene."""
        return Zonal(self.names, lambda top, bottom: self._rows(region, top, bottom))

    def _rows(self, region: Window, top: int, bottom: int) -> Floats:
        window = Window(region.top + top, region.left, region.top + bottom, region.right)
        rows = np.empty((len(self.bands), *window.shape))
        for band, source in zip(rows, self.bands, strict=True):
            patch = source.read(window)
            band[:] = patch.data[0]
            if patch.valid is not None:
                band[~patch.valid] = np.nan
        return rows


@contextmanager
def open_means(source: Source, wanted: Bands | None) -> Iterator[Means | None]:
    """Open the bands of the scene, by name or by number from 1, on the grid of `source`; None where none is wanted.

    Each is opened by itself, for each may have nodata of its own.
    """
    if not wanted:
        yield None
        return
    info = source.info
    chosen = [find_band(info, band) for band in wanted]
    if len(set(chosen)) < len(chosen):
        raise InputError(f"--zonal {','.join(map(str, wanted))} names a band twice", "each band once")
    names = tuple(_called(info, number) or f"band_{number}" for number in chosen)
    with ExitStack() as opened:
        bands = [
            opened.enter_context(Source(info, [info.layers[n - 1]], [n], source.scaling, grid=source.grid))
            for n in chosen
        ]
        yield Means(names, tuple(bands))


def find_band(info: SceneInfo, wanted: str | int) -> int:
    """Return the number of the band that a name or a number means; of several alike, the finest."""
    names = [_called(info, number) for number in range(1, len(info.layers) + 1)]
    if str(wanted).isdecimal():
        found: Sequence[int] = [number for number in range(1, len(names) + 1) if number == int(wanted)]
    else:
        found = [n for n, name in enumerate(names, 1) if name.casefold() == str(wanted).casefold()]
    if not found:
        known = ", ".join(filter(None, names)) or "none has a name"
        raise InputError(f"--zonal {wanted}", f"a band of the scene ({known}), or a number from 1 to {len(names)}")
    grid = finest([info.layers[number - 1] for number in found])
    return next(number for number in found if info.layers[number - 1].grid == grid)


def _called(info: SceneInfo, number: int) -> str:
    layer = info.layers[number - 1]
    return layer.name or layer.description
