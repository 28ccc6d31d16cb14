"""What the tracer holds between two rows: pools of whole numbers, linked by index, that grow
when they must.

The arrays that all functions of the tracer share:

`vertices`
    int32 [vertex, 3], a list in one array: X, Y and NEXT_VERTEX of each corner on a border.
`chains`
    `Chains`: pieces of border whose ends are open, lists of vertices from head to tail.
`components`
    `Components`: connected components that may still grow. They are the sets of a union-find:
    `parent` leads to the root, which holds what is known.
`rings`
    `Rings`: closed borders of these components, lists of vertices or packed bytes.
`packed`
    uint8 [byte]: the rings that are not lists of vertices. A ring is the number of its vertices,
    column and row of the first one (with its flags), and a step for each other one; every number
    takes seven bits a byte, the lowest first, and a byte above 127 is followed by another.
`line`
    `Line`: labels and chains along the line between the last two rows.
`counters`
    int64 [COUNTERS]: the tops of the pools and of their lists of free places, and where the
    tracer stands; the names are below.
`closed`
    `Closed`: components that are complete, until they are handed on.

All indices into pools are int32, -1 for none. Rows and columns count corners: corner (0, 0) is the
raster's north-west corner.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ...core.arrays import Bytes, Floats, Ints, Longs
from ...core.jit import bare, int64, kernel_part
from ..pixel_values import CLASSES, PixelValues, Values

# indices into the counters
# first free vertex (-1: none), vertices ever used, and in use
FREE_VERTEX = 0
VERTEX_TOP = 1
VERTICES = 2
FREE_CHAINS = 3
CHAIN_TOP = 4
FREE_COMPONENTS = 5
COMPONENT_TOP = 6
MERGED_COMPONENTS = 7
FREE_RINGS = 8
RING_TOP = 9
RINGS = 10
# components that lost all runs; those that ended; how many of them are out
CANDIDATES = 11
ENDED = 12
EMITTED = 13
# row of the raster; row of the strip; whether ended components wait to be emitted
ROW = 14
NEXT = 15
PENDING = 16
OUT_VERTICES = 17
OUT_RINGS = 18
OUT_COMPONENTS = 19
WIDTH = 20
# bytes of packed rings
PACKED = 21
COUNTERS = 22

# a vertex, an int32 each: column * 4 + flags; row; the vertex that follows, or the next free one
X = 0
Y = 1
NEXT_VERTEX = 2
# no vertex, chain, ring or component; no literal, see `jit`
NONE = int64(-1)
# the flags: a corner that a border passes twice or that only touches diagonally; one where three
# borders meet
SADDLE = 1
NODE = 2


class Chains(NamedTuple):
    """Open pieces of border, walked with their component on the right: a list of vertices from
    head to tail.
    """

    end: Ints
    """[chain]: the corner at which its tail arrives from above, -1 where it comes along the
    line."""
    head: Ints
    """[chain]: its first vertex."""
    tail: Ints
    """[chain]: its last vertex."""
    area: Floats
    """[chain]: the part of its component's area that its vertical edges tell, in square metres."""
    free: Ints
    """Numbers of chains that are free again, a stack of counters[FREE_CHAINS]."""


class Components(NamedTuple):
    """Connected components that may still grow: their rings so far, and what is measured."""

    parent: Ints
    """[component]: itself, or the one that it was merged into."""
    runs: Ints
    """[component]: runs of pixels in the last row; without one it is complete."""
    first_ring: Ints
    """[component]: the ring that closed last."""
    last_ring: Ints
    """[component]: the ring that closed first, the end of the list."""
    value: Values
    """[component]: its class, or its object's number."""
    origin: Longs
    """[component]: index of the first pixel, row by row: the same however the raster is read."""
    area: Floats
    """[component]: square metres that its closed rings tell."""
    least: Bytes
    """[component]: least confidence, percent."""
    sums: Floats
    """[component, measure]: of the confidence in percent; then of each band, and its valid
    pixels."""
    free: Ints
    """Numbers that are free again, a stack of counters[FREE_COMPONENTS]."""
    merged: Ints
    """Those that were merged into others, counters[MERGED_COMPONENTS] of them: labels may still
    name them."""
    ended: Ints
    """Those that lost their last run, counters[CANDIDATES]; then those without one,
    counters[ENDED]."""


