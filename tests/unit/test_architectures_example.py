"""The comparison of architectures: it names them all, its configuration is one, and its table is
written.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest
from commands import ROOT

from geoseg.architectures import ARCHITECTURES, build
from geoseg.models import find_model
from geoseg.training.config import Config
from geoseg.training.parse import read_config

EXAMPLE = ROOT / "examples" / "architectures"


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def compare() -> ModuleType:
    return load(EXAMPLE / "compare.py")


@pytest.fixture(scope="module")
def front() -> ModuleType:
    return load(ROOT / "examples" / "landcover_s2" / "front.py")


def test_every_architecture_is_compared_and_can_be_built(compare: ModuleType) -> None:
    assert {architecture for architecture, _ in compare.RUNS.values()} == set(ARCHITECTURES)
    for architecture, hyperparameters in compare.RUNS.values():
        build(architecture, 3, 5, hyperparameters)


def test_each_row_has_its_own_folder_and_configuration(compare: ModuleType, tmp_path: Path) -> None:
    table = compare.comparison(tmp_path)
    assert len({table.folder(row) for row in compare.RUNS}) == len(compare.RUNS)
    for row in compare.RUNS:
        config: Config = read_config(table.write_config(row))
        architecture, hyperparameters = compare.RUNS[row]
        assert (config.network.architecture, config.network.hyperparameters) == (
            architecture,
            hyperparameters,
        )
        assert config.card.name == table.folder(row).name
        assert config.card.tile == config.training.crop


def test_the_front_has_every_encoder_with_every_decoder_in_two_widths(
    front: ModuleType, tmp_path: Path
) -> None:
    rows, table = front.rows(), front.comparison(tmp_path / "samples.csv", tmp_path)
    assert len(front.ENCODERS) * len(front.DECODERS) == 16
    assert len({json.dumps(network) for network in rows.values()}) == 16 + len(front.OTHERS)
    for row, (architecture, hyperparameters) in rows.items():
        config: Config = read_config(table.write_config(row))
        assert (config.network.architecture, config.network.hyperparameters) == (
            architecture,
            hyperparameters,
        )
        assert (config.network.pretrained, config.training.steps, config.card.tile) == (
            "",
            150,
            128,
        )
        build(architecture, 9, 9, hyperparameters)


def test_speeds_are_of_models_as_predict_runs_them(
    compare: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    comparison = sys.modules["comparison"]  # compare.py imports it from the folder above
    monkeypatch.setattr(comparison, "WINDOW", 64)
    found = comparison.speeds({"shipped": find_model("landcover-rgb")})
    assert found["shipped"] > 0
