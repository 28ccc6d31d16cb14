"""Simplification of all borders of a class raster at once: a valid coverage stays one.

A border between two components is one line, so it is simplified once. Vertices are dropped in
the order of Visvalingam and Whyatt (1993): first those whose triangle with their two
neighbours is smallest. A vertex stays, however small its triangle, where dropping it would
sweep over another vertex, lay a line onto another one, or make a component vanish: then no two
lines ever cross or touch, and every component keeps its neighbours and its holes. Vertices
where three components meet, or where one meets nodata or the raster's edge, always stay,
so that the mapped area is the same to the last square millimetre.

All vertices are corners of pixels, before and after. Hence the result is a mask over the
corners: a component's outline is its own corners, in their order, where the mask is set.

The arrays that all functions share: `kinds` and `links` are those of `Corners`. `heads`, int32
[key], are the first vertices of queues, one for each doubled area of a triangle in pixels, -1 for
none; their members are linked by AFTER and BEFORE. `limits`, int32 [row + 1], are the doubled areas
from which on a vertex of this line of corners stays.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...core.arrays import Bytes, Floats, Ints
from ...core.jit import compiled, kernel_part
from ..pixel_values import CLASSES, PixelValues
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
    ValueRows,
    X,
    Y,
    find_corners,
)

LARGEST = 2**20  # twice the area, in pixels, above which no triangle is dropped


def simplify(
    rows: ValueRows, shape: tuple[int, int], areas: Floats, values: PixelValues = CLASSES
) -> Bytes:
    """Simplify the borders of a class raster; needs 1 byte a pixel, 28 a vertex.

    Parameters
    ----------
    rows
        Gives the raster's strips.
    shape
        Its rows and columns.
    areas
        float64 [row + 1]: for each line of corners the area of the triangle, in pixels, from which
        on a vertex stays.
    values
        What its pixels hold.

    Returns
    -------
    Bytes
        The kinds of the corners in the simplified coverage, uint8 [row + 1, column + 1]: NONE,
        VERTEX or NODE.

    Raises
    ------
    RunError
        If there is not the memory.

    References
    ----------
    Visvalingam, M. and Whyatt, J. D. (1993): Line generalisation by repeated elimination of points.
    The Cartographic Journal 30.
    """
    corners = find_corners(rows, shape, values)
    limits = np.minimum(np.ceil(2 * areas), LARGEST).astype(np.int32)
    drop(corners, limits, np.full(int(limits.max(initial=0)), -1, np.int32))
    return corners.kinds


@kernel_part
def doubled_area(links: Ints, v: int) -> int:
    """Return twice the area of the triangle of a vertex and its neighbours.

    Parameters
    ----------
    links
        See the module.
    v
        A vertex that is no node.

    Returns
    -------
    int
        In pixels.
    """
    p = links[v, ONE]
    q = links[v, TWO]
    x = np.int64(links[v, X])
    y = np.int64(links[v, Y])
    return int(abs((links[p, X] - x) * (links[q, Y] - y) - (links[q, X] - x) * (links[p, Y] - y)))


@kernel_part
def put(links: Ints, heads: Ints, limits: Ints, v: int, key: int) -> None:
    """Queue a vertex under its key, or nowhere where it is to stay.

    Parameters
    ----------
    links, heads, limits
        See the module.
    v
        A vertex that is in no queue.
    key
        The doubled area of its triangle, or a higher one that was dropped.
    """
    if key >= limits[links[v, Y]]:
        links[v, KEY] = IDLE
        return
    links[v, KEY] = key
    links[v, BEFORE] = -1
    links[v, AFTER] = heads[key]
    if heads[key] >= 0:
        links[heads[key], BEFORE] = v
    heads[key] = v


@kernel_part
def take(links: Ints, heads: Ints, v: int) -> None:
    """Take a vertex out of its queue, if it is in one.

    Parameters
    ----------
    links, heads
        See the module.
    v
        A vertex that is no node.
    """
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


@kernel_part
def span(links: Ints, p: int, q: int, y: int, low: int, high: int) -> tuple[int, int]:
    """Widen a span of columns by those of a line at one row, rounded inwards.

    Parameters
    ----------
    links
        See the module.
    p, q
        The vertices at the line's ends.
    y
        The row.
    low, high
        The first and the last column so far.

    Returns
    -------
    tuple[int, int]
        The first and the last column.
    """
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


@kernel_part
def sweeps(kinds: Bytes, links: Ints, v: int) -> bool:
    """Tell whether the triangle of a vertex holds another vertex, inside or on its sides.

    Parameters
    ----------
    kinds, links
        See the module.
    v
        A vertex that is no node.

    Returns
    -------
    bool
        True if dropping it would sweep over another one.
    """
    p = links[v, ONE]
    q = links[v, TWO]
    if doubled_area(links, v) < 2:
        # no corner is in it but its own (Pick 1899); without an area, nothing is swept
        return False
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


@kernel_part
def joined(links: Ints, p: int, q: int) -> bool:
    """Tell whether two vertices are neighbours.

    Parameters
    ----------
    links
        See the module.
    p, q
        The vertices.

    Returns
    -------
    bool
        True if a line leads from one to the other.
    """
    if links[p, ONE] == q or links[p, TWO] == q:
        return True
    return bool(links[p, KEY] == FIXED and (links[p, AFTER] == q or links[p, BEFORE] == q))


@kernel_part
def collapses(links: Ints, v: int) -> bool:
    """Tell whether the neighbours of a vertex are joined already, so that a component would
    vanish.

    Parameters
    ----------
    links
        See the module.
    v
        A vertex that is no node.

    Returns
    -------
    bool
        True if it must stay.
    """
    p = links[v, ONE]
    q = links[v, TWO]
    return bool(p == q or joined(links, p, q))


@kernel_part
def bridge(links: Ints, heads: Ints, limits: Ints, v: int, end: int, other: int, key: int) -> None:
    """Join one neighbour of a dropped vertex to the other, and queue it anew.

    Parameters
    ----------
    links, heads, limits
        See the module.
    v
        The vertex that is dropped.
    end, other
        Its neighbours; the first one is joined to the second.
    key
        The key of what is dropped: no later one is lower.
    """
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
def drop(corners: Corners, limits: Ints, heads: Ints) -> None:
    """Drop vertices, smallest triangle first, as long as twice its area is below the limit of
    its line of corners.

    Parameters
    ----------
    corners
        Kinds of those that are dropped become NONE, and the links are used up.
    limits, heads
        See the module; the queues are empty.
    """
    links = corners.links
    kinds = corners.kinds
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
    """Return the ring of an outline where the mask has its vertices.

    Parameters
    ----------
    points
        The corners (column, row) at which the outline turns, int32 [n, 2], the first one again at
        the end; nodes on its straight parts are found on the way.
    mask
        uint8 [row + 1, column + 1], not 0 where a vertex is.

    Returns
    -------
    npt.NDArray[np.int32]
        As `points`.
    """
    steps = np.abs(np.diff(points, axis=0)).sum(axis=1)
    at = np.repeat(np.arange(len(steps)), steps)
    along = np.arange(len(at)) - np.repeat(np.cumsum(steps) - steps, steps)
    corners = points[at] + np.sign(np.diff(points, axis=0))[at] * along[:, None]
    kept = corners[mask[corners[:, 1], corners[:, 0]] != 0]
    return np.asarray(np.concatenate([kept, kept[:1]]), np.int32)