class Rings(NamedTuple):
    """Closed rings of open components: a list of vertices, or packed, from byte -2 - head on."""

    head: Longs
    """[ring]: its first vertex, or below -1 where it is packed."""
    tail: Ints
    """[ring]: the last vertex; of a packed ring, its bytes."""
    next: Ints
    """[ring]: the next ring of the same component, or -1."""
    free: Ints
    """Numbers that are free again, a stack of counters[FREE_RINGS]."""


class Line(NamedTuple):
    """What is known along the line between two rows."""

    labels: Ints
    """[column]: components of the row above, -1 for nodata."""
    arriving: Ints
    """[column + 1]: the chain whose tail comes down to this corner, or -1."""
    leaving: Ints
    """[column + 1]: the chain whose head goes up from this corner, or -1."""


class Closed(NamedTuple):
    """Components that are complete, until they are taken: rings of vertices, one after another,
    the outer one first.
    """

    x: Ints
    """[vertex]: column * 4 + flags."""
    y: Ints
    """[vertex]: row."""
    start: Longs
    """[ring + 1]: first vertex of each ring."""
    signed_area2: Longs
    """[ring]: twice the signed area in pixels; above 0 for an outer ring."""
    self_touching: Bytes
    """[ring]: whether it may touch itself."""
    first: Longs
    """[component + 1]: first ring of each component."""
    value: Values
    """[component]: its class or object, as in the rows that were fed."""
    origin: Longs
    """[component]: index of its first pixel, row by row."""
    pixels: Longs
    """[component]: number of its pixels."""
    area: Floats
    """[component]: square metres on the ellipsoid; pixels where there is no CRS."""
    least: Bytes
    """[component]: least confidence, percent; 255 where none was given."""
    sums: Floats
    """[component, measure]: of the confidence in percent; then of each band, and its valid
    pixels."""


def padded(width: int) -> int:
    """Return the length of a row that is filled up with nodata, one word of eight pixels at
    least.

    Parameters
    ----------
    width
        Columns of the raster.

    Returns
    -------
    int
        A multiple of 8 that is at least 8 above `width`.
    """
    return (width + 7) // 8 * 8 + 8


def vertex_pool(size: int) -> Ints:
    """Return room for so many corners of open borders, 12 bytes each.

    Parameters
    ----------
    size
        Number of vertices.

    Returns
    -------
    Ints
        int32 [vertex, 3], not initialised.
    """
    return np.empty((size, 3), np.int32)


def chain_pool(width: int) -> Chains:
    """Return room for all chains that can be open at once: two on each vertical edge, and those
    of this row.

    Parameters
    ----------
    width
        Columns of the raster.

    Returns
    -------
    Chains
        Arrays of equal length, not initialised.
    """
    kinds = (np.int32, np.int32, np.int32, np.float64, np.int32)
    return Chains(*(np.empty(4 * width + 64, kind) for kind in kinds))  # type: ignore[arg-type]


def component_pool(width: int, measures: int, values: PixelValues = CLASSES) -> Components:
    """Return room for all components that can be open at once, those of two rows, and some that
    were merged.

    Parameters
    ----------
    width
        Columns of the raster.
    measures
        Sums that are kept for each: see `Components.sums`.
    values
        What the raster's pixels hold.

    Returns
    -------
    Components
        Arrays of equal length, not initialised.
    """
    size = 5 * width // 2 + 64
    kinds = (*(np.int32,) * 4, values.dtype, np.int64, np.float64, np.uint8)
    pools: list[npt.NDArray[Any]] = [np.empty(size, kind) for kind in kinds]
    lists = [np.empty(size, np.int32) for _ in range(3)]
    return Components._make([*pools, np.empty((size, measures)), *lists])


