"""Bilinear resampling: the same values for any window, GDAL's values, and nodata without weight."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from rasterio.enums import Resampling as Method
from rasterio.vrt import WarpedVRT
from rasters import write

from geoseg.core.errors import InputError
from geoseg.core.grid import Grid, Window
from geoseg.scene.resample import align


def grid(
    height: int, width: int, size: float, x: float = 0.0, y: float = 0.0, turn: float = 0.0
) -> Grid:
    return Grid(height, width, (size, turn, x, -turn, -size, y))


def resample(
    pixels: np.ndarray, valid: np.ndarray | None, target: Grid, source: Grid, window: Window
):
    plan = align(target, source, "test")
    needed = plan.source_window(window)
    if needed is None:
        return np.zeros((len(pixels), *window.shape), pixels.dtype), np.zeros(window.shape, bool)
    place = needed.within(source.extent)
    data, known = plan.apply(
        pixels[:, *place], None if valid is None else valid[place], needed, window
    )
    return data, np.ones(window.shape, bool) if known is None else known


@st.composite
def cases(draw: st.DrawFn):
    height, width = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    kind = draw(st.sampled_from([np.uint16, np.float32]))
    values = st.integers(0, 65535) if kind is np.uint16 else st.floats(0, 1, width=32)
    pixels = draw(hnp.arrays(kind, (2, height, width), elements=values))
    valid = draw(st.none() | hnp.arrays(bool, (height, width)))
    ratio = draw(st.sampled_from([1.0, 1.5, 2.0, 3.0, 6.0, 2.37]))
    shift = [draw(st.floats(-2, 2)) for _ in range(2)]
    target = grid(draw(st.integers(2, 30)), draw(st.integers(2, 30)), 1.0, shift[0], shift[1])
    tops = sorted(
        draw(st.lists(st.integers(0, target.height), min_size=2, max_size=2, unique=True))
    )
    lefts = sorted(
        draw(st.lists(st.integers(0, target.width), min_size=2, max_size=2, unique=True))
    )
    return (
        pixels,
        valid,
        target,
        grid(height, width, ratio),
        Window(tops[0], lefts[0], tops[1], lefts[1]),
    )


@given(cases())
def test_any_window_gives_the_same_values(case) -> None:
    pixels, valid, target, source, window = case
    whole, whole_valid = resample(pixels, valid, target, source, target.extent)
    part, part_valid = resample(pixels, valid, target, source, window)
    place = window.within(target.extent)
    assert np.array_equal(part_valid, whole_valid[place])
    assert np.array_equal(part[:, part_valid], whole[:, *place][:, part_valid])


@given(cases())
def test_values_stay_within_those_of_valid_pixels(case) -> None:
    pixels, valid, target, source, _ = case
    data, known = resample(pixels, valid, target, source, target.extent)
    if known.any():
        inside = pixels if valid is None else pixels[:, valid]
        slack = 1e-5 * float(inside.max() or 1)
        assert data[:, known].min() >= inside.min() - slack
        assert data[:, known].max() <= inside.max() + slack


def test_same_grid_changes_nothing() -> None:
    pixels = np.random.default_rng(0).integers(0, 65535, (3, 7, 9)).astype(np.uint16)
    here = grid(7, 9, 10.0, 3.0, 4.0)
    data, known = resample(pixels, None, here, here, here.extent)
    assert known.all()
    assert np.array_equal(data, pixels)


@pytest.mark.parametrize(("ratio", "shift"), [(2, 0), (6, 0), (2, -10.0), (2, 5.0), (3, -7.0)])
def test_values_are_those_of_gdal_inside(tmp_path: Path, ratio: int, shift: float) -> None:
    pixels = np.random.default_rng(1).integers(0, 9000, (1, 20, 25)).astype(np.uint16)
    coarse = (10.0 * ratio, 0.0, 500_000.0 + shift, 0.0, -10.0 * ratio, 5_000_000.0 - shift)
    path = write(tmp_path / "coarse.tif", pixels, transform=coarse)
    fine = Grid(20 * ratio, 25 * ratio, (10.0, 0.0, 500_000.0, 0.0, -10.0, 5_000_000.0))
    ours, _ = resample(pixels, None, fine, Grid(20, 25, coarse), fine.extent)
    with (
        rasterio.open(path) as dataset,
        WarpedVRT(
            dataset,
            height=fine.height,
            width=fine.width,
            transform=rasterio.Affine(*fine.transform),
            crs="EPSG:32633",
            resampling=Method.bilinear,
        ) as warped,
    ):
        theirs = warped.read()
    inner = (slice(None), slice(2 * ratio, -2 * ratio), slice(2 * ratio, -2 * ratio))
    assert np.abs(ours[inner].astype(int) - theirs[inner].astype(int)).max() <= 1


def test_invalid_pixels_carry_no_weight() -> None:
    pixels = np.array([[[100, 60000], [100, 100]]], np.uint16)
    valid = np.array([[True, False], [True, True]])
    data, known = resample(pixels, valid, grid(4, 4, 1.0), grid(2, 2, 2.0), Window(0, 0, 4, 4))
    assert (data[:, known] == 100).all()
    assert not known[0, 3]
    assert known[0, 0]
    assert known[3].all()


def test_what_lies_outside_is_invalid() -> None:
    pixels = np.full((1, 2, 2), 7, np.uint16)
    _, known = resample(pixels, None, grid(12, 4, 1.0), grid(2, 2, 2.0), Window(0, 0, 12, 4))
    assert known[:6].all()  # inside, and the one coarse pixel beyond the edge
    assert not known[6:].any()
    _, far = resample(pixels, None, grid(4, 4, 1.0, x=1000.0), grid(2, 2, 2.0), Window(0, 0, 4, 4))
    assert not far.any()


def test_a_turned_grid_is_refused() -> None:
    with pytest.raises(InputError, match=r"B05\.tif is turned"):
        align(grid(100, 100, 10.0), grid(50, 50, 20.0, turn=0.1), "B05.tif")


def test_turned_alike_is_fine() -> None:
    pixels = np.arange(4, dtype=np.uint16).reshape(1, 2, 2)
    fine = Grid(4, 4, (1.0, 0.5, 0.0, 0.5, -1.0, 0.0))
    coarse = Grid(2, 2, (2.0, 1.0, 0.0, 1.0, -2.0, 0.0))
    straight, _ = resample(pixels, None, grid(4, 4, 1.0), grid(2, 2, 2.0), Window(0, 0, 4, 4))
    turned, _ = resample(pixels, None, fine, coarse, Window(0, 0, 4, 4))
    assert np.array_equal(straight, turned)
