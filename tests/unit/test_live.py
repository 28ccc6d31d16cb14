"""The live map: the classes of `geoseg predict` whatever is looked at, however it is cut; what a
screen shows of it; segments and regions under a point; errors that say what was wrong.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from bundles import make_bundle
from hypothesis import given
from hypothesis import strategies as st
from rasterio.errors import NotGeoreferencedWarning
from rasterio.warp import Resampling, reproject
from rasters import colours, write

import geoseg
from geoseg.core.errors import GeosegError, InputError, ModelError
from geoseg.core.grid import Grid, Window
from geoseg.core.options import Options
from geoseg.prediction import live
from geoseg.prediction.live import Live, MapStoppedError, Scores, coarsening, never
from geoseg.prediction.live_desk import Desk, failed, read_request
from geoseg.prediction.live_screen import Screen, shown, window_of
from geoseg.vector.outline import common_part
from geoseg.vector.superpixels import superpixels

METRE = (1.0, 0.0, 500_000.0, 0.0, -1.0, 5_000_000.0)
HEIGHT, WIDTH = 170, 150


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(make_bundle(tmp_path_factory.mktemp("bundle"), encoder="resnet18"))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> str:
    pixels = colours(HEIGHT, WIDTH)
    pixels[:, 100:, :40] = 0  # nodata: whole tiles of it
    path = tmp_path_factory.mktemp("scene") / "scene.tif"
    return write(path, pixels, ["red", "green", "blue"], transform=METRE, nodata=0)


@pytest.fixture(scope="module")
def opened(bundle: str, scene: str) -> Iterator[Live]:
    with Live(bundle, scores=Scores(6 * 5 * 32 * 32 * 4)) as found:  # room for six tiles
        assert found.grid([scene]).extent == Window(0, 0, HEIGHT, WIDTH)
        yield found


@pytest.fixture(scope="module")
def whole(bundle: str, scene: str, opened: Live) -> Any:
    tile = opened.map([scene], Window(0, 0, 1, 1), 1, 1).tile
    return geoseg.predict(scene, model=bundle, tile=tile)


@given(data=st.data())
def test_any_window_has_the_classes_of_predict(
    data: st.DataObject, opened: Live, scene: str, whole: Any
) -> None:
    top = data.draw(st.integers(0, HEIGHT - 1))
    left = data.draw(st.integers(0, WIDTH - 1))
    bottom = data.draw(st.integers(top + 1, HEIGHT + 20))
    right = data.draw(st.integers(left + 1, WIDTH + 20))
    window = Window(top, left, bottom, right)
    found = opened.map([scene], window, 10, 10)
    assert found.window == window.clip(Window(0, 0, HEIGHT, WIDTH))
    assert found.coarser == 1
    rows, columns = found.window.within(Window(0, 0, HEIGHT, WIDTH))
    np.testing.assert_array_equal(found.classes, whole.classes[rows, columns])
    np.testing.assert_array_equal(found.confidence, whole.confidence[rows, columns])


def test_what_was_computed_is_not_computed_again(bundle: str, scene: str) -> None:
    read: list[Window] = []
    with Live(bundle) as found:
        found.grid([scene])
        (one,) = found._open.values()
        reader = one.run.source.reader
        before = reader.read
        reader.read = lambda window: (read.append(window), before(window))[1]  # type: ignore[method-assign]
        first = found.map([scene], Window(0, 50, 90, 140), 90, 90)
        assert read
        done = len(read)
        again = found.map([scene], Window(10, 60, 90, 140), 90, 90)
        assert len(read) == done
        found.map([scene], Window(80, 50, 170, 140), 90, 90)
        assert done < len(read) < 2 * done
    np.testing.assert_array_equal(again.classes, first.classes[10:, 10:])


def test_kept_scores_stay_within_their_room(opened: Live, scene: str) -> None:
    opened.map([scene], Window(0, 0, HEIGHT, WIDTH), 10, 10)
    assert opened._scores._bytes <= opened._scores.most
    assert opened._scores._bytes == sum(p.data.nbytes for p in opened._scores._held.values())


def test_a_map_that_nobody_wants_is_stopped(bundle: str, scene: str) -> None:
    asked: list[int] = []

    def third() -> bool:
        asked.append(1)
        return len(asked) >= 3

    with Live(bundle) as found:
        with pytest.raises(MapStoppedError):
            found.map([scene], Window(0, 0, HEIGHT, WIDTH), 10, 10, third)
        assert len(asked) == 3
        whole = found.map([scene], Window(0, 0, HEIGHT, WIDTH), 10, 10, never)
    with Live(bundle) as other:
        fresh = other.map([scene], Window(0, 0, HEIGHT, WIDTH), 10, 10)
    np.testing.assert_array_equal(whole.classes, fresh.classes)


@given(st.integers(1, 30_000), st.integers(1, 30_000), st.integers(1, 4000), st.integers(1, 4000))
def test_what_is_coarser_fills_the_screen_or_is_enough(
    rows: int, columns: int, height: int, width: int
) -> None:
    coarser = coarsening(Window(0, 0, rows, columns), height, width)
    pixels = rows * columns / coarser**2
    assert math.log2(coarser).is_integer()
    assert pixels <= max(live.MOST, height * width / 4)
    if coarser > 1:
        assert 4 * pixels > min(live.MOST, height * width / 4)


def test_a_large_extent_is_mapped_coarser_as_with_gsd(
    bundle: str, scene: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST", HEIGHT * WIDTH // 2)
    with Live(bundle) as found:
        made = found.map([scene], Window(0, 0, HEIGHT, WIDTH), 20, 20)
    assert made.coarser == 2
    expected = geoseg.predict(scene, model=bundle, tile=made.tile, gsd=2 * _size(scene), force=True)
    assert made.classes.shape == expected.classes.shape
    np.testing.assert_array_equal(made.classes, expected.classes)
    np.testing.assert_allclose(made.grid.transform, tuple(expected.transform)[:6])


def _size(scene: str) -> float:
    from geoseg.raster.georeference import ground_size
    from geoseg.scene.describe import describe

    return ground_size(describe((scene,)).grid) or 0.0


def test_least_recently_used_scenes_are_closed(
    bundle: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "OPEN", 2)
    names = ["red", "green", "blue"]
    scenes = [
        write(tmp_path / f"{i}.tif", colours(40, 40, seed=i), names, transform=METRE)
        for i in range(3)
    ]
    with Live(bundle) as found:
        first = [found.map([one], Window(0, 0, 40, 40), 40, 40).classes for one in scenes]
        assert [files for files, _ in found._open] == [(one,) for one in scenes[1:]]
        again = found.map([scenes[0]], Window(0, 0, 40, 40), 40, 40)
        np.testing.assert_array_equal(again.classes, first[0])
        kept = {owner for owner, _ in found._scores._held}
        assert kept == set(found._open.values())


def test_a_window_beside_the_scene_is_refused(opened: Live, scene: str) -> None:
    with pytest.raises(InputError, match="beside the scene"):
        opened.map([scene], Window(HEIGHT, 0, HEIGHT + 5, 5), 5, 5)


# ---- screens


@given(st.data())
def test_a_screen_of_the_same_crs_shows_the_nearest_pixel(data: st.DataObject) -> None:
    rows, columns = data.draw(st.integers(1, 40)), data.draw(st.integers(1, 40))
    grid = Grid(rows, columns, METRE, "EPSG:32633")
    planes = np.arange(rows * columns, dtype=np.int64).reshape(1, rows, columns) % 251
    west = 500_000 + data.draw(st.floats(-30, 30))
    north = 5_000_000 + data.draw(st.floats(-30, 30))
    size = data.draw(st.floats(0.3, 4))
    height, width = data.draw(st.integers(1, 50)), data.draw(st.integers(1, 50))
    screen = Screen((west, north - size * height, west + size * width, north), None, height, width)
    found = shown(planes.astype(np.uint8), grid, screen)
    y = (5_000_000 - (north - size * (np.arange(height) + 0.5)))[:, None]
    x = (west + size * (np.arange(width) + 0.5) - 500_000)[None]
    near = (np.abs(y - y.round()) < 1e-6) | (np.abs(x - x.round()) < 1e-6)  # either will do
    inside = (y >= 0) & (y < rows) & (x >= 0) & (x < columns)
    row = np.clip(np.floor(y).astype(int), 0, rows - 1)
    column = np.clip(np.floor(x).astype(int), 0, columns - 1)
    expected = np.where(inside, planes[0][row, column], 255)
    assert ((found[0] == expected) | near).all()
    window = window_of(grid, screen)
    if (inside & ~near).any():
        assert window is not None
        ys, xs = np.nonzero(inside & ~near)
        assert window.top <= row[ys, 0].min() <= row[ys, 0].max() < window.bottom
        assert window.left <= column[0, xs].min() <= column[0, xs].max() < window.right


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:4326", "EPSG:32634", "EPSG:3035"])
def test_a_screen_of_another_crs_shows_what_gdal_shows(crs: str) -> None:
    grid = Grid(200, 300, (10.0, 0.0, 500_000.0, 0.0, -10.0, 5_000_000.0), "EPSG:32633")
    planes = np.random.default_rng(1).integers(0, 200, (1, 10, 15), np.uint8)
    planes = planes.repeat(20, 1).repeat(20, 2)
    west, south, east, north = rasterio.warp.transform_bounds("EPSG:32633", crs, *grid.bounds())
    screen = Screen((west, south, east, north), crs, 333, 444)
    found = shown(planes, grid, screen)[0]
    expected = np.full((333, 444), 255, np.uint8)
    right, down = (east - west) / 444, (south - north) / 333
    place = rasterio.Affine(right, 0, west, 0, down, north)
    reproject(
        planes[0],
        expected,
        src_transform=rasterio.Affine(*grid.transform),
        src_crs="EPSG:32633",
        dst_transform=place,
        dst_crs=crs,
        dst_nodata=255,
        resampling=Resampling.nearest,
        tolerance=0,
    )
    assert (found != expected).mean() < 0.002
    window = window_of(grid, screen)
    assert window == grid.extent


@pytest.mark.parametrize(
    "bounds", [(0, 0, 0, 1), (1, 0, 0, 1), (0, math.nan, 1, 1), (0, 0, math.inf, 1)]
)
def test_an_extent_that_is_none_is_refused(bounds: tuple[float, float, float, float]) -> None:
    with pytest.raises(InputError, match="extent"):
        Screen(bounds, None, 10, 10)


def test_nothing_lies_behind_a_screen_elsewhere() -> None:
    grid = Grid(20, 30, METRE, "EPSG:32633")
    assert window_of(grid, Screen((0, 0, 10, 10), None, 5, 5)) is None
    assert window_of(grid, Screen((-80, 10, -79, 11), "EPSG:4326", 5, 5)) is None


# ---- superpixels


@given(st.integers(1, 40), st.integers(1, 40), st.integers(2, 12), st.integers(0, 99))
def test_each_valid_pixel_is_in_a_segment(height: int, width: int, side: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    valid = rng.random((height, width)) < 0.8
    found = superpixels(rng.normal(size=(2, height, width)), side, valid)
    np.testing.assert_array_equal(found > 0, valid)


def test_segments_follow_edges_and_are_about_as_large_as_asked_for() -> None:
    image = np.zeros((3, 96, 96), np.uint8)
    rows, columns = np.mgrid[:96, :96]
    disc = (rows - 40) ** 2 + (columns - 50) ** 2 < 25**2
    image[:, disc] = 200
    found = superpixels(image, 12)
    for segment in np.unique(found):
        inside = disc[found == segment]
        assert inside.mean() in (0.0, 1.0)
    assert 40 < len(np.unique(found)) < 100


# ---- the desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with Desk(tmp_path_factory.mktemp("desk")) as found:
        yield found


def ask(desk: Desk, scene: str, model: str, **more: Any) -> dict[str, Any]:
    extent = {"bounds": [500_000, 4_999_900, 500_150, 5_000_000], "height": 100, "width": 150}
    asked = {"id": 7, "scene": scene, "model": model, **extent, **more}
    return desk.answer(read_request(asked), never)


def test_a_map_in_colours_and_values(desk: Desk, bundle: str, scene: str, whole: Any) -> None:
    found = ask(desk, scene, bundle, geotiff=True)
    assert (found["id"], found["kind"], found["coarser"]) == (7, "map", 1)
    with rasterio.open(found["classes"]) as raster:
        np.testing.assert_array_equal(raster.read(1), whole.classes[:100])
        assert raster.transform == whole.transform
    values = read_png(found["values"])
    np.testing.assert_array_equal(values[0], whole.classes[:100])
    np.testing.assert_array_equal(values[1], whole.confidence[:100])
    picture = read_png(found["png"])
    for label in whole.labels:
        there = values[0] == label.value
        np.testing.assert_array_equal(picture[:3, there].T - np.array(label.rgb, np.uint8), 0)
        assert (picture[3, there] == 255).all()
    assert sum(label["share"] for label in found["labels"]) == pytest.approx(1, abs=1e-3)


def test_a_shaded_map_is_fainter_where_it_is_less_sure(desk: Desk, bundle: str, scene: str) -> None:
    found = ask(desk, scene, bundle, shade=True)
    alpha = read_png(found["png"])[3]
    confidence = read_png(found["values"])[1]
    order = np.argsort(confidence[confidence < 255])
    assert (np.diff(alpha[confidence < 255][order].astype(int)) >= 0).all()
    assert alpha.max() > alpha.min() > 0


def read_png(path: str) -> np.ndarray[Any, np.dtype[np.uint8]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        picture = rasterio.open(path)
    with picture:
        found: np.ndarray[Any, np.dtype[np.uint8]] = picture.read()
        return found


def test_nodata_is_transparent(desk: Desk, bundle: str, scene: str) -> None:
    found = ask(desk, scene, bundle, bounds=[500_000, 4_999_830, 500_150, 5_000_000], height=170)
    assert (read_png(found["png"])[3, 110:, :30] == 0).all()


def test_the_region_under_a_point(desk: Desk, bundle: str, scene: str, whole: Any) -> None:
    found = ask(desk, scene, bundle, kind="region", x=500_075.5, y=4_999_949.5)
    shape = shapely.from_wkt(found["wkt"])
    value = whole.classes[50, 75]
    assert found["class"] == next(x.name for x in whole.labels if x.value == value)
    inside = rasterio.features.geometry_mask([shape], (100, 150), whole.transform, invert=True)
    assert inside[50, 75]
    assert (whole.classes[:100][inside] == value).all()
    around = rasterio.features.geometry_mask(
        [shape.buffer(0.6, join_style="mitre")], (100, 150), whole.transform, all_touched=True
    )
    ring = ~around & ~inside
    corners = ring & ~_beside(inside)
    assert not (whole.classes[:100][ring & ~corners] == value).any()


def test_a_region_ends_at_the_segment_where_that_is_asked(
    desk: Desk, bundle: str, scene: str
) -> None:
    point = {"x": 500_075.5, "y": 4_999_949.5, "side": 8}
    whole, part, cut = (
        shapely.from_wkt(ask(desk, scene, bundle, **point, **more)["wkt"])
        for more in (
            {"kind": "region"},
            {"kind": "segment"},
            {"kind": "region", "segment": True},
        )
    )
    assert cut.contains(shapely.Point(point["x"], point["y"]))
    both = shapely.intersection(whole, part)
    pieces = [one for one in shapely.get_parts(both) if one.geom_type == "Polygon"]
    assert any(shapely.equals(cut, one) for one in pieces)
    assert cut.area <= min(whole.area, part.area)


def test_a_part_in_another_crs_and_none_at_all() -> None:
    grid = Grid(10, 10, (1.0, 0.0, 500_000.0, 0.0, -1.0, 5_000_000.0), "EPSG:32632")
    shape = shapely.box(500_000, 4_999_990, 500_010, 5_000_000)
    degrees = gpd.GeoSeries([shapely.box(500_002, 4_999_990, 500_020, 5_000_000)], crs=32632)
    found = common_part(shape, grid, 5, 5, degrees.to_crs(4326)[0].wkt, "EPSG:4326")
    assert math.isclose(found.area, 80, rel_tol=1e-3)
    beside = shapely.box(600_000, 4_999_990, 600_010, 5_000_000).wkt
    pixel = common_part(shape, grid, 5, 5, beside, "EPSG:32632")
    assert pixel.bounds == (500_005, 4_999_994, 500_006, 4_999_995)


def _beside(mask: Any) -> Any:
    found = np.zeros_like(mask)
    found[1:] |= mask[:-1]
    found[:-1] |= mask[1:]
    found[:, 1:] |= mask[:, :-1]
    found[:, :-1] |= mask[:, 1:]
    return found


def test_the_segment_under_a_point_needs_no_model(desk: Desk, scene: str) -> None:
    found = ask(desk, scene, "no such model", kind="segment", x=500_075.5, y=4_999_949.5, side=8)
    shape = shapely.from_wkt(found["wkt"])
    assert shape.contains(shapely.Point(500_075.5, 4_999_949.5))
    assert 8 <= shape.area <= 400
    assert set(shapely.get_coordinates(shape).ravel() % 1) == {0.0}
    other = ask(desk, scene, "", kind="segment", x=500_120.5, y=4_999_920.5, side=8)
    assert shapely.intersection(shape, shapely.from_wkt(other["wkt"])).area == 0


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"kind": "nothing"}, "kind"),
        ({"bounds": [1, 2, 3]}, "numbers"),
        ({"bounds": [0, 0, 1, 1]}, "beside the scene"),
        ({"height": "many"}, "numbers"),
        ({"height": 0}, "screen"),
        ({"scene": []}, "scene"),
        ({"scene": "missing.tif"}, "missing.tif"),
        ({"model": "missing"}, "missing"),
        ({"options": 3}, "options"),
        ({"options": {"nothing": 3}}, "unknown option"),
        ({"kind": "segment"}, "numbers"),
        ({"kind": "segment", "x": 0, "y": 0}, "point"),
        ({"kind": "region", "x": 500_010.5, "y": 4_999_880.5}, "point"),
        ({"crs": "EPSG:0"}, "CRS"),
    ],
)
def test_what_is_wrong_is_told(
    desk: Desk, bundle: str, scene: str, more: dict[str, Any], what: str
) -> None:
    with pytest.raises(GeosegError, match=what) as caught:
        ask(desk, **({"scene": scene, "model": bundle} | more))
    told = failed({"id": 9}, caught.value)
    assert told["id"] == 9
    assert told["error"]["found"] == caught.value.found


def test_a_scene_that_does_not_fit_is_refused(desk: Desk, bundle: str, tmp_path: Path) -> None:
    path = write(tmp_path / "grey.tif", colours(50, 50, bands=1), transform=METRE)
    with pytest.raises(ModelError):
        ask(desk, path, bundle)


def test_files_of_old_answers_go(bundle: str, scene: str, tmp_path: Path) -> None:
    with Desk(tmp_path) as desk:
        answers = [ask(desk, scene, bundle, height=10 + i) for i in range(12)]
        left = {str(path) for path in tmp_path.iterdir()}
    assert left == {answer[name] for answer in answers[-8:] for name in ("png", "values")}


def test_a_model_that_is_written_anew_is_loaded_anew(scene: str, tmp_path: Path) -> None:
    folder = make_bundle(tmp_path / "model", encoder="resnet18")
    (tmp_path / "files").mkdir()
    with Desk(tmp_path / "files") as desk:
        first = ask(desk, scene, str(folder))
        make_bundle(tmp_path / "model", labels=3, encoder="resnet18")
        second = ask(desk, scene, str(folder))
        assert (len(first["labels"]), len(second["labels"])) == (5, 3)


def test_options_change_how_the_scene_is_read(desk: Desk, bundle: str, scene: str) -> None:
    plain = ask(desk, scene, bundle)
    turned = ask(desk, scene, bundle, options={"bands": [3, 2, 1]})
    expected = geoseg.predict(scene, model=bundle, tile=turned["tile"], bands=(3, 2, 1))
    np.testing.assert_array_equal(read_png(turned["values"])[0], expected.classes[:100])
    assert (read_png(plain["values"])[0] != expected.classes[:100]).any()
    assert Options.of(bands=(3, 2, 1)).reading.bands
