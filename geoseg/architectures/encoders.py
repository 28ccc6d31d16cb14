"""Encoders by name: those of segmentation-models-pytorch, of timm (`tu-` and its name), and a
small one of our own.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import segmentation_models_pytorch as smp
import torch
from segmentation_models_pytorch.encoders.vgg import VGGEncoder
from torch import nn

from ..core.errors import ModelError
from .small import SmallEncoder

# what smp and timm raise on names, numbers and combinations that they do not know
REFUSALS = (TypeError, ValueError, KeyError, IndexError, AssertionError, RuntimeError)
smp.encoders.encoders.setdefault(
    "small", {"encoder": SmallEncoder, "params": {}, "pretrained_settings": {}}
)


def make_encoder(name: str, bands: int, output_stride: int = 32, depth: int = 5) -> nn.Module:
    """Build an encoder by its name, with random weights.

    Parameters
    ----------
    name
        Of segmentation-models-pytorch, ``tu-`` and a name of timm, or ``small``.
    bands
        Channels that it takes.
    output_stride
        How much smaller its last maps are at most: 8, 16 or 32. Below 32 its last layers are
        dilated in turn.
    depth
        How often it halves the window: its maps are one more. Layers beyond stay, and do not run.

    Returns
    -------
    nn.Module
        Pixels [n, band, row, column] to a list of maps of 1/1, 1/2, 1/4, ... of a window's size.

    Raises
    ------
    ModelError
        If there is no such encoder, or it cannot be dilated so.
    """
    check_encoder(name)
    is_vgg = name.startswith("vgg")  # smp refuses to dilate them
    try:
        with quiet():
            encoder: nn.Module = smp.encoders.get_encoder(
                name,
                in_channels=bands,
                weights=None,
                depth=depth,
                output_stride=32 if is_vgg else output_stride,
            )
    except REFUSALS as error:
        raise ModelError(
            f"encoder {name} with output stride {output_stride} cannot be built: {error}"
        ) from error
    if is_vgg:
        _dilate_vgg(encoder, output_stride)
    return encoder


def check_encoder(name: str) -> None:
    """Raise unless there is an encoder of that name.

    Parameters
    ----------
    name
        As of `make_encoder`; it may come from a stranger's card.

    Raises
    ------
    ModelError
        If neither smp nor, after ``tu-``, timm has it.
    """
    known = smp.encoders.get_encoder_names()
    if name in known:
        return
    # nothing but a plain name: timm's create_model would take addresses and paths as well
    if re.fullmatch(r"tu-[a-z0-9_]+(\.[a-z0-9_]+)?", name, re.ASCII):
        from timm import is_model

        if is_model(name.removeprefix("tu-")):
            return
    raise ModelError(
        f"unknown encoder {name[:80]!r}",
        f"tu- and a name of timm, or one of {', '.join(sorted(known))}",
    )


@contextmanager
def quiet() -> Iterator[None]:
    """Keep back smp's word that its timm- encoders are to go one day: saved models still name them.

    Yields
    ------
    None
        While smp builds one.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`timm-` encoders are deprecated", DeprecationWarning)
        yield


@torch.no_grad()
def channels_of(encoder: Any, bands: int) -> list[int]:
    """Return the channels of each of an encoder's maps, found by a run.

    Many encoders give the window itself as the map of full size; some give an empty map at half
    size.

    Parameters
    ----------
    encoder
        It is left in the mode, training or not, that it was in.
    bands
        Channels that it takes.

    Returns
    -------
    list of int
        From the map of 1/1 to the smallest; 0 where it has no map of its own.
    """
    pixels = torch.zeros(1, bands, 64, 64)
    training = encoder.training
    maps = encoder.eval()(pixels)
    encoder.train(training)
    return [0 if map_ is pixels else map_.shape[1] for map_ in maps]


def _dilate_vgg(encoder: Any, output_stride: int) -> None:
    """Let the last poolings keep the size and dilate what follows, as DeepLab does (Chen et al.
    2015, section 3.1).
    """
    assert isinstance(encoder, VGGEncoder)
    stride = 1
    for index, layer in enumerate(encoder.features):
        if isinstance(layer, nn.MaxPool2d):
            stride *= 2
            if stride > output_stride:
                encoder.features[index] = nn.MaxPool2d(3, stride=1, padding=1)
        elif isinstance(layer, nn.Conv2d) and stride > output_stride:
            layer.dilation = layer.padding = (stride // output_stride,) * 2
    encoder._output_stride = min(output_stride, encoder.output_stride)
