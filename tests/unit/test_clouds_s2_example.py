"""clouds-s2's recipe: clouds that are drawn are as thick as is said, and held-out places unused."""

from __future__ import annotations

import importlib
import sys
import tomllib
from types import ModuleType

import numpy as np
import pytest
from commands import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

EXAMPLE = ROOT / "examples" / "clouds_s2"


def load(name: str) -> ModuleType:
    """Import a module of the example, whose names other examples have, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(EXAMPLE))
        patch.delitem(sys.modules, name, raising=False)
        module = importlib.import_module(name)
        sys.modules.pop(name)
        return module


clouds = load("clouds")
SIDE = 96


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_a_sky_is_as_it_is_said_to_be(seed: int) -> None:
    sky = clouds.draw_sky(SIDE, np.random.default_rng(seed))
    assert sky.opacity.shape == sky.brightness.shape == (9, SIDE, SIDE)
    assert sky.shade.shape == (SIDE, SIDE)
    assert (sky.opacity >= 0).all()
    assert (sky.opacity <= 1 + 1e-6).all()
    assert (sky.shade >= -1e-6).all()
    assert (sky.shade < 1).all()
    again = clouds.draw_sky(SIDE, np.random.default_rng(seed))
    np.testing.assert_array_equal(sky.opacity, again.opacity)


def sky(opacity: float, shade: float = 0.0) -> object:
    square = np.full((9, 8, 8), opacity, np.float32)
    return clouds.Sky(square, np.full_like(square, 0.8), np.full((8, 8), shade, np.float32))


def test_nothing_lies_under_an_open_sky_but_the_ground() -> None:
    ground = np.random.default_rng(1).uniform(900, 5000, (9, 8, 8)).astype(np.float32)
    seen = clouds.over(ground, sky(0.0), np.random.default_rng(2))
    np.testing.assert_allclose(seen, ground, atol=50)  # the sensor's noise
    assert (clouds.classes(sky(0.0)) == clouds.CLEAR).all()


def test_a_thick_cloud_hides_the_ground_and_half_of_one_half_of_it() -> None:
    rng = np.random.default_rng(3)
    dark, light = (np.full((9, 8, 8), number, np.float32) for number in (1000, 4000))
    for opacity in (1.0, 0.5):
        apart = clouds.over(light, sky(opacity), rng) - clouds.over(dark, sky(opacity), rng)
        np.testing.assert_allclose(apart, 3000 * (1 - opacity), atol=80)
    assert (clouds.classes(sky(1.0)) == clouds.CLOUD).all()
    assert (clouds.classes(sky(0.3)) == clouds.THIN).all()
    assert (clouds.classes(sky(0.1)) == clouds.UNLABELLED).all()


def test_a_shadow_is_darkest_in_the_infrared() -> None:
    ground = np.full((9, 8, 8), 3000, np.float32)
    seen = clouds.over(ground, sky(0.0, 0.7), np.random.default_rng(4)).mean(axis=(1, 2))
    assert (seen < 2200).all()
    assert seen[7] < 0.65 * seen[0]
    assert (clouds.classes(sky(0.0, 0.7)) == clouds.SHADOW).all()
    assert (clouds.classes(sky(0.0, 0.15)) == clouds.UNLABELLED).all()


def test_the_same_places_are_held_out_as_for_land_cover() -> None:
    held = [
        {
            name: tomllib.loads(path.read_text("utf-8"))["data"][name]
            for name in ("validation", "test")
        }
        for path in (EXAMPLE / "config.toml", ROOT / "examples" / "landcover_s2" / "config.toml")
    ]
    assert held[0] == held[1]
