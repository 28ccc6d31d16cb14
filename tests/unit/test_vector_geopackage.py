"""GeoPackage's rows and index as they are put into the file: SQLite and GDAL read what they would
have written.
"""

from __future__ import annotations

import os
import sqlite3
import struct
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoseg.core.card import Label
from geoseg.core.errors import RunError
from geoseg.core.jit import bare
from geoseg.core.raw import copy, load_float64, load_uint32, store, store_big
from geoseg.core.style import Legend
from geoseg.core.threads import result_of
from geoseg.vector.polygons import GEOMETRY
from geoseg.vector.writers import geopackage, geoparquet, ogr, packed_rtree
from geoseg.vector.writers.batch_reader import BatchReader
from geoseg.vector.writers.formats import check_rows
from geoseg.vector.writers.layer import Layer
from geoseg.vector.writers.packed_rtree import PackedTree, Roots, along_hilbert, outward
from geoseg.vector.writers.sqlite_pages import (
    BLOB,
    INTEGER,
    INTERIOR,
    INTERIOR_HEAD,
    LOCK_BYTE,
    REAL,
    TEXT,
    Rows,
    Table,
    blob_rows,
    open_pages,
    plant,
    put_varint,
    varint_size,
)


class Names:
    """A legend of two classes."""

    name = "map"
    labels = (Label(0, "water", "#0000ff"), Label(1, "Wald ä", "#00ff00"))


LEGEND: Legend = Names()


@bare
def put_all(data: np.ndarray, other: np.ndarray, real: float, whole: int) -> tuple[float, int]:
    store(data, 1, np.float64(real))
    store(data, 9, np.uint32(whole))
    store_big(data, 13, np.float64(real))
    store_big(data, 21, np.float32(real))
    store_big(data, 25, np.int64(whole))
    store_big(data, 33, np.uint16(whole & 0xFFFF))
    copy(other, 3, data, 1, 12)
    return load_float64(other, 3), load_uint32(other, 11)


@given(st.floats(width=32, allow_nan=False), st.integers(0, 2**32 - 1))
def test_numbers_lie_in_bytes_as_struct_puts_them(real: float, whole: int) -> None:
    data, other = np.zeros(40, np.uint8), np.full(20, 7, np.uint8)
    assert put_all(data, other, real, whole) == (real, whole)
    assert bytes(data[1:13]) == struct.pack("<dI", real, whole)
    assert bytes(data[13:35]) == struct.pack(">dfqH", real, real, whole, whole & 0xFFFF)
    assert bytes(other) == b"\7" * 3 + bytes(data[1:13]) + b"\7" * 5
    assert not data[0]
    assert not data[35:].any()


@bare
def varint(data: np.ndarray, at: int, number: int) -> tuple[int, int]:
    return put_varint(data, at, number), varint_size(number)


@given(st.integers(0, 2**56 - 1))
def test_a_varint_is_what_it_is_by_the_format(number: int) -> None:
    data = np.full(12, 9, np.uint8)
    end, size = varint(data, 1, number)
    assert end - 1 == size
    found = 0
    for byte in data[1:end].tolist():
        found = found << 7 | byte & 127
    assert found == number
    assert [byte >> 7 for byte in data[1:end]] == [1] * (end - 2) + [0]
    assert data[0] == 9
    assert (data[end:] == 9).all()


whole_numbers = st.one_of(
    st.integers(-3, 3),
    st.integers(-(2**63), 2**63 - 1),
    *(st.integers(2**bits - 2, 2**bits + 1) for bits in (7, 15, 23, 31, 47)),
    *(st.integers(-(2**bits) - 2, 1 - 2**bits) for bits in (7, 15, 23, 31, 47)),
)
record = st.tuples(
    whole_numbers | st.none(),
    st.floats(allow_nan=False) | st.none(),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=9),
    # around what one page holds, and what the first of several does
    st.integers(0, 60) | st.integers(380, 560) | st.integers(900, 5000),
)


