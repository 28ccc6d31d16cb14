"""Record batches of polygons as features of a FlatGeobuf: flatbuffers of one fixed form, without a Python object each.

Bytes from a feature's start, all of it little-endian (flatbuffers.dev/internals,
flatgeobuf.org: feature.fbs): 0 its size without these 4; 4 where its table is; 8 the fields
of both tables; 16 the table: geometry, properties; 28 the geometry's table: ends, xy;
44 the number of coordinates; 48 these; then the rings' ends; then the properties, each its
column's number and its value. Features are filled up to whole words of eight bytes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .jit import bare
from .polygons import GEOMETRY
from .state import Bytes, Floats, Longs
from .wkb import put

COORDINATES = 48
Words = npt.NDArray[np.uint32]
KINDS = {pa.int32(): 5, pa.int64(): 7, pa.float64(): 10, pa.string(): 11}  # header.fbs: ColumnType


class Features(NamedTuple):
    """Features one after another, the first byte of each and of what follows, and their bounds."""

    data: Bytes
    start: Longs  # [feature + 1]
    boxes: Floats  # [feature, side]: least x, least y, greatest x, greatest y


class Column(NamedTuple):
    """The values of one column as bytes from `offsets` on; `valid` marks those that are not null."""

    offsets: Longs  # [row + 1]
    data: Bytes
    valid: Bytes
    text: bool

    @property
    def sizes(self) -> Longs:
        """The bytes of each row's property: with its column's number, and with the length of a text."""
        return np.where(self.valid, 2 + 4 * self.text + np.diff(self.offsets), 0)


def encoded(batch: Any) -> Features:
    """Return the rows of a batch, whose shapes are polygons in WKB, as features."""
    shapes = _variable(batch.column(GEOMETRY))
    names = [name for name in batch.schema.names if name != GEOMETRY]
    columns = [_column(batch.column(name)) for name in names]
    properties = sum((column.sizes for column in columns), np.zeros(batch.num_rows, np.int64))
    sizes = COORDINATES + np.diff(shapes.offsets) - 9 + 8 + properties  # 9 of WKB; it has 4 for each ring as well
    start = np.concatenate([[0], np.cumsum((sizes + 7) // 8 * 8)])
    data, boxes, at = np.empty(start[-1], np.uint8), np.empty((batch.num_rows, 4)), np.empty(batch.num_rows, np.int64)
    put_shapes(shapes.offsets, shapes.data, properties, start, data, data.view(np.uint32), data.view(np.float64),
               at, boxes)  # fmt: skip
    for number, column in enumerate(columns):
        put_column(number, column.offsets, column.data, column.valid, column.text, data, at)
    return Features(data, start, boxes)


def _column(values: Any) -> Column:
    if values.type == pa.string():
        return _variable(values)
    valid = values.is_valid().to_numpy(zero_copy_only=False).astype(np.uint8)
    raw: npt.NDArray[Any] = np.ascontiguousarray(values.to_numpy(zero_copy_only=False))
    return Column(np.arange(len(raw) + 1) * raw.itemsize, raw.view(np.uint8), valid, text=False)


def _variable(values: Any) -> Column:
    _, offsets, data = values.buffers()
    ends = np.frombuffer(offsets, np.int32)[values.offset : values.offset + len(values) + 1].astype(np.int64)
    valid = values.is_valid().to_numpy(zero_copy_only=False).astype(np.uint8)
    return Column(ends, np.frombuffer(data, np.uint8) if data else np.empty(0, np.uint8), valid, text=True)


@bare
def number_at(data: Bytes, k: int) -> int:
    """Return the number of 32 bits at byte k."""
    return int(data[k]) | int(data[k + 1]) << 8 | int(data[k + 2]) << 16 | int(data[k + 3]) << 24


@bare
def put_number(data: Bytes, k: int, number: int) -> int:
    """Write a number of 32 bits at byte k; return the byte after it."""
    for i in range(4):
        data[k + i] = number >> 8 * i & 255
    return k + 4


@bare
def put_shapes(
    offsets: Longs, shapes: Bytes, properties: Longs, start: Longs, data: Bytes, words: Words, doubles: Floats,
    at: Longs, boxes: Floats,
) -> None:  # fmt: skip
    """Write all but the properties, and find the bounds; `at` becomes the byte at which those of each row come.

    `words` and `doubles` are `data` by 4 and 8 bytes: all that is written is in its natural place.
    """
    for row in range(len(at)):
        k, source = start[row], offsets[row]
        rings = number_at(shapes, source + 5)
        points = (offsets[row + 1] - source - 9 - 4 * rings) // 16
        ends = k + COORDINATES + 16 * points
        at[row] = ends + 8 + 4 * rings
        doubles[start[row + 1] // 8 - 1] = 0.0  # what fills the feature up
        put_head(words[k // 4 : ends // 4], start[row + 1] - k - 4, at[row] - 4 - k, ends - k, 2 * points)
        words[ends // 4] = rings
        words[at[row] // 4 - 1] = properties[row]
        source, to, seen = source + 9, k + COORDINATES, 0
        for ring in range(rings):
            count = number_at(shapes, source)
            to = put(data, to, shapes[source + 4 : source + 4 + 16 * count])
            source += 4 + 16 * count
            seen += count
            words[ends // 4 + 1 + ring] = seen
        put_box(doubles, (k + COORDINATES) // 8, words[ends // 4 + 1], boxes[row])


@bare
def put_head(words: Words, size: int, properties: int, ends: int, coordinates: int) -> None:
    """Write a feature's first bytes; where properties and ends are is counted from its start."""
    words[0] = size
    words[1] = 16 - 4
    words[2] = 8 | 12 << 16  # the fields of both tables: 8 bytes of this, 12 of a table,
    words[3] = 4 | 8 << 16  # the first field at its byte 4, the second one at its byte 8
    words[4] = 16 - 8
    words[5] = 28 - 20
    words[6] = properties - 24
    words[7] = 28 - 8
    words[8] = ends - 32
    words[9] = 44 - 36
    words[10] = 0
    words[11] = coordinates


@bare
def put_box(xy: Floats, begin: int, points: int, box: Floats) -> None:
    """Find the bounds of points."""
    left = right = xy[begin]
    low = high = xy[begin + 1]
    for i in range(begin + 2, begin + 2 * points, 2):  # min() and max() look for NaN, which takes longer
        x, y = xy[i], xy[i + 1]
        left = x if x < left else left
        right = x if x > right else right
        low = y if y < low else low
        high = y if y > high else high
    box[0], box[1], box[2], box[3] = left, low, right, high


@bare
def put_column(
    number: int, offsets: Longs, values: Bytes, valid: Bytes, text: bool, data: Bytes, at: Longs
) -> None:  # fmt: skip
    """Write one property of each row where the row's last one ended; a null is left out."""
    for row in range(len(at)):
        if not valid[row]:
            continue
        k, size = at[row], offsets[row + 1] - offsets[row]
        data[k], data[k + 1] = number & 255, number >> 8
        k += 2
        if text:
            k = put_number(data, k, size)
        at[row] = put(data, k, values[offsets[row] : offsets[row + 1]])


@bare
def gather(words: npt.NDArray[np.uint64], start: Longs, order: Longs, out: npt.NDArray[np.uint64]) -> None:
    """Copy features, which begin at these words, in this order."""
    k = 0
    for feature in order:
        given = words[start[feature] : start[feature + 1]]
        to = out[k : k + len(given)]
        for i in range(len(given)):  # as in put()
            to[i] = given[i]
        k += len(given)
