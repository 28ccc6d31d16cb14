"""Patches of pixels to patches of scores, in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from .blend import Array
from .errors import RunError
from .stitch import Patch


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


def infer(model: Model, patches: Iterable[Patch], batch: int) -> Iterator[Patch]:
    """Yield the scores of the patches that hold a valid pixel, in order.

    A patch without one never reaches the model, and leaves no scores. Where the device's
    memory runs out, the batch is halved for the rest of the run.
    """
    patches = iter(patch for patch in patches if patch.valid is None or patch.valid.any())
    while group := list(islice(patches, batch)):
        while group:
            try:
                scores = _scores(model, group[:batch])
            except MemoryError as error:
                if batch == 1:
                    raise RunError(
                        f"memory ran out on {model.device} with a single tile of {group[0].window.shape[0]} px",
                        do="use a smaller --tile, or --device cpu",
                    ) from error
                batch //= 2
                continue
            done, group = group[:batch], group[batch:]
            yield from (Patch(patch.window, score, patch.valid) for patch, score in zip(done, scores, strict=True))
            del done, scores  # before the next are computed


def _scores(model: Model, group: Sequence[Patch]) -> Array:
    valid = [np.ones(patch.window.shape, bool) if patch.valid is None else patch.valid for patch in group]
    return model(_stack([patch.data for patch in group]), _stack(valid))


def _stack(arrays: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    return arrays[0][None] if len(arrays) == 1 else np.stack(arrays)  # one needs no copy
