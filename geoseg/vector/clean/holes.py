"""Holes filled: components that lie wholly within one other component take its class."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from ...core.arrays import Bytes, Ints
from ...core.card import NODATA
from ...core.jit import compiled, kernel_part
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
    """Fill small holes, holes in holes from the inside out.

    A hole is a 4-connected component all of whose neighbours, over the sides of pixels, belong
    to one other component; next to nodata or the raster's edge there is none.

    Parameters
    ----------
    rows
        Gives the strips of the raster.
    ground
        Its grid, and the area of its pixels.
    most
        Square metres below which a hole is filled.
    nodata
        Whether nodata that lies within one component is a hole like any other.
    folder
        Where the raster lies in a temporary file between rounds; None is where TMPDIR says.

    Yields
    ------
    Bytes
        A strip's classes, uint8 [row, column], from top to bottom.

    Raises
    ------
    RunError
        If the temporary file cannot be written.
    """
    void = NOTHING if nodata else NODATA
    with ExitStack() as stack:
        while True:
            components = label_components(rows, ground, void)
            value = _filled(components, most)
            if value is None:
                break
            filled = RasterTempFile(components.repainted(value), components.width, folder)
            stack.close()  # the raster of the round before
            rows = stack.enter_context(filled)
        yield from rows()


def _filled(components: Components, most: float) -> Bytes | None:
    """Return the class of each component once the holes are filled; None where there are none."""
    around = _surroundings(components)
    holes = (around >= 0) & (components.area < most)
    if not holes.any():
        return None
    value = components.value.copy()
    value[holes] = components.value[around[holes]]
    return value


def _surroundings(components: Components) -> Ints:
    """Return the only neighbour of each component, UNKNOWN or MANY where it has not one."""
    around = np.full(len(components.root), UNKNOWN, np.int32)
    above = np.full(components.width, -1, np.int32)
    for _, labels in components.labelled():
        enclose(above, labels, components.value, around)
        above = labels[-1].copy()
    enclose(above, np.full((1, components.width), -1, np.int32), components.value, around)
    return around


@kernel_part
def meet(a: int, b: int, value: Bytes, around: Ints) -> None:
    """Note that two components are next to each other, for the first of them.

    Parameters
    ----------
    a, b
        Components, or -1.
    value
        uint8 [label]: the class of each.
    around
        int32 [label]: the only neighbour of each so far, UNKNOWN or MANY; it is written.
    """
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
    """Find the neighbours of each component, in a strip and the row above it.

    Parameters
    ----------
    above
        Components of the row above, int32 [column], -1 for none.
    labels
        Those of the strip, int32 [row, column].
    value, around
        See `meet`.
    """
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
