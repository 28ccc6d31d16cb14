"""PMTiles 3 (github.com/protomaps/PMTiles, spec/v3): vector tiles of all zooms in one file, which
a map in a browser reads by ranges from any server of files.

The parts of the tiles wait in a SQLite file beside the output until all polygons have come, so
memory holds one group of polygons, or one tile.
"""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import shapely
from pyproj import CRS, Transformer

from ...core.errors import InputError
from ...core.provenance import TAG
from ...core.style import COLUMN, Legend
from ..polygons import GEOMETRY
from .geoparquet import row_groups
from .layer import Layer, check_crs
from .vector_tiles import (
    COARSE,
    UNITS,
    Rings,
    densified,
    from_shapes,
    longest_edge,
    tile_bytes,
    tiles,
    varint,
    zooms,
)

MAGIC = b"PMTiles\x03"
HEAD = 127
FRONT = 1 << 14  # bytes in which head and root directory must lie
LEAF = 4096  # entries of a leaf directory
GZIP = 2
MVT = 1
STYLE = "geoseg_style"
"""Of the metadata: the layers of a MapLibre style, whose source is called `geoseg`."""
SPOOL = ".tiles"  # what the file beside the output is called
SHAPE = "mvt"  # the column of geometries there
NORTHMOST = 85.051  # degrees: where the Mercator square ends


def write(path: Path, layer: Layer, reader: Any, legend: Legend) -> None:
    """Write a new file of vector tiles, with colours as a MapLibre style in its metadata.

    Parameters
    ----------
    path, layer, reader, legend
        As for every `Writer`. Tiles are their own index.

    Raises
    ------
    InputError
        If the CRS is not tied to the Earth, or polygons lie where the web's maps end.
    """
    check_crs(path, layer.crs)
    spool = path.with_name(path.name + SPOOL)
    try:
        with closing(sqlite3.connect(spool)) as database:
            # nothing of it outlives the run
            database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;")
            database.execute("CREATE TABLE parts (tile INTEGER, turn INTEGER, rows BLOB)")
            cut = Cut(str(layer.crs))
            for turn, group in enumerate(row_groups(reader)):
                rows = ((tile, turn, part) for tile, part in cut.parts(group))
                database.executemany("INSERT INTO parts VALUES (?, ?, ?)", rows)
            database.execute("CREATE INDEX by_tile ON parts (tile, turn)")
            fields = {
                one.name: "String" if pa.types.is_string(one.type) else "Number"
                for one in reader.schema
                if one.name != GEOMETRY
            }
            with path.open("w+b") as file:
                archive = Archive(file)
                for tile, units, batches in _gathered(database, cut.deepest):
                    table = pa.Table.from_batches(batches)
                    columns = [(name, table.column(name).to_pylist()) for name in fields]
                    shapes = table.column(SHAPE).to_pylist()
                    archive.add(tile, tile_bytes(layer.name, units, columns, shapes))
                archive.finish(cut, metadata(layer, legend, fields, cut))
    finally:
        spool.unlink(missing_ok=True)


