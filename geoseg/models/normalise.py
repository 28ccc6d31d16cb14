"""From digital numbers to what a network takes: the one place for it, in training and in inference."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from ..card import Band, Scaling


class Normalise(torch.nn.Module):
    """Turn digital numbers (DN) into z-scores: ((DN * scale + offset) - mean) / std for each band.

    Both steps are one multiplication and one addition, folded here in double precision.
    """

    gain: torch.Tensor
    bias: torch.Tensor

    def __init__(self, bands: Sequence[Band], scaling: Scaling) -> None:
        super().__init__()
        mean = torch.tensor([band.mean for band in bands], dtype=torch.float64)
        std = torch.tensor([band.std for band in bands], dtype=torch.float64)
        self.register_buffer("gain", (scaling.scale / std).float().view(1, -1, 1, 1))
        self.register_buffer("bias", ((scaling.offset - mean) / std).float().view(1, -1, 1, 1))

    def forward(self, pixels: torch.Tensor, valid: torch.Tensor | None = None) -> torch.Tensor:
        """Return float32 [n, band, row, column] of DN of any dtype; 0, the mean, where not `valid` [n, row, column]."""
        values = pixels.float() * self.gain + self.bias
        return values if valid is None else values.masked_fill(~valid.unsqueeze(1), 0.0)
