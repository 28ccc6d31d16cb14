"""Losses between logits and shares of classes; a pixel of weight 0 counts nothing, a class as much as its weight."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn.functional import binary_cross_entropy_with_logits, log_softmax

from ..models.activate import activate
from .config import LossConfig

Tensor = torch.Tensor
# logits and shares [n, label, row, column], weight [n, row, column], of classes [label] -> a number
Loss = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]
SMALLEST = 1e-30  # above 0, and below what is left of a share of 1/255 by any power in use
HEAVIEST = 10.0  # times the mean: a class of a few pixels must not drown all others


def sharpen(target: Tensor, power: float, several: bool = False) -> tuple[Tensor, Tensor]:
    """Return the shares of 255 raised to a power, and the weight: 0 where nothing is labelled.

    Shares of classes that exclude one another add up to 1; of `several` at once, each is by itself.
    """
    powers = (target.float() / 255) ** power
    whole = 1.0 if several else powers.sum(dim=1, keepdim=True).clamp(min=SMALLEST)
    return powers / whole, target.any(dim=1).float()


def soft_cross_entropy(logits: Tensor, shares: Tensor, weight: Tensor, classes: Tensor) -> Tensor:
    """Return the mean cross entropy over pixels.

    With one-hot shares this is the usual cross entropy, weight 0 being its ignore index.
    """
    return _mean(-shares * log_softmax(logits, dim=1), shares, weight, classes)


def focal(logits: Tensor, shares: Tensor, weight: Tensor, classes: Tensor, gamma: float = 2.0) -> Tensor:
    """Return the focal loss (Lin et al. 2017): cross entropy, less where the network is sure already."""
    logs = log_softmax(logits, dim=1)
    return _mean(-shares * (1 - logs.exp()).clamp(min=0) ** gamma * logs, shares, weight, classes)


def binary(logits: Tensor, shares: Tensor, weight: Tensor, classes: Tensor) -> Tensor:
    """Return the binary cross entropy of every class against the others, each with its own sigmoid."""
    losses = binary_cross_entropy_with_logits(logits, shares, reduction="none") * _by_class(classes)
    return (losses.mean(dim=1) * weight).sum() / weight.sum().clamp(min=1)


def dice(
    logits: Tensor, shares: Tensor, weight: Tensor, classes: Tensor, activation: str = "softmax"
) -> Tensor:  # fmt: skip
    """Return 1 - the mean Dice coefficient over the classes that the batch holds (Milletari et al. 2016)."""
    scores = activate(logits, activation) * weight.unsqueeze(1)
    truth = shares * weight.unsqueeze(1)
    axes = (0, 2, 3)
    both, either = (scores * truth).sum(axes), (scores * scores + truth * truth).sum(axes)
    there = (truth.sum(axes) > 0) * classes
    ratio = (2 * both + 1) / (either + 1)
    return ((1 - ratio) * there).sum() / there.sum().clamp(min=1e-9)


def combine(config: LossConfig) -> Loss:
    """Return the weighted sum of losses that the configuration asks for."""

    def sharp(logits: Tensor, shares: Tensor, weight: Tensor, classes: Tensor) -> Tensor:
        return focal(logits, shares, weight, classes, config.gamma)

    def overlap(logits: Tensor, shares: Tensor, weight: Tensor, classes: Tensor) -> Tensor:
        return dice(logits, shares, weight, classes, config.activation)

    kinds: dict[str, Loss] = {"cross_entropy": soft_cross_entropy, "dice": overlap, "focal": sharp, "binary": binary}
    parts = [(getattr(config, name), loss) for name, loss in kinds.items() if getattr(config, name)]

    def total(logits: Tensor, shares: Tensor, weight: Tensor, classes: Tensor) -> Tensor:
        return torch.stack([share * loss(logits, shares, weight, classes) for share, loss in parts]).sum()

    return total


def class_weights(config: LossConfig, counts: list[float]) -> list[float]:
    """Return a weight for each class, of mean 1: given, by the inverse root of its pixels, or 1."""
    if isinstance(config.classes, list):
        mean = sum(config.classes) / len(config.classes)
        return [weight / mean for weight in config.classes]
    if config.classes != "balanced":
        return [1.0] * len(counts)
    roots = [count**-0.5 if count else 0.0 for count in counts]
    there = [root for root in roots if root]
    mean = sum(there) / len(there)
    return [min(root / mean, HEAVIEST) if root else 1.0 for root in roots]


def _mean(losses: Tensor, shares: Tensor, weight: Tensor, classes: Tensor) -> Tensor:
    """Return the mean over pixels, each weighing as much as its classes."""
    weights = _by_class(classes) * weight.unsqueeze(1)
    return (losses * weights).sum() / (shares * weights).sum().clamp(min=1e-9)


def _by_class(classes: Tensor) -> Tensor:
    return classes.view(1, -1, 1, 1)
