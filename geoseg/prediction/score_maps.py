"""What the scores tell beside the class and its own: all of them, how uncertain they leave a pixel,
and what comes second.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.arrays import Bytes
from ..core.card import ModelCard
from ..core.class_sets import ClassSets, read_class_sets
from ..core.errors import InputError
from ..core.job import SCORE_MAPS, Job
from ..models import Bundle
from ..models.ensemble import members_of
from ..raster.sink import Kind
from .class_sets import in_sets
from .objects import task_of
from .planes import Means, Measure, Planes
from .thresholds import several, thresholds_of


def to_percent(share: npt.NDArray[np.floating]) -> Bytes:
    """Return shares as whole percent, rounded as the confidence is.

    Parameters
    ----------
    share
        0 to 1; what rounding has taken beyond is brought back.

    Returns
    -------
    Bytes
        0 to 100.
    """
    found: Bytes = np.clip(share * np.float32(100) + np.float32(0.5), 0, 100).astype(np.uint8)
    return found


def scores(means: Means) -> Bytes:
    """Return all scores in percent.

    Parameters
    ----------
    means
        Scores, float32 [label, row, column].

    Returns
    -------
    Bytes
        [label, row, column].
    """
    return to_percent(means)


def scores_in_full(means: Means) -> npt.NDArray[np.float16]:
    """Return all scores as they are, to three digits.

    Parameters
    ----------
    means
        Scores, float32 [label, row, column].

    Returns
    -------
    ndarray
        float16 [label, row, column], 0 to 1; what rounding has taken beyond is brought back.
    """
    return np.clip(means, 0, 1).astype(np.float16)


def entropy(means: Means) -> Bytes:
    """Return how uncertain the scores of softmax leave a pixel, in percent of the most there is.

    Parameters
    ----------
    means
        Scores, float32 [label, row, column].

    Returns
    -------
    Bytes
        [1, row, column]: 0 where one class has all, 100 where all are alike.
    """
    share = np.clip(means, 0, 1)
    total = share.sum(0)
    np.divide(share, total, out=share, where=total > 0)  # 0 where no tile was valid
    return to_percent(_surprise(share).sum(0) / np.log(max(2, len(means))))[None]


def entropy_of_each(means: Means) -> Bytes:
    """Return how uncertain the scores of sigmoid leave a pixel: the mean over its classes.

    Parameters
    ----------
    means
        Scores, float32 [label, row, column].

    Returns
    -------
    Bytes
        [1, row, column]: 0 where each class is there or not, 100 where none is known to be.
    """
    share = np.clip(means, 0, 1)
    return to_percent(((_surprise(share) + _surprise(1 - share)) / np.log(2)).mean(0))[None]


def _surprise(share: Means) -> Means:
    """Of a share p, -p ln p, which is 0 for 0."""
    found: Means = -share * np.log(np.maximum(share, np.finfo(np.float32).tiny))
    return found


def margin(means: Means) -> Bytes:
    """Return how far the highest score lies above the second, in percent.

    Parameters
    ----------
    means
        Scores, float32 [label, row, column].

    Returns
    -------
    Bytes
        [1, row, column]: 0 is a tie.
    """
    return to_percent(means.max(0) - _without_best(means).max(0))[None]


def second(means: Means) -> Bytes:
    """Return which label comes second.

    Parameters
    ----------
    means
        Scores, float32 [label, row, column].

    Returns
    -------
    Bytes
        [1, row, column]: indices, the first of several that are alike.
    """
    found: Bytes = _without_best(means).argmax(0).astype(np.uint8)
    return found[None]


def _without_best(means: Means) -> Means:
    rest = means.copy()
    np.put_along_axis(rest, means.argmax(0)[None], np.float32(-1), 0)
    return rest


MAPS: dict[Kind, Callable[[Means], npt.NDArray[Any]]] = {
    "scores": scores,
    "entropy": entropy,
    "margin": margin,
    "second": second,
}


def sets(means: Means, learned: ClassSets) -> Bytes:
    """Return how many classes cannot be excluded, and which.

    Parameters
    ----------
    means
        Scores, float32 [label, row, column].
    learned
        From which score on a class is kept.

    Returns
    -------
    Bytes
        [1 + label, row, column]: their number, and for each class 1 where it is kept, else 0.
    """
    top = None if learned.empty else means.argmax(0)
    kept = in_sets(to_percent(means), top, learned.threshold)
    return np.concatenate([kept.sum(0, dtype=np.uint8)[None], kept.astype(np.uint8)])


def check_scores(job: Job, bundle: Bundle) -> None:
    """Check that a model gives the scores of which rasters are asked for.

    Parameters
    ----------
    job
        Says what is written.
    bundle
        The model, or several as one.

    Raises
    ------
    InputError
        If its network gives classes alone: what the tiles agree about is no score.
    """
    asked = [name for name in SCORE_MAPS if getattr(job, name)]
    for card in (one.card for one in members_of(bundle)):
        if asked and card.interface and card.interface.result == "classes":
            raise InputError(
                f"--{asked[0]} with {card.name}, whose network gives classes and no scores",
                "a model of scores",
                f"leave --{asked[0]} out",
            )


def planes_of(job: Job, card: ModelCard) -> Planes:
    """Find what the planes of a map's pieces have to hold.

    Parameters
    ----------
    job
        Says what is written.
    card
        Of the map.

    Returns
    -------
    Planes
        Class and confidence, and the rasters of the scores that it asks for.

    Raises
    ------
    InputError
        If what it asks for is nothing that the model's scores tell.
    """
    labels = len(card.labels)
    if card.maps_numbers:
        return _of_numbers(job, card)
    asked = [name for name in SCORE_MAPS if getattr(job, name)]
    if job.polygons and task_of(job.options, card) != "semantic" and "depth" not in asked:
        asked.append("depth")  # the last of SCORE_MAPS
    if labels < 2 and (alone := {"margin", "second"} & set(asked)):
        raise InputError(
            f"--{min(alone)} of a model of one class", "a model of two classes or more"
        )
    if "depth" in asked and card.depth is None:
        raise InputError(
            f"--depth with {card.name}, which tells no objects apart",
            "a model with a depth, such as `geoseg train` makes of labels of objects",
            "leave --depth out",
        )
    measures = tuple(_measure(name, job, card) for name in asked)
    thresholds = thresholds_of(job.options, card)
    if thresholds is None:
        return Planes(measures)
    if told := next((name for name in ("margin", "second") if name in asked), ""):
        raise InputError(
            f"--{told} with --threshold: a pixel may have several classes, or none",
            do="--scores writes the score of each class",
        )
    present = partial(several, thresholds=thresholds)
    own = (
        Measure("classes", labels, "uint8", present),
        Measure("confidence", labels, "uint8", scores),
    )
    return Planes((*own, *measures))


def _of_numbers(job: Job, card: ModelCard) -> Planes:
    if job.polygons:
        raise InputError(
            f"polygons by {card.name}, which gives numbers and no classes",
            "a raster",
            "give --out a name that ends in .tif",
        )
    asked = [name for name in ("confidence", *SCORE_MAPS) if getattr(job, name)]
    asked += ["threshold"] if job.options.outputs.threshold is not None else []
    if asked:
        raise InputError(
            f"--{asked[0]} with {card.name}, which gives numbers and no classes",
            do=f"leave --{asked[0]} out",
        )
    return Planes((Measure("classes", len(card.labels), "float32", lambda numbers: numbers),))


def _measure(name: Kind, job: Job, card: ModelCard) -> Measure:
    if name == "scores" and job.options.outputs.scores_type == "float16":
        return Measure(name, len(card.labels), "float16", scores_in_full)
    if name == "sets":
        learned = read_class_sets(str(job.options.outputs.calibration))
        return Measure(name, 1 + len(card.labels), "uint8", partial(sets, learned=learned))
    if name == "depth":
        return Measure(name, 1, "uint8", to_percent)
    if name == "entropy" and card.activation == "sigmoid":
        return Measure(name, 1, "uint8", entropy_of_each)
    return Measure(name, len(card.labels) if name == "scores" else 1, "uint8", MAPS[name])