def ring_pool(size: int) -> Rings:
    """Return room for so many rings.

    Parameters
    ----------
    size
        Number of rings.

    Returns
    -------
    Rings
        Arrays of this length, not initialised.
    """
    return Rings(np.empty(size, np.int64), *(np.empty(size, np.int32) for _ in range(3)))


def first_line(width: int) -> Line:
    """Return the line above the first row: no components, no chains.

    Parameters
    ----------
    width
        Columns of the raster.

    Returns
    -------
    Line
        Arrays of padded(width) + 1, all -1.
    """
    return Line(*(np.full(padded(width) + 1, -1, np.int32) for _ in range(3)))


def padded_rows(before: Values, strip: Values, void: int) -> Values:
    """Return the row above a strip and the strip's, filled up with nodata.

    Parameters
    ----------
    before
        Classes or objects of the row above, [column].
    strip
        Those of the strip, [row, column].
    void
        The number of pixels of no component.

    Returns
    -------
    Values
        [row + 1, padded column], C-contiguous.
    """
    filled: Values = np.full((len(strip) + 1, padded(strip.shape[1])), void, before.dtype)
    filled[0, : len(before)] = before
    filled[1:, : len(before)] = strip
    return filled


def closed_pool(vertices: int, rings: int, measures: int, values: PixelValues = CLASSES) -> Closed:
    """Return room for so many vertices and rings of complete components.

    Parameters
    ----------
    vertices
        Number of vertices.
    rings
        Number of rings, and of components at most.
    measures
        Sums that are kept for each component: see `Closed.sums`.
    values
        What the raster's pixels hold.

    Returns
    -------
    Closed
        Arrays, not initialised but for `start` and `first`, which are 0.
    """
    return Closed(
        x=np.empty(vertices, np.int32),
        y=np.empty(vertices, np.int32),
        start=np.zeros(rings + 1, np.int64),
        signed_area2=np.empty(rings, np.int64),
        self_touching=np.empty(rings, np.uint8),
        first=np.zeros(rings + 1, np.int64),
        value=np.empty(rings, values.dtype),
        origin=np.empty(rings, np.int64),
        pixels=np.empty(rings, np.int64),
        area=np.empty(rings),
        least=np.empty(rings, np.uint8),
        sums=np.empty((rings, measures)),
    )


def grown(pool: Any, larger: Any) -> Any:
    """Copy a pool's array, or all its arrays, into those of a larger one.

    Parameters
    ----------
    pool
        An array or a named tuple of arrays.
    larger
        The same with longer arrays; it is written to.

    Returns
    -------
    Any
        `larger`.
    """
    if isinstance(pool, np.ndarray):
        larger[: len(pool)] = pool
        return larger
    for old, new in zip(pool, larger, strict=True):
        new[: len(old)] = old
    return larger


LONGEST = 6  # bytes of one number at most: 32 bits of a step, and 4 for sign, axis and flags


def pack_rings(
    labels: Ints,
    packed: Bytes,
    vertices: Ints,
    components: Components,
    rings: Rings,
    counters: Longs,
) -> Bytes:
    """Return the packed rings of all open components, those in `packed` as well; their vertices
    are free again.

    Parameters
    ----------
    labels
        Components of the last row, int32 [column]: all that are open.
    packed
        What was packed before.
    vertices, components, rings, counters
        The tracer's state, see the module; it is changed.

    Returns
    -------
    Bytes
        What takes the place of `packed`, uint8 [byte].
    """
    room = np.empty(
        len(packed) + LONGEST * (int(counters[VERTICES]) + 3 * len(rings.head)), np.uint8
    )  # touched as it fills
    counters[PACKED] = 0
    done = np.zeros(len(components.parent), np.bool_)
    pack_into(labels, done, packed, room, vertices, components, rings, counters)
    return room[: counters[PACKED]].copy()


