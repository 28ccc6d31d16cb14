"""How well a map agrees with the truth: a confusion matrix that grows window by window, and what
follows from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.card import NODATA

# [true class, mapped class], in pixels. Further rows are of pixels whose class is not known, mapped
# as what they are not for certain (partial labels): they count against the mapped class, and for
# nothing else.
Matrix = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]

# name -> a function of the matrix: one number, or one for each class; NaN where there is nothing
# to tell
METRICS = {
    "accuracy": "geoseg.evaluation.metrics:accuracy",
    "mean_accuracy": "geoseg.evaluation.metrics:mean_accuracy",
    "mean_iou": "geoseg.evaluation.metrics:mean_iou",
    "frequency_weighted_iou": "geoseg.evaluation.metrics:frequency_weighted_iou",
    "mean_f1": "geoseg.evaluation.metrics:mean_f1",
    "kappa": "geoseg.evaluation.metrics:kappa",
    "iou": "geoseg.evaluation.metrics:iou",
    "f1": "geoseg.evaluation.metrics:f1",
    "precision": "geoseg.evaluation.metrics:precision",
    "recall": "geoseg.evaluation.metrics:recall",
}


@dataclass(slots=True)
class Confusion:
    """Counts of pixels by true and mapped class, added window by window."""

    matrix: Matrix
    """[true class, mapped class], as `Matrix` says."""

    @classmethod
    def of(cls, labels: int, rows: int | None = None) -> Confusion:
        """Return an empty matrix.

        Parameters
        ----------
        labels
            How many classes there are.
        rows
            How many rows, where there are further ones beside those of the classes.

        Returns
        -------
        Confusion
            To be added to.
        """
        return cls(np.zeros((rows or labels, labels), np.int64))

    def add(self, truth: npt.NDArray[Any], mapped: npt.NDArray[Any]) -> None:
        """Count pixels.

        Parameters
        ----------
        truth
            Class indices of any shape; NODATA is left out.
        mapped
            Of the same shape; NODATA is left out.
        """
        rows, columns = self.matrix.shape
        known = (truth != NODATA) & (mapped != NODATA)
        flat = truth[known].astype(np.int64) * columns + mapped[known].astype(np.int64)
        self.matrix += np.bincount(flat, minlength=rows * columns).reshape(rows, columns)


def accuracy(matrix: Matrix) -> float:
    """Return the share of pixels mapped right (overall accuracy).

    Parameters
    ----------
    matrix
        Counts [true class, mapped class].

    Returns
    -------
    float
        0 to 1; NaN without pixels.
    """
    return float(_ratio(np.trace(matrix), _true(matrix).sum()))


def recall(matrix: Matrix) -> Numbers:
    """Return the share of each true class that is mapped right (the producer's accuracy).

    Parameters
    ----------
    matrix
        Counts [true class, mapped class].

    Returns
    -------
    Numbers
        [class], 0 to 1; NaN where the truth lacks it.
    """
    return _ratio(np.diag(matrix), _true(matrix))


def precision(matrix: Matrix) -> Numbers:
    """Return the share of each mapped class that is right (the user's accuracy).

    Parameters
    ----------
    matrix
        Counts [true class, mapped class].

    Returns
    -------
    Numbers
        [class], 0 to 1; NaN where the map lacks it.
    """
    return _ratio(np.diag(matrix), matrix.sum(axis=0))


def iou(matrix: Matrix) -> Numbers:
    """Return intersection over union of each class (Jaccard index).

    Parameters
    ----------
    matrix
        Counts [true class, mapped class].

    Returns
    -------
    Numbers
        [class], 0 to 1; NaN where neither truth nor map has it.

    References
    ----------
    Everingham et al. 2010, The PASCAL visual object classes (VOC) challenge,
    doi:10.1007/s11263-009-0275-4.
    """
    return _ratio(np.diag(matrix), matrix.sum(axis=0) + _true(matrix) - np.diag(matrix))


def f1(matrix: Matrix) -> Numbers:
    """Return the F1 score of each class (Dice coefficient).

    Parameters
    ----------
    matrix
        Counts [true class, mapped class].

    Returns
    -------
    Numbers
        [class], 0 to 1; NaN where neither truth nor map has it.

    References
    ----------
    Dice 1945, Measures of the amount of ecologic association between species,
    doi:10.2307/1932409.
    """
    return _ratio(2 * np.diag(matrix), matrix.sum(axis=0) + _true(matrix))


def mean_iou(matrix: Matrix) -> float:
    """Return the mean IoU of the classes that the truth holds.

    Parameters
    ----------
    matrix
        Counts [true class, mapped class].

    Returns
    -------
    float
        0 to 1; NaN without pixels.

    References
    ----------
    Long et al. 2015, Fully convolutional networks for semantic segmentation, section 5,
    doi:10.1109/CVPR.2015.7298965.
    """
    return _mean(iou(matrix), matrix)


def mean_accuracy(matrix: Matrix) -> float:
    """Return the mean recall of the classes that the truth holds (mean pixel accuracy).

    Parameters
    ----------
    matrix
        Counts [true class, mapped class].

    Returns
    -------
    float
        0 to 1; NaN without pixels.

    References
    ----------
    Long et al. 2015, as of `mean_iou`.
    """
    return _mean(recall(matrix), matrix)


def mean_f1(matrix: Matrix) -> float:
    """Return the mean F1 score of the classes that the truth holds.

    Parameters
    ----------
    matrix
        Counts [true class, mapped class].

    Returns
    -------
    float
        0 to 1; NaN without pixels.
    """
    return _mean(f1(matrix), matrix)


def frequency_weighted_iou(matrix: Matrix) -> float:
    """Return the mean IoU weighted by the share of each class in the truth.

    Parameters
    ----------
    matrix
        Counts [true class, mapped class].

    Returns
    -------
    float
        0 to 1; NaN without pixels.

    References
    ----------
    Long et al. 2015, as of `mean_iou`.
    """
    there = _true(matrix)
    return float(_ratio((there * np.nan_to_num(iou(matrix))).sum(), there.sum()))


def kappa(matrix: Matrix) -> float:
    """Return Cohen's kappa: agreement beyond chance.

    Parameters
    ----------
    matrix
        Counts [true class, mapped class].

    Returns
    -------
    float
        -1 to 1; NaN where truth and map are of one and the same class.

    References
    ----------
    Cohen 1960, A coefficient of agreement for nominal scales, doi:10.1177/001316446002000104.
    """
    known = matrix[: matrix.shape[1]]
    total = float(known.sum())
    chance = float(_ratio((known.sum(axis=0) / max(total, 1) * known.sum(axis=1)).sum(), total))
    return float(_ratio(accuracy(matrix) - chance, 1 - chance))


def measure(matrix: Matrix) -> dict[str, Any]:
    """Return every metric of METRICS.

    Parameters
    ----------
    matrix
        Counts [true class, mapped class].

    Returns
    -------
    dict
        By name: a number for those of the whole map, [class] for the others.
    """
    found: dict[str, Any] = {}
    for name, place in METRICS.items():
        module, _, function = place.partition(":")
        found[name] = getattr(import_module(module), function)(matrix)
    return found


def scores(matrix: Matrix, names: Sequence[str]) -> dict[str, Any]:
    """Return the metrics that a card holds, as nested JSON.

    Parameters
    ----------
    matrix
        Counts [true class, mapped class].
    names
        Of the classes.

    Returns
    -------
    dict
        accuracy, mean_iou, pixels, and by name the classes that the truth holds; shares to four
        decimals.
    """
    return {
        "accuracy": round(accuracy(matrix), 4),
        "mean_iou": round(mean_iou(matrix), 4),
        "pixels": int(_true(matrix).sum()),
        "classes": {names[i]: _row(matrix, i) for i in range(len(names)) if matrix[i].any()},
    }


def _true(matrix: Matrix) -> npt.NDArray[np.int64]:
    """Return the pixels of each true class."""
    return np.asarray(matrix[: matrix.shape[1]].sum(axis=1), np.int64)


def _mean(values: Numbers, matrix: Matrix) -> float:
    there = _true(matrix) > 0
    return float(values[there].mean()) if there.any() else float("nan")


def _row(matrix: Matrix, index: int) -> dict[str, float]:
    metrics = {"iou": iou, "f1": f1, "recall": recall}
    measured = {name: round(float(metric(matrix)[index]), 4) for name, metric in metrics.items()}
    return measured | {"pixels": int(matrix[index].sum())}


def _ratio(part: npt.ArrayLike, whole: npt.ArrayLike) -> Numbers:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.true_divide(part, whole), np.float64)
