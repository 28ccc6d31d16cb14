"""What the tracer holds between two rows: pools of whole numbers, linked by index, that grow
when they must.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ...core.arrays import Bytes, Floats, Ints, Longs
from ...core.card import NODATA
from ...core.jit import bare, compiled

# indices into the counters
# first free vertex (-1: none), vertices ever used, and in use
FREE_VERTEX = 0
VERTEX_TOP = 1
VERTICES = 2
FREE_CHAINS = 3
CHAIN_TOP = 4
FREE_REGIONS = 5
REGION_TOP = 6
DEAD_REGIONS = 7
FREE_RINGS = 8
RING_TOP = 9
RINGS = 10
# regions that lost all runs; those that ended; how many of them are out
CANDIDATES = 11
ENDED = 12
EMITTED = 13
# row of the raster; row of the strip; whether ended regions wait to be emitted
ROW = 14
NEXT = 15
PENDING = 16
OUT_VERTICES = 17
OUT_RINGS = 18
OUT_REGIONS = 19
# bytes of packed rings
MOST_VERTICES = 20
WIDTH = 21
PACKED = 22
COUNTERS = 23

# a vertex, an int32 each: column * 4 + 2 if a node + 1 if a saddle; row; the vertex that follows,
# or the next free one
X = 0
Y = 1
NEXT_VERTEX = 2


class Chains(NamedTuple):
    """Open pieces of border, walked with their region on the right: a list of vertices from head
    to tail.
    """

    end: Ints  # the corner at which its tail arrives from above, -1 where it comes along the line
    head: Ints
    tail: Ints
    area: Floats  # the part of the region's area that its vertical edges tell
    free: Ints


class Regions(NamedTuple):
    """Open regions: their rings so far, and what is measured."""

    parent: Ints
    runs: Ints  # runs of pixels in the last row; without one the region is complete
    first_ring: Ints
    last_ring: Ints
    value: Bytes
    origin: Longs  # index of the first pixel, row by row: the same however the raster is read
    area: Floats
    least: Bytes  # least confidence, percent
    # [region, measure]: of the confidence in percent; then of each band, and its valid pixels
    sums: Floats
    free: Ints
    dead: Ints
    ended: Ints


class Rings(NamedTuple):
    """Closed rings of open regions: a list of vertices, or packed, from byte -2 - head on."""

    head: Longs
    tail: Ints  # the last vertex; of a packed ring, its bytes
    next: Ints
    free: Ints


class Line(NamedTuple):
    """What is known along the line between two rows."""

    labels: Ints  # [column]: regions of the row above
    arriving: Ints  # [column + 1]: the chain whose tail comes down to this corner, or -1
    leaving: Ints  # [column + 1]: the chain whose head goes up from this corner, or -1


class Closed(NamedTuple):
    """Regions that are complete, until they are taken: rings of vertices, one after another, the
    outer one first.
    """

    x: Ints  # as in a vertex
    y: Ints
    start: Longs  # [ring + 1]: first vertex of each ring
    turn: Longs  # [ring]: twice the signed area in pixels; above 0 for an outer ring
    pinched: Bytes  # [ring]: whether it may touch itself
    first: Longs  # [region + 1]: first ring of each region
    value: Bytes
    origin: Longs
    pixels: Longs
    area: Floats
    least: Bytes
    sums: Floats


def padded(width: int) -> int:
    """Return the length of a row that is filled up with nodata, one word of eight pixels at
    least.
    """
    return (width + 7) // 8 * 8 + 8


def vertices(size: int) -> Ints:
    """Return room for so many corners of open borders, 12 bytes each."""
    return np.empty((size, 3), np.int32)


def chains(width: int) -> Chains:
    """Return room for all chains that can be open at once: two on each vertical edge, and those
    of this row.
    """
    kinds = (np.int32, np.int32, np.int32, np.float64, np.int32)
    return Chains(*(np.empty(4 * width + 64, kind) for kind in kinds))  # type: ignore[arg-type]


def regions(width: int, measures: int) -> Regions:
    """Return room for all regions that can be open at once, those of two rows, and some that
    were joined.
    """
    size = 5 * width // 2 + 64
    kinds = (*(np.int32,) * 4, np.uint8, np.int64, np.float64, np.uint8)
    pools: list[npt.NDArray[Any]] = [np.empty(size, kind) for kind in kinds]
    lists = [np.empty(size, np.int32) for _ in range(3)]
    return Regions._make([*pools, np.empty((size, measures)), *lists])


def rings(size: int) -> Rings:
    """Return room for so many rings."""
    return Rings(np.empty(size, np.int64), *(np.empty(size, np.int32) for _ in range(3)))


def line(width: int) -> Line:
    """Return the line above the first row: no regions, no chains."""
    return Line(*(np.full(padded(width) + 1, -1, np.int32) for _ in range(3)))


def rows(before: Bytes, strip: Bytes) -> Bytes:
    """Return the row above a strip and the strip's, filled up with nodata."""
    filled = np.full((len(strip) + 1, padded(strip.shape[1])), NODATA, np.uint8)
    filled[0, : len(before)] = before
    filled[1:, : len(before)] = strip
    return filled


