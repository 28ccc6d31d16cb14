"""What a network makes of the land that it knows: its last features, averaged over squares, as they
are kept on its card.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

SQUARE = 32  # pixels along a square


@dataclass(frozen=True, slots=True)
class Embedding:
    """A Gaussian of the features' means over squares: wide along some axes, alike in what is left.

    That is probabilistic principal component analysis (Tipping and Bishop 1999), of z-scores.
    """

    means: tuple[float, ...]
    """Of each channel before the head."""
    deviations: tuple[float, ...]
    """Of each channel."""
    axes: tuple[tuple[float, ...], ...]
    """The principal axes, each of length 1, with a number for each channel."""
    variances: tuple[float, ...]
    """Along each axis."""
    rest: float
    """The variance along every axis that is not kept."""
    limit: float
    """The logarithm of the squared distance that 1 % of the squares exceed that were held out to
    validate."""

    def __post_init__(self) -> None:
        channels = len(self.means)
        if not channels or {len(axis) for axis in (self.deviations, *self.axes)} != {channels}:
            raise ValueError("an embedding needs a number for each channel, in each of its parts")
        if not self.axes or len(self.axes) != len(self.variances):
            raise ValueError("an embedding needs a variance for each axis, of one axis at least")
        positive = [*self.deviations, *self.variances, self.rest]
        numbers = [*positive, *self.means, self.limit, *(n for axis in self.axes for n in axis)]
        if not all(map(isfinite, numbers)):
            raise ValueError("an embedding holds a number that is not finite")
        if min(positive) <= 0:
            raise ValueError("the deviations and variances of an embedding must be above 0")

    @property
    def channels(self) -> int:
        """How many channels the features have."""
        return len(self.means)
