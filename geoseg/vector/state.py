"""What the tracer holds between two rows: pools of whole numbers, linked by index, that grow when they must."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]
Pool = TypeVar("Pool", bound="tuple[Any, ...]")

# indices into the counters
FREE_VERTEX, VERTEX_TOP, VERTICES = 0, 1, 2  # first free vertex (-1: none), vertices ever used, and in use
FREE_CHAINS, CHAIN_TOP = 3, 4
FREE_REGIONS, REGION_TOP, DEAD_REGIONS = 6, 7, 8
FREE_RINGS, RING_TOP, RINGS = 9, 10, 11
ENDED, ENDED_VERTICES, ENDED_RINGS = 12, 13, 14  # regions that ended with the row above, what they hold
ROW, NEXT, PENDING = 15, 16, 17  # row of the raster; row of the strip; whether ended regions wait to be emitted
OUT_VERTICES, OUT_RINGS, OUT_REGIONS = 18, 19, 20
MOST_VERTICES = 21
COUNTERS = 22


class Vertices(NamedTuple):
    """Corners of open borders: 12 bytes each. `x` holds column * 4 + 2 if a node + 1 if a saddle."""

    x: Ints
    y: Ints
    next: Ints  # the vertex that follows on its chain, or the next free one


class Chains(NamedTuple):
    """Open pieces of border, walked with their region on the right: a list of vertices from head to tail."""

    end: Ints  # the corner at which its tail arrives from above, -1 where it comes along the line
    head: Ints
    tail: Ints
    saddles: Ints
    free: Ints


class Regions(NamedTuple):
    """Open regions: their rings so far, and what is measured."""

    parent: Ints
    last: Ints  # the last row with a pixel of it
    first_ring: Ints
    last_ring: Ints
    value: Bytes
    origin: Longs  # index of the first pixel, row by row: the same however the raster is read
    pixels: Longs
    area: Floats
    sure: Longs  # sum of the confidence, percent
    least: Bytes  # least confidence, percent
    free: Ints
    dead: Ints
    ended: Ints


class Rings(NamedTuple):
    """Closed rings of open regions."""

    head: Ints
    next: Ints
    saddles: Ints
    free: Ints


class Line(NamedTuple):
    """What is known along the line between two rows."""

    labels: Ints  # [2, column]: regions of the row above and of this one, by the row's parity
    arriving: Ints  # [column + 1]: the chain whose tail comes down to this corner, or -1
    leaving: Ints  # [column + 1]: the chain whose head goes up from this corner, or -1


class Closed(NamedTuple):
    """Regions that are complete, until they are taken: rings of vertices, one after another."""

    x: Ints  # as in Vertices
    y: Ints
    start: Longs  # [ring + 1]: first vertex of each ring
    owner: Ints  # [ring]: the region
    turn: Longs  # [ring]: twice the signed area in pixels; above 0 for an outer ring
    pinched: Bytes  # [ring]: whether it may touch itself
    value: Bytes
    origin: Longs
    pixels: Longs
    area: Floats
    sure: Longs
    least: Bytes


def vertices(size: int) -> Vertices:
    """Return room for so many vertices."""
    return Vertices(*(np.empty(size, np.int32) for _ in range(3)))


def chains(width: int) -> Chains:
    """Return room for all chains that can be open at once: two on each vertical edge, and those of this row."""
    return Chains(*(np.empty(4 * width + 64, np.int32) for _ in range(5)))


def regions(width: int) -> Regions:
    """Return room for all regions that can be open at once: those of two rows."""
    size, kinds = 2 * width + 64, (np.int32,) * 4 + (np.uint8, np.int64, np.int64, np.float64, np.int64, np.uint8)
    return Regions(*(np.empty(size, kind) for kind in (*kinds, np.int32, np.int32, np.int32)))  # type: ignore[arg-type]


def rings(size: int) -> Rings:
    """Return room for so many rings."""
    return Rings(*(np.empty(size, np.int32) for _ in range(4)))


def line(width: int) -> Line:
    """Return the line above the first row: no regions, no chains."""
    return Line(*(np.full(shape, -1, np.int32) for shape in ((2, width), width + 1, width + 1)))


def closed(points: int, loops: int) -> Closed:
    """Return room for so many vertices and rings."""
    return Closed(
        x=np.empty(points, np.int32),
        y=np.empty(points, np.int32),
        start=np.zeros(loops + 1, np.int64),
        owner=np.empty(loops, np.int32),
        turn=np.empty(loops, np.int64),
        pinched=np.empty(loops, np.uint8),
        value=np.empty(loops, np.uint8),
        origin=np.empty(loops, np.int64),
        pixels=np.empty(loops, np.int64),
        area=np.empty(loops, np.float64),
        sure=np.empty(loops, np.int64),
        least=np.empty(loops, np.uint8),
    )


def grown(pool: Pool, larger: Pool) -> Pool:
    """Copy all arrays of a pool into those of a larger one."""
    for old, new in zip(pool, larger, strict=True):
        new[: len(old)] = old
    return larger
