"""What was done to a scene shows in its patterns; a scene to which nothing was done has none."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from cards import RGB, S2
from hypothesis import given
from hypothesis import strategies as st

from geoseg.core.card import ModelCard
from geoseg.core.grid import Grid, Patch, Window
from geoseg.scene.bands import colour_at, told_name
from geoseg.scene.patterns import Looked, say_patterns

Change = Callable[[np.ndarray], np.ndarray]


def ground(bands: int, seed: int = 0, side: int = 256) -> np.ndarray:
    """Land with edges at all scales, as bands see it: each with a part of its own."""
    rng = np.random.default_rng(seed)
    parts = np.zeros((bands + 1, side, side))
    for size in (2, 4, 8, 16, 32, 64):
        coarse = rng.normal(size=(bands + 1, side // size, side // size)) * size**0.5
        parts += coarse.repeat(size, 1).repeat(size, 2)
    parts += rng.normal(size=parts.shape) * 0.8
    found = parts[0] + 0.35 * parts[1:]
    return (found - found.min()) / (found.max() - found.min())


def seen(pixels: np.ndarray, card: ModelCard, enlarged: bool = True) -> list[str]:
    grid = Grid(*pixels.shape[1:], (1.0, 0.0, 0.0, 0.0, -1.0, 0.0), None)
    patch = Patch(Window(0, 0, *pixels.shape[1:]), pixels, None)
    looked = Looked(pixels.reshape(len(pixels), -1), (patch,), grid, enlarged)
    return say_patterns(looked, card)


def photograph(seed: int = 0) -> np.ndarray:
    """Bytes, bluer in the dark as the sky lights it."""
    found = 30 + 200 * ground(3, seed)
    found[2] += 40 * (1 - found[1] / 255)
    return np.rint(found.clip(0, 255)).astype(np.uint8)


def scene(seed: int = 0) -> np.ndarray:
    return np.rint(300 + 4000 * ground(9, seed)).astype(np.uint16)


@given(st.integers(0, 2**16))
def test_land_has_none(seed: int) -> None:
    assert seen(photograph(seed), RGB) == []
    assert seen(scene(seed), S2) == []


@given(st.integers(0, 2**16), st.sampled_from([1, 2]))
def test_bands_that_take_turns_are_told(seed: int, axis: int) -> None:
    word = "lines" if axis == 1 else "pixels"
    for found, card in ((scene(seed), S2), (photograph(seed), RGB)):
        mixed = np.moveaxis(found, 0, axis).reshape(found.shape)
        assert any(f"take turns in {word}" in line for line in seen(mixed, card))


@given(st.integers(0, 2**16), st.sets(st.integers(0, 8), min_size=1, max_size=4))
def test_bands_of_another_place_are_named(seed: int, bands: set[int]) -> None:
    found = scene(seed)
    other = np.roll(scene(seed + 1), (3, 5), (1, 2))  # its squares lie elsewhere, too
    found[sorted(bands)] = other[sorted(bands)]
    said = seen(found, S2)
    names = ", ".join(S2.band_names[band] for band in sorted(bands))
    # squares of two lands may lie alike some pixels beside each other
    known = re.compile(rf"{names} of the scene and its other bands|pixels beside each other")
    assert any(known.search(line) for line in said)


@given(st.integers(0, 2**16))
def test_differences_of_colour_are_told(seed: int) -> None:
    red, green, blue = photograph(seed).astype(float)
    bright = (red + green + blue) / 3
    mixed = np.stack([bright, 128 + (blue - bright) / 2, 128 + (red - bright) / 2])
    assert any("YCbCr" in line for line in seen(mixed.astype(np.uint8), RGB))


@given(st.integers(-10, 10), st.integers(-10, 10), st.integers(0, 8))
def test_a_band_that_lies_beside_the_others_is_named_with_its_distance(
    rows: int, columns: int, band: int
) -> None:
    found = scene()
    found[band] = np.roll(found[band], (rows, columns), (0, 1))
    said = seen(found, S2)
    apart = max(abs(rows), abs(columns))
    assert bool(said) == (apart >= 2)
    if said:
        assert S2.band_names[band] in said[0]
        assert f"about {np.hypot(rows, columns):.0f} pixels beside each other" in said[0]


@given(st.integers(2, 5))
def test_repeated_pixels_are_counted(times: int) -> None:
    found = photograph().repeat(times, 1).repeat(times, 2)[:, :256, :256]
    assert f"squares of {times} x {times}" in " ".join(seen(found, RGB))
    assert not any("enlarged" in line for line in seen(found, RGB, enlarged=False))


def put(place: tuple[slice, ...], value: int) -> Change:
    def changed(found: np.ndarray) -> np.ndarray:
        found[place] = value
        return found

    return changed


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda found: np.stack([found[0]] * 9), "B02, B03, B04, B05.*the same picture"),
        (
            lambda found: np.stack([*found[:8], found[:8].mean(axis=0)]).astype(np.uint16),
            "of the scene is a mixture of its other bands",
        ),
        (put(np.s_[6, :, :40], 0), "B08 of the scene is 0 in 16%"),
        (put(np.s_[8, :2, :10], 65_000), ""),  # bright beside bright land: a roof
    ],
)
def test_what_was_done_to_bands(change: Change, says: str) -> None:
    said = seen(change(scene()), S2)
    assert len(said) == bool(says)
    assert not says or re.search(says, said[0])


def test_numbers_below_0_that_became_the_largest_are_told_where_land_is_dark() -> None:
    found = scene()
    found[:, :4, :20] = 310
    found[8, :4, :20] = 65_400
    assert "B12 of the scene is above 58982" in seen(found, S2)[0]


def test_names_that_stand_beside_words() -> None:
    told = {
        "Band 1 (Blue)": "blue",
        "near-infrared band": "nir",
        "Red edge": "rededge",
        "842 nm": "nir",
        "0.48 \u00b5m": "blue",
        "surface reflectance, green": "green",
    }
    assert {text: told_name(text) for text in told} == told
    silent = ("blue-green", "Bleu", "green vegetation", "Band 3", "", "1.6 um", "480 nm, 560 nm")
    assert [told_name(text) for text in silent] == [None] * len(silent)


@given(st.floats(0, 3000, allow_nan=False))
def test_a_wavelength_has_one_colour_or_none(wavelength: float) -> None:
    name = colour_at(wavelength)
    assert (name is None) == (not (400 <= wavelength < 590 or 620 <= wavelength < 900))
