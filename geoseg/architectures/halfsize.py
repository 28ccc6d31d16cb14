"""A small network that works at half size and looks near: for labels that depend on a pixel and
what is around it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torch.nn.functional import avg_pool2d, interpolate

from .options import check

DEFAULTS: dict[str, Any] = {
    "width": 80,
    "blocks": 8,
    "stem_width": 32,
    "context_blocks": 3,
    "squash": True,
}
COARSER = 4  # how much smaller the context's maps are than the others
LEAST = 1e-3  # what logarithms are taken of: reflectances below -0.02 are errors, not colours


class Squash(nn.Module):
    """Each band's value x as sigmoid(gain * log(1 + 50 x) + bias): spread evenly over 0 to 1.

    Gains and biases are learned. What is in shadow tells as much as what is bright, and no
    glint, cloud or snow can drown the rest.

    Parameters
    ----------
    bands
        Each has a gain and a bias of its own.
    """

    def __init__(self, bands: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.full((1, bands, 1, 1), 2.0))
        self.bias = nn.Parameter(torch.full((1, bands, 1, 1), -4.5))

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Return the values between 0 and 1.

        Parameters
        ----------
        values
            Reflectances [n, band, row, column], 0 to 1 and above.

        Returns
        -------
        torch.Tensor
            Of the same shape.
        """
        logs = torch.log((50 * values + 1).clamp(min=LEAST))
        return torch.sigmoid(logs * self.gain + self.bias)


class Near(nn.Module):
    """A residual block: a depthwise convolution and a mixture of the channels, each normalised.

    Parameters
    ----------
    width
        Channels.
    reach
        Pixels of its maps that the convolution looks to each side.
    """

    def __init__(self, width: int, reach: int = 1) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(width, width, 2 * reach + 1, padding=reach, groups=width, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 1, bias=False),
            nn.BatchNorm2d(width),
        )
        self.last = nn.ReLU(inplace=True)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Return the maps with what was found added.

        Parameters
        ----------
        maps
            [n, width, row, column].

        Returns
        -------
        torch.Tensor
            Of the same shape.
        """
        return self.last(maps + self.layers(maps))  # type: ignore[no-any-return]


class HalfSize(nn.Module):
    """Squashed bands, one convolution at full size, residual blocks at half, logits doubled.

    In the middle, a few blocks of 5 x 5 at an eighth of the size add what lies further away.
    Made for geoseg, and described nowhere else.

    Parameters
    ----------
    bands
        Channels that it takes.
    labels
        Channels of the logits.
    chosen
        All of DEFAULTS.
    """

    stride = 2 * COARSER
    # bf16's steps of 0.4 % would make one of spectra that differ by less
    exact = ("squash", "stem.0", "stem.1")

    def __init__(self, bands: int, labels: int, chosen: Mapping[str, Any]) -> None:
        super().__init__()
        width = chosen["width"]
        stem = chosen["stem_width"]
        blocks = chosen["blocks"]
        self.squash = Squash(bands) if chosen["squash"] else nn.Identity()
        self.stem = nn.Sequential(
            nn.Conv2d(bands, stem, 3, padding=1, bias=False),
            nn.BatchNorm2d(stem),
            nn.ReLU(inplace=True),
            nn.Conv2d(stem, width, 2, stride=2, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
        )
        self.first = nn.Sequential(*(Near(width) for _ in range(blocks // 2)))
        self.context = nn.Sequential(*(Near(width, 2) for _ in range(chosen["context_blocks"])))
        self.second = nn.Sequential(*(Near(width) for _ in range(blocks - blocks // 2)))
        self.head = nn.Conv2d(width, labels, 1)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Return the logits of a batch.

        Parameters
        ----------
        values
            Reflectances where it squashes them, else z-scores: [n, band, row, column].

        Returns
        -------
        torch.Tensor
            [n, label, row, column], of the same rows and columns.
        """
        spectra = self.stem[:3](self.squash(values))
        maps = self.first(self.stem[3:](spectra.to(self.head.weight.dtype)))
        if len(self.context):
            far = self.context(avg_pool2d(maps, COARSER))
            maps = maps + interpolate(
                far, scale_factor=COARSER, mode="bilinear", align_corners=False
            )
        return interpolate(
            self.head(self.second(maps)), scale_factor=2, mode="bilinear", align_corners=False
        )


def build(bands: int, labels: int, options: Mapping[str, Any]) -> nn.Module:
    """Build the network.

    Parameters
    ----------
    bands
        Channels that it takes.
    labels
        Channels of its logits.
    options
        Any of DEFAULTS.

    Returns
    -------
    nn.Module
        With random weights.
    """
    return HalfSize(bands, labels, DEFAULTS | check(options, DEFAULTS, "halfsize"))
