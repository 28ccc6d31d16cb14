"""From a network's logits to scores: the one place for it, whatever computes the network in PyTorch."""

from __future__ import annotations

import torch


def activate(logits: torch.Tensor, activation: str, dim: int = 1) -> torch.Tensor:
    """Return the scores of logits, as the card's `activation` wants them: softmax over labels, or sigmoid of each."""
    return torch.sigmoid(logits) if activation == "sigmoid" else torch.softmax(logits, dim=dim)


class Activate(torch.nn.Module):
    """Turn logits [n, label, row, column] into scores: activation(logits / temperature), in float32."""

    def __init__(self, temperature: float = 1.0, activation: str = "softmax") -> None:
        super().__init__()
        self.temperature, self.activation = temperature, activation

    def forward(self, logits: torch.Tensor) -> torch.Tensor:
        """Return float32 scores from 0 to 1; those of softmax add up to 1 over the labels."""
        values = logits.float()
        return activate(values if self.temperature == 1 else values / self.temperature, self.activation)
