"""Padding that hangs on an image's size, made the number that it is for whole multiples of the
network's stride: a graph of free sizes would hold a formula of the size for each layer otherwise,
nested as deep as the network, and take minutes to be written.
"""

from __future__ import annotations

from timm.layers.conv2d_same import Conv2dSame
from torch import nn


def fix_padding(network: nn.Module) -> None:
    """Replace convolutions that pad as TensorFlow does ("same"), in place.

    Of rows and columns that are a multiple of a layer's stride, the padding is the kernel's reach
    less the stride, and its odd pixel lies below and on the right.

    Parameters
    ----------
    network
        In evaluation mode; its weights stay the same objects.
    """
    for name, layer in list(network.named_modules()):
        if isinstance(layer, Conv2dSame):
            parent, _, own = name.rpartition(".")
            setattr(network.get_submodule(parent), own, _fixed(layer))


def _fixed(layer: Conv2dSame) -> nn.Module:
    reach = [
        max((kernel - 1) * dilation + 1 - stride, 0)
        for kernel, dilation, stride in zip(
            layer.kernel_size, layer.dilation, layer.stride, strict=True
        )
    ]
    top, left = (each // 2 for each in reach)
    plain = nn.Conv2d(
        layer.in_channels,
        layer.out_channels,
        (layer.kernel_size[0], layer.kernel_size[1]),
        (layer.stride[0], layer.stride[1]),
        0,
        (layer.dilation[0], layer.dilation[1]),
        layer.groups,
        layer.bias is not None,
    )
    plain.weight, plain.bias = layer.weight, layer.bias
    return nn.Sequential(nn.ZeroPad2d((left, reach[1] - left, top, reach[0] - top)), plain)