@dataclass(slots=True)
class Cut:
    """Cuts groups of polygons into tiles, and keeps what the head of the file says of all."""

    crs: str
    """Of the polygons."""
    least: int = 0
    """The smallest zoom."""
    deepest: int = 0
    """The largest; by the first polygon's pixels, and where it lies."""
    bounds: list[float] = field(default_factory=lambda: [np.inf, np.inf, -np.inf, -np.inf])
    """West, south, east, north in degrees."""
    _edge: float = 0.0

    def parts(self, group: Sequence[Any]) -> Iterator[tuple[int, bytes]]:
        """Cut one group.

        Parameters
        ----------
        group
            Record batches with rows, whose columns are those of `Columns`.

        Yields
        ------
        tuple[int, bytes]
            A tile's number, and what of the group lies in it: rows as an Arrow stream.
        """
        batch = pa.Table.from_batches(group).combine_chunks().to_batches()[0]
        shapes = np.asarray(batch.column(GEOMETRY).to_pylist(), object)
        rings = from_shapes(shapely.from_wkb(shapes))
        system = CRS.from_user_input(self.crs)
        to_degrees = Transformer.from_crs(system, "OGC:CRS84", always_xy=True)
        if not self._edge:
            self._choose(batch, rings, to_degrees, system)
        longest = np.inf if system.is_geographic else self._edge
        rings = self._placed(densified(rings, longest), to_degrees, system.is_geographic)
        values = batch.column("class_id").to_numpy(zero_copy_only=False)
        rest = batch.drop_columns([GEOMETRY])
        for tile in tiles(rings, values, self.least, self.deepest):
            rows = rest.take(pa.array(tile.features))
            rows = rows.append_column(SHAPE, pa.array(tile.shapes, pa.binary()))
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, rows.schema) as stream:
                stream.write_batch(rows)
            yield tile_number(tile.zoom, tile.column, tile.row), sink.getvalue().to_pybytes()

    def _choose(self, batch: Any, rings: Rings, to_degrees: Transformer, system: CRS) -> None:
        """Choose the zooms by the first polygon, which is the same however the raster is read."""
        pixel = (batch.column("area_m2")[0].as_py() / batch.column("pixels")[0].as_py()) ** 0.5
        _, latitude = to_degrees.transform(rings.x[0], rings.y[0])
        self.least, self.deepest = zooms(pixel, min(max(latitude, -89.9), 89.9))
        unit = system.axis_info[0].unit_conversion_factor or 1.0
        self._edge = longest_edge(pixel) * pixel / (1.0 if system.is_geographic else unit)

    def _placed(self, rings: Rings, to_degrees: Transformer, geographic: bool) -> Rings:
        """Bring rings into the Mercator square."""
        longitude, latitude = to_degrees.transform(rings.x, rings.y)
        if not (np.isfinite(longitude).all() and (np.abs(latitude) <= NORTHMOST).all()):
            raise InputError(
                f"polygons north or south of {NORTHMOST} degrees",
                "what lies on the maps of the web, which end there",
                "write a GeoPackage or FlatGeobuf",
            )
        x = longitude / 360 + 0.5
        if not geographic and (np.abs(x[rings.following()] - x) > 0.5).any():
            raise InputError(
                "polygons across the antimeridian",
                "what lies on one side of it, for tiles end there",
                "write a GeoPackage or FlatGeobuf",
            )
        sides = (longitude.min(), latitude.min(), longitude.max(), latitude.max())
        best = (min, min, max, max)
        self.bounds = [
            float(choose(old, new))
            for choose, old, new in zip(best, self.bounds, sides, strict=True)
        ]
        y = 0.5 - np.arcsinh(np.tan(np.radians(latitude))) / (2 * np.pi)
        return Rings(x, y, rings.start, rings.feature, rings.outer)


def _gathered(database: sqlite3.Connection, deepest: int) -> Iterator[tuple[int, int, list[Any]]]:
    """Yield the tiles in the order of their numbers: number, units of a side, rows."""
    query = "SELECT tile, rows FROM parts ORDER BY tile, turn"
    first = tile_number(deepest, 0, 0)
    batches: list[Any] = []
    last = -1
    for tile, rows in database.execute(query):
        if tile != last and batches:
            yield last, UNITS if last >= first else COARSE, batches
            batches = []
        last = tile
        with pa.ipc.open_stream(rows) as stream:
            batches += list(stream)
    if batches:
        yield last, UNITS if last >= first else COARSE, batches


def tile_number(zoom: int, column: int, row: int) -> int:
    """Number tiles zoom by zoom, along a Hilbert curve each.

    Parameters
    ----------
    zoom, column, row
        Of the tile; rows count from the north.

    Returns
    -------
    int
        From 0, which is the whole world.
    """
    number: int = (4**zoom - 1) // 3
    side = 1 << zoom >> 1
    while side:
        right, down = bool(column & side), bool(row & side)
        number += side * side * (3 * right ^ down)
        if not down:
            if right:
                column, row = side - 1 - column, side - 1 - row
            column, row = row, column
        column, row = column & side - 1, row & side - 1
        side >>= 1
    return number


def metadata(layer: Layer, legend: Legend, fields: dict[str, str], cut: Cut) -> dict[str, Any]:
    """Return what the file says of itself.

    Parameters
    ----------
    layer
        The layer.
    legend
        Colours of its classes.
    fields
        String or Number, by the name of the column.
    cut
        Knows the zooms.

    Returns
    -------
    dict
        The layer and its columns, as programs look for them; how it was made; and how it is drawn.
    """
    seen: list[Any] = ["match", ["get", COLUMN]]
    for label in legend.labels:
        seen += [label.value, label.colour]
    paint = {
        "fill-color": [*seen, "#00000000"] if legend.labels else "#888888",
        "fill-antialias": False,
    }
    return {
        "name": layer.name,
        "type": "overlay",
        "vector_layers": [
            {"id": layer.name, "minzoom": cut.least, "maxzoom": cut.deepest, "fields": fields}
        ],
        "description": f"Polygons of less than a pixel of the screen are left out below zoom "
        f"{cut.deepest}, but for a square for as many as fill one",
        **({TAG: layer.provenance} if layer.provenance else {}),
        STYLE: [
            {
                "id": layer.name,
                "type": "fill",
                "source": "geoseg",
                "source-layer": layer.name,
                "paint": paint,
            }
        ],
    }


