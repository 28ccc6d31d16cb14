"""Reading scenes: any window gives the same pixels, bands of several sizes, many threads, what
is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import rasterio
from cards import RGB, S2
from hypothesis import given, settings
from hypothesis import strategies as st
from rasters import UTM33, colours, reflectances, write
from safes import LOSSLESS

from geoseg.core.card import Scaling
from geoseg.core.errors import InputError, ModelError, RunError
from geoseg.core.grid import Window
from geoseg.core.options import Options
from geoseg.raster.handles import OpenFiles, open_dataset
from geoseg.raster.pixels import coarse_step
from geoseg.scene.describe import describe
from geoseg.scene.source import BandReader, Source, open_raster

METRE = (1.0, 0.0, 500_000.0, 0.0, -1.0, 5_000_000.0)
NAMES = S2.band_names


def windows(height: int, width: int, beyond: int = 0) -> st.SearchStrategy[Window]:
    """Windows that begin inside height x width, and may hang over by some pixels."""
    corner = st.integers(0, height - 1), st.integers(0, width - 1)
    size = st.integers(1, height + beyond), st.integers(1, width + beyond)
    return st.tuples(*corner, *size).map(
        lambda w: Window(
            w[0], w[1], min(w[0] + w[2], height + beyond), min(w[1] + w[3], width + beyond)
        )
    )


def check_window(source: Source, whole: np.ndarray, valid: np.ndarray, window: Window) -> None:
    """Compare with the whole scene, reflected by numpy beyond its edges."""
    patch = source.read(window)
    assert patch.window == window
    inside = window.clip(source.grid.extent)
    place = inside.within(source.grid.extent)
    pad = [(0, window.bottom - inside.bottom), (0, window.right - inside.right)]
    assert np.array_equal(patch.data, np.pad(whole[:, *place], [(0, 0), *pad], mode="reflect"))
    known = np.ones(window.shape, bool) if patch.valid is None else patch.valid
    assert np.array_equal(known, np.pad(valid[place], pad))


def everything(source: Source) -> tuple[np.ndarray, np.ndarray]:
    patch = source.read(source.grid.extent)
    return patch.data, np.ones(patch.window.shape, bool) if patch.valid is None else patch.valid


@pytest.fixture(scope="module")
def one_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    pixels = reflectances(9, 130, 170)
    pixels[:, :20, :30] = 0
    path = write(
        tmp_path_factory.mktemp("one") / "scene.tif",
        pixels,
        NAMES,
        nodata=0,
        tiled=True,
        blockxsize=64,
        blockysize=64,
        compress="deflate",
    )
    with open_raster(
        (path,), S2, Options()
    ) as source:  # an open scene would hold on to its share of GDAL's cache
        yield source


@pytest.fixture(scope="module")
def many_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    """Bands of 10, 20 and 60 m with nodata, whose corners do not quite meet, as in real
    products.
    """
    folder, paths = tmp_path_factory.mktemp("many"), []
    for i, name in enumerate(NAMES):
        size, shift = {"B05": (20, -10), "B11": (60, 15), "B12": (60, -50)}.get(name, (10, 0))
        pixels = reflectances(1, -(-1300 // size), -(-1700 // size), seed=i)
        pixels[:, : 200 // size, : 300 // size] = 0
        place = (size, 0.0, 500_000.0 + shift, 0.0, -size, 5_000_000.0 - shift)
        paths.append(
            write(folder / f"T33TVM_20230101T101010_{name}.tif", pixels, transform=place, nodata=0)
        )
    with open_raster(tuple(paths), S2, Options()) as source:
        yield source


@given(st.data())
@settings(deadline=None)
def test_any_window_of_one_file(one_file: Source, data: st.DataObject) -> None:
    whole, valid = everything(one_file)
    check_window(one_file, whole, valid, data.draw(windows(130, 170, beyond=200)))


@given(st.data())
@settings(deadline=None)
def test_any_window_of_bands_of_several_sizes(many_files: Source, data: st.DataObject) -> None:
    whole, valid = everything(many_files)
    check_window(many_files, whole, valid, data.draw(windows(130, 170, beyond=40)))


def test_pixels_are_those_that_rasterio_reads(one_file: Source) -> None:
    whole, valid = everything(one_file)
    with rasterio.open(one_file.info.paths[0]) as dataset:
        assert np.array_equal(whole, dataset.read())
        assert np.array_equal(valid, dataset.dataset_mask() != 0)
    assert whole.dtype == np.uint16


def test_several_sizes_are_told_and_the_finest_grid_serves(many_files: Source) -> None:
    assert (many_files.grid.height, many_files.grid.width) == (130, 170)
    assert many_files.grid.transform == UTM33
    assert any("3 coarser files" in note for note in many_files.notes)
    assert many_files.indices == tuple(range(1, 10))


def test_many_threads_read_the_same(one_file: Source, many_files: Source) -> None:
    places = [Window(t, s, t + 60, s + 70) for t in range(0, 120, 17) for s in range(0, 160, 23)]
    for source in (one_file, many_files):
        alone = [source.read(place).data for place in places]
        with ThreadPoolExecutor(4) as threads:
            together = list(threads.map(lambda place: source.read(place).data, places))  # noqa: B023 - used at once
        assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 9), (7, 1), (3, 2)])
def test_tiny_scenes_are_reflected(tmp_path: Path, height: int, width: int) -> None:
    pixels = colours(height, width)
    path = write(tmp_path / "a.tif", pixels, transform=METRE, photometric="RGB")
    with open_raster((path,), RGB, Options()) as source:
        whole, valid = everything(source)
        assert np.array_equal(whole, pixels)
        check_window(source, whole, valid, Window(0, 0, 32, 32))


def test_bands_come_in_the_models_order(tmp_path: Path) -> None:
    pixels = reflectances(9, 30, 30)
    order = [4, 0, 8, 2, 6, 1, 7, 3, 5]
    path = write(tmp_path / "a.tif", pixels[order], [NAMES[i] for i in order])
    with open_raster((path,), S2, Options()) as source:
        assert np.array_equal(everything(source)[0], pixels)
        assert [order[i - 1] for i in source.indices] == list(range(9))


def test_bands_from_the_option(tmp_path: Path) -> None:
    pixels = colours(20, 20, bands=4)
    path = write(tmp_path / "a.tif", pixels, transform=METRE, photometric="MINISBLACK")
    with pytest.raises(ModelError, match="4 bands without a name"):
        open_raster((path,), RGB, Options())
    with open_raster((path,), RGB, Options.of(bands=(3, 1, 2))) as source:
        assert np.array_equal(everything(source)[0], pixels[[2, 0, 1]])


def test_alpha_band_is_no_input_but_decides_validity(tmp_path: Path) -> None:
    pixels = colours(20, 20, bands=4)
    pixels[3], pixels[3, :5] = 255, 0
    path = write(tmp_path / "a.tif", pixels, transform=METRE, photometric="RGB", alpha="YES")
    with open_raster((path,), RGB, Options()) as source:
        data, valid = everything(source)
    assert len(data) == 3
    assert valid.sum() == 15 * 20


def test_a_file_found_damaged_on_opening_is_bad_input(tmp_path: Path) -> None:
    whole, cog = (
        write(tmp_path / "a.tif", colours(400, 400), transform=METRE, photometric="RGB"),
        tmp_path / "cog.tif",
    )
    rasterio.shutil.copy(whole, str(cog), driver="COG", compress="deflate", overviews="none")
    cog.write_bytes(cog.read_bytes()[:200_000])
    with pytest.raises(InputError, match="cut off or damaged"):
        open_raster((str(cog),), RGB, Options())


def test_an_alpha_band_that_looks_like_a_picture_is_told(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.tif",
        colours(50, 50, bands=4),
        transform=METRE,
        photometric="RGB",
        alpha="YES",
    )
    with open_raster((path,), RGB, Options()) as source:
        assert any("alpha band" in text for text in source.warnings)


def test_a_damaged_block_is_an_error_in_the_thread_that_reads_it(tmp_path: Path) -> None:
    whole = write(tmp_path / "a.tif", colours(2000, 2000), transform=METRE, photometric="RGB")
    cog, cut = tmp_path / "cog.tif", tmp_path / "cut.tif"
    rasterio.shutil.copy(
        whole, str(cog), driver="COG", compress="deflate", overviews="none", blocksize=128
    )
    with rasterio.open(cog) as dataset:  # a block between the windows that are looked at first
        start = int(dataset.get_tag_item("BLOCK_OFFSET_3_4", "TIFF", bidx=1))
    content = bytearray(cog.read_bytes())
    content[start : start + 2000] = b"\xff" * 2000
    cut.write_bytes(content)
    places = [
        Window(t, s, t + 250, s + 250) for t in range(0, 2000, 250) for s in range(0, 2000, 250)
    ]
    with (
        open_raster((str(cut),), RGB, Options()) as source,
        ThreadPoolExecutor(2) as threads,
        pytest.raises(RunError, match=r"cut\.tif cannot be read at rows \d+ to \d+"),
    ):
        list(threads.map(source.read, places))


def test_pixel_size_outside_the_cards_range(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", colours(30, 30), photometric="RGB")
    with pytest.raises(ModelError, match=r"pixels are 10 m; expected 0\.3 to 3 m, or at most 4"):
        open_raster((path,), RGB, Options())
    with open_raster((path,), RGB, Options.of(force=True)) as source:
        assert any("--force" in text for text in source.warnings)


def test_no_crs_is_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    whole = write(tmp_path / "a.tif", colours(30, 30), transform=METRE, crs=None, photometric="RGB")
    rasterio.shutil.copy(whole, str(path), driver="PNG", worldfile="no")
    path.with_suffix(".png.aux.xml").unlink(missing_ok=True)
    with open_raster((str(path),), RGB, Options()) as source:
        assert source.grid.crs is None
        assert source.info.gsd is None
        assert any("no coordinate reference system" in text for text in source.warnings)


def test_complex_numbers_are_refused(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.tif",
        np.ones((3, 8, 8), np.complex64),
        ["red", "green", "blue"],
        transform=METRE,
    )
    with pytest.raises(InputError, match="complex"):
        open_raster((path,), RGB, Options.of(scale=1.0))


def test_complex_whole_numbers_are_refused_as_well(tmp_path: Path) -> None:
    profile = {
        "driver": "GTiff",
        "count": 3,
        "height": 8,
        "width": 8,
        "dtype": "complex_int16",
        "transform": METRE,
    }
    path = tmp_path / "a.tif"
    with rasterio.open(path, "w", crs="EPSG:32632", **profile) as raster:
        raster.write(np.ones((3, 8, 8), np.complex64))
        raster.descriptions = ("red", "green", "blue")
    with pytest.raises(InputError, match="complex"):
        open_raster((str(path),), RGB, Options.of(scale=1.0))


def test_data_type_is_refused_until_a_scale_is_given(tmp_path: Path) -> None:
    pixels = reflectances(9, 40, 40).astype(np.float32) / 10_000
    path = write(tmp_path / "a.tif", pixels, NAMES)
    with pytest.raises(ModelError, match="float32; expected uint16"):
        open_raster((path,), S2, Options())
    with open_raster((path,), S2, Options.of(scale=1.0)) as source:
        assert source.scaling == Scaling(1.0, 0.0)
        assert source.read(source.grid.extent).data.dtype == np.float32


def test_one_band_scene_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", colours(20, 20, bands=1), transform=METRE)
    with pytest.raises(ModelError, match="has 1 band"):
        open_raster((path,), RGB, Options())


def test_files_of_different_crs_are_refused(tmp_path: Path) -> None:
    paths = [
        write(
            tmp_path / f"s2_{name}.tif",
            reflectances(1, 20, 20),
            crs=f"EPSG:326{33 + (name == 'B12')}",
        )
        for name in NAMES
    ]
    with pytest.raises(InputError, match="differ in their coordinate reference system"):
        open_raster(tuple(paths), S2, Options())


def test_files_without_a_common_place_are_refused(tmp_path: Path) -> None:
    far = (10.0, 0.0, 900_000.0, 0.0, -10.0, 5_000_000.0)
    paths = [
        write(
            tmp_path / f"s2_{name}.tif",
            reflectances(1, 20, 20),
            transform=far if name == "B12" else UTM33,
        )
        for name in NAMES
    ]
    with pytest.raises(InputError, match="cover no common ground"):
        open_raster(tuple(paths), S2, Options())


@pytest.fixture(scope="module")
def jpeg2000(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Two bands in blocks of 512 px, of 10 and of 20 m."""
    folder = tmp_path_factory.mktemp("levels")
    files = []
    for name, side, metres in (("B02", 600, 10.0), ("B11", 300, 20.0)):
        pixels = reflectances(1, side, side)
        pixels[:, :40] = 0
        place = (metres, 0.0, UTM33[2], 0.0, -metres, UTM33[5])
        blocks = {"BLOCKXSIZE": "512", "BLOCKYSIZE": "512", "RESOLUTIONS": "5"}
        path = folder / f"{name}.jp2"
        files.append(write(path, pixels, transform=place, **LOSSLESS, **blocks))
    return files[0], files[1]


