"""FlatGeobuf (flatgeobuf.org): polygons are written as they come; for a spatial index they are
sorted afterwards.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyproj import CRS

from ...core.arrays import Bytes, Floats, Longs
from ...core.jit import bare
from ...core.style import Legend
from ..polygons import GEOMETRY
from . import ogr
from .layer import Layer
from .wkb import put

MAGIC = b"fgb\x03fgb\x01"
POLYGON = 3
CHUNK = 1 << 23  # bytes that are brought into order at once


def write(path: Path, layer: Layer, reader: Any, legend: Legend) -> None:  # noqa: ARG001
    """Write the record batches of `reader` as a new FlatGeobuf; GDAL does so, more slowly, with
    multipolygons.
    """
    if layer.kind != "Polygon":
        index = {"SPATIAL_INDEX": "YES" if layer.index else "NO"}
        ogr.write_ogr(path, layer, reader, "FlatGeobuf", layer_options=index)
    elif layer.index:
        _write_sorted(path, layer, reader)
    else:
        _write_as_they_come(path, layer, reader)


def _write_as_they_come(path: Path, layer: Layer, reader: Any) -> None:
    """Write the features behind a header that is written again, with their number and bounds,
    when these are known.
    """
    with path.open("wb") as file:
        file.write(header(layer, reader.schema, 0, np.zeros(4)))
        count = 0
        bounds = []
        for part in _encoded(reader):
            file.write(part.data.data)
            count += len(part.boxes)
            bounds.append(_bounds(part.boxes))
        file.seek(0)
        if count:
            file.write(header(layer, reader.schema, count, _bounds(np.array(bounds))))
        else:
            file.truncate(file.write(header(layer, reader.schema, 0)))


def _write_sorted(path: Path, layer: Layer, reader: Any) -> None:
    """Write the features to a temporary file without a name, then in the order of the index."""
    with TemporaryFile(dir=path.parent) as rough, path.open("wb") as file:
        starts = [np.zeros(1, np.int64)]
        boxes = [np.empty((0, 4))]
        for part in _encoded(reader):
            rough.write(part.data.data)
            starts.append(part.start[1:] + starts[-1][-1])
            boxes.append(part.boxes)
        rough.flush()
        start = np.concatenate(starts)
        box = np.concatenate(boxes)
        if not len(box):
            file.write(header(layer, reader.schema, 0))
            return
        order = hilbert_order(box)
        sizes = np.diff(start)[order]
        places = np.cumsum(sizes) - sizes
        file.write(header(layer, reader.schema, len(box), _bounds(box), NODE))
        file.write(tree(box[order], places).data)
        for part in _in_order(rough, start, order, places):
            file.write(part.data)


def _encoded(reader: Any) -> Iterator[Features]:
    return (encoded(batch) for batch in reader if batch.num_rows)


def _in_order(rough: Any, start: Longs, order: Longs, places: Longs) -> Iterator[Any]:
    """Yield the features in their order, some at a time."""
    words = np.memmap(rough, np.uint64, "r")
    for chosen in _chunks(order, places):
        out = np.empty(int((start[chosen + 1] - start[chosen]).sum()) // 8, np.uint64)
        gather(words, start // 8, chosen, out)
        yield out


def _bounds(boxes: Floats) -> Floats:
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def _chunks(order: Longs, places: Longs) -> Iterator[Longs]:
    cuts = np.searchsorted(places, np.arange(CHUNK, int(places[-1]) + 1, CHUNK))
    return (part for part in np.split(order, cuts) if len(part))


def header(
    layer: Layer, schema: Any, count: int, bounds: Floats | None = None, node: int = 0
) -> bytes:
    """Return the bytes before index and features; how many they are depends on neither count nor
    bounds.
    """
    columns = [
        {0: field.name, 1: ("B", KINDS[field.type])} for field in schema if field.name != GEOMETRY
    ]
    table: dict[int, Any] = {
        0: layer.name,
        2: ("B", POLYGON),
        7: columns,
        8: ("Q", count),
        9: ("H", node),
    }
    if bounds is not None:
        table[1] = bounds.tolist()
    if layer.crs:
        table[10] = _crs(CRS.from_user_input(layer.crs))
    out = bytearray(MAGIC + bytes(8))
    refer(out, 12, table)
    out += bytes(-len(out) % 8)
    out[8:12] = (len(out) - 12).to_bytes(4, "little")
    return bytes(out)


def _crs(crs: CRS) -> Table:
    named: dict[int, Any] = {2: crs.name, 4: crs.to_wkt()}
    authority, code = crs.to_authority(min_confidence=100) or ("", "")
    if code.isdecimal():
        named |= {0: authority, 1: ("i", int(code))}
    return named


COORDINATES = 48
Words = npt.NDArray[np.uint32]
KINDS = {pa.int32(): 5, pa.int64(): 7, pa.float64(): 10, pa.string(): 11}  # header.fbs: ColumnType


class Features(NamedTuple):
    """Features one after another, the first byte of each and of what follows, and their bounds."""

    data: Bytes
    start: Longs  # [feature + 1]
    boxes: Floats  # [feature, side]: least x, least y, greatest x, greatest y


class Column(NamedTuple):
    """The values of one column as bytes from `offsets` on; `valid` marks those that are not
    null.
    """

    offsets: Longs  # [row + 1]
    data: Bytes
    valid: Bytes
    text: bool

    @property
    def sizes(self) -> Longs:
        """The bytes of each row's property: with its column's number, and with the length of a
        text.
        """
        return np.where(self.valid, 2 + 4 * self.text + np.diff(self.offsets), 0)


def encoded(batch: Any) -> Features:
    """Return the rows of a batch, whose shapes are polygons in WKB, as features."""
    shapes = _variable(batch.column(GEOMETRY))
    names = [name for name in batch.schema.names if name != GEOMETRY]
    columns = [_column(batch.column(name)) for name in names]
    properties = sum((column.sizes for column in columns), np.zeros(batch.num_rows, np.int64))
    sizes = (
        COORDINATES + np.diff(shapes.offsets) - 9 + 8 + properties
    )  # 9 of WKB; it has 4 for each ring as well
    start = np.concatenate([[0], np.cumsum((sizes + 7) // 8 * 8)])
    data = np.empty(start[-1], np.uint8)
    boxes = np.empty((batch.num_rows, 4))
    at = np.empty(batch.num_rows, np.int64)
    put_shapes(
        shapes.offsets,
        shapes.data,
        properties,
        start,
        data,
        data.view(np.uint32),
        data.view(np.float64),
        at,
        boxes,
    )
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
    ends = np.frombuffer(offsets, np.int32)[values.offset : values.offset + len(values) + 1].astype(
        np.int64
    )
    valid = values.is_valid().to_numpy(zero_copy_only=False).astype(np.uint8)
    return Column(
        ends, np.frombuffer(data, np.uint8) if data else np.empty(0, np.uint8), valid, text=True
    )


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
    offsets: Longs,
    shapes: Bytes,
    properties: Longs,
    start: Longs,
    data: Bytes,
    words: Words,
    doubles: Floats,
    at: Longs,
    boxes: Floats,
) -> None:
    """Write all but the properties, and find the bounds; `at` becomes the byte at which those of
    each row come.

    `words` and `doubles` are `data` by 4 and 8 bytes: all that is written is in its natural place.
    """
    for row in range(len(at)):
        k = start[row]
        source = offsets[row]
        rings = number_at(shapes, source + 5)
        points = (offsets[row + 1] - source - 9 - 4 * rings) // 16
        ends = k + COORDINATES + 16 * points
        at[row] = ends + 8 + 4 * rings
        doubles[start[row + 1] // 8 - 1] = 0.0  # what fills the feature up
        put_head(
            words[k // 4 : ends // 4], start[row + 1] - k - 4, at[row] - 4 - k, ends - k, 2 * points
        )
        words[ends // 4] = rings
        words[at[row] // 4 - 1] = properties[row]
        source = source + 9
        to = k + COORDINATES
        seen = 0
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
    for i in range(
        begin + 2, begin + 2 * points, 2
    ):  # min() and max() look for NaN, which takes longer
        x = xy[i]
        y = xy[i + 1]
        left = x if x < left else left
        right = x if x > right else right
        low = y if y < low else low
        high = y if y > high else high
    box[0] = left
    box[1] = low
    box[2] = right
    box[3] = high


@bare
def put_column(
    number: int, offsets: Longs, values: Bytes, valid: Bytes, text: bool, data: Bytes, at: Longs
) -> None:
    """Write one property of each row where the row's last one ended; a null is left out."""
    for row in range(len(at)):
        if not valid[row]:
            continue
        k = at[row]
        size = offsets[row + 1] - offsets[row]
        data[k] = number & 255
        data[k + 1] = number >> 8
        k += 2
        if text:
            k = put_number(data, k, size)
        at[row] = put(data, k, values[offsets[row] : offsets[row + 1]])


