"""Seams: two shifted tilings agree where the network sees one pixel alone, and differ where it
sees its window.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from bundles import make_bundle
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rasters import colours, write

from geoseg.cli.seams import seams
from geoseg.core.card import read_card, write_card
from geoseg.core.errors import InputError
from geoseg.core.events import Event, Warned, silent
from geoseg.core.grid import Tiling, Window
from geoseg.core.job import Job
from geoseg.core.options import Options
from geoseg.core.tiling import choose_tiling
from geoseg.evaluation.seams import EDGES, distances, mapped, measure_seams, places
from geoseg.models import find_model
from geoseg.models.protocol import Model
from geoseg.prediction.run import load_run
from geoseg.scene.source import open_raster

METRE = (1.0, 0.0, 500_000.0, 0.0, -1.0, 5_000_000.0)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bundle(tmp_path_factory.mktemp("bundle"))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("scene") / "scene.tif"
    return write(path, colours(300, 280), ["red", "green", "blue"], transform=METRE)


@given(
    st.integers(1, 2000),
    st.integers(1, 2000),
    st.integers(8, 300),
    st.floats(0, 0.9),
    st.integers(1, 4_000_000),
)
def test_two_places_of_one_size_inside_the_scene(
    height: int, width: int, tile: int, share: float, limit: int
) -> None:
    tiling = Tiling(height, width, tile, int(tile * share))
    stride = tile - tiling.overlap
    try:
        one, other = places(tiling, limit)
    except InputError:
        assert min(height, width) < tile + stride + stride // 2
        return
    assert one.shape == other.shape
    assert (other.top - one.top, other.left - one.left) == (stride // 2, stride // 2)
    assert min(*one.shape) >= tile + stride
    assert all((side - tile) % stride == 0 for side in one.shape)
    assert min(one.top, one.left) >= 0
    assert other.bottom <= height
    assert other.right <= width
    assert Tiling(*one.shape, tile, tiling.overlap).tops == list(
        range(0, one.shape[0] - tile + 1, stride)
    )


def test_distances_are_those_to_the_middles_of_overlaps() -> None:
    """Windows of 8 px, overlap 2: borders lie at 7 and 13 of the first tiling, at 10 and 16 of
    the second.
    """
    tilings = Window(0, 0, 20, 20), Window(3, 3, 23, 23)
    common = tilings[0].clip(tilings[1])
    found = distances(common, tilings, tile=8, stride=6)
    borders = (7, 13, 10, 16)
    alone = [min(min(abs(p - b), abs(p + 1 - b)) for b in borders) for p in range(3, 20)]
    assert np.array_equal(found, np.minimum.outer(alone, alone))


def measure(bundle: Path, scene: str, **options: object) -> dict:
    return measure_seams(
        (scene,), str(bundle), Options.of(tile=64, device="cpu", **options)
    ).to_dict()


def test_a_window_sees_its_surroundings(bundle: Path, scene: str) -> None:
    found = measure(bundle, scene, overlap=16)
    assert found["all"]["differ"] > 0
    assert found["all"]["pixels"] == sum(row["pixels"] for row in found["bins"])
    assert found["all"]["pixels"] == found["near"]["pixels"] + found["away"]["pixels"]
    assert [row["start"] for row in found["bins"]] == list(EDGES)
    assert (found["tile"], found["overlap"], found["shift"]) == (64, 16, 24)


class PixelAlone(Model):
    """A model of 1 x 1 convolutions, in numpy: it sees no neighbours, hence knows no windows."""

    device = "cpu"

    def __init__(self, labels: int) -> None:
        self.weights = np.random.default_rng(0).normal(0, 0.02, (labels, 3)).astype(np.float32)

    def __call__(self, pixels: np.ndarray, valid: np.ndarray) -> np.ndarray:
        scores = np.exp(
            np.einsum("lb,nbrc->nlrc", self.weights, self.see(pixels.astype(np.float32)))
        )
        return scores / scores.sum(axis=1, keepdims=True)

    def see(self, pixels: np.ndarray) -> np.ndarray:
        return pixels


class Pooled(PixelAlone):
    """One that pools over its whole window."""

    def see(self, pixels: np.ndarray) -> np.ndarray:
        return pixels + 100 * (pixels.mean((2, 3), keepdims=True) - 127)


@pytest.mark.parametrize(("kind", "alike"), [(PixelAlone, True), (Pooled, False)])
def test_a_pixel_alone_knows_no_seams(
    bundle: Path, scene: str, kind: type[PixelAlone], alike: bool
) -> None:
    found, options = find_model(str(bundle)), Options.of(tile=64, overlap=16, device="cpu")
    with open_raster((scene,), found.card, options) as source:
        job = Job((scene,), str(bundle), classes="none.tif", options=options)
        tiling = choose_tiling(source.grid, found.card, options)
        run = load_run(job, found, source, tiling, silent)
        one, other = places(run.tiling, 10**6)
        run = replace(run, model=kind(len(found.card.labels)))
        maps = [mapped(run, place, one.clip(other)) for place in (one, other)]
    assert len(np.unique(maps[0])) > 1
    assert np.array_equal(*maps) == alike


def test_the_command_prints_a_table_and_the_same_numbers_as_json(
    bundle: Path, scene: str, tmp_path: Path
) -> None:
    arguments = [
        scene,
        "--model",
        str(bundle),
        "--tile",
        "64",
        "--overlap",
        "16",
        "--device",
        "cpu",
    ]
    arguments += ["--overlap-policy", "crop", "--engine", "torch"]
    text = CliRunner().invoke(
        seams, [*arguments, "--chart", str(tmp_path / "seams.png")], catch_exceptions=False
    )
    lines = text.output.splitlines()
    assert "windows of 64 px that overlap by 16 (crop)" in lines[0]
    data = json.loads(
        CliRunner().invoke(seams, [*arguments, "--json"], catch_exceptions=False).stdout
    )
    assert f"{data['all']['share']:.3%}" in next(line for line in lines if line.startswith("all"))
    assert f"{data['near']['share']:.2%} within 32 px" in lines[-1]
    assert (tmp_path / "seams.png").read_bytes().startswith(b"\x89PNG")


def test_a_scene_that_is_too_small_is_refused(bundle: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", colours(100, 300), ["red", "green", "blue"], transform=METRE)
    with pytest.raises(InputError, match=r"too small.*at least \d+ px"):
        measure_seams((path,), str(bundle), Options.of(device="cpu", tile=64))


def test_a_scene_that_is_small_for_its_own_windows_is_compared_with_the_models(
    tmp_path: Path,
) -> None:
    bundle = make_bundle(tmp_path / "bundle")
    write_card(replace(read_card(bundle / "card.json"), fixed_tile=False), bundle / "card.json")
    path = write(tmp_path / "a.tif", colours(140, 140), ["red", "green", "blue"], transform=METRE)
    told: list[Event] = []
    assert (
        measure_seams((path,), str(bundle), Options.of(device="cpu"), report=told.append).tile == 64
    )
    assert any(isinstance(event, Warned) and "no room" in event.text for event in told)
