"""SegNet (Badrinarayanan, Kendall and Cipolla 2017, arXiv:1511.00561): the encoder mirrored,
unpooling by indices.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from .encoders import channels_of, make_encoder
from .options import check
from .small import convolution
from .unpool import Unpooling

DEFAULTS = {"encoder": "vgg16_bn"}


class SegNet(nn.Module):
    """An encoder, and a decoder of convolutions that unpools by the encoder's indices; nothing
    else is passed on.
    """

    def __init__(self, encoder: nn.Module, channels: list[int], labels: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = Unpooling(
            channels, labels, lambda a, b: nn.Sequential(*convolution(a, b)), "SegNet"
        )

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return logits of the window's size."""
        logits: torch.Tensor = self.decoder(self.encoder(pixels), pixels.shape[-2:])
        return logits


def build(bands: int, labels: int, options: Mapping[str, Any]) -> nn.Module:
    """Return a SegNet; the only option is the encoder."""
    chosen = DEFAULTS | check(options, DEFAULTS, "SegNet")
    encoder = make_encoder(chosen["encoder"], bands)
    return SegNet(encoder, channels_of(encoder, bands), labels)
