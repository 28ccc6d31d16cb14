"""FlatGeobuf (flatgeobuf.org): polygons are written as they come; for a spatial index they are sorted afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
from pyproj import CRS

from ..style import Legend
from . import ogr
from .fgbfeatures import KINDS, Features, encoded, gather
from .flatbuffer import Table, refer
from .formats import Layer
from .hilbert import NODE, hilbert_order, tree
from .polygons import GEOMETRY
from .state import Floats, Longs

MAGIC = b"fgb\x03fgb\x01"
POLYGON = 3
CHUNK = 1 << 23  # bytes that are brought into order at once


def write(path: Path, layer: Layer, reader: Any, legend: Legend) -> None:  # noqa: ARG001
    """Write the record batches of `reader` as a new FlatGeobuf; GDAL does so, more slowly, with multipolygons."""
    if layer.kind != "Polygon":
        index = {"SPATIAL_INDEX": "YES" if layer.index else "NO"}
        ogr.write(path, layer, reader, "FlatGeobuf", layer_options=index)
    elif layer.index:
        _write_sorted(path, layer, reader)
    else:
        _write_as_they_come(path, layer, reader)


def _write_as_they_come(path: Path, layer: Layer, reader: Any) -> None:
    """Write the features behind a header that is written again, with their number and bounds, when these are known."""
    with path.open("wb") as file:
        file.write(header(layer, reader.schema, 0, np.zeros(4)))
        count, bounds = 0, []
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
        starts, boxes = [np.zeros(1, np.int64)], [np.empty((0, 4))]
        for part in _encoded(reader):
            rough.write(part.data.data)
            starts.append(part.start[1:] + starts[-1][-1])
            boxes.append(part.boxes)
        rough.flush()
        start, box = np.concatenate(starts), np.concatenate(boxes)
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


def header(layer: Layer, schema: Any, count: int, bounds: Floats | None = None, node: int = 0) -> bytes:
    """Return the bytes before index and features; how many they are depends on neither count nor bounds."""
    columns = [{0: field.name, 1: ("B", KINDS[field.type])} for field in schema if field.name != GEOMETRY]
    table: dict[int, Any] = {0: layer.name, 2: ("B", POLYGON), 7: columns, 8: ("Q", count), 9: ("H", node)}
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
