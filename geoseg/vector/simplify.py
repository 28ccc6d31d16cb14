"""Simplification of all borders of a class raster at once: a valid coverage stays one.

A border between two regions is one line, so it is simplified once. Vertices are dropped in
the order of Visvalingam and Whyatt (1993): first those whose triangle with their two
neighbours is smallest. A vertex stays, however small its triangle, where dropping it would
sweep over another vertex, lay a line onto another one, or make a region vanish: then no two
lines ever cross or touch, and every region keeps its neighbours and its holes. Vertices
where three regions meet, or where a region meets nodata or the raster's edge, always stay,
so that the mapped area is the same to the last square millimetre.

All vertices are corners of pixels, before and after. Hence the result is a mask over the
corners: a region's outline is its own corners, in their order, where the mask is set.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..card import NODATA
from .jit import compiled
from .state import Bytes, Ints, Longs

NONE, VERTEX, NODE = 0, 1, 2  # kinds of corners: on no border or on a straight one, droppable, kept
UP, RIGHT, DOWN, LEFT = 0, 1, 2, 3


class Borders(NamedTuple):
    """Vertices of all borders, numbered row by row.

    `x` and `y` are their corners; `one` and `two` the vertices next to a droppable one
    along its border; `key` twice its triangle's area in pixels, -1 where it is not queued;
    `after` and `before` link the vertices of one key.
    """

    x: Ints
    y: Ints
    one: Ints
    two: Ints
    key: Ints
    after: Ints
    before: Ints


def simplify(classes: Bytes, area: float) -> Bytes:
    """Return which corners of pixels are vertices of the simplified coverage, as uint8 [row + 1, column + 1].

    `area`, in pixels, is the triangle from which on a vertex stays. Needs 7 bytes a pixel,
    and 44 to 60 a vertex.
    """
    rows, columns = classes.shape
    padded = np.full((rows + 2, columns + 2), NODATA, np.uint8)
    padded[1:-1, 1:-1] = classes
    kinds = np.zeros((rows + 1, columns + 1), np.uint8)
    count = find_corners(padded, kinds)
    borders = Borders(*(np.full(count, -1, np.int32) for _ in Borders._fields))
    numbers = np.empty(kinds.shape, np.int32)
    pairs = np.full(_capacity(count), -1, np.int64)
    link(padded, kinds, numbers, borders, pairs)
    drop(kinds, numbers, borders, pairs, min(int(np.ceil(2 * area)), 2**20))
    return np.asarray(kinds != NONE, np.uint8)


def _capacity(count: int) -> int:
    return 1 << max(10, int(2 * count).bit_length())


@compiled
def find_corners(padded: Bytes, kinds: Bytes) -> int:
    """Tell vertices from nodes at all corners; return how many there are of both."""
    count = 0
    for i in range(kinds.shape[0]):
        for j in range(kinds.shape[1]):
            nw, ne, sw, se = padded[i, j], padded[i, j + 1], padded[i + 1, j], padded[i + 1, j + 1]
            up, down, left, right = nw != ne, sw != se, nw != sw, ne != se
            borders = int(up) + int(down) + int(left) + int(right)
            if borders > 2:
                kinds[i, j] = NODE
            elif borders == 2 and up != down:
                edge = max(nw, ne, sw, se) == NODATA
                kinds[i, j] = NODE if edge else VERTEX
            if kinds[i, j] != NONE:
                count += 1
    return count


@compiled
def follow(kinds: Bytes, i: int, j: int, way: int) -> tuple[int, int]:
    """Return the next vertex along the straight border that leaves a corner in one direction."""
    while True:
        if way == UP:
            i -= 1
        elif way == DOWN:
            i += 1
        elif way == LEFT:
            j -= 1
        else:
            j += 1
        if kinds[i, j] != NONE:
            return i, j


@compiled
def leaves(padded: Bytes, i: int, j: int, way: int) -> bool:
    """Return whether a border leaves the corner in one direction."""
    if way == UP:
        return bool(padded[i, j] != padded[i, j + 1])
    if way == DOWN:
        return bool(padded[i + 1, j] != padded[i + 1, j + 1])
    if way == LEFT:
        return bool(padded[i, j] != padded[i + 1, j])
    return bool(padded[i, j + 1] != padded[i + 1, j + 1])


@compiled
def link(padded: Bytes, kinds: Bytes, numbers: Ints, b: Borders, pairs: Longs) -> None:
    """Number the vertices, find the neighbours of each, and note the nodes that a straight line joins."""
    count = 0
    for i in range(kinds.shape[0]):
        for j in range(kinds.shape[1]):
            if kinds[i, j] != NONE:
                numbers[i, j] = count
                b.y[count], b.x[count] = i, j
                count += 1
    for v in range(count):
        i, j = b.y[v], b.x[v]
        for way in range(4):
            if leaves(padded, i, j, way):
                y, x = follow(kinds, i, j, way)
                other = numbers[y, x]
                if kinds[i, j] == VERTEX:
                    if b.one[v] < 0:
                        b.one[v] = other
                    else:
                        b.two[v] = other
                elif kinds[y, x] == NODE and v < other:
                    add_pair(pairs, v, other)


@compiled
def slot_of(pairs: Longs, a: int, c: int) -> int:
    """Return where the pair stands in the open-addressed table, or the free place where it would."""
    low, high = min(a, c), max(a, c)
    code = np.int64(low) << 32 | np.int64(high)
    mask = len(pairs) - 1
    slot = (code * np.int64(-7046029254386353131) >> 20) & mask  # Fibonacci hashing (Knuth, TAOCP 3, 6.4)
    while pairs[slot] != -1 and pairs[slot] != code:
        slot = (slot + 1) & mask
    return int(slot)


@compiled
def add_pair(pairs: Longs, a: int, c: int) -> None:
    """Note that a straight line joins two nodes."""
    pairs[slot_of(pairs, a, c)] = np.int64(min(a, c)) << 32 | np.int64(max(a, c))


@compiled
def doubled_area(b: Borders, v: int) -> int:
    """Return twice the area of a vertex's triangle, in pixels."""
    p, q = b.one[v], b.two[v]
    return int(abs((b.x[p] - b.x[v]) * (b.y[q] - b.y[v]) - (b.x[q] - b.x[v]) * (b.y[p] - b.y[v])))


