"""What a data set is, whatever its layout: pictures, classes, and what each pixel is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

UNKNOWN = 65535  # in Targets.classes: nobody says what is there
OPEN = 65534  # no object is drawn there, where objects alone are drawn
MOST_CLASSES = OPEN
MOST_PIXELS = 1 << 27  # of a picture: its targets take six bytes of each


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """What a picture shows, pixel by pixel."""

    classes: npt.NDArray[np.uint16]
    """[row, column]: places among the data set's classes, OPEN or UNKNOWN."""
    objects: npt.NDArray[np.uint32]
    """[row, column]: the number of the object that a pixel is of, each of one class; 0 where there
    is none, and where things stand in a crowd and are not told apart.
    """
    overlaps: int = 0
    """Pixels that several objects claim; one of them got each."""


@dataclass(frozen=True, slots=True)
class Class:
    """A class of a data set."""

    name: str
    """As the data set calls it; of one name there is one."""
    is_thing: bool
    """Whether it comes as objects that can be counted."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, and how its targets are read."""

    image: Path
    """The file; nothing but its size is looked at here."""
    name: str
    """Unlike any other picture's of the data set; it may hold "/"."""
    split: str
    """Of which part of the data set it is, such as "train"; "" where it has none."""
    place: str
    """Pictures of one place look alike: the name of the city, else that of the picture."""
    read: Callable[[int, int], Targets]
    """From rows and columns of the image to its targets, which have as many; ValueError or
    InputError where they are unsound.
    """


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set, as its files describe it."""

    kind: str
    """Which format it is, one of FORMATS."""
    classes: tuple[Class, ...]
    """In the order of the data set."""
    pictures: tuple[Picture, ...]
    """One at least, sorted by name."""
    has_objects: bool
    """Whether single objects are told apart."""
    skipped: Counter[str] = field(default_factory=Counter)
    """What was left out, by the reason."""
