"""The streaming tracer against GDAL: the same polygons, however the raster is cut into strips."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import rasterio.features
import shapely
from draws import more
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from shapely.geometry import shape
from shapes import polygons_of, rows_of

from geoseg.core.grid import Grid
from geoseg.vector.borders.simplify import simplify
from geoseg.vector.clean.cleaning import Tracing
from geoseg.vector.geodesic import PixelAreas
from geoseg.vector.pixel_values import OBJECTS
from geoseg.vector.trace.rings import outlines
from geoseg.vector.trace.state import RINGS, VERTICES, Closed
from geoseg.vector.trace.tracer import Tracer
from geoseg.vector.writers.wkb import wkb

Found = list[tuple[int, shapely.Polygon]]
Measured = dict[
    int, tuple[int, int, float, float, int]
]  # first pixel -> class, pixels, area, mean, least
PIXELS = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def strips(height: int, strip: int) -> list[slice]:
    return [slice(top, top + strip) for top in range(0, height, strip)]


def run(
    tracer: Tracer, classes: np.ndarray, confidence: np.ndarray | None, strip: int
) -> tuple[Found, Measured]:
    found: Found = []
    measured: Measured = {}

    def take(closed: Closed) -> None:
        offsets, data = wkb(outlines(closed), PIXELS)
        assert offsets[-1] == len(data)
        shapes = shapely.from_wkb([data[i:j].tobytes() for i, j in pairwise(offsets)])
        found.extend(zip(closed.value.tolist(), shapes, strict=True))
        rows = zip(
            closed.origin,
            closed.value,
            closed.pixels,
            closed.area,
            closed.sums,
            closed.least,
            strict=True,
        )
        for origin, value, pixels, area, sums, least in rows:
            measured[int(origin)] = (
                int(value),
                int(pixels),
                float(area),
                float(sums.sum() / pixels),
                int(least),
            )

    for part in strips(len(classes), strip):
        for closed in tracer.feed(classes[part], None if confidence is None else confidence[part]):
            take(closed)
    for closed in tracer.finish():
        take(closed)
    return found, measured


def ours(classes: np.ndarray, strip: int) -> Found:
    return run(Tracer(PixelAreas(Grid(*classes.shape, PIXELS)), False), classes, None, strip)[0]


def normal(polygons: Found) -> list[tuple[int, str]]:
    return sorted((value, shapely.normalize(polygon).wkb_hex) for value, polygon in polygons)


def gdal(classes: np.ndarray) -> Found:
    return [
        (int(value), shape(outline))
        for outline, value in rasterio.features.shapes(classes, classes != 255)
    ]


@st.composite
def rasters(draw: st.DrawFn) -> np.ndarray:
    """Class rasters of 1 to 200 pixels a side and 1 to 6 classes: noise, blobs or stripes, with
    or without nodata.
    """
    height, width = draw(st.integers(1, 200)), draw(st.integers(1, 200))
    noise = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scale = draw(st.sampled_from([(1, 1), (1, 3), (3, 1), (5, 5)]))
    shape = (-(-height // scale[0]), -(-width // scale[1]))
    coarse = noise.integers(0, draw(st.integers(1, 6)), shape).astype(np.uint8)
    coarse[noise.random(shape) < draw(st.sampled_from([0.0, 0.05, 0.5]))] = 255
    return np.kron(coarse, np.ones(scale, np.uint8))[:height, :width]


@more(2)
@given(rasters(), st.integers(1, 210))
def test_the_polygons_are_those_of_gdal_and_valid(classes: np.ndarray, strip: int) -> None:
    found = ours(classes, strip)
    assert normal(found) == normal(gdal(classes))
    assert shapely.is_valid([polygon for _, polygon in found]).all()


@given(
    arrays(
        np.uint8,
        st.tuples(st.integers(1, 8), st.integers(1, 8)),
        elements=st.sampled_from([0, 1, 255]),
    )
)
def test_small_rasters_where_everything_touches(classes: np.ndarray) -> None:
    found = ours(classes, 3)
    assert normal(found) == normal(gdal(classes))
    assert shapely.is_valid([polygon for _, polygon in found]).all()


@given(rasters(), st.integers(1, 210), st.booleans())
def test_numbers_of_objects_are_traced_like_classes(
    classes: np.ndarray, strip: int, nodes: bool
) -> None:
    # numbers beyond a byte, which are alike in their lowest one
    numbers = np.where(classes == 255, 0, classes.astype(np.uint32) * 65536 + 1).astype(np.uint32)
    ground = PixelAreas(Grid(*classes.shape, PIXELS))
    confidence = np.random.default_rng(0).integers(0, 101, classes.shape).astype(np.uint8)
    plain, measured = run(Tracer(ground, True, nodes), classes, confidence, strip)
    found, again = run(Tracer(ground, True, nodes, values=OBJECTS), numbers, confidence, strip)
    assert [(value // 65536, polygon) for value, polygon in found] == plain
    assert again == {
        origin: (value * 65536 + 1, *rest) for origin, (value, *rest) in measured.items()
    }


@given(rasters(), st.integers(1, 210), st.floats(0.0, 9.0))
def test_borders_of_objects_are_simplified_like_those_of_classes(
    classes: np.ndarray, strip: int, area: float
) -> None:
    numbers = np.where(classes == 255, 0, classes.astype(np.uint32) * 65536 + 1).astype(np.uint32)
    limits = np.full(len(classes) + 1, area)
    plain = simplify(rows_of(classes, strip), classes.shape, limits)
    found = simplify(rows_of(numbers, strip), classes.shape, limits, OBJECTS)
    np.testing.assert_array_equal(found, plain)


@settings(max_examples=40, deadline=None)
@given(rasters(), st.integers(1, 40), st.integers(1, 40))
def test_measures_do_not_depend_on_the_strips_and_are_those_of_the_pixels(
    classes: np.ndarray, first: int, second: int
) -> None:
    confidence = np.random.default_rng(0).integers(0, 101, classes.shape).astype(np.uint8)
    ground = PixelAreas(Grid(*classes.shape, (30, 5, 3e5, 5, -30, 5e6), "EPSG:32633"))
    found, measured = run(Tracer(ground, True), classes, confidence, first)
    assert run(Tracer(ground, True), classes, confidence, second)[1].keys() == measured.keys()
    outlines_ = [(polygon, index + 1) for index, (_, polygon) in enumerate(found)]
    if not outlines_:
        return
    numbers = rasterio.features.rasterize(outlines_, classes.shape, dtype=np.int32).ravel()
    cells = np.concatenate([ground.cells(row) for row in range(len(classes))])
    for origin, (value, pixels, area, mean, least) in measured.items():
        inside = numbers == numbers[origin]
        assert (value, pixels, least) == (
            classes.ravel()[origin],
            inside.sum(),
            confidence.ravel()[inside].min(),
        )
        assert area == pytest.approx(cells[inside].sum(), rel=1e-6)
        assert mean == pytest.approx(confidence.ravel()[inside].mean())
        assert origin == np.flatnonzero(inside)[0]


def test_what_it_holds_does_not_grow_with_the_rows() -> None:
    noise = np.random.default_rng(0).integers(0, 4, (64, 2000)).astype(np.uint8)
    tracer, held = Tracer(PixelAreas(Grid(64 * 40, 2000)), False), []
    for _ in range(40):
        for _closed in tracer.feed(noise):
            pass
        held.append(tracer.held)
    assert held[-1] == held[1]
    assert held[-1] < 5e6


def test_nothing_is_left_when_the_raster_ends() -> None:
    classes = np.random.default_rng(0).integers(0, 3, (50, 70)).astype(np.uint8)
    tracer = Tracer(PixelAreas(Grid(*classes.shape)), False)
    run(tracer, classes, None, 7)
    assert (tracer._counters[VERTICES], tracer._counters[RINGS]) == (0, 0)


@pytest.mark.parametrize("scene", range(6))
def test_real_masks_give_gdals_polygons_and_stay_a_coverage(shared_data: Path, scene: int) -> None:
    path = sorted(shared_data.glob("mbrsc/*/masks/*.png"))[9 * scene]  # one part of each scene
    mask = np.asarray(Image.open(path).convert("RGB"), np.uint32)[:800, :800]
    colours, classes = np.unique(
        mask[..., 0] << 16 | mask[..., 1] << 8 | mask[..., 2], return_inverse=True
    )
    assert 2 < len(colours) < 255
    classes = classes.reshape(mask.shape[:2]).astype(np.uint8)
    classes[classes == 0] = 255
    found = ours(classes, 100)
    assert normal(found) == normal(gdal(classes))
    assert shapely.is_valid([polygon for _, polygon in found]).all()
    for tracing in (Tracing(simplify=3.0), Tracing(simplify=2.0, smooth=2)):
        moved = polygons_of(classes, tracing)
        assert len(moved) == len(found)
        assert shapely.is_valid(moved).all()
        assert shapely.coverage_is_valid(np.array(moved))
        assert shapely.area(moved).sum() == pytest.approx((classes != 255).sum(), rel=1e-9)


def test_holes_of_a_region_that_spans_the_scene_are_packed_and_come_back_whole() -> None:
    rng = np.random.default_rng(0)
    classes = np.where(rng.random((900, 300)) < 0.2, rng.integers(1, 9, (900, 300)), 0).astype(
        np.uint8
    )
    tracer = Tracer(PixelAreas(Grid(*classes.shape, PIXELS)), False)
    found = run(tracer, classes, None, 50)[0]
    assert tracer._packed.size > 10_000  # as it was before the raster ended
    assert normal(found) == normal(gdal(classes))
