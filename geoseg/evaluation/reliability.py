"""Whether a confidence of 80 % is right in 80 % of the cases: reliability, window by window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .metrics import Numbers

PERCENTS = 101
BINS = 10


@dataclass(slots=True)
class Reliability:
    """Whether the confidence is as high as the accuracy, counted window by window."""

    pixels: npt.NDArray[np.int64]
    """How many there are of each confidence in whole percent, int64 [101]."""
    right: npt.NDArray[np.int64]
    """How many of these are mapped right, int64 [101]."""

    @classmethod
    def empty(cls) -> Reliability:
        """Return counts of nothing.

        Returns
        -------
        Reliability
            To be added to.
        """
        return cls(np.zeros(PERCENTS, np.int64), np.zeros(PERCENTS, np.int64))

    def add(self, percent: npt.NDArray[Any], right: npt.NDArray[np.bool_]) -> None:
        """Count pixels by their confidence.

        Parameters
        ----------
        percent
            Confidence of each pixel; what is above 100 (nodata) is left out.
        right
            Whether it is mapped right, of the same shape.
        """
        known = percent < PERCENTS
        self.pixels += np.bincount(percent[known], minlength=PERCENTS)
        self.right += np.bincount(percent[known & right], minlength=PERCENTS)

    def bins(self, count: int = BINS) -> tuple[Numbers, Numbers, npt.NDArray[np.int64]]:
        """Return means over bins of equal width.

        Parameters
        ----------
        count
            How many bins.

        Returns
        -------
        tuple[Numbers, Numbers, npt.NDArray[np.int64]]
            Mean confidence and accuracy [bin], 0 to 1 and NaN where a bin is empty, and its pixels.
        """
        place = np.minimum(np.arange(PERCENTS) * count // 100, count - 1)
        pixels, right, sums = (
            np.bincount(place, weights, count)
            for weights in (self.pixels, self.right, self.pixels * np.arange(PERCENTS))
        )
        with np.errstate(invalid="ignore"):
            return sums / pixels / 100, right / pixels, pixels.astype(np.int64)

    def ece(self, count: int = BINS) -> float:
        """Return the expected calibration error: the mean gap between confidence and accuracy.

        Parameters
        ----------
        count
            How many bins.

        Returns
        -------
        float
            0 to 1, each bin by its pixels; NaN without pixels.

        References
        ----------
        Naeini et al. 2015, Obtaining well calibrated probabilities using Bayesian binning,
        doi:10.1609/aaai.v29i1.9602.
        """
        confidence, accuracy, pixels = self.bins(count)
        gaps = np.nan_to_num(np.abs(confidence - accuracy)) * pixels
        return float(gaps.sum() / pixels.sum()) if pixels.sum() else float("nan")

    def worst(self, count: int = BINS) -> float:
        """Return the largest gap of a bin (maximum calibration error).

        Parameters
        ----------
        count
            How many bins.

        Returns
        -------
        float
            0 to 1; NaN without pixels.

        References
        ----------
        Naeini et al. 2015, as of `ece`.
        """
        confidence, accuracy, _ = self.bins(count)
        gaps = np.abs(confidence - accuracy)
        return float(np.nanmax(gaps)) if np.isfinite(gaps).any() else float("nan")
