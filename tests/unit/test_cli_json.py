"""Every command that prints facts prints them for programs as well."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from bundles import make_bundle

from geoseg.cli import commands_named, run

# what tells its facts as the events of --events, or has none
WITHOUT = {
    "predict": "events",
    "batch run": "events",
    "vectorize": "events",
    "quicklook": "events",
    "objects": "events",
    "train": "events",
    "view": "the address alone",
    "completion": "a script",
}


def test_all_others_have_it() -> None:
    lacking = set()
    for name, command in commands_named():
        options = {opt for param in command.params for opt in param.opts}
        if "--json" not in options:
            lacking.add(name)
            assert WITHOUT.get(name) != "events" or "--events" in options
    assert lacking == set(WITHOUT)


def test_it_is_said_what_it_does() -> None:
    for name, command in commands_named():
        for param in command.params:
            if isinstance(param, click.Option) and "--json" in param.opts:
                assert param.help, name


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GEOSEG_MODELS", str(tmp_path / "models"))
    return make_bundle(tmp_path / "bundle")


def test_of_models(added: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def told(*arguments: str) -> dict[str, object]:
        assert run(["models", *arguments, "--json"]) == 0
        found: dict[str, object] = json.loads(capsys.readouterr().out)
        return found

    assert told("path") == {"folder": str(tmp_path / "models")}
    found = told("add", str(added), "--name", "mine")
    assert found["name"] == "mine"
    assert Path(str(found["folder"])).is_dir()
    shown = told("show", "mine")
    assert found["sha256"]
    assert shown["type"] == "Feature"
    written = told("export", "mine", "--to", "torchscript", "--out", str(tmp_path / "m.pt"))
    files = written["files"]
    assert isinstance(files, list)
    assert {Path(one["file"]).stat().st_size == one["bytes"] for one in files} == {True}
    assert told("remove", "mine") == {"removed": found["folder"]}
