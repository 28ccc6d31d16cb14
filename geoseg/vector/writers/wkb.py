"""Outlines as well-known binary (OGC 06-103r4, 8.2), little-endian, straight into one buffer."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...core.arrays import Bytes, Floats, Ints
from ...core.errors import RunError
from ...core.jit import bare
from ..trace.rings import Outlines, ring_turns

POLYGON = 3
MULTIPOLYGON = 6
LARGEST = 2**31 - 1  # bytes of one batch: Arrow's offsets are int32
Halves = npt.NDArray[np.uint32]


def wkb(o: Outlines, transform: tuple[float, ...], multi: bool = False) -> tuple[Ints, Bytes]:
    """Return the regions as polygons, or all as multipolygons: the offset of each, and all bytes
    one after another.

    In a multipolygon each outer ring, one of positive area, is followed by its holes.
    """
    outer = (ring_turns(o) > 0).astype(np.uint8) if multi else np.empty(0, np.uint8)
    regions = len(o.first) - 1
    rings = len(o.start) - 1
    size = (
        9 * (regions + int(outer.sum())) + 20 * rings + 16 * len(o.x)
    )  # a closed ring repeats its first vertex
    if size > LARGEST:
        raise RunError(
            f"polygons that end in the same rows have {len(o.x)} vertices",
            f"at most {LARGEST // 16}",
            "simplify them, or cut the raster",
        )
    offsets = np.zeros(regions + 1, np.int32)
    data = np.empty(size, np.uint8)
    word = np.empty(1, np.uint32)
    pair = np.empty(2, np.float64)
    write_wkb(
        o,
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
def put(data: Bytes, k: int, given: Bytes) -> int:
    """Write bytes at byte k; return the byte after them."""
    to = data[k : k + len(given)]
    for i in range(
        len(given)
    ):  # of indices from 0 the compiler knows the sign, and moves many bytes at once
        to[i] = given[i]
    return k + len(given)


@bare
def head(data: Bytes, k: int, kind: int, count: int, word: Halves, word_bytes: Bytes) -> int:
    """Write the byte order, a kind of shape and the number of its parts; return the byte after
    them.
    """
    data[k] = 1
    word[0] = kind
    k = put(data, k + 1, word_bytes)
    word[0] = count
    return put(data, k, word_bytes)


@bare
def write_wkb(
    o: Outlines,
    outer: Bytes,
    transform: Floats,
    offsets: Ints,
    data: Bytes,
    word: Halves,
    word_bytes: Bytes,
    pair: Floats,
    pair_bytes: Bytes,
) -> None:
    """Write each region; `outer` tells the rings that begin a part of it, or is empty where each
    has one part.
    """
    a, b, c, d, e, f = transform
    k = 0
    for region in range(len(o.first) - 1):
        first = o.first[region]
        last = o.first[region + 1]
        if len(outer):
            parts = 0
            for ring in range(first, last):
                parts += outer[ring]
            k = head(data, k, MULTIPOLYGON, parts, word, word_bytes)
        for ring in range(first, last):
            if outer[ring] if len(outer) else ring == first:
                stop = ring + 1
                while stop < last and not (len(outer) and outer[stop]):
                    stop += 1
                k = head(data, k, POLYGON, stop - ring, word, word_bytes)
            begin = o.start[ring]
            end = o.start[ring + 1]
            word[0] = end - begin + 1
            k = put(data, k, word_bytes)
            for i in range(begin, end + 1):
                at = i if i < end else begin
                x = o.x[at] >> 2
                y = o.y[at]
                pair[0] = c + a * x + b * y
                pair[1] = f + d * x + e * y
                k = put(data, k, pair_bytes)
        offsets[region + 1] = k
