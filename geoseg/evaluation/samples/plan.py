"""How many points a sample needs, and how they are shared out among the map's classes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from ...core.errors import InputError

Allocation = Literal["proportional", "equal", "neyman"]
Counts = npt.NDArray[np.int64]


def suggest_points(standard_error: float, pixels: Sequence[int], expected: Sequence[float]) -> int:
    """Return how many points give the overall accuracy the standard error that is wanted.

    Parameters
    ----------
    standard_error
        A share, above 0 and below 1.
    pixels
        Size of each class.
    expected
        User's accuracy of each class that is thought likely, 0 to 1.

    Returns
    -------
    int
        At least two for each class.

    Raises
    ------
    InputError
        If no sample could have that standard error, or need not.

    References
    ----------
    Olofsson et al. 2014, doi:10.1016/j.rse.2014.02.015, equation 13; Cochran 1977, Sampling
    Techniques, equation 5.25.
    """
    check_standard_error(standard_error)
    sizes = np.asarray(pixels, np.float64)
    rates = np.asarray(expected, np.float64)
    weights = sizes / sizes.sum()
    variances = rates * (1 - rates)
    needed = (weights @ np.sqrt(variances)) ** 2 / (
        standard_error**2 + weights @ variances / sizes.sum()
    )
    return max(2 * len(sizes), math.ceil(float(needed) - 1e-9))


def check_standard_error(standard_error: float) -> None:
    """Raise where no sample could have the standard error, or need not.

    Parameters
    ----------
    standard_error
        A share.

    Raises
    ------
    InputError
        If it is not above 0 and below 1.
    """
    if not 0 < standard_error < 1:
        raise InputError(
            f"--standard-error {standard_error}", "a share above 0 and below 1, such as 0.01"
        )


def allocate(
    points: int,
    pixels: Sequence[int],
    how: Allocation = "proportional",
    minimum: int = 0,
    expected: Sequence[float] | None = None,
) -> list[int]:
    """Share points out among classes.

    Parameters
    ----------
    points
        How many.
    pixels
        Size of each class.
    how
        In proportion to the pixels, equally, or after Neyman: in proportion to pixels times the
        standard deviation that the expected user's accuracies give.
    minimum
        Each class gets at least so many, and never more than it has pixels.
    expected
        User's accuracy of each class that is thought likely, 0 to 1; for Neyman.

    Returns
    -------
    list of int
        Of each class; they add up to `points`.

    Raises
    ------
    InputError
        If the points are too few for the minimum, or more than there are pixels.

    References
    ----------
    Cochran 1977, Sampling Techniques, section 5.5, on Neyman's allocation.
    """
    if how not in get_args(Allocation):
        raise InputError(f"--allocation {how}", f"one of {', '.join(get_args(Allocation))}")
    sizes = np.asarray(pixels, np.int64)
    least = np.minimum(minimum, sizes)
    if points < least.sum():
        raise InputError(
            f"{points} points are too few for {minimum} in each of {len(sizes)} classes",
            f"at least {least.sum()} points, or a smaller --minimum",
        )
    if points > sizes.sum():
        raise InputError(
            f"{points} points, and the map has {sizes.sum()} pixels", "fewer points than pixels"
        )
    return [int(part) for part in _share(points, _weights(sizes, how, expected), least, sizes)]


def _weights(
    sizes: Counts, how: Allocation, expected: Sequence[float] | None
) -> npt.NDArray[np.float64]:
    if how == "equal":
        return np.ones(len(sizes))
    if how == "proportional" or expected is None:
        return sizes.astype(np.float64)
    rates = np.asarray(expected, np.float64)
    return np.asarray(sizes * np.sqrt(rates * (1 - rates)), np.float64) + 1e-9 * sizes


def _share(points: int, weights: npt.NDArray[np.float64], least: Counts, most: Counts) -> Counts:
    """Fix the classes whose part would be too small, then those too large, and share the rest
    out among the others.
    """
    given = np.full(len(weights), -1, np.int64)
    while (free := given < 0).any():
        rest = points - int(given[~free].sum())
        parts = np.where(free, weights / weights[free].sum() * rest, 0.0)
        small = free & (parts < least)
        large = free & (parts > most)
        if small.any() and (
            not large.any() or (least - parts)[small].sum() >= (parts - most)[large].sum()
        ):
            given[small] = least[small]
        elif large.any():
            given[large] = most[large]
        else:
            given[free] = _round(parts[free], rest)
    return given


def _round(parts: npt.NDArray[np.float64], total: int) -> Counts:
    """Round to whole numbers that add up to the total: the largest remainders go up."""
    whole = np.floor(parts + 1e-9).astype(np.int64)
    order = np.argsort(whole - parts, kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return whole


def read_expected(texts: Sequence[str], names: Sequence[str], default: float = 0.8) -> list[float]:
    """Return the user's accuracy that is thought likely of each class.

    Parameters
    ----------
    texts
        Words such as 0.9, for all, and water=0.95; later ones go before.
    names
        Of the classes.
    default
        For those that no word is about.

    Returns
    -------
    list of float
        0 to 1, in the order of the names.

    Raises
    ------
    InputError
        If a word is no share, or names no class of the map.
    """
    found = dict.fromkeys((name.casefold() for name in names), default)
    for text in texts:
        name, equals, number = text.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            value = -1.0
        if not 0 <= value <= 1:
            raise InputError(
                f"--expect {text}",
                "a share from 0 to 1, such as 0.9 for all classes or water=0.95 for one",
            )
        if equals and name.strip().casefold() not in found:
            raise InputError(
                f"--expect {text}: the map has no class {name!r}", f"one of {', '.join(names)}"
            )
        found |= {name.strip().casefold(): value} if equals else dict.fromkeys(found, value)
    return [found[name.casefold()] for name in names]
