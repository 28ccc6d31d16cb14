"""Right angles: of turned rectangles, in any CRS; what has no right angles stays as it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas
import numpy as np
import pytest
import rasterio.features
import shapely
import shapely.affinity
from cards import S2
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rasters import write
from shapes import polygons_of, rasters

from geoseg.core.card import from_stac, to_stac
from geoseg.core.errors import InputError
from geoseg.core.events import Event, Noted
from geoseg.models import find_model
from geoseg.vector.clean.cleaning import Tracing
from geoseg.vector.vectorize import building_values, vectorize

BUILDING = (3,)
PIXEL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def drawn(*shapes: shapely.Polygon, size: int = 120) -> np.ndarray:
    pairs = [(shape, 3) for shape in shapes]
    transform = rasterio.Affine(*PIXEL)
    return rasterio.features.rasterize(
        pairs, (size, size), fill=0, transform=transform, dtype=np.uint8
    )


def buildings(classes: np.ndarray, tracing: Tracing) -> list[shapely.Polygon]:
    return [
        polygon
        for polygon in polygons_of(classes, tracing)
        if not polygon.covers(shapely.Point(0.5, 0.5))
    ]


def turns(polygon: shapely.Polygon) -> np.ndarray:
    """Return the angle at each corner of the outer ring, in degrees, 0 to 180."""
    points = shapely.get_coordinates(polygon.exterior)[:-1]
    one, two = np.roll(points, 1, axis=0) - points, np.roll(points, -1, axis=0) - points
    cosine = (one * two).sum(axis=1) / np.hypot(*one.T) / np.hypot(*two.T)
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


@settings(max_examples=60)
@given(st.floats(0, 90), st.floats(18, 60), st.floats(12, 40), st.booleans())
@example(39.5, 26.0, 12.0, False)  # stairs whose corners lie furthest from their chords
@example(37.0, 56.0, 14.0, True)
def test_a_turned_building_gets_its_corners_back(
    angle: float, length: float, width: float, wing: bool
) -> None:
    shape = shapely.box(60 - length / 2, 60 - width / 2, 60 + length / 2, 60 + width / 2)
    if wing:
        shape = shape.difference(shapely.box(60, 60, 120, 120))
    shape = shapely.affinity.rotate(shape, angle, origin=(60, 60))
    classes = drawn(shape)
    (found,) = buildings(classes, Tracing(square=BUILDING))
    assert len(found.exterior.coords) - 1 == (6 if wing else 4)
    assert turns(found) == pytest.approx(90, abs=0.2)
    assert shapely.hausdorff_distance(found, shape) < 2.5
    assert found.area == pytest.approx((classes == 3).sum(), rel=0.05)


@settings(max_examples=60)
@given(rasters(most=40), st.sampled_from([0.0, 1.5]), st.integers(0, 3))
def test_all_other_polygons_stay(classes: np.ndarray, simplify: float, smooth: int) -> None:
    before = polygons_of(classes, Tracing(simplify=simplify, smooth=smooth))
    after = polygons_of(classes, Tracing(simplify=simplify, smooth=smooth, square=(0,)))
    assert shapely.is_valid(after).all()
    values = [
        classes[int(p.representative_point().y), int(p.representative_point().x)]
        for p in polygons_of(classes, Tracing())
    ]
    for old, new, value in zip(before, after, values, strict=True):
        assert value == 0 or old.equals(new)


def test_pixels_alone_are_square_already() -> None:
    classes = np.zeros((9, 9), np.uint8)
    classes[1, 1] = classes[4:6, 3:7] = 3
    found = buildings(classes, Tracing(square=BUILDING))
    assert all(a.equals(b) for a, b in zip(found, buildings(classes, Tracing()), strict=True))


def test_a_courtyard_stays() -> None:
    shape = shapely.box(20, 20, 100, 90).difference(shapely.box(40, 40, 80, 70))
    found = buildings(drawn(shapely.affinity.rotate(shape, 30)), Tracing(square=BUILDING))
    (whole,) = (polygon for polygon in found if polygon.interiors)
    assert [len(ring.coords) for ring in (whole.exterior, *whole.interiors)] == [5, 5]


def test_a_disc_keeps_much_of_its_ground() -> None:
    disc = shapely.Point(60, 60).buffer(40)
    (found,) = buildings(drawn(disc), Tracing(square=BUILDING))
    assert found.intersection(disc).area > 0.7 * found.union(disc).area


def test_right_angles_are_those_on_the_ground(tmp_path: Path) -> None:
    classes = drawn(shapely.affinity.rotate(shapely.box(30, 40, 90, 80), 30))
    # at 60 degrees north a pixel of equal degrees is half as wide as it is high
    step = 1e-5
    path = write(
        tmp_path / "c.tif",
        classes[None],
        transform=(2 * step, 0.0, 10.0, 0.0, -step, 60.0),
        crs="EPSG:4326",
    )
    events: list[Event] = []
    vectorize(path, tmp_path / "c.fgb", Tracing(square=BUILDING), report=events.append)
    table = geopandas.read_file(tmp_path / "c.fgb").query("class_id == 3")
    ground = table.to_crs(table.estimate_utm_crs()).geometry.iloc[0]
    assert len(ground.exterior.coords) == 5
    assert turns(ground) == pytest.approx(90, abs=0.3)
    assert any(
        isinstance(e, Noted) and "1 of 1 polygons got right angles" in e.text for e in events
    )


def test_the_card_says_what_is_built() -> None:
    with pytest.raises(InputError, match="marks no class as built"):
        building_values(S2)
    marked = replace(
        S2, labels=tuple(replace(label, is_building=label.name == "built") for label in S2.labels)
    )
    assert building_values(marked) == (6,)
    assert from_stac(to_stac(marked)) == marked


@pytest.mark.parametrize("name", ["landcover-s2", "landcover-rgb"])
def test_the_models_that_ship_mark_one_class(name: str) -> None:
    assert len(building_values(find_model(name).card)) == 1
