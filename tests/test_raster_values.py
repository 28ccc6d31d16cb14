"""Values far from the training data's are refused, and normal variation is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cards import RGB, S2
from hypothesis import given
from hypothesis import strategies as st
from rasters import colours, reflectances, write

from geoseg.card import Scaling
from geoseg.errors import ModelError
from geoseg.grid import Grid, Window
from geoseg.job import Options
from geoseg.raster import open_raster
from geoseg.raster.handles import open_dataset
from geoseg.raster.sample import Sample, spread, take_sample
from geoseg.raster.values import check_values, judge
from geoseg.stitch import Patch

# reflectance in B02 B03 B04 B05 B06 B07 B08 B11 B12, as textbooks show it
SURFACES = {
    "clear deep water, L2A": (0.025, 0.02, 0.01, 0.006, 0.005, 0.004, 0.003, 0.001, 0.001),
    "water, L1C": (0.11, 0.07, 0.045, 0.035, 0.03, 0.03, 0.025, 0.01, 0.006),
    "fresh snow": (0.95, 0.95, 0.95, 0.94, 0.93, 0.92, 0.9, 0.12, 0.09),
    "cloud": (0.8, 0.8, 0.82, 0.85, 0.9, 0.92, 0.95, 0.7, 0.5),
    "sand desert": (0.18, 0.28, 0.42, 0.46, 0.48, 0.5, 0.52, 0.66, 0.6),
    "dark conifers, L2A": (0.015, 0.025, 0.015, 0.05, 0.13, 0.16, 0.17, 0.08, 0.035),
    "meadow": (0.04, 0.07, 0.04, 0.11, 0.33, 0.42, 0.45, 0.22, 0.12),
    "city in haze": (0.16, 0.16, 0.16, 0.18, 0.21, 0.22, 0.24, 0.24, 0.2),
}


def pixels(name: str, factor: float = 10_000.0, spread: float = 0.15) -> np.ndarray:
    """A thousand pixels of a surface, as digital numbers, with some spread."""
    rng = np.random.default_rng(3)
    values = np.array(SURFACES[name])[:, None] * rng.normal(1, spread, (9, 1000)).clip(0.3, 1.7)
    return np.rint(values * factor).clip(0, 65535).astype(np.uint16)


@pytest.mark.parametrize("name", SURFACES)
def test_all_that_the_earth_shows_is_accepted(name: str) -> None:
    assert judge(pixels(name), S2.scaling, S2) is None


@pytest.mark.parametrize("name", ["fresh snow", "cloud", "sand desert", "meadow", "city in haze"])
def test_reflectance_times_65535_is_refused(name: str) -> None:
    found = judge(pixels(name, 65535), S2.scaling, S2)
    assert found is not None
    assert "far too large" in found.found
    assert "training data" in found.expected
    assert "1.525902e-05" in found.do
    assert judge(pixels(name, 65535), Scaling(1.525902e-05), S2) is None


@pytest.mark.parametrize("name", SURFACES)
def test_reflectance_itself_is_refused_under_a_small_scale(name: str) -> None:
    found = judge(pixels(name) / np.float32(10_000), S2.scaling, S2)
    assert found is not None
    assert "far too small" in found.found


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.float32])
def test_8_bits_are_refused_where_more_are_expected(kind: type) -> None:
    found = judge(colours(40, 40, bands=9).reshape(9, -1).astype(kind), S2.scaling, S2)
    assert found is not None
    assert "8-bit" in found.found
    assert judge(colours(40, 40, bands=9).reshape(9, -1).astype(kind), Scaling(1 / 255), S2) is None


@pytest.mark.parametrize("name", ["clear deep water, L2A", "water, L1C", "dark conifers, L2A", "meadow"])
def test_an_offset_not_taken_off_is_told(name: str) -> None:
    shifted = Sample(pixels(name) + np.uint16(1000), {})
    assert "--offset -0.1" in check_values(shifted, S2.scaling, S2)[1][0]
    assert not check_values(shifted, Scaling(1e-4, -0.1), S2)[1]
    assert not check_values(Sample(pixels(name), {}), S2.scaling, S2)[1]


def test_an_offset_taken_off_twice_is_refused() -> None:
    found = judge(pixels("dark conifers, L2A"), Scaling(1e-4, -0.1), S2)
    assert found is not None
    assert "--offset 0" in found.do


@given(st.integers(0, 255), st.integers(0, 255))
def test_8_bit_pictures_fit_a_model_of_pictures(one: int, other: int) -> None:
    seen = np.stack([np.linspace(one, other, 100)] * 3).astype(np.uint8)
    if seen.max() >= 10:
        assert judge(seen, RGB.scaling, RGB) is None


def test_16_bit_pictures_do_not() -> None:
    assert judge(colours(40, 40).reshape(3, -1).astype(np.uint16) * 257, RGB.scaling, RGB) is not None


def test_force_makes_it_a_warning() -> None:
    sample = Sample(pixels("meadow", 65535), {})
    with pytest.raises(ModelError):
        check_values(sample, S2.scaling, S2)
    _, warnings = check_values(sample, S2.scaling, S2, force=True)
    assert "--force" in warnings[0]


def test_a_constant_scene_and_an_empty_one_are_told() -> None:
    assert "constant" in check_values(Sample(np.full((9, 50), 900, np.uint16), {}), S2.scaling, S2)[1][0]
    assert "no valid pixel" in check_values(Sample(np.zeros((9, 0), np.uint16), {}), S2.scaling, S2)[1][0]


@given(st.integers(1, 3000), st.integers(1, 3000), st.integers(1, 8), st.integers(1, 300))
def test_windows_lie_inside_and_touch_every_edge(height: int, width: int, count: int, side: int) -> None:
    grid = Grid(height, width)
    found = spread(grid, count, side)
    assert len(found) <= max(1, count) ** 2
    assert all(window.clip(grid.extent) == window and max(window.shape) <= side for window in found)
    if count > 1:
        assert {min(w.top for w in found), min(w.left for w in found)} == {0}
        assert max(w.bottom for w in found) == height
        assert max(w.right for w in found) == width


def test_a_wedge_without_a_tag_is_mentioned_and_left_alone(tmp_path: Path) -> None:
    scene = reflectances(9, 300, 300)
    rows, columns = np.mgrid[:300, :300]
    scene[:, rows + columns < 200] = 0
    with open_raster((write(tmp_path / "a.tif", scene, S2.band_names),), S2, Options()) as source:
        assert any("edge is 0 in all bands without being marked as nodata" in note for note in source.notes)
        assert source.read(source.grid.extent).valid is None
    tagged = write(tmp_path / "b.tif", scene, S2.band_names, nodata=0)
    with open_raster((tagged,), S2, Options()) as source:
        assert not any("edge" in note for note in source.notes)


def test_a_wedge_does_not_count_as_values() -> None:
    scene = np.zeros((9, 300, 300), np.uint16)
    scene[:, 290:, 290:] = 2000
    seen = take_sample(lambda w: Patch(w, scene[:, w.top : w.bottom, w.left : w.right]), Grid(300, 300))
    assert (seen.pixels == 2000).all()
    assert set(seen.borders) == {0}


def test_a_scene_that_is_mostly_nodata_is_looked_at_more_closely() -> None:
    scene = np.full((1, 2000, 2000), 7, np.uint16)
    valid = np.zeros((2000, 2000), bool)
    valid[300:700, 300:700] = True

    def read(window: Window) -> Patch:
        place = window.within(Window(0, 0, 2000, 2000))
        return Patch(window, scene[:, *place], valid[place])

    assert take_sample(read, Grid(2000, 2000)).pixels.shape[1] > 500


def test_chips_of_the_training_set_are_accepted(shared_data: Path) -> None:
    refused = []
    for path in sorted((shared_data / "s2").glob("*.tif"))[::8]:
        with open_dataset(str(path)) as dataset:
            chip = dataset.read().reshape(9, -1)
        chip = chip[:, chip.any(axis=0)]
        if chip.size and judge(chip, S2.scaling, S2):
            refused.append(path.name)
    assert not refused


def test_a_few_pixels_say_nothing() -> None:
    assert check_values(Sample(np.zeros((3, 1), np.uint8), {}), RGB.scaling, RGB) == ([], [])
