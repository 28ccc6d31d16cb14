"""The U-Net, whose last block may also see the window at full size, pixel by pixel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import segmentation_models_pytorch as smp
import torch
from segmentation_models_pytorch.decoders.unet.decoder import UnetDecoderBlock
from torch import nn

from .library import build_smp
from .options import check
from .small import convolution


class DetailUnet(nn.Module):
    """A U-Net with one more skip connection: a convolution of the window itself.

    Encoders halve the window before anything else, so that a plain U-Net draws its finest maps from
    what two by two pixels have in common. Colours that differ from pixel to pixel (a crown beside
    its shadow, the ratio of two bands) reach the last block only so.

    Parameters
    ----------
    network
        A plain one, whose parts are taken; its last block is made anew.
    bands
        Channels that it takes.
    detail
        Channels of the convolution.
    options
        The decoder's, as the plain one was built with.
    """

    def __init__(
        self, network: smp.Unet, bands: int, detail: int, options: Mapping[str, Any]
    ) -> None:
        super().__init__()
        self.encoder = network.encoder
        self.detail = nn.Sequential(*convolution(bands, detail))
        self.decoder = network.decoder
        last = network.decoder.blocks[-1].conv1[0]
        self.decoder.blocks[-1] = UnetDecoderBlock(
            last.in_channels,
            detail,
            last.out_channels,
            use_norm=options.get("decoder_use_norm", "batchnorm"),
            attention_type=options.get("decoder_attention_type"),
            interpolation_mode=options.get("decoder_interpolation", "nearest"),
        )
        self.segmentation_head = network.segmentation_head

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
        own, *coarser = self.encoder(pixels)
        # smp's decoder leaves the first map out, and takes one of full size where there is one
        maps = self.decoder([own, self.detail(pixels), *coarser])
        logits: torch.Tensor = self.segmentation_head(maps)
        return logits


def build(bands: int, labels: int, options: Mapping[str, Any]) -> nn.Module:
    """Build a U-Net.

    Parameters
    ----------
    bands
        Channels that it takes.
    labels
        Channels of its logits.
    options
        As of `build_smp`, and `detail_channels`: of a convolution of the window itself, which the
        last block sees; 0 is none, the plain network.

    Returns
    -------
    nn.Module
        With random weights.

    Raises
    ------
    ModelError
        If it cannot be built so.

    References
    ----------
    Ronneberger et al. 2015, U-Net, doi:10.1007/978-3-319-24574-4_28, arXiv:1505.04597.
    """
    own = {name: value for name, value in options.items() if name == "detail_channels"}
    others = {name: value for name, value in options.items() if name not in own}
    detail = check(own, own, "unet").get("detail_channels", 0)
    network = build_smp(smp.Unet, bands, labels, others)
    return DetailUnet(network, bands, detail, others) if detail else network
