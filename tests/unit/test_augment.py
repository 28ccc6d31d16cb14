"""Augmentation leaves labels with their pixels, and levels convert there and back."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile

from geoseg.core.card import Scaling
from geoseg.training.augment import Augment, Linear, compress, convert, shadow, turn
from geoseg.training.config import AugmentConfig, BandConfig, Level
from geoseg.training.scene_label import Crop, blend, join, resize

BANDS = [BandConfig("B02", "blue", 0.49), BandConfig("B11", "swir16", 1.61)]
LEVELS = Level("L2A", "L1C", [0.5, 0.8], [800.0, 20.0])
SEEDS = st.integers(0, 2**32 - 1)


def make_crop(seed: int, size: int) -> Crop:
    """Make a crop whose second band tells each pixel's class and validity: target = its value //
    1000.
    """
    rng = np.random.default_rng(seed)
    classes, valid = rng.integers(0, 3, (size, size)), rng.random((size, size)) < 0.8
    pixels = np.stack([rng.integers(1, 5000, (size, size)), classes * 1000 + 500 * valid]).astype(
        np.float32
    )
    target = ((classes == np.arange(3)[:, None, None]) & valid) * np.uint8(255)
    return Crop(pixels, valid, target.astype(np.uint8))


def aligned(crop: Crop) -> bool:
    classes = crop.pixels[1] // 1000
    told = (classes == np.arange(3)[:, None, None]) & crop.valid
    return np.array_equal(told * 255, crop.target) and np.array_equal(
        crop.pixels[1] % 1000 == 500, crop.valid
    )


@given(SEEDS, st.integers(1, 9), st.integers(0, 7))
def test_turns_keep_labels_with_their_pixels(seed: int, size: int, way: int) -> None:
    crop = make_crop(seed, size)
    assert aligned(crop)
    assert aligned(turn(crop, way))


def test_the_eight_orientations_differ() -> None:
    crop = make_crop(3, 5)
    assert len({turn(crop, way).pixels.tobytes() for way in range(8)}) == 8


@given(SEEDS, st.integers(1, 9), st.integers(1, 20))
def test_the_whole_augmentation_moves_labels_as_pixels(seed: int, size: int, other: int) -> None:
    config = AugmentConfig(gain=0.3, offset=0.02, haze=0.05, saturation=0.5)
    crop = make_crop(seed, size)
    where = 1000 + 9 * np.arange(size * size, dtype=np.float32).reshape(size, size)
    rng = np.random.default_rng(other)
    changed = Augment(config, BANDS, Scaling(1e-4))(
        Crop(np.stack([where, where]), crop.valid, crop.target), "", rng
    )
    order = (
        changed.pixels[0].argsort(axis=None).argsort().reshape(size, size)
    )  # numbers change, their order stays
    assert np.array_equal(crop.target.reshape(3, -1)[:, order], changed.target)
    assert np.array_equal(crop.valid.ravel()[order], changed.valid)


@given(SEEDS, st.integers(1, 4), st.sampled_from([1, 2, 3, 4]))
def test_enlarging_keeps_labels_with_their_pixels(seed: int, size: int, factor: int) -> None:
    crop = make_crop(seed, size)
    larger = resize(crop, size * factor)
    for name in ("valid", "target"):
        small = getattr(crop, name)
        block = np.kron(small, np.ones((factor, factor), small.dtype))
        assert np.array_equal(block, getattr(larger, name))
    assert larger.pixels.shape == (2, size * factor, size * factor)


@given(SEEDS, st.integers(1, 5))
def test_joined_quarters_stay_aligned(seed: int, size: int) -> None:
    quarters = [make_crop(seed + i, size) for i in range(4)]
    whole = join(quarters)
    assert aligned(whole)
    assert np.array_equal(whole.pixels[:, size:, :size], quarters[2].pixels)


@given(
    st.lists(st.floats(0.2, 2), min_size=2, max_size=2),
    st.lists(st.floats(-900, 900), min_size=2, max_size=2),
)
def test_a_change_and_its_inverse_are_nothing(gain: list[float], offset: list[float]) -> None:
    change = Linear(np.array(gain), np.array(offset))
    back = change.then(change.inverse.gain, change.inverse.offset)
    np.testing.assert_allclose(back.gain, 1, rtol=1e-9)
    np.testing.assert_allclose(back.offset, 0, atol=1e-6)


def test_levels_convert_both_ways_and_no_other() -> None:
    pixels = np.full((2, 1, 1), 1000, np.float32)
    forth, back = convert(LEVELS, "L2A"), convert(LEVELS, "L1C")
    assert forth is not None
    assert back is not None
    assert forth.apply(pixels).ravel().tolist() == [1300, 820]
    np.testing.assert_allclose(back.apply(forth.apply(pixels)), pixels, rtol=1e-6)
    assert convert(LEVELS, "L3") is None


@given(SEEDS)
def test_no_change_turns_a_scene_black_or_upside_down(seed: int) -> None:
    """Eight-bit numbers stay in order and apart under all the changes together."""
    augment = Augment(
        AugmentConfig(gain=0.3, offset=20, haze=0.2, white=255, turn=False), BANDS, Scaling()
    )
    ramp = np.stack([np.arange(50, 250, 10, dtype=np.float32)[None]] * 2)
    crop = Crop(ramp, np.ones((1, 20), bool), np.zeros((3, 1, 20), np.uint8))
    changed = augment(crop, "", np.random.default_rng(seed)).pixels
    assert (np.diff(changed) > 4).all()
    assert (changed < 450).all()


def test_half_of_the_crops_come_in_the_other_level() -> None:
    augment = Augment(AugmentConfig(levels=LEVELS, turn=False), BANDS, Scaling(1e-4))
    pixels = np.full((2, 1, 1), 1000, np.float32)
    crop = Crop(pixels, np.ones((1, 1), bool), np.zeros((3, 1, 1), np.uint8))
    rng = np.random.default_rng(0)
    seen = [round(float(augment(crop, "L2A", rng).pixels[0, 0, 0])) for _ in range(200)]
    assert set(seen) == {1000, 1300}
    assert 70 < seen.count(1300) < 130


@given(SEEDS, st.integers(1, 9), st.floats(0, 1))
def test_crops_laid_over_one_another_have_the_labels_of_both(
    seed: int, size: int, share: float
) -> None:
    one, other = make_crop(seed, size), make_crop(seed + 1, size)
    both = blend(one, other, share)
    known = one.valid & other.valid
    assert np.array_equal(both.valid, known)
    assert not both.target[:, ~known].any()
    mixed = share * one.target + (1 - share) * other.target.astype(float)
    assert np.abs(both.target - mixed)[:, known].max(initial=0) <= 0.51
    assert np.abs(both.target.astype(int).sum(axis=0) - 255)[known].max(initial=0) <= 1


@pytest.mark.parametrize(("quality", "most"), [(30, 2.5), (60, 2.5), (90, 1.0)])
def test_compression_is_that_of_jpeg(quality: int, most: float) -> None:
    """Against GDAL's JPEG of one band, whose cosine transform is one of whole numbers."""
    rows, columns = np.mgrid[:61, :83]
    smooth = (
        127 + 60 * np.sin(rows / 7) * np.cos(columns / 11) + 25 * ((rows // 9 + columns // 13) % 2)
    )
    pixels = np.rint(smooth).astype(np.uint8)[None]
    profile = {
        "driver": "JPEG",
        "count": 1,
        "height": 61,
        "width": 83,
        "dtype": "uint8",
        "quality": quality,
    }
    with warnings.catch_warnings(), MemoryFile() as memory:
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with memory.open(**profile) as target:
            target.write(pixels)
        with memory.open() as source:
            expected = source.read().astype(np.float32)
    found = compress(pixels.astype(np.float32) / 255, quality) * 255
    assert np.abs(found - expected).mean() < most
    assert np.abs(pixels - expected).mean() > np.abs(found - expected).mean()


def test_a_shadow_takes_light_from_a_part_and_less_of_the_blue() -> None:
    rng = np.random.default_rng(2)
    for _ in range(20):
        left = shadow((2, 40, 50), np.array([0.5, 1.0]), rng)
        assert left.min() > 0
        assert left.max() <= 1
        assert (left[1] >= left[0]).all()
        assert (left == 1).mean() > 0.2
