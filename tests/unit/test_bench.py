"""Measurements: what is counted is right, a child process brings its result back, and tables say
what was measured.
"""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
import rasterio
from bundles import make_bundle
from cards import S2
from click.testing import CliRunner
from commands import ROOT

from geoseg.bench.child import measure
from geoseg.bench.rounds import Bench, Results, middle, plan_bench, ratio, to_dict
from geoseg.bench.scene import write_scene
from geoseg.bench.tables import Table, markdown, tables
from geoseg.bench.task import Result, Task, run_task
from geoseg.cli.bench import bench, read_sides
from geoseg.core.card import read_card
from geoseg.core.errors import InputError, RunError
from geoseg.core.machine import machine_line, peak_rss

SIDE, TILE, OVERLAP = 200, 64, 16
OPTIONS = {"tile": TILE, "overlap": OVERLAP, "device": "cpu", "engine": "torch"}


def load(name: str) -> ModuleType:
    """Return a script of benchmarks/, which stands outside the package."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "benchmarks"))
        return importlib.import_module(name)


peers, peer_programs = load("peers"), load("peer_programs")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(make_bundle(tmp_path_factory.mktemp("bundle")))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, bundle: str) -> str:
    path = tmp_path_factory.mktemp("scene") / "scene.tif"
    write_scene(path, SIDE, read_card(Path(bundle) / "card.json"))
    return str(path)


@pytest.mark.parametrize("idle", [False, True])
def test_what_is_counted_is_the_scene_and_its_windows(bundle: str, scene: str, idle: bool) -> None:
    found = measure(Task("geoseg", (scene,), bundle, OPTIONS, idle=idle, bare=True))
    assert found.pixels == SIDE * SIDE
    assert found.forward == 16 * TILE * TILE  # four windows a side: 200 = 64 + 3 x 45.3
    assert 0 < found.machinery <= found.seconds
    assert found.bare is not None
    assert found.bare > 0
    assert (found.tile, found.overlap) == (TILE, OVERLAP)
    assert found.device.startswith("cpu")


def test_a_scene_of_one_tile_is_measured(bundle: str, scene: str) -> None:
    found = measure(Task("geoseg", (scene,), bundle, OPTIONS | {"tile": 256}, bare=True))
    assert found.forward == found.tile**2  # one tile, no larger than the scene needs
    assert found.bare


def test_a_loop_over_rasterio_counts_what_went_through_it(bundle: str, scene: str) -> None:
    task = peers.PeerTask("rasterio loop", (scene,), bundle, OPTIONS, idle=True)
    found = peer_programs.PROGRAMS[task.program](task)
    assert (found.forward, found.pixels) == (16 * TILE * TILE, SIDE * SIDE)


@pytest.mark.filterwarnings("ignore")  # the peers' own code warns
@pytest.mark.parametrize("program", ["omnicloudmask", "monai", "geo-inference"])
def test_peers_that_are_installed(bundle: str, scene: str, program: str) -> None:
    if program not in peers.installed():
        pytest.skip(f"{program} is not installed: peers are never a dependency")
    task = peers.PeerTask(program, (scene,), bundle, OPTIONS, idle=True)
    found = peer_programs.PROGRAMS[program](task)
    assert found.pixels == SIDE * SIDE
    assert found.forward >= found.pixels


@pytest.mark.process
def test_a_child_process_brings_its_result_back(bundle: str, scene: str) -> None:
    found = run_task(Task("geoseg", (scene,), bundle, OPTIONS))
    assert (found.pixels, found.bare) == (SIDE * SIDE, None)
    assert 50 < found.peak < 5000


@pytest.mark.process
def test_a_peer_is_measured_in_a_process_of_its_own(bundle: str, scene: str) -> None:
    found = peers.run(peers.PeerTask("rasterio loop", (scene,), bundle, OPTIONS, allocator=True))
    assert (found.pixels, found.bare) == (SIDE * SIDE, None)


@pytest.mark.process
def test_a_child_that_fails_says_why() -> None:
    with pytest.raises(
        RunError, match=r"measurement of geoseg failed: .*no/scene\.tif does not exist"
    ):
        run_task(Task("geoseg", ("no/scene.tif",), "landcover-rgb"))


def test_made_up_scenes_hold_the_cards_values(tmp_path: Path) -> None:
    write_scene(tmp_path / "a.tif", 600, S2)
    with rasterio.open(tmp_path / "a.tif") as raster:
        assert raster.descriptions == S2.band_names
        assert raster.block_shapes == [(512, 512)] * 9
        pixels = raster.read()
    for band, values in zip(S2.bands, pixels, strict=True):
        assert band.low * 10_000 - 1 <= values.min() < values.max() <= band.high * 10_000


RESULT = Result(4.0, 3.0, 30_000_000, 16_000_000, 500.0, 512, 128, "cpu", 2.0)


def made(names: Bench) -> dict[str, list[Result]]:
    """Three rounds of results: the second twice as slow as the others, as on a machine that was
    busy then.
    """
    return {
        name: [replace(RESULT, seconds=4.0 * slow, bare=2.0 * slow) for slow in (1, 2, 1)]
        for name in (*names.timed, *names.once)
    }


SIZES = {4096: "a.tif", 10240: "b.tif"}


def lines(found: list[Table]) -> str:
    return "\n".join(title + "\n" + "\n".join(markdown(rows)) for title, rows in found)


def test_tables_have_a_row_for_each_measurement() -> None:
    planned = plan_bench(["scene.tif"], SIZES, "landcover-rgb", {})
    results = made(planned)
    text = lines(tables(results))
    assert "| blend | 512 / 128 | 1.88 | 4.00 | 2.00 | 2.000 | 4.00 |" in text
    assert "| crop | 5.33 | 4.00 | 500 |" in text
    assert "| geoseg | 500 | 500 |" in text
    assert len(to_dict(planned, results)["geoseg blend"]["rounds"]) == 3


def test_peers_have_a_row_for_each_measurement() -> None:
    planned = peers.plan(("scene.tif",), SIZES, "landcover-rgb", {}, ["rasterio loop"])
    results = made(planned)
    text = lines([peers.compared(results)])
    assert "| rasterio loop, at its best | 512 / 128 | 1.88 | 4.00 | 1.00 | 4.00 | 500 |" in text
    assert "| rasterio loop, allocator set |" in text
    data = to_dict(planned, results)
    assert data["same rasterio loop"]["task"]["options"] == {"tile": 512, "overlap": 128}


def test_ratios_are_taken_within_rounds() -> None:
    one = [replace(RESULT, seconds=seconds) for seconds in (2.0, 20.0, 3.0)]
    other = [replace(RESULT, seconds=seconds) for seconds in (1.0, 10.0, 1.0)]
    assert (ratio(one, other), middle(one), middle(one, "peak")) == (2.0, 3.0, 500.0)


def test_rounds_are_interleaved_and_memory_is_measured_once() -> None:
    asked: list[str] = []

    def take(task: Task) -> Result:
        asked.append(task.model)
        return RESULT

    tasks = {name: Task("geoseg", ("a.tif",), name) for name in "abc"}
    steps = list(
        Bench({"a": tasks["a"], "b": tasks["b"]}, {"c": tasks["c"]}).run(2, lambda text: None, take)
    )
    assert "".join(asked) == "ababc"
    assert [sorted(results) for results in steps] == [["a", "b"], ["a", "b"], ["a", "b", "c"]]
    results = steps[-1]
    assert [len(results[name]) for name in "abc"] == [2, 2, 1]


def test_a_peer_that_fails_is_left_out_and_geoseg_is_not() -> None:
    said: list[str] = []

    def take(task: Task) -> Result:
        if task.model == "bad":
            raise RunError(f"the measurement of {task.program} failed: no network")
        return RESULT

    timed = {
        "same monai": Task("monai", ("a.tif",), "bad"),
        "geoseg crop": Task("geoseg", ("a.tif",), "good"),
    }
    *_, results = Bench(timed, {}).run(2, said.append, take)
    assert [len(found) for found in results.values()] == [2]
    assert "same monai is left out" in said[0]
    assert [title for title, _ in tables(results)] == [tables(results)[0][0]]
    with pytest.raises(RunError, match="no network"):
        list(Bench({"a": Task("geoseg", ("a.tif",), "bad")}, {}).run(1, said.append, take))


def test_an_interrupted_run_leaves_its_whole_rounds() -> None:
    taken: list[str] = []

    def take(task: Task) -> Result:
        taken.append(task.model)
        if len(taken) > 3:
            raise KeyboardInterrupt
        return RESULT

    planned = Bench(
        {name: Task("geoseg", ("a.tif",), name) for name in ("geoseg blend", "geoseg crop")},
        {f"memory {side} geoseg": Task("geoseg", ("a.tif",), "c") for side in (10, 20)},
    )
    steps: list[Results] = []
    with pytest.raises(KeyboardInterrupt):
        steps.extend(planned.run(2, lambda text: None, take))
    assert [{name: len(found) for name, found in results.items()} for results in steps] == [
        {"geoseg blend": 1, "geoseg crop": 1}
    ]
    assert len(tables({**steps[0], "memory 10 geoseg": [RESULT], "memory 20 other": [RESULT]})) == 2


def test_the_machine_is_told() -> None:
    line = machine_line()
    assert "cores" in line
    assert "torch" in line
    assert peak_rss() > 50


@pytest.mark.parametrize("text", ["", "big", "0", "4096,-1"])
def test_sides_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="--sides"):
        read_sides(None, None, text)  # type: ignore[arg-type]  # click's own arguments, which it does not look at


def test_the_command_knows_what_it_cannot_do() -> None:
    with pytest.raises(InputError, match="--tile"):
        CliRunner().invoke(bench, ["--tile", "0"], catch_exceptions=False)
