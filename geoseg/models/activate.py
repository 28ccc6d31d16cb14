"""From a network's logits to probabilities: the one place for it, whatever computes the network."""

from __future__ import annotations

import torch


class Activate(torch.nn.Module):
    """Turn logits [n, label, row, column] into probabilities: softmax(logits / temperature), in float32."""

    def __init__(self, temperature: float = 1.0) -> None:
        super().__init__()
        self.temperature = temperature

    def forward(self, logits: torch.Tensor) -> torch.Tensor:
        """Return float32 probabilities that add up to 1 over the labels."""
        values = logits.float()
        return torch.softmax(values if self.temperature == 1 else values / self.temperature, dim=1)
