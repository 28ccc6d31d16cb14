"""On which grid a scene is mapped: CRS and size of its pixels, what is refused, and the way back
to the scene's own.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from bundles import make_bundle
from cards import S2
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Transformer
from rasterio.enums import Resampling
from rasterio.features import geometry_mask
from rasterio.warp import reproject
from rasters import reflectances, write
from scipy.ndimage import map_coordinates

import geoseg
from geoseg.core.errors import InputError, ModelError
from geoseg.core.events import Warned
from geoseg.core.grid import Grid
from geoseg.core.options import Options
from geoseg.raster.georeference import ground_sides
from geoseg.scene.describe import describe
from geoseg.scene.fit import Fit, fit
from geoseg.scene.map_grid import bounds_in, map_grid
from geoseg.scene.source import open_raster
from geoseg.training.prepare import _tell_of_shapes
from geoseg.training.sources import Sample

METRE = 1 / 111_320  # degrees of latitude


def code(grid: Grid) -> str:
    return ":".join(CRS.from_wkt(str(grid.crs)).to_authority())


def at(system: str, size: float, x: float, y: float, side: int = 60) -> Grid:
    wkt = CRS.from_user_input(system).to_wkt()
    return Grid(side, side, (size, 0.0, x, 0.0, -size, y), wkt)


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (at("EPSG:4326", 1e-4, 13.0, 45.0), "EPSG:32633"),
        (at("EPSG:4326", 1e-4, -76.0, 37.0), "EPSG:32618"),
        (at("EPSG:4326", 1e-4, 151.0, -33.0), "EPSG:32756"),
        (at("EPSG:4326", 1e-4, 179.999, -17.0), "EPSG:32701"),  # its middle lies beyond 180
        (at("EPSG:4326", 1e-3, 10.0, 85.0), "EPSG:5041"),
        (at("EPSG:4326", 1e-3, 10.0, -81.0), "EPSG:5042"),
        (at("EPSG:4269", 1e-4, -76.0, 37.0), "EPSG:26918"),  # NAD83 stays NAD83
        (at("EPSG:4258", 1e-4, 13.0, 45.0), "EPSG:25833"),
        (at("EPSG:32633", 5, 500_000, 5_000_000), "EPSG:32633"),
        (at("EPSG:3857", 5, 1_400_000, 8_000_000), "EPSG:3857"),
        (at("EPSG:32662", 5, 1_400_000, 6_700_000), "EPSG:32633"),  # degrees in metres: oblong
        (at("EPSG:2263", 16, 1_000_000, 200_000), "EPSG:2263"),
    ],
)
def test_the_crs_that_fits(own: Grid, expected: str) -> None:
    target = map_grid(own, 10.0, None)
    assert code(target) == expected
    assert ground_sides(target) == pytest.approx((10, 10), rel=0.01)


@given(
    longitude=st.floats(-180, 180),
    latitude=st.floats(-85, 85),
    size=st.floats(0.5, 30),
    turn=st.floats(0, 2 * math.pi),
    height=st.integers(1, 300),
    width=st.integers(1, 300),
)
def test_the_grid_covers_the_scene_and_little_more(
    longitude: float, latitude: float, size: float, turn: float, height: int, width: int
) -> None:
    a, b = size * METRE * math.cos(turn), size * METRE * math.sin(turn)
    stretch = 1 / math.cos(math.radians(latitude))
    transform = (a * stretch, b * stretch, longitude, b, -a, latitude)
    own = Grid(height, width, transform, CRS.from_epsg(4326).to_wkt())
    target = map_grid(own, 10.0, None)
    left, below, right, above = target.bounds()
    inner = bounds_in(own, str(target.crs))
    assert inner is not None
    step = target.transform[0]
    slack = 1e-5 * step
    assert left <= inner[0] + slack
    assert below <= inner[1] + slack
    assert right >= inner[2] - slack
    assert above >= inner[3] - slack
    assert inner[0] - left < step + slack
    assert above - inner[3] < step + slack
    assert left / step == pytest.approx(round(left / step), abs=1e-6)  # neighbours share one grid


def fitted(folder: Path, own: Grid, **options: object) -> Fit:
    pixels = reflectances(9, own.height, own.width)
    path = write(folder / "a.tif", pixels, S2.band_names, transform=own.transform, crs=own.crs)
    return fit(describe((path,)), S2, Options.of(**options))


def test_pixels_that_the_model_knows_stay_as_they_are(tmp_path: Path) -> None:
    own = at("EPSG:32633", 12, 500_000, 5_000_000)
    assert fitted(tmp_path, own).map_grid is None
    assert fitted(tmp_path, own, gsd="native").map_grid is None
    assert fitted(tmp_path, own, gsd=12).map_grid is None
    assert fitted(tmp_path, own, crs="EPSG:32633").map_grid is None
    shifted = at("EPSG:32633", 10, 500_003, 5_000_004)
    assert fitted(tmp_path, shifted, gsd="model").map_grid is None
    slightly = placed(10, 10.4, turn=0.01)
    assert fitted(tmp_path, slightly).map_grid is None
    assert not fitted(tmp_path, slightly).warnings


def placed(width: float, height: float, turn: float = 0.0, shear: float = 0.0) -> Grid:
    """A grid in a UTM zone, of pixels that are turned and sheared."""
    c, s = math.cos(turn), math.sin(turn)
    wide, high = (width * c, width * s), (height * (s + shear), -height * c)
    transform = (wide[0], high[0], 500_000.0, wide[1], high[1], 5_000_000.0)
    return Grid(60, 60, transform, CRS.from_epsg(32633).to_wkt())


@pytest.mark.parametrize(
    ("own", "code_then", "said", "native"),
    [
        (at("EPSG:4326", 1.1e-4, 13.0, 45.0), "EPSG:32633", "8.67 x 12.2 m -> 10 m", ["8.67 x"]),
        (at("EPSG:4326", 1e-4, 13.0, 0.0), "EPSG:32733", "11.1 m -> 10 m", []),
        (placed(10, 12), "EPSG:32633", "10 x 12 m -> 10 m", ["10 x 12 m: "]),
        (placed(14, 10), "EPSG:32633", "10 x 14 m -> 10 m", ["10 x 14 m: "]),
        (placed(10, 10, 0.2), "EPSG:32633", "10 m, turned by 11.5 degrees -> ", ["turned by 11.5"]),
        (placed(12, 12, 1.4), "EPSG:32633", "12 m, turned by 9.79 degrees -> 10 m", ["9.79 deg"]),
        (placed(9, 12, 0.2), "EPSG:32633", "9 x 12 m, turned by 11.5", ["9 x 12 m", "turned by"]),
        (placed(10, 10, 0, 0.2), "EPSG:32633", "m, turned by 11.3", ["sheared", "turned by 11.3"]),
        (at("EPSG:6933", 10, 1.3e6, 3e6), "EPSG:32633", "m -> 10 m", ["9.5 x 10.5 m"]),
        (at("+proj=sinu", 10, 3e6, 5.5e6), "EPSG:32637", "10 x 11.4 m -> 10 m", ["10 x 11.4 m"]),
    ],
)
def test_pixels_that_are_not_square_with_north_up(
    tmp_path: Path, own: Grid, code_then: str, said: str, native: list[str]
) -> None:
    found = fitted(tmp_path, own)
    assert found.map_grid is not None
    assert code(found.grid) == code_then
    assert ground_sides(found.grid) == pytest.approx((10, 10), rel=1e-2)
    assert said in found.map_grid.notes[0]
    assert "pixel size" not in found.holds
    kept = fitted(tmp_path, own, gsd="native")
    assert kept.map_grid is None
    assert len(kept.warnings) == len(native)
    for text, warning in zip(native, kept.warnings, strict=True):
        assert text in warning


def test_what_is_learned_as_it_lies_is_told() -> None:
    grids = [at("EPSG:32633", 10, 5e5, 5e6), placed(10, 10, 0.2), Grid(9, 9, crs=None)]
    samples = [Sample(f"there/{i}.tif", "") for i in range(3)]
    told: list[object] = []
    _tell_of_shapes(samples, grids, told.append)
    (event,) = told
    assert isinstance(event, Warned)
    assert event.text.startswith("1 of 3 scenes, such as 1.tif, are in degrees, turned or ")
    _tell_of_shapes(samples[::2], grids[::2], told.append)
    assert len(told) == 1


def test_a_crs_that_is_not_true_to_shape(tmp_path: Path) -> None:
    own = at("EPSG:32633", 10, 500_000, 5_000_000)
    (text,) = fitted(tmp_path, own, crs="EPSG:6933").warnings
    assert text.startswith("in EPSG:6933 the map's pixels are ")
    wide = Grid(2, 20_000, (1e-2, 0, -90, 0, -1e-2, 50), CRS.from_epsg(4326).to_wkt())
    with pytest.raises(InputError, match=r"so large that pixels of one size .* --gsd native"):
        map_grid(wide, 1000.0, None)
    moon = at("IAU_2015:30100", 3.3e-4, 20.0, 10.0)
    assert ground_sides(map_grid(moon, 10.0, None)) == pytest.approx((10, 10), rel=1e-6)


def test_size_and_crs_by_the_users_word(tmp_path: Path) -> None:
    own = at("EPSG:32633", 12, 500_000, 5_000_000)
    found = fitted(tmp_path, own, gsd="model")
    assert found.grid.transform[0] == 10
    assert found.map_grid is not None
    assert found.map_grid.notes == (
        "resampled: 12 m -> 10 m (bilinear), EPSG:32633, 60 x 60 -> 72 x 72 px",
    )
    assert fitted(tmp_path, own, gsd="15").grid.transform[0] == 15
    moved = fitted(tmp_path, own, crs="EPSG:32632")
    assert code(moved.grid) == "EPSG:32632"
    assert ground_sides(moved.grid) == pytest.approx((12, 12), rel=1e-2)
    fine = at("EPSG:32633", 3, 500_000, 5_000_000)
    told = fitted(tmp_path, fine)
    assert told.map_grid is not None
    assert "3 m -> 10 m (area-weighted)" in told.map_grid.notes[0]
    assert told.warnings == ()
    coarse = at("EPSG:32633", 30, 500_000, 5_000_000)
    assert any("adds no detail" in text for text in fitted(tmp_path, coarse).warnings)


def test_pixels_at_the_edge_of_what_is_known_stay_as_they_are(tmp_path: Path) -> None:
    # 20 m of the map are 20.008 m on the ground at the zone's middle, as 30 m of Landsat are 30.01
    own = at("EPSG:32633", 20, 500_000, 5_000_000)
    assert max(ground_sides(own)) > 20.005
    assert fitted(tmp_path, own).map_grid is None


def test_a_crs_without_a_code_is_not_that_of_another_one(tmp_path: Path) -> None:
    laea = "+proj=laea +lat_0={} +lon_0={} +datum=WGS84"
    found = fitted(tmp_path, at(laea.format(46, 13), 10, 0, 0), crs=laea.format(45, 15))
    assert found.map_grid
    assert CRS.from_wkt(str(found.grid.crs)) == CRS.from_user_input(laea.format(45, 15))
    assert fitted(tmp_path, at(laea.format(46, 13), 10, 0, 0), gsd="model").map_grid is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"gsd": "fine"}, "--gsd fine.*expected model, native, or metres"),
        ({"gsd": 0}, "--gsd 0.*expected model, native, or metres"),
        ({"gsd": "nan"}, "--gsd nan"),
        ({"gsd": 25}, r"map's pixels would be 25 m; expected 8 to 20 m.*--force"),
        ({"crs": "EPSG:1"}, "--crs EPSG:1; expected a CRS such as EPSG:32633"),
        ({"crs": "EPSG:4326"}, "not projected: its pixels would be oblong"),
    ],
)
def test_options_that_are_refused(tmp_path: Path, options: dict[str, object], message: str) -> None:
    own = at("EPSG:4326", 1.1e-4, 13.0, 45.0)
    with pytest.raises(InputError, match=message):
        fitted(tmp_path, own, **options)


def test_more_than_four_times_needs_force(tmp_path: Path) -> None:
    own = at("EPSG:32633", 2, 500_000, 5_000_000)
    with pytest.raises(ModelError, match=r"pixels are 2 m; .*these are 5 times.*--gsd 8 is nearer"):
        fitted(tmp_path, own)
    assert fitted(tmp_path, own, gsd=8).grid.transform[0] == 8
    found = fitted(tmp_path, own, force=True)
    assert found.grid.transform[0] == 10
    assert any("5 times larger or smaller: gone on because of --force" in w for w in found.warnings)
    far = at("EPSG:32633", 100, 500_000, 5_000_000)
    with pytest.raises(ModelError, match="choose another model or scene"):
        fitted(tmp_path, far)


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_scene_without_a_place_has_no_size_to_change(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.tif", reflectances(9, 20, 20), S2.band_names, transform=None, crs=None
    )
    for options in ({"gsd": "model"}, {"gsd": 10.0}, {"crs": "EPSG:32633"}):
        with pytest.raises(InputError, match="no coordinate reference system"):
            fit(describe((path,)), S2, Options.of(**options))


def test_a_model_named_by_its_bands_gets_values_that_are_averaged(tmp_path: Path) -> None:
    own = at("EPSG:32633", 5, 500_000, 5_000_000)
    pixels = reflectances(9, 60, 60)
    path = write(tmp_path / "a.tif", pixels, S2.band_names, transform=own.transform)
    with open_raster((path,), S2, Options()) as source:
        found = source.read(source.grid.extent)
    means = pixels.reshape(9, 30, 2, 30, 2).mean(axis=(2, 4))
    assert np.abs(found.data - means).max() <= 0.5


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bundle(tmp_path_factory.mktemp("bundle"))


@pytest.fixture(scope="module")
def degrees(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Blobs of three colours in degrees, some 0.4 m by 0.6 m, with a corner of nodata."""
    rng = np.random.default_rng(3)
    pixels = rng.integers(1, 256, (3, 12, 15)).repeat(16, 1).repeat(16, 2).astype(np.uint8)
    pixels[:, :40, :60] = 0
    place = (5e-6, 0.0, 13.0, 0.0, -5e-6, 45.0)
    folder = tmp_path_factory.mktemp("degrees")
    return write(folder / "a.tif", pixels, ["red", "green", "blue"], place, "EPSG:4326", nodata=0)


