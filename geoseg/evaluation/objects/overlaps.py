"""Objects of map and truth, and which of them share how much: the sparse table that every metric of
objects is computed from. No array of objects by objects is ever made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ...core.arrays import Floats, Longs

Flags = npt.NDArray[np.bool_]
UNKNOWN = -1  # the class of an object whose class is not known


@dataclass(frozen=True, slots=True, eq=False)
class ObjectTable:
    """The objects of one side, a row for each."""

    classes: Longs
    """Place of each object's class among the names [object]; UNKNOWN fits every class."""
    areas: Floats
    """In the unit of what is shared [object]."""
    numbers: Longs
    """What its file calls each: the value of its pixels, or the feature's number [object]."""
    boxes: Floats
    """West, south, east and north, in the CRS of the comparison [object, 4]."""
    scores: Floats | None = None
    """How sure each is [object]; None where the file does not tell."""
    sizes: Floats = field(default_factory=lambda: np.empty(0))
    """What small, medium and large go by [object]; the areas where it is left out."""
    crowd: Flags = field(default_factory=lambda: np.empty(0, bool))
    """Of the truth: whether it is a region of several objects that nobody told apart, or one that
    does not count [object]; predictions in it are neither right nor wrong."""
    outside: Flags = field(default_factory=lambda: np.empty(0, bool))
    """Whether it lies for the most part where is nothing to compare: beyond the area of interest,
    or in the truth's nodata [object]."""
    void: Floats = field(default_factory=lambda: np.empty(0))
    """How much of it lies where the truth is unlabelled, in the unit of the areas [object]."""
    stuff: Flags = field(default_factory=lambda: np.empty(0, bool))
    """Whether it is all of a class that is not counted, such as water [object]."""
    scenes: Longs = field(default_factory=lambda: np.empty(0, np.int64))
    """Of which scene, where there are several [object]."""

    def __post_init__(self) -> None:
        count = len(self.classes)
        for name, default in _DEFAULTS.items():
            if not len(getattr(self, name)):
                object.__setattr__(self, name, np.zeros(count, default))
        if not len(self.sizes):
            object.__setattr__(self, "sizes", self.areas)

    def __len__(self) -> int:
        return len(self.classes)


_DEFAULTS: dict[str, Any] = {
    "crowd": bool,
    "outside": bool,
    "void": float,
    "stuff": bool,
    "scenes": np.int64,
}


@dataclass(frozen=True, slots=True, eq=False)
class Overlaps:
    """Objects of truth and map, with each pair of them that shares ground."""

    names: tuple[str, ...]
    """Of the classes."""
    truth: ObjectTable
    """The true objects."""
    mapped: ObjectTable
    """The predicted ones."""
    pairs: Longs
    """Rows of a true and of a predicted object [pair, 2]; each pair once, of any classes."""
    shared: Floats
    """How much they share [pair], in the unit of the areas."""
    unit: str = "pixels"
    """Of areas and shares: pixels, or what the square of the CRS's unit is called."""
    size_unit: str = "pixels"
    """Of sizes: pixels, or m2; empty where they cannot be told."""
    overlapping: tuple[int, int] = (0, 0)
    """How many objects of truth and map lie on others of their own side."""

    def iou(self) -> Floats:
        """Return intersection over union of each pair.

        Returns
        -------
        Floats
            [pair], 0 to 1.
        """
        truth, mapped = self.pairs.T
        union = self.truth.areas[truth] + self.mapped.areas[mapped] - self.shared
        return np.asarray(self.shared / union, np.float64)


def join(parts: Sequence[Overlaps]) -> Overlaps:
    """Return the objects of several scenes as one table; classes of one name are one.

    Parameters
    ----------
    parts
        At least one, of the same units; scores count only where all of them have some.

    Returns
    -------
    Overlaps
        Its scenes are numbered in this order.
    """
    names = tuple(dict.fromkeys(name for part in parts for name in part.names))
    scored = all(part.mapped.scores is not None for part in parts)
    truths: list[ObjectTable] = []
    maps: list[ObjectTable] = []
    pairs = []
    for number, part in enumerate(parts):
        places = np.array([*(names.index(name) for name in part.names), UNKNOWN], np.int64)
        starts = [sum(len(table) for table in tables) for tables in (truths, maps)]
        pairs.append(part.pairs + starts)
        truths.append(_moved(part.truth, places, number, False))
        maps.append(_moved(part.mapped, places, number, scored))
    first = parts[0]
    return Overlaps(
        names,
        _stacked(truths),
        _stacked(maps),
        np.concatenate(pairs),
        np.concatenate([part.shared for part in parts]),
        first.unit,
        first.size_unit,
        (sum(p.overlapping[0] for p in parts), sum(p.overlapping[1] for p in parts)),
    )


def _moved(table: ObjectTable, places: Longs, scene: int, scored: bool) -> ObjectTable:
    return replace(
        table,
        classes=places[table.classes],
        scores=table.scores if scored else None,
        scenes=np.full(len(table), scene),
    )


def _stacked(tables: Sequence[ObjectTable]) -> ObjectTable:
    columns: dict[str, Any] = {}
    for each in fields(ObjectTable):
        values = [getattr(table, each.name) for table in tables]
        columns[each.name] = None if values[0] is None else np.concatenate(values)
    return ObjectTable(**columns)
