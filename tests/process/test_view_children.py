"""The processes beside the page: what they say, how they fail, and that they end."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from rasters import write

pytest.importorskip("rio_tiler", reason="the extra `view` is not installed")

from geoseg.core.card import Label
from geoseg.core.errors import InputError, RunError
from geoseg.labelling.workspace import create_workspace
from geoseg.view.child import Child
from geoseg.view.desk import Desk
from geoseg.view.named import open_view
from geoseg.view.preview import Preview

PATIENCE = 120.0


def until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_worker_that_cannot_map_says_why_and_goes_on(tmp_path: Path) -> None:
    scene = write(tmp_path / "scene.tif", np.zeros((3, 40, 40), np.uint8))
    preview = Preview(tmp_path / "live")
    asked = {
        "scene": [scene],
        "model": str(tmp_path / "nothing"),
        "bounds": [500_000, 4_999_600, 500_400, 5_000_000],
        "crs": None,
        "height": 40,
        "width": 40,
    }
    try:
        with pytest.raises(InputError, match="nothing"):
            preview.ask(asked)
        with pytest.raises(InputError, match="bounds"):
            preview.ask(asked | {"bounds": [1]})
        assert preview._child is not None
        assert preview._child.running
        child = preview._child
    finally:
        preview.close()
    assert not child.running


def test_events_are_whole_lines_each_told_once(tmp_path: Path) -> None:
    child = Child(("live",), tmp_path)
    try:
        until(lambda: child.size > 0)
        events, known = child.events(0)
        assert [event.get("ready") for event in events] == [True]
        assert child.events(known) == ([], known)
        child.say("{")
        until(lambda: bool(child.events(known)[0]))
    finally:
        child.stop()
    assert not child.running
    with pytest.raises(RunError, match="has ended"):
        child.say("{}")


def test_what_ended_badly_says_its_last_words(tmp_path: Path) -> None:
    child = Child(("learn", str(tmp_path / "none"), "--json"), tmp_path)
    until(lambda: not child.running)
    child.stop()
    assert "none" in child.error
    assert "Traceback" not in child.error


def test_learning_that_cannot_begin_is_told_and_can_be_begun_again(tmp_path: Path) -> None:
    """A workspace without labels: whether it waits for some or ends, the page knows."""
    scene = write(tmp_path / "scene.tif", np.zeros((3, 40, 40), np.uint8))
    create_workspace(
        tmp_path / "work", [scene], [Label(1, "a", "#000000"), Label(2, "b", "#ffffff")]
    )
    desk = Desk(str(tmp_path / "work"), open_view([scene]).frame, tmp_path)
    try:
        assert desk.state(0)["running"] is False
        assert desk.start()["running"] is True
        assert desk.start()["history"] == []
        stopped = desk.stop()
        assert (stopped["running"], stopped["error"]) == (False, "")
        assert desk.start()["running"] is True
    finally:
        desk.close()
    assert desk.state(0)["running"] is False
    assert not (tmp_path / "work" / "learn.lock").exists()
