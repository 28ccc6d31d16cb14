"""What became of each object: found, missed or spurious, split or merged; and what follows: F1 and
the error of the count.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.arrays import Floats, Longs
from .matching import NONE, find_candidates, match
from .overlaps import Flags, Overlaps

IOU = 0.5
SPECK = 0.1  # of an object: what is smaller is no part that it was split into or merged of


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """What became of each object of truth and map."""

    found: Overlaps
    """The objects."""
    partners: Longs
    """Row of the prediction that has found each true object, NONE for none [true object]."""
    iou: Floats
    """Of each true object with its partner; 0 without one [true object]."""
    counted: tuple[Flags, Flags]
    """Which true [true object] and which predicted objects [predicted object] count: neither stuff,
    nor crowds, nor outside, nor what matches such ones."""
    split: Flags
    """True objects that several predictions lie in [true object]."""
    merged: Flags
    """Predictions that several true objects lie in [predicted object]."""
    best: tuple[float, float]
    """The highest F1 that a threshold of the score gives, and that score; NaN without scores."""

    @property
    def right(self) -> Flags:
        """Which predictions have found an object that counts [predicted object]."""
        right = np.zeros(len(self.found.mapped), bool)
        right[self.partners[self.hit]] = True
        return right

    @property
    def hit(self) -> Flags:
        """Which of the true objects that count were found [true object]."""
        return np.asarray((self.partners != NONE) & self.counted[0])

    def counts(self) -> Longs:
        """Return how many objects were found, missed and spurious.

        Returns
        -------
        Longs
            [class, 3].
        """
        hit = self.hit
        sides = (
            (self.found.truth.classes, hit),
            (self.found.truth.classes, self.counted[0] & ~hit),
            (self.found.mapped.classes, self.counted[1] & ~self.right),
        )
        size = len(self.found.names)
        columns = [np.bincount(labels[some], minlength=size) for labels, some in sides]
        return np.stack(columns, axis=1)


def rates(counts: Longs) -> tuple[Floats, Floats, Floats]:
    """Return precision, recall and F1.

    Parameters
    ----------
    counts
        Found, missed and spurious [..., 3].

    Returns
    -------
    tuple[Floats, Floats, Floats]
        Each [...], 0 to 1; NaN where there is nothing to tell.
    """
    found, missed, spurious = np.moveaxis(np.asarray(counts, np.float64), -1, 0)
    with np.errstate(invalid="ignore"):
        return (
            np.asarray(found / (found + spurious)),
            np.asarray(found / (found + missed)),
            np.asarray(2 * found / (2 * found + missed + spurious)),
        )


def detect(found: Overlaps, threshold: float = IOU) -> Detection:
    """Return what became of each object.

    Parameters
    ----------
    found
        The objects. With scores the surest prediction chooses first, as for average precision;
        without, the one that fits best.
    threshold
        The least IoU of a match.

    Returns
    -------
    Detection
        A true object is split if at least two predictions of its class lie in it by more than half
        of their area, and each covers a tenth of it or more; a prediction is merged if at least two
        true objects lie so in it.
    """
    truth = found.truth
    mapped = found.mapped
    candidates = find_candidates(found)
    ignored = truth.crowd | truth.outside
    got = match(candidates, threshold, ignored)
    ranks = np.flatnonzero(got != NONE)
    partners = np.full(len(truth), NONE)
    partners[got[ranks]] = candidates.order[ranks]
    partners[truth.crowd] = NONE  # many may have it
    counted = ~mapped.stuff & ~mapped.outside & (mapped.classes >= 0)
    counted[candidates.order[ranks]] = ~ignored[got[ranks]]
    true = ~truth.stuff & ~ignored & (truth.classes >= 0)
    ours, theirs = found.pairs.T
    pair = partners[ours] == theirs
    iou = np.zeros(len(truth))
    iou[ours[pair]] = found.iou()[pair]
    same = true[ours] & counted[theirs] & (truth.classes[ours] == mapped.classes[theirs])
    within = same & (2 * found.shared > mapped.areas[theirs])
    within &= found.shared >= SPECK * truth.areas[ours]
    around = same & (2 * found.shared > truth.areas[ours])
    around &= found.shared >= SPECK * mapped.areas[theirs]
    order = candidates.order[counted[candidates.order]]
    return Detection(
        found,
        partners,
        iou,
        (true, counted),
        np.bincount(ours[within], minlength=len(truth)) > 1,
        np.bincount(theirs[around], minlength=len(mapped)) > 1,
        _best(found.mapped.scores, order, partners[true], int(true.sum())),
    )


def _best(scores: Floats | None, order: Longs, hits: Longs, there: int) -> tuple[float, float]:
    """Return the highest F1 over all thresholds of the score, and the threshold."""
    if scores is None or not len(order):
        return np.nan, np.nan
    right = np.isin(order, hits)
    sure = scores[order]
    f1 = 2 * np.cumsum(right) / (np.arange(1, len(order) + 1) + there)
    f1[:-1][sure[:-1] == sure[1:]] = -1  # no threshold parts equal scores
    place = int(np.argmax(f1))
    return float(f1[place]), float(sure[place])
