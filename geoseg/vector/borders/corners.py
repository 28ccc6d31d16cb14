"""The corners of all borders of a class raster that arrives in strips, each linked to its
neighbours along them.

A border runs along the sides of pixels. Its vertices are the corners of pixels where it
turns, and its nodes, where three regions meet, or where it turns along nodata or the
raster's edge. One byte a corner tells them from the rest; the links take 28 bytes a vertex.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from ...core.arrays import Bytes, Ints
from ...core.card import NODATA
from ...core.jit import compiled
from ...core.machine import need_memory

# kinds of corners: on no border or on a straight one, movable, kept
NONE = 0
VERTEX = 1
NODE = 2
X, Y, ONE, TWO, KEY, AFTER, BEFORE = range(7)  # columns of the links; a node's are named by FOUR
FOUR = (ONE, TWO, AFTER, BEFORE)  # the neighbours of a node, -1 for none
# the key of a vertex that is not queued, and that of a node
IDLE = -1
FIXED = -2
VERTEX_BYTES = 28
ADVICE = "cut the raster into parts, clean it with --min-area, or leave --simplify and --smooth out"

Rows = Callable[
    [], Iterator[Bytes]
]  # gives the strips of a class raster, 255 for nodata, as often as it is called


class Corners(NamedTuple):
    """Kinds of all corners, uint8 [row + 1, column + 1], and the links of those that count, int32
    [vertex, 7].

    The vertices are numbered row by row. ONE and TWO are the numbers of the vertices next
    to one along its border; a node has up to four of them. KEY, AFTER and BEFORE are the
    place of a vertex in the queue of the simplification.
    """

    kinds: Bytes
    links: Ints


def find_kinds(rows: Rows, shape: tuple[int, int]) -> Bytes:
    """Return the kinds of all corners of a raster of this shape (rows, columns)."""
    need_memory((shape[0] + 1) * (shape[1] + 1), "one byte for each corner of a pixel", ADVICE)
    kinds = np.zeros((shape[0] + 1, shape[1] + 1), np.uint8)
    top = 0
    before = np.full(shape[1], NODATA, np.uint8)
    for strip in _closed(rows, shape[1]):
        mark(before, strip, kinds[top : top + len(strip)])
        top = top + len(strip)
        before = strip[-1]
    return kinds


def find_corners(rows: Rows, shape: tuple[int, int]) -> Corners:
    """Return the corners of a raster of this shape (rows, columns), linked."""
    kinds = find_kinds(rows, shape)
    size = int(np.count_nonzero(kinds))
    need_memory(VERTEX_BYTES * size, f"simplifying {size} vertices", ADVICE)
    links = np.full((size, 7), -1, np.int32)
    top = 0
    before = np.full(shape[1], NODATA, np.uint8)
    count = 0
    above = np.full(shape[1] + 1, -1, np.int32)  # the last vertex met in each column
    for strip in _closed(rows, shape[1]):
        count = link(before, strip, kinds, top, above, links, count)
        top = top + len(strip)
        before = strip[-1]
    return Corners(kinds, links)


def _closed(rows: Rows, width: int) -> Iterator[Bytes]:
    """Yield the strips, and a row of nodata below them."""
    yield from rows()
    yield np.full((1, width), NODATA, np.uint8)


@compiled
def around(up: Bytes, here: Bytes, j: int) -> tuple[int, int, int, int]:
    """Return the classes around corner j of the line between two rows: north-west, north-east,
    south-west, south-east.

    Beside the raster is nodata.
    """
    west = j > 0
    east = j < len(here)
    nw, sw = (up[j - 1], here[j - 1]) if west else (NODATA, NODATA)
    ne, se = (up[j], here[j]) if east else (NODATA, NODATA)
    return int(nw), int(ne), int(sw), int(se)


@compiled
def mark(before: Bytes, rows: Bytes, kinds: Bytes) -> None:
    """Write the kinds of the corners at the top of each row."""
    for i in range(len(rows)):
        up = rows[i - 1] if i > 0 else before
        here = rows[i]
        nw = NODATA
        sw = NODATA
        for j in range(kinds.shape[1]):
            ne = int(up[j]) if j < len(here) else NODATA
            se = int(here[j]) if j < len(here) else NODATA
            above = nw != ne
            below = sw != se
            left = nw != sw
            right = ne != se
            borders = int(above) + int(below) + int(left) + int(right)
            if borders > 2:
                kinds[i, j] = NODE
            elif borders == 2 and above != below:
                kinds[i, j] = NODE if max(nw, ne, sw, se) == NODATA else VERTEX
            nw = ne
            sw = se


@compiled
def join(links: Ints, v: int, other: int) -> None:
    """Note the next vertex of a vertex or node along one of its borders."""
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
    before: Bytes, rows: Bytes, kinds: Bytes, top: int, above: Ints, links: Ints, count: int
) -> int:
    """Number the corners at the tops of the rows, and link each to those met last to the left
    and above.
    """
    for i in range(len(rows)):
        up = rows[i - 1] if i > 0 else before
        here = rows[i]
        last = -1
        for j in range(len(here) + 1):
            kind = kinds[top + i, j]
            if kind == NONE:
                continue
            nw, ne, sw, _ = around(up, here, j)
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
