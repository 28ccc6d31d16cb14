"""Networks that segmentation-models-pytorch has saved by itself, built by its own config.json."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from inspect import signature
from reprlib import repr as brief
from typing import Any

import segmentation_models_pytorch as smp
import torch

from ..core.errors import ModelError
from .context import stride_of
from .encoders import REFUSALS, check_encoder, quiet
from .options import RULES, Rule, check, one_of, whole

CLASSES = tuple(sorted(kind.__name__ for kind in smp.MODEL_ARCHITECTURES_MAPPING.values()))
# what is done to scores, as it saves it -> the activation of a card
ENDS = {
    None: "",
    "identity": "",
    "sigmoid": "sigmoid",
    "softmax": "softmax",
    "softmax2d": "softmax",
    "logsoftmax": "softmax",
}
HEAD = "classification_head."  # of the whole image: no part of a map
COUNTS = {"in_channels": whole(1, 1024), "classes": whole(1, 255)}
UPSAMPLING = whole(1, 64)
OLD_NORM = one_of(True, False)


def saved_network(config: Mapping[str, Any]) -> torch.nn.Module:
    """Build a network as segmentation-models-pytorch describes it, without its activation.

    Parameters
    ----------
    config
        JSON of a stranger, as its `save_pretrained` writes it. What would download is left out,
        and so is a head that is of whole images.

    Returns
    -------
    torch.nn.Module
        With random weights: pixels to logits.

    Raises
    ------
    ModelError
        If it is no such network, or it cannot be built.
    """
    name = config.get("_model_class")
    if not isinstance(name, str) or name not in CLASSES:
        raise ModelError(f"config.json says _model_class {brief(name)}", ", ".join(CLASSES))
    kind: type[torch.nn.Module] = getattr(smp, name)
    encoder = config.get("encoder_name", "resnet34")
    if not isinstance(encoder, str):
        raise ModelError(f"encoder_name is {brief(encoder)}", "a name")
    check_encoder(encoder)
    for key, rule in COUNTS.items():
        _check(kind, key, config.get(key), rule)
    keywords = _keywords(kind, config)
    make = partial(kind, encoder_name=encoder, encoder_weights=None)
    try:
        with quiet():
            network = make(in_channels=config["in_channels"], classes=config["classes"], **keywords)
    except REFUSALS as error:
        raise ModelError(f"{name} over {encoder} cannot be built: {error}") from error
    if name == "PAN":  # it halves its encoder's last map three times more
        network.stride = 8 * stride_of(network)  # type: ignore[assignment]  # a plain number
    return network.eval()


def activation_of(config: Mapping[str, Any]) -> str:
    """Tell what a saved network would do to its scores.

    Parameters
    ----------
    config
        As of `saved_network`.

    Returns
    -------
    str
        One of a card's activations, or "" where it leaves them as they are.

    Raises
    ------
    ModelError
        If it does anything else.
    """
    found = config.get("activation")
    if not (found is None or isinstance(found, str)) or found not in ENDS:
        raise ModelError(
            f"config.json says activation {brief(found)}",
            ", ".join("none" if end is None else end for end in ENDS),
        )
    return ENDS[found]


def _keywords(kind: type[torch.nn.Module], config: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the class takes beside encoder and counts, once each keeps its rule."""
    known = signature(kind).parameters
    other = (*COUNTS, "encoder_name", "encoder_weights", "activation", "aux_params")
    given = {
        key: value
        for key, value in config.items()
        if not key.startswith("_")
        and key not in other
        # nothing, where that is what it takes if nothing is said
        and not (value is None and (key not in known or known[key].default is None))
    }
    if "decoder_use_batchnorm" in given:  # as its older versions called it
        old = given.pop("decoder_use_batchnorm")
        _check(kind, "decoder_use_batchnorm", old, OLD_NORM)
        given["decoder_use_norm"] = "batchnorm" if old else "identity"
    enlarged = {}
    if "upsampling" in given and "upsampling" in known:
        enlarged["upsampling"] = given.pop("upsampling")
        _check(kind, "upsampling", enlarged["upsampling"], UPSAMPLING)
    return check(given, set(known) & set(RULES), kind.__name__) | enlarged


def _check(kind: type[torch.nn.Module], key: str, value: Any, rule: Rule) -> None:
    if not rule.accepts(value):
        raise ModelError(
            f"{kind.__name__} cannot be built with {key} = {brief(value)}", rule.expected
        )
