"""What was learned of a model's scores: above which threshold a class cannot be excluded."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .errors import InputError
from .files import check_regular
from .version import __version__

MOST = 100  # per cent, in which scores are compared
FORM = "geoseg_class_sets"
LONGEST = 16 << 20  # bytes of a file


@dataclass(frozen=True, slots=True)
class PlaceCoverage:
    """What the sets of one place are."""

    place: str
    """Its name."""
    pixels: int
    """How many pixels have a class in the truth and a score."""
    coverage: float
    """The share of them whose set holds the true class."""
    size: float
    """Classes in a set, in the mean."""


@dataclass(frozen=True, slots=True)
class ClassSets:
    """How sets of classes are made of the scores of one model."""

    model: str
    """Its name."""
    sha256: str
    """Of its weights; of several models as one that of all."""
    card: str
    """Digest of what on its card decides the scores."""
    classes: tuple[str, ...]
    """The names of its classes, in order."""
    tta: str
    """In how many ways each tile was seen: one of `options.TURNS`."""
    coverage: float
    """What was asked for: the share of the pixels of a new place whose set holds the true class,
    in the mean over places."""
    threshold: int
    """Percent from which on a class cannot be excluded."""
    places: tuple[PlaceCoverage, ...]
    """Those that it was learned from."""
    held_out: tuple[PlaceCoverage, ...] = ()
    """The same, each with the threshold of all others; empty where these were too few."""
    empty: bool = False
    """Whether a set may be empty; else the class of the map is in it."""
    guaranteed: bool = False
    """Whether the coverage holds in the mean over all that the places might be."""

    def check(self, model: str, sha256: str, card: str, classes: Sequence[str], tta: str) -> None:
        """Check that they are of the scores that are at hand.

        Parameters
        ----------
        model
            The name of the model that is used.
        sha256
            Of its weights.
        card
            Digest of what on its card decides the scores.
        classes
            The names of its classes.
        tta
            As of the field.

        Raises
        ------
        InputError
            If they are of another model, of other classes, or of scores made otherwise.
        """
        for what, own, its in (
            ("weights", self.sha256[:12], sha256[:12]),
            ("classes", ", ".join(self.classes), ", ".join(classes)),
            ("a card", self.card[:12], card[:12]),
            ("--tta", self.tta, tta),
        ):
            if own != its:
                raise InputError(
                    f"--calibration is of {self.model} with {what} {own}, and the map is by "
                    f"{model} with {its}",
                    "the scores that were calibrated",
                    "run geoseg calibrate with the model and options of the map",
                )

    def text(self) -> str:
        """Return it as a file holds it.

        Returns
        -------
        str
            JSON.
        """
        told = {FORM: 1, "geoseg": __version__, **asdict(self)}
        return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def read_class_sets(path: str) -> ClassSets:
    """Read what `geoseg calibrate` wrote.

    Parameters
    ----------
    path
        Of the file.

    Returns
    -------
    ClassSets
        Checked in its fields.

    Raises
    ------
    InputError
        If it cannot be read, or is none.
    """
    check_regular(path)
    try:
        with Path(path).open("rb") as file:
            data = file.read(LONGEST + 1)
        if len(data) > LONGEST:
            raise ValueError(f"it has more than {LONGEST:,} bytes")
        return _read(json.loads(data))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InputError(
            f"{path} holds no sets of classes: {error}", "a file of geoseg calibrate"
        ) from error


def _read(told: Mapping[str, Any]) -> ClassSets:
    if told[FORM] != 1:
        raise ValueError(f"{FORM} is {told[FORM]!r}, not 1")
    coverage, threshold = float(told["coverage"]), told["threshold"]
    if not (isinstance(threshold, int) and 0 <= threshold <= MOST and 0 < coverage < 1):
        raise ValueError(f"threshold {threshold!r}, coverage {coverage!r}")
    return ClassSets(
        str(told["model"]),
        str(told["sha256"]),
        str(told["card"]),
        tuple(map(str, told["classes"])),
        str(told["tta"]),
        coverage,
        threshold,
        tuple(map(_place, told["places"])),
        tuple(map(_place, told.get("held_out", ()))),
        told.get("empty") is True,
        told.get("guaranteed") is True,
    )


def _place(told: Mapping[str, Any]) -> PlaceCoverage:
    return PlaceCoverage(
        str(told["place"]), int(told["pixels"]), float(told["coverage"]), float(told["size"])
    )
