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
    error: float

    @property
    def half(self) -> float:
        """Half the width of the interval of 95 %."""
        return Z * self.error


@dataclass(frozen=True, slots=True)
class AreaEstimates:
    """What a stratified sample tells of a map and of the ground.

    `names` are the classes; the strata are the first of these, the classes of the map.
    `counts` [stratum, true class] are points, `mapped` the strata's areas and `total`
    their sum, in square metres (in pixels without a CRS). `share` is each true class's
    share of the total. `users` are NaN for classes that are no stratum, `producers` for
    classes that no point has. `single` are strata with one point only, whose part of every
    standard error is unknown and taken as 0.
    """

    names: tuple[str, ...]
    counts: npt.NDArray[np.int64]
    mapped: Numbers
    total: float
    share: tuple[Estimate, ...]
    users: tuple[Estimate, ...]
    producers: tuple[Estimate, ...]
    overall: Estimate
    single: tuple[str, ...]

    def area(self, label: int) -> Estimate:
        """Return the area of a true class."""
        return Estimate(self.share[label].value * self.total, self.share[label].error * self.total)


def estimate(counts: npt.ArrayLike, mapped: npt.ArrayLike, names: Sequence[str]) -> AreaEstimates:
    """Return areas and accuracies from points counted by stratum and true class.

    Olofsson et al., Good practices for estimating area and assessing accuracy of land
    change, Remote Sensing of Environment 148 (2014), equations 1 to 11. Producer's
    accuracies follow equation 7; two of the half widths that the paper prints for its own
    example (0.23 and 0.01) are not what it gives (0.25 and 0.02).

    Parameters
    ----------
    counts : [stratum, class], the strata being the first of the classes.
    mapped : area of each stratum, in any unit.

    Raises InputError where a stratum has no point: leave it out, and say so.
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
    spread = (
        rates * (1 - rates) / np.maximum(number - 1, 1)[:, None]
    )  # variance of each rate; 0 for a single point
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
