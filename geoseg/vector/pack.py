"""Closed rings of open regions, held as a byte or two a vertex: a region that spans the scene keeps all its holes.

A packed ring is its number of vertices and its first vertex, then each vertex as the step
from the one before: length, sign, axis and flags in one number, low 7 bits first (LEB128).
"""

from __future__ import annotations

import numpy as np

from .jit import bare, compiled
from .state import FREE_VERTEX, NEXT_VERTEX, PACKED, VERTICES, Bytes, Ints, Longs, Regions, Rings, X, Y

LONGEST = 6  # bytes of one number at most: 32 bits of a step, and 4 for sign, axis and flags


def packed(labels: Ints, old: Bytes, v: Ints, r: Regions, rings: Rings, s: Longs) -> Bytes:
    """Return the packed rings of all open regions, those in `old` as well; their vertices are free again."""
    room = np.empty(len(old) + LONGEST * (int(s[VERTICES]) + 3 * len(rings.head)), np.uint8)  # touched as it fills
    s[PACKED] = 0
    pack(labels, old, room, v, r, rings, s)
    return room[: s[PACKED]].copy()


@bare
def put(data: Bytes, k: int, number: int) -> int:
    """Write a number that is not negative at byte k; return the byte after it."""
    while number > 127:
        data[k] = number & 127 | 128
        number >>= 7
        k += 1
    data[k] = number
    return k + 1


@bare
def get(data: Bytes, k: int) -> tuple[int, int]:
    """Return the number at byte k, and the byte after it."""
    number, shift = 0, 0
    while data[k] > 127:
        number |= (int(data[k]) & 127) << shift
        shift += 7
        k += 1
    return number | int(data[k]) << shift, k + 1


@bare
def moved(number: int, x: int, y: int) -> tuple[int, int]:
    """Return the vertex that a step leads to."""
    size = number >> 4
    if number & 8:
        size = -size
    if number & 4:
        return (x >> 2) * 4 + (number & 3), y + size
    return ((x >> 2) + size) * 4 + (number & 3), y


@bare
def pack_ring(data: Bytes, k: int, v: Ints, head: int) -> int:
    """Write a ring's vertices from byte k on; return the byte after them."""
    count, q = 0, head
    while q >= 0:
        count += 1
        q = v[q, NEXT_VERTEX]
    x, y = v[head, X], v[head, Y]
    k = put(data, put(data, put(data, k, count), x), y)
    q = v[head, NEXT_VERTEX]
    while q >= 0:
        across, down = (v[q, X] >> 2) - (x >> 2), v[q, Y] - y
        size = down if down else across
        k = put(data, k, abs(size) << 4 | (8 if size < 0 else 0) | (4 if down else 0) | v[q, X] & 3)
        x, y = v[q, X], v[q, Y]
        q = v[q, NEXT_VERTEX]
    return k


@compiled
def pack(labels: Ints, old: Bytes, data: Bytes, v: Ints, r: Regions, rings: Rings, s: Longs) -> None:
    """Pack the closed rings of the regions in a row into `data`, which has room for them."""
    k, done = 0, np.zeros(len(r.parent), np.bool_)
    for label in labels:
        region = label
        while region >= 0 and r.parent[region] != region:
            region = r.parent[region]
        if region < 0 or done[region]:
            continue
        done[region] = True
        ring = r.first_ring[region]
        while ring >= 0:
            head, begin = rings.head[ring], k
            if head >= 0:
                k = pack_ring(data, k, v, head)
                v[rings.tail[ring], NEXT_VERTEX] = s[FREE_VERTEX]
                rings.tail[ring] = k - begin
                s[FREE_VERTEX] = head
                s[VERTICES] -= get(data, begin)[0]
            else:
                at, size = -2 - head, rings.tail[ring]
                data[k : k + size] = old[at : at + size]
                k += size
            rings.head[ring] = -2 - begin
            ring = rings.next[ring]
    s[PACKED] = k
