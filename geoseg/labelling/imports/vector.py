"""Vector files of any tool: shapes with a column that holds the class."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np

from ...core.errors import InputError
from ...features.class_column import class_column, is_empty
from ...features.layers import open_layer, take_apart
from ..labels import COLUMNS


def read(path: str, column: str, layer: str) -> gpd.GeoDataFrame:
    """Read the shapes of a vector file; each part of one becomes a label.

    Parameters
    ----------
    path
        Of the file, perhaps FILE|layername=NAME.
    column
        Which holds the class; "" for a usual one.
    layer
        Which is meant; "" for the only one.

    Returns
    -------
    GeoDataFrame
        The columns of labels, of which a file of another tool has the class alone: what `width` or
        `time` would mean there is not certain. Rows without a class are left out.

    Raises
    ------
    InputError
        If the file cannot be read, or which column is meant cannot be told.
    """
    found = open_layer(path, layer, "--layer")
    if not found.features:
        raise InputError(f"{found.path} holds no features", "shapes with a class")
    name = class_column(found, column, "--column")
    ours = set(COLUMNS) <= set(found.columns)
    wanted = list(COLUMNS) if ours else [name]
    told, fids, wkb, fields = found.read(columns=wanted, return_fids=True)
    read_fields = dict(zip(told["fields"].tolist(), fields, strict=True))
    parts = take_apart(wkb, found.path)
    order = np.argsort(fids[parts.rows], kind="stable")
    rows = parts.rows[order]
    columns: dict[str, Any] = {key: read_fields[key][rows] for key in COLUMNS if ours}
    columns["class"] = [_text(value) for value in read_fields[name][rows].tolist()]
    frame = gpd.GeoDataFrame(columns, geometry=parts.shapes[order], crs=found.crs)
    return frame[frame["class"].notna()]


def _text(value: Any) -> str | None:
    """Return how a class is called: a number without its fraction of zeros."""
    if is_empty(value):
        return None
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value) if whole else value).strip()
