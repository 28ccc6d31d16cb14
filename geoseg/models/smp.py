"""Networks as segmentation-models-pytorch saves them: weights as data, and a config.json."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch

from ..architectures.saved import HEAD, saved_network
from ..core.card import Scaling
from . import Bundle, torch_model
from .engine import Engine
from .interface_torch import Adapted
from .safetensors import filled, read_tensors
from .sources.folder import CONFIG, read_object


def engine(bundle: Bundle, scaling: Scaling, device: str) -> Engine:
    """Return the bundle's network in PyTorch.

    Parameters
    ----------
    bundle
        The model.
    scaling
        From digital numbers to the card's unit.
    device
        auto, cpu, cuda, or cuda:1.

    Returns
    -------
    Engine
        On that device.

    Raises
    ------
    InputError
        If there is no such device.
    ModelError
        If the weights cannot be read, or do not fit config.json.
    """
    found = torch_model.find_device(device)
    network = Adapted(build_network(bundle), bundle.card)
    able = ("fp32", "bf16", "fp16") if found.type == "cuda" else ("fp32", "bf16")
    return torch_model.foreign_engine("torch", bundle, network, scaling, found, able)


def build_network(bundle: Bundle) -> torch.nn.Module:
    """Build the network by its config.json, with the bundle's weights.

    Parameters
    ----------
    bundle
        The model.

    Returns
    -------
    torch.nn.Module
        On the processor, in evaluation mode: normalised pixels to logits.

    Raises
    ------
    ModelError
        If the weights cannot be read, or do not fit config.json.
    """
    return build(read_object(bundle.path / CONFIG), bundle.weights, bundle.card.name)


def build(config: Mapping[str, Any], weights: Path, name: str) -> torch.nn.Module:
    """Build a network that has no card yet.

    Parameters
    ----------
    config
        What its config.json holds.
    weights
        Its file in the format safetensors.
    name
        What errors call it.

    Returns
    -------
    torch.nn.Module
        As of `build_network`.

    Raises
    ------
    ModelError
        As of `build_network`.
    """
    tensors = {
        key: tensor for key, tensor in read_tensors([weights]).items() if not key.startswith(HEAD)
    }
    bands, classes = config.get("in_channels", 0), config.get("classes", 0)
    network = filled(partial(saved_network, config), tensors, name, bands, classes, CONFIG)
    return network.eval()
