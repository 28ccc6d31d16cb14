"""Scores to labels and confidence: one byte each, nodata where there is no data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from .card import NODATA, ModelCard
from .stitch import Array, Patch

Mask = npt.NDArray[np.bool_]


def to_uint8(array: Array) -> npt.NDArray[np.uint8]:
    """Return a numpy array as uint8: what a model that computes with numpy gives to classify()."""
    return np.asarray(array).astype(np.uint8)


def classify(
    strip: Patch, card: ModelCard, inside: Mask | None = None, bring: Callable[[Array], Any] = to_uint8
) -> Patch:
    """Return the class with the highest score and that score in percent: uint8 [2, row, column].

    Both are 255 where the strip is not valid or, if an area of interest is given, not
    `inside` it. `bring` turns whole numbers below 256, wherever they are, into numpy uint8.
    """
    best = strip.data.max(0)
    best = getattr(best, "values", best)  # a tensor's max() along an axis comes with its indices
    index, percent = bring(strip.data.argmax(0)), bring(best * 100 + 0.5)
    out = np.stack([np.array([label.value for label in card.labels], np.uint8)[index], np.minimum(percent, 100)])
    if strip.valid is not None:
        out[:, ~strip.valid] = NODATA
    if inside is not None:
        out[:, ~inside] = NODATA
    return Patch(strip.window, out)
