"""The networks that geoseg can build, by name: listing them imports nothing, building one imports its file."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..errors import ModelError

if TYPE_CHECKING:
    import torch

ARCHITECTURES = {
    "pspnet": "geoseg.architectures.pspnet:build",
    "unet": "geoseg.architectures.unet:build",
}


def build(architecture: str, bands: int, labels: int, hyperparameters: Mapping[str, Any]) -> torch.nn.Module:
    """Return the network, with random weights, that maps [n, bands, row, column] to logits [n, labels, row, column].

    Rows and columns must be multiples of the encoder's stride, 32 in most. Nothing is ever downloaded.
    """
    if architecture not in ARCHITECTURES:
        raise ModelError(f"unknown architecture {architecture!r}", f"one of {', '.join(ARCHITECTURES)}")
    module, _, function = ARCHITECTURES[architecture].partition(":")
    network: torch.nn.Module = getattr(import_module(module), function)(bands, labels, hyperparameters)
    return network
