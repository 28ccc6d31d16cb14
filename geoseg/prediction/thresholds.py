"""From what score on a class is there, where a pixel may have several at once."""

from __future__ import annotations

import re

import numpy as np

from ..core.arrays import Array, Bytes
from ..core.card import ModelCard
from ..core.errors import InputError
from ..core.options import Options
from .planes import Means

_NUMBER = r"([0-9.eE+-]+)(?:,|$)"
_PART = re.compile(f"{_NUMBER}|(.+?)={_NUMBER}")  # of all others, or of a name, perhaps with commas
FORM = "a number from 0 to 1, or one for each class, such as 0.5 or roads=0.4,water=0.6"


def thresholds_of(options: Options, card: ModelCard) -> tuple[float, ...] | None:
    """Find the threshold of each class.

    Parameters
    ----------
    options
        Of the run: a number for all classes, or one for each by its name.
    card
        Names the classes.

    Returns
    -------
    tuple or None
        In the order of the card's labels; None where a pixel has one class.

    Raises
    ------
    InputError
        If the classes exclude each other, one is unknown or has no threshold, or a threshold is no
        share.
    """
    told = options.outputs.threshold
    if told is None:
        return None
    if card.activation != "sigmoid":
        raise InputError(
            f"--threshold with {card.name}, whose classes exclude each other: their scores add up "
            f"to 1 ({card.activation})",
            "a model of several classes at once (sigmoid)",
            "leave it out; --scores writes the score of each class",
        )
    found = _parsed(told) if isinstance(told, str) else {"": told}
    names = [label.name for label in card.labels]
    if unknown := [name for name in found if name and name not in names]:
        raise InputError(f"--threshold for {unknown[0]}", f"one of {', '.join(names)}")
    if lacking := [name for name in names if name not in found and "" not in found]:
        raise InputError(
            f"--threshold {told} has none for {', '.join(lacking)}",
            "one for each class",
            "put a number for all others before them, such as 0.5,water=0.6",
        )
    return tuple(found[name] if name in found else found[""] for name in names)


def _parsed(text: str) -> dict[str, float]:
    """Thresholds by the names of classes, which may hold commas; "" is all others."""
    found: dict[str, float] = {}
    at = 0
    while at < len(text):
        part = _PART.match(text, at)
        name = (part[2] or "").strip() if part else ""
        share = _number(part[1] or part[3]) if part else np.nan
        if part is None or not 0 <= share <= 1 or name in found:
            raise InputError(f"--threshold {text}", FORM)
        found[name] = share
        at = part.end()
    return found


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


def present(means: Array, thresholds: tuple[float, ...]) -> Array:
    """Tell which classes are there.

    Parameters
    ----------
    means
        Scores, float32 [label, row, column].
    thresholds
        Of each label: it is there from this score on.

    Returns
    -------
    Array
        bool [label, row, column].
    """
    limits = np.array(thresholds, np.float32)[:, None, None]
    return means >= limits


def several(means: Means, thresholds: tuple[float, ...]) -> Bytes:
    """Return which classes are there, as a raster.

    Parameters
    ----------
    means, thresholds
        As of `present`.

    Returns
    -------
    Bytes
        uint8 [label, row, column], 1 where it is, 0 where not.
    """
    found: Bytes = present(means, thresholds).astype(np.uint8)
    return found
