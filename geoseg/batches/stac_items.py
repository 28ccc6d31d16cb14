"""STAC items from a file: an Item, an ItemCollection (JSON), or GeoParquet of items
(stac-geoparquet).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ..core.errors import InputError
from ..core.files import check_regular

JSON = (".json", ".geojson")
PARQUET = (".parquet", ".geoparquet")
MOST = 1 << 30  # bytes of JSON, which takes several times as much memory
ROWS = 1024  # items that are read at a time
LEFT_OUT = (
    "geometry",
    "bbox",
    "links",
    "type",
    "stac_version",
    "stac_extensions",
)  # columns that say nothing of pixels
OWN = (
    "id",
    "assets",
    "collection",
    "links",
)  # fields of an item; all other columns are its properties
EXPECTED = "a STAC Item, an ItemCollection (FeatureCollection of items), or GeoParquet of items"


def holds_items(path: str) -> bool:
    """Tell from its name whether a file is one of items.

    Parameters
    ----------
    path
        Need not exist.

    Returns
    -------
    bool
        Whether it ends as JSON or GeoParquet does.
    """
    return path.lower().endswith(JSON + PARQUET)


def read_items(path: Path) -> Iterator[dict[str, Any]]:
    """Read a file of items: an Item, an ItemCollection, or GeoParquet of items.

    JSON is held as a whole, of Parquet 1,024 items at a time.

    Parameters
    ----------
    path
        Of the file, or of a folder of Parquet files.

    Yields
    ------
    dict
        An item as JSON has it; {} for what is none.

    Raises
    ------
    InputError
        If the file cannot be read, or holds none.
    """
    check_regular(path, EXPECTED)
    if path.name.lower().endswith(PARQUET):
        yield from _parquet(path)
        return
    data = _load(path)
    kind = data.get("type") if isinstance(data, dict) else None
    items = (
        [data]
        if kind == "Feature"
        else data.get("features")
        if kind == "FeatureCollection"
        else None
    )
    if not isinstance(items, list) or not items:
        found = f"a {kind}" if isinstance(kind, str) else "something else"
        raise InputError(f"{path} holds {found}{' without items' if items == [] else ''}", EXPECTED)
    for item in items:
        yield item if isinstance(item, dict) else {}


def _load(path: Path) -> Any:
    try:
        if path.stat().st_size > MOST:
            raise InputError(
                f"{path} has {path.stat().st_size / 1e9:.1f} GB",
                f"at most {MOST / 1e9:.1f} GB of JSON",
                "split it, or write GeoParquet of items",
            )
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not JSON: {' '.join(str(error).split())}", EXPECTED) from error


def _parquet(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the items of a Parquet file, or of all that lie in a folder of that name."""
    files = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
    if not files:
        raise InputError(f"{path} holds no Parquet files", EXPECTED)
    for file in files:
        try:
            with pq.ParquetFile(file) as table:
                names = table.schema_arrow.names
                if not {"id", "assets"} <= set(names):
                    raise InputError(
                        f"{file} has the columns {', '.join(names[:8])}",
                        "id and assets, as GeoParquet of STAC items has them",
                    )
                columns = [name for name in names if name not in LEFT_OUT]
                for batch in table.iter_batches(ROWS, columns=columns):
                    yield from map(_row, batch.to_pylist())
        except (OSError, pa.ArrowException) as error:
            raise InputError(
                f"{file} cannot be read as Parquet: {' '.join(str(error).split())}", EXPECTED
            ) from error


def _row(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as an item: what is null was not there, and properties are columns."""
    found = _without_nulls(row)
    properties = {key: value for key, value in found.items() if key not in OWN}
    assets = found.get("assets")
    if isinstance(assets, str):  # some writers keep them as text
        try:
            assets = json.loads(assets)
        except (ValueError, RecursionError):
            assets = None
    return {
        "id": found.get("id"),
        "collection": found.get("collection"),
        "assets": assets,
        "properties": properties,
    }


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        if value and all(
            isinstance(pair, tuple) and len(pair) == 2 for pair in value
        ):  # a map of Arrow's
            return {str(key): _without_nulls(inner) for key, inner in value if inner is not None}
        return [_without_nulls(inner) for inner in value]
    return value.isoformat() if isinstance(value, datetime) else value
