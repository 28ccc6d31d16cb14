"""Sparse labels on pixels: against distances computed for the whole array, in any window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio.features
import shapely
from hypothesis import given
from hypothesis import strategies as st
from rasters import UTM33, colours, write

from geoseg.core.card import NODATA, Label
from geoseg.core.grid import Grid, Window
from geoseg.labelling.labels import COLUMNS
from geoseg.labelling.pixels import labels_of, place_labels
from geoseg.labelling.workspace import add_labels, create_workspace

CLASSES = (Label(1, "water", "#0055aa"), Label(7, "trees", "#228833"))


def wkt(code: int) -> str:
    return rasterio.crs.CRS.from_epsg(code).to_wkt()


GRID = Grid(40, 50, UTM33, wkt(32633))
X, Y = UTM33[2], UTM33[5]
# in parts of a pixel that the ground has as well: on borders, too, all reckon alike
places = st.tuples(
    st.integers(-3 * 64, 53 * 64).map(lambda n: n / 64),
    st.integers(-3 * 64, 43 * 64).map(lambda n: n / 64),
)


def table(shapes: list[Any], crs: str | None = "EPSG:32633", **told: object) -> gpd.GeoDataFrame:
    columns = {name: [None] * len(shapes) for name in COLUMNS} | told
    columns.setdefault("class", ["water"] * len(shapes))
    if columns["class"] == [None] * len(shapes):
        columns["class"] = ["water"] * len(shapes)
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)


def on_ground(shape: Any) -> Any:
    """A shape given in columns and rows, in the scene's CRS."""
    return shapely.transform(shape, lambda xy: np.stack([X + 10 * xy[:, 0], Y - 10 * xy[:, 1]], 1))


def burnt(frame: gpd.GeoDataFrame, window: Window = GRID.extent, grid: Grid = GRID) -> np.ndarray:
    return place_labels(frame, "scene", grid, CLASSES).read(window)


def distances(shape: Any) -> np.ndarray:
    """Of the centre of each pixel from a shape in pixels."""
    rows, columns = np.mgrid[:40, :50] + 0.5
    return shapely.distance(shapely.points(columns, rows), shape)


def touched(shape: Any) -> np.ndarray:
    """The pixels in which corners of a shape in pixels lie."""
    found = np.zeros((40, 50), bool)
    for column, row in np.floor(shapely.get_coordinates(shape)).astype(int):
        if 0 <= row < 40 and 0 <= column < 50:
            found[row, column] = True
    return found


@given(st.lists(places, min_size=2, max_size=5), st.one_of(st.none(), st.floats(0, 90)))
def test_a_line_labels_what_is_within_half_its_width(
    corners: list[tuple[float, float]], width: float | None
) -> None:
    line = shapely.LineString(corners)
    found = burnt(table([on_ground(line)], width=[width])) == 0
    radius = max((width or 0) / 10, 1) / 2
    there = distances(line)
    certain = np.abs(there - radius) > 0.005 * radius + 0.005  # circles are of straight pieces
    expected = (there < radius) | touched(line)
    assert (found == expected)[certain | touched(line)].all()
    assert not len(corners) or found.any() or not (there < radius).any()


@given(places, st.one_of(st.none(), st.just(0.0), st.floats(0.1, 90)))
def test_a_point_labels_its_pixel_or_a_circle(
    place: tuple[float, float], width: float | None
) -> None:
    point = shapely.Point(place)
    found = burnt(table([on_ground(point)], width=[width])) == 0
    if not width:
        assert (found == touched(point)).all()
        return
    radius = max(width / 10, 1) / 2
    certain = np.abs(distances(point) - radius) > 0.005 * radius + 0.005
    expected = (distances(point) < radius) | touched(point)
    assert (found == expected)[certain].all()


@st.composite
def tables(draw: st.DrawFn) -> gpd.GeoDataFrame:
    shapes = []
    for _ in range(draw(st.integers(1, 6))):
        corners = draw(st.lists(places, min_size=4, max_size=4, unique=True))
        kind = draw(st.sampled_from((shapely.MultiPoint, shapely.LineString, shapely.Polygon)))
        shapes.append(on_ground(kind(corners)))
    count = len(shapes)
    return table(
        shapes,
        **{
            "class": draw(
                st.lists(st.sampled_from(("water", "trees")), min_size=count, max_size=count)
            ),
            "width": draw(
                st.lists(st.sampled_from((None, 5.0, 30.0)), min_size=count, max_size=count)
            ),
            "time": draw(
                st.lists(
                    st.sampled_from((None, "2026-01-01T00:00:00Z", "2026-01-01T02:00:00+03:00")),
                    min_size=count,
                    max_size=count,
                )
            ),
        },
    )


