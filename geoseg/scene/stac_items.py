"""STAC items from a file: an Item, an ItemCollection (JSON), or GeoParquet of items
(stac-geoparquet).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from ..core.errors import InputError
from ..core.files import check_regular
from ..raster.fetch import read_file
from ..raster.locations import is_remote, without_query

JSON = (".json", ".geojson")
PARQUET = (".parquet", ".geoparquet")
MOST = 1 << 30  # bytes of JSON, which takes several times as much memory
# an item of a STAC API: https://api.stacspec.org/v1.0.0/ogcapi-features
_OF_API = re.compile(r"/collections/[^/]+/items/[^/]+/?$")
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


def holds_items(location: str) -> bool:
    """Tell from its name whether a file is one of items.

    Parameters
    ----------
    location
        A path or an address; need not exist.

    Returns
    -------
    bool
        Whether it ends as JSON or GeoParquet does, or as an item of a STAC API.
    """
    plain = without_query(location).lower()
    return plain.endswith(JSON + PARQUET) or (is_remote(plain) and bool(_OF_API.search(plain)))


def read_items(location: str) -> Iterator[dict[str, Any]]:
    """Read a file of items: an Item, an ItemCollection, or GeoParquet of items.

    JSON is held as a whole, of Parquet 1,024 items at a time.

    Parameters
    ----------
    location
        The path or address of the file; Parquet lies on this machine, and may be a folder of files.

    Yields
    ------
    dict
        An item as JSON has it; {} for what is none.

    Raises
    ------
    InputError
        If the file cannot be read, or holds none.
    """
    check_regular(location, EXPECTED)
    if without_query(location).lower().endswith(PARQUET):
        if is_remote(location):
            raise InputError(
                f"{location} is not fetched",
                "GeoParquet of STAC items on this machine, or JSON anywhere",
                "fetch it first",
            )
        yield from _parquet(Path(location))
        return
    data = _load(location)
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
        raise InputError(
            f"{location} holds {found}{' without items' if items == [] else ''}", EXPECTED
        )
    for item in items:
        yield item if isinstance(item, dict) else {}


def read_item(location: str) -> dict[str, Any]:
    """Read a file of one item.

    Parameters
    ----------
    location
        Its path or address.

    Returns
    -------
    dict
        The item as JSON has it.

    Raises
    ------
    InputError
        If the file cannot be read, or holds none or several.
    """
    items = list(islice(read_items(location), 2))
    if len(items) > 1:
        raise InputError(
            f"{location} holds several items",
            "one STAC item, for one scene",
            "map all of them with geoseg batch",
        )
    return items[0]


def _load(location: str) -> Any:
    try:
        return json.loads(read_file(location, MOST).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{location} is not JSON: {' '.join(str(error).split())}", EXPECTED
        ) from error


def _parquet(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the items of a Parquet file, or of all that lie in a folder of that name."""
    import pyarrow as pa  # only here: a tenth of a second that few scenes need
    import pyarrow.parquet as pq

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
