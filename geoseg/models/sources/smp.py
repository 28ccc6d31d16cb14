"""Networks that segmentation-models-pytorch has saved: architecture and weights, and no more."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ...core.errors import ModelError
from . import Fact, Facts, Fetch, Found
from .folder import CONFIG, find_folder, read_object, weight_files
from .outputs import torch_facts
from .settle import USUAL_TILE, plain_name

KIND = "a network of segmentation-models-pytorch"
# of ImageNet's RGB as shares of 255, with which nearly all encoders are trained first
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


def read(location: str, fetch: Fetch) -> Found | None:  # noqa: ARG001 - as every reader
    """Read a folder as the library's `save_pretrained` writes it.

    Parameters
    ----------
    location
        Its path, or that of its config.json or model.safetensors; of anything else None comes
        back.
    fetch
        Not needed: the folder lies on this machine.

    Returns
    -------
    Found or None
        Architecture, counts and activation: it says neither bands nor scaling, classes or pixels.

    Raises
    ------
    ModelError
        If it is one, and cannot be read.
    """
    folder = find_folder(location)
    if folder is None:
        return None
    config = read_object(folder / CONFIG)
    if "_model_class" not in config:
        return None
    from ...architectures.saved import activation_of

    (weights,) = weight_files(folder)
    end = activation_of(config)
    encoder = config.get("encoder_name", "resnet34")
    certain = {
        "artifact": "smp.safetensors",
        "companions": (CONFIG,),
        "architecture": f"{config['_model_class']} over {encoder}",
    }
    facts = {name: Fact(value, CONFIG) for name, value in certain.items()}
    facts["name"] = Fact(plain_name(folder.resolve().name), "the folder's name", certain=False)
    facts["activation"] = Fact(end or "softmax", CONFIG if end else "a guess", certain=bool(end))
    if config.get("in_channels") == len(IMAGENET[0]):
        guesses = dict(zip(("mean", "std"), IMAGENET, strict=True)) | {"scale": 1 / 255}
        facts |= {
            name: Fact(value, "what its encoder was trained with first", certain=False)
            for name, value in guesses.items()
        }
    files = {"smp.safetensors": weights, CONFIG: folder / CONFIG}
    return Found(KIND, files, facts, examine=partial(_examine, config, weights))


def _examine(config: Mapping[str, Any], weights: Path, found: Found, facts: Facts) -> Facts:
    """Build it and run it on noise."""
    from ...architectures.context import stride_of
    from ..smp import build

    network = build(config, weights, facts["name"].value)
    bands = config["in_channels"]
    if "bands" in facts and facts["bands"].certain and len(facts["bands"].value) != bands:
        raise ModelError(
            f"{found.kind} takes {bands} bands, and {len(facts['bands'].value)} are named "
            f"({', '.join(facts['bands'].value)})"
        )
    tile = facts["tile"].value if "tile" in facts else USUAL_TILE
    told = torch_facts(network, bands, stride_of(network), config["_model_class"], tile)
    return {**told, "activation": facts["activation"], "result": Fact("logits", CONFIG)}