@given(tables(), st.integers(0, 39), st.integers(0, 49), st.integers(1, 30), st.integers(1, 30))
def test_any_window_gives_the_same_pixels(
    frame: gpd.GeoDataFrame, top: int, left: int, height: int, width: int
) -> None:
    window = Window(top, left, min(top + height, 40), min(left + width, 50))
    labels = place_labels(frame, "scene", GRID, CLASSES)
    whole = labels.read(GRID.extent)
    part = labels.read(window)
    assert (part == whole[window.within(GRID.extent)]).all()
    assert labels.holds(window) or (part == NODATA).all()
    assert (
        labels.conflicts(window) == labels.conflicts(GRID.extent)[window.within(GRID.extent)]
    ).all()


@given(tables())
def test_the_later_lies_on_top(frame: gpd.GeoDataFrame) -> None:
    """Against each label burnt alone, put over one another by time."""
    when = {"2026-01-01T02:00:00+03:00": 1, "2026-01-01T00:00:00Z": 2}  # none comes first
    order = sorted(range(len(frame)), key=lambda i: (when.get(frame["time"].iloc[i], 0), i))
    expected = np.full((40, 50), NODATA, np.uint8)
    several = np.zeros((2, 40, 50), bool)
    for i in order:
        alone = burnt(frame.iloc[[i]])
        expected = np.where(alone == NODATA, expected, alone)
        several |= np.stack([alone == 0, alone == 1])
    labels = place_labels(frame, "scene", GRID, CLASSES)
    assert (labels.read(GRID.extent) == expected).all()
    assert (labels.conflicts(GRID.extent) == several.all(axis=0)).all()


def test_a_polygon_is_gdals() -> None:
    shape = shapely.Point(X + 203, Y - 188).buffer(97)
    expected = rasterio.features.rasterize(
        [shape], (40, 50), 1, transform=rasterio.Affine(*UTM33), default_value=0
    )
    assert ((burnt(table([shape])) == 0) == (expected == 0)).all()


def test_labels_of_other_scenes_are_left_out() -> None:
    shapes = [on_ground(shapely.box(i, 0, i + 1, 1)) for i in range(3)]
    found = burnt(table(shapes, scene=["scene", None, "other"]))
    assert (found[0, :3] == [0, 0, NODATA]).all()
    assert (found != NODATA).sum() == 2


def test_metres_are_metres_in_degrees_and_feet() -> None:
    """A line of 60 m at 60 degrees north: twice as many columns of a degree as rows."""
    step = 1e-4  # about 11.1 m north, 5.6 m east
    grid = Grid(60, 60, (step, 0.0, 15.0, 0.0, -step, 60.0), wkt(4326))
    upright = shapely.LineString([(15.0 + 30 * step, 61), (15.0 + 30 * step, 59)])
    level = shapely.LineString([(14, 60.0 - 30 * step), (16, 60.0 - 30 * step)])
    across = burnt(table([upright], "EPSG:4326", width=[60.0]), grid.extent, grid)
    along = burnt(table([level], "EPSG:4326", width=[60.0]), grid.extent, grid)
    assert (across[30] == 0).sum() == 10  # 60 m / 5.58 m, the line between two columns
    assert (along[:, 30] == 0).sum() == 6  # 60 m / 11.14 m
    feet = Grid(60, 60, (32.8, 0.0, 6_500_000.0, 0.0, -32.8, 2_000_000.0), wkt(2229))
    line = shapely.LineString([(6_500_000 + 30 * 32.8, 0), (6_500_000 + 30 * 32.8, 3e6)])
    found = burnt(table([line], "EPSG:2229", width=[40.0]), feet.extent, feet)
    assert (found[30] == 0).sum() == 4


def test_without_a_crs_widths_count_pixels() -> None:
    grid = Grid(20, 20)
    line = shapely.LineString([(10, -30), (10, 30)])
    assert (burnt(table([line], None, width=[4.0]), grid.extent, grid)[5] == 0).sum() == 4


def test_labels_of_reads_what_stands_in_the_file_now(tmp_path: Path) -> None:
    scene = write(tmp_path / "scene.tif", colours(40, 50))
    made = create_workspace(tmp_path / "work", [scene], CLASSES)
    assert (labels_of(made, "scene") == NODATA).all()
    box = on_ground(shapely.box(2, 3, 7, 9))
    add_labels(made, table([box], **{"class": ["trees"]}))
    found = labels_of(made, made.scenes[0])
    assert (found[3:9, 2:7] == 1).all()
    assert (found != NODATA).sum() == 30
    assert (labels_of(made, "scene", Window(0, 0, 5, 5)) == found[:5, :5]).all()
    with pytest.raises(Exception, match="no scene 'x'"):
        labels_of(made, "x")


def test_what_lies_on_no_scene_labels_nothing() -> None:
    far = table([shapely.box(0, 80, 1, 81)], "EPSG:4326")
    assert (burnt(far) == NODATA).all()
    pole = table([shapely.Point(15, 90)], "EPSG:4326")
    assert (burnt(pole) == NODATA).all()
