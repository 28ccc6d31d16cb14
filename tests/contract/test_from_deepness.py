"""The page of Deepness' models does what it says, command by command."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from commands import ROOT
from rasters import colours, write

pytest.importorskip("onnx", reason="onnx is not installed: pip install 'geoseg[onnx]'")
pytest.importorskip("onnxruntime", reason="pip install 'geoseg[onnx]'")
pytest.importorskip("openvino", reason="pip install 'geoseg[onnx]'")
import pyogrio
from onnx_graphs import Graph, save_graph

from geoseg.cli import run
from geoseg.models import list_added

PAGE = ROOT / "docs" / "how-to" / "from-deepness.md"
UTM = (1.0, 0, 500_000, 0, -1.0, 5_000_000)
KEYS = {"model_type": "Segmentor", "resolution": 100, "tiles_size": 64, "tiles_overlap": 25}


def keys(names: object) -> dict[str, str]:
    return {key: json.dumps(value) for key, value in (KEYS | {"class_names": names}).items()}


def test_the_commands_of_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOSEG_MODELS", str(tmp_path / "models"))
    monkeypatch.chdir(tmp_path)
    road = {"0": "no road", "1": "road"}
    save_graph(Path("roads.onnx"), Graph(side=64, batch=1, scores=2, end="Softmax"), keys(road))
    both = Graph(side=64, batch=1, scores=1, end="Sigmoid", outputs=2)
    save_graph(Path("both.onnx"), both, keys([road, {"0": "no roof", "1": "roof"}]))
    write("scene.tif", colours(100, 120), ("red", "green", "blue"), UTM)
    blocks = re.findall(r"```sh\n(.+?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    commands = [shlex.split(line) for block in blocks for line in block.splitlines()]
    assert len(commands) == 5
    for program, *command in commands:
        assert program == "geoseg"
        assert run(command) == 0
    assert {each.card.name for each in list_added()} == {"roads", "roads2", "roofs"}
    found = pyogrio.read_dataframe("roads.gpkg", layer="roads")
    assert set(found["class"]) <= {"no road", "road"}
    assert np.isclose(found.area.sum(), 100 * 120)  # all of the scene, and nothing twice
