"""Outlines as well-known binary (OGC 06-103r4, 8.2), little-endian, straight into one buffer; and
the bounds of what is so written.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.arrays import Bytes, Floats, Ints
from ...core.errors import RunError
from ...core.jit import bare, int64, kernel_part
from ...core.raw import load_float64, load_uint32, store
from ..trace.rings import Outlines, signed_areas2

POLYGON = 3
MULTIPOLYGON = 6
LARGEST = 2**31 - 1  # bytes of one batch: Arrow's offsets are int32


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
    write_wkb(shapes, outer, np.array(transform), offsets, data)
    return offsets, data


@kernel_part
def head(data: Bytes, at: int, kind: int, count: int) -> int:
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

    Returns
    -------
    int
        The byte after them.
    """
    data[at] = 1
    store(data, at + 1, np.uint32(kind))
    store(data, at + 5, np.uint32(count))
    return at + 9


@bare
def write_wkb(
    shapes: Outlines, outer: Bytes, transform: Floats, offsets: Ints, data: Bytes
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
    """
    a, b, c, d, e, f = transform
    at = int64(0)
    for component in range(len(shapes.first) - 1):
        first = shapes.first[component]
        last = shapes.first[component + 1]
        if len(outer):
            parts = int64(0)
            for ring in range(first, last):
                parts += outer[ring]
            at = head(data, at, int64(MULTIPOLYGON), parts)
        for ring in range(first, last):
            if outer[ring] if len(outer) else ring == first:
                stop = ring + 1
                while stop < last and not (len(outer) and outer[stop]):
                    stop += 1
                at = head(data, at, int64(POLYGON), stop - ring)
            begin = shapes.start[ring]
            end = shapes.start[ring + 1]
            store(data, at, np.uint32(end - begin + 1))
            at += 4
            for i in range(begin, end + 1):
                vertex = i if i < end else begin
                x = shapes.x[vertex] >> 2
                y = shapes.y[vertex]
                store(data, at, c + a * x + b * y)
                store(data, at + 8, f + d * x + e * y)
                at += 16
        offsets[component + 1] = at


def arrow_bytes(column: Any) -> tuple[Ints, Bytes]:
    """Return what is in a column of bytes or text, without a copy.

    Parameters
    ----------
    column
        An Arrow array of binary or string, which may be a part of another; without nulls.

    Returns
    -------
    tuple[Ints, Bytes]
        The first byte of each value and the one after the last, int32 [row + 1]; and all bytes.
    """
    _, offsets, data = column.buffers()
    if not len(column):
        return np.zeros(1, np.int32), np.empty(0, np.uint8)
    begin = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
    return begin, np.frombuffer(data, np.uint8) if data else np.empty(0, np.uint8)


@bare
def bounds(offsets: Ints, data: Bytes, boxes: Floats) -> None:
    """Find the bounds of polygons or multipolygons by their outer rings.

    Parameters
    ----------
    offsets
        The first byte of each shape and the one after the last, int32 [row + 1].
    data
        The shapes as WKB, little-endian, uint8 [byte].
    boxes
        float64 [side, row], is written: least x and y, greatest x and y.
    """
    for row in range(boxes.shape[1]):
        left = lower = np.inf
        right = upper = -np.inf
        at = offsets[row]
        end = offsets[row + 1]
        if data[at + 1] == MULTIPOLYGON:
            at += 9
        while at < end:  # polygon by polygon
            rings: int = load_uint32(data, at + 5)
            at += 9
            for ring in range(rings):
                count = load_uint32(data, at)
                at += 4
                for i in range(count if ring == 0 else 0):
                    x = load_float64(data, at + 16 * i)
                    y = load_float64(data, at + 16 * i + 8)
                    left = min(left, x)
                    lower = min(lower, y)
                    right = max(right, x)
                    upper = max(upper, y)
                at += 16 * count
        boxes[0, row] = left
        boxes[1, row] = lower
        boxes[2, row] = right
        boxes[3, row] = upper
