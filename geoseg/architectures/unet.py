"""U-Net (Ronneberger et al. 2015) over any encoder of segmentation-models-pytorch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import segmentation_models_pytorch as smp
import torch

from .encoders import build_smp


def build(bands: int, labels: int, options: Mapping[str, Any]) -> torch.nn.Module:
    """Return a U-Net; options: encoder, decoder_channels and what else smp.Unet takes."""
    return build_smp(smp.Unet, bands, labels, options)
