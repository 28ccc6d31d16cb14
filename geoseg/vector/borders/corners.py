"""The corners of all borders of a class raster that arrives in strips, each linked to its
neighbours along them.

A border runs along the sides of pixels. Its vertices are the corners of pixels where it
turns, and its nodes, where three components meet, or where it turns along nodata or the
raster's edge. One byte a corner tells them from the rest; the links take 28 bytes a vertex.

The arrays that all functions share: `kinds`, uint8 [row + 1, column + 1], and `links`, int32
[vertex, 7], are those of `Corners`; `before`, uint8 [column], are the classes of the row above a
strip, 255 for nodata. A raster of objects is alike, with uint32 numbers and 0 for none: `void` says
which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from ...core.arrays import Bytes, Ints
from ...core.jit import compiled, kernel_part
from ...core.machine import need_memory
from ..pixel_values import CLASSES, PixelValues, Values

# kinds of corners: on no border or on a straight one, movable, kept
NONE = 0
VERTEX = 1
NODE = 2
# columns of the links: place, neighbours, place in a queue; a node has neighbours in ONE, TWO,
# AFTER and BEFORE, -1 for none
X, Y, ONE, TWO, KEY, AFTER, BEFORE = range(7)
# the key of a vertex that is not queued, and that of a node
IDLE = -1
FIXED = -2
VERTEX_BYTES = 28
ADVICE = "cut the raster into parts, clean it with --min-area, or leave --simplify and --smooth out"

# gives the strips of a class raster, uint8 [row, column] from top to bottom, 255 for nodata, as
# often as it is called
Rows = Callable[[], Iterator[Bytes]]
ValueRows = Callable[[], Iterator[Values]]  # likewise of classes or of objects


class Corners(NamedTuple):
    """The corners of all borders of a raster."""

    kinds: Bytes
    """uint8 [row + 1, column + 1]: NONE, VERTEX or NODE."""
    links: Ints
    """int32 [vertex, 7], numbered row by row: X and Y are column and row; ONE and TWO the numbers
    of the vertices next to one along its border, of which a node has up to four; KEY, AFTER and
    BEFORE the place of a vertex in the queue of the simplification."""


def find_kinds(rows: ValueRows, shape: tuple[int, int], values: PixelValues = CLASSES) -> Bytes:
    """Find the kinds of all corners of a raster.

    Parameters
    ----------
    rows
        Gives its strips.
    shape
        Its rows and columns.
    values
        What its pixels hold.

    Returns
    -------
    Bytes
        uint8 [row + 1, column + 1]: NONE, VERTEX or NODE.

    Raises
    ------
    RunError
        If there is not the memory for one byte a corner.
    """
    need_memory((shape[0] + 1) * (shape[1] + 1), "one byte for each corner of a pixel", ADVICE)
    kinds = np.zeros((shape[0] + 1, shape[1] + 1), np.uint8)
    top = 0
    before: Values = np.full(shape[1], values.void, values.dtype)
    for strip in _closed(rows, shape[1], values):
        mark(before, strip, values.void, kinds[top : top + len(strip)])
        top = top + len(strip)
        before = strip[-1]
    return kinds


def find_corners(rows: ValueRows, shape: tuple[int, int], values: PixelValues = CLASSES) -> Corners:
    """Find the corners of a raster, and link them.

    Parameters
    ----------
    rows
        Gives its strips; they are read twice.
    shape
        Its rows and columns.
    values
        What its pixels hold.

    Returns
    -------
    Corners
        No vertex is queued.

    Raises
    ------
    RunError
        If there is not the memory for one byte a corner and 28 a vertex.
    """
    kinds = find_kinds(rows, shape, values)
    size = int(np.count_nonzero(kinds))
    need_memory(VERTEX_BYTES * size, f"simplifying {size} vertices", ADVICE)
    links = np.full((size, 7), -1, np.int32)
    top = 0
    before: Values = np.full(shape[1], values.void, values.dtype)
    count = 0
    above = np.full(shape[1] + 1, -1, np.int32)  # the last vertex met in each column
    for strip in _closed(rows, shape[1], values):
        count = link(before, strip, values.void, kinds, top, above, links, count)
        top = top + len(strip)
        before = strip[-1]
    return Corners(kinds, links)


def _closed(rows: ValueRows, width: int, values: PixelValues) -> Iterator[Values]:
    """Yield the strips, and a row of nodata below them."""
    yield from rows()
    yield np.full((1, width), values.void, values.dtype)


@kernel_part
def around(up: Values, here: Values, void: int, j: int) -> tuple[int, int, int, int]:
    """Return the classes around a corner of the line between two rows; beside the raster is
    nodata.

    Parameters
    ----------
    up, here
        Classes or objects of the row above the line and of the one below, [column].
    void
        The number of what is neither.
    j
        The corner's column.

    Returns
    -------
    tuple[int, int, int, int]
        North-west, north-east, south-west, south-east.
    """
    west = j > 0
    east = j < len(here)
    nw, sw = (up[j - 1], here[j - 1]) if west else (void, void)
    ne, se = (up[j], here[j]) if east else (void, void)
    return int(nw), int(ne), int(sw), int(se)


@compiled
def mark(before: Values, rows: Values, void: int, kinds: Bytes) -> None:
    """Write the kinds of the corners at the top of each row.

    Parameters
    ----------
    before
        See the module.
    rows
        A strip, [row, column].
    void
        See the module.
    kinds
        uint8 [row, column + 1], all NONE, is written.
    """
    for i in range(len(rows)):
        up = rows[i - 1] if i > 0 else before
        here = rows[i]
        nw = void
        sw = void
        for j in range(kinds.shape[1]):
            ne = int(up[j]) if j < len(here) else void
            se = int(here[j]) if j < len(here) else void
            above = nw != ne
            below = sw != se
            left = nw != sw
            right = ne != se
            borders = int(above) + int(below) + int(left) + int(right)
            if borders > 2:
                kinds[i, j] = NODE
            elif borders == 2 and above != below:
                kinds[i, j] = NODE if void in (nw, ne, sw, se) else VERTEX
            nw = ne
            sw = se


@kernel_part
def join(links: Ints, v: int, other: int) -> None:
    """Note the next vertex of a vertex or node along one of its borders.

    Parameters
    ----------
    links
        See the module.
    v, other
        Vertices; the second is noted for the first.
    """
    if links[v, ONE] < 0:
        links[v, ONE] = other
    elif links[v, TWO] < 0:
        links[v, TWO] = other
    elif links[v, AFTER] < 0:
        links[v, AFTER] = other
    else:
        links[v, BEFORE] = other


@compiled
def link(
    before: Values,
    rows: Values,
    void: int,
    kinds: Bytes,
    top: int,
    above: Ints,
    links: Ints,
    count: int,
) -> int:
    """Number the corners at the tops of the rows, and link each to those met last to the left
    and above.

    Parameters
    ----------
    before, void, kinds
        See the module.
    rows
        A strip, [row, column].
    top
        The strip's first row.
    above
        int32 [column + 1]: the last vertex met in each column, -1 for none; it is changed.
    links
        See the module; it is written.
    count
        Vertices so far.

    Returns
    -------
    int
        Vertices with these.
    """
    for i in range(len(rows)):
        up = rows[i - 1] if i > 0 else before
        here = rows[i]
        last = -1
        for j in range(len(here) + 1):
            kind = kinds[top + i, j]
            if kind == NONE:
                continue
            nw, ne, sw, _ = around(up, here, void, j)
            v = count
            count += 1
            links[v, X] = j
            links[v, Y] = top + i
            if kind == NODE:
                links[v, KEY] = FIXED
            if nw != sw:
                join(links, v, last)
                join(links, last, v)
            if nw != ne:
                join(links, v, above[j])
                join(links, above[j], v)
            last = v
            above[j] = v
    return count
