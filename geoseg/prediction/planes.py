"""What the planes of a map's pieces hold: class and confidence, and what else is made of the
scores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.arrays import Bytes, to_planes
from ..raster.sink import Kind

Means = npt.NDArray[np.float32]  # blended scores, [label, row, column]


@dataclass(frozen=True, slots=True)
class Measure:
    """A raster that is made of the scores."""

    name: Kind
    """Which output of a job it is; `classes` and `confidence` where it takes their place."""
    bands: int
    """How many it has."""
    dtype: str
    """What its numbers are, one of `sink.NUMBERS`."""
    of: Callable[[Means], npt.NDArray[Any]]
    """Makes it, [band, row, column], of the scores, [label, row, column]; the depth of the plane
    behind these.
    """

    @property
    def planes(self) -> int:
        """How many planes of bytes it takes."""
        return self.bands * np.dtype(self.dtype).itemsize


@dataclass(frozen=True, slots=True)
class Planes:
    """The planes of the pieces of a map, uint8: class, confidence, and those of further rasters."""

    measures: tuple[Measure, ...] = ()
    """Of which rasters, in their order."""

    @property
    def fields(self) -> int:
        """How many planes behind the scores of the labels are wanted of the network: its depth."""
        return sum(each.name == "depth" for each in self.measures)

    @property
    def places(self) -> dict[Kind, slice]:
        """Which planes are of which raster."""
        found: dict[Kind, slice] = {"classes": slice(0, 1), "confidence": slice(1, 2)}
        at = 2
        for each in self.measures:
            found[each.name] = slice(at, at + each.planes)
            at += each.planes
        return found

    @property
    def types(self) -> dict[Kind, str]:
        """What the numbers of each raster are."""
        found: dict[Kind, str] = {"classes": "uint8", "confidence": "uint8"}
        return found | {each.name: each.dtype for each in self.measures}

    @property
    def by_class(self) -> tuple[Kind, ...]:
        """Which rasters have a band for each class."""
        names = ("classes", "confidence", "scores")
        return tuple(each.name for each in self.measures if each.name in names)

    @property
    def numbers(self) -> bool:
        """Whether the map is of numbers, and not of classes."""
        return self.types["classes"] == "float32"

    @property
    def several(self) -> bool:
        """Whether a pixel may have several classes."""
        return "classes" in self.by_class and not self.numbers

    @property
    def of_labels(self) -> tuple[int, ...]:
        """Which planes hold indices of labels, for which classes stand on a map."""
        second = [self.places["second"].start] if "second" in self.places else []
        return 0, *second

    @property
    def count(self) -> int:
        """How many there are."""
        return 2 + sum(each.planes for each in self.measures)

    def laid_out(self, names: Iterable[Kind]) -> dict[Kind, slice]:
        """Tell which planes are of which raster where those of some rasters stand alone.

        Parameters
        ----------
        names
            Of the rasters, in the order of their planes.

        Returns
        -------
        dict
            By name.
        """
        places = self.places
        found: dict[Kind, slice] = {}
        at = 0
        for name in names:
            count = places[name].stop - places[name].start
            found[name] = slice(at, at + count)
            at += count
        return found

    def measure(self, means: Means) -> Bytes:
        """Return the planes of a piece behind class and confidence.

        Parameters
        ----------
        means
            The scores of its pixels, float32 [label, row, column], and behind them the depth where
            it is wanted.

        Returns
        -------
        Bytes
            uint8 [plane, row, column]: percent, indices of labels, or the bytes of other numbers.
        """
        scores = means[: len(means) - self.fields]
        given = {"depth": means[len(scores) :]}
        made = [to_planes(each.of(given.get(each.name, scores))) for each in self.measures]
        return np.concatenate(made) if made else np.empty((0, *means.shape[1:]), np.uint8)
