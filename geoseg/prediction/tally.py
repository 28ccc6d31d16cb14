"""What is counted of a map while it is written."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..core.arrays import Bytes, from_planes
from ..core.card import NODATA, Label

PERCENTILES = (5, 25, 50, 75, 95)
STEPS = 20  # bits of a float32 that tell it from others in the percentiles: 2,048 in each octave


class Tally:
    """How many pixels a map has, and how many of each class.

    Parameters
    ----------
    labels
        The classes.
    several
        Whether a pixel may have several of them.
    """

    def __init__(self, labels: Sequence[Label], several: bool = False) -> None:
        self._labels = labels
        self._several = several
        self._counts = np.zeros(len(labels), np.int64)
        self.pixels = 0
        self.nodata = 0

    def add(self, classes: Bytes) -> None:
        """Count a part of the map.

        Parameters
        ----------
        classes
            uint8 [band, row, column]: the class of each pixel; or, of several at once, for each
            class whether it is there. NODATA where nothing is mapped.
        """
        nodata = int(np.count_nonzero(classes[0] == NODATA))
        self.nodata += nodata
        self.pixels += classes[0].size - nodata
        if self._several:
            self._counts += np.count_nonzero(classes == 1, axis=(1, 2))
        else:
            found = np.bincount(classes.ravel(), minlength=NODATA + 1)
            self._counts += found[[label.value for label in self._labels]]

    @property
    def shares(self) -> dict[str, float]:
        """Each class's share of the mapped pixels, 0 to 1, by its name."""
        shares = self._counts / max(1, self.pixels)
        return {label.name: float(x) for label, x in zip(self._labels, shares, strict=True)}

    @property
    def numbers(self) -> dict[str, dict[str, float]]:
        """Of classes there are none."""
        return {}


class NumberTally:
    """How many pixels a map of numbers has, and how these lie.

    Parameters
    ----------
    labels
        The names of the numbers, one for each band.
    """

    def __init__(self, labels: Sequence[Label]) -> None:
        self._names = [label.name for label in labels]
        count = len(labels)
        self._ends = np.array([[np.inf, -np.inf]] * count)
        self._sums = np.zeros((count, 2))
        self._steps = np.zeros((count, 1 << STEPS), np.int64)
        self.pixels = 0
        self.nodata = 0

    def add(self, planes: Bytes) -> None:
        """Count a part of the map.

        Parameters
        ----------
        planes
            Of float32, as `to_planes` makes them; NaN where nothing is mapped.
        """
        numbers = from_planes(planes, "float32")
        known = ~np.isnan(numbers[0])
        self.pixels += int(known.sum())
        self.nodata += int((~known).sum())
        if not known.any():
            return
        for band, found in enumerate(numbers[:, known]):
            self._ends[band] = (
                min(self._ends[band, 0], found.min()),
                max(self._ends[band, 1], found.max()),
            )
            exact = found.astype(np.float64)
            self._sums[band] += exact.sum(), (exact * exact).sum()
            places, counts = np.unique(_ordered(found) >> 32 - STEPS, return_counts=True)
            self._steps[band, places] += counts

    @property
    def shares(self) -> dict[str, float]:
        """Of classes there are none."""
        return {}

    @property
    def numbers(self) -> dict[str, dict[str, float]]:
        """Least, most, mean, standard deviation and percentiles of each, by its name; the
        percentiles are right to one in 2,000.
        """
        if not self.pixels:
            return {}
        mean, squares = self._sums.T / self.pixels
        spread = np.sqrt(np.maximum(0, squares - mean * mean))
        found = {}
        for band, name in enumerate(self._names):
            low, high = self._ends[band]
            below = np.cumsum(self._steps[band])
            ranks = [share / 100 * (self.pixels - 1) for share in PERCENTILES]
            middles = _number(np.searchsorted(below, ranks, "right"))
            found[name] = {
                "min": float(low),
                "mean": float(mean[band]),
                "max": float(high),
                "std": float(spread[band]),
            } | {
                f"p{share}": float(np.clip(each, low, high))
                for share, each in zip(PERCENTILES, middles, strict=True)
            }
        return found


def _ordered(numbers: npt.NDArray[np.float32]) -> npt.NDArray[np.uint32]:
    """Whole numbers in the order of the floats: those below 0 have their bits turned over."""
    bits = numbers.view(np.uint32)
    return np.where(bits >> 31, ~bits, bits | np.uint32(1 << 31))


def _number(places: npt.NDArray[np.intp]) -> npt.NDArray[np.float32]:
    """The number in the middle of those that share a place."""
    order = (places.astype(np.uint32) << (32 - STEPS)) + np.uint32(1 << (31 - STEPS))
    bits = np.where(order >> 31, order & np.uint32((1 << 31) - 1), ~order)
    return bits.astype(np.uint32).view(np.float32)
