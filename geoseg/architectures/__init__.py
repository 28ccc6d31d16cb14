"""The networks that geoseg can build, by name: listing them imports nothing, building one
imports its file.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..core.errors import ModelError

if TYPE_CHECKING:
    import torch


ARCHITECTURES = {
    "deconvnet": "geoseg.architectures.deconvnet:build",
    "deeplabv1": "geoseg.architectures.deeplab:build_v1",
    "deeplabv2": "geoseg.architectures.deeplab:build_v2",
    "deeplabv3": "geoseg.architectures.library:build_deeplabv3",
    "deeplabv3plus": "geoseg.architectures.library:build_deeplabv3plus",
    "dpt": "geoseg.architectures.dpt:build",
    "fcn32s": "geoseg.architectures.fcn:build_32s",
    "fcn16s": "geoseg.architectures.fcn:build_16s",
    "fcn8s": "geoseg.architectures.fcn:build_8s",
    "fpn": "geoseg.architectures.library:build_fpn",
    "halfsize": "geoseg.architectures.halfsize:build",
    "linknet": "geoseg.architectures.library:build_linknet",
    "manet": "geoseg.architectures.library:build_manet",
    "pan": "geoseg.architectures.library:build_pan",
    "pspnet": "geoseg.architectures.library:build_pspnet",
    "reseg": "geoseg.architectures.reseg:build",
    "segformer": "geoseg.architectures.library:build_segformer",
    "segnet": "geoseg.architectures.segnet:build",
    "unet": "geoseg.architectures.unet:build",
    "unetplusplus": "geoseg.architectures.library:build_unetplusplus",
    "upernet": "geoseg.architectures.library:build_upernet",
}
# of those without an encoder: what a training builds them with where nothing is told. It feeds them
# z-scores, which halfsize's squash, made for reflectances, would cut off at the mean
WITHOUT_ENCODER: dict[str, dict[str, Any]] = {"halfsize": {"squash": False}}


def build(
    architecture: str, bands: int, labels: int, hyperparameters: Mapping[str, Any]
) -> torch.nn.Module:
    """Build a network by its name, with random weights; nothing is ever downloaded.

    The network has run once, so that what it was given fits together.

    Parameters
    ----------
    architecture
        A key of ARCHITECTURES.
    bands
        Channels of what it takes, at least 1.
    labels
        Channels of the logits that it gives.
    hyperparameters
        What its file's DEFAULTS, or `options.RULES`, name; from a card, so it is checked.

    Returns
    -------
    torch.nn.Module
        Pixels [n, band, row, column] to logits [n, label, row, column]. Rows and columns must be
        multiples of `context.stride_of` the network, 32 in most; it raises ModelError on others.

    Raises
    ------
    ModelError
        If there is no such architecture, or it cannot be built or run with these hyperparameters.
    """
    from .context import check_runs, refuse_other_windows

    network = _construct(architecture, bands, labels, hyperparameters)
    check_runs(network, bands, labels, f"{architecture} with {dict(hyperparameters)}")
    refuse_other_windows(network)
    return network


def weight_shapes(
    architecture: str, bands: int, labels: int, hyperparameters: Mapping[str, Any]
) -> dict[str, tuple[int, ...]]:
    """Return the shapes of a network's weights; nothing is drawn, held in memory or run.

    Parameters
    ----------
    architecture, bands, labels, hyperparameters
        As of `build`.

    Returns
    -------
    dict
        By the name of the weight.

    Raises
    ------
    ModelError
        If there is no such architecture, or it cannot be built with these hyperparameters.
    """
    import torch

    # a run there would have PyTorch load its compiler: 3 s
    with torch.device("meta"):
        network = _construct(architecture, bands, labels, hyperparameters)
    return {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}


def _construct(
    architecture: str, bands: int, labels: int, hyperparameters: Mapping[str, Any]
) -> torch.nn.Module:
    """Build a network that has not run."""
    if architecture not in ARCHITECTURES:
        raise ModelError(
            f"unknown architecture {architecture!r}", f"one of {', '.join(ARCHITECTURES)}"
        )
    module, _, function = ARCHITECTURES[architecture].partition(":")
    network: torch.nn.Module = getattr(import_module(module), function)(
        bands, labels, hyperparameters
    )
    return network
