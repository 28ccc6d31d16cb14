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

import numpy as np
import numpy.typing as npt

from ...core.arrays import Bytes, Floats, Ints
from ...core.jit import compiled
from .corners import (
    AFTER,
    BEFORE,
    FIXED,
    IDLE,
    KEY,
    NONE,
    ONE,
    TWO,
    Corners,
    Rows,
    X,
    Y,
    find_corners,
)

LARGEST = 2**20  # twice the area, in pixels, above which no triangle is dropped


def simplify(rows: Rows, shape: tuple[int, int], areas: Floats) -> Bytes:
    """Return the kinds of the corners of pixels [row + 1, column + 1] in the simplified coverage: 0
    where none is left.

    `areas` holds, in pixels, for each line of corners, the triangle from which on a vertex
    stays. Needs 1 byte a pixel, 28 a vertex.
    """
    corners = find_corners(rows, shape)
    limits = np.minimum(np.ceil(2 * areas), LARGEST).astype(np.int32)
    drop(corners, limits, np.full(int(limits.max(initial=0)), -1, np.int32))
    return corners.kinds


@compiled
def doubled_area(links: Ints, v: int) -> int:
    """Return twice the area of a vertex's triangle, in pixels."""
    p = links[v, ONE]
    q = links[v, TWO]
    x = np.int64(links[v, X])
    y = np.int64(links[v, Y])
    return int(abs((links[p, X] - x) * (links[q, Y] - y) - (links[q, X] - x) * (links[p, Y] - y)))


@compiled
def put(links: Ints, heads: Ints, limits: Ints, v: int, key: int) -> None:
    """Queue a vertex under its key, or nowhere where it is to stay."""
    if key >= limits[links[v, Y]]:
        links[v, KEY] = IDLE
        return
    links[v, KEY], links[v, BEFORE], links[v, AFTER] = key, -1, heads[key]
    if heads[key] >= 0:
        links[heads[key], BEFORE] = v
    heads[key] = v


@compiled
def take(links: Ints, heads: Ints, v: int) -> None:
    """Take a vertex out of the queue."""
    if links[v, KEY] < 0:
        return
    before = links[v, BEFORE]
    after = links[v, AFTER]
    if before >= 0:
        links[before, AFTER] = after
    else:
        heads[links[v, KEY]] = after
    if after >= 0:
        links[after, BEFORE] = before
    links[v, KEY] = IDLE


@compiled
def span(links: Ints, p: int, q: int, y: int, low: int, high: int) -> tuple[int, int]:
    """Widen the columns [low, high] by those of the line from p to q at row y, rounded inwards."""
    if links[p, Y] > links[q, Y]:
        p, q = q, p
    if y < links[p, Y] or y > links[q, Y]:
        return low, high
    x = np.int64(links[p, X])
    height = links[q, Y] - links[p, Y]
    width = links[q, X] - x
    if height == 0:
        return min(low, x, x + width), max(high, x, x + width)
    shift = (y - links[p, Y]) * width
    return min(low, x - (-shift // height)), max(high, x + shift // height)


@compiled
def sweeps(kinds: Bytes, links: Ints, v: int) -> bool:
    """Return whether the triangle of a vertex holds another vertex, inside or on its sides."""
    p = links[v, ONE]
    q = links[v, TWO]
    if doubled_area(links, v) < 2:
        return (
            False  # no corner is in it but its own (Pick 1899); without an area, nothing is swept
        )
    top = min(links[p, Y], links[q, Y], links[v, Y])
    bottom = max(links[p, Y], links[q, Y], links[v, Y])
    for y in range(top, bottom + 1):
        low = 2**31 - 1
        high = -1
        low, high = span(links, p, q, y, low, high)
        low, high = span(links, p, v, y, low, high)
        low, high = span(links, v, q, y, low, high)
        for x in range(low, high + 1):
            if kinds[y, x] == NONE:
                continue
            own = False
            for corner in (p, q, v):
                own = own or (links[corner, X] == x and links[corner, Y] == y)
            if not own:
                return True
    return False


@compiled
def joined(links: Ints, p: int, q: int) -> bool:
    """Return whether q is next to p."""
    if links[p, ONE] == q or links[p, TWO] == q:
        return True
    return bool(links[p, KEY] == FIXED and (links[p, AFTER] == q or links[p, BEFORE] == q))


@compiled
def collapses(links: Ints, v: int) -> bool:
    """Return whether the neighbours of a vertex are joined already, so that a region would
    vanish.
    """
    p = links[v, ONE]
    q = links[v, TWO]
    return bool(p == q or joined(links, p, q))


@compiled
def bridge(links: Ints, heads: Ints, limits: Ints, v: int, end: int, other: int, key: int) -> None:
    """Join one neighbour of a dropped vertex to the other, and queue it anew."""
    node = links[end, KEY] == FIXED
    if links[end, ONE] == v:
        links[end, ONE] = other
    elif links[end, TWO] == v:
        links[end, TWO] = other
    elif node and links[end, AFTER] == v:
        links[end, AFTER] = other
    elif node:
        links[end, BEFORE] = other
    if not node:
        take(links, heads, end)
        put(links, heads, limits, end, max(key, doubled_area(links, end)))


@compiled
def drop(c: Corners, limits: Ints, heads: Ints) -> None:
    """Drop vertices, smallest triangle first, as long as twice its area is below the limit of
    its line of corners.
    """
    links = c.links
    kinds = c.kinds
    for v in range(len(links)):
        if links[v, KEY] != FIXED:
            put(links, heads, limits, v, doubled_area(links, v))
    for key in range(len(heads)):
        while heads[key] >= 0:
            v = heads[key]
            take(links, heads, v)
            if collapses(links, v) or sweeps(kinds, links, v):
                continue  # it comes back when a neighbour goes
            p = links[v, ONE]
            q = links[v, TWO]
            kinds[links[v, Y], links[v, X]] = NONE
            bridge(links, heads, limits, v, p, q, key)
            bridge(links, heads, limits, v, q, p, key)


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