def as_rows(records: Sequence[tuple[int | None, float | None, str, int]]) -> Rows:
    """Rows of columns: number, whole, real, text, blob of so many bytes."""
    numbers = np.zeros((5, len(records)), np.int64)
    numbers[1] = [whole or 0 for whole, *_ in records]
    numbers[2] = np.array([real or 0.0 for _, real, *_ in records]).view(np.int64)
    present = np.ones((5, len(records)), np.uint8)
    present[1] = [whole is not None for whole, *_ in records]
    present[2] = [real is not None for _, real, *_ in records]
    texts = [text.encode() for *_, text, _ in records]
    blobs = [blob_of(size)[3:] for *_, size in records]
    heads = np.array([list(b"HED")] * len(records), np.uint8).reshape(len(records), 3)
    return Rows(
        np.array([0, INTEGER, REAL, TEXT, BLOB], np.uint8),
        numbers,
        present,
        np.cumsum([0, *map(len, texts)], dtype=np.int32),
        np.frombuffer(b"".join(texts), np.uint8),
        heads,
        np.cumsum([0, *map(len, blobs)], dtype=np.int32),
        np.frombuffer(b"".join(blobs), np.uint8),
    )


def blob_of(size: int) -> bytes:
    return b"HED" + bytes(i * 7 & 255 for i in range(size))


def new_database(path: Path, page: int, *statements: str) -> list[int]:
    """Make a database, and return the root pages of its tables."""
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA page_size = {page}")
        for statement in statements:
            database.execute(statement)
        database.commit()
        return [
            root
            for (root,) in database.execute(
                "SELECT rootpage FROM sqlite_master WHERE rootpage > 0 ORDER BY rowid"
            )
        ]


TABLE = "CREATE TABLE t{} (n INTEGER PRIMARY KEY, whole INTEGER, real REAL, words TEXT, bytes BLOB)"


@given(
    st.lists(record, min_size=1, max_size=60),
    st.integers(1, 8),
    st.sampled_from([512, 1024, 4096, 65536]),
    st.integers(0, 60),
)
def test_rows_are_read_by_sqlite_as_they_were_put(
    records: list[tuple[int | None, float | None, str, int]], times: int, page: int, cut: int
) -> None:
    records = records * times
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        roots = new_database(path, page, TABLE.format(0), TABLE.format(1))
        with open_pages(path) as pages:
            tables = [Table(pages), Table(pages, 1000)]
            for part in (records[:cut], records[cut:]):  # in turn: their pages lie mixed
                for table in tables:
                    if part:
                        table.add(as_rows(part))
            for root, table in zip(roots, tables, strict=True):
                plant(pages, root, [table])
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            expected = [(*rest, blob_of(size)) for *rest, size in records]
            for i, first in enumerate((1, 1000)):
                found = database.execute(f"SELECT * FROM t{i} ORDER BY n").fetchall()
                assert [row[0] for row in found] == list(range(first, first + len(records)))
                assert [row[1:] for row in found] == expected
            database.execute("INSERT INTO t0 (whole) VALUES (5)")  # and goes on with them
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize("size", [3000, 200_000])
def test_the_page_of_the_locks_stays_empty(tmp_path: Path, size: int) -> None:
    page = 65536
    lock = LOCK_BYTE // page + 1
    path = tmp_path / "a.db"
    (root,) = new_database(path, page, "CREATE TABLE t (n INTEGER PRIMARY KEY, bytes BLOB)")
    with path.open("r+b") as file:  # a file of almost 1 GiB, with a hole in it
        file.seek(28)
        file.write((lock - 3).to_bytes(4, "big"))
        file.truncate((lock - 3) * page)
    blobs = np.random.default_rng(0).integers(0, 256, (200, size), dtype=np.uint8)
    with open_pages(path) as pages:
        table = Table(pages)
        table.add(blob_rows(blobs))
        plant(pages, root, [table])
    with path.open("rb") as file:
        file.seek((lock - 1) * page)
        assert not any(file.read(page))
        assert any(file.read(page))
    with closing(sqlite3.connect(path)) as database:
        found = database.execute("SELECT bytes FROM t ORDER BY n").fetchall()
    assert [blob for (blob,) in found] == [bytes(blob) for blob in blobs]


def test_a_polygon_that_sqlite_cannot_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    new_database(path, 4096, "CREATE TABLE t (n INTEGER PRIMARY KEY, bytes BLOB)")
    with open_pages(path) as pages:
        rows = blob_rows(np.zeros((1, 8), np.uint8))._replace(
            blob_at=np.array([0, 1_000_000_001], np.int32)
        )
        with pytest.raises(RunError, match="at most 1,000,000,000"):
            Table(pages).add(rows)


