"""DeconvNet (Noh, Hong and Han 2015, arXiv:1505.04366): fully connected layers, then unpooling
and deconvolution.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from .encoders import channels_of, make_encoder
from .options import check
from .unpool import Unpooling

DEFAULTS: dict[str, Any] = {"encoder": "vgg16_bn", "head_channels": 1024}


class DeconvNet(nn.Module):
    """An encoder, two fully connected layers as convolutions, and deconvolutions that mirror it.

    The paper's network takes windows of 224 px, whose coarsest map of 7 x 7 its first fully
    connected layer (4,096 channels there) turns into one vector. Here the same 7 x 7 weights
    slide over the map and pad it, so that windows of any size are taken.

    Parameters
    ----------
    encoder
        It must have a map at half size, as VGG does.
    channels
        Of its maps, finest first.
    labels
        Channels of the logits.
    head
        Channels of the fully connected layers.

    References
    ----------
    Noh, Hong and Han 2015, Learning deconvolution network for semantic segmentation,
    doi:10.1109/ICCV.2015.178, arXiv:1505.04366.
    """

    def __init__(self, encoder: nn.Module, channels: list[int], labels: int, head: int) -> None:
        super().__init__()
        self.encoder = encoder
        top = channels[-1]
        self.head = nn.Sequential(
            *_normalised(nn.Conv2d(top, head, 7, padding=3, bias=False)),
            *_normalised(nn.Conv2d(head, head, 1, bias=False)),
            *_normalised(nn.ConvTranspose2d(head, top, 7, padding=3, bias=False)),
        )
        self.decoder = Unpooling(channels, labels, _deconvolution, "DeconvNet")

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
        logits: torch.Tensor = self.decoder([*finer, self.head(coarsest)], pixels.shape[-2:])
        return logits


def _deconvolution(entering: int, leaving: int) -> nn.Module:
    return nn.Sequential(
        *_normalised(nn.ConvTranspose2d(entering, leaving, 3, padding=1, bias=False))
    )


def _normalised(layer: nn.Conv2d | nn.ConvTranspose2d) -> tuple[nn.Module, ...]:
    return layer, nn.BatchNorm2d(layer.out_channels), nn.ReLU(inplace=True)


def build(bands: int, labels: int, options: Mapping[str, Any]) -> nn.Module:
    """Build a DeconvNet.

    Parameters
    ----------
    bands
        Channels that it takes.
    labels
        Channels of its logits.
    options
        encoder, and head_channels of the fully connected layers.

    Returns
    -------
    nn.Module
        With random weights.
    """
    chosen = DEFAULTS | check(options, DEFAULTS, "DeconvNet")
    encoder = make_encoder(chosen["encoder"], bands)
    return DeconvNet(encoder, channels_of(encoder, bands), labels, chosen["head_channels"])
