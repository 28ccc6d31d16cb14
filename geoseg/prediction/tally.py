"""What is counted of a map while it is written."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..core.arrays import Bytes
from ..core.card import NODATA, Label


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
