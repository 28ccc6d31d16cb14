"""Opening rasters: what cannot be one is told in one line."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import rasterio
import rasterio.shutil
from rasters import colours, write

from geoseg.errors import InputError
from geoseg.raster import describe
from geoseg.raster.handles import Pool


def test_missing_file() -> None:
    with pytest.raises(InputError, match=r"no/such\.tif does not exist"):
        describe(("no/such.tif",))


def test_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        describe((str(tmp_path),))


@pytest.mark.parametrize("content", [b"hello, this is no raster\n" * 50, b"II*\x00", b"\x89PNG\r\n\x1a\n", b"<xml/>"])
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


def test_a_container_without_bands_names_its_parts(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    for name in ("one", "two"):
        with rasterio.open(path, "w", driver="GPKG", count=3, height=4, width=4, dtype="uint8", crs="EPSG:3857",
                           transform=rasterio.Affine(2, 0, 9, 0, -2, 9), raster_table=name,
                           append_subdataset=path.exists()) as raster:  # fmt: skip
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


def test_a_pool_lends_as_many_handles_as_are_asked_for_at_once(tmp_path: Path) -> None:
    pixels = colours(64, 64)
    pool = Pool(write(tmp_path / "a.tif", pixels, tiled=True, blockxsize=16, blockysize=16))

    def read(_: int) -> bool:
        with pool.handle() as dataset:
            return np.array_equal(dataset.read(), pixels)

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(read, range(40)))
    assert len(pool._idle) <= 4
    with pool.handle() as first, pool.handle() as second:
        assert first is not second
        pool.close()
    assert first.closed
    assert second.closed
