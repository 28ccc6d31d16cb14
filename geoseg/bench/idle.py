"""A model that computes nothing: its scores are there at once, so that what is timed is the
machinery around it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.arrays import Array
from ..models.protocol import Model


class Idle:
    """Stands in for a model, in its kind of array and on its device."""

    def __init__(self, model: Model, labels: int) -> None:
        self._labels = labels
        self._scores: dict[tuple[int, ...], Array] = {}
        self.device = model.device
        self.asarray = model.asarray
        self.to_uint8 = model.to_uint8

    def __call__(self, pixels: npt.NDArray[Any], valid: npt.NDArray[np.bool_]) -> Array:
        """Return the same probabilities for every window of a shape: bands of labels, 1 px
        apart.
        """
        del valid
        shape = len(pixels), self._labels, *pixels.shape[2:]
        if shape not in self._scores:
            which = np.arange(shape[3]) % self._labels
            scores = np.full(shape, 0.5 / max(1, self._labels - 1), np.float32)
            scores[:, which, :, np.arange(shape[3])] = 0.5
            self._scores[shape] = self.asarray(scores)
        return self._scores[shape]
