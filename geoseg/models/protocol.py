"""What a model is to the engine: pixels in, probabilities out, on a device of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from ..core.arrays import Array


class Model(Protocol):
    """Pixels to probabilities, on the model's own device.

    Takes digital numbers [n, band, row, column] as they stand in the file and where they
    are valid, [n, row, column]; gives probabilities [n, label, row, column], which add up
    to 1 over the labels. Raises MemoryError where a batch does not fit the device.
    """

    device: str

    def __call__(self, pixels: npt.NDArray[Any], valid: npt.NDArray[np.bool_]) -> Array:
        """Return the probabilities."""

    def asarray(self, array: npt.NDArray[Any]) -> Array:
        """Return the array on the model's device, in the kind of array that scores are."""

    def to_uint8(self, array: Array) -> npt.NDArray[np.uint8]:
        """Bring whole numbers below 256 back as numpy uint8."""


@runtime_checkable
class AheadModel(Model, Protocol):
    """A model that computes while this thread goes on: two batches are under way at once."""

    def launch(self, pixels: npt.NDArray[Any], valid: npt.NDArray[np.bool_]) -> Callable[[], Array]:
        """Queue a batch; what is returned gives its scores, and lets only what uses them wait."""


@runtime_checkable
class RoomyModel(AheadModel, Protocol):
    """A model that can tell how much its device holds."""

    def room(self) -> int:
        """Return how many windows like those so far fit the device's memory at once."""