@given(data=st.data())
def test_a_look_takes_the_coarser_levels_of_jpeg_2000(
    jpeg2000: tuple[str, str], data: st.DataObject
) -> None:
    """As GDAL opens them: the fourth of 10 m, the half of 20 m; every other file as it is."""
    layers = describe(jpeg2000).layers
    top, left = data.draw(st.integers(0, 599)), data.draw(st.integers(0, 599))
    window = Window(top, left, data.draw(st.integers(top + 1, 600)), min(600, left + 50))
    with BandReader(layers[:1], zeros=True) as reader:
        found = reader.look(window)
        assert (reader.read(window).data == expected(jpeg2000[0], None, 1, window)).all()
    coarse = expected(jpeg2000[0], 1, 4, window)
    assert (found.data == coarse).all()
    known = np.ones(window.shape, bool) if found.valid is None else found.valid
    assert (known == (coarse[0] != 0)).all()
    with open_dataset(jpeg2000[1]) as dataset:  # of which a pixel of 10 m is half of one
        assert coarse_step(dataset, 4 * 0.5) == 2


def expected(path: str, level: int | None, step: int, window: Window) -> np.ndarray:
    how = {} if level is None else {"OVERVIEW_LEVEL": level}
    with rasterio.open(path, **how) as file:
        full = file.read().repeat(step, 1).repeat(step, 2)
    return full[:, window.top : window.bottom, window.left : window.right]


def test_a_look_at_any_other_file_is_a_reading(one_file: Source) -> None:
    reader = one_file.reader
    assert isinstance(reader, BandReader)
    window = Window(3, 5, 60, 70)
    assert (reader.look(window).data == reader.read(window).data).all()


def test_files_that_are_shared_stay_open(jpeg2000: tuple[str, str]) -> None:
    (layer,) = describe(jpeg2000[:1]).layers
    window = Window(0, 0, 10, 10)
    with OpenFiles() as files:
        for _ in range(2):
            with BandReader([layer], files=files) as reader:
                reader.read(window)
        handle = files.handle(jpeg2000[0])
        with handle.use() as dataset:
            assert not dataset.closed
    with handle.use() as dataset:
        assert dataset.closed
