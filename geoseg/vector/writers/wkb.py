"""Outlines as well-known binary (OGC 06-103r4, 8.2), little-endian, straight into one buffer.

Numbers of 4 and 8 bytes are put together in `word`, uint32 [1], and `pair`, float64 [2];
`word_bytes` and `pair_bytes` are the same memory as uint8.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...core.arrays import Bytes, Floats, Ints
from ...core.errors import RunError
from ...core.jit import bare
from ..trace.rings import Outlines, signed_areas2

POLYGON = 3
MULTIPOLYGON = 6
LARGEST = 2**31 - 1  # bytes of one batch: Arrow's offsets are int32
Halves = npt.NDArray[np.uint32]


def wkb(shapes: Outlines, transform: tuple[float, ...], multi: bool = False) -> tuple[Ints, Bytes]:
    """Write outlines as polygons, or all as multipolygons.

    Parameters
    ----------
    shapes
        The outlines; for multipolygons each outer ring, one of positive area, is followed by its
        holes.
    transform
        a, b, c, d, e and f of the affine transform from (column, row) to (x, y).
    multi
        Whether all become multipolygons.

    Returns
    -------
    tuple[Ints, Bytes]
        The first byte of each and the one after the last, int32 [component + 1]; and all bytes, one
        after another.

    Raises
    ------
    RunError
        If they are more than 2 GiB, the most that an Arrow array can hold.
    """
    outer = (signed_areas2(shapes) > 0).astype(np.uint8) if multi else np.empty(0, np.uint8)
    components = len(shapes.first) - 1
    rings = len(shapes.start) - 1
    # a closed ring repeats its first vertex
    size = 9 * (components + int(outer.sum())) + 20 * rings + 16 * len(shapes.x)
    if size > LARGEST:
        raise RunError(
            f"polygons that end in the same rows have {len(shapes.x)} vertices",
            f"at most {LARGEST // 16}",
            "simplify them, or cut the raster",
        )
    offsets = np.zeros(components + 1, np.int32)
    data = np.empty(size, np.uint8)
    word = np.empty(1, np.uint32)
    pair = np.empty(2, np.float64)
    write_wkb(
        shapes,
        outer,
        np.array(transform),
        offsets,
        data,
        word,
        word.view(np.uint8),
        pair,
        pair.view(np.uint8),
    )
    return offsets, data


@bare
def put(data: Bytes, at: int, given: Bytes) -> int:
    """Write bytes.

    Parameters
    ----------
    data
        Where to, uint8 [byte].
    at
        The byte to begin at.
    given
        What to write, uint8 [byte].

    Returns
    -------
    int
        The byte after them.
    """
    to = data[at : at + len(given)]
    # of indices from 0 the compiler knows the sign, and moves many bytes at once
    for i in range(len(given)):
        to[i] = given[i]
    return at + len(given)


@bare
def head(data: Bytes, at: int, kind: int, count: int, word: Halves, word_bytes: Bytes) -> int:
    """Write the byte order, a kind of shape and the number of its parts.

    Parameters
    ----------
    data
        Where to, uint8 [byte].
    at
        The byte to begin at.
    kind
        POLYGON or MULTIPOLYGON.
    count
        Its rings, or polygons.
    word, word_bytes
        See the module.

    Returns
    -------
    int
        The byte after them.
    """
    data[at] = 1
    word[0] = kind
    at = put(data, at + 1, word_bytes)
    word[0] = count
    return put(data, at, word_bytes)


@bare
def write_wkb(
    shapes: Outlines,
    outer: Bytes,
    transform: Floats,
    offsets: Ints,
    data: Bytes,
    word: Halves,
    word_bytes: Bytes,
    pair: Floats,
    pair_bytes: Bytes,
) -> None:
    """Write all shapes.

    Parameters
    ----------
    shapes
        See `wkb`.
    outer
        uint8 [ring]: the rings that begin a polygon of a multipolygon; empty for polygons.
    transform
        float64 [6]: see `wkb`.
    offsets
        int32 [component + 1], all 0, is written.
    data
        uint8 [byte], long enough, is written.
    word, word_bytes, pair, pair_bytes
        See the module.
    """
    a, b, c, d, e, f = transform
    at = 0
    for component in range(len(shapes.first) - 1):
        first = shapes.first[component]
        last = shapes.first[component + 1]
        if len(outer):
            parts = 0
            for ring in range(first, last):
                parts += outer[ring]
            at = head(data, at, MULTIPOLYGON, parts, word, word_bytes)
        for ring in range(first, last):
            if outer[ring] if len(outer) else ring == first:
                stop = ring + 1
                while stop < last and not (len(outer) and outer[stop]):
                    stop += 1
                at = head(data, at, POLYGON, stop - ring, word, word_bytes)
            begin = shapes.start[ring]
            end = shapes.start[ring + 1]
            word[0] = end - begin + 1
            at = put(data, at, word_bytes)
            for i in range(begin, end + 1):
                vertex = i if i < end else begin
                x = shapes.x[vertex] >> 2
                y = shapes.y[vertex]
                pair[0] = c + a * x + b * y
                pair[1] = f + d * x + e * y
                at = put(data, at, pair_bytes)
        offsets[component + 1] = at
