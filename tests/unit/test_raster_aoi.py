"""Areas of interest: files and WKT in any CRS, the pixels whose centre lies inside, and what is
refused.
"""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Transformer
from rasterio.features import geometry_mask

from geoseg.core.errors import InputError
from geoseg.core.grid import Grid, Window
from geoseg.features.aoi import load_aoi

UTM = CRS.from_epsg(32633).to_wkt()
GRID = Grid(200, 300, (10.0, 0.0, 500_000.0, 0.0, -10.0, 5_000_000.0), UTM)
INSIDE = shapely.box(500_500, 4_998_800, 501_200, 4_999_300)  # columns 50 to 120, rows 70 to 120


def save(path: Path, *shapes: object, crs: str | None = "EPSG:32633") -> str:
    geopandas.GeoDataFrame({"name": ["x"] * len(shapes)}, geometry=list(shapes), crs=crs).to_file(
        path
    )
    return str(path)


def whole_mask(shape: object) -> np.ndarray:
    """GDAL's own mask of a shape in the scene's CRS."""
    return geometry_mask(
        [shape], (GRID.height, GRID.width), rasterio.Affine(*GRID.transform), invert=True
    )


def test_wkt_in_the_scenes_crs() -> None:
    aoi = load_aoi(INSIDE.wkt, GRID)
    assert aoi.window == Window(70, 50, 120, 120)
    assert "scene's own coordinates" in aoi.note
    assert np.array_equal(aoi.mask(GRID.extent), whole_mask(INSIDE))


def test_wkt_in_degrees_is_recognised() -> None:
    to_degrees = Transformer.from_crs(32633, 4326, always_xy=True)
    shape = shapely.transform(
        shapely.segmentize(INSIDE, 10), to_degrees.transform, interleaved=False
    )
    for text in (
        shape.wkt,
        f"EPSG:4326;{shape.wkt}",
        f"SRID=4326; {shape.wkt}",
        f"epsg:4326;{shape.wkt.lower()}",
    ):
        aoi = load_aoi(text, GRID)
        assert (aoi.mask(GRID.extent) != whole_mask(INSIDE)).sum() < 5  # centres on the very edge
        assert "EPSG:4326" in aoi.note


@pytest.mark.parametrize(
    ("suffix", "code"), [(".gpkg", 3857), (".gpkg", 32632), (".shp", 3035), (".geojson", 4326)]
)
def test_files_in_any_crs(tmp_path: Path, suffix: str, code: int) -> None:
    shape = geopandas.GeoSeries([INSIDE], crs=32633).segmentize(5).to_crs(code)[0]
    aoi = load_aoi(save(tmp_path / f"a{suffix}", shape, crs=f"EPSG:{code}"), GRID)
    assert (aoi.mask(GRID.extent) != whole_mask(INSIDE)).sum() < 5


def test_long_edges_follow_the_other_projection() -> None:
    """A box in degrees has curved edges in UTM: corners alone would miss the scene's middle."""
    grid = Grid(1000, 20_000, (10.0, 0.0, 400_000.0, 0.0, -10.0, 6_650_000.0), UTM)
    aoi = load_aoi("EPSG:4326;POLYGON ((10 59.95, 20 59.95, 20 70, 10 70, 10 59.95))", grid)
    degrees = Transformer.from_crs(32633, 4326, always_xy=True)
    columns = np.arange(0, 20_000, 500)
    for row in range(0, 1000, 97):
        x, y = np.array([grid.xy(row + 0.5, column + 0.5) for column in columns]).T
        _, latitude = degrees.transform(x, y)
        mask = aoi.mask(Window(row, 0, row + 1, 20_000))[0, columns]
        clear = np.abs(latitude - 59.95) > 2e-5
        assert np.array_equal(mask[clear], latitude[clear] > 59.95)


def test_the_whole_world_covers_the_scene() -> None:
    aoi = load_aoi("EPSG:4326;POLYGON ((-180 -90, 180 -90, 180 90, -180 90, -180 -90))", GRID)
    assert aoi.window == GRID.extent
    assert aoi.mask(GRID.extent).all()


shapes = st.lists(st.tuples(st.floats(-50, 350), st.floats(-50, 250)), min_size=3, max_size=6).map(
    lambda points: shapely.make_valid(shapely.Polygon(points))
)