@compiled
def put(b: Borders, heads: Ints, v: int, key: int) -> None:
    """Queue a vertex under its key, or nowhere where that is past the last one."""
    if key >= len(heads):
        b.key[v] = -1
        return
    b.key[v], b.before[v], b.after[v] = key, -1, heads[key]
    if heads[key] >= 0:
        b.before[heads[key]] = v
    heads[key] = v


@compiled
def take(b: Borders, heads: Ints, v: int) -> None:
    """Take a vertex out of the queue."""
    if b.key[v] < 0:
        return
    if b.before[v] >= 0:
        b.after[b.before[v]] = b.after[v]
    else:
        heads[b.key[v]] = b.after[v]
    if b.after[v] >= 0:
        b.before[b.after[v]] = b.before[v]
    b.key[v] = -1


@compiled
def span(b: Borders, p: int, q: int, y: int, low: int, high: int) -> tuple[int, int]:
    """Widen the columns [low, high] by those of the line from p to q at row y, rounded inwards."""
    if b.y[p] > b.y[q]:
        p, q = q, p
    if y < b.y[p] or y > b.y[q]:
        return low, high
    height, width = b.y[q] - b.y[p], b.x[q] - b.x[p]
    if height == 0:
        return min(low, b.x[p], b.x[q]), max(high, b.x[p], b.x[q])
    shift = (y - b.y[p]) * width
    return min(low, b.x[p] - (-shift // height)), max(high, b.x[p] + shift // height)


@compiled
def sweeps(kinds: Bytes, numbers: Ints, b: Borders, v: int) -> bool:
    """Return whether the triangle of a vertex holds another vertex, inside or on its sides."""
    p, q = b.one[v], b.two[v]
    top, bottom = min(b.y[p], b.y[q], b.y[v]), max(b.y[p], b.y[q], b.y[v])
    for y in range(top, bottom + 1):
        low, high = 2**31 - 1, -1
        low, high = span(b, p, q, y, low, high)
        low, high = span(b, p, v, y, low, high)
        low, high = span(b, v, q, y, low, high)
        for x in range(low, high + 1):
            if kinds[y, x] != NONE:
                found = numbers[y, x]
                if found not in (p, q, v):
                    return True
    return False


@compiled
def collapses(kinds: Bytes, b: Borders, pairs: Longs, v: int) -> bool:
    """Return whether the neighbours of a vertex are joined already, so that a region would vanish."""
    p, q = b.one[v], b.two[v]
    if p == q:
        return True
    if kinds[b.y[p], b.x[p]] == VERTEX:
        return bool(b.one[p] == q or b.two[p] == q)
    if kinds[b.y[q], b.x[q]] == VERTEX:
        return bool(b.one[q] == p or b.two[q] == p)
    return bool(pairs[slot_of(pairs, p, q)] != -1)


@compiled
def bridge(kinds: Bytes, b: Borders, heads: Ints, v: int, end: int, other: int, key: int) -> None:
    """Join one neighbour of a dropped vertex to the other, and queue it anew."""
    if kinds[b.y[end], b.x[end]] != VERTEX:
        return
    if b.one[end] == v:
        b.one[end] = other
    else:
        b.two[end] = other
    take(b, heads, end)
    put(b, heads, end, max(key, doubled_area(b, end)))


@compiled
def drop(kinds: Bytes, numbers: Ints, b: Borders, pairs: Longs, limit: int) -> None:
    """Drop vertices, smallest triangle first, as long as twice its area is below the limit."""
    heads = np.full(limit, -1, np.int32)
    for v in range(len(b.x)):
        if kinds[b.y[v], b.x[v]] == VERTEX:
            put(b, heads, v, doubled_area(b, v))
    for key in range(limit):
        while heads[key] >= 0:
            v = heads[key]
            take(b, heads, v)
            if collapses(kinds, b, pairs, v) or sweeps(kinds, numbers, b, v):
                continue  # it comes back when a neighbour goes
            p, q = b.one[v], b.two[v]
            kinds[b.y[v], b.x[v]] = NONE
            if kinds[b.y[p], b.x[p]] == NODE and kinds[b.y[q], b.x[q]] == NODE:
                add_pair(pairs, p, q)
            bridge(kinds, b, heads, v, p, q, key)
            bridge(kinds, b, heads, v, q, p, key)


def thin(points: npt.NDArray[np.int32], mask: Bytes) -> npt.NDArray[np.int32]:
    """Return the ring of an outline where the mask has its vertices, closed.

    `points` [n, 2] are the corners (column, row) at which the outline turns, closed; nodes
    on its straight parts are found on the way.
    """
    steps = np.abs(np.diff(points, axis=0)).sum(axis=1)
    at = np.repeat(np.arange(len(steps)), steps)
    along = np.arange(len(at)) - np.repeat(np.cumsum(steps) - steps, steps)
    corners = points[at] + np.sign(np.diff(points, axis=0))[at] * along[:, None]
    kept = corners[mask[corners[:, 1], corners[:, 0]] != 0]
    return np.asarray(np.concatenate([kept, kept[:1]]), np.int32)
