"""Shapefile: several files of at most 2 GB, with column names of at most 10 letters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from ..errors import InputError
from ..style import Legend
from . import ogr
from .formats import Layer

LONGEST = 10  # letters of a name in dBASE
NAMES = {"perimeter_m": "perim_m", "perimeter_px": "perim_px", "confidence_min": "conf_min"}


def write(path: Path, layer: Layer, reader: Any, legend: Legend) -> None:  # noqa: ARG001
    """Write the record batches of `reader` as a new shapefile; past 2 GB it is an error, not a file few can read."""
    long = [field.name for field in reader.schema if len(NAMES.get(field.name, field.name)) > LONGEST]
    if long:
        raise InputError(f"the column {long[0]} in a shapefile", f"names of at most {LONGEST} letters",
                         "choose another format")  # fmt: skip
    schema = pa.schema([field.with_name(NAMES.get(field.name, field.name)) for field in reader.schema])
    renamed = (pa.RecordBatch.from_arrays(batch.columns, schema=schema) for batch in reader)
    options = {"2GB_LIMIT": "YES", "ENCODING": "UTF-8"}
    made = path.with_suffix(".shp")  # GDAL writes small letters, whatever the name's are
    ogr.write(made, layer, pa.RecordBatchReader.from_batches(schema, renamed), "ESRI Shapefile",
              layer_options=options)  # fmt: skip
    made.rename(path)
