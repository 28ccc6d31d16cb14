"""Losses between logits and shares of classes; a pixel of weight 0 counts nothing."""

from __future__ import annotations

import torch
from torch.nn.functional import log_softmax


def soft_cross_entropy(logits: torch.Tensor, shares: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Return the mean cross entropy over pixels; logits and shares [n, label, row, column], weight [n, row, column].

    With one-hot shares this is the usual cross entropy, weight 0 being its ignore index.
    """
    losses = -(shares * log_softmax(logits, dim=1)).sum(dim=1)
    return (losses * weight).sum() / weight.sum().clamp(min=1)


def dice(logits: torch.Tensor, shares: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Return 1 - the mean Dice coefficient over the classes that the batch holds (Milletari et al. 2016)."""
    scores = logits.softmax(dim=1) * weight.unsqueeze(1)
    truth = shares * weight.unsqueeze(1)
    axes = (0, 2, 3)
    both, either = (scores * truth).sum(axes), (scores * scores + truth * truth).sum(axes)
    there = truth.sum(axes) > 0
    ratio = (2 * both + 1) / (either + 1)
    return 1 - ratio[there].mean() if there.any() else logits.sum() * 0
