"""From digital numbers to what a network takes: the one place for it, in training and in inference."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from ..card import Band, Scaling
from .affine import gain_and_bias


class Normalise(torch.nn.Module):
    """Turn digital numbers (DN) into z-scores: ((DN * scale + offset) - mean) / std for each band.

    Both steps are one multiplication and one addition; see affine.py.
    """

    gain: torch.Tensor
    bias: torch.Tensor

    def __init__(self, bands: Sequence[Band], scaling: Scaling) -> None:
        super().__init__()
        gain, bias = gain_and_bias(bands, scaling)
        self.register_buffer("gain", torch.from_numpy(gain))
        self.register_buffer("bias", torch.from_numpy(bias))

    def forward(self, pixels: torch.Tensor, valid: torch.Tensor | None = None) -> torch.Tensor:
        """Return float32 [n, band, row, column] of DN of any dtype; 0, the mean, where not `valid` [n, row, column]."""
        values = pixels.float() * self.gain + self.bias
        return values if valid is None else values.masked_fill(~valid.unsqueeze(1), 0.0)
