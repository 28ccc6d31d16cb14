"""How far what a network makes of a square is from what it makes of the land that it knows: the
Mahalanobis distance of its last features (Lee et al. 2018, arXiv:1807.03888).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.card import ModelCard
from ..core.embedding import SQUARE, Embedding
from ..core.errors import ModelError
from ..core.grid import Patch
from .protocol import Model

LEAST = 1e-9  # of a squared distance, whose logarithm is taken
OUTSIDE = 0.3  # share of squares beyond the limit, from which on a scene is

Floats = npt.NDArray[np.float64]


def distances(features: npt.NDArray[Any], embedding: Embedding) -> Floats:
    """Return how far features are from those that are known.

    Parameters
    ----------
    features
        Means over squares, [channel, row, column] or [channel, square].
    embedding
        What is known.

    Returns
    -------
    Floats
        The logarithm of the squared distance, [row, column] or [square].
    """
    means, deviations, axes, variances = _arrays(embedding)
    channels = features.shape[0]
    scores = (features.reshape(channels, -1).astype(np.float64) - means) / deviations
    along = axes @ scores
    left = np.maximum((scores**2).sum(axis=0) - (along**2).sum(axis=0), 0)  # rounding: below 0
    squared = (along**2 / variances).sum(axis=0) + left / embedding.rest
    return np.asarray(np.log(np.maximum(squared, LEAST))).reshape(features.shape[1:])


@cache
def _arrays(embedding: Embedding) -> tuple[Floats, Floats, Floats, Floats]:
    parts = embedding.means, embedding.deviations, embedding.variances
    means, deviations, variances = (np.array(part)[:, None] for part in parts)
    return means, deviations, np.array(embedding.axes), variances


def whole_squares(patch: Patch, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Find the squares of a tile whose pixels are all valid.

    Parameters
    ----------
    patch
        The tile.
    shape
        Rows and columns of its squares, from its corner on.

    Returns
    -------
    ndarray
        bool [row, column].
    """
    if patch.valid is None:
        return np.ones(shape, bool)
    rows, columns = shape
    inside = patch.valid[: rows * SQUARE, : columns * SQUARE]
    return np.asarray(inside.reshape(rows, SQUARE, columns, SQUARE).all(axis=(1, 3)))


def judge_features(
    model: Model, patches: Sequence[Patch], card: ModelCard, embedding: Embedding
) -> ModelError | None:
    """Judge whether the network makes of a scene what it makes of what it knows.

    Parameters
    ----------
    model
        Loaded, and told to average its features.
    patches
        Windows of the scene, digital numbers [band, row, column].
    card
        What the model expects.
    embedding
        On it.

    Returns
    -------
    ModelError or None
        What is to be warned of, or refused where the user is strict.
    """
    found = []
    for patch in patches:
        known = np.ones(patch.window.shape, bool) if patch.valid is None else patch.valid
        model(patch.data[None], known[None])
        features = model.features()
        if features is not None:
            far = distances(features[0], embedding)
            found.append(far[whole_squares(patch, far.shape)])
    squares = np.concatenate(found) if found else np.zeros(0)
    outside = float((squares > embedding.limit).mean()) if squares.size else 0.0
    if outside < OUTSIDE:
        return None
    return ModelError(
        f"the network's features of the scene are unlike those of what {card.name} was trained on: "
        f"{outside:.0%} of it lies where 1 % of known places do",
        "land, texture and sharpness of the model's kind",
        "look for clouds, haze, noise or pixels that were resampled; if there are none, the model "
        "knows no such land, and its map may be wrong",
    )
