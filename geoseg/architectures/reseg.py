"""ReSeg (Visin et al. 2016, arXiv:1511.07053): recurrent layers that sweep over an encoder's map
in four directions.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import torch
from torch import nn
from torch.nn.functional import pixel_unshuffle

from ..core.errors import ModelError
from .encoders import channels_of, make_encoder
from .options import check

DEFAULTS: dict[str, Any] = {
    "encoder": "vgg16_bn",
    "encoder_depth": 2,
    "units": 100,
    "patches": (2, 1),
    "width": 50,
}
LARGEST = 128  # pixels: a greater stride is no network to map with


class ReNet(nn.Module):
    """Two recurrent layers: down and up each column of patches, then along each row of what they
    found, both ways.

    Parameters
    ----------
    entering
        Channels in; out are twice as many as there are units.
    units
        Of each of the four gated recurrent units.
    patch
        Pixels along a square of the map that is one step.

    References
    ----------
    Visin et al. 2015, ReNet, arXiv:1505.00393.
    """

    def __init__(self, entering: int, units: int, patch: int) -> None:
        super().__init__()
        self.patch = patch
        self.vertical = nn.GRU(entering * patch**2, units, batch_first=True, bidirectional=True)
        self.horizontal = nn.GRU(2 * units, units, batch_first=True, bidirectional=True)

    def forward(self, map_: torch.Tensor) -> torch.Tensor:
        """Return what the sweeps have found.

        Parameters
        ----------
        map_
            [n, channel, row, column], whose rows and columns are multiples of the patch.

        Returns
        -------
        torch.Tensor
            [n, channel, row, column], of so many times fewer rows and columns.
        """
        steps = pixel_unshuffle(map_, self.patch).permute(0, 3, 2, 1)  # n, column, row, channel
        columns = self.vertical(steps.flatten(0, 1))[0].unflatten(0, steps.shape[:2])
        rows = columns.transpose(1, 2)
        swept = self.horizontal(rows.flatten(0, 1))[0].unflatten(0, rows.shape[:2])
        found: torch.Tensor = swept.permute(0, 3, 1, 2)
        return found


class ReSeg(nn.Module):
    """The first layers of an encoder, ReNet layers, and a transposed convolution for each time
    that the map was made smaller.

    Parameters
    ----------
    encoder
        Its last map is what the sweeps go over.
    top
        Channels of that map.
    labels
        Channels of the logits.
    options
        encoder_depth, units, patches and width.

    References
    ----------
    Visin et al. 2016, ReSeg, doi:10.1109/CVPRW.2016.60, arXiv:1511.07053.
    """

    sees_all = True  # a sweep carries on to the window's end what it met at its beginning

    def __init__(self, encoder: nn.Module, top: int, labels: int, options: dict[str, Any]) -> None:
        super().__init__()
        self.encoder = encoder
        units = options["units"]
        patches = options["patches"]
        entering = (top, *[2 * units] * (len(patches) - 1))
        self.sweeps = nn.Sequential(
            *(ReNet(count, units, patch) for count, patch in zip(entering, patches, strict=True))
        )
        factors = [patch for patch in reversed(patches) if patch > 1]
        factors += [2] * options["encoder_depth"]
        width = options["width"]
        channels = (2 * units, *[width] * len(factors))
        self.enlarge = nn.Sequential(
            *(_enlargement(count, width, n) for count, n in zip(channels, factors, strict=False))
        )
        self.head = nn.Conv2d(channels[-1], labels, 1)
        self.stride = prod(factors)

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
        logits: torch.Tensor = self.head(self.enlarge(self.sweeps(self.encoder(pixels)[-1])))
        return logits


def _enlargement(entering: int, leaving: int, factor: int) -> nn.Module:
    layer = nn.ConvTranspose2d(entering, leaving, factor, stride=factor)
    return nn.Sequential(layer, nn.ReLU(inplace=True))


def build(bands: int, labels: int, options: Mapping[str, Any]) -> nn.Module:
    """Build a ReSeg.

    Parameters
    ----------
    bands
        Channels that it takes.
    labels
        Channels of its logits.
    options
        encoder and encoder_depth, how often it halves the window (of VGG-16, 2 are the seven
        convolutions of the paper); units of each sweep; patches, the pixels along a step of each
        ReNet layer; width, the channels of the transposed convolutions.

    Returns
    -------
    nn.Module
        With random weights.

    Raises
    ------
    ModelError
        If its steps are larger than LARGEST.
    """
    chosen = DEFAULTS | check(options, DEFAULTS, "ReSeg")
    depth = chosen["encoder_depth"]
    stride = 2**depth * prod(chosen["patches"])
    if stride > LARGEST:
        raise ModelError(
            f"ReSeg cannot be built with steps of {stride} px",
            f"at most {LARGEST}: 2 to the power of encoder_depth, times the patches",
        )
    encoder = make_encoder(chosen["encoder"], bands, depth=depth)
    return ReSeg(encoder, channels_of(encoder, bands)[-1], labels, chosen)
