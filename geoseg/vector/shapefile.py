"""Shapefile: several files of at most 2 GB, with column names of at most 10 letters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from ..style import Legend
from . import ogr

NAMES = {"perimeter_m": "perim_m", "perimeter_px": "perim_px", "confidence_min": "conf_min"}


def write(path: Path, layer: str, reader: Any, crs: str | None, legend: Legend) -> None:  # noqa: ARG001
    """Write the record batches of `reader` as a new shapefile; past 2 GB it is an error, not a file few can read."""
    schema = pa.schema([field.with_name(NAMES.get(field.name, field.name)) for field in reader.schema])
    renamed = (pa.RecordBatch.from_arrays(batch.columns, schema=schema) for batch in reader)
    options = {"2GB_LIMIT": "YES", "ENCODING": "UTF-8"}
    ogr.write(path, layer, pa.RecordBatchReader.from_batches(schema, renamed), crs, "ESRI Shapefile",
              layer_options=options)  # fmt: skip
