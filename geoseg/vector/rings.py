"""Finished regions to valid polygons: rings that touch themselves are split, outer rings come first.

A border that takes the tight turn may pass a corner twice where its region touches itself
diagonally. OGC 06-103r4, 6.1.11 wants such a ring as several that touch in a point: it is
cut there, which leaves the outer ring and its holes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .jit import bare, compiled
from .state import Bytes, Closed, Ints, Longs


class Outlines(NamedTuple):
    """Rings in the order of their polygons, the outer one first: `start` of each ring, `first` of each polygon."""

    x: Ints  # column * 4 + flags, as in a vertex
    y: Ints
    start: Longs  # [ring + 1]
    first: Longs  # [polygon + 1]: its first ring


def outlines(closed: Closed) -> Outlines:
    """Return the polygons of finished regions, valid by the OGC's rules; their vertices may share its memory."""
    if not closed.pinched.any():
        return Outlines(closed.x, closed.y, closed.start, closed.first)
    room = len(closed.turn) + int((closed.x & 1).sum() // 2)  # each cut at a vertex gives one ring more
    starts, first = np.zeros(room + 1, np.int64), np.zeros_like(closed.first)
    longest = int(np.diff(closed.start)[closed.pinched != 0].max())
    scratch, table = np.empty((5, longest), np.int32), np.empty(max(4, 4 * longest), np.int32)
    rings = split(closed, starts, first, scratch, table)
    return Outlines(closed.x, closed.y, starts[: rings + 1], first)


@bare
def pair_up(x: Ints, y: Ints, begin: int, end: int, table: Ints, partner: Ints) -> bool:
    """Find the vertices of one ring that lie at the same corner; both are marked as saddles. Tell if there are any.

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
    total, before = 0, ring[-1]
    for i in ring:
        total += (x[before] >> 2) * y[i] - (x[i] >> 2) * y[before]
        before = i
    return total


@compiled
def cut(c: Closed, begin: int, end: int, partner: Ints, scratch: Ints, starts: Longs, rings: int) -> int:
    """Rearrange the vertices of a ring that touches itself to rings that do not, the outer one first.

    The ring is walked with a stack; what was walked since the first visit of a corner is a
    ring of its own. Returns the number of rings with these; `starts` gets their ends.
    """
    stack, place, order = scratch[1], scratch[2], scratch[3]
    height, n, pieces, outer = 0, 0, rings, -1
    for i in range(end - begin + 1):
        last = i == end - begin
        if not last and partner[i] < 0:
            stack[height], place[i] = begin + i, height
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
        a, b = starts[outer] - begin, starts[outer + 1] - begin
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
            begin, end = c.start[ring], c.start[ring + 1]
            partner = scratch[0]
            if c.pinched[ring] and pair_up(c.x, c.y, begin, end, table, partner):
                rings = cut(c, begin, end, partner, scratch, starts, rings)
            else:
                rings += 1
                starts[rings] = end
        first[region + 1] = rings
    return rings


def thinned(o: Outlines, kept: Bytes) -> Outlines:
    """Return the outlines with only those vertices whose corner is marked in `kept` [row + 1, column + 1]."""
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
