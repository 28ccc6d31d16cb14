"""Losses between logits and shares of classes; a pixel of weight 0 counts nothing, a class as much
as its weight.

Labels may be partial: after the shares of the classes stand those of sets of classes, of which one
is true.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch.nn.functional import log_softmax, logsigmoid

from ..models.torch_model import activate
from .config import LossConfig

Tensor = torch.Tensor
Sets = tuple[tuple[int, ...], ...]  # of class indices, as in partial.Meanings
# logits [n, label, row, column], shares [n, label and set, row, column], weight [n, row, column],
# of classes [label]
# -> a number
Loss = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]
SMALLEST = 1e-30  # above 0, and below what is left of a share of 1/255 by any power in use
HEAVIEST = 10.0  # times the mean: a class of a few pixels must not drown all others


def sharpen(target: Tensor, power: float, several: bool = False) -> tuple[Tensor, Tensor]:
    """Return shares raised to a power, and which pixels count.

    Parameters
    ----------
    target
        Uint8 [n, class and set, row, column], 255 times the share.
    power
        Above 1 the largest share gains, below 1 the others do; 1 changes nothing.
    several
        Whether each class is told by itself: then shares need not add up to 1.

    Returns
    -------
    tuple of Tensor
        Shares, float32 as the target, that add up to 1 unless `several`; weight, float32
        [n, row, column], 1 where something is labelled and 0 elsewhere.
    """
    powers = (target.float() / 255) ** power
    whole = 1.0 if several else powers.sum(dim=1, keepdim=True).clamp(min=SMALLEST)
    return powers / whole, target.any(dim=1).float()


def soft_cross_entropy(
    logits: Tensor,
    shares: Tensor,
    weight: Tensor,
    classes: Tensor,
    sets: Sets = (),
    even: bool = False,
) -> Tensor:
    """Return the mean cross entropy over pixels, with shares in place of one class.

    With one-hot shares this is the usual cross entropy, weight 0 being its ignore index. The
    loss of a set of classes is -log of the sum of their probabilities (partial labels: Cour et al.
    2011, Learning from Partial Labels, JMLR 12).

    Parameters
    ----------
    logits
        Float32 [n, class, row, column].
    shares
        [n, class and set, row, column], 0 to 1.
    weight
        [n, row, column]; 0 leaves a pixel out.
    classes
        [class], how much each counts.
    sets
        Class indices of each set, whose shares stand after the classes' own.
    even
        Whether the classes of a set are raised alike, as `LossConfig.even_sets` says; the loss is
        the same.

    Returns
    -------
    Tensor
        A number, 0 or more.
    """
    return _mean(
        -shares * _logs(logits, sets, even),
        shares,
        weight,
        _extended(classes, sets),
    )


def focal(
    logits: Tensor,
    shares: Tensor,
    weight: Tensor,
    classes: Tensor,
    gamma: float = 2.0,
    sets: Sets = (),
    even: bool = False,
) -> Tensor:
    """Return the focal loss: cross entropy, less where the network is sure already.

    Parameters
    ----------
    logits, shares, weight, classes
        As of `soft_cross_entropy`.
    gamma
        How much less: what has the probability p counts (1 - p) ** gamma.
    sets, even
        As of `soft_cross_entropy`.

    Returns
    -------
    Tensor
        A number, 0 or more; at gamma 0 the cross entropy.

    References
    ----------
    Lin et al. 2017, Focal Loss for Dense Object Detection, arXiv:1708.02002.
    """
    logs = _logs(logits, sets, even)
    return _mean(
        -shares * (1 - logs.exp()).clamp(min=0) ** gamma * logs,
        shares,
        weight,
        _extended(classes, sets),
    )


def binary(
    logits: Tensor, shares: Tensor, weight: Tensor, classes: Tensor, sets: Sets = ()
) -> Tensor:
    """Return the binary cross entropy of every class against the others, each with its own sigmoid.

    Of a set of classes, one at least is there: the chance of that is 1 - the product of the
    members' chances to be away. Nothing is said against any member, and all against the others.

    Parameters
    ----------
    logits, shares, weight, classes, sets
        As of `soft_cross_entropy`; the shares need not add up to 1.

    Returns
    -------
    Tensor
        A number, 0 or more: the mean over classes and pixels.
    """
    away = logsigmoid(-logits)
    none = [away[:, list(chosen)].sum(dim=1, keepdim=True).clamp(max=-SMALLEST) for chosen in sets]
    there = torch.cat(
        [logsigmoid(logits), *(torch.log(-torch.expm1(logs)) for logs in none)], dim=1
    )
    against = (1 - _maybe(shares, sets)).clamp(min=0)
    yes = (shares * there * _by_class(_extended(classes, sets))).sum(dim=1)
    no = (against * away * _by_class(classes)).sum(dim=1)
    return (-(yes + no) / logits.shape[1] * weight).sum() / weight.sum().clamp(min=1)


def dice(
    logits: Tensor,
    shares: Tensor,
    weight: Tensor,
    classes: Tensor,
    activation: str = "softmax",
    sets: Sets = (),
) -> Tensor:
    """Return 1 - the mean Dice coefficient over the classes that the batch holds, with squares
    below the line and 1 added on both sides.

    Where a pixel is of a set of classes, it counts for the others only, which it is not.

    Parameters
    ----------
    logits, shares, weight, classes
        As of `soft_cross_entropy`.
    activation
        "softmax" or "sigmoid": what turns logits into scores.
    sets
        As of `soft_cross_entropy`.

    Returns
    -------
    Tensor
        A number from 0 to 1.

    References
    ----------
    Milletari et al. 2016, V-Net, arXiv:1606.04797.
    """
    own = shares[:, : logits.shape[1]]
    known = weight.unsqueeze(1) * (1 - (_maybe(shares, sets) - own)).clamp(min=0)
    scores = activate(logits, activation) * known
    truth = own * known
    axes = (0, 2, 3)
    both = (scores * truth).sum(axes)
    either = (scores * scores + truth * truth).sum(axes)
    there = (truth.sum(axes) > 0) * classes
    ratio = (2 * both + 1) / (either + 1)
    return ((1 - ratio) * there).sum() / there.sum().clamp(min=1e-9)


def combine(config: LossConfig, sets: Sets = ()) -> Loss:
    """Return the weighted sum of losses that the configuration asks for.

    Parameters
    ----------
    config
        Weights of the losses; those of weight 0 are not computed.
    sets
        Class indices of each set, whose shares stand after the classes' own.

    Returns
    -------
    Loss
        A function of logits, shares, weight and classes, as of `soft_cross_entropy`.
    """
    kinds: dict[str, Loss] = {
        "cross_entropy": partial(soft_cross_entropy, sets=sets, even=config.even_sets),
        "dice": partial(dice, activation=config.activation, sets=sets),
        "focal": partial(focal, gamma=config.gamma, sets=sets, even=config.even_sets),
        "binary": partial(binary, sets=sets),
    }
    parts = [(getattr(config, name), loss) for name, loss in kinds.items() if getattr(config, name)]

    def total(logits: Tensor, shares: Tensor, weight: Tensor, classes: Tensor) -> Tensor:
        return torch.stack(
            [share * loss(logits, shares, weight, classes) for share, loss in parts]
        ).sum()

    return total


def class_weights(config: LossConfig, counts: list[float]) -> list[float]:
    """Return how much each class counts in the loss.

    Parameters
    ----------
    config
        Given weights, "balanced" by the inverse root of its pixels, or "" for 1 each.
    counts
        Labelled pixels of each class.

    Returns
    -------
    list of float
        Of mean 1 over the classes that are there; at most HEAVIEST where balanced, and 1 for a
        class without pixels.
    """
    if isinstance(config.classes, list):
        mean = sum(config.classes) / len(config.classes)
        return [weight / mean for weight in config.classes]
    if config.classes != "balanced":
        return [1.0] * len(counts)
    roots = [count**-0.5 if count else 0.0 for count in counts]
    there = [root for root in roots if root]
    mean = sum(there) / len(there)
    return [min(root / mean, HEAVIEST) if root else 1.0 for root in roots]


def _logs(logits: Tensor, sets: Sets, even: bool) -> Tensor:
    """Return log probabilities of the classes [n, label, ...], and after them those of sets of
    classes.
    """
    logs = log_softmax(logits, dim=1)
    if not even:
        found = [logs[:, list(chosen)].logsumexp(dim=1, keepdim=True) for chosen in sets]
    else:
        found = [_even_log(logits, chosen) for chosen in sets]
    return torch.cat([logs, *found], dim=1)


def _even_log(logits: Tensor, chosen: tuple[int, ...]) -> Tensor:
    """Return the log of the sum of some classes' probabilities, whose slope is the same for each of
    them: their ratios stay as they are.

    The sum's own slope goes by probability: of what is only known to be land, road or building, the
    class that leads takes all, right or wrong.
    """
    others = [label for label in range(logits.shape[1]) if label not in chosen]
    if not others:
        return torch.zeros_like(logits[:, :1])
    inside = logits[:, list(chosen)]
    level = inside.mean(dim=1, keepdim=True)
    lifted = level + (inside.logsumexp(dim=1, keepdim=True) - level).detach()
    return logsigmoid(lifted - logits[:, others].logsumexp(dim=1, keepdim=True))


def _extended(classes: Tensor, sets: Sets) -> Tensor:
    """Return the weights of the classes, and after them those of sets of classes: their members'
    mean.
    """
    return torch.cat(
        [classes, *(classes[list(chosen)].mean(dim=0, keepdim=True) for chosen in sets)]
    )


def _maybe(shares: Tensor, sets: Sets) -> Tensor:
    """Return how far each class [n, label, ...] may be there, by its own share and by those of
    its sets.
    """
    count = shares.shape[1] - len(sets)
    found = shares[:, :count]
    if sets:
        found = found.clone()
        for place, chosen in enumerate(sets, count):
            found[:, list(chosen)] += shares[:, place : place + 1]
    return found


def _mean(losses: Tensor, shares: Tensor, weight: Tensor, classes: Tensor) -> Tensor:
    """Return the mean over pixels, each weighing as much as its classes."""
    weights = _by_class(classes) * weight.unsqueeze(1)
    return (losses * weights).sum() / (shares * weights).sum().clamp(min=1e-9)


def _by_class(classes: Tensor) -> Tensor:
    return classes.view(1, -1, 1, 1)