@pytest.mark.parametrize("pragma", ["journal_mode = WAL", "auto_vacuum = FULL"])
def test_a_database_of_another_kind_is_refused(tmp_path: Path, pragma: str) -> None:
    path = tmp_path / "a.db"
    new_database(path, 4096, f"PRAGMA {pragma}", "CREATE TABLE t (n INTEGER PRIMARY KEY)")
    with pytest.raises(RunError, match="not laid out as a new database"), open_pages(path):
        pass


corner = st.floats(-1e7, 1e7)
box = st.tuples(corner, corner, st.floats(0, 1e5), st.floats(0, 1e5))


def write_index(path: Path, boxes: np.ndarray, page: int, parts: Iterator[np.ndarray]) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA page_size = {page}")
        database.execute("CREATE VIRTUAL TABLE r USING rtree(id, minx, maxx, miny, maxy)")
        database.commit()
        roots = dict(database.execute("SELECT name, rootpage FROM sqlite_master"))
        (size,) = database.execute("SELECT length(data) FROM r_node").fetchone()
    with open_pages(path) as pages:
        tree = PackedTree(pages, Roots(roots["r_node"], roots["r_rowid"], roots["r_parent"], size))
        for part in parts:
            tree.add(part)
        tree.finish()


@given(
    st.lists(box, max_size=400),
    st.integers(1, 7),
    st.sampled_from([512, 4096]),
    st.sampled_from([97, 1 << 18]),
    st.lists(box, min_size=3, max_size=3),
)
def test_the_index_finds_what_looking_at_every_box_finds(
    boxes: list[tuple[float, ...]],
    times: int,
    page: int,
    bunch: int,
    asked: list[tuple[float, ...]],
) -> None:
    array = np.array(boxes * times, np.float64).reshape(-1, 4).T
    array[2:] += array[:2]
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(packed_rtree, "BUNCH", bunch)
        path = Path(folder) / "a.db"
        write_index(path, array, page, iter(np.array_split(array, 3, axis=1)))
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert database.execute("SELECT rtreecheck('r')").fetchone() == ("ok",)
            for left, lower, width, height in [*asked, (-1e8, -1e8, 2e8, 2e8)]:
                found = database.execute(
                    "SELECT id FROM r WHERE minx <= ? AND maxx >= ? AND miny <= ? AND maxy >= ?",
                    (left + width, left, lower + height, lower),
                )
                meets = (array[0] <= left + width) & (array[2] >= left)
                meets &= (array[1] <= lower + height) & (array[3] >= lower)
                ids = {number for (number,) in found}
                assert ids >= set((np.flatnonzero(meets) + 1).tolist())
            if array.shape[1]:
                database.execute("DELETE FROM r WHERE id = 1")  # SQLite goes on with it
                database.execute("INSERT INTO r VALUES (1, 0, 1, 0, 1)")
                assert database.execute("SELECT rtreecheck('r')").fetchone() == ("ok",)


@given(st.lists(box, min_size=1, max_size=20))
def test_rounded_boxes_hold_the_exact_ones(boxes: list[tuple[float, ...]]) -> None:
    array = np.array(boxes, np.float64).T
    array[2:] += array[:2]
    boxes32 = np.empty((array.shape[1], 4), np.float32)
    outward(array, boxes32)
    rounded = boxes32.astype(np.float64).T
    assert (rounded[[0, 2]] <= array[:2]).all()
    assert (rounded[[1, 3]] >= array[2:]).all()
    nearest = array[[0, 2, 1, 3]].astype(np.float32).astype(np.float64)
    step = np.abs(np.spacing(nearest.astype(np.float32)))
    assert (np.abs(rounded - nearest) <= step).all()


@pytest.mark.parametrize("bits", [1, 2, 5])
def test_the_curve_goes_from_each_cell_to_a_neighbour(bits: int) -> None:
    side = 1 << bits
    x, y = (v.ravel().astype(np.float32) for v in np.meshgrid(range(side), range(side)))
    order = along_hilbert(np.stack([x, x, y, y], axis=1))
    assert sorted(order.tolist()) == list(range(side * side))
    assert (np.abs(np.diff(x[order])) + np.abs(np.diff(y[order])) == 1).all()


