"""The plugin has names, limits and choices from the engine, and starts no process for them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import engine_options
import pytest
from geoseg_qgis import engine, limits

from geoseg.core.options import MOST_WINDOW


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_DATA_HOME", "HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.delenv(engine.VARIABLE, raising=False)
    limits._read.cache_clear()
    return tmp_path


def no_process(*_: object, **__: object) -> None:
    raise AssertionError("a process was started")


def test_what_is_shipped_is_what_the_engine_says() -> None:
    said = json.loads(engine_options.told())
    shipped = json.loads(limits.SHIPPED.read_text(encoding="utf-8"))
    said["geoseg"] = shipped["geoseg"]  # a tree that is not installed has no version
    assert shipped == said, "run python qgis_plugin/engine_options.py"


def test_without_an_engine_the_shipped_limits_hold(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "run", no_process)
    assert limits.facts("predict", "--majority")["maximum"] == MOST_WINDOW
    assert limits.facts("sample", "--points")["maximum"] == 1_000_000
    assert limits.facts("evaluate", "--missing")["choices"] == ["error", "count", "ignore"]
    assert limits.facts("predict", "--nothing") == {}


def test_an_engine_is_asked_once_and_believed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    said = json.loads(limits.SHIPPED.read_text(encoding="utf-8"))
    said["options"]["cleaning"]["majority"]["maximum"] = 511
    del said["options"]["cleaning"]["smooth"]

    def ask(
        found: engine.Engine, *arguments: str, seconds: float = 60
    ) -> subprocess.CompletedProcess[str]:
        asked.append(arguments)
        return subprocess.CompletedProcess(arguments, 0, json.dumps(said), "")

    monkeypatch.setattr(engine, "ask", ask)
    monkeypatch.setattr(engine, "version", lambda found: said["geoseg"])
    found = engine.find(sys.executable)
    for _ in range(2):
        limits.keep(found)
    assert asked == [("options", "--json")]
    monkeypatch.setattr(subprocess, "run", no_process)
    assert limits.facts("predict", "--majority", sys.executable)["maximum"] == 511
    assert limits.facts("predict", "--majority")["maximum"] == MOST_WINDOW  # of another engine
    assert limits.facts("predict", "--smooth", sys.executable)["maximum"] == 5  # it tells none
    monkeypatch.setattr(engine, "version", lambda found: "9.9.9")
    said["geoseg"] = "9.9.9"
    limits.keep(found)
    assert len(asked) == 2


@pytest.mark.parametrize("answer", ["", "{}", "[]", '{"commands": {}}', "no such command"])
def test_an_engine_that_does_not_tell_leaves_the_shipped_limits(
    home: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    told = subprocess.CompletedProcess((), 2, answer, "")
    monkeypatch.setattr(engine, "ask", lambda *_, **__: told)
    monkeypatch.setattr(engine, "version", lambda found: "0.1.0")
    limits.keep(engine.find(sys.executable))
    assert not [path for path in home.rglob("*") if os.path.isfile(path)]  # noqa: PTH113
    assert limits.facts("predict", "--majority", sys.executable)["maximum"] == MOST_WINDOW
