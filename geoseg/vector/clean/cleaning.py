"""What is done to a class raster before it is traced: area chosen, classes filtered, holes
filled, small components merged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from ...core.arrays import Bytes
from ...core.card import NODATA
from ...core.errors import InputError
from ...core.events import Report, silent, watch
from ...core.grid import Grid
from ...core.options import MOST_ROUNDS, Cleaning, Outputs, plain, same_option
from ...raster.class_raster import Live, Maps, Strip, rows_of
from ...raster.class_values import BYTES
from ..borders.corners import Rows
from ..borders.smooth import check_size
from ..geodesic import PixelAreas
from .holes import fill_holes
from .majority import majority
from .mask import load_mask
from .sieve import sieve
from .temp_file import RasterTempFile


@dataclass(frozen=True, slots=True)
class Tracing(Cleaning):
    """How a class raster becomes polygons: cleaned, in its part that is asked for."""

    classes: tuple[int, ...] | None = None
    """The values whose polygons are written; None is all."""
    mask: str | None = None
    """A vector file, WKT, or a raster on the same grid: what lies outside, or is 0 there, is
    nodata. None is the whole raster."""
    square: tuple[int, ...] = ()
    """The values whose polygons get right angles, each by itself, instead of being smoothed."""
    layers: str = same_option(Outputs, "layers")
    """one layer of polygons, or one for each class."""
    index: bool = True
    """Whether the file gets a spatial index, where its format has one."""

    @property
    def shapes(self) -> bool:
        """Whether borders move."""
        return bool(self.simplify or self.smooth)

    @property
    def streams(self) -> bool:
        """Whether polygons can be traced while the raster is made: nothing reads it twice."""
        return not (self.min_area or self.fill_holes or self.majority or self.shapes)

    @property
    def parts(self) -> int:
        """Into how many parts a pixel is divided for the positions of vertices: a power of 4."""
        # the positions of corners set right are any
        return int(4 ** (MOST_ROUNDS if self.square else self.smooth))

    def check(self, grid: Grid) -> None:
        """Check that a raster is not too large for the positions of its vertices.

        Parameters
        ----------
        grid
            Of the raster.

        Raises
        ------
        InputError
            If it is.
        """
        check_size(grid.height, grid.width, self.parts)


def read_tracing(given: Mapping[str, Any]) -> Tracing:
    """Return what keywords say of polygons.

    Parameters
    ----------
    given
        Values by the name of a field of Tracing; lists become tuples, paths text.

    Returns
    -------
    Tracing
        The other fields have their defaults.

    Raises
    ------
    InputError
        If a name is unknown, or a value is not allowed.
    """
    if unknown := sorted(set(given) - {field.name for field in fields(Tracing)}):
        raise InputError(
            f"unknown option: {', '.join(unknown)}",
            f"one of {', '.join(f.name for f in fields(Tracing))}",
        )
    return Tracing(**{name: plain(value) for name, value in given.items()})


@contextmanager
def cleaned(
    maps: Maps,
    tracing: Tracing,
    ground: PixelAreas,
    folder: Path | None = None,
    report: Report = silent,
) -> Iterator[Rows]:
    """Clean a class raster; between the steps it lies in a temporary file.

    Parameters
    ----------
    maps
        The raster.
    tracing
        The steps.
    ground
        Its grid, and the area of its pixels.
    folder
        Where the temporary file lies; None is where TMPDIR says.
    report
        Told how far each step is.

    Yields
    ------
    Rows
        Gives the strips of the cleaned raster, within the block.

    Raises
    ------
    InputError
        If the mask does not fit the raster.
    RunError
        If the raster cannot be read, or the temporary file not written.
    """
    grid = maps.grid
    alone = replace(maps, percent=None)
    file = RasterTempFile((strip for strip, _ in masked(alone, tracing)), grid.width, folder)
    try:
        for name, step in _steps(tracing, ground, folder):
            strips = watch(step(file), lambda strip: strip.size, grid.extent.area, report, name)
            before = file
            file = RasterTempFile(strips, grid.width, folder)
            before.close()
        yield file
    finally:
        file.close()


Step = tuple[str, Callable[[Rows], Iterator[Bytes]]]


def _steps(tracing: Tracing, ground: PixelAreas, folder: Path | None) -> Iterator[Step]:
    """Yield the steps that are asked for, with their names."""
    if tracing.majority:
        yield "majority", lambda rows: majority(rows, tracing.majority)
    if tracing.fill_holes:
        yield (
            "holes",
            lambda rows: fill_holes(rows, ground, tracing.fill_holes, tracing.fill_nodata, folder),
        )
    if tracing.min_area:
        yield "sieve", lambda rows: sieve(rows, ground, tracing.min_area)


def masked(maps: Maps | Live, tracing: Tracing) -> Iterator[Strip]:
    """Read the maps, with nodata outside the mask.

    Parameters
    ----------
    maps
        Class raster, and confidence where there is one.
    tracing
        Says which mask.

    Yields
    ------
    Strip
        Classes, uint8 [row, column], 255 for nodata, and confidence in percent, likewise, or None.

    Raises
    ------
    InputError
        If the mask does not fit the raster.
    """
    inside = load_mask(tracing.mask, maps.grid) if tracing.mask else None
    top = 0
    for labels, percent in maps.strips():
        bottom = top + len(labels)
        yield (
            (labels if inside is None else np.where(inside(top, bottom), labels, np.uint8(NODATA))),
            percent,
        )
        top = bottom


def wanted(tracing: Tracing, values: Sequence[int] = BYTES) -> Bytes:
    """Tell which classes' polygons are written.

    Parameters
    ----------
    tracing
        Says which.
    values
        The class values by their index in the strips.

    Returns
    -------
    Bytes
        uint8 [256]: 1 at the indices of these classes.
    """
    return marked(values if tracing.classes is None else tracing.classes, values)


def marked(chosen: Iterable[int], values: Sequence[int] = BYTES) -> Bytes:
    """Return a table of chosen classes.

    Parameters
    ----------
    chosen
        Class values.
    values
        The class values by their index in the strips.

    Returns
    -------
    Bytes
        uint8 [256]: 1 at the indices of the chosen.
    """
    table = np.zeros(NODATA + 1, np.uint8)
    table[: len(values)] = np.isin(values, list(chosen))
    return table


def with_confidence(strips: Iterator[Bytes], maps: Maps) -> Iterator[Strip]:
    """Put the confidence beside strips that were cleaned.

    Parameters
    ----------
    strips
        Classes, uint8 [row, column], in the heights in which rasters are read.
    maps
        Where the confidence is.

    Yields
    ------
    Strip
        Classes, and confidence in percent, or None where there is none.
    """
    if maps.percent is None:
        yield from ((strip, None) for strip in strips)
    else:
        yield from zip(strips, rows_of(maps.percent), strict=True)
