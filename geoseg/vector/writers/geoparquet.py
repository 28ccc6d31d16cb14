"""GeoParquet 1.1: WKB and a bbox column, in the order in which components close, top to bottom."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyproj import CRS

from ...core.provenance import TAG
from ...core.style import Legend
from ...core.threads import iterate_in_background
from ..polygons import GEOMETRY
from .layer import Layer
from .wkb import arrow_bytes, bounds

SIDES = ("xmin", "ymin", "xmax", "ymax")
# of a row group: the thousand rows of a batch, as a group of their own, would be half heads
GROUP_BYTES = 16 << 20
ROW_BYTES = 100  # of its other columns
FEW_VALUES = ["class_id", "class"]  # a dictionary of them is small; of the others it is never


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
    with (
        pq.ParquetWriter(
            path, schema, compression="zstd", compression_level=1, use_dictionary=FEW_VALUES
        ) as file,
        # the next one is gathered while one is written
        closing(iterate_in_background(row_groups(reader), depth=1)) as groups,
    ):
        for group in groups:
            rows = [
                pa.RecordBatch.from_arrays([*batch.columns, _boxes(batch)], schema=schema)
                for batch in group
            ]
            file.write_table(pa.Table.from_batches(rows, schema))


def row_groups(batches: Iterable[Any]) -> Iterator[list[Any]]:
    """Gather record batches to row groups.

    The groups depend on the rows alone, and not on where one batch ends and the next begins.

    Parameters
    ----------
    batches
        With rows.

    Yields
    ------
    list
        Batches of GROUP_BYTES together, and what is left at the end.
    """
    group: list[Any] = []
    room = GROUP_BYTES
    for batch in batches:
        rest = batch
        while rest.num_rows:
            begin, _ = arrow_bytes(rest.column(GEOMETRY))
            sizes = np.diff(begin).astype(np.int64) + ROW_BYTES
            ends = np.cumsum(sizes)
            whole = int(np.searchsorted(ends, room)) + 1  # rows until the group is full
            group.append(rest.slice(0, whole))
            room -= int(ends[min(whole, len(ends)) - 1])
            rest = rest.slice(whole)
            if room <= 0:
                yield group
                group = []
                room = GROUP_BYTES
    if group:
        yield group


def _metadata(layer: Layer) -> dict[str, Any]:
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": [layer.kind],
        "crs": CRS.from_user_input(layer.crs).to_json_dict() if layer.crs else None,
        "covering": {"bbox": {side: ["bbox", side] for side in SIDES}},
    }
    return {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}


def _boxes(batch: Any) -> Any:
    boxes = np.empty((4, batch.num_rows))
    bounds(*arrow_bytes(batch.column(GEOMETRY)), boxes)
    return pa.StructArray.from_arrays([pa.array(box) for box in boxes], names=list(SIDES))