def test_a_map_on_the_models_grid_and_back_on_the_scenes(
    bundle: Path, degrees: str, tmp_path: Path
) -> None:
    common = {"model": bundle, "device": "cpu", "gsd": "model"}
    model = geoseg.predict(degrees, tmp_path / "model.tif", **common)
    back = geoseg.predict(
        degrees,
        tmp_path / "back.gpkg",
        raster=tmp_path / "back.tif",
        confidence=tmp_path / "sure.tif",
        on="scene",
        zonal=("green",),
        **common,
    )
    with rasterio.open(degrees) as scene, rasterio.open(tmp_path / "model.tif") as mapped:
        assert mapped.crs.to_epsg() == 32633
        assert mapped.res == (1, 1)
        expected = np.full(scene.shape, 255, np.uint8)
        reproject(
            mapped.read(1),
            expected,
            src_transform=mapped.transform,
            src_crs=mapped.crs,
            dst_transform=scene.transform,
            dst_crs=scene.crs,
            resampling=Resampling.nearest,
            tolerance=0,
            src_nodata=255,
            dst_nodata=255,
        )
    with rasterio.open(tmp_path / "back.tif") as raster, rasterio.open(degrees) as scene:
        assert (raster.transform, raster.crs, raster.shape) == (
            scene.transform,
            scene.crs,
            scene.shape,
        )
        found = raster.read(1)
    assert (found != expected).mean() < 0.002  # middles on the very edge of two pixels
    assert len(np.unique(found)) > 2
    with rasterio.open(tmp_path / "sure.tif") as raster:
        assert np.array_equal(raster.read(1) == 255, found == 255)
    polygons = pyogrio.read_dataframe(tmp_path / "back.gpkg", layer="back")
    assert polygons.crs.to_epsg() == 4326
    assert polygons["mean_green"].between(1, 255).all()
    assert back.summary.pixels == int((found != 255).sum())
    assert model.summary.pixels < back.summary.pixels


