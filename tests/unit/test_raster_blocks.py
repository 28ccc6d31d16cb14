"""Large blocks of JPEG 2000: the same pixels as GDAL's, each block decoded once, by all cores."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Lock

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from rasters import reflectances, write

from geoseg.core.errors import RunError
from geoseg.core.grid import Tiling, Window
from geoseg.core.threads import crew_of, prefetch
from geoseg.raster import blocks
from geoseg.raster.band_info import BandInfo
from geoseg.raster.blocks import BlockCache, BlockFile
from geoseg.raster.handles import Handle
from geoseg.raster.pixels import read_pixels
from geoseg.scene.describe import describe
from geoseg.scene.source import BandReader

HEIGHT, WIDTH = 2300, 1900
LOSSLESS = {"driver": "JP2OpenJPEG", "QUALITY": "100", "REVERSIBLE": "YES", "YCBCR420": "NO"}
BLOCKS = {"BLOCKXSIZE": "512", "BLOCKYSIZE": "512"}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray]:
    """A band in blocks of 512 px, a corner without data."""
    pixels = reflectances(1, HEIGHT, WIDTH)
    pixels[:, :700, :600] = 0
    path = tmp_path_factory.mktemp("blocks") / "band.jp2"
    write(path, pixels, **LOSSLESS, **BLOCKS)
    return path, pixels


@pytest.fixture(scope="module")
def layers(scene: tuple[Path, np.ndarray]) -> list[BandInfo]:
    return [replace(layer, nodata=0.0) for layer in describe((str(scene[0]),)).layers]


@pytest.fixture(scope="module")
def opened(scene: tuple[Path, np.ndarray], layers: list[BandInfo]) -> Iterator[BlockFile]:
    with (
        closing(Handle(str(scene[0]), most=2)) as handle,
        crew_of(2, "test") as crew,
        closing(BlockFile(handle, layers, crew)) as file,
    ):
        yield file


def read(file: BlockFile, window: Window) -> tuple[np.ndarray, np.ndarray | None]:
    return file.finish(window, file.begin(window))


@given(st.data())
@settings(deadline=None, max_examples=40)
def test_any_window_holds_the_pixels_of_the_file(
    opened: BlockFile, scene: tuple[Path, np.ndarray], data: st.DataObject
) -> None:
    top = data.draw(st.integers(0, HEIGHT - 1))
    left = data.draw(st.integers(0, WIDTH - 1))
    bottom = data.draw(st.integers(top + 1, HEIGHT))
    right = data.draw(st.integers(left + 1, WIDTH))
    pixels, valid = read(opened, Window(top, left, bottom, right))
    expected = scene[1][:, top:bottom, left:right]
    assert pixels.dtype == np.uint16
    np.testing.assert_array_equal(pixels, expected)
    known = expected[0] != 0
    if valid is None:
        assert known.all()
    else:
        np.testing.assert_array_equal(valid, known)
        assert not valid.all()


def test_a_block_is_as_read_pixels_reads_it(
    opened: BlockFile, scene: tuple[Path, np.ndarray], layers: list[BandInfo]
) -> None:
    window = Window(500, 400, 1300, 1200)
    with rasterio.open(scene[0]) as dataset:
        pixels, valid = read_pixels(dataset, layers, window)
    found, known = read(opened, window)
    np.testing.assert_array_equal(found, pixels)
    assert valid is not None
    assert known is not None
    np.testing.assert_array_equal(known, valid)


def test_each_block_is_decoded_once_whatever_the_overlap(
    scene: tuple[Path, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: Counter[Window] = Counter()
    lock = Lock()

    def counted(dataset: object, bands: object, window: Window) -> object:
        with lock:
            seen[window] += 1
        return read_pixels(dataset, bands, window)  # type: ignore[arg-type]

    monkeypatch.setattr(blocks, "read_pixels", counted)
    tiling = Tiling(HEIGHT, WIDTH, 640, 320)
    with BandReader(describe((str(scene[0]),)).layers, tile=640) as reader:
        for patch in prefetch(reader.read, tiling.tiles(), threads=3, depth=4):
            window = patch.window
            place = slice(window.top, window.bottom), slice(window.left, window.right)
            np.testing.assert_array_equal(patch.data[0], scene[1][0][place])
    assert set(seen.values()) == {1}
    assert sum(window.area for window in seen) == HEIGHT * WIDTH


def test_a_file_that_is_cut_off_fails_where_it_is(
    scene: tuple[Path, np.ndarray], tmp_path: Path
) -> None:
    content = scene[0].read_bytes()
    path = tmp_path / "band.jp2"
    path.write_bytes(content[: len(content) // 2])
    with BandReader(describe((str(path),)).layers) as reader:
        np.testing.assert_array_equal(reader.read(Window(0, 0, 300, 1900)).data, scene[1][:, :300])
        for _ in range(2):  # an error is not kept
            with pytest.raises(RunError, match="cut off or damaged"):
                reader.read(Window(2000, 0, 2300, 1900))


@pytest.mark.skipif(os.name == "nt", reason="an open file is not replaced there")
def test_a_file_that_is_replaced_is_not_read_on(
    scene: tuple[Path, np.ndarray], tmp_path: Path
) -> None:
    path = tmp_path / "band.jp2"
    path.write_bytes(scene[0].read_bytes())
    other = tmp_path / "other.jp2"
    other.write_bytes(scene[0].read_bytes())
    with closing(Handle(str(path), most=2)) as handle, handle.use():
        other.replace(path)
        with pytest.raises(RunError, match="changed while it was read"), handle.use():
            pass


def test_handles_are_opened_as_they_are_needed(
    scene: tuple[Path, np.ndarray], tmp_path: Path
) -> None:
    small = write(tmp_path / "small.tif", reflectances(1, 600, 600))
    with closing(Handle(str(scene[0]), most=2)) as handle:
        with handle.use() as one:
            pass
        with handle.use() as again, handle.use() as another:
            assert again is one
            assert another is not one
    assert one.closed
    assert another.closed
    assert not Handle(small, most=2).large_blocks


@given(st.lists(st.integers(0, 9), max_size=60), st.integers(1, 12))
def test_a_cache_keeps_what_was_used_last(asked: list[int], room: int) -> None:
    cache = BlockCache(lambda: room)
    began: list[int] = []
    kept: list[int] = []  # the model: the last used is last
    for number in asked:

        def begin(number: int = number) -> Future[blocks.Decoded]:
            began.append(number)
            future: Future[blocks.Decoded] = Future()
            future.set_result((np.full(1, number), None))
            return future

        before = len(began)
        window = Window(number, 0, number + 1, 1)
        assert cache.get((cache, window), 3, begin).result()[0][0] == number
        assert (len(began) > before) == (number not in kept)
        kept = [*(one for one in kept if one != number), number][-max(1, room // 3) :]


def test_what_an_owner_gave_up_is_decoded_anew() -> None:
    cache = BlockCache(lambda: 100)
    window = Window(0, 0, 1, 1)

    def begin() -> Future[blocks.Decoded]:
        future: Future[blocks.Decoded] = Future()
        future.set_result((np.zeros(1), None))
        return future

    one, two = object(), object()
    mine, theirs = cache.get((one, window), 1, begin), cache.get((two, window), 1, begin)
    cache.drop(one)
    assert cache.get((one, window), 1, begin) is not mine
    assert cache.get((two, window), 1, begin) is theirs
