"""The arithmetic from digital numbers to what a network takes, as numbers: the same for every
engine, and without PyTorch.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..core.card import Band, Scaling

Factors = npt.NDArray[np.float32]


def gain_and_bias(bands: Sequence[Band], scaling: Scaling) -> tuple[Factors, Factors]:
    """Return what makes ((DN * scale + offset) - mean) / std one multiplication and one addition.

    Folded in double precision, so that large offsets and small numbers lose nothing.

    Parameters
    ----------
    bands
        With mean and std in the card's unit.
    scaling
        From digital numbers (DN) to that unit.

    Returns
    -------
    tuple[Factors, Factors]
        Gain and bias, float32 [1, band, 1, 1].
    """
    mean = np.array([band.mean for band in bands])
    std = np.array([band.std for band in bands])
    gain = np.full(len(bands), scaling.scale) / std
    bias = (scaling.offset - mean) / std
    return gain.astype(np.float32).reshape(1, -1, 1, 1), bias.astype(np.float32).reshape(
        1, -1, 1, 1
    )