@kernel_part
def put(data: Bytes, at: int, number: int) -> int:
    """Write a number that is not negative.

    Parameters
    ----------
    data
        Packed rings, uint8 [byte].
    at
        The byte to begin at.
    number
        What to write.

    Returns
    -------
    int
        The byte after it.
    """
    while number > 127:
        data[at] = number & 127 | 128
        number >>= 7
        at += 1
    data[at] = number
    return at + 1


@kernel_part
def get(data: Bytes, at: int) -> tuple[int, int]:
    """Read a number.

    Parameters
    ----------
    data
        Packed rings, uint8 [byte].
    at
        The byte at which it begins.

    Returns
    -------
    tuple[int, int]
        The number, and the byte after it.
    """
    number = 0
    shift = 0
    while data[at] > 127:
        number |= (int(data[at]) & 127) << shift
        shift += 7
        at += 1
    return number | int(data[at]) << shift, at + 1


@kernel_part
def moved(number: int, x: int, y: int) -> tuple[int, int]:
    """Return the vertex that a step of a packed ring leads to.

    Parameters
    ----------
    number
        length * 16 + 8 if towards lower numbers + 4 if along a column + flags.
    x, y
        The vertex before: column * 4 + flags, and row.

    Returns
    -------
    tuple[int, int]
        The vertex, likewise.
    """
    size = number >> 4
    if number & 8:
        size = -size
    if number & 4:
        return (x >> 2) * 4 + (number & 3), y + size
    return ((x >> 2) + size) * 4 + (number & 3), y


@kernel_part
def pack_ring(data: Bytes, at: int, vertices: Ints, head: int) -> int:
    """Write a ring's vertices.

    Parameters
    ----------
    data
        Packed rings, uint8 [byte].
    at
        The byte to begin at.
    vertices
        The pool that they are in.
    head
        The ring's first vertex.

    Returns
    -------
    int
        The byte after them.
    """
    count = 0
    vertex = head
    while vertex >= 0:
        count += 1
        vertex = vertices[vertex, NEXT_VERTEX]
    x = vertices[head, X]
    y = vertices[head, Y]
    at = put(data, put(data, put(data, at, count), int64(x)), int64(y))
    vertex = vertices[head, NEXT_VERTEX]
    while vertex >= 0:
        across = (vertices[vertex, X] >> 2) - (x >> 2)
        down = vertices[vertex, Y] - y
        x = vertices[vertex, X]
        y = vertices[vertex, Y]
        size = down if down else across
        step = (-size << 4 | 8 if size < 0 else size << 4) | (4 if down else 0) | x & 3
        at = put(data, at, step)
        vertex = vertices[vertex, NEXT_VERTEX]
    return at


@bare
def pack_into(
    labels: Ints,
    done: npt.NDArray[np.bool_],
    packed: Bytes,
    room: Bytes,
    vertices: Ints,
    components: Components,
    rings: Rings,
    counters: Longs,
) -> None:
    """Pack the closed rings of the components in a row; counters[PACKED] becomes the bytes taken.

    Parameters
    ----------
    labels
        Components of the last row, int32 [column].
    done
        All False, [component].
    packed
        What was packed before.
    room
        Where to: uint8 [byte], long enough.
    vertices, components, rings, counters
        The tracer's state, see the module; it is changed.
    """
    at = int64(0)
    for label in labels:
        component = label
        while component >= 0 and components.parent[component] != component:
            component = components.parent[component]
        if component < 0 or done[component]:
            continue
        done[component] = True
        ring = components.first_ring[component]
        while ring >= 0:
            head = rings.head[ring]
            begin = at
            if head >= 0:
                at = pack_ring(room, at, vertices, head)
                vertices[rings.tail[ring], NEXT_VERTEX] = counters[FREE_VERTEX]
                rings.tail[ring] = at - begin
                counters[FREE_VERTEX] = head
                counters[VERTICES] -= get(room, begin)[0]
            else:
                old = -2 - head
                size = rings.tail[ring]
                for i in range(size):
                    room[at + i] = packed[old + i]
                at += size
            rings.head[ring] = -2 - begin
            ring = rings.next[ring]
    counters[PACKED] = at
