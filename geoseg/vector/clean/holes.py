"""Holes filled: regions that lie wholly within one other region take its class."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from ...core.arrays import Bytes, Ints
from ...core.card import NODATA
from ...core.jit import compiled
from ..borders.corners import Rows
from ..geodesic import PixelAreas
from .components import NOTHING, Components, label_components
from .temp_file import RasterTempFile

# neighbours met so far: none, or several, nodata or the raster's edge
UNKNOWN = -1
MANY = -2


def fill_holes(
    rows: Rows, ground: PixelAreas, most: float, nodata: bool = False, folder: Path | None = None
) -> Iterator[Bytes]:
    """Yield the strips with the holes below `most` square metres filled, holes in holes from the
    inside out.

    A hole is a 4-connected region all of whose neighbours, over the sides of pixels, belong
    to one other region; next to nodata or the raster's edge there is none. With `nodata`,
    nodata that lies within one region is a hole like any other. Between rounds the raster
    lies in a temporary file in `folder`.
    """
    void = NOTHING if nodata else NODATA
    with ExitStack() as stack:
        while (value := _filled(pieces := label_components(rows, ground, void), most)) is not None:
            spool = RasterTempFile(pieces.repainted(value), pieces.width, folder)
            stack.close()  # the raster of the round before
            rows = stack.enter_context(spool)
        yield from rows()


def _filled(pieces: Components, most: float) -> Bytes | None:
    """Return the class of each region once the holes are filled; None where there are none."""
    around = _surroundings(pieces)
    holes = (around >= 0) & (pieces.area < most)
    if not holes.any():
        return None
    value = pieces.value.copy()
    value[holes] = pieces.value[around[holes]]
    return value


def _surroundings(pieces: Components) -> Ints:
    """Return the only neighbour of each region, UNKNOWN or MANY where it has not one."""
    around = np.full(len(pieces.root), UNKNOWN, np.int32)
    above = np.full(pieces.width, -1, np.int32)
    for _, labels in pieces.labelled():
        enclose(above, labels, pieces.value, around)
        above = labels[-1].copy()
    enclose(above, np.full((1, pieces.width), -1, np.int32), pieces.value, around)
    return around


@compiled
def meet(a: int, b: int, value: Bytes, around: Ints) -> None:
    """Note that b, a region or -1, is next to region a."""
    if a < 0:
        return
    if b < 0 or value[b] == NODATA:
        around[a] = MANY
    elif around[a] == UNKNOWN:
        around[a] = b
    elif around[a] != b:
        around[a] = MANY


@compiled
def enclose(above: Ints, labels: Ints, value: Bytes, around: Ints) -> None:
    """Find the neighbours of each region, in a strip and the row above it."""
    width = labels.shape[1]
    for i in range(labels.shape[0]):
        over = labels[i - 1] if i > 0 else above
        for x in range(width + 1):
            here = labels[i, x] if x < width else -1
            left = labels[i, x - 1] if x > 0 else -1
            if here != left:
                meet(here, left, value, around)
                meet(left, here, value, around)
            if x < width and over[x] != here:
                meet(here, over[x], value, around)
                meet(over[x], here, value, around)
