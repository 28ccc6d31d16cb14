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
    """Build a network of segmentation-models-pytorch over any encoder.

    Parameters
    ----------
    kind
        Its class there.
    bands
        Channels that it takes.
    labels
        Channels of its logits.
    options
        encoder, and what smp takes by its own names, as far as `options.RULES` knows it. What would
        change the logits' number, size or meaning (classes, upsampling, activation, aux_params), or
        download, is not among them.
    **fixed
        What the caller adds, unchecked.

    Returns
    -------
    torch.nn.Module
        With random weights.

    Raises
    ------
    ModelError
        If smp cannot build it so.
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
    """Build a PSPNet, whose logits are enlarged by what its encoder shrinks.

    Parameters
    ----------
    bands
        Channels that it takes.
    labels
        Channels of its logits.
    options
        As of `build_smp`; the encoder is three levels deep unless told otherwise.

    Returns
    -------
    torch.nn.Module
        With random weights.

    References
    ----------
    Zhao et al. 2017, Pyramid scene parsing network, doi:10.1109/CVPR.2017.660, arXiv:1612.01105.
    """
    depth = options.get("encoder_depth", 3)
    # another depth is refused by its own name
    enlarged = {"upsampling": 2**depth} if depth in range(1, 6) else {}
    return build_smp(smp.PSPNet, bands, labels, options, **enlarged)


def build_pan(bands: int, labels: int, options: Mapping[str, Any]) -> torch.nn.Module:
    """Build a PAN, which halves its encoder's last map three times more.

    Parameters
    ----------
    bands
        Channels that it takes.
    labels
        Channels of its logits.
    options
        As of `build_smp`.

    Returns
    -------
    torch.nn.Module
        With random weights.

    References
    ----------
    Li et al. 2018, Pyramid attention network for semantic segmentation, arXiv:1805.10180.
    """
    network = build_smp(smp.PAN, bands, labels, options)
    network.stride = 8 * stride_of(network)  # type: ignore[assignment]  # a plain number
    return network


# Chen et al. 2017, arXiv:1706.05587
build_deeplabv3 = partial(build_smp, smp.DeepLabV3)
# Chen et al. 2018, doi:10.1007/978-3-030-01234-2_49, arXiv:1802.02611
build_deeplabv3plus = partial(build_smp, smp.DeepLabV3Plus)
# Kirillov et al. 2019, doi:10.1109/CVPR.2019.00656, arXiv:1901.02446
build_fpn = partial(build_smp, smp.FPN)
# Chaurasia and Culurciello 2017, doi:10.1109/VCIP.2017.8305148, arXiv:1707.03718
build_linknet = partial(build_smp, smp.Linknet)
# Fan et al. 2020, doi:10.1109/ACCESS.2020.3025372
build_manet = partial(build_smp, smp.MAnet)
# Xie et al. 2021, arXiv:2105.15203; its own encoders are mit_b0 to mit_b5
build_segformer = partial(build_smp, smp.Segformer)
# Zhou et al. 2018, doi:10.1007/978-3-030-00889-5_1, arXiv:1807.10165
build_unetplusplus = partial(build_smp, smp.UnetPlusPlus)
# Xiao et al. 2018, doi:10.1007/978-3-030-01228-1_26, arXiv:1807.10221
build_upernet = partial(build_smp, smp.UPerNet)
