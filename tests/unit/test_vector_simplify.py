"""Simplified borders are a valid coverage with the same regions, the same neighbours and the
same total area.
"""

from __future__ import annotations

import numpy as np
import pytest
import rasterio.features
import shapely
from draws import more
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from geoseg.core.card import NODATA
from geoseg.vector.borders.simplify import simplify, thin


def outlines(classes: np.ndarray) -> list[shapely.Polygon]:
    shapes = rasterio.features.shapes(classes, classes != NODATA, connectivity=4)
    return [shapely.Polygon(s["coordinates"][0], s["coordinates"][1:]) for s, _ in shapes]


def simplified(classes: np.ndarray, area: float) -> list[shapely.Polygon]:
    strips = [classes[top : top + 7] for top in range(0, len(classes), 7)]
    mask = simplify(lambda: iter(strips), classes.shape, np.full(len(classes) + 1, area))

    def ring(line: shapely.LinearRing) -> np.ndarray:
        return thin(shapely.get_coordinates(line).astype(np.int32), mask)

    return [
        shapely.Polygon(ring(p.exterior), [ring(hole) for hole in p.interiors])
        for p in outlines(classes)
    ]


def check(classes: np.ndarray, area: float) -> list[shapely.Polygon]:
    before, after = outlines(classes), simplified(classes, area)
    assert all(shapely.is_valid(after)), [
        shapely.is_valid_reason(p) for p in after if not p.is_valid
    ]
    assert shapely.coverage_is_valid(after)
    assert [len(p.interiors) for p in before] == [len(p.interiors) for p in after]
    assert shapely.area(after).sum() == pytest.approx((classes != NODATA).sum(), abs=1e-6)
    assert shapely.area(after).min(initial=1) > 0
    return after


@st.composite
def rasters(draw: st.DrawFn) -> np.ndarray:
    shape = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    values = rng.integers(0, draw(st.integers(1, 6)), shape).astype(np.uint8)
    if draw(st.booleans()):  # blobs rather than noise
        values = ndimage.median_filter(values, draw(st.integers(2, 5)))
    if draw(st.booleans()):
        values[rng.random(shape) < draw(st.sampled_from([0.02, 0.4]))] = NODATA
    return values


@more(3)
@given(rasters(), st.sampled_from([0.0, 0.5, 1.0, 2.5, 9.0, 100.0, 1e9]))
def test_any_raster_stays_a_valid_coverage(classes: np.ndarray, area: float) -> None:
    check(classes, area)


@given(rasters())
@settings(deadline=None)
def test_without_a_tolerance_nothing_moves(classes: np.ndarray) -> None:
    for before, after in zip(outlines(classes), simplified(classes, 0.0), strict=True):
        assert before.equals(after)


def test_stairs_become_a_line() -> None:
    classes = np.tril(np.ones((30, 30), np.uint8))
    left, right = check(classes, 1.0)
    assert len(left.exterior.coords) + len(right.exterior.coords) < 20
    assert left.area + right.area == 900


def test_an_island_never_vanishes() -> None:
    classes = np.zeros((9, 9), np.uint8)
    classes[4, 4] = 1
    classes[1:4, 1:4] = 2
    assert len(check(classes, 1e9)) == 3


def test_regions_between_the_same_two_nodes_stay_apart() -> None:
    classes = np.zeros((8, 20), np.uint8)
    classes[4:] = 1
    for column in range(2, 18, 3):  # lenses on the border, each with two nodes
        classes[3, column] = 2
        classes[4, column] = 3
    check(classes, 1e9)


def test_a_border_moves_no_further_than_its_triangles_allow() -> None:
    rng = np.random.default_rng(3)
    classes = ndimage.median_filter(rng.integers(0, 4, (200, 200)).astype(np.uint8), 9)
    before, after = outlines(classes), check(classes, 2.0)
    vertices = [
        sum(len(shapely.get_coordinates(p)) for p in polygons) for polygons in (before, after)
    ]
    assert vertices[1] < 0.6 * vertices[0]
    far = [
        shapely.hausdorff_distance(b.boundary, a.boundary)
        for b, a in zip(before, after, strict=True)
    ]
    # the highest triangle of an area below 2 on whole pixels has a base of 1 and a height of 3;
    # next to it a second one may go, of a height below 1
    assert max(far) < 4
    assert np.percentile(far, 90) <= 2**0.5  # the tolerance: the side of a square of 2
