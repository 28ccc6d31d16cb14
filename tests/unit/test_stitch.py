"""The blend of overlapping patches equals a whole-array computation, however the raster is cut."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise

import numpy as np
import pytest
import torch
from draws import more
from hypothesis import given, settings
from hypothesis import strategies as st

from geoseg.core.grid import Patch, Tiling, Window, starts
from geoseg.core.tiling import ColumnBand, column_bands
from geoseg.models.protocol import Model
from geoseg.prediction import stitch as border
from geoseg.prediction.stitch import SeamBuffer, stitch, strips, weights

LABELS = 3


def scores(pixels: np.ndarray) -> np.ndarray:
    """Depends on the place and on the patch, so that overlapping patches disagree."""
    share = (pixels + pixels.mean()) / 2
    return np.stack([share * share, share * (1 - share), 1 - share]).astype(np.float32)


def hanging(image: np.ndarray, tile: Window) -> np.ndarray:
    """Return the tile's pixels, zero where it hangs over the edge."""
    padded = np.zeros(
        (max(tile.bottom, image.shape[0]), max(tile.right, image.shape[1])), image.dtype
    )
    padded[: image.shape[0], : image.shape[1]] = image
    return padded[tile.top : tile.bottom, tile.left : tile.right]


def patches(image: np.ndarray, valid: np.ndarray, tiles: Iterator[Window]) -> Iterator[Patch]:
    for tile in tiles:
        inside = hanging(valid, tile)
        if inside.any():
            yield Patch(tile, scores(hanging(image, tile)), inside)


def run(image: np.ndarray, valid: np.ndarray, tiling: Tiling, region: Window) -> list[Patch]:
    part = ColumnBand(region)
    return list(stitch(patches(image, valid, part.tiles(tiling)), tiling, part, LABELS))


def mosaic(pieces: list[Patch], region: Window) -> tuple[np.ndarray, np.ndarray]:
    """Lay the pieces out; each pixel of the region comes once."""
    data, valid, seen = (
        np.zeros((2, *region.shape), np.uint8),
        np.zeros(region.shape, bool),
        np.zeros(region.shape, int),
    )
    for piece in pieces:
        here = piece.window.within(region)
        data[:, *here], valid[here] = piece.data, True if piece.valid is None else piece.valid
        seen[here] += 1
    assert (seen == 1).all()
    return data, valid


def whole(image: np.ndarray, valid: np.ndarray, tiling: Tiling) -> np.ndarray:
    """Blend with one weight a tile over the whole array, in float64; or crop by the distance
    from the tile's border.
    """
    ramp = np.minimum(np.arange(1, tiling.tile + 1), np.arange(tiling.tile, 0, -1)).astype(float)
    side = np.minimum(ramp / (tiling.overlap + 1), 1)
    shape = max(tiling.height, tiling.tile), max(tiling.width, tiling.tile)
    total, norm, depth = np.zeros((LABELS, *shape)), np.zeros(shape), np.zeros((2, *shape))
    for tile in tiling.tiles():
        here = tile.within(Window(0, 0, *shape))
        values = (
            scores(hanging(image, tile))
            if hanging(valid, tile).any()
            else np.zeros((LABELS, *tile.shape))
        )
        if tiling.crop:
            down, across = np.broadcast_arrays(ramp[:, None], ramp)
            nearer = (down >= depth[0][here]) & (across >= depth[1][here])
            depth[:, *here] = np.where(nearer, (down, across), depth[:, *here])
            total[:, *here] = np.where(nearer, values, total[:, *here])
            norm[here] = 1
        else:
            total[:, *here] += values * np.outer(side, side)
            norm[here] += np.outer(side, side)
    return (total / norm)[:, : tiling.height, : tiling.width]