@given(shapes, st.data())
def test_any_window_gives_the_same_mask(shape: object, data: st.DataObject) -> None:
    placed = shapely.transform(shape, lambda xy: xy * [10, -10] + [500_000, 5_000_000])
    try:
        aoi = load_aoi(placed.wkt, GRID)
    except InputError:
        return
    whole = aoi.mask(GRID.extent)
    top, left = data.draw(st.integers(0, 199)), data.draw(st.integers(0, 299))
    window = Window(
        top, left, data.draw(st.integers(top + 1, 200)), data.draw(st.integers(left + 1, 300))
    )
    place = window.within(GRID.extent)
    assert np.array_equal(aoi.mask(window), whole[place])
    assert aoi.touches(window) or not whole[place].any()
    rows, columns = np.nonzero(whole)
    if len(rows):
        assert aoi.window.top <= rows.min()
        assert rows.max() < aoi.window.bottom
        assert aoi.window.left <= columns.min()
        assert columns.max() < aoi.window.right


def test_holes_and_several_parts(tmp_path: Path) -> None:
    ring = shapely.difference(INSIDE, shapely.buffer(INSIDE, -100))
    other = shapely.box(502_000, 4_998_000, 502_500, 4_998_200)
    aoi = load_aoi(save(tmp_path / "a.gpkg", ring, other), GRID)
    assert np.array_equal(aoi.mask(GRID.extent), whole_mask(ring) | whole_mask(other))
    assert not aoi.touches(Window(0, 0, 60, 300))
    assert not aoi.mask(Window(0, 0, 60, 300)).any()


def test_rotated_scene() -> None:
    grid = Grid(100, 100, (8.0, 6.0, 500_000.0, 6.0, -8.0, 5_000_000.0), UTM)
    corners = [grid.xy(row, column) for row, column in ((20, 30), (20, 60), (50, 60), (50, 30))]
    aoi = load_aoi(shapely.Polygon(corners).wkt, grid)
    assert aoi.window == Window(20, 30, 50, 60)
    assert aoi.mask(aoi.window).all()
    assert aoi.mask(grid.extent).sum() == 900


def test_a_scene_without_crs_takes_its_own_coordinates(tmp_path: Path) -> None:
    grid = Grid(100, 100)
    assert load_aoi("POLYGON ((10 -10, 20 -10, 20 -30, 10 -30, 10 -10))", grid).window == Window(
        10, 10, 30, 20
    )
    with pytest.raises(InputError, match="the scene has no CRS"):
        load_aoi(save(tmp_path / "a.gpkg", INSIDE), grid)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_file_without_crs(tmp_path: Path) -> None:
    aoi = load_aoi(save(tmp_path / "in.gpkg", INSIDE, crs=None), GRID)
    assert "without a CRS" in aoi.note
    with pytest.raises(InputError, match="has no CRS"):
        load_aoi(save(tmp_path / "out.gpkg", shapely.box(13, 45, 14, 46), crs=None), GRID)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("POLYGON EMPTY", "is empty"),
        ("POLYGON ((0 0, 1 1", "not valid WKT"),
        ("POINT (500500 4999000)", "is of Point"),
        ("LINESTRING (500500 4999000, 500600 4999100)", "is of LineString"),
        ("POLYGON ((0 0, 1 0, 1 1, 0 0))", "outside the scene"),
        ("EPSG:4326;POLYGON ((100 10, 101 10, 101 11, 100 10))", "outside the scene"),
        ("EPSG:999999;POLYGON ((0 0, 1 0, 1 1, 0 0))", "cannot be brought"),
        (
            "POLYGON ((500000 5000000, 500100 5000000, 500000 5000000, 500000 5000000))",
            "outside|is of|empty",
        ),
        ("no/such/file.gpkg", "neither a file nor WKT"),
        ("", "neither a file nor WKT"),
    ],
)
def test_what_is_no_area_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_aoi(text, GRID)


def test_files_that_are_no_area_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello")
    with pytest.raises(InputError, match="cannot be read as vector data"):
        load_aoi(str(tmp_path / "a.txt"), GRID)
    with pytest.raises(InputError, match="is of Point"):
        load_aoi(save(tmp_path / "points.gpkg", shapely.Point(500_500, 4_999_000)), GRID)
    with pytest.raises(InputError, match="is empty"):
        load_aoi(save(tmp_path / "empty.geojson", shapely.Polygon(), crs="EPSG:4326"), GRID)