@dataclass(slots=True)
class Archive:
    """Writes tiles behind the place of head and root directory, which come last."""

    file: BinaryIO
    """Empty."""
    tiles: list[tuple[int, int, int]] = field(default_factory=list)
    """Number, offset and bytes of each."""
    size: int = 0
    """Bytes of all."""

    def add(self, tile: int, data: bytes) -> None:
        """Write the next tile.

        Parameters
        ----------
        tile
            Its number, larger than that of the one before.
        data
            The tile, not compressed.
        """
        if not self.tiles:
            self.file.seek(FRONT)
        packed = gzip.compress(data, 6, mtime=0)
        self.file.write(packed)
        self.tiles.append((tile, self.size, len(packed)))
        self.size += len(packed)

    def finish(self, cut: Cut, told: dict[str, Any]) -> None:
        """Write metadata, directories and head.

        Parameters
        ----------
        cut
            Knows zooms and bounds.
        told
            The metadata.
        """
        root, leaves = directories(self.tiles)
        about = gzip.compress(json.dumps(told, sort_keys=True).encode(), 6, mtime=0)
        end = FRONT + self.size
        self.file.seek(end)
        self.file.write(about + leaves)
        bounds = cut.bounds if self.tiles else [-180.0, -NORTHMOST, 180.0, NORTHMOST]
        west, south, east, north = (round(side * 1e7) for side in bounds)
        places = (HEAD, len(root), end, len(about), end + len(about), len(leaves))
        count = len(self.tiles)
        self.file.seek(0)
        self.file.write(
            MAGIC
            + struct.pack("<11Q", *places, FRONT, self.size, count, count, count)
            + bytes((1, GZIP, GZIP, MVT, cut.least, cut.deepest))
            + struct.pack("<4iB", west, south, east, north, cut.least)
            + struct.pack("<2i", (west + east) // 2, (south + north) // 2)
            + root
        )
        self.file.flush()
        os.fsync(self.file.fileno())


def directories(entries: Sequence[tuple[int, int, int]]) -> tuple[bytes, bytes]:
    """Write the directories of tiles.

    Parameters
    ----------
    entries
        Number, offset and bytes of each tile, in the order of their numbers.

    Returns
    -------
    tuple[bytes, bytes]
        The root directory, which has room in the front of the file; and the leaves that it leads
        to, where there are too many tiles for it alone.
    """
    root = _directory((*entry, 1) for entry in entries)
    size = LEAF
    leaves = b""
    while len(root) > FRONT - HEAD:
        leaves, heads = b"", []
        for i in range(0, len(entries), size):
            leaf = _directory((*entry, 1) for entry in entries[i : i + size])
            heads.append((entries[i][0], len(leaves), len(leaf), 0))
            leaves += leaf
        root = _directory(heads)
        size *= 2
    return root, leaves


def _directory(entries: Iterable[tuple[int, int, int, int]]) -> bytes:
    """Number, offset, bytes and run of each; a run of 0 leads to a leaf."""
    rows = list(entries)
    told = [varint(len(rows))]
    last = 0
    for number, *_ in rows:
        told.append(varint(number - last))
        last = number
    told += [varint(run) for *_, run in rows]
    told += [varint(size) for _, _, size, _ in rows]
    end = -1
    for _, offset, size, _ in rows:
        told.append(varint(0 if offset == end else offset + 1))
        end = offset + size
    return gzip.compress(b"".join(told), 9, mtime=0)


def read_metadata(path: Path) -> dict[str, Any]:
    """Read what a file says of itself.

    Parameters
    ----------
    path
        Of a PMTiles file.

    Returns
    -------
    dict
        Its metadata.

    Raises
    ------
    ValueError
        If it is none, or ends too early.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
        if head[:8] != MAGIC or len(head) < HEAD:
            raise ValueError("it is no PMTiles file of version 3")
        places = struct.unpack("<11Q", head[8:96])
        if max(places[i] + places[i + 1] for i in (0, 2, 4, 6)) > os.fstat(file.fileno()).st_size:
            raise ValueError("it ends before its tiles do")
        file.seek(places[2])
        packed = file.read(min(places[3], MOST_METADATA + 1))
    if head[97] not in (1, GZIP) or len(packed) > MOST_METADATA:
        raise ValueError("its metadata are compressed in another way, or too long")
    unpacked = packed if head[97] == 1 else _unzipped(packed)
    told = json.loads(unpacked)
    if not isinstance(told, dict):
        raise ValueError("its metadata are no object")
    return told


MOST_METADATA = 64 << 20  # bytes; ours are some kilobytes


def _unzipped(packed: bytes) -> bytes:
    import zlib

    opened = zlib.decompressobj(wbits=31)
    found = opened.decompress(packed, MOST_METADATA)
    if opened.unconsumed_tail:
        raise ValueError("its metadata are too long")
    return found


def is_whole(path: Path) -> bool:
    """Tell whether all sections of a file are there.

    Parameters
    ----------
    path
        Of a PMTiles file.

    Returns
    -------
    bool
        False where it ends before its head says.
    """
    try:
        read_metadata(path)
    except (OSError, ValueError, EOFError):
        return False
    return True
