"""A small encoder to learn from and to test with: eleven plain convolutions, with max pooling
between them.
"""

from __future__ import annotations

import torch
from torch import nn

CHANNELS = (16, 24, 32, 48, 64, 96)  # of the maps at 1/1, 1/2, 1/4, 1/8, 1/16, 1/32
MOST_DEPTH = len(CHANNELS) - 1


class SmallEncoder(nn.Module):
    """Maps of 1/1, 1/2, ... 1/32 of a window's size, each what the next pooling takes.

    It has 0.26 M weights, and what segmentation-models-pytorch asks of an encoder.

    Parameters
    ----------
    depth
        How often it halves the size, 1 to 5.
    output_stride
        How much smaller its last maps are at most; taken as told, `make_dilated` sees to it.

    Raises
    ------
    ValueError
        If the depth is another.
    """

    def __init__(self, depth: int = MOST_DEPTH, output_stride: int = 32) -> None:
        super().__init__()
        if not 1 <= depth <= MOST_DEPTH:
            raise ValueError(f"depth {depth} must be 1 to {MOST_DEPTH}")
        self.out_channels = list(CHANNELS[: depth + 1])
        self.output_stride = min(output_stride, 2**depth)
        stages = [nn.Sequential(*convolution(3, CHANNELS[0]))]
        for level in range(1, depth + 1):
            fine, coarse = CHANNELS[level - 1 : level + 1]
            layers = (*convolution(fine, coarse), *convolution(coarse, coarse))
            stages.append(nn.Sequential(nn.MaxPool2d(2), *layers))
        self.stages = nn.ModuleList(stages)

    def forward(self, pixels: torch.Tensor) -> list[torch.Tensor]:
        """Return the maps of a batch.

        Parameters
        ----------
        pixels
            Normalised values [n, band, row, column].

        Returns
        -------
        list of torch.Tensor
            [n, channel, row, column] each, finest first.
        """
        maps = [self.stages[0](pixels)]
        for stage in self.stages[1:]:
            maps.append(stage(maps[-1]))
        return maps

    def set_in_channels(self, bands: int, pretrained: bool = False) -> None:  # noqa: ARG002 - smp passes it
        """Make the first convolution one over so many bands, with new weights.

        Parameters
        ----------
        bands
            Channels that it takes from now on.
        pretrained
            Ignored: smp passes it, and there is nothing to keep.
        """
        self.stages[0] = nn.Sequential(*convolution(bands, CHANNELS[0]))

    def make_dilated(self, output_stride: int) -> None:
        """Let maps be no smaller than told: pooling keeps the size, what follows is dilated.

        Parameters
        ----------
        output_stride
            How much smaller than the window the maps are at most.
        """
        for level, stage in enumerate(self.stages):
            dilation = 2**level // output_stride
            if dilation > 1:
                assert isinstance(stage, nn.Sequential)
                stage[0] = nn.MaxPool2d(3, stride=1, padding=1)
                for layer in stage:
                    if isinstance(layer, nn.Conv2d):
                        layer.dilation = layer.padding = (dilation, dilation)


def convolution(entering: int, leaving: int) -> tuple[nn.Module, ...]:
    """Return a 3 x 3 convolution, normalised and rectified, that keeps the size.

    Parameters
    ----------
    entering, leaving
        Channels in and out.

    Returns
    -------
    tuple of nn.Module
        The three layers, in this order.
    """
    return (
        nn.Conv2d(entering, leaving, 3, padding=1, bias=False),
        nn.BatchNorm2d(leaving),
        nn.ReLU(inplace=True),
    )
