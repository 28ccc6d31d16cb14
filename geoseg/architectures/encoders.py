"""Networks of segmentation-models-pytorch, with its errors in our words."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from inspect import signature
from typing import Any

import segmentation_models_pytorch as smp
import torch

from ..errors import ModelError


def build_smp(kind: type[torch.nn.Module], bands: int, labels: int, options: Mapping[str, Any]) -> torch.nn.Module:
    """Return smp's network over the encoder in options["encoder"]; the other options go to smp as they are."""
    keywords = dict(options)
    encoder = str(keywords.pop("encoder", "resnet34"))
    if isinstance(keywords.get("decoder_channels"), list):  # JSON and TOML know no tuples
        keywords["decoder_channels"] = tuple(keywords["decoder_channels"])
    check_encoder(encoder)
    known = set(signature(kind).parameters) - {"kwargs"}  # smp would swallow any other keyword without a word
    if strange := set(keywords) - known:
        raise ModelError(
            f"{kind.__name__} cannot be built with {', '.join(sorted(strange))}", f"only {', '.join(sorted(known))}"
        )
    try:
        with warnings.catch_warnings():  # smp's timm- encoders are to go one day; saved models still name them
            warnings.filterwarnings("ignore", "`timm-` encoders are deprecated", DeprecationWarning)
            return kind(encoder_name=encoder, encoder_weights=None, in_channels=bands, classes=labels, **keywords)
    except (TypeError, ValueError, KeyError) as error:
        raise ModelError(f"{kind.__name__} over {encoder} cannot be built with {dict(options)}: {error}") from error


def check_encoder(encoder: str) -> None:
    """Raise ModelError unless smp has the encoder; names that begin with "tu-" are timm's own."""
    known = smp.encoders.get_encoder_names()
    if encoder in known:
        return
    if encoder.startswith("tu-"):
        from timm import is_model

        if is_model(encoder.removeprefix("tu-")):
            return
    raise ModelError(f"unknown encoder {encoder!r}", f"tu- and a name of timm, or one of {', '.join(sorted(known))}")
