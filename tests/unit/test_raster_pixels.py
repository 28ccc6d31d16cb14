"""Which pixels hold data: nodata values, NaN, alpha, masks; GDAL is the oracle where it agrees."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
import rasterio.shutil
from rasters import colours, reflectances, write

from geoseg.core.errors import InputError, RunError
from geoseg.core.grid import Window
from geoseg.raster.handles import open_dataset
from geoseg.raster.pixels import read_pixels
from geoseg.scene.describe import describe


def valid(path: str, *bands: int) -> np.ndarray:
    """Return where the given bands (default: all but alpha) of a file are valid together."""
    info = describe((path,))
    layers = [info.layers[i - 1] for i in bands] or list(info.images)
    with open_dataset(path) as dataset:
        data, found = read_pixels(dataset, layers, info.grid.extent)
    assert np.isfinite(data).all()
    return np.ones(data.shape[1:], bool) if found is None else found


def gdal_mask(path: str) -> np.ndarray:
    with rasterio.open(path) as dataset:
        return dataset.dataset_mask() != 0


def test_without_any_mask_all_is_valid(tmp_path: Path) -> None:
    assert valid(write(tmp_path / "a.tif", np.zeros((3, 5, 6), np.uint8))).all()


def test_zero_is_nodata_only_where_all_bands_are_zero(tmp_path: Path) -> None:
    pixels = reflectances(3, 8, 8) + 1
    pixels[:, :2] = 0
    pixels[0, 4:6] = 0  # dark in one band: data
    path = write(tmp_path / "a.tif", pixels, nodata=0)
    found = valid(path)
    assert not found[:2].any()
    assert found[2:].all()
    assert np.array_equal(found, gdal_mask(path))


def test_only_the_bands_in_use_count(tmp_path: Path) -> None:
    pixels = np.ones((2, 3, 3), np.uint16)
    pixels[0, 0, 0] = 0
    path = write(tmp_path / "a.tif", pixels, nodata=0)
    assert valid(path).all()
    assert not valid(path, 1)[0, 0]


@pytest.mark.parametrize(
    ("kind", "nodata"),
    [
        ("int16", -9999),
        ("uint16", 65535),
        ("float32", -3.4028234663852886e38),
        ("float64", -1.7976931348623157e308),
    ],
)
def test_a_value_that_no_sensor_gives_spoils_the_pixel_in_any_band(
    tmp_path: Path, kind: str, nodata: float
) -> None:
    pixels = np.ones((3, 4, 4), kind)
    pixels[1, 2, 2] = nodata
    found = valid(write(tmp_path / "a.tif", pixels, nodata=nodata))
    assert not found[2, 2]
    assert found.sum() == 15


def test_white_is_nodata_only_in_all_bands_of_8_bits(tmp_path: Path) -> None:
    pixels = np.full((3, 4, 4), 90, np.uint8)
    pixels[0, 0] = 255
    pixels[:, 3] = 255
    found = valid(write(tmp_path / "a.tif", pixels, nodata=255))
    assert found[:3].all()
    assert not found[3].any()


@pytest.mark.parametrize(
    ("kind", "nodata"), [("uint8", 128), ("uint16", 1), ("uint16", 1000), ("float32", 1.0)]
)
def test_a_value_that_a_sensor_may_give_is_nodata_only_in_all_bands(
    tmp_path: Path, kind: str, nodata: float
) -> None:
    pixels = np.full((3, 4, 4), 7, kind)
    pixels[0, 0] = nodata
    pixels[:, 1] = nodata
    found = valid(write(tmp_path / "a.tif", pixels, nodata=nodata))
    assert found.all(axis=1).tolist() == [True, False, True, True]


@pytest.mark.parametrize("nodata", [None, float("nan"), -1.0])
def test_what_is_not_finite_is_invalid(tmp_path: Path, nodata: float | None) -> None:
    pixels = np.ones((2, 4, 4), np.float32)
    pixels[0, 0, 0], pixels[1, 1, 1], pixels[0, 2, 2] = np.nan, np.inf, -np.inf
    found = valid(write(tmp_path / "a.tif", pixels, nodata=nodata))
    assert not found[[0, 1, 2], [0, 1, 2]].any()
    assert found.sum() == 13


def test_a_number_too_large_for_float32_is_invalid(tmp_path: Path) -> None:
    pixels = np.ones((1, 2, 2), np.float64)
    pixels[0, 0, 0] = 1e300
    assert valid(write(tmp_path / "a.tif", pixels)).tolist() == [[False, True], [True, True]]


def test_nodata_outside_the_data_type_means_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.zeros((1, 3, 3), np.uint8))
    text = Path(path).with_suffix(".vrt")
    text.write_text(
        f"""<VRTDataset rasterXSize="3" rasterYSize="3"><VRTRasterBand dataType="Byte" band="1">
        <NoDataValue>-9999</NoDataValue><SimpleSource><SourceFilename>{path}</SourceFilename><SourceBand>1</SourceBand>
        </SimpleSource></VRTRasterBand></VRTDataset>"""
    )
    assert valid(str(text)).all()


@pytest.mark.parametrize(
    ("kind", "nodata"), [("uint64", 2**64 - 1), ("int64", -(2**63)), ("int64", 2**63 - 1)]
)
def test_the_ends_of_64_bits_are_nodata_where_the_file_says_so(
    tmp_path: Path, kind: str, nodata: int
) -> None:
    pixels = np.ones((1, 3, 3), kind)
    pixels[0, 0] = nodata
    path = write(tmp_path / "a.tif", pixels)
    name = {"uint64": "UInt64", "int64": "Int64"}[kind]
    text = Path(path).with_suffix(".vrt")
    text.write_text(
        f"""<VRTDataset rasterXSize="3" rasterYSize="3"><VRTRasterBand dataType="{name}"
        band="1"><NoDataValue>{nodata}</NoDataValue><SimpleSource><SourceFilename>{path}</SourceFilename>
        <SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"""
    )
    assert valid(str(text)).tolist() == [[False] * 3, [True] * 3, [True] * 3]


def test_alpha_zero_is_invalid(tmp_path: Path) -> None:
    pixels = colours(6, 7, bands=4)
    pixels[3] = 255
    pixels[3, :2], pixels[3, 4] = 0, 1
    path = write(tmp_path / "a.tif", pixels, photometric="RGB", alpha="YES")
    found = valid(path)
    assert np.array_equal(found, gdal_mask(path))
    assert not found[:2].any()
    assert found[2:].all()


@pytest.mark.parametrize("inside", [True, False])
def test_internal_mask_and_msk_sidecar(tmp_path: Path, inside: bool) -> None:
    path = write(tmp_path / "a.tif", colours(6, 7), photometric="RGB")
    mask = np.full((6, 7), 255, np.uint8)
    mask[1:3, 2:5] = 0
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=inside), rasterio.open(path, "r+") as dataset:
        dataset.write_mask(mask)
    assert (tmp_path / "a.tif.msk").exists() != inside
    assert np.array_equal(valid(path), mask != 0)
    assert np.array_equal(valid(path), gdal_mask(path))


def test_nodata_and_mask_count_together(tmp_path: Path) -> None:
    pixels = colours(4, 4) // 2 + 1
    pixels[:, 0] = 0
    path = write(tmp_path / "a.tif", pixels, nodata=0)
    mask = np.full((4, 4), 255, np.uint8)
    mask[3] = 0
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "r+") as dataset:
        dataset.write_mask(mask)
    assert valid(path).sum(axis=1).tolist() == [0, 4, 4, 0]


def test_nodata_values_tag_counts_as_a_whole(tmp_path: Path) -> None:
    pixels = np.full((3, 4, 4), 9, np.uint8)
    pixels[:, 0, 0] = 1, 2, 3
    pixels[0, 1, 1] = 1
    path = write(tmp_path / "a.tif", pixels, tags={"NODATA_VALUES": "1 2 3"})
    assert np.array_equal(valid(path), gdal_mask(path))
    assert valid(path).sum() == 15


@pytest.mark.parametrize("kind", ["int8", "uint32", "int32", "float64"])
def test_other_data_types_become_float32(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path / "a.tif", np.full((1, 2, 2), 7, kind))
    info = describe((path,))
    with open_dataset(path) as dataset:
        data, _ = read_pixels(dataset, info.layers, Window(0, 0, 2, 2))
    assert data.dtype == np.float32
    assert (data == 7).all()


@pytest.mark.parametrize(
    ("driver", "suffix", "options"),
    [
        ("COG", "tif", {"compress": "deflate", "blocksize": 128}),
        ("COG", "tif", {"compress": "jpeg", "blocksize": 128}),
        ("COG", "tif", {"compress": "none", "blocksize": 128}),
        ("JP2OpenJPEG", "jp2", {"reversible": "yes"}),
        ("JPEG", "jpg", {}),
    ],
)
def test_a_file_that_is_cut_off_is_an_error(
    tmp_path: Path, driver: str, suffix: str, options: dict
) -> None:
    path, cut = tmp_path / f"whole.{suffix}", tmp_path / f"cut.{suffix}"
    rasterio.shutil.copy(
        write(tmp_path / "a.tif", colours(300, 300)), str(path), driver=driver, **options
    )
    cut.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    with pytest.raises(RunError, match="cut off or damaged"):
        valid(str(cut))


def test_of_a_virtual_raster_the_file_that_is_missing_is_named(tmp_path: Path) -> None:
    source, virtual = write(tmp_path / "part.tif", colours(20, 20)), str(tmp_path / "all.vrt")
    rasterio.shutil.copy(source, virtual, driver="VRT")
    Path(source).unlink()
    with pytest.raises(RunError, match=r"a file that it is made of.*part\.tif: No such file"):
        valid(virtual)


def test_a_tiff_without_its_end_cannot_be_opened(tmp_path: Path) -> None:
    path = Path(write(tmp_path / "a.tif", colours(300, 300)))
    path.write_bytes(path.read_bytes()[:100_000])
    with pytest.raises(InputError, match="cannot be opened"):
        valid(str(path))
