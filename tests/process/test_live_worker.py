"""`geoseg live` as a program that QGIS or a page starts: it answers, cancels, goes on after errors,
and ends with its files when stdin does.
"""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bundles import make_bundle
from commands import start
from rasters import colours, write

METRE = (1.0, 0.0, 500_000.0, 0.0, -1.0, 5_000_000.0)
EXTENT = {"bounds": [500_000, 4_999_200, 500_800, 5_000_000], "height": 800, "width": 800}


class Worker:
    """The process, with lines in and out."""

    def __init__(self) -> None:
        self.process = start("live", stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.folder = Path(self.read()["folder"])

    def send(self, *asked: Any) -> None:
        assert self.process.stdin is not None
        for one in asked:
            self.process.stdin.write((one if isinstance(one, str) else json.dumps(one)) + "\n")
        self.process.stdin.flush()

    def read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found

    def end(self) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.read()
        return self.process.wait(60)


@pytest.fixture
def worker() -> Iterator[Worker]:
    found = Worker()
    yield found
    close(found)


def close(worker: Worker) -> None:
    worker.process.kill()
    worker.process.wait()
    for stream in (worker.process.stdin, worker.process.stdout):
        assert stream is not None
        stream.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("live")
    names = ["red", "green", "blue"]
    scene = write(folder / "scene.tif", colours(800, 800), names, transform=METRE)
    model = make_bundle(folder / "model", encoder="resnet18")
    return {"scene": scene, "model": str(model), **EXTENT}


def test_answers_errors_and_the_end(worker: Worker, files: dict[str, Any]) -> None:
    worker.send({"id": 1, **files, "bounds": [500_000, 4_999_900, 500_100, 5_000_000]})
    found = worker.read()
    assert (found["id"], found["model"]) == (1, "test-model")
    assert Path(found["png"]).parent == worker.folder
    assert Path(found["png"]).is_file()
    worker.send("no json", "[1]", {"id": 2, **files, "scene": "missing.tif"}, "")
    answers = [worker.read() for _ in range(3)]
    assert ["no request" in answer["error"]["found"] for answer in answers] == [True, True, False]
    assert answers[2]["id"] == 2
    worker.send({"id": 3, "kind": "segment", "x": 500_050, "y": 4_999_950, **files})
    assert worker.read()["wkt"].startswith("POLYGON")
    assert worker.end() == 0
    assert not worker.folder.exists()


def test_a_newer_request_makes_the_older_one_needless(
    worker: Worker, files: dict[str, Any]
) -> None:
    first = {"id": 1, **files}
    second = {"id": 2, **files, "bounds": [500_000, 4_999_990, 500_010, 5_000_000]}
    other = {"id": 3, "kind": "segment", "x": 500_050, "y": 4_999_950, **files}
    worker.send(first, other, second)
    answers = {answer["id"]: answer for answer in (worker.read() for _ in range(3))}
    assert answers[1]["cancelled"]
    assert "png" in answers[2]
    assert "wkt" in answers[3]


def test_a_request_is_cancelled(worker: Worker, files: dict[str, Any]) -> None:
    worker.send({"id": 1, **files}, {"cancel": 1})
    assert worker.read() == {"id": 1, "kind": "map", "cancelled": True}
    worker.send({"cancel": 1}, {"id": 2, **files, "height": 10, "width": 10})
    assert worker.read()["id"] == 2


def test_the_end_of_stdin_stops_what_is_under_way(worker: Worker, files: dict[str, Any]) -> None:
    worker.send({"id": 1, **files})
    assert worker.end() == 0
    assert not worker.folder.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_its_files(worker: Worker, number: signal.Signals) -> None:
    worker.process.send_signal(number)
    assert worker.process.wait(60) == 128 + number
    assert not worker.folder.exists()


def test_what_a_killed_worker_leaves_goes_when_the_next_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    workers = [Worker(), Worker()]
    try:
        killed, living = workers
        killed.process.kill()
        killed.process.wait()
        (killed.folder / "1.png").write_bytes(b"left")
        workers.append(Worker())
        assert not killed.folder.exists()
        assert living.folder.is_dir()
        assert living.end() == 0
        assert workers[-1].end() == 0
        assert list(tmp_path.iterdir()) == []
    finally:
        for one in workers:
            close(one)
