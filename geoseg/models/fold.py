"""Batch normalisation folded into the convolutions before it: the same network, fewer passes
over memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


@dataclass(slots=True)
class _Call:
    """One layer as it ran."""

    name: str
    """Its name in the network."""
    layer: nn.Module
    """The layer."""
    entered: torch.Tensor
    """The tensor that went in."""
    left: torch.Tensor
    """The tensor that came out."""


@torch.no_grad()
def fold_batch_norm(network: nn.Module, bands: int, stride: int) -> int:
    """Fold each BatchNorm2d that directly follows a Conv2d into it, in place.

    The pairs are found by watching a run, since segmentation networks branch on shapes and
    cannot be traced symbolically. A pair counts where the convolution's output goes, as the very
    same tensor, into the normalisation, and each of the two ran once.

    Parameters
    ----------
    network
        On the processor; it is left in evaluation mode.
    bands
        Channels that it takes.
    stride
        What rows and columns must be multiples of, in pixels.

    Returns
    -------
    int
        How many were folded.
    """
    calls = _watch(network, torch.zeros(1, bands, 4 * stride, 4 * stride))
    runs = [call.name for call in calls]
    folded = 0
    for first, second in pairwise(calls):
        pair = isinstance(first.layer, nn.Conv2d) and isinstance(second.layer, nn.BatchNorm2d)
        if (
            pair
            and second.entered is first.left
            and runs.count(first.name) == runs.count(second.name) == 1
        ):
            _fold(network, first, second)
            folded += 1
    return folded


def _watch(network: nn.Module, pixels: torch.Tensor) -> list[_Call]:
    calls: list[_Call] = []
    hooks = [
        layer.register_forward_hook(
            lambda layer, entered, left, name=name: calls.append(
                _Call(name, layer, entered[0], left)
            )
        )
        for name, layer in network.named_modules()
        if isinstance(layer, nn.Conv2d | nn.BatchNorm2d)
    ]
    try:
        network.eval()(pixels)
    finally:
        for hook in hooks:
            hook.remove()
    return calls


def _fold(network: nn.Module, first: _Call, second: _Call) -> None:
    conv = first.layer
    norm = second.layer
    assert isinstance(conv, nn.Conv2d)
    assert isinstance(norm, nn.BatchNorm2d)
    fused = fuse_conv_bn_eval(conv, norm)
    conv.weight = fused.weight
    conv.bias = fused.bias
    parent, _, name = second.name.rpartition(".")
    # timm's BatchNormAct2d carries its activation along
    setattr(network.get_submodule(parent), name, getattr(norm, "act", nn.Identity()))
