"""Which prediction gets which true object: the surest chooses first, as in COCO."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.arrays import Floats, Longs
from .overlaps import UNKNOWN, Flags, Overlaps

NONE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Pairs that may be matched: of one class, things alone, the predictions in their order."""

    overlaps: Overlaps
    """What they are pairs of."""
    order: Longs
    """Rows of the predictions, the surest first [rank]."""
    ranks: Longs
    """Of the predicted object of each pair [pair]."""
    truths: Longs
    """Row of the true object of each pair [pair]."""
    iou: Floats
    """Of each pair; with a crowd the share of the prediction that lies in it [pair]."""


def find_candidates(found: Overlaps, most: int | None = None) -> Candidates:
    """Return the pairs of a comparison that may be matched.

    Parameters
    ----------
    found
        The objects. Without scores, predictions choose by their best IoU.
    most
        How many predictions count in each scene and class, the surest; None for all of them.

    Returns
    -------
    Candidates
        Pairs of things of one class; crowds of unknown class are of every one.
    """
    truths, maps = found.pairs.T
    crowd = found.truth.crowd[truths]
    iou = np.where(crowd, found.shared / found.mapped.areas[maps], found.iou())
    mine = found.truth.classes[truths]
    fit = (mine == found.mapped.classes[maps]) | (crowd & (mine == UNKNOWN))
    fit &= ~(found.truth.stuff[truths] | found.mapped.stuff[maps])
    order = _in_order(found, iou, fit & ~crowd, most)
    ranks = np.full(len(found.mapped), NONE)
    ranks[order] = np.arange(len(order))
    fit &= ranks[maps] != NONE
    return Candidates(found, order, ranks[maps[fit]], truths[fit], iou[fit])


def _in_order(found: Overlaps, iou: Floats, fit: Flags, most: int | None) -> Longs:
    sure = found.mapped.scores
    if sure is None:
        sure = np.zeros(len(found.mapped))
        np.maximum.at(sure, found.pairs[fit, 1], iou[fit])
    order = np.argsort(-sure, kind="stable")
    order = order[~found.mapped.stuff[order]]
    if most is None:
        return order
    groups = found.mapped.scenes * (len(found.names) + 1) + found.mapped.classes
    by_group = np.argsort(groups[order], kind="stable")
    each = groups[order][by_group]
    before = np.arange(len(each)) - np.searchsorted(each, each)
    keep = np.zeros(len(order), bool)
    keep[by_group[before < most]] = True
    return order[keep]


def match(candidates: Candidates, threshold: float, ignored: Flags) -> Longs:
    """Give each prediction a true object, the surest choosing first.

    A prediction takes, of the objects that are still free, the one with the highest IoU; one that
    is ignored only where no other is left. A crowd may be taken by many. It is computed in rounds:
    all that are without an object ask for the best that has not refused them, and each object
    keeps the surest who asks. As all objects prefer alike, this ends as if one prediction had
    chosen after the other.

    Parameters
    ----------
    candidates
        The pairs.
    threshold
        The least IoU of a match.
    ignored
        Which true objects do not count, crowds among them [true object].

    Returns
    -------
    Longs
        Row of the true object [rank], NONE where a prediction has none.

    References
    ----------
    Lin et al. 2014, Microsoft COCO: common objects in context, doi:10.1007/978-3-319-10602-1_48,
    as its reference implementation matches; Gale and Shapley 1962, College admissions and the
    stability of marriage, doi:10.2307/2312726.
    """
    count = len(candidates.order)
    keep = candidates.iou >= min(threshold, 1 - 1e-10)
    ranks = candidates.ranks[keep]
    truths = candidates.truths[keep]
    # of equal IoU the object that comes last, as there
    wish = np.lexsort((-truths, -candidates.iou[keep], ignored[truths], ranks))
    truths = truths[wish]
    edges = np.searchsorted(ranks[wish], np.arange(count + 1))
    asks = edges[:-1].copy()  # the pair by which each prediction asks next
    crowd = candidates.overlaps.truth.crowd
    holder = np.full(len(crowd), count)
    found = np.full(count, NONE)
    free = np.flatnonzero(asks < edges[1:])
    while len(free):
        wanted = truths[asks[free]]
        alone = ~crowd[wanted]
        before = holder[wanted]
        np.minimum.at(holder, wanted[alone], free[alone])
        got = ~alone | (holder[wanted] == free)
        found[free[got]] = wanted[got]
        left = np.unique(before[alone & (before < count) & (holder[wanted] != before)])
        found[left] = NONE
        free = np.concatenate([free[~got], left])
        asks[free] += 1
        free = free[asks[free] < edges[free + 1]]
    return found
