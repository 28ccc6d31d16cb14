"""Finished components to valid polygons: rings that touch themselves are split, outer rings come
first.

A border that takes the tight turn may pass a corner twice where its component touches itself
diagonally. OGC 06-103r4, 6.1.11 wants such a ring as several that touch in a point: it is
cut there, which leaves the outer ring and its holes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...core.arrays import Bytes, Ints, Longs
from ...core.jit import bare, compiled, int64, kernel_part
from .state import SADDLE, Closed


class Outlines(NamedTuple):
    """Rings in the order of their components, the outer one first, not closed: the last vertex is
    not the first one again.
    """

    x: Ints
    """[vertex]: column * 4 + flags, as in `Closed`."""
    y: Ints
    """[vertex]: row."""
    start: Longs
    """[ring + 1]: the first vertex of each ring."""
    first: Longs
    """[component + 1]: the first ring of each."""


def outlines(closed: Closed) -> Outlines:
    """Return the outlines of finished components, valid by the OGC's rules.

    Parameters
    ----------
    closed
        The components. The vertices of rings that touch themselves are rearranged in place.

    Returns
    -------
    Outlines
        May share the memory of `closed`.
    """
    touching = closed.self_touching != 0
    if not touching.any():
        return Outlines(closed.x, closed.y, closed.start, closed.first)
    cuts = int((closed.x & SADDLE).sum() // 2)  # each cut at a vertex gives one ring more
    starts = np.zeros(len(touching) + cuts + 1, np.int64)
    first = np.zeros_like(closed.first)
    longest = int(np.diff(closed.start)[touching].max())
    scratch = np.empty((5, longest), np.int32)
    table = np.empty(max(4, 4 * longest), np.int32)
    rings = split(closed, starts, first, scratch, table)
    return Outlines(closed.x, closed.y, starts[: rings + 1], first)


@kernel_part
def pair_up(x: Ints, y: Ints, begin: int, end: int, table: Ints, partner: Ints) -> bool:
    """Find the vertices of one ring that lie at the same corner; both are marked as saddles.

    Parameters
    ----------
    x, y
        Vertices as in `Closed`, int32 [vertex].
    begin, end
        The ring's first vertex, and the one after its last.
    table
        Room for a hash table, int32, four for each vertex.
    partner
        For each vertex of the ring, from 0, becomes the earlier one at its corner, or -1.

    Returns
    -------
    bool
        Whether there are any.
    """
    saddles = 0
    for i in range(begin, end):
        saddles += x[i] & SADDLE
    size = 4
    while size < 2 * saddles:
        size *= 2
    table[:size] = -1
    found = False
    for i in range(begin, end):
        partner[i - begin] = -1
        if not x[i] & SADDLE:
            continue
        slot = ((x[i] >> 2) * 73856093 ^ y[i] * 19349663) & (size - 1)
        while table[slot] >= 0:
            other = table[slot]
            if x[other] == x[i] and y[other] == y[i]:
                partner[i - begin] = other - begin
                found = True
                break
            slot = (slot + 1) & (size - 1)
        if partner[i - begin] < 0:
            table[slot] = i
    return found


@kernel_part
def signed_area2(x: Ints, y: Ints, ring: Ints) -> int:
    """Return twice the signed area of a ring, in pixels.

    Parameters
    ----------
    x, y
        Vertices as in `Closed`, int32 [vertex].
    ring
        The numbers of its vertices, in their order.

    Returns
    -------
    int
        Above 0 where the inside is on the right hand: for an outer ring.
    """
    total = 0
    before = ring[-1]
    for i in ring:
        total += (x[before] >> 2) * y[i] - (x[i] >> 2) * y[before]
        before = i
    return total


@kernel_part
def cut(
    closed: Closed, begin: int, end: int, partner: Ints, scratch: Ints, starts: Longs, rings: int
) -> int:
    """Rearrange the vertices of a ring that touches itself to rings that do not, the outer one
    first.

    The ring is walked with a stack; what was walked since the first visit of a corner is a
    ring of its own.

    Parameters
    ----------
    closed
        Where its vertices are.
    begin, end
        The ring's first vertex, and the one after its last.
    partner
        See `pair_up`.
    scratch
        Room, int32 [5, vertices of the longest ring].
    starts
        The vertex after each ring's last: those of the new rings are written.
    rings
        Number of rings so far.

    Returns
    -------
    int
        Number of rings with these.
    """
    stack = scratch[1]
    place = scratch[2]
    order = scratch[3]
    height = 0
    n = 0
    found = rings
    outer = -1
    for i in range(end - begin + 1):
        last = i == end - begin
        if not last and partner[i] < 0:
            stack[height] = begin + i
            place[i] = height
            height += 1
            continue
        bottom = 0 if last else place[partner[i]]
        copy(stack[bottom:height], order[n:])
        if signed_area2(closed.x, closed.y, stack[bottom:height]) > 0:
            outer = found
        n += height - bottom
        height = bottom + 1
        found += 1
        starts[found] = begin + n
    if outer > rings:  # to the front, the others behind it
        a = starts[outer] - begin
        b = starts[outer + 1] - begin
        copy(order[a:b], scratch[4])
        copy(order[:a], scratch[4, b - a :])
        copy(scratch[4, :b], order)
        for ring in range(outer, rings, -1):
            starts[ring] = starts[ring - 1] + b - a
    rearrange(closed.x, begin, order[:n], scratch[4])
    rearrange(closed.y, begin, order[:n], scratch[4])
    return found


@kernel_part
def rearrange(values: Ints, begin: int, order: Ints, scratch: Ints) -> None:
    """Bring values into an order, in place.

    Parameters
    ----------
    values
        int32 [vertex].
    begin
        The first of them that is written.
    order
        The places in `values` whose numbers come there.
    scratch
        Room for as many.
    """
    for j in range(len(order)):
        scratch[j] = values[order[j]]
    copy(scratch[: len(order)], values[begin:])


@kernel_part
def copy(values: Ints, to: Ints) -> None:
    """Copy values to the front of other ones.

    Parameters
    ----------
    values
        int32 [value].
    to
        At least as long; may not share their memory.
    """
    for i in range(len(values)):
        to[i] = values[i]


@bare
def split(closed: Closed, starts: Longs, first: Longs, scratch: Ints, table: Ints) -> int:
    """Cut the rings that touch themselves, in their place.

    Parameters
    ----------
    closed
        The components; the vertices of such rings are rearranged.
    starts
        Becomes the first vertex of each ring, int64 [ring + 1], long enough.
    first
        Becomes the first ring of each component, int64 [component + 1].
    scratch
        Room, int32 [5, vertices of the longest ring].
    table
        Room for a hash table, int32, four for each vertex of the longest ring.

    Returns
    -------
    int
        Number of rings.
    """
    rings = int64(0)
    for component in range(len(closed.value)):
        for ring in range(closed.first[component], closed.first[component + 1]):
            begin = closed.start[ring]
            end = closed.start[ring + 1]
            partner = scratch[0]
            if closed.self_touching[ring] and pair_up(
                closed.x, closed.y, begin, end, table, partner
            ):
                rings = cut(closed, begin, end, partner, scratch, starts, rings)
            else:
                rings += 1
                starts[rings] = end
        first[component + 1] = rings
    return rings


def thinned(shapes: Outlines, kept: Bytes) -> Outlines:
    """Return the outlines with only those vertices whose corner is kept.

    Parameters
    ----------
    shapes
        Outlines in pixels.
    kept
        uint8 [row + 1, column + 1], 0 at the corners that go.

    Returns
    -------
    Outlines
        As many rings; one may have lost all its vertices.
    """
    stays = kept[shapes.y, shapes.x >> 2] != 0
    running = np.concatenate([[0], np.cumsum(stays)])
    return Outlines(shapes.x[stays], shapes.y[stays], running[shapes.start], shapes.first)


def signed_areas2(shapes: Outlines) -> Longs:
    """Return twice the signed area of each ring, in pixels (of which positions are multiples).

    Parameters
    ----------
    shapes
        The outlines.

    Returns
    -------
    Longs
        int64 [ring], above 0 for an outer one.
    """
    areas2 = np.zeros(len(shapes.start) - 1, np.int64)
    add_areas2(shapes, areas2)
    return areas2


@bare
def add_areas2(shapes: Outlines, areas2: Longs) -> None:
    """Add twice the signed area of each ring.

    Parameters
    ----------
    shapes
        The outlines.
    areas2
        int64 [ring], is added to.
    """
    for ring in range(len(areas2)):
        before = shapes.start[ring + 1] - 1
        for i in range(shapes.start[ring], shapes.start[ring + 1]):
            x0 = np.int64(shapes.x[before] >> 2)
            x1 = np.int64(shapes.x[i] >> 2)
            areas2[ring] += x0 * shapes.y[i] - x1 * shapes.y[before]
            before = i


def grouped(shapes: Outlines) -> Outlines:
    """Return the outlines with each outer ring of a component followed by its own holes.

    Parameters
    ----------
    shapes
        Outlines in pixels, of components that may touch at corners (connectivity 8).

    Returns
    -------
    Outlines
        The same where each component has one outer ring.
    """
    areas2 = signed_areas2(shapes)
    owner = np.arange(len(areas2))
    if not find_owners(shapes, areas2, owner):
        return shapes
    order = np.lexsort((areas2 < 0, owner))
    lengths = np.diff(shapes.start)[order]
    start = np.concatenate([[0], np.cumsum(lengths)])
    vertices = np.repeat(shapes.start[order] - start[:-1], lengths) + np.arange(start[-1])
    return Outlines(shapes.x[vertices], shapes.y[vertices], start, shapes.first)


@compiled
def find_owners(shapes: Outlines, areas2: Longs, owner: Longs) -> bool:
    """Find the outer ring of each ring.

    Parameters
    ----------
    shapes
        The outlines.
    areas2
        Twice the signed area of each ring, int64 [ring].
    owner
        Each ring's own number; becomes that of its outer ring.

    Returns
    -------
    bool
        Whether a component has more than one outer ring.
    """
    several = False
    for component in range(len(shapes.first) - 1):
        begin = shapes.first[component]
        end = shapes.first[component + 1]
        outers = 0
        for ring in range(begin, end):
            outers += areas2[ring] > 0
        if outers > 1:
            several = True
            if outers < end - begin:
                look_up(shapes, begin, end, areas2, owner)
        else:
            owner[begin:end] = begin
    return several


@compiled
def look_up(shapes: Outlines, begin: int, end: int, areas2: Longs, owner: Longs) -> None:
    """Find the outer ring of each hole of a component: from its topmost edge upwards, the next
    edge is of it or of a hole in it.

    Parameters
    ----------
    shapes
        The outlines.
    begin, end
        The component's first ring, and the one after its last.
    areas2
        Twice the signed area of each ring, int64 [ring].
    owner
        int64 [ring]: that of holes is written.
    """
    first = shapes.start[begin]
    last = shapes.start[end]
    left = shapes.x[first:last].min() >> 2
    right = shapes.x[first:last].max() >> 2
    # the ring of the last edge in each column, from top to bottom
    seen = np.full(right - left, -1, np.int32)
    rings, order = level_edges(shapes, begin, end)
    known = areas2[begin:end] > 0
    for k in order:
        i = k + first
        ring = rings[k]
        if ring < 0:
            continue
        after = i + 1 if i + 1 < shapes.start[ring + 1] else shapes.start[ring]
        a = min(shapes.x[i], shapes.x[after]) >> 2
        b = max(shapes.x[i], shapes.x[after]) >> 2
        if not known[ring - begin]:
            known[ring - begin] = True
            owner[ring] = owner[seen[a - left]]
        seen[a - left : b - left] = ring


@compiled
def level_edges(shapes: Outlines, begin: int, end: int) -> tuple[Ints, Longs]:
    """Find the edges along rows of some rings.

    Parameters
    ----------
    shapes
        The outlines.
    begin, end
        The first ring, and the one after the last.

    Returns
    -------
    tuple[Ints, Longs]
        For each vertex of these rings the ring of the level edge that starts there (-1: none),
        int32; and the vertices in the order of their rows, from 0.
    """
    first = shapes.start[begin]
    last = shapes.start[end]
    rings = np.full(last - first, -1, np.int32)
    for ring in range(begin, end):
        for i in range(shapes.start[ring], shapes.start[ring + 1]):
            after = i + 1 if i + 1 < shapes.start[ring + 1] else shapes.start[ring]
            if shapes.y[i] == shapes.y[after]:
                rings[i - first] = ring
    return rings, np.argsort(shapes.y[first:last])