def batch_of(count: int, multi: bool = False) -> pa.RecordBatch:
    """Squares with holes, triangles and long ones, and a column with nulls."""
    random = np.random.default_rng(count)
    shapes: list[shapely.Geometry] = []
    for i in range(count):
        x, y = random.integers(0, 10_000, 2) / 2
        shape: shapely.Geometry = shapely.box(x, y, x + 9, y + 5)
        if i % 3 == 1:
            shape = shape.difference(shapely.box(x + 2, y + 2, x + 3, y + 3))
        if i % 50 == 7:  # past a page, and past two
            shape = shapely.Point(x, y).buffer(50, quad_segs=int(random.integers(50, 400)))
        if multi:
            shape = shapely.MultiPolygon([shape, shapely.box(x - 9, y - 9, x - 5, y - 5)])
        shapes.append(shape)
    means = pa.array([None if i % 4 == 0 else i / 3 for i in range(count)], pa.float64())
    columns: dict[str, pa.Array] = {
        "id": pa.array(random.integers(0, 2**40, count)),
        "class_id": pa.array(np.arange(count, dtype=np.int32) % 2),
        "class": pa.array([("water", "Wald ä")[i % 2] for i in range(count)], pa.string()),
        "area_m2": pa.array(random.random(count) * 100),
        "whole": pa.array(np.arange(count, dtype=np.float64)),
        "mean": means,
        GEOMETRY: pa.array(list(shapely.to_wkb(np.array(shapes, object))), pa.binary()),
    }
    return pa.RecordBatch.from_pydict(columns)


def reader_of(batch: pa.RecordBatch, size: int) -> pa.RecordBatchReader:
    parts = [batch.slice(at, size) for at in range(0, batch.num_rows, size)]
    return pa.RecordBatchReader.from_batches(batch.schema, parts)


def content(path: Path) -> dict[str, object]:
    """All that a GeoPackage holds but its index, whose shape is free."""
    with closing(sqlite3.connect(path)) as database:
        tables = database.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        names = [name for name, sql in tables if sql and sql.startswith("CREATE TABLE")]
        rows = {
            name: sorted(
                tuple(map(repr, row)) for row in database.execute(f'SELECT * FROM "{name}"')
            )
            for name in names
            if not name.startswith("rtree_")
        }
        return {"schema": tables, **rows}


