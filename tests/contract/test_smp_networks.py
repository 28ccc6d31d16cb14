"""Networks saved by segmentation-models-pytorch: what its own class gives, geoseg gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import segmentation_models_pytorch as smp
import torch

from geoseg.architectures.context import stride_of
from geoseg.architectures.saved import saved_network
from geoseg.cli.models_add import facts_of
from geoseg.core.errors import InputError, ModelError
from geoseg.models import Bundle, own_engine
from geoseg.models.library import add, open_source

SIDE = 64
ALL = {
    "bands": "red,green,blue,nir",
    "classes": "water,trees,crops",
    "gsd": "2",
    "scale": "0.00392156862745098",
    "mean": "0.4,0.5,0.3,0.2",
    "std": "0.2,0.1,0.3,0.4",
    "dtype": "uint8",
    "tile": "64",
}
CASES: dict[str, dict[str, Any]] = {
    "Unet": {"decoder_channels": (32, 16, 8, 8, 8)},
    "FPN": {"decoder_pyramid_channels": 16, "decoder_segmentation_channels": 32},
    "DeepLabV3Plus": {"decoder_channels": 16, "decoder_atrous_rates": (2, 4, 6)},
    "UPerNet": {"decoder_channels": 16},
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOSEG_MODELS", str(tmp_path / "models"))


def saved(folder: Path, kind: str = "Unet", **changes: Any) -> torch.nn.Module:
    """Save a network of random weights, spread so that each class occurs; return it."""
    torch.manual_seed(3)
    keywords = {"in_channels": 4, "classes": 3, **CASES[kind], **changes}
    network = getattr(smp, kind)("mobilenet_v2", encoder_weights=None, **keywords)
    with torch.no_grad():
        network.segmentation_head[0].weight.mul_(30)
    network.save_pretrained(folder)
    return network.eval()


def added(folder: Path, **changes: str) -> Bundle:
    with open_source(str(folder), facts_of({**ALL, **changes})) as offer:
        return add(offer)


def changed(folder: Path, **changes: Any) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changes))


def scores_of(bundle: Bundle, pixels: np.ndarray) -> np.ndarray:
    valid = np.ones((len(pixels), *pixels.shape[2:]), bool)
    return own_engine(bundle, bundle.card.scaling, "cpu").load("fp32", ())(pixels, valid)


def direct(network: torch.nn.Module, pixels: np.ndarray) -> torch.Tensor:
    mean, std = (
        torch.tensor([float(text) for text in ALL[name].split(",")]).view(1, -1, 1, 1)
        for name in ("mean", "std")
    )
    with torch.inference_mode():
        given = network((torch.from_numpy(pixels).float() / 255 - mean) / std)
    return given[0] if isinstance(given, tuple) else given


PIXELS = np.random.default_rng(1).integers(0, 256, (1, 4, SIDE, SIDE), np.uint8)


@pytest.mark.parametrize("kind", ["Unet", "DeepLabV3Plus", "UPerNet"])
def test_a_network_gives_what_its_own_class_gives(tmp_path: Path, kind: str) -> None:
    network = saved(tmp_path / "source", kind)
    bundle = added(tmp_path / "source")
    assert bundle.format == "smp.safetensors"
    expected = torch.softmax(direct(network, PIXELS), 1)
    found = scores_of(bundle, PIXELS)
    np.testing.assert_allclose(found, expected.numpy(), atol=1e-4)
    assert found.std(axis=(0, 2, 3)).min() > 1e-3  # or nothing was compared
    assert bundle.card.stride == (16 if kind == "DeepLabV3Plus" else 32)
    assert not (kind == "Unet" and bundle.card.fixed_tile)


def test_a_network_that_halves_its_maps_further_asks_for_larger_tiles() -> None:
    config = {"_model_class": "PAN", "encoder_name": "mobilenet_v2", "in_channels": 3, "classes": 2}
    assert stride_of(saved_network(config)) == 128


def test_its_activation_is_done_and_its_head_of_whole_images_is_left_out(tmp_path: Path) -> None:
    network = saved(tmp_path / "s", activation="sigmoid", aux_params={"classes": 2})
    bundle = added(tmp_path / "s")
    assert bundle.card.activation == "sigmoid"
    np.testing.assert_allclose(scores_of(bundle, PIXELS), direct(network, PIXELS), atol=1e-4)


def test_a_single_score_is_of_the_second_class(tmp_path: Path) -> None:
    network = saved(tmp_path / "s", classes=1)
    bundle = added(tmp_path / "s", classes="roof")
    assert [label.name for label in bundle.card.labels] == ["not roof", "roof"]
    expected = torch.sigmoid(direct(network, PIXELS))[:, 0]
    np.testing.assert_allclose(scores_of(bundle, PIXELS)[:, 1], expected, atol=1e-4)


def test_what_it_does_not_say_is_asked_for_and_guesses_are_shown(tmp_path: Path) -> None:
    saved(tmp_path / "s", in_channels=3)
    with (
        pytest.raises(ModelError, match=r"--bands.*--gsd.*Guessed.*--mean 0\.485,0\.456,0\.406"),
        open_source(str(tmp_path / "s"), {}),
    ):
        pass


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"_model_class": "os.system"}, "_model_class 'os.system'"),
        ({"_model_class": "create_model"}, "_model_class 'create_model'"),
        ({"encoder_name": "tu-hf-hub:some/one"}, "unknown encoder"),
        ({"classes": 10**9}, "classes = 1000000000"),
        ({"in_channels": "4"}, "in_channels = '4'"),
        ({"decoder_channels": [10**9] * 5}, "decoder_channels"),
        ({"decoder_channels": [64, 16, 8, 8, 8]}, "do not fit its config.json"),
        ({"checkpoint_path": "/etc/passwd"}, "checkpoint_path"),
        ({"activation": "tanh"}, "activation 'tanh'"),
        ({"upsampling": 10**6}, "upsampling"),
    ],
)
def test_what_a_stranger_writes_is_bounded(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    saved(tmp_path / "s", "FPN" if "upsampling" in changes else "Unet")
    changed(tmp_path / "s", **changes)
    with pytest.raises(ModelError, match=said):
        added(tmp_path / "s")


def test_nothing_is_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved(tmp_path / "s")
    changed(tmp_path / "s", encoder_weights="imagenet")
    monkeypatch.setattr("socket.socket.connect", None)
    scores_of(added(tmp_path / "s"), PIXELS)


def test_weights_as_a_pickle_are_refused_and_never_opened(tmp_path: Path) -> None:
    saved(tmp_path / "s")
    (tmp_path / "s" / "model.safetensors").unlink()
    payload = f"cos\nsystem\n(S'touch {tmp_path}/exploded'\ntR."
    (tmp_path / "s" / "pytorch_model.bin").write_text(payload)
    with pytest.raises(ModelError, match=r"pickle alone \(pytorch_model\.bin\)"):
        added(tmp_path / "s")
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"_model_class": NaN}'])
def test_a_damaged_config_is_one_line(tmp_path: Path, text: str) -> None:
    saved(tmp_path / "s")
    (tmp_path / "s" / "config.json").write_text(text)
    with pytest.raises(InputError):
        added(tmp_path / "s")