@pytest.mark.parametrize("turn", [0.0, 0.3])
def test_the_map_is_that_of_pixels_brought_there_by_hand(
    turn: float, bundle: Path, tmp_path: Path
) -> None:
    """In degrees and turned, of sizes that the model knows: bilinear, each pixel by itself."""
    rng = np.random.default_rng(4)
    pixels = rng.integers(1, 256, (3, 9, 11)).repeat(16, 1).repeat(16, 2).astype(np.uint8)
    c, s = math.cos(turn), math.sin(turn)
    place = (8.5e-6 * c, 8.5e-6 * s, 13.0, 6e-6 * s, -6e-6 * c, 45.0)
    names = ["red", "green", "blue"]
    scene = write(tmp_path / "a.tif", pixels, names, place, "EPSG:4326")
    how = {"model": bundle, "device": "cpu", "tile": 64}
    found = geoseg.predict(scene, tmp_path / "found.tif", gsd=0.6, **how)
    with rasterio.open(tmp_path / "found.tif") as mapped:
        rows, columns = np.mgrid[: mapped.height, : mapped.width] + 0.5
        x, y = mapped.transform @ (columns, rows)
        profile = {"transform": mapped.transform[:6], "crs": mapped.crs.to_string()}
        classes = mapped.read(1)
    lonlat = Transformer.from_crs(profile["crs"], 4326, always_xy=True).transform(x, y)
    column, row = ~rasterio.Affine(*place) @ lonlat
    inside = (row >= 0) & (row < pixels.shape[1]) & (column >= 0) & (column < pixels.shape[2])
    hand = [map_coordinates(p, (row - 0.5, column - 0.5), float, 1, "nearest") for p in pixels]
    made = np.where(inside, np.rint(hand), 0).astype(np.uint8)
    prepared = write(tmp_path / "hand.tif", made, names, nodata=0, **profile)
    geoseg.predict(prepared, tmp_path / "hand_map.tif", gsd="native", **how)
    with rasterio.open(tmp_path / "hand_map.tif") as raster:
        expected = raster.read(1)
    assert (classes != expected).mean() < 0.005
    assert found.summary.pixels == pytest.approx(inside.sum(), rel=0.005)
    assert len(np.unique(classes[classes != 255])) > 2