def closed(points: int, loops: int, measures: int) -> Closed:
    """Return room for so many vertices and rings."""
    return Closed(
        x=np.empty(points, np.int32),
        y=np.empty(points, np.int32),
        start=np.zeros(loops + 1, np.int64),
        turn=np.empty(loops, np.int64),
        pinched=np.empty(loops, np.uint8),
        first=np.zeros(loops + 1, np.int64),
        value=np.empty(loops, np.uint8),
        origin=np.empty(loops, np.int64),
        pixels=np.empty(loops, np.int64),
        area=np.empty(loops),
        least=np.empty(loops, np.uint8),
        sums=np.empty((loops, measures)),
    )


def grown(pool: Any, larger: Any) -> Any:
    """Copy a pool's array, or all its arrays, into those of a larger one."""
    if isinstance(pool, np.ndarray):
        larger[: len(pool)] = pool
        return larger
    for old, new in zip(pool, larger, strict=True):
        new[: len(old)] = old
    return larger


LONGEST = 6  # bytes of one number at most: 32 bits of a step, and 4 for sign, axis and flags


def packed(labels: Ints, old: Bytes, v: Ints, r: Regions, rings: Rings, s: Longs) -> Bytes:
    """Return the packed rings of all open regions, those in `old` as well; their vertices are
    free again.
    """
    room = np.empty(
        len(old) + LONGEST * (int(s[VERTICES]) + 3 * len(rings.head)), np.uint8
    )  # touched as it fills
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
    number = 0
    shift = 0
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
    count = 0
    q = head
    while q >= 0:
        count += 1
        q = v[q, NEXT_VERTEX]
    x = v[head, X]
    y = v[head, Y]
    k = put(data, put(data, put(data, k, count), x), y)
    q = v[head, NEXT_VERTEX]
    while q >= 0:
        across = (v[q, X] >> 2) - (x >> 2)
        down = v[q, Y] - y
        size = down if down else across
        k = put(data, k, abs(size) << 4 | (8 if size < 0 else 0) | (4 if down else 0) | v[q, X] & 3)
        x = v[q, X]
        y = v[q, Y]
        q = v[q, NEXT_VERTEX]
    return k


@compiled
def pack(
    labels: Ints, old: Bytes, data: Bytes, v: Ints, r: Regions, rings: Rings, s: Longs
) -> None:
    """Pack the closed rings of the regions in a row into `data`, which has room for them."""
    k = 0
    done = np.zeros(len(r.parent), np.bool_)
    for label in labels:
        region = label
        while region >= 0 and r.parent[region] != region:
            region = r.parent[region]
        if region < 0 or done[region]:
            continue
        done[region] = True
        ring = r.first_ring[region]
        while ring >= 0:
            head = rings.head[ring]
            begin = k
            if head >= 0:
                k = pack_ring(data, k, v, head)
                v[rings.tail[ring], NEXT_VERTEX] = s[FREE_VERTEX]
                rings.tail[ring] = k - begin
                s[FREE_VERTEX] = head
                s[VERTICES] -= get(data, begin)[0]
            else:
                at = -2 - head
                size = rings.tail[ring]
                data[k : k + size] = old[at : at + size]
                k += size
            rings.head[ring] = -2 - begin
            ring = rings.next[ring]
    s[PACKED] = k
