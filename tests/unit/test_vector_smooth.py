"""Smoothed borders are a valid coverage with the same regions and the same total area."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from draws import more
from hypothesis import given
from hypothesis import strategies as st
from shapes import polygons_of, rasters

from geoseg.core.card import NODATA
from geoseg.core.errors import InputError
from geoseg.core.grid import Grid
from geoseg.vector.borders.smooth import check_size, cut_weights, smooth
from geoseg.vector.clean.cleaning import Tracing
from geoseg.vector.geodesic import PixelAreas
from geoseg.vector.perimeters import divided, perimeters
from geoseg.vector.trace.rings import Outlines


def check(classes: np.ndarray, smooth: int, simplify: float = 0.0) -> list[shapely.Polygon]:
    before = polygons_of(classes, Tracing(simplify=1e-6))
    after = polygons_of(classes, Tracing(simplify=simplify, smooth=smooth))
    assert all(shapely.is_valid(after)), [
        shapely.is_valid_reason(p) for p in after if not p.is_valid
    ]
    assert shapely.coverage_is_valid(after)
    assert [len(p.interiors) for p in before] == [len(p.interiors) for p in after]
    assert shapely.area(after).sum() == pytest.approx((classes != NODATA).sum(), abs=1e-6)
    assert shapely.area(after).min(initial=1) > 0
    return after


@more(2)
@given(rasters(), st.integers(1, 5), st.sampled_from([0.0, 0.8, 1.2, 3.0, 20.0, 1e4]))
def test_any_raster_stays_a_valid_coverage(
    classes: np.ndarray, rounds: int, simplify: float
) -> None:
    check(classes, rounds, simplify)


def chaikin(points: np.ndarray, rounds: int) -> np.ndarray:
    for _ in range(rounds):
        after = np.roll(points, -1, axis=0)
        points = np.stack(
            [0.75 * points + 0.25 * after, 0.25 * points + 0.75 * after], axis=1
        ).reshape(-1, 2)
    return points


@pytest.mark.parametrize("rounds", [1, 2, 3, 5])
def test_a_ring_without_nodes_is_cut_as_by_chaikin(rounds: int) -> None:
    classes = np.zeros((20, 20), np.uint8)
    classes[5:10, 5:14] = 1
    classes[10:16, 5:8] = 1
    corners = np.array([(5, 5), (14, 5), (14, 10), (8, 10), (8, 16), (5, 16)], float)
    island = next(p for p in check(classes, rounds) if not p.interiors)
    assert shapely.equals(island, shapely.Polygon(chaikin(corners, rounds)))


def test_weights_are_symmetric_and_whole() -> None:
    for rounds in range(6):
        weights = cut_weights(rounds)
        assert len(weights) == 2**rounds
        assert (weights.sum(axis=1) == 4**rounds).all()
        assert (weights[::-1, ::-1] == weights).all()


def test_nodes_and_corners_along_nodata_stay() -> None:
    classes = np.array([[0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 2, 1], [2, 2, 2, 255]], np.uint8)
    corners = {tuple(c) for p in check(classes, 2) for c in shapely.get_coordinates(p)}
    assert {(0, 0), (4, 0), (2, 0), (0, 2), (2, 2), (4, 3), (3, 3), (3, 4), (0, 4)} <= corners
    assert (3, 2) not in corners


def test_lengths_are_those_of_the_ground_in_any_unit() -> None:
    transform, crs = (1e-4, 0.0, 12.0, 0.0, -1e-4, 66.0), "EPSG:4326"
    metric_grid = PixelAreas(Grid(700, 900, transform, crs)).metric_grid()
    x, y = np.array([100, 140, 150, 100], np.int32), np.array([500, 500, 530, 530], np.int32)
    pixels = Outlines(x << 2, y, np.array([0, 4]), np.array([0, 1]))
    found = perimeters(smooth(pixels, None, 0, 64), divided(metric_grid, 64))
    assert found == pytest.approx(perimeters(pixels, metric_grid), rel=1e-12)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(InputError, match="--smooth 6"):
        Tracing(smooth=6)
    with pytest.raises(InputError, match="at most 524287 px"):
        check_size(10, 600_000, 1024)
