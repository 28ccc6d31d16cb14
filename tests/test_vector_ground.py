"""Pixel areas and lengths against geodesics, in every kind of CRS."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Geod, Transformer

from geoseg.grid import Grid
from geoseg.vector.ground import Ground
from geoseg.vector.perimeter import perimeters
from geoseg.vector.rings import Outlines

SCENES = {
    "UTM": ("EPSG:32633", (10.0, 0.0, 3e5, 0.0, -10.0, 5e6)),
    "far from UTM's meridian": ("EPSG:32633", (10.0, 0.0, -2e5, 0.0, -10.0, 7e6)),
    "degrees": ("EPSG:4326", (1e-4, 0.0, 12.0, 0.0, -1e-4, 66.0)),
    "coarse degrees": ("EPSG:4326", (0.1, 0.0, -180.0, 0.0, -0.1, 80.0)),
    "Web Mercator": ("EPSG:3857", (10.0, 0.0, 1e6, 0.0, -10.0, 1e7)),
    "rotated": ("EPSG:32633", (8.0, 3.0, 3e5, 3.0, -8.0, 5e6)),
    "equal area": ("EPSG:3035", (100.0, 0.0, 4e6, 0.0, -100.0, 3e6)),
    "feet": ("EPSG:2263", (30.0, 0.0, 9e5, 0.0, -30.0, 2e5)),
    "across the date line": ("EPSG:32760", (30.0, 0.0, 7e5, 0.0, -30.0, 8e6)),
    "grads from Paris": ("EPSG:4807", (1e-3, 0.0, 2.0, 0.0, -1e-3, 54.0)),
}


def degrees(grid: Grid, rows: np.ndarray, columns: np.ndarray) -> tuple[Geod, np.ndarray, np.ndarray]:
    crs = CRS.from_user_input(grid.crs)
    unit = crs.geodetic_crs.axis_info[0].unit_conversion_factor
    a, b, c, d, e, f = grid.transform
    x, y = a * columns + b * rows + c, d * columns + e * rows + f
    longitude, latitude = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True).transform(x, y)
    return crs.get_geod(), np.degrees(np.asarray(longitude) * unit), np.degrees(np.asarray(latitude) * unit)


@pytest.mark.parametrize("scene", SCENES)
@settings(max_examples=15, deadline=None)
@given(st.integers(0, 699), st.integers(0, 899))
def test_a_pixels_area_is_that_of_its_geodesic_outline(scene: str, row: int, column: int) -> None:
    crs, transform = SCENES[scene]
    grid = Grid(700, 900, transform, CRS(crs).to_wkt())
    along = np.linspace(0, 1, 10, endpoint=False)
    columns = column + np.concatenate([along, np.ones(10), 1 - along, np.zeros(10)])
    rows = row + np.concatenate([np.zeros(10), along, np.ones(10), 1 - along])
    geod, longitude, latitude = degrees(grid, rows, columns)
    area = abs(geod.polygon_area_perimeter(longitude, latitude)[0])
    assert Ground(grid).cells(row)[column] == pytest.approx(area, rel=1e-5)


@pytest.mark.parametrize("scene", SCENES)
def test_perimeters_are_geodesic(scene: str) -> None:
    crs, transform = SCENES[scene]
    grid = Grid(700, 900, transform, CRS(crs).to_wkt())
    x, y = np.array([100, 140, 140, 100], np.int32), np.array([500, 500, 530, 530], np.int32)
    square = Outlines(x * 4, y, np.array([0, 4]), np.array([0, 1]))
    along = np.linspace(0, 1, 40, endpoint=False)
    columns = np.concatenate([100 + 40 * along, np.full(40, 140), 140 - 40 * along, np.full(40, 100)])
    rows = np.concatenate([np.full(40, 500), 500 + 30 * along, np.full(40, 530), 530 - 30 * along])
    geod, longitude, latitude = degrees(grid, rows, columns)
    length = geod.polygon_area_perimeter(longitude, latitude)[1]
    assert perimeters(square, Ground(grid).lattice())[0] == pytest.approx(length, rel=2e-4)


def test_without_a_crs_everything_is_in_pixels() -> None:
    ground = Ground(Grid(5, 7))
    assert not ground.metric
    assert ground.cells(3).tolist() == [1.0] * 7
    assert ground.pixel == 1.0
