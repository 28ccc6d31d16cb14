"""Windows, grids and the tiling, for any sizes."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoseg.core.grid import Grid, Tiling, Window, starts

lengths = st.integers(1, 3000)
edges = st.integers(-50, 50)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    top, left = draw(edges), draw(edges)
    return Window(top, left, top + draw(st.integers(1, 120)), left + draw(st.integers(1, 120)))


@st.composite
def tilings(draw: st.DrawFn) -> Tiling:
    """Rasters of a few tiles, or smaller than one."""
    tile = draw(st.integers(1, 64))
    overlap = draw(st.integers(0, tile - 1))
    most = tile + 6 * (tile - overlap)
    return Tiling(draw(st.integers(1, most)), draw(st.integers(1, most)), tile, overlap)


def painted(window: Window, frame: Window) -> np.ndarray:
    """The window as True pixels of a frame: the oracle for rectangles."""
    rows, columns = np.mgrid[frame.top : frame.bottom, frame.left : frame.right]
    down, across = (
        (rows >= window.top) & (rows < window.bottom),
        (columns >= window.left) & (columns < window.right),
    )
    return np.asarray(down & across)


@pytest.mark.parametrize("corners", [(0, 0, 0, 1), (0, 0, 1, 0), (5, 5, 4, 6), (0, 3, 2, 1)])
def test_an_empty_window_is_refused(corners: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="empty window"):
        Window(*corners)


@given(windows(), windows())
def test_windows_share_a_pixel_exactly_where_their_ranges_meet(one: Window, other: Window) -> None:
    rows = set(range(one.top, one.bottom)) & set(range(other.top, other.bottom))
    columns = set(range(one.left, one.right)) & set(range(other.left, other.right))
    assert one.intersects(other) == other.intersects(one) == bool(rows and columns)
    if not (rows and columns):
        return
    both = one.clip(other)
    assert both == other.clip(one)
    assert (set(range(both.top, both.bottom)), set(range(both.left, both.right))) == (rows, columns)
    assert both.area == len(rows) * len(columns) == both.shape[0] * both.shape[1]


@given(windows(), windows())
def test_within_gives_the_slices_of_the_frame(window: Window, frame: Window) -> None:
    if not window.intersects(frame):
        return
    mask = np.zeros(frame.shape, bool)
    mask[window.clip(frame).within(frame)] = True
    assert np.array_equal(mask, painted(window, frame))


@given(lengths, st.integers(1, 600), st.data())
def test_starts_cover_the_length_evenly_with_the_fewest_tiles(
    length: int, tile: int, data: st.DataObject
) -> None:
    overlap = data.draw(st.integers(0, tile - 1))
    offsets = starts(length, tile, overlap)
    if length <= tile:
        assert offsets == [0]
        return
    steps = [b - a for a, b in pairwise(offsets)]
    assert offsets[0] == 0
    assert offsets[-1] + tile == length
    assert max(steps) <= tile - overlap  # neighbours share at least the overlap
    assert max(steps) - min(steps) <= 1  # evenly spaced
    assert (
        len(offsets) == math.ceil((length - tile) / (tile - overlap)) + 1
    )  # one less would leave a gap


@given(tilings())
def test_tiles_cover_every_pixel_and_hang_over_only_where_the_raster_is_smaller(
    tiling: Tiling,
) -> None:
    count = np.zeros((tiling.height, tiling.width), int)
    for tile in tiling.tiles():
        assert tile.shape == (tiling.tile, tiling.tile)
        assert tile.top >= 0
        assert tile.left >= 0
        assert tile.bottom <= max(tiling.height, tiling.tile)
        assert tile.right <= max(tiling.width, tiling.tile)
        count[tile.clip(tiling.extent).within(tiling.extent)] += 1
    assert count.min() >= 1
    assert count.sum() == sum(tile.clip(tiling.extent).area for tile in tiling.tiles())


@given(tilings(), windows())
def test_a_region_takes_exactly_the_tiles_that_touch_it(tiling: Tiling, region: Window) -> None:
    if not region.intersects(tiling.extent):
        return
    region = region.clip(tiling.extent)
    expected = [
        tile
        for tile in tiling.tiles()
        if painted(tile, tiling.extent)[region.within(tiling.extent)].any()
    ]
    assert list(tiling.tiles(region)) == expected


@given(tilings(), st.integers(1, 200), st.integers(1, 200))
def test_regions_cover_each_pixel_once(tiling: Tiling, rows: int, columns: int) -> None:
    count = np.zeros((tiling.height, tiling.width), int)
    for region in tiling.extent.blocks(rows, columns):
        assert region.shape[0] <= rows
        assert region.shape[1] <= columns
        count[region.within(tiling.extent)] += 1
    assert (count == 1).all()


@pytest.mark.parametrize(("tile", "overlap"), [(8, 8), (8, 9), (8, -1), (0, 0)])
def test_an_overlap_that_is_no_part_of_the_tile_is_refused(tile: int, overlap: int) -> None:
    with pytest.raises(ValueError, match="overlap"):
        Tiling(10, 10, tile, overlap)


@given(
    windows(), st.tuples(*[st.integers(-1000, 1000)] * 6), st.integers(0, 50), st.integers(0, 50)
)
def test_a_crop_keeps_every_pixel_where_it_is(
    window: Window, transform: tuple[int, int, int, int, int, int], row: int, column: int
) -> None:
    grid = Grid(500, 500, tuple(map(float, transform)), "a CRS")  # type: ignore[arg-type]
    part = grid.crop(window)
    assert (part.height, part.width, part.crs) == (*window.shape, grid.crs)
    assert part.xy(row, column) == grid.xy(window.top + row, window.left + column)


def test_north_up_means_no_rotation() -> None:
    assert Grid(1, 1, (10.0, 0.0, 5.0, 0.0, -10.0, 7.0)).north_up
    assert not Grid(1, 1, (10.0, 0.1, 5.0, 0.0, -10.0, 7.0)).north_up
    assert Grid(3, 4).extent == Window(0, 0, 3, 4)
