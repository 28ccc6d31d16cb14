"""Class rasters of any kind: which values are classes, what is nodata, in every command that
reads them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
from rasterio.features import shapes
from rasters import colours, write

from geoseg.cli import run as geoseg
from geoseg.core.errors import InputError
from geoseg.evaluation.compare import Settings, evaluate
from geoseg.evaluation.samples.draw import draw
from geoseg.raster.class_values import MOST, open_classes
from geoseg.raster.handles import open_dataset
from geoseg.vector.clean.cleaning import Tracing
from geoseg.vector.vectorize import vectorize

CASES = Path(__file__).parents[3] / "shared" / "cases"


def case(name: str) -> str:
    """Return the path of a shared case; skip, with a message, where it is missing."""
    path = CASES / name
    if not path.exists():
        pytest.skip(f"{path} is not here: small inputs of one kind each")
    return str(path)


def pixels_of(out: Path) -> dict[int, int]:
    """Return the pixels of each class among the polygons."""
    table = pyogrio.read_dataframe(out, read_geometry=False)
    return {int(k): int(v) for k, v in table.groupby("class_id")["pixels"].sum().items()}


def vectorized(source: str, tmp_path: Path, band: int | None = None) -> dict[int, int]:
    out = tmp_path / "out.fgb"
    vectorize(source, out, Tracing(), band=band, overwrite=True)
    return pixels_of(out)


def drawn(source: str, band: int | None = None) -> dict[int, int]:
    return {stratum.value: stratum.pixels for stratum in draw(source, 10, 1, band=band).strata}


def compared(source: str, band: int | None = None) -> int:
    """Return how many pixels a raster has in common with itself."""
    found = evaluate(source, source, Settings(map_band=band, truth_band=band))
    assert np.array_equal(found.matrix, np.diag(np.diag(found.matrix)))
    return int(found.matrix.sum())


def counted(values: np.ndarray, valid: np.ndarray) -> dict[int, int]:
    found, counts = np.unique(values[valid], return_counts=True)
    return dict(zip(found.astype(int).tolist(), counts.tolist(), strict=True))


def polygonized(source: str) -> dict[int, int]:
    """Return the number of pixels of each value as GDAL's own polygons have them."""
    with open_dataset(source) as raster:
        data, mask = raster.read(1), raster.read_masks(1) != 0
    if data.dtype.kind == "f":
        mask &= np.isfinite(data)
        data = np.where(mask, data, 0)
    found: dict[int, int] = {}
    for value in np.unique(data[mask]):
        one = ((data == value) & mask).astype(np.uint8)
        found[int(value)] = round(sum(ring_area(shape) for shape, _ in shapes(one, one == 1)))
    return found


def ring_area(shape: dict) -> float:
    import shapely.geometry

    return float(shapely.geometry.shape(shape).area)


@pytest.mark.parametrize(
    "name",
    [
        "v52_mask0_255_nd0.tif",
        "v52_mask0_255.tif",
        "v32_cls_mask.tif",
        "v01_f32int.tif",
        "v01_int32_neg.tif",
        "v01_uint16_1000.tif",
        "v01_uint32.tif",
        "cls.asc",
        "v10_nogeo.png",
        "cls_base.tif",
    ],
)
def test_every_command_reads_what_gdal_polygonizes(name: str, tmp_path: Path) -> None:
    source = case(name)
    expected = polygonized(source)
    assert vectorized(source, tmp_path) == expected
    assert drawn(source) == expected
    assert compared(source) == sum(expected.values())


DTYPES = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "float32", "float64"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("nodata", [None, 0, 100, "least"])
def test_whole_numbers_of_any_type_are_classes(
    dtype: str, nodata: int | str | None, tmp_path: Path
) -> None:
    kind = np.dtype(dtype)
    limits = np.iinfo(dtype) if kind.kind in "iu" else np.iinfo("int32")
    high = min(limits.max, 1 << 53)
    pool = np.array(
        [
            0,
            1,
            100,
            high if kind.itemsize != 4 or kind.kind != "f" else 1 << 30,
            max(limits.min, -7),
        ]
    )
    values = np.random.default_rng(0).choice(pool, (30, 41)).astype(dtype)
    nothing = int(values.min()) if nodata == "least" else nodata
    source = write(tmp_path / "c.tif", values[None], nodata=nothing)
    expected = counted(
        values, np.ones(values.shape, bool) if nothing is None else values != nothing
    )
    assert vectorized(source, tmp_path) == expected
    assert drawn(source) == expected
    assert compared(source) == sum(expected.values())


def test_nan_is_no_data_and_fractions_are_refused(tmp_path: Path) -> None:
    values = np.array([[1, 2, np.nan], [np.inf, 2, 40000]], np.float32)
    assert vectorized(write(tmp_path / "n.tif", values[None]), tmp_path) == {1: 1, 2: 2, 40000: 1}
    broken = write(tmp_path / "f.tif", np.array([[[0.25, 1.0]]]))
    for read in (
        lambda: vectorized(broken, tmp_path),
        lambda: drawn(broken),
        lambda: compared(broken),
    ):
        with pytest.raises(
            InputError, match=r"holds fractions, such as 0.25; .*whole numbers.*gdal_calc"
        ):
            read()


