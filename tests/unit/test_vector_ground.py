"""Pixel areas and lengths against geodesics, in every kind of CRS."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Geod, Proj, Transformer

from geoseg.core.grid import Grid
from geoseg.vector.geodesic import PixelAreas
from geoseg.vector.perimeters import perimeters
from geoseg.vector.trace.rings import Outlines

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


def degrees(
    grid: Grid, rows: np.ndarray, columns: np.ndarray
) -> tuple[Geod, np.ndarray, np.ndarray]:
    crs = CRS.from_user_input(grid.crs)
    own = crs.source_crs if crs.is_geographic and crs.is_derived else crs.geodetic_crs
    unit = own.axis_info[0].unit_conversion_factor
    a, b, c, d, e, f = grid.transform
    x, y = a * columns + b * rows + c, d * columns + e * rows + f
    longitude, latitude = Transformer.from_crs(crs, own, always_xy=True).transform(x, y)
    return (
        crs.get_geod(),
        np.degrees(np.asarray(longitude) * unit),
        np.degrees(np.asarray(latitude) * unit),
    )


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
    assert PixelAreas(grid).cells(row)[column] == pytest.approx(area, rel=1e-5)


@pytest.mark.parametrize("scene", SCENES)
def test_perimeters_are_geodesic(scene: str) -> None:
    crs, transform = SCENES[scene]
    grid = Grid(700, 900, transform, CRS(crs).to_wkt())
    x, y = np.array([100, 140, 140, 100], np.int32), np.array([500, 500, 530, 530], np.int32)
    square = Outlines(x * 4, y, np.array([0, 4]), np.array([0, 1]))
    along = np.linspace(0, 1, 40, endpoint=False)
    columns = np.concatenate(
        [100 + 40 * along, np.full(40, 140), 140 - 40 * along, np.full(40, 100)]
    )
    rows = np.concatenate([np.full(40, 500), 500 + 30 * along, np.full(40, 530), 530 - 30 * along])
    geod, longitude, latitude = degrees(grid, rows, columns)
    length = geod.polygon_area_perimeter(longitude, latitude)[1]
    assert perimeters(square, PixelAreas(grid).metric_grid())[0] == pytest.approx(length, rel=2e-4)


def test_without_a_crs_everything_is_in_pixels() -> None:
    ground = PixelAreas(Grid(5, 7))
    assert not ground.metric
    assert ground.cells(3).tolist() == [1.0] * 7
    assert ground.pixel == 1.0


GEOS = "+proj=geos +h=35786023 +lon_0=-75 +sweep=x +ellps=GRS80"
ROTATED = (
    "+proj=ob_tran +o_proj=longlat +o_lon_p=-162 +o_lat_p=39.25 +lon_0=180 +ellps=WGS84 +type=crs"
)
HARD = {
    "at the south pole": ("EPSG:3031", (1000.0, 0.0, -4e4, 0.0, -1000.0, 3e4), 60, 80),
    "at the north pole, off centre": ("EPSG:3413", (2000.0, 0.0, -1e5, 0.0, -2000.0, 2e4), 60, 80),
    "the whole globe": ("EPSG:4326", (1.0, 0.0, -180.0, 0.0, -1.0, 90.0), 180, 360),
    "the whole globe, coarse": ("EPSG:4326", (10.0, 0.0, -180.0, 0.0, -10.0, 90.0), 18, 36),
    "a cap in degrees": ("EPSG:4326", (0.05, 0.0, -180.0, 0.0, -0.05, 90.0), 40, 7200),
    "the date line in degrees": ("EPSG:4326", (0.01, 0.0, 179.5, 0.0, -0.01, 70.0), 100, 100),
    "the date line from 0 to 360": ("EPSG:4326", (0.5, 0.0, 0.0, 0.0, -0.5, 90.0), 360, 720),
    "the world in Mercator": (
        "EPSG:3857",
        (156543.0, 0.0, -20037508.0, 0.0, -156543.0, 20037508.0),
        256,
        256,
    ),
    "a view from space": (GEOS, (20040.0, 0.0, -5434894.0, 0.0, -20040.0, 5434894.0), 542, 542),
    "a part of a view from space": (GEOS, (500.0, 0.0, -5.3e6, 0.0, -500.0, 1.5e6), 300, 300),
    "a pole elsewhere": (ROTATED, (0.5, 0.0, -20.0, 0.0, -0.5, 15.0), 60, 80),
    "the Earth in equal areas": (
        "ESRI:54009",
        (50000.0, 0.0, -18050000.0, 0.0, -50000.0, 9050000.0),
        362,
        722,
    ),
}


@pytest.mark.parametrize("scene", HARD)
def test_areas_are_right_anywhere_and_never_negative(scene: str) -> None:
    """The oracle has a thousand points a side: at the rim of a view from space a pixel is long
    and bent.
    """
    crs, transform, height, width = HARD[scene]
    ground = PixelAreas(Grid(height, width, transform, CRS(crs).to_wkt()))
    along = np.linspace(0, 1, 1000, endpoint=False)
    one, none, compared = np.ones(1000), np.zeros(1000), 0
    rng = np.random.default_rng(0)
    for row in {0, height - 1, height // 2, height // 2 - 1, *rng.integers(0, height, 6).tolist()}:
        areas = ground.cells(row)
        assert (areas >= 0).all()
        there = np.flatnonzero(areas)
        for column in {*there[3:5], *there[-5:-3], *rng.choice(there, min(4, len(there)))}:
            columns = column + np.concatenate([along, one, 1 - along, none])
            rows = row + np.concatenate([none, along, one, 1 - along])
            geod, longitude, latitude = degrees(ground.grid, rows, columns)
            if np.isfinite(longitude).all():
                area = abs(geod.polygon_area_perimeter(longitude, latitude)[0])
                compared += 1
                assert areas[column] == pytest.approx(area, rel=1e-4)
    assert compared > 10


@pytest.mark.parametrize("size", [0.1, 1.0, 10.0, 100.0])
def test_small_pixels_at_a_pole_have_the_area_that_the_projection_gives_them(size: float) -> None:
    """Geodesic polygons are good to a tenth of a square metre only, and the scale of the
    projection is known.
    """
    crs = CRS("EPSG:3031")
    ground = PixelAreas(Grid(60, 80, (size, 0.0, -40 * size, 0.0, -size, 30 * size), crs.to_wkt()))
    scale = Proj(crs).get_factors(0, -90).areal_scale
    for row in (0, 29, 30, 59):
        assert ground.cells(row) == pytest.approx(np.full(80, size**2 / scale), rel=2e-5)