@bare
def gather(
    words: npt.NDArray[np.uint64], start: Longs, order: Longs, out: npt.NDArray[np.uint64]
) -> None:
    """Copy features, which begin at these words, in this order."""
    k = 0
    for feature in order:
        given = words[start[feature] : start[feature + 1]]
        to = out[k : k + len(given)]
        for i in range(len(given)):  # as in put()
            to[i] = given[i]
        k += len(given)


Table = Mapping[int, "Value"]  # by the field's number in its schema
Value = (
    tuple[str, int] | str | Sequence[float] | Sequence[Table] | Table
)  # a number comes with its format


def put_table(out: bytearray, fields: Table) -> int:
    """Append a table and all that it refers to; return its position. Each field takes eight
    bytes.
    """
    slots = max(fields) + 1
    _pad(out, (-len(out) - 4 - 2 * slots + 4) % 8)  # the table comes at 4 mod 8, its fields at 0
    places = {number: 4 + 8 * i for i, number in enumerate(fields)}
    vtable = len(out)
    out += struct.pack(
        f"<{slots + 2}H",
        4 + 2 * slots,
        4 + 8 * len(fields),
        *(places.get(i, 0) for i in range(slots)),
    )
    at = len(out)
    out += struct.pack("<i", at - vtable) + bytes(8 * len(fields))
    for number, value in fields.items():
        if isinstance(value, tuple):
            struct.pack_into(f"<{value[0]}", out, at + places[number], value[1])
        else:
            refer(out, at + places[number], value)
    return at