@pytest.mark.parametrize("multi", [False, True])
@pytest.mark.parametrize("index", [False, True])
@pytest.mark.parametrize("count", [0, 1, 40, 3000])
def test_a_geopackage_holds_what_gdal_would_have_put_into_it(
    tmp_path: Path, count: int, index: bool, multi: bool
) -> None:
    batch = batch_of(count, multi)
    layer = Layer(
        "map", "EPSG:32633", "MultiPolygon" if multi else "Polygon", index, 0.5, '{"how": "so"}'
    )
    ours, theirs = tmp_path / "ours.gpkg", tmp_path / "theirs.gpkg"
    options = {"SPATIAL_INDEX": "YES" if index else "NO"}
    with geopackage.fixed_date():
        ogr.write_ogr(
            theirs,
            layer,
            reader_of(batch, 999),
            "GPKG",
            dataset_options={"VERSION": "1.2"},
            layer_options=options,
        )
    geopackage._write_layer(ours, layer, reader_of(batch, 999))
    assert content(ours) == content(theirs)
    check_rows(ours, count)
    with closing(sqlite3.connect(ours)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        if not index:
            return
        assert database.execute("SELECT rtreecheck('rtree_map_geom')").fetchone() == ("ok",)
        found = database.execute("SELECT * FROM rtree_map_geom ORDER BY id").fetchall()
    bounds = shapely.bounds(shapely.from_wkb(batch.column(GEOMETRY).to_numpy(zero_copy_only=False)))
    assert [row[0] for row in found] == list(range(1, count + 1))
    if count:
        near = np.array(found)[:, [1, 3, 2, 4]]
        assert np.allclose(near, bounds, rtol=1e-6)


@pytest.mark.parametrize("suffix", [".gpkg", ".parquet"])
@pytest.mark.parametrize("size", [1, 170, 4000])
def test_a_file_has_the_same_bytes_however_its_rows_come(
    tmp_path: Path, suffix: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(geoparquet, "GROUP_BYTES", 40_000)
    monkeypatch.setattr(packed_rtree, "BUNCH", 500)
    monkeypatch.setattr(geopackage, "BUNCH", 500)
    batch = batch_of(2000)
    write = geopackage.write if suffix == ".gpkg" else geoparquet.write
    made = []
    for number in (700, size):
        path = tmp_path / f"map{number}{suffix}"
        write(path, Layer("map", "EPSG:32633"), reader_of(batch, number), LEGEND)
        made.append(path.read_bytes())
    assert made[0] == made[1]
    if suffix == ".parquet":
        found = pq.read_table(tmp_path / f"map{size}.parquet")
        assert found.select(batch.schema.names).equals(
            pa.Table.from_batches([batch]).cast(found.select(batch.schema.names).schema)
        )
        groups = pq.read_metadata(tmp_path / f"map{size}.parquet").num_row_groups
        assert 5 < groups < 100
        sides = np.stack(
            [found["bbox"].combine_chunks().field(i).to_numpy() for i in range(4)], axis=1
        )
        shapes = shapely.from_wkb(batch.column(GEOMETRY).to_numpy(zero_copy_only=False))
        assert np.array_equal(sides, shapely.bounds(shapes))


def test_layers_of_classes_lie_beside_each_other(tmp_path: Path) -> None:
    path = tmp_path / "map.gpkg"
    batch = batch_of(3000)
    geopackage.write_by_class(path, Layer("map", "EPSG:32633"), reader_of(batch, 500), LEGEND)
    check_rows(path, 3000)
    with pytest.raises(RunError, match="did not take all polygons"):
        check_rows(path, 3001)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        for name in ("water", "Wald ä"):
            (count,) = database.execute(f'SELECT count(*) FROM "{name}"').fetchone()
            assert count == 1500
            assert database.execute(f"SELECT rtreecheck('rtree_{name}_geom')").fetchone() == ("ok",)
        database.execute("DELETE FROM water WHERE fid = 1500")
        database.commit()
    with pytest.raises(RunError, match="did not take all polygons"):
        check_rows(path, 3000)


def test_a_geopackage_that_lost_its_end_or_a_leaf_is_not_whole(tmp_path: Path) -> None:
    path, damaged = tmp_path / "map.gpkg", tmp_path / "damaged.gpkg"
    geopackage.write(path, Layer("map", "EPSG:32633"), reader_of(batch_of(400), 40), LEGEND)
    check_rows(path, 400)
    whole = path.read_bytes()
    for lost in (1, 4096, 5000, len(whole) // 2, len(whole) - 1, len(whole)):
        damaged.write_bytes(whole[:-lost])
        with pytest.raises(RunError, match="did not take all polygons"):
            check_rows(damaged, 400)
    with closing(sqlite3.connect(path)) as database:
        (root,) = database.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'map'"
        ).fetchone()
    page = whole[(root - 1) * 4096 : root * 4096]
    assert page[0] == INTERIOR
    cells = struct.unpack_from(f">{int.from_bytes(page[3:5], 'big')}H", page, INTERIOR_HEAD)
    leaves = [int.from_bytes(page[cell : cell + 4], "big") for cell in cells]
    assert len(leaves) > 10
    for leaf in leaves:
        damaged.write_bytes(whole[: (leaf - 1) * 4096] + bytes(4096) + whole[leaf * 4096 :])
        with pytest.raises(RunError, match="did not take all polygons"):
            check_rows(damaged, 400)


@pytest.mark.skipif(os.name == "nt", reason="a limit of POSIX")
@pytest.mark.parametrize("taken", [0, 1, 5])
def test_an_error_of_writing_is_told_while_rows_are_made(
    tmp_path: Path, taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That the source has to leave its work then is not the reason."""
    import resource

    monkeypatch.setattr(geopackage, "BUNCH", 500)
    batch = batch_of(3000)
    never: Future[None] = Future()

    def parts() -> Iterator[pa.RecordBatch]:
        for at in range(0, 3000, 500):
            yield batch.slice(at, 500)
            if at // 500 >= taken:
                result_of(never)  # as a tracer at work on what comes next

    source = BatchReader(batch.schema, parts())
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"), source.reader() as reader:
            geopackage.write(tmp_path / "map.gpkg", Layer("map", "EPSG:32633"), reader, LEGEND)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
