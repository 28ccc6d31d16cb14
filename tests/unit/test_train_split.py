"""The split is by place: whole scenes, or blocks of the ground with a guard around what is held
out.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasterio.crs import CRS
from rasters import UTM33, colours, write

from geoseg.core.errors import InputError
from geoseg.core.grid import Grid, Window
from geoseg.training.config import Config, DataConfig
from geoseg.training.parse import parse
from geoseg.training.places import name_places
from geoseg.training.samples import Pool
from geoseg.training.scene_label import make_reading
from geoseg.training.sources import Sample
from geoseg.training.split import (
    PARTS,
    Parts,
    blocks_of,
    draw_places,
    share_out,
    write_split,
)

UTM, DEGREES = CRS.from_epsg(32633).to_wkt(), CRS.from_epsg(4326).to_wkt()


def grid(
    rows: int, columns: int, x: float = 500_000, y: float = 5_000_000, size: float = 10.0
) -> Grid:
    return Grid(rows, columns, (size, 0.0, x, 0.0, -size, y), UTM)


def cut(grids: list[Grid], data: DataConfig, place: str = "here", seed: int = 1) -> Parts:
    samples = [Sample(f"{i}.tif", f"l{i}.tif", place) for i in range(len(grids))]
    return share_out(samples, grids, data, seed, lambda index, window: True)


SHARED = DataConfig(samples="x", validation=0.2, test=0.1, block=32, guard=10)


@given(
    st.integers(60, 300),
    st.integers(60, 300),
    st.integers(16, 50),
    st.integers(0, 20),
    st.integers(0, 9),
)
def test_blocks_share_a_scene_out_and_keep_their_distance(
    rows: int, columns: int, block: int, guard: int, seed: int
) -> None:
    data = replace(SHARED, block=block, guard=guard)
    try:
        parts = cut([grid(rows, columns)], data, seed=seed)
    except InputError as error:
        assert "fill only" in error.found  # noqa: PT017 - too small a scene for three parts
        return
    owner = np.zeros((rows, columns), int)
    for number, part in enumerate(PARTS, 1):
        for window in parts[part][0].blocks:
            assert not owner[window.within(Window(0, 0, rows, columns))].any()
            owner[window.within(Window(0, 0, rows, columns))] = number
    assert owner.all()
    usable = owner == 1
    for window in parts["training"][0].barred:
        usable[window.clip(Window(0, 0, rows, columns)).within(Window(0, 0, rows, columns))] = False
    held = np.argwhere(owner != 1)
    for row, column in np.argwhere(usable)[:: max(1, usable.sum() // 50)]:
        assert np.abs(held - (row, column)).max(axis=1).min() > guard


def test_blocks_lie_on_the_ground_whatever_the_scene() -> None:
    """A finer scene that lies elsewhere in the place has its blocks where those of the first one
    lie.
    """
    first, other = grid(200, 200), grid(300, 260, 500_333, 4_999_777, 5.0)
    parts = cut([first, other], SHARED)
    for part in PARTS:
        for share in parts[part]:
            own = first if share.sample.scene == "0.tif" else other
            for window in share.blocks:
                x, y = own.xy((window.top + window.bottom) / 2, (window.left + window.right) / 2)
                row, column = int((5_000_000 - y) / 320), int((x - 500_000) // 320)
                inside = Window(row * 32, column * 32, row * 32 + 32, column * 32 + 32)
                mine = parts[part][0].blocks if parts[part][0].sample.scene == "0.tif" else ()
                if 0 <= column < 6 and 0 <= row < 6:
                    assert inside in mine


@given(
    st.integers(-500, 500),
    st.integers(-500, 500),
    st.sampled_from([5.0, 10.0, 15.0]),
    st.integers(20, 90),
)
def test_blocks_cover_each_scene(x: int, y: int, size: float, block: int) -> None:
    own = grid(70, 90, 500_000 + x, 5_000_000 + y, size)
    seen = np.zeros((70, 90), bool)
    for window in blocks_of(own, grid(50, 50), block).values():
        seen[window.within(own.extent)] = True
    assert seen.all()


@given(st.integers(3, 20), st.floats(0.05, 0.5), st.integers(0, 5))
def test_places_are_drawn_to_about_their_share(count: int, share: float, seed: int) -> None:
    places = [f"p{i}" for i in range(count)]
    drawn = draw_places(places, dict.fromkeys(places, 1.0), {"validation": share}, seed)
    assert sorted(drawn["training"] | drawn["validation"]) == sorted(places)
    assert drawn["training"]
    assert abs(len(drawn["validation"]) - max(1, share * count)) <= 0.5 + 1e-9
    assert drawn == draw_places(places, dict.fromkeys(places, 1.0), {"validation": share}, seed)


def test_many_places_are_not_cut() -> None:
    samples = [Sample(f"{i}.tif", "", f"p{i}") for i in range(5)]
    parts = share_out(samples, [grid(50, 50)] * 5, DataConfig(samples="x"), 1, lambda i, w: True)
    assert not any(share.blocks for shares in parts.values() for share in shares)
    assert [len(parts[part]) for part in PARTS] == [4, 1, 0]


def test_scenes_on_one_ground_are_one_place() -> None:
    far = Grid(50, 50, (0.0001, 0.0, 10.0, 0.0, -0.0001, 50.0), DEGREES)
    grids = [grid(50, 50), far, grid(50, 50, 500_400), grid(50, 50, 501_100), Grid(50, 50)]
    samples = [Sample(f"s{i}.tif", "") for i in range(5)]
    assert [s.place for s in name_places(samples, grids, 0)] == ["s0", "s1", "s0", "s3", "s4"]
    assert [s.place for s in name_places(samples, grids, 64)] == ["s0", "s1", "s0", "s0", "s4"]
    named = [replace(samples[0], place="mine"), *samples[1:]]
    assert [s.place for s in name_places(named, grids, 0)] == ["mine", "s1", "s2", "s3", "s4"]


def test_a_place_of_two_crs_is_not_cut() -> None:
    with pytest.raises(InputError, match=r"place 'here' differ in their CRS.*name whole places"):
        cut([grid(90, 90), Grid(50, 50, (0.0001, 0.0, 10.0, 0.0, -0.0001, 50.0), DEGREES)], SHARED)


def test_labels_in_too_few_blocks() -> None:
    samples = [Sample("a.tif", "", "a")]
    with pytest.raises(InputError, match="the labels fill only 1 blocks"):
        share_out(
            samples, [grid(99, 99)], SHARED, 1, lambda i, window: window.top == window.left == 0
        )


def test_a_pattern_that_names_no_place() -> None:
    with pytest.raises(
        InputError, match=r"no place is named by data.test = \['x\*'\]; expected such as here"
    ):
        cut([grid(99, 99)], replace(SHARED, test=["x*"]))


@pytest.fixture
def scene(tmp_path: Path) -> Config:
    """One scene of 256 x 256 px whose class is told by its red, all labelled."""
    pixels = colours(256, 256)
    pixels[0] |= 1
    write(tmp_path / "scene.tif", pixels, photometric="rgb")
    write(tmp_path / "label.tif", pixels[:1] // 128)
    return parse(
        {
            "data": {"scenes": ["scene.tif"], "labels": ["label.tif"], "block": 64, "guard": 20},
            "classes": [{"value": 0, "name": "dark"}, {"value": 1, "name": "light"}],
            "bands": [{"name": name, "common_name": name} for name in ("red", "green", "blue")],
            "card": {
                "name": "two",
                "description": "x",
                "dtypes": ["uint8"],
                "gsd": 10.0,
                "gsd_range": [5.0, 20.0],
                "scale": 1.0,
            },
            "network": {"architecture": "unet", "hyperparameters": {"encoder": "small"}},
        },
        tmp_path,
    )


def test_a_part_sees_its_own_and_nothing_else(scene: Config, tmp_path: Path) -> None:
    sample = Sample(str(tmp_path / "scene.tif"), str(tmp_path / "label.tif"), "here")
    own = Grid(256, 256, UTM33, UTM)
    parts = share_out([sample], [own], scene.data, 1, lambda i, w: True)
    pools = {
        part: Pool(shares, scene.draft(), make_reading(scene), part)
        for part, shares in parts.items()
        if shares
    }
    held = pools["validation"].pairs[0].read(own.extent)
    learned = pools["training"].pairs[0].read(own.extent)
    held_mask = held.target.any(axis=0)
    assert held.valid.all()
    assert (
        held_mask.sum()
        == pools["validation"].counts.sum()
        == sum(b.area for b in parts["validation"][0].blocks)
    )
    assert not (learned.valid & held_mask).any()
    assert np.array_equal(learned.valid, learned.target.any(axis=0))
    rng = np.random.default_rng(0)
    for _ in range(40):  # no crop holds a pixel within the guard, whatever is drawn
        crop = pools["training"].draw(rng, 32, 0.5, 0.2, 1.0)[0]
        assert not crop.target[:, ~crop.valid].any()
        assert crop.target.any()


def test_the_split_is_written_down(tmp_path: Path) -> None:
    parts = cut([grid(200, 200)], SHARED)
    said = write_split(tmp_path, parts, {"0.tif": grid(200, 200)})
    assert said["by"] == "blocks, with a guard of 10 pixels"
    written = json.loads((tmp_path / "split.json").read_text())
    assert written["validation"]["scenes"][0]["guard"] == 10
    assert written["validation"]["scenes"][0]["blocks"] == [
        [b.top, b.left, b.bottom, b.right] for b in parts["validation"][0].blocks
    ]
    drawn = json.loads((tmp_path / "split.geojson").read_text())["features"]
    assert len(drawn) == sum(len(share.blocks) for shares in parts.values() for share in shares)
    longitude, latitude = drawn[0]["geometry"]["coordinates"][0][0]
    assert 14.9 < longitude < 15.1
    assert 45 < latitude < 45.2
