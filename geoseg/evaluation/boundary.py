"""How well borders between classes agree: boundary F1, counted window by window."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.card import NODATA
from .metrics import Numbers

Indices = npt.NDArray[np.uint8]
Bits = npt.NDArray[np.unsignedinteger[Any]]

GROUP = 64  # classes whose borders fit into the bits of one number


@dataclass(slots=True)
class Boundaries:
    """How many border pixels of each class lie near one of the other side's.

    A border pixel has a neighbour, above, below, left or right, of another class; what is
    unlabelled or unmapped makes no border. It is met if the other side has a border pixel
    of the same class no farther than the reach.

    References
    ----------
    Csurka et al. 2013, What is a good evaluation measure for semantic segmentation?,
    doi:10.5244/C.27.32.
    """

    reach: float
    """The tolerance in pixels."""
    counts: npt.NDArray[np.int64]
    """Border pixels [class, (of the truth, these met, of the map, these met)]."""

    @classmethod
    def of(cls, labels: int, reach: float) -> Boundaries:
        """Return empty counts.

        Parameters
        ----------
        labels
            How many classes there may be, 254 at most.
        reach
            The tolerance in pixels.

        Returns
        -------
        Boundaries
            To be added to.
        """
        return cls(reach, np.zeros((labels, 4), np.int64))

    @property
    def halo(self) -> int:
        """Pixels around a window that must be known to count the window's own."""
        return math.floor(self.reach) + 1

    def add(self, truth: Indices, mapped: Indices, inner: tuple[slice, slice]) -> None:
        """Count the border pixels of a window.

        Parameters
        ----------
        truth, mapped
            Class indices [row, column], NODATA where unknown, of the window and `halo` pixels
            around it, as far as the raster goes.
        inner
            Where the window itself lies in these; only its pixels count.
        """
        known = (truth != NODATA) & (mapped != NODATA)
        sides = [np.where(known, side, np.uint8(NODATA)) for side in (truth, mapped)]
        present = np.unique(np.concatenate([np.unique(side) for side in sides]))
        labels = [int(label) for label in present if label != NODATA]
        for start in range(0, len(labels), GROUP):
            self._add_group(sides[0], sides[1], labels[start : start + GROUP], inner)

    def _add_group(
        self, truth: Indices, mapped: Indices, labels: list[int], inner: tuple[slice, slice]
    ) -> None:
        kind = np.min_scalar_type((1 << len(labels)) - 1).type
        bits = np.zeros(NODATA + 1, kind)
        bits[labels] = [kind(1 << place) for place in range(len(labels))]
        borders = [np.where(edges(side), bits[side], kind(0)) for side in (truth, mapped)]
        near = [dilate(border, self.reach)[inner] for border in borders]
        for column, (side, border, other) in enumerate(
            ((truth, borders[0], near[1]), (mapped, borders[1], near[0]))
        ):
            classes = side[inner]
            own = border[inner]
            self.counts[:, 2 * column] += self._by_class(classes[own != 0])
            self.counts[:, 2 * column + 1] += self._by_class(classes[(own & other) != 0])

    def _by_class(self, classes: Indices) -> npt.NDArray[np.int64]:
        return np.bincount(classes, minlength=NODATA + 1)[: len(self.counts)]

    def f1(self) -> Numbers:
        """Return the boundary F1 score of each class.

        Returns
        -------
        Numbers
            [class], 0 to 1; NaN where neither side has a border of it.
        """
        truth, truth_met, mapped, mapped_met = self.counts.T.astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            recall = truth_met / truth
            precision = mapped_met / mapped
            score = 2 * precision * recall / (precision + recall)
        one_sided = (truth + mapped > 0) & ((truth_met == 0) | (mapped_met == 0))
        return np.asarray(np.where(one_sided, 0.0, score), np.float64)


def edges(classes: Indices) -> npt.NDArray[np.bool_]:
    """Return where a pixel has a neighbour of another class.

    Parameters
    ----------
    classes
        Class indices [row, column]; NODATA makes no edges.

    Returns
    -------
    npt.NDArray[np.bool_]
        [row, column]; both pixels at an edge.
    """
    found = np.zeros(classes.shape, bool)
    for one, other in ((np.s_[1:, :], np.s_[:-1, :]), (np.s_[:, 1:], np.s_[:, :-1])):
        differ = (
            (classes[one] != classes[other]) & (classes[one] != NODATA) & (classes[other] != NODATA)
        )
        found[one] |= differ
        found[other] |= differ
    return found


def dilate(bits: Bits, reach: float) -> Bits:
    """Return for each pixel the bits of all pixels near it, joined by OR.

    Parameters
    ----------
    bits
        Unsigned numbers [row, column], one bit for each of several masks.
    reach
        Radius of the disk in pixels, between centres.

    Returns
    -------
    Bits
        Of the same shape and type.
    """
    found = bits.copy()
    for down in range(math.floor(reach) + 1):
        rows = widen(bits, math.isqrt(math.floor(reach**2 - down**2)))
        if down == 0:
            found |= rows
        else:
            found[down:] |= rows[:-down]
            found[:-down] |= rows[down:]
    return found


def widen(bits: Bits, reach: int) -> Bits:
    """Return for each pixel the bits of those to its left and right, joined by OR.

    Parameters
    ----------
    bits
        Unsigned numbers [row, column], one bit for each of several masks.
    reach
        Pixels to each side.

    Returns
    -------
    Bits
        Of the same shape and type.
    """
    found = bits.copy()
    done = 0
    while done < reach:  # what is `done` wide already grows by up to so much, and one
        step = min(done + 1, reach - done)
        wider = found.copy()
        wider[:, step:] |= found[:, :-step]
        wider[:, :-step] |= found[:, step:]
        found = wider
        done = done + step
    return found
