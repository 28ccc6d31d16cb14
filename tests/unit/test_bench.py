"""Measurements: what is counted is right, a child process brings its result back, and tables say
what was measured.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from types import ModuleType

import pytest
import rasterio
from bundles import make_bundle
from cards import S2
from click.testing import CliRunner
from commands import ROOT, environment

from geoseg.bench import limits as limits_module
from geoseg.bench.child import measure
from geoseg.bench.energy import energy_used
from geoseg.bench.limits import Limits
from geoseg.bench.rounds import Bench, Results, middle, plan_bench, ratio, to_dict
from geoseg.bench.scene import write_scene
from geoseg.bench.tables import Table, bar, disturbed, markdown, tables
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
    assert found.precision == "fp32"
    assert found.limits
    assert found.limits.fp32 > 1e8  # the slowest of processors
    assert found.limits.bandwidth > 1e7
    assert (found.operations is None) == idle
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
    assert "| blend | 512 / 128 | 1.88 | 4.00 (4.00-8.00) | 2.00 | 2.000 | 4.00 |" in text
    assert "| crop | 5.33 | 4.00 | 500 |" in text
    assert "| geoseg | 500 | 500 |" in text
    assert len(to_dict(planned, results)["geoseg blend"]["rounds"]) == 3


def test_a_made_up_scene_is_measured_in_the_fastest_precision_whatever_the_check_says() -> None:
    for scene, known in (("a.tif", {"min_agreement": 0.0}), ("scene.tif", {})):
        task = plan_bench([scene], SIZES, "landcover-rgb", {}).timed["geoseg blend, precision auto"]
        assert task.options == {"precision": "auto"} | known


LIMITS = Limits(1e11, 4e11, 1e10)


@pytest.mark.parametrize(
    ("rounds", "told"),
    [
        ([{}, {"seconds": 8.0}], False),
        ([{"limits": LIMITS, "operations": 4e11}] * 2, False),
        ([{"bare": 5.0}], True),  # longer than the run of 4 s that it is a part of
        ([{"limits": LIMITS, "operations": 5e11}], True),
        ([{"limits": LIMITS, "operations": 5e11, "precision": "bf16"}], False),
        ([{"limits": LIMITS}, {"limits": replace(LIMITS, fp32=2e11)}], True),
    ],
)
def test_figures_that_cannot_be_are_told(rounds: list[dict[str, object]], told: bool) -> None:
    plain = replace(RESULT, seconds=4.0, bare=2.0, precision="fp32")
    found = [replace(plain, **each) for each in rounds]  # type: ignore[arg-type]
    assert disturbed({"geoseg blend": found, "machinery blend": [plain]}) == told


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


def package(folder: Path, name: str, number: str, joules: float, most: int = 1000) -> Path:
    """A counter as Linux shows it, which begins anew at `most` joules."""
    zone = folder / number
    zone.mkdir(parents=True)
    (zone / "name").write_text(f"{name}\n")
    (zone / "max_energy_range_uj").write_text(f"{most * 1_000_000}\n")
    (zone / "energy_uj").write_text(f"{joules * 1e6:.0f}\n")
    return zone / "energy_uj"


def test_energy_is_that_of_all_packages_and_nothing_twice(tmp_path: Path) -> None:
    one = package(tmp_path, "package-0", "intel-rapl:0", 100)
    other = package(tmp_path, "package-1", "intel-rapl:1", 990)
    package(tmp_path, "core", "intel-rapl:0:0", 5)  # a part of package 0
    package(tmp_path, "psys", "intel-rapl:2", 5)  # the whole machine
    package(tmp_path, "package-0", "intel-rapl-mmio:0", 5)  # package 0, seen in another way
    (tmp_path / "intel-rapl").mkdir()
    with energy_used(tmp_path, 1000) as energy:
        one.write_text("130000000")
        other.write_text("20000000")  # it began anew: 10 to its end, and 20
    assert energy.joules == 30 + 10 + 20


def test_counters_that_begin_anew_more_than_once_are_looked_at_often(tmp_path: Path) -> None:
    counter = package(tmp_path, "package-0", "intel-rapl:0", 0, most=100)
    with energy_used(tmp_path, 1000) as energy:
        for joules in (60, 20, 80, 40):
            counter.write_text(str(joules * 1_000_000))
            energy.look()
    assert energy.joules == 240


def test_energy_that_is_not_told_is_none(tmp_path: Path) -> None:
    with energy_used(tmp_path / "none") as energy:
        pass
    assert energy.joules is None
    counter = package(tmp_path, "package-0", "intel-rapl:0", 0)
    with energy_used(tmp_path, 1000) as energy:
        counter.unlink()
    assert energy.joules is None
    package(tmp_path, "package-1", "intel-rapl:1", 0).write_text("")
    with energy_used(tmp_path) as energy:
        pass
    assert energy.joules is None


def test_the_table_of_limits_tells_how_near_each_run_comes() -> None:
    limits = Limits(100e9, 200e9, 30e9)
    one = replace(RESULT, operations=160e9, precision="fp32", limits=limits)
    results = {
        "geoseg blend": [one, replace(one, seconds=2.0), replace(one, seconds=8.0)],
        "geoseg blend, precision auto": [replace(one, precision="bf16", joules=32.0)],
        "geoseg crop": [replace(one, precision="int8")],
        "machinery blend": [RESULT],
    }
    title, rows = tables(results)[0]
    assert "fp32 100 (100-100) GFLOP/s, bf16 200 (200-200) GFLOP/s; memory 30 (30-30) GB/s" in title
    assert "energy" not in title
    # 160 GFLOP on 16 Mpx; in 4 s 40 GFLOP/s, of 100
    assert rows[1] == (
        "blend", "fp32", "10", "40", "40 (20-80) %", "########............", "",
    )  # fmt: skip
    assert rows[2] == (
        "blend, precision auto", "bf16", "10", "40", "20 %", "####................", "2.0",
    )  # fmt: skip
    assert rows[3][2:6] == ("10", "40", "", "")  # of int8 no limit is measured
    title, rows = tables({"geoseg blend": results["geoseg blend"]})[0]
    assert "energy: the processor tells none here" in title
    assert len(rows[0]) == len(rows[1]) == 6


def test_bars_stay_within_their_length() -> None:
    assert [bar(share) for share in (-1, 0, 1, 2)] == [
        bar(0), "." * 20, "#" * 20, "#" * 20,
    ]  # fmt: skip


def test_more_memory_than_the_caches_hold_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits_module, "CACHE", tmp_path / "size")
    assert limits_module.array_bytes() == limits_module.LEAST
    (tmp_path / "size").write_text("98304K\n")
    assert limits_module.array_bytes() == 192 << 20
    assert limits_module.bandwidth(8 * 1001) > 0  # an odd number of pieces


def test_results_come_back_as_they_went() -> None:
    found = replace(RESULT, limits=Limits(1.0, None, 2.0), operations=3.0)
    program = f"import json, sys; sys.stdin.read(); print(json.dumps({asdict(found)!r}))"
    assert run_task(Task("geoseg", ("a.tif",), "m"), ("-c", program)) == found


@pytest.mark.process
def test_two_benches_at_once_do_not_meet(bundle: str, tmp_path: Path) -> None:
    command = [
        *(sys.executable, "-m", "geoseg", "bench", "--model", bundle, "--sides", "300"),
        *("--rounds", "1", "--tile", "128", "--overlap", "16", "--device", "cpu", "--quiet"),
    ]
    # one cache, empty, for both; and one folder for their scenes
    place = environment() | {"GEOSEG_CACHE": str(tmp_path / "cache"), "TMPDIR": str(tmp_path)}
    files = [tmp_path / f"{i}.json" for i in range(2)]
    started = [
        subprocess.Popen(
            [*command, "--json", str(file)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=place,
        )
        for file in files
    ]
    for process, file in zip(started, files, strict=True):
        out, err = process.communicate(timeout=600)
        assert process.returncode == 0, err
        assert "GFLOP/s" in out
        results = json.loads(file.read_text())["results"]
        assert results["geoseg blend"]["rounds"][0]["limits"]["fp32"] > 0
    assert not list(tmp_path.glob("geoseg-bench-*"))
