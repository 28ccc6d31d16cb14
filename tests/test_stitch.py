"""The blend of overlapping patches equals a whole-array computation, however the raster is cut."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from geoseg.grid import Tiling, Window, starts
from geoseg.stitch import STRIP_ROWS, Patch, shares, stitch

LABELS = 2


def scores(pixels: np.ndarray) -> np.ndarray:
    """Depends on the place and on the patch, so that overlapping patches disagree."""
    return np.stack([pixels, pixels * 2 + pixels.mean()]).astype(np.float32)


def hanging(image: np.ndarray, tile: Window) -> np.ndarray:
    """Return the tile's pixels, zero where it hangs over the edge."""
    padded = np.zeros((max(tile.bottom, image.shape[0]), max(tile.right, image.shape[1])), image.dtype)
    padded[: image.shape[0], : image.shape[1]] = image
    return padded[tile.top : tile.bottom, tile.left : tile.right]


def patches(image: np.ndarray, valid: np.ndarray, tiling: Tiling, region: Window) -> Iterator[Patch]:
    for tile in tiling.tiles(region):
        inside = hanging(valid, tile)
        if inside.any():
            yield Patch(tile, scores(hanging(image, tile)), inside)


def run(image: np.ndarray, valid: np.ndarray, tiling: Tiling, region: Window) -> list[Patch]:
    return list(stitch(patches(image, valid, tiling, region), tiling, region, LABELS))


def whole(image: np.ndarray, valid: np.ndarray, tiling: Tiling) -> np.ndarray:
    """Blend with one weight a tile over the whole array, in float64."""
    side = np.minimum(np.arange(1, tiling.tile + 1), np.arange(tiling.tile, 0, -1)) / (tiling.overlap + 1)
    weight = np.outer(np.minimum(side, 1), np.minimum(side, 1))
    shape = max(tiling.height, tiling.tile), max(tiling.width, tiling.tile)
    total, norm = np.zeros((LABELS, *shape)), np.zeros(shape)
    for tile in tiling.tiles():
        here = tile.within(Window(0, 0, *shape))
        if hanging(valid, tile).any():
            total[:, *here] += scores(hanging(image, tile)) * weight
        norm[here] += weight
    return (total / norm)[:, : tiling.height, : tiling.width]


@st.composite
def cases(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, Tiling]:
    tile = draw(st.integers(2, 40))
    tiling = Tiling(draw(st.integers(1, 90)), draw(st.integers(1, 90)), tile, draw(st.integers(0, tile - 1)))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    image = rng.random((tiling.height, tiling.width), np.float32)
    return image, rng.random(image.shape) < draw(st.sampled_from([0.02, 0.5, 1.0])), tiling


@settings(deadline=None, max_examples=200)
@given(cases())
def test_strips_equal_the_whole_array(case: tuple[np.ndarray, np.ndarray, Tiling]) -> None:
    image, valid, tiling = case
    strips = run(image, valid, tiling, tiling.extent)
    assert strips[0].window.top == 0
    assert strips[-1].window.bottom == tiling.height
    assert all(a.window.bottom == b.window.top for a, b in pairwise(strips))
    assert all(strip.window.shape[0] <= STRIP_ROWS for strip in strips)
    found = np.concatenate([strip.data for strip in strips], axis=1)
    np.testing.assert_array_equal(np.concatenate([strip.valid for strip in strips]), valid)
    np.testing.assert_allclose(found[:, valid], whole(image, valid, tiling)[:, valid], rtol=1e-4, atol=1e-5)


@settings(deadline=None, max_examples=200)
@given(cases(), st.data())
def test_any_cut_gives_the_same_bytes(case: tuple[np.ndarray, np.ndarray, Tiling], data: st.DataObject) -> None:
    image, valid, tiling = case
    one = np.concatenate([strip.data for strip in run(image, valid, tiling, tiling.extent)], axis=1)
    many = np.full_like(one, np.nan)
    rows, columns = data.draw(st.integers(1, tiling.height)), data.draw(st.integers(1, tiling.width))
    for region in tiling.regions(rows, columns):
        for strip in run(image, valid, tiling, region):
            many[:, *strip.window.within(tiling.extent)] = strip.data
    np.testing.assert_array_equal(one[:, valid], many[:, valid])


@given(st.integers(1, 300), st.integers(2, 64), st.data())
def test_shares_of_all_tiles_add_up_to_one(length: int, tile: int, data: st.DataObject) -> None:
    overlap = data.draw(st.integers(0, tile - 1))
    offsets = starts(length, tile, overlap)
    total = np.zeros(offsets[-1] + tile)
    for offset, share in shares(offsets, tile, overlap).items():
        assert (share > 0).all()
        total[offset : offset + tile] += share
    np.testing.assert_allclose(total, 1, rtol=1e-6)


def test_tensors_and_arrays_give_the_same() -> None:
    tiling = Tiling(70, 50, 32, 8)
    image = np.random.default_rng(1).random((70, 50), np.float32)
    everywhere = np.ones_like(image, bool)
    arrays = run(image, everywhere, tiling, tiling.extent)
    tensors = (
        Patch(p.window, torch.from_numpy(p.data), p.valid) for p in patches(image, everywhere, tiling, tiling.extent)
    )
    for a, t in zip(arrays, stitch(tensors, tiling, tiling.extent, LABELS, torch.from_numpy), strict=True):
        np.testing.assert_array_equal(a.data, t.data.numpy())


def test_without_a_patch_all_rows_leave_as_invalid() -> None:
    tiling = Tiling(700, 20, 16, 4)
    strips = list(stitch([], tiling, Window(3, 2, 690, 18), LABELS))
    assert (strips[0].window.top, strips[-1].window.bottom) == (3, 690)
    assert not any(strip.valid.any() for strip in strips)


def test_an_error_in_the_patches_is_raised() -> None:
    tiling = Tiling(64, 64, 16, 4)

    def broken() -> Iterator[Patch]:
        yield from list(patches(np.zeros((64, 64), np.float32), np.ones((64, 64), bool), tiling, tiling.extent))[:5]
        raise OSError("bad block")

    with pytest.raises(OSError, match="bad block"):
        list(stitch(broken(), tiling, tiling.extent, LABELS))
