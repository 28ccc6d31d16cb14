"""The temperature of a model's scores: one number that makes its confidence as high as its
accuracy.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.arrays import Floats
from ..core.card import NODATA
from ..core.errors import InputError

Scores = npt.NDArray[np.floating[Any]]

# a temperature beyond these says that the scores tell nothing, or everything
COLDEST = 0.05
HOTTEST = 20.0
GOLDEN = (math.sqrt(5) - 1) / 2


class PixelSample:
    """A bounded random sample of pixels, each as likely to be in it as any other.

    Each pixel draws a number, and the smallest stay, so memory does not grow with the scenes.

    Parameters
    ----------
    most
        Pixels at most.
    seed
        The same seed, and the same pixels in the same order, give the same sample.
    """

    def __init__(self, most: int = 200_000, seed: int = 1) -> None:
        self._most = most
        self._random = np.random.default_rng(seed)
        self._draws: Floats = np.empty(0)
        self._logits: Scores | None = None
        self._truth: npt.NDArray[Any] | None = None

    def add(self, logits: Scores, truth: npt.NDArray[Any]) -> None:
        """Let pixels draw.

        Parameters
        ----------
        logits
            [label, ...], before softmax or sigmoid.
        truth
            Class indices [...], or 0 and 1 [label, ...]; NODATA is left out.
        """
        known = (truth if truth.ndim < logits.ndim else truth[0]) != NODATA
        draws = self._random.random(int(known.sum()))
        chosen = draws < (self._draws.max() if len(self._draws) == self._most else 1.0)
        flat = np.asarray(logits)[:, known][:, chosen]
        rows = flat if self._logits is None else np.concatenate([self._logits, flat], axis=1)
        all_draws = np.concatenate([self._draws, draws[chosen]])
        keep = (
            np.argpartition(all_draws, self._most)[: self._most]
            if len(all_draws) > self._most
            else slice(None)
        )
        self._logits = rows[:, keep]
        self._draws = all_draws[keep]
        truths = truth[..., known][..., chosen]
        self._truth = (
            truths if self._truth is None else np.concatenate([self._truth, truths], axis=-1)
        )[..., keep]

    def fit(self, activation: str = "softmax") -> float:
        """Return the temperature of the sample.

        Parameters
        ----------
        activation
            softmax or sigmoid.

        Returns
        -------
        float
            As of `fit_temperature`.

        Raises
        ------
        InputError
            If nothing was added.
        """
        if self._logits is None or self._truth is None:
            raise InputError(
                "no labelled pixel to fit a temperature to",
                "some pixels with a known class, held out",
            )
        return fit_temperature(self._logits, self._truth, activation)


def fit_temperature(logits: Scores, truth: npt.NDArray[Any], activation: str = "softmax") -> float:
    """Return the temperature T at which activation(logits / T) is likeliest to be the truth.

    It has the least negative log likelihood. Fit it on places that the network has not been
    trained on; the class with the highest score stays the same, only the confidence changes.

    Parameters
    ----------
    logits
        [label, ...], what the network puts out before its softmax or sigmoid; for softmax the
        logarithms of its probabilities serve as well.
    truth
        Class indices [...], NODATA (255) where unknown; or, for sigmoid, [label, ...] of 0 and 1,
        NaN where unknown.
    activation
        softmax, one class a pixel, or sigmoid, each class by itself.

    Returns
    -------
    float
        0.05 to 20, to four decimals; above 1 the network was too sure of itself.

    Raises
    ------
    InputError
        If no pixel is labelled.

    References
    ----------
    Guo et al. 2017, On calibration of modern neural networks, Proceedings of Machine Learning
    Research 70, arXiv:1706.04599, doi:10.48550/arXiv.1706.04599.
    """
    losses = {"softmax": _softmax_loss, "sigmoid": _sigmoid_loss}[activation](
        np.asarray(logits), np.asarray(truth)
    )
    low = math.log(COLDEST)
    high = math.log(HOTTEST)
    return round(
        math.exp(golden_section(lambda place: losses(math.exp(-place)), low, high, 1e-5)), 4
    )


def at_limit(temperature: float) -> bool:
    """Return whether a temperature is as low or high as it may be, so that it calibrates nothing.

    Parameters
    ----------
    temperature
        As `fit_temperature` gives it.

    Returns
    -------
    bool
        True where the scores tell nothing, or everything.
    """
    return not 1.001 * COLDEST < temperature < 0.999 * HOTTEST


def golden_section(
    function: Callable[[float], float], low: float, high: float, tolerance: float
) -> float:
    """Return where a function is least.

    Parameters
    ----------
    function
        It has one valley between the bounds.
    low, high
        The bounds.
    tolerance
        How far from the valley's bottom the result may lie.

    Returns
    -------
    float
        Between the bounds.

    References
    ----------
    Kiefer 1953, Sequential minimax search for a maximum, doi:10.1090/S0002-9939-1953-0055639-3.
    """
    first = high - GOLDEN * (high - low)
    second = low + GOLDEN * (high - low)
    at_first = function(first)
    at_second = function(second)
    while high - low > tolerance:
        if at_first <= at_second:
            high = second
            second = first
            at_second = at_first
            first = high - GOLDEN * (high - low)
            at_first = function(first)
        else:
            low = first
            first = second
            at_first = at_second
            second = low + GOLDEN * (high - low)
            at_second = function(second)
    return (low + high) / 2


def _softmax_loss(logits: Scores, truth: npt.NDArray[Any]) -> Callable[[float], float]:
    known = truth != NODATA
    scores = _some(logits[:, known].astype(np.float64))
    scores -= scores.max(axis=0)  # exp() of what is at most 0 cannot overflow
    right = scores[truth[known].astype(np.intp), np.arange(scores.shape[1])]

    def loss(inverse: float) -> float:
        total = np.exp(scores * inverse).sum(axis=0)
        return float(np.mean(np.log(total) - right * inverse))

    return loss


def _sigmoid_loss(logits: Scores, truth: npt.NDArray[Any]) -> Callable[[float], float]:
    if truth.ndim < logits.ndim:
        labels = np.arange(len(logits)).reshape(-1, *([1] * truth.ndim))
        truth = np.where(truth == NODATA, np.nan, (truth == labels).astype(np.float64))
    known = np.isfinite(truth)
    scores = _some(logits[known].astype(np.float64))
    signs = 2 * truth[known].astype(np.float64) - 1

    def loss(inverse: float) -> float:
        return float(np.mean(np.logaddexp(0, -signs * scores * inverse)))

    return loss


def _some(scores: Floats) -> Floats:
    if not scores.size:
        raise InputError(
            "no labelled pixel to fit a temperature to", "some pixels with a known class, held out"
        )
    # a probability of 0 has no logarithm: that of the least float32 above 0 stands for it
    return np.nan_to_num(scores, neginf=-104.0)
