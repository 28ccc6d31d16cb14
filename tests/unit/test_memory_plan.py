"""The plan of a run's memory: never above what is asked for, never slower with more, refused with
the least that works.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from bundles import make_bundle
from cards import S2
from hypothesis import given
from hypothesis import strategies as st

import geoseg
from geoseg.bench.scene import write_scene
from geoseg.core.card import read_card
from geoseg.core.errors import InputError
from geoseg.core.grid import Grid, Tiling, Window
from geoseg.core.options import Options, bytes_of
from geoseg.core.tiling import LARGEST, choose_tiling, column_bands, computed_share
from geoseg.prediction.memory_plan import (
    LEAN,
    ROOMY,
    MemoryPlan,
    Work,
    needed,
    overlap_of,
    plan_memory,
    size_text,
)

ANY = replace(S2, tile=512, overlap=128, fixed_tile=False)
GB = 10**9


@st.composite
def works(draw: st.DrawFn) -> Work:
    height, width = (draw(st.integers(1, 60_000)) for _ in range(2))
    top = draw(st.integers(0, height - 1))
    left = draw(st.integers(0, width - 1))
    whole = Window(0, 0, height, width)
    part = Window(top, left, draw(st.integers(top + 1, height)), draw(st.integers(left + 1, width)))
    block = draw(st.integers(1, 2_000))
    return Work(
        whole,
        draw(st.sampled_from([whole, part])),
        replace(ANY, fixed_tile=draw(st.booleans())),
        draw(st.integers(0, 500)),
        draw(st.floats(1, 5_000)),
        draw(st.integers(0, 10**9)),
        draw(st.integers(1, 60)),
        draw(st.integers(2, 20)),
        draw(st.integers(2, 12)),
        draw(st.integers(1, 12)),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.integers(1, 8)),
        draw(st.integers(1, 8)),
        lambda rows, columns: (rows + block) * (columns + block),
        draw(st.integers(0, 10**8)),
    )


def least_of(work: Work) -> int:
    """What a refusal says is the least."""
    with pytest.raises(InputError) as caught:
        plan_memory(work, 10**8, insisted=True)
    found = re.search(r"at least (\S+):", str(caught.value))
    assert found
    return bytes_of(found[1])


@given(works(), st.integers(10**8, 50 * GB))
def test_a_plan_is_never_above_what_is_asked_for(work: Work, asked: int) -> None:
    try:
        plan = plan_memory(work, asked, insisted=True)
    except InputError:
        assert plan_memory(work, asked).planned > asked  # without insisting the least one runs
        return
    assert plan.planned <= asked
    mode = ROOMY if plan.side_by_side == 2 else LEAN
    assert plan.planned == needed(work, plan.tile, mode, asked)
    assert plan.cache <= asked // 4
    assert plan.together == mode.together
    assert plan.slower >= 0.999 or plan.tile < ANY.tile
    assert 1 <= plan.depth <= work.threads + work.batch


@given(works(), st.integers(10**8, 20 * GB), st.integers(10**8, 20 * GB))
def test_more_memory_never_computes_more(work: Work, one: int, two: int) -> None:
    less, more = (plan_memory(work, asked) for asked in sorted((one, two)))
    if less.planned <= less.asked and (less.tile >= ANY.tile or work.area != work.extent):
        assert cost(work, more) <= cost(work, less) * (1 + 1e-9)


def cost(work: Work, plan: MemoryPlan) -> float:
    mode = ROOMY if plan.side_by_side == 2 else LEAN
    overlap = overlap_of(work, plan.tile)
    return computed_share(work.extent, work.area, plan.tile, overlap) * mode.slow


@given(works())
def test_what_a_refusal_says_is_enough(work: Work) -> None:
    least = least_of(work)
    assert plan_memory(work, least, insisted=True).planned <= least


@given(works(), st.integers(10**8, 20 * GB), st.integers(1, 64))
def test_the_users_tile_comes_first(work: Work, asked: int, times: int) -> None:
    tile = 32 * times
    whole = -(-max(work.extent.shape) // ANY.stride) * ANY.stride
    assert plan_memory(work, asked, True, tile).tile == min(tile, whole)


@given(works(), st.integers(10**8, 20 * GB), st.integers(1, 4096))
def test_no_tile_is_larger_than_allowed(work: Work, asked: int, most: int) -> None:
    plan = plan_memory(work, asked, max_tile=most)
    if work.card.fixed_tile:
        return
    assert plan.tile % ANY.stride == 0
    assert plan.tile <= max(most, ANY.tile, 2 * work.overlap + ANY.stride)
    assert plan_memory(work, asked).tile <= max(LARGEST, 2 * work.overlap + ANY.stride)


@given(works(), st.integers(10**8, 20 * GB))
def test_the_tiling_and_its_bands_are_those_that_were_planned(work: Work, asked: int) -> None:
    """As wide as planned at most, but for the tile by which a band may be wider."""
    plan = plan_memory(work, asked)
    overlap = work.overlap if work.own_overlap else None
    card = replace(work.card, overlap=work.overlap)
    if work.card.fixed_tile or (overlap or 0) >= ANY.tile:
        return
    grid = Grid(*work.extent.shape)
    tiling = choose_tiling(grid, card, Options.of(overlap=overlap), work.area, plan.tile)
    assert tiling.tile == plan.tile
    assert tiling.overlap == min(overlap_of(replace(work, card=card), plan.tile), plan.tile - 1)
    for band in column_bands(work.area, tiling, plan.band):
        assert band.window.shape[1] <= max(plan.band, 2 * tiling.tile) + tiling.tile


def test_too_little_is_refused_only_where_it_was_asked_for() -> None:
    work = Work(*[Window(0, 0, 9000, 9000)] * 2, ANY, 128, 400.0, 10**7, 3, 7)
    with pytest.raises(InputError, match=r"--max-memory 200MB; expected at least \d+MB: "):
        plan_memory(work, 200 * 10**6, insisted=True)
    plan = plan_memory(work, 200 * 10**6)
    assert plan.planned > plan.asked
    assert plan.side_by_side == 1
    assert plan.slower > 1.15
    assert plan_memory(work, 8 * GB).slower == 1


def test_polygons_of_an_aerial_scene_take_600_mb() -> None:
    """What is planned for landcover-rgb, so that nobody reserves more without a reason."""
    window = Window(0, 0, 4096, 4096)
    work = Work(window, window, ANY, 128, 396.0, 7_713_220, 3, 6, 2, 2, polygons=True)
    assert plan_memory(work, 600 * 10**6, insisted=True).tile >= ANY.tile // 2


def test_what_int8_brings_along_is_planned(tmp_path: Path) -> None:
    """NNCF imports PyTorch: 1,064 MB were taken where 595 were planned."""
    model = make_bundle(tmp_path / "model")
    write_scene(tmp_path / "scene.tif", 64, read_card(model / "card.json"))
    with pytest.raises(InputError, match=r"--max-memory 800MB; expected at least 1\S+GB: "):
        geoseg.predict(
            tmp_path / "scene.tif", model=model, device="cpu", precision="int8", max_memory="800MB"
        )


def test_a_wide_scene_is_traced_from_its_rasters_and_what_that_takes_is_counted() -> None:
    wide = Window(0, 0, 4096, 200_000)
    work = Work(wide, wide, ANY, 128, 396.0, 7_713_220, 3, 6, 2, 2, polygons=True)
    plan = plan_memory(work, 2 * GB, insisted=True)
    assert plan.band < 200_000
    without = plan_memory(replace(work, polygons=False), 2 * GB)
    strips = 3 * 2 * 512 * 200_000  # of classes and confidence
    assert needed(work, 256, LEAN, 2 * GB) > strips
    assert plan.planned - strips < 2 * GB
    assert without.tile >= plan.tile


def test_a_pooling_network_keeps_its_tile() -> None:
    fixed = replace(ANY, fixed_tile=True)
    work = Work(*[Window(0, 0, 9000, 9000)] * 2, fixed, 128, 400.0, 10**7, 3, 7)
    assert {plan_memory(work, size).tile for size in (10**8, GB, 9 * GB)} == {512}


@given(st.integers(10**8, 10**13))
def test_sizes_are_read_as_they_are_said(size: int) -> None:
    assert bytes_of(size_text(size)) == pytest.approx(size, rel=0.005)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("600MB", 600 * 10**6),
        ("2GB", 2 * GB),
        ("2 gb", 2 * GB),
        ("1.5GiB", 3 << 29),
        ("512MiB", 1 << 29),
        ("1G", GB),
        ("250000000", 250_000_000),
    ],
)
def test_sizes_of_memory(text: str, size: int) -> None:
    assert Options.of(max_memory=text).compute.max_memory == size
    assert Options.of(max_memory=size).compute.max_memory == size


@pytest.mark.parametrize(
    "text", ["", "GB", "-2GB", "2XB", "1e3MB", "nan", "99MB", "2GB 3GB", "٣GB", "9" * 40, True, 5]
)
def test_what_is_no_size_is_refused(text: object) -> None:
    with pytest.raises(InputError, match="--max-memory"):
        Options.of(max_memory=text)


def test_cropped_tiles_are_planned_alike() -> None:
    tiling = choose_tiling(Grid(5000, 5000), ANY, Options.of(overlap_policy="crop"), None, 640)
    assert tiling == Tiling(5000, 5000, 640, 128, True)
