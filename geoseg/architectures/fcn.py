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
    """Class scores of the coarsest map, doubled and joined by those of finer maps, then enlarged.

    The paper's layers: fc6 and fc7 as convolutions (4,096 channels there), a scoring
    convolution for each map, doubling by transposed convolutions that begin as bilinear
    interpolation, the last enlargement bilinear. Its padding by 100 px is not taken over: each
    convolution pads as much as it needs.

    Parameters
    ----------
    encoder
        It gives maps down to 1/32.
    channels
        Of the maps that are joined, finest first.
    labels
        Channels of the logits.
    head
        Channels of fc6 and fc7.
    dropout
        Share of their channels that is left out in training, 0 to 1.

    References
    ----------
    Long, Shelhamer and Darrell 2015, Fully convolutional networks for semantic segmentation,
    doi:10.1109/CVPR.2015.7298965, arXiv:1411.4038.
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
        """Return the logits of a batch.

        Parameters
        ----------
        pixels
            Normalised values [n, band, row, column].

        Returns
        -------
        torch.Tensor
            [n, label, row, column], of the same rows and columns.
        """
        *finer, coarsest = self.encoder(pixels)
        logits = self.head(coarsest)
        for score, double, map_ in zip(self.scores, self.doublings, reversed(finer), strict=False):
            logits = double(logits) + score(map_)
        return interpolate(logits, size=pixels.shape[-2:], mode="bilinear", align_corners=False)


@torch.no_grad()
def bilinear_doubling(channels: int) -> nn.ConvTranspose2d:
    """Return a transposed convolution that doubles each channel bilinearly until it learns better.

    Parameters
    ----------
    channels
        In and out; none is mixed with another at first.

    Returns
    -------
    nn.ConvTranspose2d
        Of 4 x 4 weights and stride 2.
    """
    layer = nn.ConvTranspose2d(channels, channels, 4, stride=2, padding=1, bias=False)
    ramp = torch.tensor([0.25, 0.75, 0.75, 0.25])
    layer.weight.zero_()
    layer.weight[range(channels), range(channels)] = torch.outer(ramp, ramp)
    return layer


def build(coarsest_joined: int, bands: int, labels: int, options: Mapping[str, Any]) -> nn.Module:
    """Build an FCN.

    Parameters
    ----------
    coarsest_joined
        32, 16 or 8: its finest scores are of 1 / so much of the window's size.
    bands
        Channels that it takes.
    labels
        Channels of its logits.
    options
        encoder, head_channels and dropout.

    Returns
    -------
    nn.Module
        With random weights.
    """
    chosen = DEFAULTS | check(options, DEFAULTS, f"FCN-{coarsest_joined}s")
    encoder = make_encoder(chosen["encoder"], bands)
    joined = {32: 1, 16: 2, 8: 3}[coarsest_joined]
    channels = channels_of(encoder, bands)[-joined:]
    return FCN(encoder, channels, labels, chosen["head_channels"], chosen["dropout"])


build_32s = partial(build, 32)
build_16s = partial(build, 16)
build_8s = partial(build, 8)