@st.composite
def cases(draw: st.DrawFn, crop: bool | None = None) -> tuple[np.ndarray, np.ndarray, Tiling]:
    tile = draw(st.integers(2, 40))
    crop = draw(st.booleans()) if crop is None else crop
    tiling = Tiling(
        draw(st.integers(1, 90)),
        draw(st.integers(1, 90)),
        tile,
        draw(st.integers(0, tile - 1)),
        crop,
    )
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    image = rng.random((tiling.height, tiling.width), np.float32)
    return image, rng.random(image.shape) < draw(st.sampled_from([0.02, 0.5, 1.0])), tiling


@more(2)
@given(cases())
def test_pieces_equal_the_whole_array(case: tuple[np.ndarray, np.ndarray, Tiling]) -> None:
    image, valid, tiling = case
    data, known = mosaic(run(image, valid, tiling, tiling.extent), tiling.extent)
    np.testing.assert_array_equal(known, valid)
    expected = whole(image, valid, tiling)
    best = expected.max(axis=0)
    chosen = np.take_along_axis(expected, data[:1].astype(int), axis=0)[0]
    np.testing.assert_allclose(chosen[valid], best[valid], atol=1e-5)  # the best, or one as good
    assert (np.abs(data[1][valid] - 100 * best[valid]) <= 0.51).all()


@more(2)
@given(cases(), st.data())
def test_any_cut_gives_the_same_bytes(
    case: tuple[np.ndarray, np.ndarray, Tiling], data: st.DataObject
) -> None:
    image, valid, tiling = case
    one, _ = mosaic(run(image, valid, tiling, tiling.extent), tiling.extent)
    rows, columns = (
        data.draw(st.integers(1, tiling.height)),
        data.draw(st.integers(1, tiling.width)),
    )
    many = [
        piece
        for region in tiling.extent.blocks(rows, columns)
        for piece in run(image, valid, tiling, region)
    ]
    np.testing.assert_array_equal(one[:, valid], mosaic(many, tiling.extent)[0][:, valid])


@more(2)
@given(cases(), st.integers(1, 60), st.sampled_from([0, 10**6]))
def test_parts_of_columns_share_no_tile_and_give_the_same_bytes(
    case: tuple[np.ndarray, np.ndarray, Tiling], width: int, spool: int
) -> None:
    image, valid, tiling = case
    region = Window(
        min(3, tiling.height - 1), min(5, tiling.width - 1), tiling.height, tiling.width
    )
    tiles, pieces = [], []
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(border, "SPOOL", spool)
        kept = stack.enter_context(SeamBuffer())
        for part in column_bands(region, tiling, width):
            tiles += part.tiles(tiling)
            pieces += stitch(patches(image, valid, part.tiles(tiling)), tiling, part, LABELS, kept)
    assert len(set(tiles)) == len(tiles)
    one, _ = mosaic(run(image, valid, tiling, region), region)
    inside = valid[region.top :, region.left :]
    np.testing.assert_array_equal(one[:, inside], mosaic(pieces, region)[0][:, inside])


@given(cases(), st.integers(1, 100))
def test_parts_cover_the_region_and_are_no_narrower_than_a_tile(
    case: tuple[np.ndarray, np.ndarray, Tiling], width: int
) -> None:
    tiling = case[2]
    found = [part.window for part in column_bands(tiling.extent, tiling, width)]
    assert [window.left for window in found] == [0, *(window.right for window in found[:-1])]
    assert found[-1].right == tiling.width
    if len(found) > 1:
        assert min(window.shape[1] for window in found) >= tiling.tile
    if 3 * tiling.overlap <= tiling.tile:
        assert max(window.shape[1] for window in found) <= max(width, 2 * tiling.tile) + tiling.tile


