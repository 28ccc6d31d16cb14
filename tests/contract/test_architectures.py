"""Every architecture keeps one contract: any bands, any multiple of its stride, forward,
backward, save, load.
"""

from __future__ import annotations

import copy
import socket
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from geoseg.architectures import ARCHITECTURES, build, weight_shapes
from geoseg.architectures.context import pools_globally, stride_of
from geoseg.core.card import Band, Label, ModelCard, Scaling
from geoseg.core.errors import ModelError
from geoseg.models import find_model, load_model
from geoseg.models.fold import fold_batch_norm
from geoseg.models.safetensors import write_bundle

HEAD = {"encoder": "small", "head_channels": 16}
# name -> hyperparameters of a network that is quick to try, its stride, whether it sees its whole
# window
CASES: dict[str, tuple[dict[str, Any], int, bool]] = {
    "deconvnet": (HEAD, 32, False),
    "deeplabv1": (HEAD, 8, False),
    "deeplabv2": (HEAD | {"rates": [2, 4]}, 8, False),
    "deeplabv3": ({"encoder": "small", "decoder_channels": 16}, 8, True),
    "deeplabv3plus": ({"encoder": "small", "decoder_channels": 16}, 16, True),
    "dpt": (
        {
            "encoder": "tu-test_vit",
            "decoder_intermediate_channels": [8] * 4,
            "decoder_fusion_channels": 8,
        },
        32,
        True,
    ),
    "fcn32s": (HEAD, 32, False),
    "fcn16s": (HEAD, 32, False),
    "fcn8s": (HEAD, 32, False),
    "fpn": (
        {"encoder": "small", "decoder_pyramid_channels": 16, "decoder_segmentation_channels": 64},
        32,
        True,
    ),
    "halfsize": ({"width": 16, "blocks": 2, "stem_width": 8, "context_blocks": 1}, 8, False),
    "linknet": ({"encoder": "small"}, 32, False),
    "manet": ({"encoder": "small", "decoder_channels": [32, 16, 16, 16, 16]}, 32, True),
    "pan": ({"encoder": "small", "decoder_channels": 16}, 128, True),
    "pspnet": ({"encoder": "small", "psp_out_channels": 32}, 8, True),
    "reseg": ({"encoder": "small", "units": 8, "width": 8}, 8, True),
    "segformer": ({"encoder": "small", "decoder_segmentation_channels": 16}, 32, False),
    "segnet": ({"encoder": "small"}, 32, False),
    "unet": ({"encoder": "small", "decoder_channels": [32, 16, 16, 8, 8]}, 32, False),
    "unetplusplus": ({"encoder": "small", "decoder_channels": [32, 16, 16, 8, 8]}, 32, False),
    "upernet": ({"encoder": "small", "decoder_channels": 16}, 32, True),
}


def liven(network: nn.Module) -> nn.Module:
    """Give the normalisations statistics as after a training; fresh ones would fold to nothing."""
    torch.manual_seed(1)
    with torch.no_grad():
        for layer in network.modules():
            if isinstance(layer, nn.BatchNorm2d):
                for values, low, high in (
                    (layer.running_mean, -0.2, 0.2),
                    (layer.running_var, 0.5, 2.0),
                ):
                    assert values is not None
                    values.uniform_(low, high)
                nn.init.uniform_(layer.weight, 0.5, 1.5)
                nn.init.uniform_(layer.bias, -0.2, 0.2)
    return network


@cache
def built(architecture: str, bands: int, labels: int) -> nn.Module:
    """Return a network that every test copies: to build one costs more than most of the tests."""
    torch.manual_seed(0)
    return build(architecture, bands, labels, CASES[architecture][0])


def window(network: nn.Module, bands: int = 4, count: int = 1) -> torch.Tensor:
    """Return a small window, not square where that stays small."""
    side = max(stride_of(network), 32)
    return torch.rand(count, bands, side, max(side, 96), generator=torch.Generator().manual_seed(3))


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever reaches for the network fails."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_every_architecture_is_under_the_contract() -> None:
    assert set(CASES) == set(ARCHITECTURES)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
