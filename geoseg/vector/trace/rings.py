"""Finished regions to valid polygons: rings that touch themselves are split, outer rings come
first.

A border that takes the tight turn may pass a corner twice where its region touches itself
diagonally. OGC 06-103r4, 6.1.11 wants such a ring as several that touch in a point: it is
cut there, which leaves the outer ring and its holes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...core.arrays import Bytes, Ints, Longs
from ...core.jit import bare, compiled
from .state import Closed


class Outlines(NamedTuple):
    """Rings in the order of their polygons, the outer one first: `start` of each ring, `first`
    of each polygon.
    """

    x: Ints  # column * 4 + flags, as in a vertex
    y: Ints
    start: Longs  # [ring + 1]
    first: Longs  # [polygon + 1]: its first ring


def outlines(closed: Closed) -> Outlines:
    """Return the polygons of finished regions, valid by the OGC's rules; their vertices may
    share its memory.
    """
    if not closed.pinched.any():
        return Outlines(closed.x, closed.y, closed.start, closed.first)
    room = len(closed.turn) + int(
        (closed.x & 1).sum() // 2
    )  # each cut at a vertex gives one ring more
    starts = np.zeros(room + 1, np.int64)
    first = np.zeros_like(closed.first)
    longest = int(np.diff(closed.start)[closed.pinched != 0].max())
    scratch = np.empty((5, longest), np.int32)
    table = np.empty(max(4, 4 * longest), np.int32)
    rings = split(closed, starts, first, scratch, table)
    return Outlines(closed.x, closed.y, starts[: rings + 1], first)


@bare
def pair_up(x: Ints, y: Ints, begin: int, end: int, table: Ints, partner: Ints) -> bool:
    """Find the vertices of one ring that lie at the same corner; both are marked as saddles. Tell
    if there are any.

    partner[i] becomes the earlier vertex at the corner of vertex i, or -1.
    """
    saddles = 0
    for i in range(begin, end):
        saddles += x[i] & 1
    size = 4
    while size < 2 * saddles:
        size *= 2
    table[:size] = -1
    found = False
    for i in range(begin, end):
        partner[i - begin] = -1
        if not x[i] & 1:
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


@bare
def turn_of(x: Ints, y: Ints, ring: Ints) -> int:
    """Return twice the signed area of a ring, in pixels, given the numbers of its vertices."""
    total = 0
    before = ring[-1]
    for i in ring:
        total += (x[before] >> 2) * y[i] - (x[i] >> 2) * y[before]
        before = i
    return total


@compiled
def cut(
    c: Closed, begin: int, end: int, partner: Ints, scratch: Ints, starts: Longs, rings: int
) -> int:
    """Rearrange the vertices of a ring that touches itself to rings that do not, the outer one
    first.

    The ring is walked with a stack; what was walked since the first visit of a corner is a
    ring of its own. Returns the number of rings with these; `starts` gets their ends.
    """
    stack = scratch[1]
    place = scratch[2]
    order = scratch[3]
    height = 0
    n = 0
    pieces = rings
    outer = -1
    for i in range(end - begin + 1):
        last = i == end - begin
        if not last and partner[i] < 0:
            stack[height] = begin + i
            place[i] = height
            height += 1
            continue
        bottom = 0 if last else place[partner[i]]
        order[n : n + height - bottom] = stack[bottom:height]
        if turn_of(c.x, c.y, stack[bottom:height]) > 0:
            outer = pieces
        n += height - bottom
        height = bottom + 1
        pieces += 1
        starts[pieces] = begin + n
    if outer > rings:  # to the front, the others behind it
        a = starts[outer] - begin
        b = starts[outer + 1] - begin
        scratch[4, : b - a], scratch[4, b - a : b] = order[a:b], order[:a]
        order[:b] = scratch[4, :b]
        for piece in range(outer, rings, -1):
            starts[piece] = starts[piece - 1] + b - a
    take(c.x, begin, order[:n], scratch[4])
    take(c.y, begin, order[:n], scratch[4])
    return pieces


@compiled
def take(values: Ints, begin: int, order: Ints, scratch: Ints) -> None:
    """Bring values from `begin` on into the order of these indices."""
    for j in range(len(order)):
        scratch[j] = values[order[j]]
    values[begin : begin + len(order)] = scratch[: len(order)]


@compiled
def split(c: Closed, starts: Longs, first: Longs, scratch: Ints, table: Ints) -> int:
    """Cut the rings that touch themselves, in their place; return the number of rings."""
    rings = 0
    for region in range(len(c.value)):
        for ring in range(c.first[region], c.first[region + 1]):
            begin = c.start[ring]
            end = c.start[ring + 1]
            partner = scratch[0]
            if c.pinched[ring] and pair_up(c.x, c.y, begin, end, table, partner):
                rings = cut(c, begin, end, partner, scratch, starts, rings)
            else:
                rings += 1
                starts[rings] = end
        first[region + 1] = rings
    return rings


def thinned(o: Outlines, kept: Bytes) -> Outlines:
    """Return the outlines with only those vertices whose corner is marked in `kept` [row + 1,
    column + 1].
    """
    stays = kept[o.y, o.x >> 2] != 0
    running = np.concatenate([[0], np.cumsum(stays)])
    return Outlines(o.x[stays], o.y[stays], running[o.start], o.first)


def ring_turns(o: Outlines) -> Longs:
    """Return twice the signed area of each ring, in pixels; above 0 for an outer one."""
    turns = np.zeros(len(o.start) - 1, np.int64)
    add_turns(o, turns)
    return turns


@bare
def add_turns(o: Outlines, turns: Longs) -> None:
    """Sum each ring's."""
    for ring in range(len(turns)):
        before = o.start[ring + 1] - 1
        for i in range(o.start[ring], o.start[ring + 1]):
            turns[ring] += np.int64(o.x[before] >> 2) * o.y[i] - np.int64(o.x[i] >> 2) * o.y[before]
            before = i