def refer(out: bytearray, at: int, value: Value) -> None:
    """Append what a reference at this position stands for, and set it: references lead forward
    only.
    """
    if isinstance(value, Mapping):
        target = put_table(out, value)
    elif isinstance(value, str):
        target = _put_string(out, value.encode())
    elif value and isinstance(value[0], Mapping):
        target = _put_tables(out, cast(Sequence[Table], value))  # the first tells the kind of all
    else:
        target = _put_doubles(out, cast(Sequence[float], value))
    struct.pack_into("<I", out, at, target - at)


def _put_string(out: bytearray, text: bytes) -> int:
    _pad(out, -len(out) % 4)
    at = len(out)
    out += struct.pack("<I", len(text)) + text + b"\0"
    return at


def _put_doubles(out: bytearray, values: Sequence[float]) -> int:
    _pad(out, (4 - len(out)) % 8)
    at = len(out)
    out += struct.pack(f"<I{len(values)}d", len(values), *values)
    return at


def _put_tables(out: bytearray, tables: Sequence[Table]) -> int:
    _pad(out, -len(out) % 4)
    at = len(out)
    out += struct.pack("<I", len(tables)) + bytes(4 * len(tables))
    for i, table in enumerate(tables):
        refer(out, at + 4 + 4 * i, table)
    return at


def _pad(out: bytearray, count: int) -> None:
    out += bytes(count)


NODE = 16  # children of a node
BITS = 16  # of the curve's grid, in each direction
ENTRY = np.dtype([("box", "<f8", 4), ("at", "<u8")])


def hilbert_order(boxes: Floats) -> Longs:
    """Return the features in the order in which the curve comes through the middles of their
    boxes [feature, side].
    """
    low = boxes[:, :2].min(axis=0)
    high = boxes[:, 2:].max(axis=0)
    span = np.where(high > low, high - low, 1.0)
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    cells = ((middles - low) / span * ((1 << BITS) - 1)).astype(np.int64)
    along = np.empty(len(boxes), np.int64)
    distances(cells, along)
    return np.argsort(along, kind="stable")


@bare
def distances(cells: Longs, along: Longs) -> None:
    """Find how far along the curve each cell (column, row) lies: quarter by quarter, each one
    turned to its place.
    """
    for i in range(len(along)):
        x = cells[i, 0]
        y = cells[i, 1]
        far = 0
        side = 1 << BITS - 1
        while side:
            right = int(x & side > 0)
            upper = int(y & side > 0)
            far += side * side * ((3 * right) ^ upper)
            if not upper:
                if right:
                    # only the bits below `side` are looked at from here on
                    x = ~x
                    y = ~y
                x, y = y, x
            side >>= 1
        along[i] = far


def tree(boxes: Floats, starts: Longs) -> npt.NDArray[Any]:
    """Return the nodes, the root first: those of features tell at which byte these begin, others
    their first child.
    """
    levels = [_nodes(boxes, starts)]
    while len(levels) == 1 or len(levels[-1]) > 1:
        below = levels[-1]["box"]
        first = np.arange(0, len(below), NODE)
        sides = [np.minimum.reduceat(below[:, :2], first), np.maximum.reduceat(below[:, 2:], first)]
        levels.append(_nodes(np.concatenate(sides, axis=1), first))
    levels.reverse()
    for i, level in enumerate(levels[:-1]):
        level["at"] += sum(len(above) for above in levels[: i + 1])
    return np.concatenate(levels)


def _nodes(boxes: Floats, places: Longs) -> npt.NDArray[Any]:
    nodes = np.empty(len(boxes), ENTRY)
    nodes["box"] = boxes
    nodes["at"] = places
    return nodes
