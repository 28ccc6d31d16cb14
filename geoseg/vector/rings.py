"""Finished regions to valid polygons: rings that touch themselves are split, outer rings come first, then WKB.

A border that takes the tight turn may pass a corner twice where its region touches itself
diagonally. OGC 06-103r4, 6.1.11 wants such a ring as several that touch in a point: it is
cut there, which leaves the outer ring and its holes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .jit import bare, compiled
from .state import Bytes, Closed, Floats, Ints, Longs

Halves = npt.NDArray[np.uint32]


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


def wkb(o: Outlines, transform: tuple[float, ...]) -> tuple[Ints, Bytes]:
    """Return the polygons as little-endian WKB: the offset of each, and all bytes one after another."""
    polygons, rings = len(o.first) - 1, len(o.start) - 1
    size = 9 * polygons + 20 * rings + 16 * len(o.x)  # a closed ring repeats its first vertex
    offsets, data = np.zeros(polygons + 1, np.int32), np.empty(size, np.uint8)
    word, pair = np.empty(1, np.uint32), np.empty(2, np.float64)
    write_wkb(o, np.array(transform), offsets, data, word, word.view(np.uint8), pair, pair.view(np.uint8))
    return offsets, data


@bare
def put_bytes(data: Bytes, k: int, value: Bytes) -> None:
    """Write the bytes of a number from byte k on."""
    for i in range(len(value)):
        data[k + i] = value[i]


@bare
def write_wkb(
    o: Outlines, transform: Floats, offsets: Ints, data: Bytes, word: Halves, word_bytes: Bytes, pair: Floats,
    pair_bytes: Bytes,
) -> None:  # fmt: skip
    """Write each polygon: byte order, type 3, number of rings, then for each ring its length and its vertices."""
    a, b, c, d, e, f = transform
    k = 0
    for polygon in range(len(o.first) - 1):
        data[k] = 1
        word[0] = 3
        put_bytes(data, k + 1, word_bytes)
        word[0] = o.first[polygon + 1] - o.first[polygon]
        put_bytes(data, k + 5, word_bytes)
        k += 9
        for ring in range(o.first[polygon], o.first[polygon + 1]):
            begin, end = o.start[ring], o.start[ring + 1]
            word[0] = end - begin + 1
            put_bytes(data, k, word_bytes)
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
