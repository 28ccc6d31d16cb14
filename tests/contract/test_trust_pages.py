"""The pages on ArcGIS and on trust: what a reader types works, on small networks of random weights."""

from __future__ import annotations

import json
import re
import shlex
import zipfile
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasters import write
from torch_networks import digest, save_program, save_script

from geoseg.cli import run

pytest.importorskip("onnxruntime", reason="pip install 'geoseg[onnx]'")
from onnx_graphs import Graph, save_graph

PAGES = Path(__file__).parents[2] / "docs" / "how-to"
UTM = (0.5, 0, 500_000, 0, -0.5, 5_000_000)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOSEG_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("GEOSEG_CACHE", "")
    monkeypatch.chdir(tmp_path)


def blocks(page: str, language: str) -> list[str]:
    text = (PAGES / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.+?)\n```$", text, re.MULTILINE | re.DOTALL)


def commands(block: str) -> list[list[str]]:
    lines = block.replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True)[1:] for line in lines]


def definition(network: str, **changes: object) -> str:
    usual = {
        "Framework": "arcgis.learn.models._inferencing",
        "ModelConfiguration": "_unet",
        "ModelType": "ImageClassification",
        "ExtractBands": [0, 1, 2],
        "ModelFile": network,
        "ImageHeight": 256,
        "ImageWidth": 256,
        "Classes": [{"Value": v, "Name": f"c{v}", "Color": [v, v, v]} for v in (10, 20, 30)],
    }
    return json.dumps(usual | changes)


def test_a_package_of_the_page_is_added(capsys: pytest.CaptureFixture[str]) -> None:
    network = save_graph(Path("roads.onnx"), Graph())
    with zipfile.ZipFile("roads.dlpk", "w") as archive:
        archive.writestr("roads.emd", definition("roads.onnx"))
        archive.write(network, "roads.onnx")
    bare, full, *_ = blocks("from-arcgis.md", "sh")
    (asked,), (said,) = commands(bare), commands(full)
    assert run(asked) == 2
    assert "--bands" in capsys.readouterr().err
    assert run(said) == 0
    assert "c20" in capsys.readouterr().out


def test_a_network_is_taken_out_of_arcgis_and_maps_a_scene() -> None:
    Path("export").mkdir()
    (code,) = blocks("from-arcgis.md", "python")
    compile(code, "the page", "exec")  # arcgis.learn is not free: what it gives is stood in for
    save_graph(Path("export", "roads.onnx"), Graph())
    Path("export", "roads.emd").write_text(definition("roads.onnx"), encoding="utf-8")
    pixels = np.random.default_rng(1).integers(0, 256, (3, 80, 80), np.uint8)
    write(Path("scene.tif"), pixels, ("red", "green", "blue"), UTM)
    for command in commands(blocks("from-arcgis.md", "sh")[-1]):
        assert run(command) == 0
    with rasterio.open("map.tif") as file:
        assert set(np.unique(file.read(1))) <= {0, 10, 20, 30}


def test_a_program_is_trusted_as_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    path = save_program(Path("land.pt2"))
    (block,) = [each for each in blocks("other-models.md", "sh") if "SHA256" in each]
    (command,) = commands(block)
    at = command.index("--trust")
    assert run(command[:at]) == 2
    assert digest(path) in capsys.readouterr().err
    command[at + 1] = digest(path)
    assert run(command) == 0
    script = save_script(Path("land.pt"))
    command = [each.replace("land.pt2", "land.pt") for each in command]
    command[at + 1] = digest(script)
    assert run([*command, "--name", "scripted"]) == 0
    assert run(["models", "remove", "scripted"]) == 0
