"""Panoptic quality: how well the segments of a map that tells things apart, and names the stuff
between them, agree with the truth's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.arrays import Floats, Longs
from .overlaps import UNKNOWN, Overlaps


@dataclass(frozen=True, slots=True, eq=False)
class PanopticQuality:
    """Counts of segments by class, from which the qualities follow."""

    names: tuple[str, ...]
    """Of the classes."""
    things: np.ndarray[tuple[int], np.dtype[np.bool_]]
    """Whether a class is counted as objects [class]."""
    right: Longs
    """Pairs with an IoU above 0.5 [class]."""
    spurious: Longs
    """Segments of the map without a partner [class]."""
    missed: Longs
    """Segments of the truth without a partner [class]."""
    shared: Floats
    """Sum of the IoU of the pairs [class]."""

    @property
    def known(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Which classes have a segment on either side [class]."""
        return (self.right + self.spurious + self.missed) > 0

    def sq(self) -> Floats:
        """Return the segmentation quality: the mean IoU of the pairs.

        Returns
        -------
        Floats
            [class], 0 to 1: 0 where a class has segments and no pair; NaN where it has none.
        """
        return np.where(self.known, self.shared / np.maximum(self.right, 1), np.nan)

    def rq(self) -> Floats:
        """Return the recognition quality: the F1 score of the pairs.

        Returns
        -------
        Floats
            [class], 0 to 1; NaN where a class has no segments.
        """
        whole = self.right + (self.spurious + self.missed) / 2
        return np.where(self.known, self.right / np.maximum(whole, 0.5), np.nan)

    def pq(self) -> Floats:
        """Return the panoptic quality: the product of the two.

        Returns
        -------
        Floats
            [class], 0 to 1; NaN where a class has no segments.
        """
        return self.sq() * self.rq()

    def means(self, things: bool | None = None) -> tuple[float, float, float]:
        """Return the means of PQ, SQ and RQ over classes that have segments.

        Parameters
        ----------
        things
            Of classes of things only, or of stuff only; None for all.

        Returns
        -------
        tuple[float, float, float]
            PQ, SQ and RQ, 0 to 1; NaN where there are no such classes.
        """
        chosen = self.known if things is None else self.known & (self.things == things)
        if not chosen.any():
            return np.nan, np.nan, np.nan
        return (
            float(self.pq()[chosen].mean()),
            float(self.sq()[chosen].mean()),
            float(self.rq()[chosen].mean()),
        )


def panoptic_quality(found: Overlaps) -> PanopticQuality:
    """Return the panoptic quality of a comparison.

    What of a prediction lies where the truth is unlabelled does not count into its union; a
    prediction without a partner that lies for the most part there, or in crowds of its class, is
    not counted. Neither are objects outside, nor what matches one.

    Parameters
    ----------
    found
        The objects, with stuff as segments of their own. No two of a side may share ground:
        `Overlaps.overlapping` tells.

    Returns
    -------
    PanopticQuality
        Of each class.

    References
    ----------
    Kirillov et al. 2019, Panoptic segmentation, doi:10.1109/CVPR.2019.00963.
    """
    truth = found.truth
    mapped = found.mapped
    size = len(found.names)
    ours, theirs = found.pairs.T
    same = truth.classes[ours] == mapped.classes[theirs]
    crowd = truth.crowd[ours]
    void = mapped.void.copy()
    unknown = truth.classes[ours] == UNKNOWN  # of no class that counts: as good as unlabelled
    np.add.at(void, theirs[unknown], found.shared[unknown])
    whole = truth.areas[ours] + mapped.areas[theirs] - void[theirs] - found.shared
    matched = same & ~crowd & ~unknown & (2 * found.shared > whole)
    iou = found.shared[matched] / whole[matched]
    one = ours[matched]
    other = theirs[matched]
    counted = ~truth.outside[one]
    labels = truth.classes[one]
    right = np.bincount(labels[counted], minlength=size)
    shared = np.bincount(labels[counted], iou[counted], minlength=size)
    missing = ~truth.crowd & ~truth.outside & (truth.classes != UNKNOWN)
    missing[one] = False
    np.add.at(void, theirs[crowd & same & ~unknown], found.shared[crowd & same & ~unknown])
    extra = ~mapped.outside & (2 * void <= mapped.areas) & (mapped.classes != UNKNOWN)
    extra[other] = False
    things = np.zeros(size, bool)
    for table in (truth, mapped):
        counts = table.classes[~table.stuff & (table.classes != UNKNOWN)]
        things[counts] = True
    return PanopticQuality(
        found.names,
        things,
        right,
        np.bincount(mapped.classes[extra], minlength=size),
        np.bincount(truth.classes[missing], minlength=size),
        np.asarray(shared, np.float64),
    )
