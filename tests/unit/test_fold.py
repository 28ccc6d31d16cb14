"""Folded networks give the same scores, and no normalisation is left where one can be folded."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from geoseg.architectures import build
from geoseg.models.fold import fold_batch_norm

NETWORKS = [
    ("unet", {"encoder": "tu-tf_efficientnet_lite0"}),
    ("unet", {"encoder": "mobilenet_v2"}),
    ("pspnet", {"encoder": "resnet18"}),
]


def liven(network: nn.Module) -> None:
    """Give the normalisations statistics as after a training; fresh ones would fold to nothing."""
    torch.manual_seed(1)
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


def norms_that_run(network: nn.Module, pixels: torch.Tensor) -> int:
    """Count them by hooks: an encoder may carry stages that its network never uses."""
    ran: list[nn.Module] = []
    norms = [layer for layer in network.modules() if isinstance(layer, nn.BatchNorm2d)]
    hooks = [layer.register_forward_hook(lambda layer, *_: ran.append(layer)) for layer in norms]
    network(pixels)
    for hook in hooks:
        hook.remove()
    return len(ran)


@pytest.mark.parametrize(("architecture", "options"), NETWORKS)
@torch.no_grad()
def test_a_folded_network_gives_the_same_scores(architecture: str, options: dict[str, str]) -> None:
    network = build(architecture, 4, 3, options).eval()
    liven(network)
    pixels = torch.rand(2, 4, 96, 64)
    before = network(pixels)
    assert norms_that_run(network, pixels) > 10
    assert fold_batch_norm(network, 4, 32) > 10
    assert norms_that_run(network, pixels) == 0
    torch.testing.assert_close(network(pixels), before, rtol=1e-3, atol=1e-4)


class Shared(nn.Module):
    """One convolution used twice, and one whose output is used beside its normalisation: neither
    folds.
    """

    def __init__(self) -> None:
        super().__init__()
        self.twice, self.once = nn.Conv2d(2, 2, 3, padding=1), nn.Conv2d(2, 2, 3, padding=1)
        self.norm1, self.norm2, self.norm3 = (nn.BatchNorm2d(2) for _ in range(3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.norm2(self.twice(self.norm1(self.twice(x))))
        y = self.once(x)
        return self.norm3(y * 1) + x


@torch.no_grad()
def test_what_cannot_be_folded_is_left_alone() -> None:
    network = Shared().eval()
    liven(network)
    pixels = torch.rand(1, 2, 128, 128)
    before = network(pixels)
    assert fold_batch_norm(network, 2, 32) == 0
    torch.testing.assert_close(network(pixels), before)
