"""How good a model is where: scores by place, level, data set and whatever else parts the samples,
with intervals over places, and how far each class's confidence may be trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..evaluation.metrics import accuracy, mean_iou
from ..evaluation.reliability import PERCENTS, Reliability
from .partial_labels import Counts, Meanings, countable
from .sources import Sample

DRAWS = 1000
LEAST = 3  # places, below which they tell no interval
LOW, HIGH = 2.5, 97.5  # percentiles of an interval of 95 %
METRICS: Mapping[str, Callable[[Counts], float]] = {"accuracy": accuracy, "mean_iou": mean_iou}


@dataclass(slots=True)
class SceneCounts:
    """What the scenes of one part gave, counted scene by scene."""

    matrices: Counts
    """Pixels, int64 [scene, meaning, mapped class]."""
    pixels: Counts
    """Pixels of each mapped class by their confidence in whole percent, int64 [class, 101]; only
    those whose label is one class.
    """
    right: Counts
    """Those of them that are mapped right, int64 [class, 101]."""

    @classmethod
    def empty(cls, scenes: int, meanings: int, classes: int) -> SceneCounts:
        """Return counts of nothing.

        Parameters
        ----------
        scenes, meanings, classes
            How many there are of each.

        Returns
        -------
        SceneCounts
            To be added to.
        """
        confidence = (classes, PERCENTS)
        return cls(
            np.zeros((scenes, meanings, classes), np.int64),
            np.zeros(confidence, np.int64),
            np.zeros(confidence, np.int64),
        )

    @property
    def total(self) -> Counts:
        """Pixels of all scenes, int64 [meaning, mapped class]."""
        return np.asarray(self.matrices.sum(axis=0))

    def add(
        self,
        scene: int,
        truth: npt.NDArray[Any],
        mapped: npt.NDArray[Any],
        percent: npt.NDArray[Any],
    ) -> None:
        """Count pixels of one scene.

        Parameters
        ----------
        scene
            Its place among the part's.
        truth
            Places among the meanings, of any shape; what is beyond them is left out.
        mapped
            Class indices of the same shape; what is beyond the classes is left out.
        percent
            Confidence of the same shape, in whole percent.
        """
        _, meanings, classes = self.matrices.shape
        known = (truth < meanings) & (mapped < classes)
        flat = truth[known].astype(np.int64) * classes + mapped[known]
        counted = np.bincount(flat, minlength=meanings * classes)
        self.matrices[scene] += counted.reshape(meanings, classes)
        certain = known & (truth < classes) & (percent < PERCENTS)
        right = certain & (truth == mapped)
        for counts, chosen in ((self.pixels, certain), (self.right, right)):
            flat = mapped[chosen].astype(np.int64) * PERCENTS + percent[chosen]
            np.add(counts, np.bincount(flat, minlength=counts.size).reshape(counts.shape), counts)


def break_down(
    counts: SceneCounts, samples: Sequence[Sample], meanings: Meanings, seed: int = 1
) -> dict[str, Any]:
    """Return what a card says beside the scores of a whole part.

    Parameters
    ----------
    counts
        Of the part's scenes.
    samples
        Theirs, in the same order: place, level, data set and groups.
    meanings
        What the rows of the matrices are.
    seed
        Of the bootstrap.

    Returns
    -------
    dict
        Nested JSON: `places`, how many there are; `accuracy_95` and `mean_iou_95`, as of
        `intervals`; `by`, of each name that parts the samples the scores of each of its texts;
        `reliability`, as of `reliability`.
    """
    known = np.stack([countable(matrix, meanings) for matrix in counts.matrices])
    places = np.array([sample.place for sample in samples])
    parted: dict[str, list[str]] = {
        "place": list(places),
        "level": [sample.level for sample in samples],
        "data set": [sample.dataset for sample in samples],
    }
    for name in dict.fromkeys(name for sample in samples for name, _ in sample.groups):
        parted[name] = [dict(sample.groups).get(name, "") for sample in samples]
    by = {
        name: {
            text: _row(known[mine], places[mine], seed, alone=name == "place")
            for text in sorted(set(texts) - {""})
            if known[mine := np.array(texts) == text].any()
        }
        for name, texts in parted.items()
    }
    return (
        {"places": len(set(places[known.any(axis=(1, 2))]))}
        | intervals(_by_place(known, places), seed)
        | {
            "by": {name: rows for name, rows in by.items() if rows},
            "reliability": reliability(counts, meanings.names),
        }
    )


def intervals(matrices: Counts, seed: int = 1) -> dict[str, list[float]]:
    """Return how far accuracy and mean IoU may lie from what was measured, had other places of
    the same kind been drawn: the bootstrap over places (Efron and Tibshirani 1993, An Introduction
    to the Bootstrap, percentile intervals).

    Pixels of one place are alike, so that their number tells nothing of other places. Of three
    places the interval runs from the worst to the best.

    Parameters
    ----------
    matrices
        What can be counted of each place, int64 [place, meaning, mapped class].
    seed
        Of the draws.

    Returns
    -------
    dict
        `accuracy_95` and `mean_iou_95`, the ends of intervals of 95 %, to four decimals; nothing
        of fewer than three places.
    """
    count = len(matrices)
    if count < LEAST:
        return {}
    rng = np.random.default_rng(seed)
    times = rng.multinomial(count, np.full(count, 1 / count), size=DRAWS)
    drawn = np.tensordot(times, matrices, axes=1)
    found = {}
    for name, metric in METRICS.items():
        values = np.array([metric(matrix) for matrix in drawn])
        ends = np.nanpercentile(values, (LOW, HIGH))
        found[f"{name}_95"] = [round(float(end), 4) for end in ends]
    return found


def reliability(counts: SceneCounts, names: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return of each mapped class whether it is right as often as its confidence says.

    Parameters
    ----------
    counts
        Of the part's scenes.
    names
        Of the classes.

    Returns
    -------
    dict
        Of each class that was mapped where the label is one class: `mapped`, in pixels;
        `confidence` and `right`, means from 0 to 1; `error`, the expected calibration error.
    """
    found: dict[str, dict[str, float]] = {}
    for name, pixels, right in zip(names, counts.pixels, counts.right, strict=True):
        total = int(pixels.sum())
        if total:
            found[name] = {
                "mapped": total,
                "confidence": round(float(pixels @ np.arange(PERCENTS)) / total / 100, 4),
                "right": round(float(right.sum()) / total, 4),
                "error": round(Reliability(pixels, right).ece(), 4),
            }
    return found


def _by_place(known: Counts, places: npt.NDArray[np.str_]) -> Counts:
    """Return the matrices of places that hold labels [place, meaning, class]."""
    sums = np.stack([known[places == place].sum(axis=0) for place in sorted(set(places))])
    return np.asarray(sums[sums.any(axis=(1, 2))])


def _row(known: Counts, places: npt.NDArray[np.str_], seed: int, alone: bool) -> dict[str, Any]:
    """Return the scores of some scenes; of those of one place without how many places they are."""
    total = known.sum(axis=0)
    measured = {name: metric(total) for name, metric in METRICS.items()}
    row: dict[str, Any] = {"pixels": int(total[: total.shape[1]].sum())}
    # where all labels are vague, what is wrong for certain can be counted, but no score
    row |= {name: round(value, 4) for name, value in measured.items() if np.isfinite(value)}
    if alone:
        return row
    some = _by_place(known, places)
    return {"places": len(some)} | row | intervals(some, seed)
