"""Average precision and recall of objects, as COCO computes them, over whole scenes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ...core.arrays import Floats
from .matching import NONE, Candidates, find_candidates, match
from .overlaps import Overlaps

THRESHOLDS = tuple(np.linspace(0.5, 0.95, 10).tolist())
RECALLS = np.linspace(0.0, 1.0, 101)
# COCO's squares of 32 and 96 pixels; a size on the edge is of both sides
COCO_SIZES = (32.0**2, 96.0**2)
SIZE_NAMES = ("small", "medium", "large")


@dataclass(frozen=True, slots=True, eq=False)
class AveragePrecision:
    """Precision by recall, and recall, of each class and size."""

    names: tuple[str, ...]
    """Of the classes."""
    thresholds: tuple[float, ...]
    """Of IoU."""
    ranges: tuple[tuple[float, float], ...]
    """Least and most size; all sizes first."""
    precision: Floats
    """At each of RECALLS: [threshold, recall, class, range], NaN where the truth has no object."""
    scores: Floats
    """The score that reaches it, of the same shape: from which on predictions count there; NaN
    where no score does."""
    recall: Floats
    """Of all predictions: [threshold, class, range], NaN where the truth has no object."""

    def ap(self, threshold: float | None = None, label: int | None = None, size: int = 0) -> float:
        """Return the average precision.

        Parameters
        ----------
        threshold
            Of IoU; None for the mean over all of them.
        label
            A class; None for the mean over those that the truth has (mAP).
        size
            Which of the ranges.

        Returns
        -------
        float
            0 to 1; NaN where the truth has no such object.
        """
        chosen = self.precision[self._at(threshold)]
        return _mean(chosen[:, :, _one(label), size])

    def ar(self, threshold: float | None = None, label: int | None = None, size: int = 0) -> float:
        """Return the average recall.

        Parameters
        ----------
        threshold, label, size
            As of `ap`.

        Returns
        -------
        float
            0 to 1; NaN where the truth has no such object.
        """
        return _mean(self.recall[self._at(threshold)][:, _one(label), size])

    def _at(self, threshold: float | None) -> slice:
        if threshold is None:
            return slice(None)
        place = int(np.argmin(np.abs(np.array(self.thresholds) - threshold)))
        return slice(place, place + 1)


def average_precision(
    found: Overlaps,
    *,
    thresholds: Sequence[float] = THRESHOLDS,
    sizes: Sequence[float] = COCO_SIZES,
    most: int | None = None,
) -> AveragePrecision:
    """Return average precision and recall of the objects of a comparison.

    Objects outside count as those of another size do: a prediction that matches one, or that lies
    outside itself and matches none, is neither right nor wrong.

    Parameters
    ----------
    found
        The objects, the predictions with scores. Stuff is left out.
    thresholds
        Of IoU.
    sizes
        Where small, medium and large part, rising, in the unit of the tables' sizes; any number of
        them, none for no ranges.
    most
        How many predictions count in each scene and class, the surest; None for all: a scene has
        thousands of objects, where one of COCO's photographs has a few.

    Returns
    -------
    AveragePrecision
        Of each class, size and threshold.

    References
    ----------
    Lin et al. 2014, Microsoft COCO: common objects in context, doi:10.1007/978-3-319-10602-1_48;
    equal to its reference implementation.
    """
    edges = [0.0, *sizes, np.inf]
    ranges = [(0.0, np.inf)]
    ranges += list(pairwise(edges)) if len(sizes) else []
    classes = len(found.names)
    shape = (len(thresholds), len(RECALLS), classes, len(ranges))
    precision = np.full(shape, np.nan)
    scores = np.full(shape, np.nan)
    recall = np.full((len(thresholds), classes, len(ranges)), np.nan)
    candidates = find_candidates(found, most)
    for at, (low, high) in enumerate(ranges):
        truth = found.truth
        ignored = truth.crowd | truth.outside | (truth.sizes < low) | (truth.sizes > high)
        there = truth.classes[~ignored & ~truth.stuff]
        counts = np.bincount(there, minlength=classes)
        mine = found.mapped.sizes
        beyond = (found.mapped.outside | (mine < low) | (mine > high))[candidates.order]
        for level, threshold in enumerate(thresholds):
            got = match(candidates, threshold, ignored)
            right = got != NONE
            counted = np.where(right, ~ignored[got], ~beyond)
            for label in np.flatnonzero(counts).tolist():
                rows = _of(candidates, label) & counted
                curve = _curve(right[rows], _scores(candidates)[rows], int(counts[label]))
                precision[level, :, label, at], scores[level, :, label, at], last = curve
                recall[level, label, at] = last
    return AveragePrecision(
        found.names, tuple(thresholds), tuple(ranges), precision, scores, recall
    )


def _of(candidates: Candidates, label: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.asarray(candidates.overlaps.mapped.classes[candidates.order] == label)


def _scores(candidates: Candidates) -> Floats:
    scores = candidates.overlaps.mapped.scores
    return np.full(len(candidates.order), np.nan) if scores is None else scores[candidates.order]


def _curve(right: Floats, scores: Floats, there: int) -> tuple[Floats, Floats, float]:
    """Return precision and score at each of RECALLS, and the recall of all predictions."""
    hits = np.cumsum(right)
    recall = hits / there
    exact = hits / np.arange(1, len(right) + 1)
    best = np.maximum.accumulate(exact[::-1])[::-1]  # of all that reach at least this recall
    places = np.searchsorted(recall, RECALLS)
    known = places < len(right)
    precision = np.zeros(len(RECALLS))
    precision[known] = best[places[known]]
    reached = np.full(len(RECALLS), np.nan)
    reached[known] = scores[places[known]]
    return precision, reached, float(recall[-1]) if len(recall) else 0.0


def _one(label: int | None) -> slice:
    return slice(None) if label is None else slice(label, label + 1)


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")