def test_an_area_on_the_scenes_own_grid(bundle: Path, degrees: str, tmp_path: Path) -> None:
    area = "POLYGON ((13.0003 44.9993, 13.0009 44.9993, 13.0009 44.9997, 13.0003 44.9993))"
    common = {"model": bundle, "device": "cpu", "gsd": "model", "on": "scene"}
    geoseg.predict(degrees, tmp_path / "a.tif", aoi=area, **common)
    geoseg.predict(degrees, tmp_path / "whole.tif", **common)
    with rasterio.open(tmp_path / "whole.tif") as whole:
        outside = geometry_mask([shapely.from_wkt(area)], whole.shape, whole.transform)
        expected = np.where(outside, 255, whole.read(1))
    with rasterio.open(tmp_path / "a.tif") as raster, rasterio.open(degrees) as scene:
        offset = rasterio.transform.rowcol(
            scene.transform, raster.transform.c, raster.transform.f, op=float
        )
        assert offset == pytest.approx((round(offset[0]), round(offset[1])), abs=1e-6)
        assert raster.shape == (80, 120)
        row, column = (round(number) for number in offset)
        found = raster.read(1)
    # one tile or more shows the network other neighbours: few classes may differ, no edge may
    expected = expected[row : row + 80, column : column + 120]
    assert np.array_equal(found == 255, expected == 255)
    assert (found != expected).mean() < 0.02
    assert 0.4 < (found != 255).mean() < 0.6


