"""A decoder that puts values back where an encoder's maxima were: max-unpooling by stored
indices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import nn
from torch.nn.functional import interpolate, max_pool2d, max_unpool2d

from ..core.errors import ModelError

Block = Callable[[int, int], nn.Module]  # channels in and out -> layers that keep the size


class Unpooling(nn.Module):
    """From an encoder's coarsest map to logits of full size, through the indices of its poolings.

    The indices are those of 2 x 2 max pooling of each finer map. In VGG and `small` the maps are
    what the encoder itself pools, so that these are its own indices; in encoders that shrink by
    strided convolutions (ResNet, MobileNet) they tell where each map is strongest. The latter
    have no map of full size: there the last doubling is bilinear.

    Parameters
    ----------
    channels
        Of the encoder's maps, finest first; 0 for a map of full size that is not its own.
    labels
        Channels of the logits.
    block
        Makes layers that keep the size, from channels in and out.
    name
        What errors call the network.

    Raises
    ------
    ModelError
        If the encoder has no map at half size.
    """

    def __init__(self, channels: Sequence[int], labels: int, block: Block, name: str) -> None:
        super().__init__()
        if not all(channels[1:]):
            raise ModelError(
                f"{name} needs maps at every scale, and its encoder has none at half size",
                do="choose an encoder that halves the size step by step, as vgg16_bn",
            )
        finest = 0 if channels[0] else 1
        self.first = (
            nn.Identity() if channels[-1] == channels[-2] else block(channels[-1], channels[-2])
        )
        self.blocks = nn.ModuleList()
        for level in range(len(channels) - 2, finest - 1, -1):
            here = channels[level]
            last = channels[level - 1] if level > finest else here
            self.blocks.append(nn.Sequential(block(here, here), block(here, last)))
        self.score = nn.Conv2d(channels[finest], labels, 3, padding=1)

    def forward(self, maps: Sequence[torch.Tensor], size: torch.Size) -> torch.Tensor:
        """Return logits from all maps of an encoder.

        Parameters
        ----------
        maps
            [n, channel, row, column] each, finest first.
        size
            Rows and columns of the logits: the window's.

        Returns
        -------
        torch.Tensor
            [n, label, row, column].
        """
        values = self.first(maps[-1])
        for block, map_ in zip(self.blocks, reversed(maps[:-1]), strict=False):
            _, indices = max_pool2d(map_, 2, return_indices=True)
            values = block(unpool(values, indices, map_))
        logits: torch.Tensor = self.score(values)
        return (
            logits if logits.shape[-2:] == size else interpolate(logits, size=size, mode="bilinear")
        )


def unpool(values: torch.Tensor, indices: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """Put values where the indices say, into zeros.

    Parameters
    ----------
    values
        [n, channel, row, column], at half the size of `like`.
    indices
        Of the same shape: where each maximum was, as `max_pool2d` counts.
    like
        What has the shape of the result.

    Returns
    -------
    torch.Tensor
        Of the shape of `like`.
    """
    if torch.jit.is_tracing():  # type: ignore[attr-defined, no-untyped-call]
        # max_unpool2d checks its sizes in a way that no tracer follows
        zeros = torch.zeros_like(like).flatten(2)
        return zeros.scatter(2, indices.flatten(2), values.flatten(2)).view_as(like)
    # several times as fast
    return max_unpool2d(values, indices, [2, 2], output_size=like.shape[-2:])
