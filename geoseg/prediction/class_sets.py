"""Which classes a map's scores cannot exclude."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.class_sets import read_class_sets
from ..core.options import Options
from ..models import Bundle

Percents = npt.NDArray[np.uint8]


def in_sets(
    scores: Percents, top: npt.NDArray[Any] | None, threshold: int
) -> npt.NDArray[np.bool_]:
    """Return the classes that cannot be excluded.

    Parameters
    ----------
    scores
        Percent [label, ...].
    top
        Of each pixel the label with the highest score, which is never excluded [...]; None where
        sets may be empty.
    threshold
        Percent from which on a class is kept.

    Returns
    -------
    ndarray
        bool [label, ...]; with `top` at least one of each pixel.
    """
    kept: npt.NDArray[np.bool_] = scores >= threshold
    if top is None:
        return kept
    labels = np.arange(len(scores)).reshape(-1, *(1,) * (scores.ndim - 1))
    kept |= labels == top
    return kept


def check_sets(options: Options, bundle: Bundle) -> None:
    """Check that sets of classes were learned of the scores that a run has.

    Parameters
    ----------
    options
        Name the file, and say how the scores are made.
    bundle
        The model, or several as one.

    Raises
    ------
    InputError
        If they are of another model, of other classes, or of scores made otherwise.
    """
    names = [label.name for label in bundle.card.labels]
    learned = read_class_sets(str(options.outputs.calibration))
    learned.check(bundle.card.name, bundle.sha256, bundle.card_sha256, names, options.compute.tta)
