"""Windows fitted to a scene cover it, cost little, and are the card's where they must be."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import psutil
import pytest
from cards import S2
from hypothesis import given
from hypothesis import strategies as st

from geoseg.core.errors import InputError
from geoseg.core.grid import Grid, Tiling, Window, starts
from geoseg.core.machine import memory
from geoseg.core.options import Options
from geoseg.core.tiling import LARGEST, choose_tiling, fitted, largest_tile

ANY = replace(S2, tile=512, overlap=128, fixed_tile=False)
sizes = st.integers(1, 30_000)


def cost(grid: Grid, **options: int) -> float:
    """Forward pixels per scene pixel."""
    tiling = choose_tiling(grid, ANY, Options.of(**options))
    return tiling.tile**2 * len(tiling.tops) * len(tiling.lefts) / (grid.height * grid.width)


@given(sizes, sizes)
def test_windows_cover_the_scene_and_fit_the_network(height: int, width: int) -> None:
    tiling = choose_tiling(Grid(height, width), ANY, Options())
    assert tiling.tile % ANY.stride == 0
    assert tiling.tile <= LARGEST
    assert tiling.tops[-1] + tiling.tile >= height
    assert tiling.lefts[-1] + tiling.tile >= width
    assert all(b - a <= tiling.tile - 128 for a, b in pairwise(tiling.tops))


@given(st.integers(513, 30_000), st.integers(513, 30_000))
def test_fitted_windows_never_cost_more_than_the_cards(height: int, width: int) -> None:
    grid = Grid(height, width)
    assert cost(grid) <= cost(grid, tile=512)


def test_large_scenes_cost_little() -> None:
    for side in range(4096, 30_000, 97):
        assert (
            fitted(square(side), square(side), ANY, 128, LARGEST, 512) ** 2 * tiles(side)
            <= 1.20 * side * side
        )
    assert cost(Grid(4096, 4096), tile=512) > 1.8


def square(side: int) -> Window:
    return Window(0, 0, side, side)


@given(st.data())
def test_for_a_small_area_little_beside_it_is_read(data: st.DataObject) -> None:
    """No more pixels than with the card's tiles, nor than with those of the whole scene."""
    side = data.draw(st.integers(3000, 12_000))
    top, left = (data.draw(st.integers(0, side - 1)) for _ in range(2))
    area = Window(
        top,
        left,
        data.draw(st.integers(top + 1, side)),
        data.draw(st.integers(left + 1, side)),
    )
    grid = Grid(side, side)

    def read(tiling: Tiling) -> float:
        tiles = [tile for tile in tiling.tiles() if tile.intersects(area)]
        return max(len(tiles) * tiling.tile**2 / area.area, 1.2)

    tiling = choose_tiling(grid, ANY, Options(), area)
    assert tiling.tile >= 256
    assert tiling.overlap == min(128, tiling.tile // 4)
    assert choose_tiling(grid, ANY, Options.of(overlap=300), area).overlap == 300
    fitting = read(tiling)
    assert fitting <= read(choose_tiling(grid, ANY, Options()))
    assert fitting <= read(choose_tiling(grid, ANY, Options.of(tile=512)))


def tiles(side: int) -> int:
    return len(starts(side, fitted(square(side), square(side), ANY, 128, LARGEST, 512), 128)) ** 2


@pytest.mark.parametrize(("size", "largest"), [(8 << 30, 1024), (16 << 30, 2048)])
def test_less_memory_means_smaller_windows(
    monkeypatch: pytest.MonkeyPatch, size: int, largest: int
) -> None:
    monkeypatch.setattr("geoseg.core.tiling.memory", lambda: size)
    assert largest_tile() == largest
    tile = choose_tiling(Grid(20_000, 20_000), ANY, Options()).tile
    assert tile == fitted(square(20_000), square(20_000), ANY, 128, largest, 512)
    assert largest / 2 < tile <= largest


def test_the_machine_has_memory() -> None:
    assert 2**28 <= memory() <= psutil.virtual_memory().total


@given(sizes, sizes)
def test_a_network_that_pools_keeps_the_cards_window(height: int, width: int) -> None:
    tiling = choose_tiling(Grid(height, width), replace(ANY, fixed_tile=True), Options())
    assert tiling.tile == 512 or tiling.tile - ANY.stride < max(height, width) <= tiling.tile


def test_the_users_word_comes_first() -> None:
    tiling = choose_tiling(Grid(5000, 5000), ANY, Options.of(tile=256, overlap=32))
    assert (tiling.tile, tiling.overlap) == (256, 32)
    assert choose_tiling(Grid(5000, 5000), ANY, Options.of(tile=128)).overlap == 32


@pytest.mark.parametrize(
    ("options", "text"), [({"tile": 100}, "multiple of 32"), ({"overlap": 512}, "less than")]
)
def test_windows_that_cannot_be_are_refused(options: dict[str, int], text: str) -> None:
    with pytest.raises(InputError, match=text):
        choose_tiling(Grid(5000, 5000), ANY, Options.of(**options))
