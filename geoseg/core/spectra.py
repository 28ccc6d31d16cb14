"""Which values of its bands a model knows to go together: a mixture of Gaussians, kept on its
card.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, isqrt, sqrt


@dataclass(frozen=True, slots=True)
class Spectra:
    """A mixture of Gaussians over the bands' values, each as a logarithm (`scene.spectra`)."""

    weights: tuple[float, ...]
    """The share of each component; they add up to 1."""
    means: tuple[tuple[float, ...], ...]
    """Of each component, for each band."""
    covariances: tuple[tuple[float, ...], ...]
    """Of each component: the lower triangle, row by row."""
    limit: float
    """The mean surprise (minus the logarithm of the density) that 1 % of the windows exceed that
    were held out to validate."""
    order_gain: float
    """By how much another order of the bands lowers the surprise of a known window, in 1 of 100."""
    number_gain: float
    """By how much other numbers (a scale, an offset) do."""

    def __post_init__(self) -> None:
        count = len(self.weights)
        if not count or {len(self.means), len(self.covariances)} != {count}:
            raise ValueError("spectra need as many means and covariances as weights, one at least")
        numbers = [self.limit, self.order_gain, self.number_gain, *self.weights]
        for mean, covariance in zip(self.means, self.covariances, strict=True):
            numbers += [*mean, *covariance]
            if len(mean) != self.bands or len(covariance) != self.bands * (self.bands + 1) // 2:
                raise ValueError("spectra need a mean and a covariance for each band")
        if not all(map(isfinite, numbers)):
            raise ValueError("spectra hold a number that is not finite")
        if min(self.weights) <= 0 or abs(sum(self.weights) - 1) > 1e-2:
            raise ValueError("the weights of spectra must be above 0 and add up to 1")
        if not all(map(is_covariance, self.covariances)):
            raise ValueError("a covariance of spectra is none: it is not positive definite")

    @property
    def bands(self) -> int:
        """How many bands it is of."""
        return len(self.means[0])


def is_covariance(triangle: Sequence[float]) -> bool:
    """Tell whether a lower triangle is that of a matrix that is positive definite.

    Parameters
    ----------
    triangle
        Row by row.

    Returns
    -------
    bool
        Whether its Cholesky factor exists.
    """
    size = (isqrt(8 * len(triangle) + 1) - 1) // 2
    factor: list[list[float]] = []
    for i in range(size):
        row: list[float] = []
        for j in range(i + 1):
            above = factor[j] if j < i else row
            rest = triangle[i * (i + 1) // 2 + j] - sum(
                a * b for a, b in zip(row, above, strict=False)
            )
            if i == j and rest <= 0:
                return False
            row.append(sqrt(rest) if i == j else rest / factor[j][j])
        factor.append(row)
    return True
