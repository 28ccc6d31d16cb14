"""The arithmetic from digital numbers to what a network takes, as numbers: the same for every
engine, and without PyTorch.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..core.card import Band, ModelCard, Scaling

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


def limits(card: ModelCard) -> tuple[Factors, Factors] | None:
    """Return where the values of a foreign network are cut off, after they are normalised.

    Parameters
    ----------
    card
        Its interface tells them in the card's unit.

    Returns
    -------
    tuple[Factors, Factors] or None
        The least and the greatest, float32 [1, band, 1, 1], infinite where there is none; None
        where no band has any.
    """
    clip = card.interface.clip if card.interface else ()
    if not clip:
        return None

    def normalised(which: int, none: float) -> Factors:
        ends = [
            none if pair[which] is None else ((pair[which] or 0.0) - band.mean) / band.std
            for pair, band in zip(clip, card.bands, strict=True)
        ]
        return np.array(ends, np.float32).reshape(1, -1, 1, 1)

    return normalised(0, -np.inf), normalised(1, np.inf)


def threshold_shift(card: ModelCard) -> float:
    """Return what is taken off the logit of a single score, so that its threshold lies at 0.

    Parameters
    ----------
    card
        Of a foreign network.

    Returns
    -------
    float
        0 for a threshold of a half.
    """
    threshold = card.interface.threshold if card.interface else 0.5
    return float(np.log(threshold / (1 - threshold)))
