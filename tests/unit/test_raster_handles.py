"""Opening rasters: what cannot be one is told in one line."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np
import pytest
import rasterio
import rasterio.shutil
from rasterio.env import get_gdal_config
from rasters import colours, write

from geoseg.core.errors import InputError
from geoseg.raster.handles import (
    CACHE,
    CACHE_LIMIT,
    Handle,
    gdal_env,
    open_dataset,
    row_bytes,
    want_cache,
)
from geoseg.scene.describe import describe


def test_missing_file() -> None:
    with pytest.raises(InputError, match=r"no/such\.tif does not exist"):
        describe(("no/such.tif",))


def test_a_part_of_a_container_is_opened_by_its_name(tmp_path: Path) -> None:
    container = tmp_path / "two.gpkg"
    for table, more in (("one", {}), ("two", {"APPEND_SUBDATASET": "YES"})):
        write(container, colours(20, 20), driver="GPKG", RASTER_TABLE=table, **more)
    assert describe((f"GPKG:{container}:two",)).dtype == "uint8"
    with pytest.raises(InputError, match="cannot be opened as a raster"):
        describe((f"GPKG:{container}:three",))


def test_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        describe((str(tmp_path),))


@pytest.mark.parametrize(
    "content", [b"hello, this is no raster\n" * 50, b"II*\x00", b"\x89PNG\r\n\x1a\n", b"<xml/>"]
)
def test_not_a_raster(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "scene.tif"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        describe((str(path),))
    assert "\n" not in str(caught.value)


def test_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "scene.tif"
    path.touch()
    with pytest.raises(InputError, match="is empty"):
        describe((str(path),))


def test_a_link_to_nothing_is_told_as_one(tmp_path: Path) -> None:
    (tmp_path / "a.tif").symlink_to("gone.tif")
    with pytest.raises(InputError, match=r"a link to .*gone\.tif, which does not exist"):
        describe((str(tmp_path / "a.tif"),))


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every file")
def test_unreadable_file(tmp_path: Path) -> None:
    path = tmp_path / "scene.tif"
    write(path, colours(4, 4))
    path.chmod(0)
    with pytest.raises(InputError, match="permission denied"):
        describe((str(path),))


def test_a_png_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    whole = tmp_path / "scene.png"
    rasterio.shutil.copy(write(tmp_path / "a.tif", colours(200, 200)), str(whole), driver="PNG")
    assert describe((str(whole),)).grid.width == 200
    whole.write_bytes(whole.read_bytes()[:-5000])
    with pytest.raises(InputError, match="cut off"):
        describe((str(whole),))


def test_a_header_that_is_cut_off_is_refused_and_never_read_in_part(tmp_path: Path) -> None:
    """GDAL opens such a file without the tags that are missing: a scale, nodata, the CRS."""
    path = Path(write(tmp_path / "a.tif", colours(20, 20), ("red", "green", "blue"), nodata=0))
    with rasterio.open(path, "r+") as raster:  # which puts the tags behind the pixels
        raster.scales = (1e-4,) * 3
        raster.update_tags(NOTE="x" * 300)
    whole = path.read_bytes()
    known = describe((str(path),))
    refused = 0
    for size in range(16, len(whole), 29):
        path.write_bytes(whole[:size])
        try:
            assert describe((str(path),)) == known
        except InputError:
            refused += 1
    assert refused > 10


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_what_lies_beside_a_raster_and_is_cut_off_is_refused(tmp_path: Path, share: float) -> None:
    plain = write(tmp_path / "a.tif", colours(20, 20), ("red", "green", "blue"), nodata=0)
    path = tmp_path / "a.png"
    rasterio.shutil.copy(plain, str(path), driver="PNG")
    aside = Path(f"{path}.aux.xml")
    assert describe((str(path),)).layers[0].nodata == 0
    text = aside.read_bytes()
    aside.write_bytes(text[: int(len(text) * share)])
    with pytest.raises(InputError, match=r"a\.png\.aux\.xml is cut off"):
        describe((str(path),))


def test_a_container_without_bands_names_its_parts(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    for name in ("one", "two"):
        with rasterio.open(
            path,
            "w",
            driver="GPKG",
            count=3,
            height=4,
            width=4,
            dtype="uint8",
            crs="EPSG:3857",
            transform=rasterio.Affine(2, 0, 9, 0, -2, 9),
            raster_table=name,
            append_subdataset=path.exists(),
        ) as raster:
            raster.write(colours(4, 4))
    with pytest.raises(InputError, match=r"holds no raster bands of its own.*GPKG:.*one"):
        describe((str(path),))


def test_the_same_file_twice_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", colours(4, 4))
    with pytest.raises(InputError, match="named twice"):
        describe((path, path))


def test_no_file_at_all() -> None:
    with pytest.raises(InputError, match="no scene"):
        describe(())


def test_threads_use_a_handle_in_turn(tmp_path: Path) -> None:
    pixels = colours(64, 64)
    handle = Handle(
        write(tmp_path / "a.tif", pixels, tiled=True, blockxsize=16, blockysize=16), threads=2
    )

    def read(_: int) -> bool:
        with handle.use() as dataset:
            return np.array_equal(dataset.read(), pixels)

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(read, range(40)))
    handle.close()
    with handle.use() as dataset:
        assert dataset.closed


class Owner:
    """Asks for room in the cache."""


def test_the_cache_holds_a_row_of_tiles_and_stays_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geoseg.raster.handles._wanted", WeakKeyDictionary())
    tiled = write(
        tmp_path / "t.tif",
        colours(600, 5000),
        tiled=True,
        blockxsize=64,
        blockysize=64,
        interleave="band",
    )
    with open_dataset(tiled) as dataset:
        assert row_bytes(dataset, 2, 100, 640) == 3 * 64 * (640 + 64) * 2 * 1.25
    strips = write(tmp_path / "s.tif", colours(600, 5000), blockysize=8, interleave="pixel")
    with open_dataset(strips) as dataset:
        assert row_bytes(dataset, 2, 100, 640) == 14 * 8 * 5000 * 3 * 1.25
    owner = Owner()
    for size, expected in ((1, CACHE), (100 << 20, 100 << 20), (10 << 30, CACHE_LIMIT), (0, CACHE)):
        want_cache(owner, size)
        with gdal_env():
            assert get_gdal_config("GDAL_CACHEMAX") == expected
    want_cache(owner, 100 << 20)
    del owner  # which nobody closed
    with gdal_env():
        assert get_gdal_config("GDAL_CACHEMAX") == CACHE


def test_scenes_are_opened_while_others_are_read() -> None:
    """What is asked of the cache is summed up in one thread while another one asks for more."""

    class Scene:
        pass

    held = [Scene() for _ in range(500)]
    for scene in held:
        want_cache(scene, 1)

    def opening() -> None:
        for _ in range(100):
            scenes = [Scene() for _ in range(50)]
            for size in (1, 0):
                for scene in scenes:
                    want_cache(scene, size)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(1) as threads:
            opened = threads.submit(opening)
            while not opened.done():
                gdal_env()
            opened.result()
    finally:
        sys.setswitchinterval(interval)
        for scene in held:
            want_cache(scene, 0)


@pytest.mark.parametrize("interleave", ["pixel", "band"])
def test_a_compressed_strip_of_a_whole_file_is_told(tmp_path: Path, interleave: str) -> None:
    """GDAL shows rows of it as blocks where these are more than 2,000, and holds it whole; rows in
    strips of their own are none.
    """
    pixels = colours(2048, 32)
    for rows, more, strip in (
        (2048, {"compress": "deflate"}, True),
        (2048, {}, False),
        (1, {"compress": "deflate"}, False),
        (16, {"compress": "deflate"}, False),
    ):
        path = tmp_path / f"{rows}{len(more)}.tif"
        write(path, pixels, blockysize=rows, interleave=interleave, **more)
        packed = {layer.packed for layer in describe((str(path),)).layers}
        size = path.stat().st_size
        share = 1 if interleave == "pixel" else 1 / len(pixels)
        assert (0.5 * share * size < max(packed) < size) if strip else packed == {0}