class TestContract:
    """What every entry of ARCHITECTURES does."""

    def make(self, architecture: str, bands: int = 4, labels: int = 3) -> nn.Module:
        return copy.deepcopy(built(architecture, bands, labels))

    @pytest.mark.parametrize("bands", [1, 3, 13])
    @torch.no_grad()
    def test_takes_any_number_of_bands(self, architecture: str, bands: int) -> None:
        network = self.make(architecture, bands, 5).eval()
        pixels = window(network, bands)
        assert network(pixels).shape == (1, 5, *pixels.shape[-2:])

    @torch.no_grad()
    def test_takes_every_multiple_of_its_stride_and_odd_sizes_through_padding(
        self, architecture: str
    ) -> None:
        network = self.make(architecture).eval()
        stride = stride_of(network)
        assert stride == CASES[architecture][1]
        for rows, columns in ((1, 1), (2, 5), (3, 4)):
            pixels = torch.rand(1, 4, rows * stride - 3, columns * stride - 5)
            padded = nn.functional.pad(
                pixels, (0, 5, 0, 3), mode="constant" if 1 in (rows, columns) else "reflect"
            )
            assert network(padded).shape[-2:] == padded.shape[-2:]

    def test_says_how_large_its_weights_are(self, architecture: str) -> None:
        state = self.make(architecture, 4, 3).state_dict()
        found = weight_shapes(architecture, 4, 3, CASES[architecture][0])
        assert found == {name: tuple(tensor.shape) for name, tensor in state.items()}

    def test_says_what_windows_it_takes(self, architecture: str) -> None:
        network = self.make(architecture).eval()
        stride = stride_of(network)
        with pytest.raises(ModelError, match=f"expected multiples of {stride} px"):
            copy.deepcopy(network)(torch.zeros(1, 4, 4 * stride, 4 * stride + 4))

    def test_sees_its_whole_window_or_not(self, architecture: str) -> None:
        network = self.make(architecture)
        assert pools_globally(network, 4, stride_of(network)) is CASES[architecture][2]
        assert network.training

    def test_gradients_reach_from_the_logits_to_the_first_layer(self, architecture: str) -> None:
        network = self.make(architecture).train()
        network(window(network, count=2)).square().mean().backward()
        # smp leaves some stages of encoders and blocks of decoders out of its networks: they get
        # none
        gradients = [
            parameter.grad for parameter in network.parameters() if parameter.grad is not None
        ]
        assert all(gradient.isfinite().all() for gradient in gradients)
        assert gradients[0].abs().sum() > 0
        assert gradients[-1].abs().sum() > 0

    def test_one_batch_can_be_learnt(self, architecture: str) -> None:
        network = self.make(architecture).train()
        pixels = window(network, count=2)
        target = (pixels[:, 0] > 0.5).long()
        optimiser = torch.optim.AdamW(network.parameters(), 3e-3)
        losses = []
        for _ in range(6):
            loss = nn.functional.cross_entropy(network(pixels), target)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
        assert min(losses[-2:]) < losses[0]

    @torch.no_grad()
    def test_the_same_window_gives_the_same_logits(self, architecture: str) -> None:
        network = liven(self.make(architecture)).eval()
        pixels = window(network, count=2)
        before = copy.deepcopy(network.state_dict())
        first = network(pixels)
        assert torch.equal(first, network(pixels))
        assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())

    @torch.no_grad()
    def test_channels_last_gives_the_same_logits(self, architecture: str) -> None:
        network = liven(self.make(architecture)).eval()
        pixels = window(network)
        before = network(pixels)
        network.to(memory_format=torch.channels_last)
        after = network(pixels.contiguous(memory_format=torch.channels_last))
        torch.testing.assert_close(after, before, rtol=1e-3, atol=1e-4)

    @torch.no_grad()
    def test_folded_normalisation_gives_the_same_logits(self, architecture: str) -> None:
        network = liven(self.make(architecture)).eval()
        pixels = window(network)
        before = network(pixels)
        assert fold_batch_norm(network, 4, stride_of(network)) > 0 or architecture == "dpt"
        torch.testing.assert_close(network(pixels), before, rtol=1e-3, atol=1e-4)

    @torch.no_grad()
    def test_half_precision(self, architecture: str) -> None:
        network = self.make(architecture).eval()
        pixels = window(network)
        logits = network.bfloat16()(pixels.bfloat16())
        assert logits.dtype == torch.bfloat16
        assert logits.isfinite().all()

    def test_mixed_precision_learns(self, architecture: str) -> None:
        network = self.make(architecture).train()
        with torch.autocast("cpu", torch.bfloat16):
            logits = network(window(network, count=2))
        logits.float().square().mean().backward()
        assert all(p.grad is None or p.grad.isfinite().all() for p in network.parameters())

    def test_a_bundle_gives_the_network_back(self, architecture: str, tmp_path: Path) -> None:
        network = liven(self.make(architecture)).half().float().eval()
        card = card_of(architecture, network)
        write_bundle(tmp_path / "bundle", card, network.state_dict())
        model = load_model(find_model(str(tmp_path / "bundle")), Scaling(), "cpu")
        shape = window(network).shape[-2:]
        pixels = np.random.default_rng(2).integers(0, 255, (1, 4, *shape), np.uint8)
        with torch.no_grad():
            expected = network((torch.from_numpy(pixels).float() - 127) / 70).softmax(dim=1)
        found = model(pixels, np.ones((1, *shape), bool))
        np.testing.assert_allclose(np.asarray(found), expected.numpy(), rtol=1e-3, atol=1e-4)


def card_of(architecture: str, network: nn.Module) -> ModelCard:
    """Return the card of an untrained network."""
    options, _, fixed_tile = CASES[architecture]
    stride = stride_of(network)
    return ModelCard(
        name="contract",
        description="Random weights",
        architecture=architecture,
        hyperparameters=options,
        sensor="any",
        bands=tuple(Band(f"B{i}", "", None, 127.0, 70.0, 0.0, 255.0) for i in range(4)),
        unit="digital number",
        scaling=Scaling(),
        dtypes=("uint8",),
        gsd=1.0,
        gsd_range=(0.5, 2.0),
        labels=tuple(Label(i, f"class {i}", "#000000") for i in range(3)),
        tile=4 * stride,
        overlap=stride,
        stride=stride,
        fixed_tile=fixed_tile,
    )
