"""How good a model is, by labels that it did not learn from; and whether that can be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FEW = 5  # places below which a score tells nothing
FEW_EACH = 2  # places of a class below which its own does not

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Score:
    """What labels that were held out by place tell."""

    iou: tuple[float | None, ...]
    """Of each class; None of one that no such label has."""
    places: int
    """How many places they lie in."""
    unsure: tuple[int, ...] = ()
    """The classes that too few places tell of."""

    @property
    def mean(self) -> float | None:
        """The mean over the classes that have such labels; None where there are none."""
        known = [iou for iou in self.iou if iou is not None]
        return float(np.mean(known)) if known else None

    @property
    def weakest(self) -> int | None:
        """The class that is found worst; None where nothing is told."""
        known = {index: iou for index, iou in enumerate(self.iou) if iou is not None}
        return min(known, key=lambda index: known[index]) if known else None

    def note(self, names: Sequence[str]) -> str:
        """Say how far the score can be trusted; nothing where it can.

        Parameters
        ----------
        names
            Of the classes.

        Returns
        -------
        str
            A line, or "".
        """
        if self.mean is None:
            return "nothing is held out: too few places are labelled to tell how good it is"
        if self.places < FEW:
            return f"only {self.places} places are held out: too few to tell how good it is"
        if self.unsure:
            said = ", ".join(names[index] for index in self.unsure)
            return f"too few places to tell how well these are found: {said}"
        return ""


def count(label: npt.NDArray[np.int64], mapped: npt.NDArray[np.int64], classes: int) -> Counts:
    """Count pixels by what they are labelled and what they are mapped as.

    Parameters
    ----------
    label, mapped
        Class indices [pixel].
    classes
        How many there are.

    Returns
    -------
    array
        Int64 [label, mapped class].
    """
    return np.bincount(label * classes + mapped, minlength=classes**2).reshape(classes, classes)


def score(counts: Counts, share: npt.NDArray[np.float32], places: Sequence[int]) -> Score:
    """Return the IoU of each class where classes are as common as in the scene.

    Labels of a rare class are as many as those of a common one, and a small part of the common
    class, mapped as the rare one, may cover more ground than all of that: so each label's row is
    weighed by the share that its class has of the scenes.

    Parameters
    ----------
    counts
        Pixels [label, mapped class].
    share
        Of each class in the scenes.
    places
        In how many places each class was held out; the last, how many there were of all.

    Returns
    -------
    Score
        None of classes without labels.
    """
    rows = counts.sum(axis=1)
    there = rows > 0
    weight = np.where(there, share / np.maximum(rows, 1), 0)
    weighed = counts * weight[:, None]
    both = np.diag(weighed)
    either = weighed.sum(axis=0) + weighed.sum(axis=1) - both
    iou = tuple(
        float(both[i] / either[i]) if there[i] and either[i] > 0 else None
        for i in range(len(counts))
    )
    unsure = tuple(i for i in range(len(counts)) if places[i] < FEW_EACH)
    return Score(iou, places[-1], unsure)
