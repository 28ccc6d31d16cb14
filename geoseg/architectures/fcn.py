"""Fully convolutional networks (Long, Shelhamer and Darrell 2015, arXiv:1411.4038): FCN-32s,
FCN-16s, FCN-8s.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.nn.functional import interpolate

from .encoders import channels_of, make_encoder
from .options import check

DEFAULTS: dict[str, Any] = {"encoder": "vgg16_bn", "head_channels": 1024, "dropout": 0.5}


class FCN(nn.Module):
    """Class scores of the coarsest map, doubled in size and joined by those of finer maps, then
    enlarged.

    The paper's layers: fc6 and fc7 as convolutions (4,096 channels there), a scoring
    convolution for each map, doubling by transposed convolutions that begin as bilinear
    interpolation, the last enlargement bilinear. Its padding by 100 px is not taken over: each
    convolution pads as much as it needs.
    """

    def __init__(
        self, encoder: nn.Module, channels: list[int], labels: int, head: int, dropout: float
    ) -> None:
        super().__init__()
        self.encoder = encoder
        *finer, coarsest = channels
        self.head = nn.Sequential(
            nn.Conv2d(coarsest, head, 7, padding=3),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Conv2d(head, head, 1),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Conv2d(head, labels, 1),
        )
        self.scores = nn.ModuleList(nn.Conv2d(count, labels, 1) for count in reversed(finer))
        self.doublings = nn.ModuleList(bilinear_doubling(labels) for _ in finer)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return logits of the window's size."""
        *finer, coarsest = self.encoder(pixels)
        logits = self.head(coarsest)
        for score, double, map_ in zip(self.scores, self.doublings, reversed(finer), strict=False):
            logits = double(logits) + score(map_)
        return interpolate(logits, size=pixels.shape[-2:], mode="bilinear", align_corners=False)


@torch.no_grad()
def bilinear_doubling(channels: int) -> nn.ConvTranspose2d:
    """Return a transposed convolution that doubles each channel bilinearly until it learns
    better.
    """
    layer = nn.ConvTranspose2d(channels, channels, 4, stride=2, padding=1, bias=False)
    ramp = torch.tensor([0.25, 0.75, 0.75, 0.25])
    layer.weight.zero_()
    layer.weight[range(channels), range(channels)] = torch.outer(ramp, ramp)
    return layer


def build(coarsest_joined: int, bands: int, labels: int, options: Mapping[str, Any]) -> nn.Module:
    """Return an FCN whose finest scores are of 1 / coarsest_joined of the window's size."""
    chosen = DEFAULTS | check(options, DEFAULTS, f"FCN-{coarsest_joined}s")
    encoder = make_encoder(chosen["encoder"], bands)
    joined = {32: 1, 16: 2, 8: 3}[coarsest_joined]
    channels = channels_of(encoder, bands)[-joined:]
    return FCN(encoder, channels, labels, chosen["head_channels"], chosen["dropout"])


build_32s = partial(build, 32)
build_16s = partial(build, 16)
build_8s = partial(build, 8)
