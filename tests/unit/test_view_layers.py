"""What a page shows is what the files hold: tiles, values and areas against whole arrays."""

from __future__ import annotations

import json
import math
import re
import warnings
from base64 import b64decode
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer
from range_server import serve
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile
from rasterio.warp import Resampling, reproject
from rasters import UTM33, write

pytest.importorskip("rio_tiler", reason="the extra `view` is not installed")

from geoseg.core.errors import InputError, RunError
from geoseg.core.events import silent
from geoseg.core.grid import Grid
from geoseg.core.provenance import KIND_TAG
from geoseg.core.style import CLASSES_TAG
from geoseg.view import rasters, vectors
from geoseg.view.export import export_page
from geoseg.view.frame import TILE, Frame, make_frame, place_of, shortest
from geoseg.view.named import View, areas_of, open_view

COLOURS = {1: (0, 85, 170, 255), 2: (34, 136, 51, 255), 7: (228, 150, 53, 255)}


def classes(path: Path, pixels: np.ndarray, **how: object) -> str:
    """A class raster with colours, as any program writes them."""
    name = write(path, pixels[None], nodata=255, **how)
    with rasterio.open(name, "r+") as raster:
        raster.write_colormap(1, COLOURS)
    return name


def unplaced(path: Path, pixels: np.ndarray, **how: object) -> str:
    """A raster that lies nowhere, as a photograph does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        return write(path, pixels, crs=None, transform=None, **how)


def drawn(png: bytes) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # it is a picture
        return _read(png)


def _read(png: bytes) -> np.ndarray:
    with MemoryFile(png) as file, file.open() as picture:
        return picture.read()


def whole(view: View, key: str) -> np.ndarray:
    """All tiles of a layer at the zoom of its pixels, put together: [band, row, column]."""
    layer = view.find(key)
    assert layer is not None
    frame = view.frame
    count = 2**frame.zoom
    empty = np.zeros((4, TILE, TILE), np.uint8)
    draw = vectors.tile_png if isinstance(layer, vectors.VectorLayer) else rasters.tile_png
    rows = []
    for row in range(count):
        tiles = [draw(layer, frame, frame.tile(frame.zoom, column, row)) for column in range(count)]
        rows.append(np.concatenate([drawn(tile) if tile else empty for tile in tiles], axis=2))
    return np.concatenate(rows, axis=1)


def painted(pixels: np.ndarray) -> np.ndarray:
    table = np.zeros((256, 4), np.uint8)
    for value, colour in COLOURS.items():
        table[value] = colour
    return np.moveaxis(table[pixels], -1, 0)


def some_classes(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).choice(np.array([1, 2, 7, 255], np.uint8), (height, width))


@pytest.mark.parametrize("shape", [(300, 513), (1, 1), (700, 40)])
@pytest.mark.parametrize("crs", ["EPSG:32633", None])
def test_tiles_are_the_rasters_own_pixels(
    tmp_path: Path, shape: tuple[int, int], crs: str | None
) -> None:
    pixels = some_classes(*shape)
    path = classes(tmp_path / "map.tif", pixels)
    if crs is None:
        path = unplaced(tmp_path / "none.tif", pixels[None], nodata=255)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path, "r+") as raster:
                raster.write_colormap(1, COLOURS)
    view = open_view([path])
    found = whole(view, "r0")
    expected = np.zeros_like(found)
    expected[:, : shape[0], : shape[1]] = painted(pixels)
    np.testing.assert_array_equal(found, expected)


def test_a_raster_with_south_up_or_turned_is_drawn_as_it_lies(tmp_path: Path) -> None:
    pixels = some_classes(50, 60)
    flipped = classes(
        tmp_path / "up.tif", pixels[::-1], transform=(10, 0, 500_000, 0, 10, 4_999_500)
    )
    found = whole(open_view([flipped]), "r0")
    np.testing.assert_array_equal(found[:, :50, :60], painted(pixels))

    turned = classes(tmp_path / "turned.tif", pixels, transform=(0, 10, 500_000, 10, 0, 5_000_000))
    view = open_view([turned])
    x, y = 500_000 + 10 * 7.5, 5_000_000 + 10 * 3.5  # row 7, column 3
    told = rasters.value_at(view.rasters[0], view.frame, x, y)
    assert told == (None if pixels[7, 3] == 255 else (float(pixels[7, 3]),))


def test_a_raster_in_degrees_is_drawn_in_mercator_as_gdal_warps_it(tmp_path: Path) -> None:
    pixels = some_classes(8, 12).repeat(16, 0).repeat(16, 1)  # blocks: borders may lie a pixel off
    transform = (0.001, 0.0, 10.0, 0.0, -0.001, 50.0)
    path = classes(tmp_path / "map.tif", pixels, crs="EPSG:4326", transform=transform)
    view = open_view([path])
    frame = view.frame
    assert frame.crs == "EPSG:3857"
    found = whole(view, "r0")
    side = found.shape[1]
    expected = np.full((side, side), 255, np.uint8)
    place = rasterio.Affine(frame.pixel, 0, frame.box[0], 0, -frame.pixel, frame.box[3])
    with rasterio.open(path) as raster:
        reproject(
            rasterio.band(raster, 1), expected, dst_transform=place, dst_crs=frame.crs,
            dst_nodata=255, resampling=Resampling.nearest,
        )  # fmt: skip
    assert (found == painted(expected)).all(axis=0).mean() > 0.99


@given(
    st.integers(1, 3000), st.integers(1, 3000), st.floats(0.01, 5000), st.integers(-9, 9),
    st.integers(-9, 9),
)  # fmt: skip
def test_a_frame_is_cut_without_gaps(
    height: int, width: int, pixel: float, column: int, row: int
) -> None:
    """Neighbouring tiles share their border, tile 0 begins at the corner, and holds all at zoom 0;
    each zoom halves the tiles."""
    transform = (pixel, 0.0, 300_000.0, 0.0, -pixel, 5_000_000.0)
    frame = make_frame([("map", Grid(height, width, transform, "EPSG:32633"))], [])
    left, bottom, right, top = frame.tile(3, column, row)
    beside = frame.tile(3, column + 1, row)
    below = frame.tile(3, column, row + 1)
    assert beside[0] == pytest.approx(right)
    assert below[3] == pytest.approx(bottom)
    first = frame.tile(0, 0, 0)
    assert (first[0], first[3]) == (frame.box[0], frame.box[3])
    assert first[2] >= frame.box[2] - 1e-6 * pixel
    assert first[1] <= frame.box[1] + 1e-6 * pixel
    quarter = frame.tile(4, 2 * column, 2 * row)
    assert (quarter[0], quarter[3]) == pytest.approx((left, top))
    assert quarter[2] - quarter[0] == pytest.approx((right - left) / 2)
    native = frame.tile(frame.zoom, 0, 0)
    assert (native[2] - native[0]) / TILE == pytest.approx(pixel)


@given(st.integers(0, 39), st.integers(0, 59), st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_the_class_under_a_point_is_the_rasters(
    tmp_path_factory: pytest.TempPathFactory, row: int, column: int, down: float, across: float
) -> None:
    view, pixels = _view_of_one(tmp_path_factory)
    x = UTM33[2] + 10 * (column + across)
    y = UTM33[5] - 10 * (row + down)
    told = rasters.value_at(view.rasters[0], view.frame, x, y)
    assert told == (None if pixels[row, column] == 255 else (float(pixels[row, column]),))


_made: list[tuple[View, np.ndarray]] = []


def _view_of_one(factory: pytest.TempPathFactory) -> tuple[View, np.ndarray]:
    if not _made:
        pixels = some_classes(40, 60, seed=3)
        path = classes(factory.mktemp("view") / "map.tif", pixels)
        _made.append((open_view([path]), pixels))
    return _made[0]


def test_beside_the_raster_there_is_nothing(tmp_path: Path) -> None:
    view = open_view([classes(tmp_path / "map.tif", some_classes(5, 5))])
    assert rasters.value_at(view.rasters[0], view.frame, 499_999, 4_999_999) is None
    assert rasters.tile_png(view.rasters[0], view.frame, view.frame.tile(0, 1, 0)) == b""


def test_areas_are_those_of_the_pixels(tmp_path: Path) -> None:
    pixels = np.repeat(np.array([1, 2, 2, 255], np.uint8), 100).reshape(4, 100)
    view = open_view([classes(tmp_path / "map.tif", pixels)])
    told = areas_of(view.rasters[0])
    assert told["metric"]
    areas = {row["name"]: row["area"] for row in told["rows"]}
    # UTM's scale near its middle meridian is 0.9996
    assert areas["class 1"] == pytest.approx(100 * 100 / 0.9996**2, rel=1e-3)
    assert areas["class 2"] == pytest.approx(2 * areas["class 1"], rel=1e-6)
    assert [row["share"] for row in told["rows"]] == pytest.approx([2 / 3, 1 / 3], rel=1e-6)


def test_areas_are_counted_anew_where_the_file_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "map.tif"
    classes(path, np.full((10, 10), 1, np.uint8))
    before = areas_of(open_view([str(path)]).rasters[0])["rows"]
    classes(path, np.full((20, 20), 2, np.uint8))
    after = areas_of(open_view([str(path)]).rasters[0])["rows"]
    assert [row["name"] for row in before + after] == ["class 1", "class 2"]


def test_numbers_are_shown_between_their_limits(tmp_path: Path) -> None:
    percent = np.array([[0, 50], [100, 255]], np.uint8)
    path = write(tmp_path / "c.tif", percent[None], nodata=255, tags={KIND_TAG: "confidence"})
    view = open_view([path])
    layer = view.rasters[0]
    assert (layer.kind, layer.limits, layer.unit) == ("number", ((0.0, 100.0),), "%")
    found = drawn(rasters.tile_png(layer, view.frame, view.frame.tile(view.frame.zoom, 0, 0)))
    np.testing.assert_array_equal(found[:3, 0, 0], layer.table[0, :3])
    np.testing.assert_array_equal(found[:3, 1, 0], layer.table[255, :3])
    np.testing.assert_array_equal(found[3, :2, :2], [[255, 255], [255, 0]])


def test_scores_are_a_layer_for_each_class(tmp_path: Path) -> None:
    scores = np.zeros((3, 4, 4), np.uint8)
    path = write(
        tmp_path / "s.tif", scores, names=["water", "trees", "x"], tags={KIND_TAG: "scores"}
    )
    view = open_view([path])
    assert [layer.name for layer in view.rasters] == ["s.tif: water", "s.tif: trees", "s.tif: x"]
    assert len({layer.key for layer in view.rasters}) == 3


def test_a_scene_is_shown_in_its_colours_and_the_maps_come_first(tmp_path: Path) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (3, 30, 30)).astype(np.uint8)
    scene = write(tmp_path / "scene.tif", rgb, photometric="RGB")
    table = classes(tmp_path / "map.tif", some_classes(30, 30))
    view = open_view([scene, table])
    assert [layer.kind for layer in view.rasters] == ["classes", "scene"]
    key = view.rasters[1].key
    np.testing.assert_array_equal(whole(view, key)[:3, :30, :30], rgb)


def test_scene_and_map_of_other_pixels_lie_on_one_another(tmp_path: Path) -> None:
    """The plane is the map's, and begins at a corner of one of its pixels."""
    table = classes(tmp_path / "map.tif", some_classes(20, 20))
    coarse = np.random.default_rng(1).integers(0, 256, (3, 8, 8)).astype(np.uint8)
    place = (30.0, 0.0, UTM33[2] - 17, 0.0, -30.0, UTM33[5] + 17)
    scene = write(tmp_path / "scene.tif", coarse, transform=place, photometric="RGB")
    view = open_view([table, scene])
    frame = view.frame
    assert (frame.box[0] - UTM33[2]) % 10 == pytest.approx(0)
    assert (frame.box[3] - UTM33[5]) % 10 == pytest.approx(0)
    assert frame.box[0] <= UTM33[2] - 17
    for x, y in ((500_003, 4_999_997), (500_100, 4_999_900)):
        row, column = int((place[5] - y) // 30), int((x - place[2]) // 30)
        told = rasters.value_at(view.rasters[1], frame, x, y)
        assert told == tuple(map(float, coarse[:, row, column]))


def test_a_raster_over_the_date_line_is_whole(tmp_path: Path) -> None:
    values = np.array([1, 2, 7], np.uint8)
    pixels = np.random.default_rng(0).integers(0, 3, (60, 100))
    pixels = values[pixels]
    for name, west in (("east", 179.5), ("west", -180.5), ("round", 539.5)):
        grid = (0.01, 0, west, 0, -0.01, -16.0)
        path = classes(tmp_path / f"{name}.tif", pixels, crs="EPSG:4326", transform=grid)
        shown = open_view([path])
        frame = shown.frame
        assert frame.meridian is not None
        assert frame.is_mercator
        assert frame.box[2] - frame.box[0] < 120_000  # one degree, and not the whole Earth
        found, known = rasters.read_box(shown.rasters[0], frame, frame.box, 600, 1000)
        assert known.all()
        assert (found[0, :, 5::10] == pixels[np.clip(_rows(frame, 600), 0, 59)]).mean() > 0.99
        longitude, _ = place_of(frame, frame.box[2], frame.box[3])
        assert math.isclose(longitude % 360, 180.5, abs_tol=1e-6)
    halves = [
        classes(tmp_path / f"{name}.tif", part, crs="EPSG:4326", transform=(0.01, 0, west, 0, -0.01, -16.0))
        for name, part, west in (("a", pixels[:, :50], 179.5), ("b", pixels[:, 50:], -180.0))
    ]  # fmt: skip
    shown = open_view(halves)
    both = np.full((600, 1000), 255)
    for layer in shown.rasters:
        found, known = rasters.read_box(layer, shown.frame, shown.frame.box, 600, 1000)
        both[known] = found[0][known]
    assert (both[:, 5::10] == pixels[np.clip(_rows(shown.frame, 600), 0, 59)]).mean() > 0.99


@pytest.mark.parametrize("west", [179.5, -180.5, 539.5])
def test_polygons_over_the_date_line_are_whole(tmp_path: Path, west: float) -> None:
    """Of whatever turn their degrees are, and beside a map that counts from another, or in metres."""
    names = ["west", "east"]
    boxes = [shapely.box(west + 0.5 * n, -16.5, west + 0.5 * (n + 1), -16) for n in range(2)]
    layer = tmp_path / "map.gpkg"
    gpd.GeoDataFrame({"class": names}, geometry=boxes, crs="EPSG:4326").to_file(layer)
    pixels = np.ones((50, 100), np.uint8)
    degrees = classes(
        tmp_path / "d.tif", pixels, crs="EPSG:4326", transform=(0.01, 0, 179.5, 0, -0.01, -16.0)
    )
    metres = classes(tmp_path / "m.tif", pixels, crs="EPSG:32701", transform=(1000, 0, 130_000.0, 0, -1000, 8_220_000.0))  # fmt: skip
    for beside in ([], [degrees], [metres], [degrees, metres]):
        view = open_view([*beside, str(layer)])
        frame = view.frame
        assert frame.box[2] - frame.box[0] < 250_000  # some degrees, and not the whole Earth
        for longitude, name in ((179.75, "west"), (-179.75, "east")):
            to = Transformer.from_crs("EPSG:4326", frame.crs, always_xy=True)
            told = vectors.features_at(view.vectors[0], frame, *to.transform(longitude, -16.25), 1)
            assert [dict(one["attributes"])["class"] for one in told] == [name]
        tile = drawn(vectors.tile_png(view.vectors[0], frame, frame.tile(0, 0, 0)))
        left, _, right, _ = vectors.to_frame(view.vectors[0].box, "EPSG:4326", frame)
        assert tile[3].any(axis=0).sum() == pytest.approx((right - left) / frame.unit, abs=3)


def _rows(frame: Frame, height: int) -> np.ndarray:
    """Which row of a raster of 0.01 degrees from 16 south each row of the page shows."""
    step = (frame.box[3] - frame.box[1]) / height
    ys = frame.box[3] - step * (np.arange(height) + 0.5)
    degrees = np.degrees(2 * np.arctan(np.exp(ys / 6378137)) - np.pi / 2)
    return np.floor((-16 - degrees) / 0.01).astype(int)


@given(st.lists(st.tuples(st.integers(-400, 400), st.integers(0, 200)), min_size=1, max_size=5))
def test_the_shortest_stretch_of_longitudes(spans: list[tuple[int, int]]) -> None:
    west, east = shortest([(start, start + width) for start, width in spans])
    assert -180 <= west < 180
    covered = {(start + step) % 360 for start, width in spans for step in range(width)}
    inside = {(round(west) + step) % 360 for step in range(round(east - west))}
    assert covered <= inside
    # no gap of the circle without any of it is wider than what was left out
    points = {start % 360 for start, _ in spans} | {(a + w) % 360 for a, w in spans}
    widest = 0
    for first in range(360):
        run = 0
        while (
            run < 360
            and (first + run) % 360 not in covered
            and not (run and (first + run) % 360 in points)
        ):
            run += 1
        widest = max(widest, run)
    assert len(inside) == 360 - widest or not covered


def test_what_lies_nowhere_and_somewhere_is_not_shown_together(tmp_path: Path) -> None:
    table = classes(tmp_path / "map.tif", some_classes(20, 20))
    photo = unplaced(tmp_path / "p.tif", np.zeros((3, 5, 5), np.uint8))
    with pytest.raises(InputError, match="has no CRS"):
        open_view([table, photo])


@pytest.mark.filterwarnings("ignore:Adjusting dataset latitudes")  # rio-tiler's, beyond 85 degrees
def test_a_map_of_the_world_goes_to_85_degrees_and_a_pole_alone_is_refused(tmp_path: Path) -> None:
    pixels = some_classes(180, 360)
    world = (1.0, 0.0, -180.0, 0.0, -1.0, 90.0)
    view = open_view([classes(tmp_path / "m.tif", pixels, crs="EPSG:4326", transform=world)])
    assert max(map(abs, view.frame.box)) == pytest.approx(20037508.34, abs=1)
    assert view.frame.pixel == pytest.approx(111319.49, abs=0.1)
    told = rasters.value_at(view.rasters[0], view.frame, 55_000, 55_000)  # a half degree each
    assert told == (None if pixels[89, 180] == 255 else (float(pixels[89, 180]),))
    pole = (1.0, 0.0, -180.0, 0.0, -0.1, 90.0)
    path = classes(tmp_path / "p.tif", pixels[:30], crs="EPSG:4326", transform=pole)
    with pytest.raises(InputError, match="has places"):
        open_view([path])


def test_another_band_count_or_type_of_classes(tmp_path: Path) -> None:
    """Of 16 bits, values beyond a byte, and one that the legend does not have."""
    pixels = np.array([[1, 300], [2, 1000]], np.uint16)
    path = write(tmp_path / "m.tif", pixels[None], tags={KIND_TAG: "classes"})
    view = open_view([path])
    assert [label.value for label in view.rasters[0].legend] == [1, 2, 300, 1000]
    assert rasters.value_at(view.rasters[0], view.frame, 500_015, 4_999_985) == (1000.0,)


def polygons(path: Path) -> str:
    boxes = [
        shapely.box(500_000 + 100 * i, 4_999_900, 500_100 + 100 * i, 5_000_000) for i in range(3)
    ]
    frame = gpd.GeoDataFrame(
        {
            "class": ["water", "trees", "<img src=x onerror=boom()>"],
            "class_id": [1, 2, 7],
            "area_m2": [10.0, 20.0, 30.0],
        },
        geometry=boxes,
        crs="EPSG:32633",
    )
    frame.to_file(path)
    return str(path)


@pytest.mark.parametrize("suffix", [".gpkg", ".fgb", ".geojson"])
def test_polygons_are_drawn_and_found(tmp_path: Path, suffix: str) -> None:
    path = polygons(tmp_path / f"map{suffix}")
    table = classes(tmp_path / "map.tif", some_classes(10, 30))
    view = open_view([path, table])
    layer = view.vectors[0]
    assert [label.name for label in layer.legend][:2] == ["water", "trees"]
    found = whole(view, "v0")
    names = {label.name: label.rgb for label in layer.legend}
    np.testing.assert_array_equal(found[:3, 5, 5], names["water"])
    np.testing.assert_array_equal(found[:3, 5, 15], names["trees"])
    assert found[3, 5, 35] == 0
    hit = vectors.features_at(layer, view.frame, 500_150, 4_999_950, 1)
    assert [dict(one["attributes"])["class"] for one in hit] == ["trees"]
    assert vectors.features_at(layer, view.frame, 600_000, 4_999_950, 1) == []
    areas = {row["name"]: row["area"] for row in areas_of(layer)["rows"]}
    assert (areas["water"], areas["trees"]) == (10.0, 20.0)


def test_polygons_of_pmtiles_are_counted_once(tmp_path: Path) -> None:
    """A polygon lies in several tiles, each time with the area of all of it."""
    from geoseg import vectorize

    pixels = np.repeat(np.array([1, 2], np.uint8), 300 * 600).reshape(600, 600)
    table = classes(tmp_path / "map.tif", pixels)
    vectorize(table, tmp_path / "map.pmtiles")
    vectorize(table, tmp_path / "map.gpkg")
    view = open_view([str(tmp_path / "map.pmtiles"), str(tmp_path / "map.gpkg")])
    tiles, polygons = view.vectors
    assert tiles.layer.features > 2
    assert (tiles.count, polygons.count) == (2, 2)
    areas = {row["name"]: row["area"] for row in areas_of(polygons)["rows"]}
    found = {row["name"]: row["area"] for row in areas_of(tiles)["rows"]}
    assert found == pytest.approx(areas, rel=1e-6)
    assert view.frame.is_mercator


def test_a_map_written_anew_with_other_classes_is_not_shown_by_the_old_names(
    tmp_path: Path,
) -> None:
    pixels = np.ones((1, 30, 40), np.uint8)

    def named(name: str) -> str:
        tags = {KIND_TAG: "classes", CLASSES_TAG: json.dumps({1: name})}
        return write(tmp_path / "map.tif", pixels, tags=tags)

    view = open_view([named("water")])
    state = view.told()["layers"][0]["state"]
    x, y = view.frame.box[0] + 55, view.frame.box[1] + 55
    named("water")  # with the same ones it is
    assert rasters.value_at(view.rasters[0], view.frame, x, y) == (1.0,)
    named("trees, rather")
    with pytest.raises(InputError, match="other classes"):
        rasters.value_at(view.rasters[0], view.frame, x, y)
    assert view.told()["layers"][0]["state"] != state


VRT = """<VRTDataset rasterXSize="40" rasterYSize="30"><SRS>EPSG:32633</SRS>
<GeoTransform>500000,10,0,5000000,0,-10</GeoTransform><VRTRasterBand dataType="Byte" band="1">
<SimpleSource><SourceFilename>{}</SourceFilename><SourceBand>1</SourceBand></SimpleSource>
</VRTRasterBand></VRTDataset>"""


def _look_at(path: str) -> bytes:
    view = open_view([path])
    return rasters.tile_png(view.rasters[0], view.frame, view.frame.box)


@pytest.mark.parametrize("way", ["/vsicurl/", "/vsicurl?url=", "/vsicurl_streaming/", ""])
@pytest.mark.parametrize("name", ["a.vrt", "a.tif"])
def test_a_file_of_this_machine_asks_no_server(tmp_path: Path, way: str, name: str) -> None:
    folder = tmp_path / "served"
    folder.mkdir()
    write(folder / "a.tif", np.ones((1, 30, 40), np.uint8))
    with serve(folder) as server:
        address = f"{server.address}/a.tif"
        with rasterio.open(f"/vsicurl/{address}") as raster:
            assert raster.read(1).all()  # it is there
        before = len(server.paths())
        assert before
        path = tmp_path / name
        path.write_text(VRT.format(way + address))
        with pytest.raises((InputError, RunError), match=r"a\.(vrt|tif)"):
            _look_at(str(path))
        assert server.paths()[before:] == []


def test_shapes_that_lie_elsewhere_are_refused(tmp_path: Path) -> None:
    boxes = [shapely.box(500_000, 4_999_000, 500_900, 5_000_000)]
    there = tmp_path / "there.gpkg"
    gpd.GeoDataFrame({"class": ["a"]}, geometry=boxes, crs="EPSG:32633").to_file(there)
    path = tmp_path / "map.gpkg"
    path.write_text(
        f'<OGRVRTDataSource><OGRVRTLayer name="there"><SrcDataSource>{there}</SrcDataSource>'
        "</OGRVRTLayer></OGRVRTDataSource>"
    )
    for name in (str(path), f"{path}|layername=there"):
        with pytest.raises(InputError, match="names other files"):
            open_view([name])


def test_polygons_without_a_class_are_shown_in_one_colour(tmp_path: Path) -> None:
    boxes = [
        shapely.box(500_000 + 1000 * i, 4_999_000, 500_900 + 1000 * i, 5_000_000) for i in (0, 1)
    ]
    path = str(tmp_path / "fields.gpkg")
    gpd.GeoDataFrame({"note": ["a", "b"]}, geometry=boxes, crs="EPSG:32633").to_file(path)
    view = open_view([path])
    (layer,) = view.vectors
    assert [(label.name, label.rgb) for label in layer.legend] == [("fields", (230, 85, 13))]
    png = vectors.tile_png(layer, view.frame, view.frame.box)
    assert {tuple(colour) for colour in drawn(png)[:3].reshape(3, -1).T.tolist()} >= {(230, 85, 13)}


def named_shapes(path: Path, names: list[str], **columns: list[int]) -> str:
    """A layer of squares with a class each and no style, as another program writes it."""
    squares = [shapely.box(500_000 + 10 * at, 4_999_990, 500_010 + 10 * at, 5_000_000)
               for at in range(len(names))]  # fmt: skip
    gpd.GeoDataFrame({"class": names} | columns, geometry=squares, crs=32633).to_file(path)
    return str(path)


def test_a_class_has_its_colour_whichever_others_there_are(tmp_path: Path) -> None:
    raster = classes(tmp_path / "c.tif", np.array([[1, 2, 7]], np.uint8))
    with rasterio.open(raster, "r+") as dataset:
        names = {"1": "water", "2": "trees", "7": "bare"}
        dataset.update_tags(**{CLASSES_TAG: json.dumps(names)})
    some = named_shapes(tmp_path / "some.fgb", ["trees", "unknown"])
    others = named_shapes(tmp_path / "others.fgb", ["bare", "unknown", "another"])
    valued = named_shapes(tmp_path / "valued.fgb", ["x", "y"], class_id=[7, 2])
    torn = named_shapes(tmp_path / "torn.fgb", ["x", "z"], class_id=[7, 7])  # one value, two names
    alone = [open_view([path]).vectors[0] for path in (valued, torn)]
    assert {label.value for label in alone[0].legend} == {7, 2}
    assert [label.name for label in alone[1].legend] == ["x", "z"]
    shown = open_view([raster, some, others, valued, torn])
    told = [{label.name: label.colour for label in layer.legend} for layer in shown.vectors]
    by_raster = {label.name: label.colour for label in shown.rasters[0].legend}
    assert by_raster["trees"] == "#228833"
    assert told[0]["trees"] == by_raster["trees"]
    assert told[1]["bare"] == by_raster["bare"]
    assert told[0]["unknown"] == told[1]["unknown"] != told[1]["another"]
    assert told[3]["x"] == told[2]["x"] != told[3]["z"]
    assert len({colour for one in told for colour in one.values()} | set(by_raster.values())) == 8


def test_names_that_cannot_be_printed_are_shown_with_a_mark(tmp_path: Path) -> None:
    names = ["a\nb", " ", None, "None"]
    boxes = [
        shapely.box(500_000 + 1000 * i, 4_999_000, 500_900 + 1000 * i, 5_000_000) for i in range(4)
    ]
    path = str(tmp_path / "polygons.gpkg")
    gpd.GeoDataFrame({"class": names}, geometry=boxes, crs="EPSG:32633").to_file(path)
    layer = open_view([path]).vectors[0]
    assert [label.name for label in layer.legend] == [
        "(none)",
        "None",
        "a\N{REPLACEMENT CHARACTER}b",
    ]
    pixels = np.array([[1, 2, 3]], np.uint8)
    tags = {KIND_TAG: "classes", CLASSES_TAG: json.dumps({1: "a\nb", 2: " ", 3: "c"})}
    raster = write(tmp_path / "map.tif", pixels[None], tags=tags)
    assert [(label.value, label.name) for label in open_view([raster]).rasters[0].legend] == [
        (1, "a\N{REPLACEMENT CHARACTER}b"),
        (3, "c"),
    ]


def test_polygons_alone_have_a_plane_of_their_own(tmp_path: Path) -> None:
    view = open_view([polygons(tmp_path / "map.gpkg")])
    assert view.frame.metres == pytest.approx(1, abs=2e-3)
    assert drawn(vectors.tile_png(view.vectors[0], view.frame, view.frame.tile(0, 0, 0)))[3].any()


def test_a_million_corners_are_cut_before_they_are_drawn(tmp_path: Path) -> None:
    """A polygon far larger than the tile is drawn as the part that lies there."""
    angles = np.linspace(0, 2 * np.pi, 100_001)
    ring = 5000 * np.stack([np.cos(angles), np.sin(angles)], axis=1) + [505_000, 4_995_000]
    frame = gpd.GeoDataFrame({"class": ["a"]}, geometry=[shapely.Polygon(ring)], crs="EPSG:32633")
    frame.to_file(tmp_path / "a.gpkg")
    view = open_view([str(tmp_path / "a.gpkg")])
    zoom = view.frame.zoom
    middle = 2**zoom // 2
    tile = drawn(
        vectors.tile_png(view.vectors[0], view.frame, view.frame.tile(zoom, middle, middle))
    )
    assert (tile[3] == 255).all()


def test_what_the_page_is_told_is_json_without_secrets(tmp_path: Path) -> None:
    import json

    view = open_view([classes(tmp_path / "map.tif", some_classes(10, 10))])
    text = json.dumps(view.told(), allow_nan=False)
    assert str(tmp_path) not in text


def test_frames_say_metres(tmp_path: Path) -> None:
    frame = make_frame([("m", Grid(10, 10, (10.0, 0.0, 5e5, 0.0, -10.0, 5e6), "EPSG:32633"))], [])
    assert isinstance(frame, Frame)
    assert frame.metres == pytest.approx(1 / 0.9996, rel=1e-4)
    assert make_frame([("m", Grid(10, 10))], []).metres == 0


def test_a_page_of_one_file_holds_the_maps_own_pixels(tmp_path: Path) -> None:
    """Also where they are no squares, and a finer raster lies beside them."""
    pixels = some_classes(64, 61)
    place = (10.3, 0.0, 500_000.0, 0.0, -10.0, 5_000_000.0)
    coarse = classes(tmp_path / "map.tif", pixels, transform=place)
    fine = write(tmp_path / "scene.tif", np.zeros((3, 90, 90), np.uint8))
    out = tmp_path / "page.html"
    export_page(open_view([coarse, fine]), out, [coarse, fine], overwrite=False, report=silent)
    held = re.search(r'id="held">(.*?)</script>', out.read_text())
    assert held is not None
    layer = json.loads(held[1])["layers"][0]
    assert layer["box"] == [500_000.0, 4_999_360.0, 500_000 + 61 * 10.3, 5_000_000.0]
    picture = drawn(b64decode(layer["picture"].partition("base64,")[2]))[0]
    values = np.array([label["value"] for label in layer["legend"]] + [255] * 256)
    np.testing.assert_array_equal(values[picture], pixels)
