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
    """An encoder, and a decoder that unpools by its indices; nothing else is passed on.

    Parameters
    ----------
    encoder
        It must have a map at half size, as VGG does.
    channels
        Of its maps, finest first.
    labels
        Channels of the logits.

    References
    ----------
    Badrinarayanan, Kendall and Cipolla 2017, SegNet, doi:10.1109/TPAMI.2016.2644615,
    arXiv:1511.00561.
    """

    def __init__(self, encoder: nn.Module, channels: list[int], labels: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = Unpooling(
            channels, labels, lambda a, b: nn.Sequential(*convolution(a, b)), "SegNet"
        )

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
        logits: torch.Tensor = self.decoder(self.encoder(pixels), pixels.shape[-2:])
        return logits


def build(bands: int, labels: int, options: Mapping[str, Any]) -> nn.Module:
    """Build a SegNet.

    Parameters
    ----------
    bands
        Channels that it takes.
    labels
        Channels of its logits.
    options
        encoder alone.

    Returns
    -------
    nn.Module
        With random weights.
    """
    chosen = DEFAULTS | check(options, DEFAULTS, "SegNet")
    encoder = make_encoder(chosen["encoder"], bands)
    return SegNet(encoder, channels_of(encoder, bands), labels)
