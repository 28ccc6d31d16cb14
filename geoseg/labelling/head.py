"""The last layer of a network, fitted by itself: multinomial logistic regression on what the
network makes of labelled pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

# of a class without labels: it is never mapped, and float16 can hold it
NEVER = -1e4
L2 = 0.3  # how much the squared weights of standardised features count beside the mean loss
# how many times as far a step along what the start tells apart goes: measured on four scenes beside
# those that are reported, 0 to 2 points of mean IoU more than with 3, and no more at 10
KNOWN = 6.0
STEPS = 60  # of L-BFGS, at most
LEAST_SHARE = 1e-3  # of a scene that a class which is labelled is taken to cover
LEAST = 1e-4  # deviation of a feature, which is never divided by less
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Head:
    """A linear layer from features to logits."""

    weight: Floats
    """[class, feature]."""
    bias: Floats
    """[class]."""

    def logits(self, features: npt.NDArray[Any]) -> Floats:
        """Return the logits of pixels.

        Parameters
        ----------
        features
            [pixel, feature].

        Returns
        -------
        array
            Float32 [pixel, class].
        """
        return np.asarray(features.astype(np.float32) @ self.weight.T + self.bias, np.float32)

    def scores(self, features: npt.NDArray[Any]) -> Floats:
        """Return the probabilities of pixels.

        Parameters
        ----------
        features
            [pixel, feature].

        Returns
        -------
        array
            Float32 [pixel, class], of sum 1.
        """
        return torch.softmax(torch.from_numpy(self.logits(features)), dim=1).numpy()


def fit_head(
    features: npt.NDArray[Any],
    label: npt.NDArray[Any],
    classes: int,
    known: Floats | None = None,
    land: npt.NDArray[Any] | None = None,
) -> Head:
    """Fit the head in which every class that is labelled counts as much, however often it is.

    Parameters
    ----------
    features
        [pixel, feature].
    label
        The class's index [pixel]; one class at least.
    classes
        How many there are; one without labels gets the bias NEVER.
    known
        The last layer of the model that was started from [its class, feature]: its classes are no
        more than directions, but land that they part is likely to be parted again, and weights
        along them cost less.
    land
        Features of pixels that are spread over the scenes [pixel, feature], by which features and
        logits are standardised: how much they vary among a few labels, of which those of rare
        classes are as many as those of common ones, tells little. None takes the labelled pixels.

    Returns
    -------
    Head
        The minimum of the mean cross entropy over classes plus L2 / 2 times the squared weights of
        standardised features, and of `known`'s standardised logits times KNOWN beside them; biases
        are free.
    """
    given = torch.from_numpy(np.asarray(features, np.float32))
    wanted = torch.from_numpy(np.asarray(label, np.int64))
    counts = torch.bincount(wanted, minlength=classes)
    there = counts > 0
    each = 1.0 / (counts[wanted] * there.sum())
    mean = given.mean(dim=0)
    varied = given
    if land is not None and len(land):
        varied = torch.from_numpy(np.asarray(land, np.float32))
    deviation = varied.std(dim=0, unbiased=False).clamp(min=LEAST)
    # [what is fitted, feature]: rows that turn centred features into what the weights are of
    rows = torch.diag(1 / deviation)
    if known is not None:
        logits = torch.from_numpy(np.asarray(known, np.float32))
        spread = (varied @ logits.T).std(dim=0, unbiased=False).clamp(min=LEAST)
        rows = torch.cat([rows, KNOWN * logits / spread[:, None]])
    scaled = (given - mean) @ rows.T
    absent = torch.where(there, 0.0, NEVER)
    weight = torch.zeros(classes, len(rows), requires_grad=True)
    bias = torch.zeros(classes, requires_grad=True)
    solver = torch.optim.LBFGS(
        [weight, bias], max_iter=STEPS, tolerance_grad=1e-6, line_search_fn="strong_wolfe"
    )

    def loss() -> torch.Tensor:
        solver.zero_grad()
        logits = scaled @ weight.T + (bias + absent)
        errors = torch.nn.functional.cross_entropy(logits, wanted, reduction="none")
        total = (errors * each).sum() + L2 / 2 * (weight**2).sum()
        torch.autograd.backward(total)
        return total

    solver.step(loss)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        plain = weight @ rows
        offset = bias - plain @ mean
    plain[~there] = 0
    offset = torch.where(there, offset, NEVER)
    return Head(plain.detach().numpy(), offset.detach().numpy())


def shares(head: Head, features: npt.NDArray[Any]) -> Floats:
    """Return how common each class is, as the mean of the probabilities of pixels drawn evenly.

    Parameters
    ----------
    head
        Fitted with all classes alike.
    features
        Of pixels that are spread over the scenes [pixel, feature].

    Returns
    -------
    array
        Float32 [class], LEAST_SHARE at least where the class is labelled.
    """
    there = head.bias > NEVER / 2
    if not len(features):
        return np.where(there, 1 / max(int(there.sum()), 1), 0).astype(np.float32)
    found = head.scores(features).mean(axis=0)
    return np.where(there, np.maximum(found, LEAST_SHARE), 0).astype(np.float32)


def with_shares(head: Head, share: Floats) -> Head:
    """Return the head for scenes in which the classes are as common as told.

    Labels say what a class looks like, not how common it is: what was fitted with all classes alike
    finds the rare ones too often. One step of the rule by which priors are adjusted to unlabelled
    data (Saerens et al. 2002, Neural Computation 14); more steps make rare classes vanish.

    Parameters
    ----------
    head
        Fitted with all classes alike.
    share
        Of each class.

    Returns
    -------
    Head
        With other biases.
    """
    there = share > 0
    shift = np.log(np.where(there, share * there.sum(), 1.0))
    return Head(head.weight, (head.bias + shift).astype(np.float32))
