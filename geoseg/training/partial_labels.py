"""Partial (set-valued) labels: a label that means one of several classes, and what can be counted
of it.

Data sets differ in their legends: the "vegetation" of one is "trees or grass" of another. Such a
label is a set of classes, of which one is true (partial or superset labels: Cour et al. 2011,
Learning from Partial Labels, JMLR 12).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.card import NODATA
from ..core.errors import InputError

Counts = npt.NDArray[np.int64]
Source = int | str
BETWEEN = "|"  # classes of a set, in a legend


@dataclass(frozen=True, slots=True)
class Meanings:
    """All that labels may mean: every class by itself, in the card's order, and after them sets of
    classes, of which one is true.
    """

    names: tuple[str, ...]
    """Of the classes."""
    sets: tuple[tuple[int, ...], ...] = ()
    """Class indices, in order, two or more each."""

    def __len__(self) -> int:
        return len(self.names) + len(self.sets)

    @property
    def members(self) -> npt.NDArray[np.bool_]:
        """Which classes each meaning may be.

        Returns
        -------
        array
            Bool [meaning, class].
        """
        found = np.zeros((len(self), len(self.names)), bool)
        np.fill_diagonal(found, val=True)
        for row, chosen in enumerate(self.sets, len(self.names)):
            found[row, list(chosen)] = True
        return found

    @property
    def texts(self) -> tuple[str, ...]:
        """Each meaning in words.

        Returns
        -------
        tuple of str
            The class's name, or those of a set with "or" between.
        """
        return self.names + tuple(
            " or ".join(self.names[i] for i in chosen) for chosen in self.sets
        )

    def find(self, key: str) -> int:
        """Return the place of the meaning that a legend's key names.

        Parameters
        ----------
        key
            A class, or classes of a set with | between.

        Returns
        -------
        int
            From 0, classes first.

        Raises
        ------
        InputError
            If it names what is no class.
        """
        chosen = read_key(key, self.names)
        return chosen[0] if len(chosen) == 1 else len(self.names) + self.sets.index(chosen)

    def share_evenly(self, counts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return counts by class of counts by meaning: those of a set go to its classes in equal
        parts.

        Parameters
        ----------
        counts
            [meaning].

        Returns
        -------
        array
            Float64 [class], of the same sum.
        """
        members = self.members
        return np.asarray(counts @ (members / members.sum(axis=1, keepdims=True)), np.float64)


def collect(names: Sequence[str], legends: Iterable[Mapping[str, Any]]) -> Meanings:
    """Return the meanings that the keys of legends name.

    Parameters
    ----------
    names
        Of the classes, in the card's order.
    legends
        Their keys count: a class, or several with | between.

    Returns
    -------
    Meanings
        Sets in the order in which they are met.

    Raises
    ------
    InputError
        If a key names what is no class, or there are 255 meanings or more.
    """
    sets = {
        chosen: None
        for legend in legends
        for key in legend
        if len(chosen := read_key(key, names)) > 1
    }
    meanings = Meanings(tuple(names), tuple(sets))
    if len(meanings) >= NODATA:
        raise InputError(
            f"{len(names)} classes and {len(sets)} sets of them", f"less than {NODATA} together"
        )
    return meanings


def read_key(key: str, names: Sequence[str]) -> tuple[int, ...]:
    """Return the classes that a legend's key names.

    Parameters
    ----------
    key
        A class, or classes with | between; a class of that very name comes first.
    names
        Of the classes.

    Returns
    -------
    tuple of int
        Their indices, in order.

    Raises
    ------
    InputError
        If it names what is no class, or a class twice.
    """
    if key in names:
        return (names.index(key),)
    parts = [part.strip() for part in key.split(BETWEEN)]
    if unknown := [part for part in parts if part not in names]:
        raise InputError(
            f"a legend names {unknown[0]!r}, which is no class",
            f"of {', '.join(names)}, with | between",
        )
    if len(set(parts)) < len(parts):
        raise InputError(f"a legend's {key!r} names a class twice", "each class once")
    return tuple(sorted(names.index(part) for part in parts))


def countable(counts: Counts, meanings: Meanings) -> Counts:
    """Return what can be counted of a confusion matrix.

    A pixel that may be of several classes and got one of them tells nothing, and is left out;
    one that got another class is wrong for certain, though which class it is stays unknown.

    Parameters
    ----------
    counts
        Pixels, int64 [meaning, mapped class].
    meanings
        What the rows are.

    Returns
    -------
    array
        Of the same shape; the argument is not changed.
    """
    known = counts.copy()
    for row, chosen in enumerate(meanings.sets, len(meanings.names)):
        known[row, list(chosen)] = 0
    return known


def agreement(counts: Counts, meanings: Meanings) -> dict[str, dict[str, float]]:
    """Return how far the labels that mean one of several classes were met.

    Parameters
    ----------
    counts
        Pixels, int64 [meaning, mapped class].
    meanings
        What the rows are.

    Returns
    -------
    dict
        For each set that was met, in words: `agreed`, the share that got one of its classes, and
        `pixels`.
    """
    found = {}
    for row, chosen in enumerate(meanings.sets, len(meanings.names)):
        total = int(counts[row].sum())
        if total:
            agreed = round(float(counts[row, list(chosen)].sum() / total), 4)
            found[meanings.texts[row]] = {"agreed": agreed, "pixels": total}
    return found