def test_an_area_in_the_scenes_own_crs(bundle: Path, degrees: str, tmp_path: Path) -> None:
    """The CRS of the map is not that of the scene, in which text without a CRS is."""
    moved = tmp_path / "moved.tif"
    with rasterio.open(degrees) as scene:
        place = (5, 0, 1e6, 0, -5, 7e6)  # in a CRS in which numbers are those of no other one
        write(moved, scene.read(), ["red", "green", "blue"], place, "EPSG:3035", nodata=0)
    area = "POLYGON ((1000300 6999700, 1000800 6999700, 1000800 6999400, 1000300 6999700))"
    common = {"model": bundle, "device": "cpu", "gsd": 8, "force": True, "map_crs": "EPSG:32626"}
    found = geoseg.predict(moved, tmp_path / "a.tif", aoi=area, **common)
    again = geoseg.predict(moved, tmp_path / "b.tif", aoi=f"EPSG:3035;{area}", **common)
    assert found.summary.pixels == again.summary.pixels > 0


def test_the_map_of_a_part_is_that_of_the_whole(bundle: Path, degrees: str, tmp_path: Path) -> None:
    from geoseg.core.job import Job
    from geoseg.prediction.pipeline import segment

    options = Options.of(device="cpu", gsd=0.6, tile=64)
    whole, part = tmp_path / "whole.tif", tmp_path / "part.tif"
    segment(Job((degrees,), str(bundle), str(whole), options=options))
    segment(Job((degrees,), str(bundle), str(part), options=options, region=(30, 21, 101, 90)))
    with rasterio.open(whole) as a, rasterio.open(part) as b:
        assert np.array_equal(a.read(1)[30:101, 21:90], b.read(1))
    job = Job(
        (degrees,),
        str(bundle),
        str(tmp_path / "no.tif"),
        options=options.but(on="scene"),
        region=(0, 0, 10, 10),
    )
    with pytest.raises(InputError, match="--on scene with regions"):
        segment(job)
