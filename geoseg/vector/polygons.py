"""Polygons on their way to a file: one row per region, as Arrow record batches with the shapes as WKB."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from ..card import ModelCard

GEOMETRY = "geom"


def schema(metric: bool, confidence: bool) -> Any:
    """Return the columns: the area is in square metres, or in pixels where the raster has no CRS."""
    columns = [("class_id", pa.int32()), ("class", pa.string()), ("area_m2" if metric else "area_px", pa.float64())]
    if confidence:
        columns.append(("confidence", pa.float64()))
    return pa.schema([*(pa.field(name, kind) for name, kind in columns), pa.field(GEOMETRY, pa.binary())])


def class_names(card: ModelCard) -> list[str]:
    """Return the name of each value 0 to 255; a value that is not on the card is called by its number."""
    names = {label.value: label.name for label in card.labels}
    return [names.get(value, f"class {value}") for value in range(256)]
