"""Faults of what a batch stands on, a disk that is full and a server that is busy: what can pass
is tried again.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from batches import (
    COUNT,
    content,
    do,
    done_twice,
    leftovers,
    planned,
    record,
    same_as_undisturbed,
    state,
)
from range_server import serve

from geoseg.batches.ledger import StorageError
from geoseg.batches.local import Crew
from geoseg.batches.plan import Batch, Recipe
from geoseg.batches.run_settings import RunSettings
from geoseg.batches.work import Tally
from geoseg.core.disk import SPARE
from geoseg.core.events import Event, Warned
from geoseg.core.worker_id import myself


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def fill(disk: Path, left: int) -> Path:
    """Leave so many bytes of a disk."""
    assert disk.is_mount()  # else it would be everybody's
    filler = disk / "filler"
    filler.write_bytes(bytes(shutil.disk_usage(disk).free - left))
    return filler


@pytest.mark.parametrize("small_disk", ["8m"], indirect=True)
@pytest.mark.parametrize("left", [0, 4096, 16384, SPARE // 2])
def test_a_full_disk_ends_a_worker_and_fails_no_scene(
    home: Path, small_disk: Path, left: int
) -> None:
    batch = planned(home, small_disk / "out")
    filler = fill(small_disk, left)
    with pytest.raises(StorageError, match="free some space"):
        do(batch)
    found = state(small_disk / "out")
    assert found["failed"] == found["claims"] == set()
    assert not leftovers(small_disk / "out")
    filler.unlink()
    assert do(batch) == Tally(done=COUNT - len(found["done"]))
    same_as_undisturbed(home, small_disk / "out")
    assert not done_twice(small_disk / "out")


def test_a_server_that_was_busy_is_asked_again(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GDAL_HTTP_MAX_RETRY", "0")
    shutil.copytree(home / "scenes", tmp_path / "scenes")
    busy, heard = tmp_path / "scenes/busy", []

    def report(event: Event) -> None:
        if isinstance(event, Warned):
            heard.append(event.text)
            busy.unlink(missing_ok=True)

    with serve(tmp_path / "scenes") as server:
        batch = planned(
            home, tmp_path / "out", *(f"{server.url}/scene{i}.tif" for i in range(COUNT))
        )
        busy.touch()
        assert do(batch, report=report) == Tally(done=COUNT)
    assert len(heard) == 1
    assert "it will be tried again" in heard[0]
    same_as_undisturbed(home, tmp_path / "out")


def test_of_items_on_a_server_one_is_late_and_one_is_missing(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read by ranges; 503 twice, and then the scene; 404 fails alone."""
    monkeypatch.setenv("GDAL_HTTP_MAX_RETRY", "0")
    scenes = Path(shutil.copytree(home / "scenes", tmp_path / "scenes"))
    (scenes / "scene1.tif.503").write_text("2")
    (scenes / "scene3.tif").rename(tmp_path / "late.tif")
    heard: list[str] = []

    def report(event: Event) -> None:
        if isinstance(event, Warned):
            heard.append(event.text)

    with serve(scenes) as server:
        url = server.url.removeprefix("/vsicurl/")
        batch = planned(home, tmp_path / "out", str(write_items(tmp_path / "items.json", url)))
        assert do(batch, report=report) == Tally(done=COUNT - 1, failed=1)
        assert 206 in {status for status, _, _ in server.requests()}
        assert any("scene1" in text and "503" in text and "tried again" in text for text in heard)
        failed = record(tmp_path / "out", "failed", "scene3")
        assert "404" in failed["reason"]
        (tmp_path / "late.tif").rename(scenes / "scene3.tif")
        assert do(batch, "later") == Tally(done=1)
    local = write_items(tmp_path / "local.json", str(home / "scenes"))
    assert do(planned(home, tmp_path / "maps", str(local))) == Tally(done=COUNT)
    same_as_undisturbed(tmp_path, tmp_path / "out")


def write_items(path: Path, url: str) -> Path:
    """Write an ItemCollection of the scenes in a folder, or on a server."""
    bands = [{"name": name} for name in ("red", "green", "blue")]
    items = [
        {
            "type": "Feature",
            "stac_version": "1.1.0",
            "id": f"scene{i}",
            "geometry": None,
            "links": [],
            "properties": {},
            "assets": {"image": {"href": f"{url}/scene{i}.tif", "bands": bands}},
        }
        for i in range(COUNT)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": items}))
    return path


def test_a_server_that_stays_busy_is_asked_a_set_number_of_times(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GDAL_HTTP_MAX_RETRY", "0")
    shutil.copytree(home / "scenes", tmp_path / "scenes")
    with serve(tmp_path / "scenes") as server:
        batch = planned(home, tmp_path / "out", f"{server.url}/scene0.tif")
        (tmp_path / "scenes/busy").touch()
        assert do(batch) == Tally(failed=1)
        failed = record(tmp_path / "out", "failed", "scene0")
        assert failed["tries"] == 3
        assert "503" in failed["reason"]
        (tmp_path / "scenes/busy").unlink()
        assert do(batch, "later") == Tally(done=1)
    assert content(tmp_path / "out/scene0.tif") == content(home / "maps/scene0.tif")
    assert "tries" not in record(tmp_path / "out", "done", "scene0")


def test_each_process_has_a_gpu_and_a_share_of_the_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "8")
    crew = Crew(
        RunSettings(Batch(tmp_path, Recipe()), "r", workers=4, devices=("0", "GPU-5d1e")),
        lambda event: None,
    )
    found = [crew._environment(index) for index in (1, 2, 3, 4)]
    assert [one["CUDA_VISIBLE_DEVICES"] for one in found] == ["0", "GPU-5d1e"] * 2
    assert {one["OMP_NUM_THREADS"] for one in found} == {"2"}
    alone = Crew(
        RunSettings(Batch(tmp_path, Recipe()), "r", workers=16), lambda event: None
    )._environment(1)
    assert alone["OMP_NUM_THREADS"] == "1"
    assert alone.get("CUDA_VISIBLE_DEVICES") == os.environ.get("CUDA_VISIBLE_DEVICES")
    assert myself().pid == os.getpid()
