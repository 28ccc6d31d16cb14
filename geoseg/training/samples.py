"""Crops of scenes with their labels, drawn at random: by area and by class, out of what one part
may use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from ..core.card import ModelCard
from ..core.errors import InputError
from ..core.grid import Window
from .scene_label import Crop, Pair, Reading, blend, join, present, resize
from .split import Share

# bytes of scenes and labels kept in memory for each part; what is beyond is read by window
HELD = 1 << 30
POINTS = 200  # positions kept for each class of each scene, from which balanced crops start
BLOCK = 512  # pixels: labels are counted block by block
# pixels of a scene whose labels are counted, spread over all of it where it has more
SURVEYED = 64 << 20
TRIES = 8  # crops that are drawn again where nothing is labelled


class Pool:
    """The samples of one part, from which crops are drawn; small scenes stay in memory once
    read.

    Parameters
    ----------
    shares
        What the part has of each sample.
    card
        Bands and scaling that the scenes are read by.
    reading
        How scenes and labels are read, and how often crops are drawn from each data set.
    part
        Its name. "training" sees nothing of what is held out; another sees the ground around its
        own.

    Raises
    ------
    InputError
        If no pixel of the part is labelled, or a scene or its labels cannot be read or do not fit.
    """

    def __init__(
        self, shares: Sequence[Share], card: ModelCard, reading: Reading, part: str = "training"
    ) -> None:
        self.samples = [share.sample for share in shares]
        self.pairs: list[Pair] = []
        self.meanings = reading.meanings
        self.counts = np.zeros((len(shares), len(self.meanings)))
        self.conflicts = 0  # pixels looked at on which labels of different classes lie
        self.points: list[dict[int, npt.NDArray[np.int64]]] = []
        held = 0
        for index, share in enumerate(shares):
            pair = Pair(share, card, reading, training=part == "training")
            size = pair.grid.extent.area * (2 * len(card.bands) + len(self.meanings))
            if held + size <= HELD:
                held += size
                pair.hold()
            self.pairs.append(pair)
            self.points.append(self._survey(index, np.random.default_rng(index)))
        if self.pairs and not self.counts.any():
            raise InputError(
                f"no pixel of the {part} samples is labelled",
                do="look at the labels' values, and at where they lie"
                if part == "training"
                else f"hold other places out for {part}",
            )
        self._ends = [np.cumsum([area.area for area in pair.areas]) for pair in self.pairs]
        self.areas = np.array([ends[-1] for ends in self._ends], np.float64)
        self._datasets = self._group(reading.weights)
        self._zooms = reading.zooms

    def _group(
        self, weights: Mapping[str, float]
    ) -> tuple[list[npt.NDArray[np.intp]], npt.NDArray[np.float64]]:
        """Return which samples each data set has, and the share of crops that are drawn from it."""
        names = sorted({sample.dataset for sample in self.samples})
        members = [
            np.flatnonzero([sample.dataset == name for sample in self.samples]) for name in names
        ]
        chances = np.array([weights.get(name, 1.0) for name in names], np.float64)
        return members, chances / chances.sum()

    @property
    def labelled(self) -> npt.NDArray[np.float64]:
        """The labelled pixels of each meaning, over all samples; of very large scenes, in the
        blocks that were looked at.

        Returns
        -------
        array
            Float64 [meaning].
        """
        return np.asarray(self.counts.sum(axis=0), np.float64)

    def _survey(self, index: int, rng: np.random.Generator) -> dict[int, npt.NDArray[np.int64]]:
        """Count the classes of a scene, and return some positions of each: seen in any order,
        all alike.
        """
        pair = self.pairs[index]
        kept: dict[int, list[npt.NDArray[np.int64]]] = {}
        for window in _spread(pair, rng, lambda: bool(self.counts[index].any())):
            there = present(pair.read(window).target, pair.several)
            self.conflicts += pair.conflicts(window)
            for label in np.flatnonzero(there.any(axis=(1, 2))).tolist():
                places = np.argwhere(there[label])
                self.counts[index, label] += len(places)
                some = places[rng.integers(len(places), size=min(len(places), POINTS))] + (
                    window.top,
                    window.left,
                )
                kept.setdefault(label, []).append(some)
        found = {label: np.concatenate(places) for label, places in kept.items()}
        return {
            label: places[rng.integers(len(places), size=POINTS)] for label, places in found.items()
        }

    def draw(
        self,
        rng: np.random.Generator,
        size: int,
        balance: float,
        mix: float,
        zoom: float,
        over: float = 0.0,
    ) -> tuple[Crop, int]:
        """Draw a crop.

        Crops from scenes that fill less than a quarter of it, and the share `mix` of all, are
        put together from four places: no crop is mostly padding.

        Parameters
        ----------
        rng
            Draws it; the same numbers give the same crop.
        size
            Its side in pixels.
        balance
            Share of crops whose place is drawn by class, all classes (and sets) alike; the others
            are drawn by area.
        mix
            Share of crops put together from four places.
        zoom
            Largest factor by which it is enlarged or shrunk, 1 or more, where its data set names
            none of its own.
        over
            Share of crops that are laid over another one (mixup).

        Returns
        -------
        tuple of Crop and int
            Pixels in the card's digital numbers, and the index of its (first) sample.
        """
        index, centre = self._pick(rng, balance)
        grid = self.pairs[index].grid
        small = max(grid.height, grid.width) <= size // 2
        if size >= 64 and (small or rng.random() < mix):
            quarter = self._cut(rng, index, centre, size // 2, zoom)
            first = index
            others = [self.draw(rng, size // 2, balance, 0.0, zoom)[0] for _ in range(3)]
            crop = join([quarter, *others])
        else:
            crop, first = self._labelled(rng, index, centre, size, balance, zoom)
        if rng.random() < over:
            crop = blend(
                crop, self.draw(rng, size, balance, 0.0, zoom)[0], float(rng.beta(0.4, 0.4))
            )
        return crop, first

    def _labelled(
        self,
        rng: np.random.Generator,
        index: int,
        centre: tuple[int, int],
        size: int,
        balance: float,
        zoom: float,
    ) -> tuple[Crop, int]:
        """Return a crop there, or elsewhere where nothing is labelled: labels may lie far apart."""
        crop = self._cut(rng, index, centre, size, zoom)
        for _ in range(TRIES):
            if crop.target.any():
                break
            index, centre = self._pick(rng, max(balance, 0.5))
            crop = self._cut(rng, index, centre, size, zoom)
        return crop, index

    def _pick(self, rng: np.random.Generator, balance: float) -> tuple[int, tuple[int, int]]:
        """Choose a data set, in it a scene, and a position: of a class (or set) drawn at random,
        or anywhere.
        """
        datasets, chances = self._datasets
        chosen = (
            datasets[int(rng.choice(len(datasets), p=chances))]
            if len(datasets) > 1
            else datasets[0]
        )
        counts = self.counts[chosen]
        if rng.random() < balance and counts.any():
            label = int(rng.choice(np.flatnonzero(counts.sum(axis=0))))
            # the root: many small places tell more than one large
            weights = counts[:, label] ** 0.5
            index = int(chosen[rng.choice(len(chosen), p=weights / weights.sum())])
            row, column = self.points[index][label][rng.integers(POINTS)]
            return index, (int(row), int(column))
        weights = self.areas[chosen] ** 0.75
        index = int(chosen[rng.choice(len(chosen), p=weights / weights.sum())])
        ends = self._ends[index]
        area = self.pairs[index].areas[
            int(np.searchsorted(ends, rng.integers(ends[-1]), side="right"))
        ]
        return index, (
            int(rng.integers(area.top, area.bottom)),
            int(rng.integers(area.left, area.right)),
        )

    def _cut(
        self, rng: np.random.Generator, index: int, centre: tuple[int, int], size: int, zoom: float
    ) -> Crop:
        """Read a window around the position, moved at random, zoomed by up to the factor, or as its
        data set wants.
        """
        pair = self.pairs[index]
        least, most = self._zooms.get(self.samples[index].dataset, (1 / zoom, zoom))
        side = max(8, round(size / (most * (least / most) ** ((1 + rng.uniform(-1, 1)) / 2))))
        side = min(
            side, max(size, min(pair.grid.height, pair.grid.width))
        )  # no more of nothing than needed
        around = _around(pair, centre, side)
        tops = [
            int(np.clip(c - rng.integers(side), low, max(high - side, low)))
            for c, low, high in zip(
                centre, (around.top, around.left), (around.bottom, around.right), strict=True
            )
        ]
        crop = pair.read(Window(tops[0], tops[1], tops[0] + side, tops[1] + side))
        return crop if side == size else resize(crop, size)


def _around(pair: Pair, centre: tuple[int, int], side: int) -> Window:
    """Return where a window on the position may lie: in its block where it fits in, else in the
    scene.
    """
    block = pair.block(*centre)
    return block if block and min(block.shape) >= side else pair.grid.extent


def _spread(pair: Pair, rng: np.random.Generator, enough: Callable[[], bool]) -> Iterator[Window]:
    """Yield windows that cover what the part has of a scene, in random order where it is too large
    to look at all.

    It then ends after SURVEYED pixels, but not before something labelled was met.
    """
    blocks = [
        block for area in pair.areas for block in area.blocks(BLOCK, BLOCK) if pair.worth(block)
    ]
    if sum(block.area for block in blocks) <= SURVEYED:
        yield from blocks
        return
    seen = 0
    for number in rng.permutation(len(blocks)).tolist():
        if seen >= SURVEYED and enough():
            return
        yield blocks[number]
        seen += blocks[number].area