def grouped(shapes: Outlines) -> Outlines:
    """Return the outlines with the rings of each region in the order of its parts."""
    turns = ring_turns(shapes)
    owner = np.arange(len(turns))
    if not find_owners(shapes, turns, owner):
        return shapes
    order = np.lexsort((turns < 0, owner))
    lengths = np.diff(shapes.start)[order]
    start = np.concatenate([[0], np.cumsum(lengths)])
    vertices = np.repeat(shapes.start[order] - start[:-1], lengths) + np.arange(start[-1])
    return Outlines(shapes.x[vertices], shapes.y[vertices], start, shapes.first)


@compiled
def find_owners(o: Outlines, turns: Longs, owner: Longs) -> bool:
    """Find the outer ring of each ring; tell whether a region has more than one."""
    several = False
    for region in range(len(o.first) - 1):
        begin = o.first[region]
        end = o.first[region + 1]
        outers = 0
        for ring in range(begin, end):
            outers += turns[ring] > 0
        if outers > 1:
            several = True
            if outers < end - begin:
                look_up(o, begin, end, turns, owner)
        else:
            owner[begin:end] = begin
    return several


@compiled
def look_up(o: Outlines, begin: int, end: int, turns: Longs, owner: Longs) -> None:
    """Find the outer ring of each hole: from its topmost edge upwards, the next edge is of it or
    of a hole in it.
    """
    first = o.start[begin]
    last = o.start[end]
    left = o.x[first:last].min() >> 2
    right = o.x[first:last].max() >> 2
    seen = np.full(
        right - left, -1, np.int32
    )  # the ring of the last edge in each column, from top to bottom
    rings, order = edges(o, begin, end)
    known = turns[begin:end] > 0
    for k in order:
        i = k + first
        ring = rings[k]
        if ring < 0:
            continue
        after = i + 1 if i + 1 < o.start[ring + 1] else o.start[ring]
        a = min(o.x[i], o.x[after]) >> 2
        b = max(o.x[i], o.x[after]) >> 2
        if not known[ring - begin]:
            known[ring - begin] = True
            owner[ring] = owner[seen[a - left]]
        seen[a - left : b - left] = ring


@compiled
def edges(o: Outlines, begin: int, end: int) -> tuple[Ints, Longs]:
    """Return, for each vertex of some rings, the ring of the level edge that starts there (-1:
    none); and by row.
    """
    first = o.start[begin]
    last = o.start[end]
    rings = np.full(last - first, -1, np.int32)
    for ring in range(begin, end):
        for i in range(o.start[ring], o.start[ring + 1]):
            after = i + 1 if i + 1 < o.start[ring + 1] else o.start[ring]
            if o.y[i] == o.y[after]:
                rings[i - first] = ring
    return rings, np.argsort(o.y[first:last])
