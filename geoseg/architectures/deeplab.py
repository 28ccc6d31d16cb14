"""DeepLab v1 and v2 (Chen et al. 2015, arXiv:1412.7062; 2017, arXiv:1606.00915): atrous
convolutions, large views.

Of v1 this is the variant "LargeFOV", of v2 the variant "ASPP-L". The papers sharpen the scores
afterwards with a dense CRF. It is left out: its libraries are no longer maintained, and its
result depends on how a scene is cut into windows, where ours must not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torch.nn.functional import interpolate

from .encoders import channels_of, make_encoder
from .options import check

SHARED: dict[str, Any] = {"encoder": "vgg16_bn", "head_channels": 1024, "dropout": 0.5}
V1 = SHARED | {"rate": 12}
V2 = SHARED | {"rates": (6, 12, 18, 24)}


class DeepLab(nn.Module):
    """Scores of an encoder's map of 1/8, the sum of one atrous branch for each rate, enlarged.

    Parameters
    ----------
    encoder
        With an output stride of 8.
    top
        Channels of its last map.
    labels
        Channels of the logits.
    rates
        Dilation of each branch: one in v1, four in v2.
    options
        head_channels and dropout of the branches.

    References
    ----------
    Chen et al. 2015, Semantic image segmentation with deep convolutional nets and fully connected
    CRFs, arXiv:1412.7062 (v1); Chen et al. 2018, DeepLab, doi:10.1109/TPAMI.2017.2699184,
    arXiv:1606.00915 (v2).
    """

    def __init__(
        self,
        encoder: nn.Module,
        top: int,
        labels: int,
        rates: tuple[int, ...],
        options: dict[str, Any],
    ):
        super().__init__()
        self.encoder = encoder
        self.branches = nn.ModuleList(
            _branch(top, options["head_channels"], labels, rate, options["dropout"])
            for rate in rates
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
        top = self.encoder(pixels)[-1]
        logits = torch.stack([branch(top) for branch in self.branches]).sum(dim=0)
        return interpolate(logits, size=pixels.shape[-2:], mode="bilinear", align_corners=False)


def _branch(top: int, head: int, labels: int, rate: int, dropout: float) -> nn.Module:
    """Return fc6 as an atrous convolution of 3 x 3, fc7 and fc8 as convolutions of 1 x 1."""
    return nn.Sequential(
        nn.Conv2d(top, head, 3, padding=rate, dilation=rate),
        nn.ReLU(inplace=True),
        nn.Dropout(dropout),
        nn.Conv2d(head, head, 1),
        nn.ReLU(inplace=True),
        nn.Dropout(dropout),
        nn.Conv2d(head, labels, 1),
    )


def build_v1(bands: int, labels: int, options: Mapping[str, Any]) -> nn.Module:
    """Build DeepLab v1, the variant "LargeFOV".

    Parameters
    ----------
    bands
        Channels that it takes.
    labels
        Channels of its logits.
    options
        encoder, head_channels, dropout, and rate of the one atrous branch.

    Returns
    -------
    nn.Module
        With random weights.
    """
    chosen = V1 | check(options, V1, "DeepLab v1")
    return _build(bands, labels, (chosen["rate"],), chosen)


def build_v2(bands: int, labels: int, options: Mapping[str, Any]) -> nn.Module:
    """Build DeepLab v2, the variant "ASPP-L".

    Parameters
    ----------
    bands
        Channels that it takes.
    labels
        Channels of its logits.
    options
        encoder, head_channels, dropout, and rates, one branch each.

    Returns
    -------
    nn.Module
        With random weights.
    """
    chosen = V2 | check(options, V2, "DeepLab v2")
    return _build(bands, labels, chosen["rates"], chosen)


def _build(bands: int, labels: int, rates: tuple[int, ...], chosen: dict[str, Any]) -> nn.Module:
    encoder = make_encoder(chosen["encoder"], bands, output_stride=8)
    return DeepLab(encoder, channels_of(encoder, bands)[-1], labels, rates, chosen)
