"""What a file of polygons says of how it was made, read from whatever format it has; and whether
two hold the same.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from ..core.database import TOLD
from ..core.errors import InputError
from ..core.files import check_regular
from ..core.ogr import DataLayerError, DataSourceError, open_arrow, read_info
from ..core.provenance import TAG
from .writers.pmtiles import read_metadata

HEAD = 4 << 20  # bytes of a GeoJSON in which it says how it was made, before its features
ROWS = 8192


@dataclass(frozen=True, slots=True)
class Found:
    """What a file of polygons says of itself."""

    text: str
    """How it was made, as JSON; "" where it does not say."""
    name: str
    """Of the map that it holds: what it was called when it was made."""


def find_provenance(path: Path, layer: str | None = None) -> Found:
    """Read how a file of polygons says that it was made.

    Parameters
    ----------
    path
        GeoPackage, FlatGeobuf, GeoParquet, GeoJSON or PMTiles.
    layer
        Of a GeoPackage the layer, where it has several.

    Returns
    -------
    Found
        With "" where it says nothing.

    Raises
    ------
    InputError
        If it cannot be read, or holds several maps and no layer is named.
    """
    check_regular(path)
    suffix = path.suffix.lower()
    try:
        if suffix == ".parquet":
            told = pq.read_schema(path).metadata or {}
            return Found(told.get(TAG.encode(), b"").decode(), path.stem)
        if suffix == ".pmtiles":
            told = read_metadata(path)
            return Found(str(told.get(TAG, "")), str(told.get("name", path.stem)))
        if suffix == ".geojson":
            return Found(_member(path), path.stem)
        if suffix == ".gpkg":
            return _of_geopackage(path, layer)
        info = read_info(path)
        return Found((info["layer_metadata"] or {}).get(TAG, ""), info["layer_name"])
    except (OSError, ValueError, sqlite3.Error, DataSourceError, DataLayerError) as error:
        raise InputError(f"{path} cannot be read: {error}", "an output of geoseg") from error


def _member(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as file:
        head = file.read(HEAD)
    _, mark, rest = head.partition(f'"{TAG}":')
    if not mark:
        return ""
    found, _ = json.JSONDecoder().raw_decode(rest.lstrip())
    return found if isinstance(found, str) else ""


def _of_geopackage(path: Path, layer: str | None) -> Found:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
        rows = database.execute(
            "SELECT table_name, description FROM gpkg_contents WHERE data_type = 'features'"
        ).fetchall()
    head, tail = TOLD.split("{name}")
    maps = {
        str(table): str(told).removeprefix(head).removesuffix(tail)
        for table, told in rows
        if str(told).startswith(head) and str(told).endswith(tail)
    }
    wanted = {table: name for table, name in maps.items() if layer in (None, table, name)}
    names = sorted(set(wanted.values()))
    if not names:
        held = ", ".join(maps) or "none"
        raise InputError(
            f"{path} holds no map of geoseg's{f' called {layer}' if layer else ''}",
            f"one of its maps ({held})",
        )
    if len(names) > 1:
        raise InputError(
            f"{path} holds {len(names)} maps: {', '.join(names)}",
            "one of them",
            f"name it: '{path}|layername={names[0]}'",
        )
    info = read_info(path, layer=next(iter(wanted)))
    return Found((info["layer_metadata"] or {}).get(TAG, ""), names[0])


def different_polygons(path: Path, other: Path, name: str, called: str) -> list[str]:
    """Tell where two files of polygons are not the same.

    Parameters
    ----------
    path, other
        Of one format.
    name, called
        Of the map, in a GeoPackage, and of the other's.

    Returns
    -------
    list of str
        A line for each difference in layers, columns or rows; empty where both hold the same.

    Raises
    ------
    InputError
        If one cannot be read.
    """
    try:
        ours, theirs = _layers(path, name), _layers(other, called)
        if ours != theirs and (len(ours), len(theirs)) != (
            1,
            1,
        ):  # a map's one layer is named freely
            return [f"layers: {', '.join(map(str, ours))}, and {', '.join(map(str, theirs))}"]
        pairs = zip(ours, theirs, strict=True)
        return [line for pair in pairs for line in _compared(path, other, *pair)]
    except (OSError, ValueError, sqlite3.Error, DataSourceError, DataLayerError) as error:
        raise InputError(f"{path} cannot be compared: {error}", "an output of geoseg") from error


def _layers(path: Path, name: str) -> list[str | None]:
    if path.suffix.lower() != ".gpkg":
        return [None]
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
        query = "SELECT table_name FROM gpkg_contents WHERE description = ? ORDER BY table_name"
        return [str(table) for (table,) in database.execute(query, (TOLD.format(name=name),))]


def _compared(path: Path, other: Path, layer: str | None, called: str | None) -> list[str]:
    where = f"layer {layer}: " if layer else ""
    rows = different = 0
    with _batches(path, layer) as ours, _batches(other, called) as theirs:
        for one, two in zip_longest(ours, theirs):
            if one is None or two is None or one.num_rows != two.num_rows:
                return [f"{where}not as many polygons"]
            if one.schema.names != two.schema.names:
                return [
                    f"{where}columns {', '.join(one.schema.names)}, and "
                    f"{', '.join(two.schema.names)}"
                ]
            rows += one.num_rows
            if not one.equals(two):
                pairs = zip(one.to_pylist(), two.to_pylist(), strict=True)
                different += sum(a != b for a, b in pairs)
    return [f"{where}{different:,} of {rows:,} polygons"] if different else []


@contextmanager
def _batches(path: Path, layer: str | None) -> Iterator[Iterator[Any]]:
    if path.suffix.lower() == ".parquet":
        with pq.ParquetFile(path) as file:
            yield file.iter_batches(ROWS)
        return
    with open_arrow(path, layer=layer, batch_size=ROWS, use_pyarrow=True) as (_, reader):
        yield iter(reader)
