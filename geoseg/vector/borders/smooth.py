"""Corners of all borders rounded at once: a valid coverage stays one.

Each vertex becomes the points that N rounds of corner cutting (Chaikin 1974) make of it:
they lie on the way from the middle of the one side to the middle of the other, so they
depend on the vertex and its two neighbours alone, and both components get the same. A vertex
is cut only where the triangle between it and the two middles holds no other vertex. Then no
other border enters that triangle, for it would have to end in it; triangles of two vertices
do not meet either, except in the middle of a side, which no point reaches. Hence no two
borders cross or touch. Nodes stay: vertices where three components meet, or along nodata.

The new points are multiples of 1 / 4^N of a pixel, exact in whole numbers.
"""

from __future__ import annotations

import numpy as np

from ...core.arrays import Bytes, Ints, Longs
from ...core.errors import InputError, RunError
from ...core.jit import compiled, kernel_part
from ..trace.rings import Outlines
from .corners import VERTEX

LARGEST = 2**31 - 1


def smooth(shapes: Outlines, kinds: Bytes | None, rounds: int, parts: int) -> Outlines:
    """Smooth outlines; without rounds their positions are only given in the new unit.

    Parameters
    ----------
    shapes
        Outlines in pixels.
    kinds
        The corners that borders keep, uint8 [row + 1, column + 1]: the outlines have vertices where
        it is set, and only there. None only without rounds.
    rounds
        Rounds of corner cutting (Chaikin 1974).
    parts
        Positions are given in 1 / `parts` of a pixel, a multiple of 4^rounds.

    Returns
    -------
    Outlines
        As many rings, longer ones.

    Raises
    ------
    RunError
        If there are more vertices than a batch of polygons can have.
    """
    weights = cut_weights(rounds) * (parts // 4**rounds)
    cut = np.zeros(len(shapes.x), np.uint8)
    if kinds is not None and rounds:
        find_cuts(shapes, kinds, cut)
    start = np.concatenate([[0], np.cumsum(np.where(cut, len(weights), 1))])[shapes.start]
    if 16 * (int(start[-1]) + 2 * len(start)) > LARGEST:
        raise RunError(
            f"polygons that end in the same rows have {start[-1]} vertices when smoothed",
            f"at most {LARGEST // 16}",
            "use fewer rounds, or --simplify as well",
        )
    x = np.empty(int(start[-1]), np.int32)
    y = np.empty(int(start[-1]), np.int32)
    apply_cuts(shapes, cut, weights, parts, x, y)
    return Outlines(x, y, start, shapes.first)


def check_size(height: int, width: int, parts: int) -> None:
    """Check that positions of vertices fit in their whole numbers, 32 bits with two flags.

    Parameters
    ----------
    height, width
        Of the raster.
    parts
        Positions are in 1 / `parts` of a pixel.

    Raises
    ------
    InputError
        If they do not.
    """
    if 4 * max(height, width) * parts > LARGEST:
        raise InputError(
            f"a raster of {width} x {height} px",
            f"at most {LARGEST // 4 // parts} px a side here",
            "use fewer rounds of --smooth, or cut the raster",
        )


def cut_weights(rounds: int) -> Longs:
    """Return what becomes of a vertex: each round puts a point at a quarter and one at three
    quarters of each side.

    Parameters
    ----------
    rounds
        0 leaves the vertex.

    Returns
    -------
    Longs
        int64 [point, 3]: weights of the vertex before, itself and the one after, in 4^-rounds.
    """
    points = np.array([[0, 1, 0]], np.int64)
    for _ in range(rounds):
        # beside the vertex's own points are its neighbours' nearest, which lie on the same side:
        # its mirror images
        way = np.concatenate([points[:1, [1, 0, 2]], points, points[-1:, [0, 2, 1]]])
        points = np.stack([3 * way[:-1] + way[1:], way[:-1] + 3 * way[1:]], axis=1).reshape(-1, 3)[
            1:-1
        ]
    return points


@kernel_part
def clear(kinds: Bytes, x: int, y: int, ax: int, ay: int, bx: int, by: int) -> bool:
    """Tell whether no other vertex is in the triangle between a vertex and the middles of its
    sides.

    Parameters
    ----------
    kinds
        See `smooth`.
    x, y
        Column and row of the vertex.
    ax, ay, bx, by
        The steps from it to its two neighbours.

    Returns
    -------
    bool
        True if it can be cut.
    """
    size = ax * by - ay * bx
    sign = 1 if size > 0 else -1
    top = y + min(0, -(-ay // 2), -(-by // 2))
    bottom = y + max(0, ay // 2, by // 2)
    left = x + min(0, -(-ax // 2), -(-bx // 2))
    right = x + max(0, ax // 2, bx // 2)
    for i in range(top, bottom + 1):
        for j in range(left, right + 1):
            if kinds[i, j] == 0 or (i == y and j == x):
                continue
            along = sign * ((j - x) * by - (i - y) * bx)
            across = sign * (ax * (i - y) - ay * (j - x))
            if along >= 0 and across >= 0 and 2 * (along + across) <= sign * size:
                return False
    return True


@compiled
def find_cuts(shapes: Outlines, kinds: Bytes, cut: Bytes) -> None:
    """Mark the vertices that can be cut.

    Parameters
    ----------
    shapes
        Outlines in pixels.
    kinds
        See `smooth`.
    cut
        uint8 [vertex], all 0; becomes 1 where it can be cut.
    """
    for ring in range(len(shapes.start) - 1):
        begin = shapes.start[ring]
        end = shapes.start[ring + 1]
        for i in range(begin, end):
            x = shapes.x[i] >> 2
            y = shapes.y[i]
            if kinds[y, x] != VERTEX:
                continue
            p = i - 1 if i > begin else end - 1
            q = i + 1 if i + 1 < end else begin
            cut[i] = clear(
                kinds,
                x,
                y,
                (shapes.x[p] >> 2) - x,
                shapes.y[p] - y,
                (shapes.x[q] >> 2) - x,
                shapes.y[q] - y,
            )


@compiled
def apply_cuts(shapes: Outlines, cut: Bytes, weights: Longs, parts: int, x: Ints, y: Ints) -> None:
    """Write the points of each vertex, in the order of the ring.

    Parameters
    ----------
    shapes
        Outlines in pixels.
    cut
        uint8 [vertex]: whether it is cut.
    weights
        int64 [point, 3], in 1 / `parts`: see `cut_weights`.
    parts
        The new unit: 1 / `parts` of a pixel.
    x, y
        int32, long enough for all points, are written; `x` is shifted as in `Outlines`.
    """
    n = 0
    for ring in range(len(shapes.start) - 1):
        begin = shapes.start[ring]
        end = shapes.start[ring + 1]
        for i in range(begin, end):
            if not cut[i]:
                x[n] = (shapes.x[i] >> 2) * parts << 2
                y[n] = shapes.y[i] * parts
                n += 1
                continue
            p = i - 1 if i > begin else end - 1
            q = i + 1 if i + 1 < end else begin
            for k in range(len(weights)):
                a, b, c = weights[k]
                x[n] = (
                    a * (shapes.x[p] >> 2) + b * (shapes.x[i] >> 2) + c * (shapes.x[q] >> 2)
                ) << 2
                y[n] = a * shapes.y[p] + b * shapes.y[i] + c * shapes.y[q]
                n += 1
