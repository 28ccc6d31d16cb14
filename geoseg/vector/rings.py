"""Finished regions to valid polygons: rings that touch themselves are split, outer rings come first, then WKB.

A border that takes the tight turn may pass a corner twice where its region touches itself
diagonally. OGC 06-103r4, 6.1.11 wants such a ring as several that touch in a point: it is
cut there, which leaves the outer ring and its holes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .jit import compiled
from .state import Bytes, Closed, Floats, Ints, Longs


class Outlines(NamedTuple):
    """Rings in the order of their polygons, the outer one first: `start` of each ring, `first` of each polygon."""

    x: Ints  # column * 4 + flags, as in Vertices
    y: Ints
    start: Longs  # [ring + 1]
    first: Longs  # [polygon + 1]: its first ring


def outlines(closed: Closed) -> Outlines:
    """Return the polygons of finished regions, valid by the OGC's rules."""
    points = len(closed.x)
    x, y = np.empty(points, np.int32), np.empty(points, np.int32)
    # each cut at a vertex gives one ring more
    room = len(closed.owner) + int(((closed.x & 1) * 1).sum() // 2)
    starts, turns, owners = np.zeros(room + 1, np.int64), np.empty(room, np.int64), np.empty(room, np.int32)
    longest = int(np.diff(closed.start).max(initial=0))
    rings = split(closed, x, y, starts, turns, owners, np.empty((4, longest), np.int32), longest)
    first = np.zeros(len(closed.value) + 1, np.int64)
    ordered_x, ordered_y, ordered = np.empty_like(x), np.empty_like(y), np.zeros(rings + 1, np.int64)
    order(x, y, starts, turns[:rings], owners, ordered_x, ordered_y, ordered, first)
    return Outlines(ordered_x, ordered_y, ordered, first)


@compiled
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


@compiled
def turn_of(x: Ints, y: Ints, begin: int, end: int) -> int:
    """Return twice the signed area of a ring, in pixels."""
    total = 0
    for i in range(begin, end):
        after = i + 1 if i + 1 < end else begin
        total += (x[i] >> 2) * y[after] - (x[after] >> 2) * y[i]
    return total


@compiled
def split(c: Closed, x: Ints, y: Ints, starts: Longs, turns: Longs, owners: Ints, scratch: Ints, longest: int) -> int:
    """Copy the rings, those that touch themselves in parts; return the number of rings."""
    n, rings = 0, 0
    table = np.empty(max(4, 4 * longest), np.int32)
    partner, stack, place = scratch[0], scratch[1], scratch[2]
    for ring in range(len(c.owner)):
        begin, end = c.start[ring], c.start[ring + 1]
        if not c.pinched[ring] or not pair_up(c.x, c.y, begin, end, table, partner):
            for i in range(begin, end):
                x[n], y[n] = c.x[i], c.y[i]
                n += 1
            turns[rings], owners[rings] = c.turn[ring], c.owner[ring]
            rings += 1
            starts[rings] = n
            continue
        # walk the ring with a stack; what was walked since the first visit of a corner is a ring of its own
        height = 0
        for i in range(end - begin):
            if partner[i] < 0:
                stack[height], place[i] = i, height
                height += 1
                continue
            bottom = place[partner[i]]
            for j in range(bottom, height):
                x[n], y[n] = c.x[begin + stack[j]], c.y[begin + stack[j]]
                n += 1
            height = bottom + 1
            turns[rings], owners[rings] = turn_of(x, y, starts[rings], n), c.owner[ring]
            rings += 1
            starts[rings] = n
        for j in range(height):
            x[n], y[n] = c.x[begin + stack[j]], c.y[begin + stack[j]]
            n += 1
        turns[rings], owners[rings] = turn_of(x, y, starts[rings], n), c.owner[ring]
        rings += 1
        starts[rings] = n
    return rings


@compiled
def order(
    x: Ints, y: Ints, starts: Longs, turns: Longs, owners: Ints, new_x: Ints, new_y: Ints, new: Longs, first: Longs
) -> None:
    """Copy the rings so that each polygon's outer ring, the one of positive area, comes before its holes."""
    n, ring, begin = 0, 0, 0
    while begin < len(turns):
        end, outer = begin, begin
        while end < len(turns) and owners[end] == owners[begin]:
            if turns[end] > 0:
                outer = end
            end += 1
        for j in range(begin - 1, end):  # the outer one, then all but the outer one
            k = outer if j < begin else j
            if k == outer and j >= begin:
                continue
            for i in range(starts[k], starts[k + 1]):
                new_x[n], new_y[n] = x[i], y[i]
                n += 1
            ring += 1
            new[ring] = n
        first[owners[begin] + 1] = ring
        begin = end


def thinned(o: Outlines, kept: Bytes) -> Outlines:
    """Return the outlines with only those vertices whose corner is marked in `kept` [row + 1, column + 1]."""
    stays = kept[o.y, o.x >> 2] != 0
    running = np.concatenate([[0], np.cumsum(stays)])
    return Outlines(o.x[stays], o.y[stays], running[o.start], o.first)


def wkb(o: Outlines, transform: tuple[float, ...]) -> tuple[Ints, Bytes]:
    """Return the polygons as little-endian WKB: the offset of each, and all bytes one after another."""
    polygons, rings = len(o.first) - 1, len(o.start) - 1
    size = 9 * polygons + 20 * rings + 16 * len(o.x)  # a closed ring repeats its first vertex
    offsets, data = np.zeros(polygons + 1, np.int32), np.empty(size, np.uint8)
    write_wkb(o, np.array(transform), offsets, data)
    return offsets, data


@compiled
def write_wkb(o: Outlines, transform: Floats, offsets: Ints, data: Bytes) -> None:
    """Write each polygon: byte order, type 3, number of rings, then for each ring its length and its vertices."""
    a, b, c, d, e, f = transform
    word, pair = np.empty(1, np.uint32), np.empty(2, np.float64)
    word_bytes, pair_bytes = word.view(np.uint8), pair.view(np.uint8)
    k = 0
    for polygon in range(len(o.first) - 1):
        data[k] = 1
        word[0] = 3
        data[k + 1 : k + 5] = word_bytes
        word[0] = o.first[polygon + 1] - o.first[polygon]
        data[k + 5 : k + 9] = word_bytes
        k += 9
        for ring in range(o.first[polygon], o.first[polygon + 1]):
            begin, end = o.start[ring], o.start[ring + 1]
            word[0] = end - begin + 1
            data[k : k + 4] = word_bytes
            k += 4
            for i in range(begin, end + 1):
                at = i if i < end else begin
                x, y = o.x[at] >> 2, o.y[at]
                pair[0] = c + a * x + b * y
                pair[1] = f + d * x + e * y
                for j in range(16):
                    data[k + j] = pair_bytes[j]
                k += 16
        offsets[polygon + 1] = k