def test_the_number_of_classes_has_a_limit(tmp_path: Path) -> None:
    values = np.arange(MOST + 1, dtype=np.int32).reshape(1, 16, 16) * 1000 - 5000
    with pytest.raises(
        InputError, match=f"more than {MOST} different values.*at most {MOST} classes"
    ):
        vectorized(write(tmp_path / "m.tif", values), tmp_path)
    values[0, 0, 0] = values[0, 0, 1]
    assert len(vectorized(write(tmp_path / "n.tif", values), tmp_path)) == MOST
    every = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    assert len(vectorized(write(tmp_path / "b.tif", every, nodata=3), tmp_path)) == 255
    with pytest.raises(InputError, match="more than 255"):
        vectorized(write(tmp_path / "a.tif", every), tmp_path)


def test_complex_numbers_and_numbers_too_large_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="complex64"):
        open_classes(write(tmp_path / "c.tif", np.ones((1, 4, 4), np.complex64)))
    with pytest.raises(InputError, match="holds the value 1e"):
        open_classes(write(tmp_path / "l.tif", np.full((1, 4, 4), 1e300)))


@pytest.mark.parametrize("how", ["internal", "msk", "alpha", "nodata and mask"])
def test_masks_of_every_kind_are_nodata_in_every_command(how: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    values, valid = rng.integers(0, 4, (40, 50)).astype(np.uint8), rng.random((40, 50)) < 0.7
    path = str(tmp_path / "c.tif")
    if how == "alpha":
        write(path, np.stack([values, valid * np.uint8(255)]), alpha="yes")
    else:
        write(path, values[None], nodata=3 if "nodata" in how else None)
        with (
            rasterio.Env(GDAL_TIFF_INTERNAL_MASK=how != "msk"),
            rasterio.open(path, "r+") as raster,
        ):
            raster.write_mask(valid)
    assert (tmp_path / "c.tif.msk").exists() == (how == "msk")
    expected = counted(values, valid & (values != 3) if "nodata" in how else valid)
    assert vectorized(path, tmp_path) == expected
    assert drawn(path) == expected
    assert compared(path) == sum(expected.values())


def test_one_band_of_several_must_be_named(tmp_path: Path) -> None:
    values = np.random.default_rng(1).integers(0, 5, (3, 20, 30)).astype(np.uint8)
    source = write(tmp_path / "m.tif", values, nodata=4)
    for read in (lambda: vectorized(source, tmp_path), lambda: drawn(source)):
        with pytest.raises(InputError, match=r"has 3 bands; expected one band .*--band N"):
            read()
    with pytest.raises(InputError, match=r"has 3 bands.*--map-band N"):
        compared(source)
    for band in (1, 3):
        expected = counted(values[band - 1], values[band - 1] != 4)
        assert vectorized(source, tmp_path, band) == expected
        assert drawn(source, band) == expected
        assert compared(source, band) == sum(expected.values())
    with pytest.raises(InputError, match=r"--band 4; expected a band of .*: one of 1, 2, 3"):
        vectorized(source, tmp_path, 4)


def test_a_picture_is_no_class_raster(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = (
        write(tmp_path / "rgb.tif", colours(200, 300), photometric="rgb"),
        str(tmp_path / "o.gpkg"),
    )
    assert geoseg(["vectorize", source, "--out", out]) == 2
    assert "has 3 bands" in capsys.readouterr().err
    assert (
        geoseg(["vectorize", source, "--out", out, "--band", "2"]) == 2
    )  # its 8 bits are no classes either
    assert not Path(out).exists()
    assert geoseg(["sample", source]) == 2
    classes = write(tmp_path / "c.tif", np.zeros((1, 200, 300), np.uint8))
    assert geoseg(["vectorize", classes, "--out", out, "--mask", source]) == 2
    assert "has 3 bands" in capsys.readouterr().err


def test_a_mask_of_0_and_255_is_evaluated_with_both_values(tmp_path: Path) -> None:
    truth = np.zeros((20, 20), np.uint8)
    truth[:10] = 255
    mapped = truth.copy()
    mapped[0, :5], mapped[15, :7] = 0, 255
    found = evaluate(
        write(tmp_path / "m.tif", mapped[None]), write(tmp_path / "t.tif", truth[None])
    )
    assert found.names == ("class 0", "class 255")
    assert found.matrix.tolist() == [[193, 7], [5, 195]]


def test_values_beyond_a_byte_are_compared_by_value_and_by_name(tmp_path: Path) -> None:
    truth = np.random.default_rng(3).choice(np.array([-5, 7, 3_000_000_001]), (30, 30))
    mapped = np.roll(truth, 1, axis=1)
    one = write(tmp_path / "m.tif", mapped[None], nodata=-5)  # int64
    other = write(tmp_path / "t.tif", truth.astype(np.float64)[None], nodata=-5)
    found = evaluate(one, other)
    assert found.names == ("class 7", "class 3000000001")
    known = (truth != -5) & (mapped != -5)
    assert found.matrix[0, 1] == (known & (truth == 7) & (mapped != 7)).sum()


def test_a_picture_of_classes_lies_as_qgis_draws_it(tmp_path: Path) -> None:
    source = case("v10_nogeo.png")
    vectorize(source, tmp_path / "o.fgb")
    bounds = pyogrio.read_info(tmp_path / "o.fgb")["total_bounds"]
    assert tuple(bounds) == (0.0, -60.0, 80.0, 0.0)
    with open_dataset(source) as raster:
        values = raster.read(1)
    table = pyogrio.read_dataframe(tmp_path / "o.fgb")
    for shape, value in zip(table.geometry, table["class_id"], strict=True):
        point = shape.representative_point()
        assert values[int(-point.y), int(point.x)] == value
