"""GeoParquet 1.1: WKB and a bbox column, in the order in which the regions close, top to bottom."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyproj import CRS

from ..style import Legend
from .jit import compiled
from .polygons import GEOMETRY
from .state import Bytes, Floats, Ints

SIDES = ("xmin", "ymin", "xmax", "ymax")


def write(path: Path, layer: str, reader: Any, crs: str | None, legend: Legend) -> None:  # noqa: ARG001
    """Write the record batches of `reader` as a new GeoParquet file (geoparquet.org/releases/v1.1.0)."""
    fields = [*reader.schema, pa.field("bbox", pa.struct([(side, pa.float64()) for side in SIDES]))]
    schema = pa.schema(fields, metadata={"geo": json.dumps(_metadata(crs))})
    with pq.ParquetWriter(path, schema, compression="zstd") as file:
        for batch in reader:
            file.write_batch(pa.RecordBatch.from_arrays([*batch.columns, _boxes(batch)], schema=schema))


def _metadata(crs: str | None) -> dict[str, Any]:
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": ["Polygon"],
        "crs": CRS.from_user_input(crs).to_json_dict() if crs else None,
        "covering": {"bbox": {side: ["bbox", side] for side in SIDES}},
    }
    return {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}


def _boxes(batch: Any) -> Any:
    _, offsets, data = batch.column(GEOMETRY).buffers()
    boxes = np.empty((4, batch.num_rows))
    bounds(np.frombuffer(offsets, np.int32), np.frombuffer(data, np.uint8) if data else np.empty(0, np.uint8), boxes)
    return pa.StructArray.from_arrays([pa.array(box) for box in boxes], names=list(SIDES))


@compiled
def bounds(offsets: Ints, data: Bytes, boxes: Floats) -> None:
    """Find the bounds [side, polygon] of WKB polygons by their outer rings."""
    word, pair = np.empty(1, np.uint32), np.empty(2, np.float64)
    word_bytes, pair_bytes = word.view(np.uint8), pair.view(np.uint8)
    for polygon in range(boxes.shape[1]):
        k = offsets[polygon] + 9
        word_bytes[:] = data[k : k + 4]
        boxes[0, polygon] = boxes[1, polygon] = np.inf
        boxes[2, polygon] = boxes[3, polygon] = -np.inf
        for i in range(word[0]):
            pair_bytes[:] = data[k + 4 + 16 * i : k + 20 + 16 * i]
            boxes[0, polygon], boxes[1, polygon] = min(boxes[0, polygon], pair[0]), min(boxes[1, polygon], pair[1])
            boxes[2, polygon], boxes[3, polygon] = max(boxes[2, polygon], pair[0]), max(boxes[3, polygon], pair[1])
