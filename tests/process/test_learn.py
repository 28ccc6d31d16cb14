"""`geoseg learn` as a process: killed and gone on with, watching, refused, one at a time."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import labelled
import numpy as np
import pytest
import rasterio
from commands import run, start

from geoseg.core.errors import RunError
from geoseg.core.events import silent
from geoseg.labelling.learn import Learning, learn
from geoseg.labelling.workspace import Workspace, add_labels


def events(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def read_until(process: subprocess.Popen[str], kind: str) -> list[dict[str, Any]]:
    """Read what a process tells until it tells of this kind."""
    assert process.stdout is not None
    told = []
    for line in process.stdout:
        told.append(json.loads(line))
        if told[-1]["event"] == kind:
            return told
    raise AssertionError(f"it ended after {told}: {process.stderr and process.stderr.read()}")


def is_whole(workspace: Workspace) -> None:
    """Every model that is there is whole, and so is what names it."""
    for path in workspace.models_path.glob("round-*"):
        assert {"card.json", "model.safetensors", "learned.json"} <= {
            p.name for p in path.iterdir()
        }
    assert workspace.current_model() is not None


def test_rounds_are_told_as_json_and_predict_takes_the_workspace(tmp_path: Path) -> None:
    workspace = labelled.make_workspace(tmp_path)
    done = run("learn", workspace.folder, "--rounds", "2", "--seconds", "60", "--json")
    assert done.returncode == 0, done.stderr
    told = events(done.stdout)
    assert told[-1] == {"event": "done"}
    rounds = [line for line in told if line["event"] == "round"]
    assert [line["stage"] for line in rounds] == ["head", "network"]
    history = workspace.history()
    assert history == [{k: v for k, v in line.items() if k != "event"} for line in rounds]
    is_whole(workspace)
    for model in (workspace.folder, workspace.models_path / "round-0001"):
        out = tmp_path / f"{model.name}.tif"
        mapped = run("predict", workspace.scenes[0].path, "--model", model, "--out", out, "--quiet")
        assert mapped.returncode == 0, mapped.stderr
        with rasterio.open(out) as raster:
            found = raster.read(1)
        values = np.array([label.value for label in labelled.CLASSES])
        assert (found == values[labelled.fields()]).mean() > 0.9


def test_a_kill_leaves_what_was_whole_and_the_next_goes_on(tmp_path: Path) -> None:
    workspace = labelled.make_workspace(tmp_path, each=8)
    with start("learn", workspace.folder, "--seconds", "600", "--json") as process:
        read_until(process, "round")
        read_until(process, "round")
        process.send_signal(signal.SIGKILL)
        process.communicate()
    before = workspace.history()
    assert [line["stage"] for line in before[:2]] == ["head", "network"]
    is_whole(workspace)
    done = run("learn", workspace.folder, "--rounds", "1", "--seconds", "60", "--json")
    assert done.returncode == 0, done.stderr
    after = workspace.history()
    assert after[: len(before)] == before
    assert after[-1]["round"] > before[-1]["round"]
    is_whole(workspace)
    assert not list(workspace.models_path.glob(".*"))


def test_watching_it_learns_from_labels_that_come(tmp_path: Path) -> None:
    workspace = labelled.make_workspace(tmp_path, each=2)
    with start(
        *("learn", workspace.folder, "--seconds", "60", "--rounds", "1", "--watch", "--json"),
        stdin=subprocess.PIPE,
    ) as process:
        first = read_until(process, "done")
        assert [line["labels"] for line in first if line["event"] == "round"] == [6]
        add_labels(workspace, labelled.squares(2, skip=2))
        second = read_until(process, "done")
        assert [line["labels"] for line in second if line["event"] == "round"] == [12]
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(60) == 130
    is_whole(workspace)


def test_two_do_not_learn_in_one_workspace(tmp_path: Path) -> None:
    workspace = labelled.make_workspace(tmp_path, each=2)
    with start(
        *("learn", workspace.folder, "--watch", "--rounds", "1", "--json"), stdin=subprocess.PIPE
    ) as process:
        read_until(process, "done")
        with pytest.raises(RunError, match="learned in by"):
            learn(workspace.folder, Learning(60, 1), silent)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 143
