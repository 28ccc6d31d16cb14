"""PSPNet (Zhao et al. 2017) over any encoder of segmentation-models-pytorch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import segmentation_models_pytorch as smp
import torch

from .encoders import build_smp


def build(bands: int, labels: int, options: Mapping[str, Any]) -> torch.nn.Module:
    """Return a PSPNet; options: encoder, psp_out_channels and what else smp.PSPNet takes."""
    return build_smp(smp.PSPNet, bands, labels, options)
