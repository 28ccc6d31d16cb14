"""Pixels as a model may be given them, made up from its card: what a network is tried on."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..core.card import ModelCard

BLOB = 24  # pixels of a field's side: nothing of a scene is as small as a pixel alone


def synthetic(card: ModelCard, side: int) -> npt.NDArray[np.generic]:
    """Return pixels as a model may be given them: fields of all values that its card knows.

    Parameters
    ----------
    card
        Its bands, their ranges, and its data type.
    side
        Rows and columns.

    Returns
    -------
    npt.NDArray
        Digital numbers [band, row, column]; the same at each call.
    """
    rng = np.random.default_rng(0)
    count = side // BLOB + 1
    low, high = (
        np.array([getattr(band, name) for band in card.bands])[:, None, None]
        for name in ("low", "high")
    )
    fields = rng.random((len(card.bands), count, count)).repeat(BLOB, 1).repeat(BLOB, 2)
    texture = rng.normal(0, 0.05, (len(card.bands), side, side))
    values = low + (high - low) * (fields[:, :side, :side] + texture).clip(0, 1)
    numbers = (values - card.scaling.offset) / card.scaling.scale
    kind = np.dtype(card.dtypes[0])
    if kind.kind in "iu":
        ends = np.iinfo(kind)
        numbers = np.rint(numbers).clip(ends.min, ends.max)
    made: npt.NDArray[np.generic] = numbers.astype(kind)
    return made
