"""What a product's own mask leaves out of a map, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from bundles import make_bundle
from deliveries import write_landsat, write_qa, write_s2
from rasters import reflectances, write

import geoseg
from geoseg.core.card import Band, Scaling, read_card, write_card
from geoseg.core.errors import InputError
from geoseg.core.grid import Grid
from geoseg.core.options import Options
from geoseg.prediction.check import check_scene
from geoseg.scene.describe import describe
from geoseg.scene.masks import MaskReader, check_mask

NAMES = ("red", "green", "nir08")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of random weights for Landsat."""
    bands = tuple(Band(name, name, 0.6, 0.1, 0.05, 0.01, 0.4) for name in NAMES)
    folder = make_bundle(tmp_path_factory.mktemp("bundle"), bands)
    card = replace(
        read_card(folder / "card.json"),
        sensor="Landsat 8/9",
        unit="reflectance",
        scaling=Scaling(2.75e-5, -0.2),
        dtypes=("uint16",),
        gsd=30.0,
        gsd_range=(20.0, 40.0),
    )
    write_card(card, folder / "card.json")
    return folder


def read(path: Path) -> np.ndarray:
    with rasterio.open(path) as raster:
        return raster.read(1)


def test_masked_pixels_are_nodata_and_all_others_as_they_were(model: Path, tmp_path: Path) -> None:
    product = write_landsat(tmp_path)
    scene = str(product.path)
    plain, masked = tmp_path / "plain.tif", tmp_path / "masked.tif"
    before = geoseg.predict(scene, plain, model=model, device="cpu")
    assert (before.masked, before.masked_pixels) == ("", 0)
    summary = geoseg.predict(
        scene, masked, model=model, device="cpu", mask=["clouds", "shadows"], tile=64
    )
    told = product.masks["clouds"] | product.masks["shadows"] | product.masks["nodata"]
    known = read(plain) != 255
    assert known.any()
    assert not known[:7, :7].any()
    expected = np.where(told, 255, read(plain))
    assert (read(masked) == expected).all()
    assert summary.masked == "clouds, shadows by QA_PIXEL"
    assert summary.masked_pixels == int((told & known).sum())
    assert summary.pixels == int((expected != 255).sum())
    with rasterio.open(masked) as raster:
        assert raster.tags()["geoseg_mask"] == "clouds, shadows by QA_PIXEL"
        assert json.loads(raster.tags()["geoseg_provenance"])["options"]["mask"] == [
            "clouds",
            "shadows",
        ]
    with rasterio.open(plain) as raster:
        assert "geoseg_mask" not in raster.tags()


def test_the_map_of_a_mosaic_says_what_is_masked(model: Path, tmp_path: Path) -> None:
    """Of two products of one ground, what one of them hides is seen in the other."""
    first, second = (write_landsat(tmp_path / name) for name in ("a", "b"))
    hidden, gone = first.masks["clouds"], first.masks["nodata"]
    other = np.zeros_like(hidden)
    other[:, 50:] = True  # clouds of the second product
    write_qa(next(second.path.glob("*_QA_PIXEL.TIF")), second.masks | {"clouds": other})
    out = tmp_path / "map.tif"
    how = {"model": model, "device": "cpu", "mask": ["clouds"], "mosaic": "first"}
    empty = gone | (np.indices(gone.shape).max(axis=0) < 7)  # fill
    for products, seen_by_none in (([first], hidden), ([first, second], hidden & other)):
        files = [str(product.path) for product in products]
        summary = geoseg.predict(files, out, overwrite=True, tile=64, **how)
        lost = seen_by_none & ~empty
        assert summary.masked == "clouds by QA_PIXEL"
        assert summary.masked_pixels == lost.sum() > 0
        assert ((read(out) == 255) == (lost | empty)).all()
        with rasterio.open(out) as raster:
            assert raster.tags()["geoseg_mask"] == "clouds by QA_PIXEL"
    card = read_card(model / "card.json")
    found = check_scene(tuple(files), [card], Options.of(mask=["clouds"], mosaic="first"), False)
    assert found.masked == pytest.approx(lost.mean(), abs=0.02)


def test_polygons_leave_out_what_is_masked(model: Path, tmp_path: Path) -> None:
    product = write_landsat(tmp_path)
    out, raster = tmp_path / "map.gpkg", tmp_path / "map.tif"
    geoseg.predict(str(product.path), out, model=model, raster=raster, device="cpu", mask=["snow"])
    import geopandas

    found = geopandas.read_file(out, layer="map")
    assert found.area.sum() == pytest.approx(900 * (read(raster) != 255).sum(), rel=1e-6)
    assert (read(raster)[product.masks["snow"]] == 255).all()


def test_check_tells_what_can_be_masked_and_how_much(model: Path, tmp_path: Path) -> None:
    product = write_landsat(tmp_path)
    card = read_card(model / "card.json")
    found = check_scene((str(product.path),), [card], Options.of(mask=["clouds"]), auto=False)
    told = found.to_dict()["scene"]["mask"]
    assert told["tells"] == ["clouds", "shadows", "snow"]
    expected = product.masks["clouds"] | product.masks["nodata"]
    assert told["masked"] == pytest.approx(expected.mean(), abs=0.02)
    assert found.to_dict()["scene"]["clouds"] == 54.65
    plain = check_scene((str(product.path),), [card], Options(), auto=False)
    assert plain.to_dict()["scene"]["mask"]["masked"] is None
    assert plain.fitting == ("test-model",)


