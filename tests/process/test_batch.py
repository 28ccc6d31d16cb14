"""Batches of real scenes and a real network, disturbed in every way that clusters know: nothing
lost, nothing twice.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from batches import (
    COUNT,
    OPTIONS,
    asked,
    content,
    contents,
    do,
    done_twice,
    gone,
    holders,
    leftovers,
    planned,
    rasters,
    record,
    same_as_undisturbed,
    shapes,
    state,
    until,
    write_scene,
    write_scenes,
)
from bundles import make_bundle
from commands import run, start

import geoseg
from geoseg.batches.missing_outputs import forget_missing_outputs
from geoseg.batches.plan import open_batch
from geoseg.batches.scenes import find_scenes
from geoseg.batches.work import Tally
from geoseg.core.errors import InputError
from geoseg.core.events import Noted, Warned


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def test_a_batch_makes_what_predict_makes(home: Path, tmp_path: Path) -> None:
    for i in (0, 3):
        geoseg.predict(
            home / f"scenes/scene{i}.tif",
            tmp_path / "one.tif",
            model=home / "model",
            device="cpu",
            engine="openvino",
            tile=64,
        )
        assert (tmp_path / "one.tif").read_bytes() == (home / f"maps/scene{i}.tif").read_bytes()
        (tmp_path / "one.tif").unlink()
    summary = record(home / "maps", "done", "scene0")["summary"]
    assert summary["pixels"] == 90 * 110
    assert not leftovers(home / "maps")


def test_a_bad_scene_fails_alone_and_is_done_when_it_is_good(home: Path, tmp_path: Path) -> None:
    scenes = write_scenes(tmp_path / "scenes", 3)
    good = (scenes / "scene1.tif").read_bytes()
    (scenes / "scene1.tif").write_bytes(good[: len(good) // 2])
    events = []
    batch = planned(home, tmp_path / "out", f"{scenes}/*.tif")
    assert do(batch, report=events.append) == Tally(done=2, failed=1)
    assert state(tmp_path / "out")["failed"] == {"scene1.json"}
    assert "scene1.tif" in record(tmp_path / "out", "failed", "scene1")["reason"]
    assert sum(isinstance(event, Noted) for event in events) == 2
    assert any(isinstance(event, Warned) and "scene1" in event.text for event in events)
    assert do(batch) == Tally()  # the same run does not try it again
    before = (tmp_path / "out" / "scene0.tif").stat().st_mtime_ns
    (scenes / "scene1.tif").write_bytes(good)
    assert do(batch, "a later run") == Tally(done=1)
    assert state(tmp_path / "out")["failed"] == set()
    assert contents(tmp_path / "out") == {
        f"scene{i}.tif": content(home / f"maps/scene{i}.tif") for i in range(3)
    }
    assert (tmp_path / "out" / "scene0.tif").stat().st_mtime_ns == before


def test_a_worker_stops_between_two_scenes(home: Path, tmp_path: Path) -> None:
    batch = planned(home, tmp_path)
    asks = iter([False, False, False, False])
    tally = do(batch, stop=lambda: next(asks, True))
    assert tally.stopped
    assert 0 < tally.done < COUNT
    assert state(tmp_path)["claims"] == set()
    assert do(batch) == Tally(done=COUNT - tally.done)
    same_as_undisturbed(home, tmp_path)


def test_other_weights_are_not_mixed_in(home: Path, tmp_path: Path) -> None:
    make_bundle(tmp_path / "model", labels=4)
    batch = planned(tmp_path, tmp_path / "out", f"{home}/scenes/scene0.tif")
    make_bundle(tmp_path / "model")
    assert do(batch) == Tally(failed=1)
    assert "weights" in record(tmp_path / "out", "failed", "scene0")["reason"]


@pytest.mark.parametrize("policy", ["blend", "crop"])
def test_regions_join_to_the_bytes_of_one_run(home: Path, tmp_path: Path, policy: str) -> None:
    scene = write_scene(tmp_path / "big.tif", 230, 310, seed=9)
    area = (
        "POLYGON ((402800 4999990, 403080 4999900, 402990 4999800, 402800 4999990))"
        if policy == "crop"
        else None
    )
    zonal = (2, 1) if policy == "crop" else None
    options = OPTIONS.but(overlap_policy=policy, aoi=area, zonal=zonal)
    batch = planned(
        home, tmp_path / "out", str(scene), regions=100, options=options, formats=("gpkg", "tif")
    )
    names = [name for shard in batch.shards() for name in batch.units(shard)]
    assert len(names) > 6
    assert do(batch) == Tally(done=len(names))
    single = tmp_path / "single" / "big.gpkg"
    single.parent.mkdir()
    summary = geoseg.predict(
        scene,
        single,
        raster=single.with_suffix(".tif"),
        model=home / "model",
        device="cpu",
        engine="openvino",
        tile=64,
        overlap_policy=policy,
        aoi=area,
        zonal=zonal,
    ).summary
    assert (tmp_path / "out/big.tif").read_bytes() == single.with_suffix(".tif").read_bytes()
    assert shapes(tmp_path / "out/big.gpkg") == shapes(single)
    joined = record(tmp_path / "out", "done", "big")["summary"]
    assert {name: joined[name] for name in ("pixels", "nodata_pixels", "polygons", "shares")} == {
        name: getattr(summary, name) for name in ("pixels", "nodata_pixels", "polygons", "shares")
    }
    assert not list((tmp_path / "out/.ledger/parts").iterdir())
    assert not leftovers(tmp_path / "out")


def test_a_scene_with_a_bad_region_is_not_joined(home: Path, tmp_path: Path) -> None:
    scene = write_scene(tmp_path / "big.tif", 230, 110, seed=9)
    batch = planned(home, tmp_path / "out", str(scene), regions=100)
    good = scene.read_bytes()
    scene.write_bytes(good[: len(good) // 2])
    tally = do(batch)
    assert tally.failed
    assert not (tmp_path / "out/big.tif").exists()
    scene.write_bytes(good)
    assert not do(batch, "later").failed
    assert (tmp_path / "out/big.tif").exists()


def test_a_killed_worker_is_replaced(home: Path, tmp_path: Path) -> None:
    master = start(*asked(home, tmp_path, "--workers", "1", "--quiet"))
    worker = until(lambda: holders(tmp_path))[0]
    os.kill(worker, signal.SIGKILL)
    _, errors = master.communicate(timeout=300)
    assert master.returncode == 0, errors
    assert "killed by signal 9" in errors
    same_as_undisturbed(home, tmp_path)


def test_a_killed_master_takes_its_workers_along_and_another_goes_on(
    home: Path, tmp_path: Path
) -> None:
    master = start(*asked(home, tmp_path, "--workers", "1", "--quiet"))
    worker = until(lambda: holders(tmp_path))[0]
    master.kill()
    master.communicate()
    until(lambda: gone(worker))
    left = COUNT - len(state(tmp_path)["done"])
    assert do(open_batch(tmp_path), "another") == Tally(done=left)
    same_as_undisturbed(home, tmp_path)


def test_two_masters_share_one_folder(home: Path, tmp_path: Path) -> None:
    master = start(*asked(home, tmp_path, "--workers", "1", "--quiet"))
    other = do(planned(home, tmp_path), "the other")
    _, errors = master.communicate(timeout=300)
    assert master.returncode == 0, errors
    assert other.failed == 0
    same_as_undisturbed(home, tmp_path)
    assert not done_twice(tmp_path)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGUSR1, 75), (signal.SIGTERM, 143)])
def test_a_worker_that_is_told_to_end_leaves_no_claim(
    home: Path, tmp_path: Path, number: int, status: int
) -> None:
    worker = start(*asked(home, tmp_path, "--part", "1/1"))
    until(lambda: holders(tmp_path))
    worker.send_signal(number)
    _, errors = worker.communicate(timeout=300)
    assert worker.returncode == status, errors
    found = state(tmp_path)
    assert found["claims"] == found["failed"] == set()
    assert (status == 75) == bool(found["done"])
    assert not leftovers(tmp_path)
    do(open_batch(tmp_path))
    same_as_undisturbed(home, tmp_path)


def test_status_and_what_is_refused(home: Path, tmp_path: Path) -> None:
    done = run("batch", "status", home / "maps", "--json")
    found = json.loads(done.stdout)
    assert (found["units"], found["done"], found["left"], found["seconds_left"]) == (
        COUNT,
        COUNT,
        0,
        0,
    )
    assert found["speed"] > 0
    refused = run(*asked(home, home / "maps", "--overlap", "8"), "--part", "1/1")
    assert refused.returncode == 2
    assert "--overlap is 8, and was None" in refused.stderr
    assert not list(tmp_path.iterdir())


def test_maps_that_are_gone_are_made_again(home: Path, tmp_path: Path) -> None:
    big = write_scene(tmp_path / "big.tif", 230, 110, seed=9)
    batch = planned(home, tmp_path / "out", str(big), regions=100)
    units = do(batch).done
    assert forget_missing_outputs(batch) == []
    before = rasters(tmp_path / "out")
    (tmp_path / "out/big.gpkg").unlink()
    assert forget_missing_outputs(batch) == ["big"]
    assert do(batch) == Tally(done=units)
    assert rasters(tmp_path / "out") == before
    assert (tmp_path / "out/big.gpkg").exists()


def test_ctrl_c_says_that_what_is_done_stays(home: Path, tmp_path: Path) -> None:
    master = start(*asked(home, tmp_path, "--workers", "1", "--quiet"))
    until(lambda: holders(tmp_path))
    master.send_signal(signal.SIGINT)
    _, errors = master.communicate(timeout=300)
    assert master.returncode == 130
    assert f"what is done in {tmp_path} stays" in errors
    assert state(tmp_path)["claims"] == set()
    assert not leftovers(tmp_path)


def test_lists_and_patterns(tmp_path: Path) -> None:
    write_scenes(tmp_path, 3)
    (tmp_path / "x_B02.jp2").touch()
    (tmp_path / "x_B03.jp2").touch()
    (tmp_path / "list.txt").write_text(
        "# mine\nscene0.tif\n\nx_B02.jp2 x_B03.jp2\nhttps://x/y.tif\n"
    )
    (tmp_path / "list.csv").write_text("id,scene\n1,scene2.tif\n2,scene0.tif\n")
    found = find_scenes(
        [f"{tmp_path}/scene[01].tif", f"{tmp_path}/list.txt", f"{tmp_path}/list.csv"]
    )
    assert [scene.label for scene in found] == ["scene0", "scene1", "x", "y", "scene2"]
    assert found[2].paths == (f"{tmp_path}/x_B02.jp2", f"{tmp_path}/x_B03.jp2")
    for bad in ("nothing*.tif", "nothing.tif"):
        with pytest.raises(InputError):
            find_scenes([str(tmp_path / bad)])


def test_help_of_both_commands() -> None:
    from click.testing import CliRunner

    from geoseg.cli import geoseg as group

    shown = CliRunner().invoke(group, ["batch", "--help"]).output
    assert "--out-dir" in shown
    assert "--min-area" in shown
    assert "--json" in CliRunner().invoke(group, ["batch", "status", "--help"]).output
