"""What the tracer holds between two rows: pools of whole numbers, linked by index, that grow when they must."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..card import NODATA

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]

# indices into the counters
FREE_VERTEX, VERTEX_TOP, VERTICES = 0, 1, 2  # first free vertex (-1: none), vertices ever used, and in use
FREE_CHAINS, CHAIN_TOP = 3, 4
FREE_REGIONS, REGION_TOP, DEAD_REGIONS = 5, 6, 7
FREE_RINGS, RING_TOP, RINGS = 8, 9, 10
CANDIDATES, ENDED, EMITTED = 11, 12, 13  # regions that lost all runs; those that ended; how many of them are out
ROW, NEXT, PENDING = 14, 15, 16  # row of the raster; row of the strip; whether ended regions wait to be emitted
OUT_VERTICES, OUT_RINGS, OUT_REGIONS = 17, 18, 19
MOST_VERTICES, WIDTH, PACKED = 20, 21, 22  # bytes of packed rings
COUNTERS = 23

# a vertex, an int32 each: column * 4 + 2 if a node + 1 if a saddle; row; the vertex that follows, or the next free one
X, Y, NEXT_VERTEX = 0, 1, 2


class Chains(NamedTuple):
    """Open pieces of border, walked with their region on the right: a list of vertices from head to tail."""

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
    sums: Floats  # [region, measure]: of the confidence in percent; then of each band, and its valid pixels
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
    """Regions that are complete, until they are taken: rings of vertices, one after another, the outer one first."""

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
    """Return the length of a row that is filled up with nodata, one word of eight pixels at least."""
    return (width + 7) // 8 * 8 + 8


def vertices(size: int) -> Ints:
    """Return room for so many corners of open borders, 12 bytes each."""
    return np.empty((size, 3), np.int32)


def chains(width: int) -> Chains:
    """Return room for all chains that can be open at once: two on each vertical edge, and those of this row."""
    kinds = (np.int32, np.int32, np.int32, np.float64, np.int32)
    return Chains(*(np.empty(4 * width + 64, kind) for kind in kinds))  # type: ignore[arg-type]


def regions(width: int, measures: int) -> Regions:
    """Return room for all regions that can be open at once, those of two rows, and some that were joined."""
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
    filled[0, : len(before)], filled[1:, : len(before)] = before, strip
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
