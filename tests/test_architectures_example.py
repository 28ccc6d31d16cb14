"""The comparison of architectures: it names them all, its configuration is one, and its table is written."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from commands import ROOT

from geoseg.architectures import ARCHITECTURES, build
from geoseg.models import find_model
from geoseg.training.config import Config
from geoseg.training.parse import read_config

EXAMPLE = ROOT / "examples" / "architectures"


@pytest.fixture(scope="module")
def compare() -> ModuleType:
    spec = importlib.util.spec_from_file_location("compare", EXAMPLE / "compare.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_architecture_is_compared_and_can_be_built(compare: ModuleType) -> None:
    assert {architecture for architecture, _ in compare.RUNS.values()} == set(ARCHITECTURES)
    for architecture, hyperparameters in compare.RUNS.values():
        build(architecture, 3, 5, hyperparameters)


def test_each_row_has_its_own_folder_and_configuration(compare: ModuleType, tmp_path: Path) -> None:
    assert len({compare.folder(row, tmp_path) for row in compare.RUNS}) == len(compare.RUNS)
    for row in compare.RUNS:
        path = compare.write_config(row, tmp_path / "samples.csv", tmp_path)
        config: Config = read_config(path)
        architecture, hyperparameters = compare.RUNS[row]
        assert (config.network.architecture, config.network.hyperparameters) == (architecture, hyperparameters)
        assert config.card.name == compare.folder(row, tmp_path).name
        assert config.card.tile == config.training.crop


def test_speeds_are_of_models_as_predict_runs_them(compare: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "WINDOW", 64)
    found = compare.speeds({"shipped": find_model("landcover-rgb")})
    assert found["shipped"] > 0
