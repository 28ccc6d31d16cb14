"""DPT (Ranftl et al. 2021, arXiv:2103.13413): a vision transformer of timm with a convolutional
decoder.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import segmentation_models_pytorch as smp
import torch

from .context import stride_of
from .library import build_smp

ENCODER = "tu-vit_small_patch16_224"


def build(bands: int, labels: int, options: Mapping[str, Any]) -> torch.nn.Module:
    """Build a DPT; windows of any size are taken, for the transformer's positions are interpolated.

    Parameters
    ----------
    bands
        Channels that it takes.
    labels
        Channels of its logits.
    options
        encoder (``tu-`` and a vision transformer of timm), and decoder_* as smp.DPT takes them.

    Returns
    -------
    torch.nn.Module
        With random weights.

    References
    ----------
    Ranftl, Bochkovskiy and Koltun 2021, Vision transformers for dense prediction,
    doi:10.1109/ICCV48922.2021.01196, arXiv:2103.13413.
    """
    network = build_smp(
        smp.DPT, bands, labels, {"encoder": ENCODER, **options}, dynamic_img_size=True
    )
    network.stride = 2 * stride_of(network)  # type: ignore[assignment]  # the decoder halves the last map once more
    return network
