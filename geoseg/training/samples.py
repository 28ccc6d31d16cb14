"""Crops of scenes with their labels, drawn at random: by area and by class, over places kept apart."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..card import ModelCard
from ..errors import InputError
from ..grid import Window
from .pairs import Crop, Pair, dominant, join, resize

PARTS = ("training", "validation", "test")
HELD = 1 << 31  # bytes of scenes and labels kept in memory; what is beyond is read by window
POINTS = 200  # positions kept for each class of each scene, from which balanced crops start


@dataclass(frozen=True, slots=True)
class Sample:
    """One row of the table: a scene, its label raster, the place on the ground, the processing level."""

    scene: str
    label: str
    place: str
    level: str = ""


def read_samples(path: Path) -> list[Sample]:
    """Read a table of samples (CSV with the columns scene, label, place and perhaps level)."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise InputError(f"the table of samples {path} cannot be read: {error.strerror}") from error
    missing = {"scene", "label", "place"} - set(rows[0] if rows else ())
    if missing:
        raise InputError(f"{path} lacks {', '.join(sorted(missing))}", "columns scene, label, place and perhaps level")
    base = path.resolve().parent
    return [
        Sample(str(base / row["scene"]), str(base / row["label"]), row["place"], row.get("level") or "") for row in rows
    ]


def split(samples: Sequence[Sample], validation: Sequence[str], test: Sequence[str]) -> dict[str, list[Sample]]:
    """Share the samples out by place: no place is in two parts. Patterns are as of file names (* and ?)."""
    parts: dict[str, list[Sample]] = {part: [] for part in PARTS}
    for sample in samples:
        held = [any(fnmatchcase(sample.place, p) for p in patterns) for patterns in (validation, test)]
        if all(held):
            raise InputError(f"place {sample.place!r} is both in validation and in test")
        parts["validation" if held[0] else "test" if held[1] else "training"].append(sample)
    if not parts["training"]:
        raise InputError("no sample is left for training", do="hold fewer places out")
    return parts


class Pool:
    """The samples of one part, from which crops are drawn; small scenes stay in memory once read."""

    def __init__(self, samples: Sequence[Sample], card: ModelCard, kind: str, part: str = "training") -> None:
        self.samples = list(samples)
        self.pairs: list[Pair] = []
        self.counts = np.zeros((len(samples), len(card.labels)))
        self.points: list[dict[int, npt.NDArray[np.int64]]] = []
        held = 0
        for index, sample in enumerate(samples):
            pair = Pair(sample.scene, sample.label, card, kind, hold=held < HELD)
            held += pair.grid.extent.area * (2 * len(card.bands) + len(card.labels))
            self.pairs.append(pair)
            self.points.append(self._survey(index, np.random.default_rng(index)))
        if self.pairs and not self.counts.any():
            raise InputError(f"no pixel of the {part} samples is labelled", do="look at the label rasters' values")
        self.areas = np.array([pair.grid.extent.area for pair in self.pairs], np.float64)

    def _survey(self, index: int, rng: np.random.Generator) -> dict[int, npt.NDArray[np.int64]]:
        """Count the classes of a scene, and return some positions of each."""
        pair = self.pairs[index]
        classes = dominant(pair.read(pair.grid.extent).target)
        found = {}
        for label in range(self.counts.shape[1]):
            places = np.argwhere(classes == label)
            self.counts[index, label] = len(places)
            if len(places):
                found[label] = places[rng.integers(len(places), size=POINTS)]
        return found

    def draw(self, rng: np.random.Generator, size: int, balance: float, mix: float, zoom: float) -> tuple[Crop, int]:
        """Return a crop of size x size pixels and the index of its (first) sample.

        Crops from scenes that fill less than a quarter of it, and the share `mix` of all, are
        put together from four places: no crop is mostly padding.
        """
        index, centre = self._pick(rng, balance)
        grid = self.pairs[index].grid
        small = max(grid.height, grid.width) <= size // 2
        if size >= 64 and (small or rng.random() < mix):
            quarter, first = self._cut(rng, index, centre, size // 2, zoom), index
            others = [self.draw(rng, size // 2, balance, 0.0, zoom)[0] for _ in range(3)]
            return join([quarter, *others]), first
        return self._cut(rng, index, centre, size, zoom), index

    def _pick(self, rng: np.random.Generator, balance: float) -> tuple[int, tuple[int, int]]:
        """Choose a scene and a position: of a class drawn at random, or anywhere."""
        if rng.random() < balance:
            label = int(rng.choice(np.flatnonzero(self.counts.sum(axis=0))))
            weights = self.counts[:, label] ** 0.5  # the root: many small places tell more than one large
            index = int(rng.choice(len(self.pairs), p=weights / weights.sum()))
            row, column = self.points[index][label][rng.integers(POINTS)]
            return index, (int(row), int(column))
        weights = self.areas**0.75
        index = int(rng.choice(len(self.pairs), p=weights / weights.sum()))
        grid = self.pairs[index].grid
        return index, (int(rng.integers(grid.height)), int(rng.integers(grid.width)))

    def _cut(self, rng: np.random.Generator, index: int, centre: tuple[int, int], size: int, zoom: float) -> Crop:
        """Read a window around the position, moved at random, zoomed by up to the factor."""
        pair = self.pairs[index]
        side = max(8, round(size * zoom ** rng.uniform(-1, 1)))
        tops = [
            int(np.clip(c - rng.integers(side), 0, max(length - side, 0)))
            for c, length in zip(centre, (pair.grid.height, pair.grid.width), strict=True)
        ]
        crop = pair.read(Window(tops[0], tops[1], tops[0] + side, tops[1] + side))
        return crop if side == size else resize(crop, size)
