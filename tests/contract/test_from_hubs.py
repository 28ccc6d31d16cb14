"""The pages of Hugging Face's and torchgeo's models do what they say, command by command."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
import segmentation_models_pytorch as smp
import torch
from commands import ROOT
from hub_server import serve_hub
from rasters import colours, write

from geoseg.cli import run
from geoseg.models import find_model

HOW_TO = ROOT / "docs" / "how-to"
UTM = (1.0, 0, 500_000, 0, -1.0, 5_000_000)


def blocks(page: str, language: str) -> list[str]:
    text = (HOW_TO / page).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.+?)```", text, re.DOTALL)


def follow(page: str) -> int:
    """Run all commands of a page; return how many."""
    commands = [shlex.split(line) for block in blocks(page, "sh") for line in block.splitlines()]
    for program, *command in commands:
        assert program == "geoseg"
        assert run(command) == 0
    return len(commands)


def fields(bands: int) -> np.ndarray:
    """Land of 150 x 140 px in squares, with a little noise."""
    squares = colours(15, 14, bands=bands).repeat(10, 1).repeat(10, 2) // 2
    return squares + colours(150, 140, bands=bands) // 8


def areas(path: str) -> tuple[set[str], float]:
    import pyogrio

    found = pyogrio.read_dataframe(path, layer="land")
    return set(found["class"]), float(found.area.sum())


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOSEG_MODELS", str(tmp_path / "models"))
    monkeypatch.chdir(tmp_path)


def test_the_commands_of_hugging_faces_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("transformers", reason="pip install 'geoseg[transformers]'")
    from hf_networks import NAMES, change, save_network

    for folder in (Path("hub"), Path("my-segformer")):
        save_network(folder)
        change(folder / "preprocessor_config.json", size={"height": 128, "width": 128})
    write("scene.tif", fields(3), ("red", "green", "blue"), UTM)
    with serve_hub(tmp_path / "hub", "some-one/segformer-land") as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        assert follow("from-hugging-face.md") == 4
    assert find_model("segformer-land").card.tile == 128
    classes, area = areas("land.gpkg")
    assert classes <= set(NAMES)
    assert np.isclose(area, 150 * 140)  # all of the scene, and nothing twice


def test_the_commands_of_torchgeos_page() -> None:
    torch.manual_seed(0)
    network = smp.Unet("resnet18", encoder_weights=None, in_channels=4, classes=3).eval()
    state = {f"model.{name}": tensor for name, tensor in network.state_dict().items()}
    state["criterion.weight"] = torch.ones(3)  # as of a task whose loss has weights
    torch.save(
        {"state_dict": state, "epoch": 3, "hyper_parameters": {"model": "unet"}}, "last.ckpt"
    )
    (code,) = blocks("from-torchgeo.md", "python")
    exec(compile(code, "from-torchgeo.md", "exec"), {})
    names = ("red", "green", "blue", "nir")
    write("scene.tif", fields(4), names, UTM, photometric="MINISBLACK")
    assert follow("from-torchgeo.md") == 3
    classes, area = areas("land.gpkg")
    assert classes <= {"water", "trees", "built"}
    assert np.isclose(area, 150 * 140)
    card = find_model("my-unet").card
    assert (card.bands[0].mean, card.bands[3].std, card.scaling.scale) == (0, 255, 1)
    pixels = np.random.default_rng(0).integers(0, 256, (1, 4, 64, 64), np.uint8)
    with torch.inference_mode():
        expected = network(torch.from_numpy(pixels) / 255).softmax(1)
    from geoseg.models import load_model

    found = load_model(find_model("my-unet"), card.scaling, "cpu")(
        pixels, np.ones((1, 64, 64), bool)
    )
    np.testing.assert_allclose(found, expected, atol=1e-4)
