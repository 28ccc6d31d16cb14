"""What is done to a class raster before it is traced: area chosen, classes filtered, holes
filled, regions merged.
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
        """Into how many parts a pixel is divided for the positions of vertices."""
        return int(
            4 ** (MOST_ROUNDS if self.square else self.smooth)
        )  # the positions of corners set right are any

    def check(self, maps: Maps | Live) -> None:
        """Raise InputError where a raster is too large for the positions of its vertices."""
        check_size(maps.grid.height, maps.grid.width, self.parts)


def read_tracing(given: Mapping[str, Any]) -> Tracing:
    """Return what keywords say of polygons: lists as tuples, paths as text; InputError on one
    that is unknown.
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
    """Yield a function that gives the raster's strips, cleaned, with nodata as 255, as often as it
    is called.

    Between the steps the raster lies in a temporary file in `folder`.
    """
    grid = maps.grid
    alone = replace(maps, percent=None)
    spool = RasterTempFile((strip for strip, _ in masked(alone, tracing)), grid.width, folder)
    try:
        for name, step in _steps(tracing, ground, folder):
            strips = watch(step(spool), lambda strip: strip.size, grid.extent.area, report, name)
            before = spool
            spool = RasterTempFile(strips, grid.width, folder)
            before.close()
        yield spool
    finally:
        spool.close()


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
    """Yield the maps' strips, with nodata outside the mask."""
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
    """Return for each index of a class value whether its polygons are written."""
    return marked(values if tracing.classes is None else tracing.classes, values)


def marked(chosen: Iterable[int], values: Sequence[int] = BYTES) -> Bytes:
    """Return a table with 1 at the indices of the chosen among the class values."""
    table = np.zeros(NODATA + 1, np.uint8)
    table[: len(values)] = np.isin(values, list(chosen))
    return table


def with_confidence(strips: Iterator[Bytes], maps: Maps) -> Iterator[Strip]:
    """Yield strips, each with its confidence."""
    if maps.percent is None:
        yield from ((strip, None) for strip in strips)
    else:
        yield from zip(strips, rows_of(maps.percent), strict=True)
