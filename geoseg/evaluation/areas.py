"""Areas of classes and accuracies with their intervals, from an interpreted sample in strata
(Olofsson et al. 2014).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..core.errors import InputError
from .metrics import Numbers

Z = 1.96  # standard errors to either side of an interval of 95 %, as in the paper


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its standard error; NaN where it cannot be told."""

    value: float
    """The estimate."""
    error: float
    """Its standard error, in the unit of the value."""

    @property
    def half(self) -> float:
        """Half the width of the interval of 95 %."""
        return Z * self.error


@dataclass(frozen=True, slots=True)
class AreaEstimates:
    """What a stratified sample tells of a map and of the ground."""

    names: tuple[str, ...]
    """The classes; the strata are the first of these, the classes of the map."""
    counts: npt.NDArray[np.int64]
    """Points [stratum, true class]."""
    mapped: Numbers
    """Area of each stratum, in the unit that `estimate` was given."""
    total: float
    """Their sum."""
    share: tuple[Estimate, ...]
    """Of each true class, of the total: 0 to 1."""
    users: tuple[Estimate, ...]
    """User's accuracy of each class, 0 to 1; NaN for classes that are no stratum."""
    producers: tuple[Estimate, ...]
    """Producer's accuracy of each class, 0 to 1; NaN for classes that no point has."""
    overall: Estimate
    """Overall accuracy, 0 to 1."""
    single: tuple[str, ...]
    """Strata with one point only, whose part of every standard error is unknown and taken as 0."""

    def area(self, label: int) -> Estimate:
        """Return the area of a true class.

        Parameters
        ----------
        label
            Its place among the names.

        Returns
        -------
        Estimate
            In the unit of `total`.
        """
        return Estimate(self.share[label].value * self.total, self.share[label].error * self.total)


def estimate(counts: npt.ArrayLike, mapped: npt.ArrayLike, names: Sequence[str]) -> AreaEstimates:
    """Return areas and accuracies from points counted by stratum and true class.

    Parameters
    ----------
    counts
        Points [stratum, class], the strata being the first of the classes.
    mapped
        Area of each stratum, in any unit.
    names
        Of the classes.

    Returns
    -------
    AreaEstimates
        In the unit of `mapped`.

    Raises
    ------
    InputError
        If a stratum has no point: leave it out, and say so.

    References
    ----------
    Olofsson et al. 2014, Good practices for estimating area and assessing accuracy of land change,
    Remote Sensing of Environment 148, doi:10.1016/j.rse.2014.02.015, equations 1 to 11. Producer's
    accuracies follow equation 7; two of the half widths that the paper prints for its own example
    (0.23 and 0.01) are not what it gives (0.25 and 0.02).
    """
    points = np.asarray(counts, np.int64)
    areas = np.asarray(mapped, np.float64)
    strata, classes = points.shape
    number = points.sum(axis=1)
    if (number == 0).any():
        lost = ", ".join(names[int(i)] for i in np.flatnonzero(number == 0))
        raise InputError(
            f"no point of {lost} has been interpreted",
            "at least two points of every class of the map",
        )
    weights = areas / areas.sum()
    rates = points / number[:, None]
    # variance of each rate; 0 for a single point
    spread = rates * (1 - rates) / np.maximum(number - 1, 1)[:, None]
    share = weights @ rates
    right = np.zeros((strata, classes), bool)
    right[np.arange(strata), np.arange(strata)] = True
    users = rates[right]
    users_spread = spread[right]
    return AreaEstimates(
        names=tuple(names),
        counts=points,
        mapped=areas,
        total=float(areas.sum()),
        share=tuple(map(Estimate, share, np.sqrt(weights**2 @ spread))),
        users=_users(users, users_spread, number, classes),
        producers=_producers(rates, spread, weights, share),
        overall=Estimate(float(weights @ users), float(np.sqrt(weights**2 @ users_spread))),
        single=tuple(names[int(i)] for i in np.flatnonzero(number == 1)),
    )


def _users(
    users: Numbers, spread: Numbers, number: npt.NDArray[np.int64], classes: int
) -> tuple[Estimate, ...]:
    errors = np.where(number > 1, np.sqrt(spread), np.nan)  # of one point nothing can be told
    known = [
        Estimate(float(value), float(error)) for value, error in zip(users, errors, strict=True)
    ]
    return (*known, *[Estimate(np.nan, np.nan)] * (classes - len(known)))


def _producers(
    rates: Numbers, spread: Numbers, weights: Numbers, share: Numbers
) -> tuple[Estimate, ...]:
    found = []
    for label, part in enumerate(share):
        if part == 0:
            found.append(Estimate(np.nan, np.nan))
            continue
        own = label < len(weights)
        value = weights[label] * rates[label, label] / part if own else 0.0
        lever = np.full(len(weights), value)
        if own:
            lever[label] = 1 - value
        variance = ((weights * lever) ** 2 @ spread[:, label]) / part**2
        found.append(Estimate(float(value), float(np.sqrt(variance))))
    return tuple(found)
