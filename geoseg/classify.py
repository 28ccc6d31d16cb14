"""A label's index and its score to a class and its confidence: nodata where there is no data."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .card import NODATA, ModelCard
from .stitch import Patch

Mask = npt.NDArray[np.bool_]


def classify(piece: Patch, card: ModelCard, inside: Mask | None = None) -> Patch:
    """Return the class of each label's index, and the confidence as it came: uint8 [2, row, column].

    Both are 255 where the piece is not valid or, if an area of interest is given, not
    `inside` it. The piece's own array is used up.
    """
    out, values = piece.data, [label.value for label in card.labels]
    if values != list(range(len(values))):
        out = np.stack([np.array(values, np.uint8)[out[0]], out[1]])
    for known in (piece.valid, inside):
        if known is not None and not known.all():
            out[:, ~known] = NODATA
    return Patch(piece.window, out)