def test_what_a_product_does_not_tell_is_refused_by_name(tmp_path: Path, model: Path) -> None:
    path = write(tmp_path / "a.tif", reflectances(3, 64, 64), ("red", "green", "blue"))
    with pytest.raises(InputError, match="does not tell clouds"):
        geoseg.predict(path, tmp_path / "map.tif", model=model, mask=["clouds"])
    card = read_card(model / "card.json")
    with pytest.raises(InputError, match="does not tell snow"):
        check_scene((path,), [card], Options.of(mask=["snow", "nodata"]), auto=False)
    with pytest.raises(InputError, match="some of clouds, shadows, snow, nodata"):
        Options.of(mask=["rain"])
    with pytest.raises(InputError, match="some of clouds"):
        Options.of(mask=[])
    early = describe((str(write_s2(tmp_path, "L1C", "03.01").path),))
    with pytest.raises(InputError, match=r"L1C N0301 does not tell shadows, snow; expected clouds"):
        check_mask(early.mask, early.product, Options.of(mask=["clouds", "shadows", "snow"]))


def test_a_mask_that_is_missing_or_elsewhere_is_refused(tmp_path: Path) -> None:
    product = write_landsat(tmp_path)
    info = describe((str(product.path),))
    assert info.mask
    far = replace(info.grid, transform=(30.0, 0.0, 700_000.0, 0.0, -30.0, 5_000_010.0))
    with pytest.raises(InputError, match="does not cover the scene"):
        MaskReader(info.mask, ["clouds"], far)
    write(Path(info.mask.path), np.zeros((1, 96, 112), np.float32), transform=info.grid.transform)
    with pytest.raises(InputError, match="a mask of whole numbers"):
        MaskReader(info.mask, ["clouds"], info.grid)
    Path(info.mask.path).unlink()
    with pytest.raises(InputError, match="does not exist"):
        MaskReader(info.mask, ["clouds"], info.grid)


def test_a_mask_in_another_crs_gives_each_pixel_what_its_centre_lies_in(tmp_path: Path) -> None:
    product = write_landsat(tmp_path)
    info = describe((str(product.path),))
    assert info.mask
    from pyproj import Transformer

    degrees = rasterio.crs.CRS.from_epsg(4326).to_wkt()
    west, north = Transformer.from_crs(32633, 4326, always_xy=True).transform(500_500, 4_999_500)
    step = 0.0002
    grid = Grid(70, 60, (step, 0.0, west, 0.0, -step, north), degrees)
    with MaskReader(info.mask, ["clouds"], grid) as reader:
        whole = reader.read(grid.extent)
    back = Transformer.from_crs(4326, 32633, always_xy=True)
    marks = product.masks["clouds"] | product.masks["nodata"]
    for row, column in ((0, 0), (69, 59), (33, 7), (12, 40)):
        x, y = back.transform(west + (column + 0.5) * step, north - (row + 0.5) * step)
        place = int((5_000_010 - y) // 30), int((x - 500_010) // 30)
        assert whole[row, column] == marks[place]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("EPSG:8.7.1:32633", "EPSG:8.7.1:32634", "is in EPSG:32634"),
        (">5", ">x", "could not convert"),
        ("<eop:Mask ", "<!DOCTYPE x []><eop:Mask ", "declares a document type"),
        ("</eop:Mask>", "", "is no whole XML"),
    ],
)
def test_polygons_that_are_no_mask_are_refused(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    info = describe((str(write_s2(tmp_path, "L1C", "03.01").path),))
    assert info.mask
    file = Path(info.mask.path)
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    with pytest.raises(InputError, match=message):
        MaskReader(info.mask, ["clouds"], info.grid)


def test_polygons_mask_a_map_in_another_crs(tmp_path: Path) -> None:
    product = write_s2(tmp_path, "L1C", "03.01")
    info = describe((str(product.path),))
    assert info.mask
    from rasterio.crs import CRS
    from rasterio.warp import Resampling, reproject, transform_bounds

    beside = CRS.from_epsg(32632)
    left, _, _, top = transform_bounds(CRS.from_wkt(info.grid.crs), beside, *info.grid.bounds())
    size = abs(info.grid.transform[0])
    place = (size, 0.0, left, 0.0, -size, top)
    grid = Grid(info.grid.height + 40, info.grid.width + 40, place, beside.to_wkt())
    with MaskReader(info.mask, ["clouds"], info.grid) as own:
        straight = own.read(info.grid.extent)
    with MaskReader(info.mask, ["clouds"], info.grid, grid) as reader:
        found, clear = reader.sort(grid.extent)
    expected = np.zeros((grid.height, grid.width), np.uint8)
    reproject(
        straight.astype(np.uint8) + 1,
        expected,
        src_transform=rasterio.Affine(*info.grid.transform[:6]),
        src_crs=info.grid.crs,
        dst_transform=rasterio.Affine(*place),
        dst_crs=beside,
        resampling=Resampling.nearest,
    )
    assert found.any()
    assert (
        found != (expected == 2)
    ).mean() < 2e-3  # GDAL's nearest is right to an eighth of a pixel
    assert (clear != (expected == 1)).mean() < 2e-3
