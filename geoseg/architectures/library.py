"""The networks of segmentation-models-pytorch, over any encoder, with its errors in our words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from inspect import signature
from typing import Any

import segmentation_models_pytorch as smp
import torch

from ..core.errors import ModelError
from .context import stride_of
from .encoders import REFUSALS, check_encoder, quiet
from .options import RULES, check


def build_smp(
    kind: type[torch.nn.Module], bands: int, labels: int, options: Mapping[str, Any], **fixed: Any
) -> torch.nn.Module:
    """Return smp's network over the encoder in options["encoder"], checked; `fixed` is what the
    caller adds.

    Other options go to smp by its own names. What would change the logits' number, size or
    meaning (classes, upsampling, activation, aux_params), or download, is not among them.
    """
    allowed = {"encoder", *(set(signature(kind).parameters) & set(RULES))}
    keywords = {"encoder": "resnet34"} | check(options, allowed, kind.__name__) | fixed
    encoder = keywords.pop("encoder")
    check_encoder(encoder)
    try:
        with quiet():
            return kind(
                encoder_name=encoder,
                encoder_weights=None,
                in_channels=bands,
                classes=labels,
                **keywords,
            )
    except REFUSALS as error:
        raise ModelError(
            f"{kind.__name__} over {encoder} cannot be built with {dict(options)}: {error}"
        ) from error


def build_pspnet(bands: int, labels: int, options: Mapping[str, Any]) -> torch.nn.Module:
    """Return a PSPNet (Zhao et al. 2017), whose logits are enlarged by what its encoder shrinks."""
    depth = options.get("encoder_depth", 3)
    enlarged = (
        {"upsampling": 2**depth} if depth in range(1, 6) else {}
    )  # another depth is refused by its own name
    return build_smp(smp.PSPNet, bands, labels, options, **enlarged)


def build_pan(bands: int, labels: int, options: Mapping[str, Any]) -> torch.nn.Module:
    """Return a PAN (Li et al. 2018, arXiv:1805.10180), which halves its encoder's last map three
    times more.
    """
    network = build_smp(smp.PAN, bands, labels, options)
    network.stride = 8 * stride_of(network)  # type: ignore[assignment]  # a plain number
    return network


build_deeplabv3 = partial(build_smp, smp.DeepLabV3)  # Chen et al. 2017, arXiv:1706.05587
build_deeplabv3plus = partial(build_smp, smp.DeepLabV3Plus)  # Chen et al. 2018, arXiv:1802.02611
build_fpn = partial(build_smp, smp.FPN)  # Kirillov et al. 2019, arXiv:1901.02446
build_linknet = partial(build_smp, smp.Linknet)  # Chaurasia and Culurciello 2017, arXiv:1707.03718
build_manet = partial(build_smp, smp.MAnet)  # Fan et al. 2020, doi 10.1109/ACCESS.2020.3025372
build_segformer = partial(
    build_smp, smp.Segformer
)  # Xie et al. 2021, arXiv:2105.15203; its own encoders: mit_b0 to b5
build_unet = partial(build_smp, smp.Unet)  # Ronneberger et al. 2015, arXiv:1505.04597
build_unetplusplus = partial(build_smp, smp.UnetPlusPlus)  # Zhou et al. 2018, arXiv:1807.10165
build_upernet = partial(build_smp, smp.UPerNet)  # Xiao et al. 2018, arXiv:1807.10221