class Tensors(Model):
    """A model whose scores are tensors, in short."""

    def __call__(self, pixels: np.ndarray, valid: np.ndarray) -> torch.Tensor:
        raise NotImplementedError

    def asarray(self, array: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(array)

    def to_uint8(self, array: torch.Tensor) -> np.ndarray:
        return array.to(torch.uint8).numpy()


@settings(deadline=None)
@given(cases(crop=False))
def test_tensors_and_arrays_give_the_same_bytes(
    case: tuple[np.ndarray, np.ndarray, Tiling],
) -> None:
    image, valid, tiling = case
    part = ColumnBand(tiling.extent)
    tensors = (
        Patch(p.window, torch.from_numpy(p.data), p.valid)
        for p in patches(image, valid, part.tiles(tiling))
    )
    found = stitch(tensors, tiling, part, LABELS, model=Tensors())
    for a, t in zip(run(image, valid, tiling, tiling.extent), found, strict=True):
        np.testing.assert_array_equal(a.data, t.data)


def test_scores_of_any_layout_give_the_same() -> None:
    tiling = Tiling(70, 50, 32, 8)
    image, everywhere = (
        np.random.default_rng(1).random((70, 50), np.float32),
        np.ones((70, 50), bool),
    )
    part = ColumnBand(tiling.extent)
    turned = (
        Patch(p.window, np.ascontiguousarray(p.data.transpose(1, 2, 0)).transpose(2, 0, 1), p.valid)
        for p in patches(image, everywhere, part.tiles(tiling))
    )
    for a, b in zip(
        run(image, everywhere, tiling, tiling.extent),
        stitch(turned, tiling, part, LABELS),
        strict=True,
    ):
        np.testing.assert_array_equal(a.data, b.data)


@given(st.integers(1, 300), st.integers(2, 64), st.data())
def test_shares_of_all_tiles_add_up_to_one(length: int, tile: int, data: st.DataObject) -> None:
    overlap = data.draw(st.integers(0, tile - 1))
    offsets = starts(length, tile, overlap)
    total = np.zeros(offsets[-1] + tile)
    for offset, share in weights(Tiling(length, length, tile, overlap), offsets).items():
        assert (share > 0).all()
        total[offset : offset + tile] += share
    np.testing.assert_allclose(total, 1, rtol=1e-6)


@settings(deadline=None)
@given(cases())
def test_strips_are_as_wide_as_the_region(case: tuple[np.ndarray, np.ndarray, Tiling]) -> None:
    image, valid, tiling = case
    pieces = run(image, valid, tiling, tiling.extent)
    found = list(strips(pieces))
    assert all((strip.window.left, strip.window.right) == (0, tiling.width) for strip in found)
    assert [found[0].window.top, found[-1].window.bottom] == [0, tiling.height]
    assert all(a.window.bottom == b.window.top for a, b in pairwise(found))
    np.testing.assert_array_equal(
        np.concatenate([s.data for s in found], axis=1), mosaic(pieces, tiling.extent)[0]
    )


def test_without_a_patch_everything_is_invalid() -> None:
    tiling, region = Tiling(700, 20, 16, 4), Window(3, 2, 690, 18)
    _, valid = mosaic(list(stitch([], tiling, ColumnBand(region), LABELS)), region)
    assert not valid.any()


def test_an_error_in_the_patches_is_raised() -> None:
    tiling = Tiling(64, 64, 16, 4)

    def broken() -> Iterator[Patch]:
        yield from list(
            patches(np.zeros((64, 64), np.float32), np.ones((64, 64), bool), tiling.tiles())
        )[:5]
        raise OSError("bad block")

    with pytest.raises(OSError, match="bad block"):
        list(stitch(broken(), tiling, ColumnBand(tiling.extent), LABELS))


def test_patches_out_of_order_are_an_error() -> None:
    tiling = Tiling(64, 64, 16, 4)
    mixed = list(patches(np.zeros((64, 64), np.float32), np.ones((64, 64), bool), tiling.tiles()))[
        ::-1
    ]
    with pytest.raises(ValueError, match="not the next tile"):
        list(stitch(mixed, tiling, ColumnBand(tiling.extent), LABELS))
