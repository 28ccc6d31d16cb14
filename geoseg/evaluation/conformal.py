"""Sets of classes that hold the true one as often as is asked for, on places never seen.

Pixels of a place are alike and no witnesses of each other, so it is places that are counted, and
each weighs the same.

References
----------
The sets: Sadinle, Lei and Wasserman 2019, doi 10.1080/01621459.2017.1395341 (the smallest sets
of a given coverage keep every class above one threshold of the scores). The threshold, by the
distribution of the scores that is the mean of those of the groups: Dunn, Wasserman and Ramdas
2022, doi 10.1080/01621459.2022.2060112, exact for many groups. With a guarantee for any number
of them: Lee, Barber and Willett 2023, arXiv:2306.06342, the same as conformal risk control of
each group's share of misses, Angelopoulos et al. 2022, arXiv:2208.02814.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.card import NODATA
from ..core.class_sets import MOST, PlaceCoverage
from ..core.errors import InputError

Counts = npt.NDArray[np.int64]
Percents = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class PlaceTally:
    """What sets of each threshold would be on one place."""

    place: str
    """Its name."""
    kept: Counts
    """By threshold, 0 to MOST: pixels whose set holds the true class."""
    sizes: Counts
    """By threshold: classes in all sets together."""

    @property
    def pixels(self) -> int:
        """How many pixels have a class in the truth and a score."""
        return int(self.kept[0])

    def __add__(self, other: PlaceTally) -> PlaceTally:
        return PlaceTally(self.place, self.kept + other.kept, self.sizes + other.sizes)


def empty_tally(place: str) -> PlaceTally:
    """Return the tally of a place before its first pixel.

    Parameters
    ----------
    place
        Its name.

    Returns
    -------
    PlaceTally
        Of zeros.
    """
    zeros = np.zeros(MOST + 1, np.int64)
    return PlaceTally(place, zeros, zeros)


def count_sets(
    scores: Percents,
    top: npt.NDArray[Any],
    truth: npt.NDArray[Any],
    place: str,
    empty: bool = False,
) -> PlaceTally:
    """Count for every threshold what the sets of some pixels would be.

    Parameters
    ----------
    scores
        Percent [label, pixel]; NODATA where there is none.
    top
        The label with the highest score [pixel].
    truth
        The true label [pixel]; NODATA where none is known.
    place
        Where they lie.
    empty
        Whether a set may be empty; else the label with the highest score is in it.

    Returns
    -------
    PlaceTally
        The same whatever their order.
    """
    known = (truth != NODATA) & (scores[0] != NODATA)
    scores, top, truth = scores[:, known].copy(), top[known], truth[known].astype(np.intp)
    pixels = np.arange(scores.shape[1])
    if not empty:
        scores[top, pixels] = MOST  # it is kept at every threshold
    return PlaceTally(place, _at_least(scores[truth, pixels]), _at_least(scores.ravel()))


def _at_least(percents: Percents) -> Counts:
    """How many are at each threshold or above."""
    counts = np.bincount(percents, minlength=MOST + 1)
    return np.asarray(counts[::-1].cumsum()[::-1], np.int64)


def places_needed(coverage: float) -> int:
    """Return how many places can tell a threshold of a coverage at least.

    Parameters
    ----------
    coverage
        Between 0 and 1.

    Returns
    -------
    int
        Such as 9 for 0.9, and 19 for 0.95.
    """
    asked = Fraction(str(coverage))
    return ceil(asked / (1 - asked))


def find_threshold(tallies: Sequence[PlaceTally], coverage: float, guaranteed: bool = False) -> int:
    """Find the highest threshold whose sets have the coverage.

    Parameters
    ----------
    tallies
        Of each place, all of which have pixels.
    coverage
        The share of the pixels of a new place whose set is to hold the true class, in the mean
        over places.

    guaranteed
        Whether a new place is taken for one at which all sets may miss, as it might be where
        nothing is known of it: of K places the mean share then has to be the coverage times
        (K + 1) / K.

    Returns
    -------
    int
        Percent.

    Raises
    ------
    InputError
        If there are too few places for that.
    """
    needed = places_needed(coverage)
    if len(tallies) < needed:
        raise InputError(
            f"{len(tallies)} places for a coverage of {coverage:g}",
            f"{needed} places at least, which lie apart",
            "give more pairs of scene and truth, or a lower --coverage",
        )
    shares = np.array([tally.kept / tally.pixels for tally in tallies]).sum(0)
    asked = coverage * (len(tallies) + guaranteed)
    return int(np.flatnonzero(shares >= asked - 1e-9).max(initial=0))


def coverage_of(tally: PlaceTally, threshold: int) -> PlaceCoverage:
    """Say what sets of a threshold are on a place.

    Parameters
    ----------
    tally
        Of the place.
    threshold
        Percent.

    Returns
    -------
    PlaceCoverage
        Of all its pixels.
    """
    pixels = tally.pixels
    kept, size = int(tally.kept[threshold]), int(tally.sizes[threshold])
    return PlaceCoverage(tally.place, pixels, kept / pixels, size / pixels)


def leave_out_each(
    tallies: Sequence[PlaceTally], coverage: float, guaranteed: bool = False
) -> list[PlaceCoverage]:
    """Measure what sets are on places that had no part in their threshold.

    Parameters
    ----------
    tallies
        Of each place.
    coverage
        What is asked for.
    guaranteed
        As of `find_threshold`.

    Returns
    -------
    list
        Of each place, with the threshold of all others; empty where these are too few.
    """
    if len(tallies) <= places_needed(coverage):
        return []
    others = [[other for other in tallies if other is not tally] for tally in tallies]
    return [
        coverage_of(tally, find_threshold(rest, coverage, guaranteed))
        for tally, rest in zip(tallies, others, strict=True)
    ]
