"""GeoParquet 1.1: WKB and a bbox column, in the order in which components close, top to bottom."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyproj import CRS

from ...core.arrays import Bytes, Floats, Ints
from ...core.jit import compiled
from ...core.provenance import TAG
from ...core.style import Legend
from ..polygons import GEOMETRY
from .layer import Layer
from .wkb import MULTIPOLYGON

SIDES = ("xmin", "ymin", "xmax", "ymax")


def write(path: Path, layer: Layer, reader: Any, legend: Legend) -> None:  # noqa: ARG001
    """Write a new GeoParquet file (geoparquet.org/releases/v1.1.0).

    Parameters
    ----------
    path, layer, reader, legend
        As for every `Writer`; the format holds no colours and has no index but bounds.
    """
    fields = [*reader.schema, pa.field("bbox", pa.struct([(side, pa.float64()) for side in SIDES]))]
    told = {TAG: layer.provenance} if layer.provenance else {}
    schema = pa.schema(fields, metadata={"geo": json.dumps(_metadata(layer)), **told})
    with pq.ParquetWriter(path, schema, compression="zstd") as file:
        for batch in reader:
            file.write_batch(
                pa.RecordBatch.from_arrays([*batch.columns, _boxes(batch)], schema=schema)
            )


def _metadata(layer: Layer) -> dict[str, Any]:
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": [layer.kind],
        "crs": CRS.from_user_input(layer.crs).to_json_dict() if layer.crs else None,
        "covering": {"bbox": {side: ["bbox", side] for side in SIDES}},
    }
    return {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}


def _boxes(batch: Any) -> Any:
    _, offsets, data = batch.column(GEOMETRY).buffers()
    boxes = np.empty((4, batch.num_rows))
    bounds(
        np.frombuffer(offsets, np.int32),
        np.frombuffer(data, np.uint8) if data else np.empty(0, np.uint8),
        boxes,
    )
    return pa.StructArray.from_arrays([pa.array(box) for box in boxes], names=list(SIDES))


@compiled
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
    word = np.empty(1, np.uint32)
    pair = np.empty(2, np.float64)
    word_bytes = word.view(np.uint8)
    pair_bytes = pair.view(np.uint8)
    for row in range(boxes.shape[1]):
        boxes[0, row] = boxes[1, row] = np.inf
        boxes[2, row] = boxes[3, row] = -np.inf
        k = offsets[row]
        end = offsets[row + 1]
        if data[k + 1] == MULTIPOLYGON:
            k += 9
        while k < end:  # polygon by polygon
            word_bytes[:] = data[k + 5 : k + 9]
            rings = int(word[0])
            k += 9
            for ring in range(rings):
                word_bytes[:] = data[k : k + 4]
                k += 4
                for i in range(int(word[0]) if ring == 0 else 0):
                    pair_bytes[:] = data[k + 16 * i : k + 16 * i + 16]
                    boxes[0, row] = min(boxes[0, row], pair[0])
                    boxes[1, row] = min(boxes[1, row], pair[1])
                    boxes[2, row] = max(boxes[2, row], pair[0])
                    boxes[3, row] = max(boxes[3, row], pair[1])
                k += 16 * int(word[0])
