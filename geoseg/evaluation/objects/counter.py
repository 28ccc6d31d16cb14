"""Objects in rasters: what they share is counted pixel by pixel, window by window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...core.arrays import Bytes, Floats, Longs, Words
from ...core.card import NODATA
from ...core.grid import Grid
from .overlaps import UNKNOWN, Flags, ObjectTable, Overlaps

Numbers = npt.NDArray[Any]  # of objects: whole numbers [row, column], 0 where there is none
MOST = 1 << 21  # rows of a table that may wait before they are added up
TRUTH = 0
MAP = 1
SHIFTS = (np.uint64(16), np.uint64(8))  # of the classes of truth and map in one number
HALF = np.uint64(32)
LOW = np.uint64(0xFFFFFFFF)
BYTE = np.uint64(0xFF)
NOTHING = np.iinfo(np.int64).min  # neither an object nor stuff


@dataclass(frozen=True, slots=True, eq=False)
class ObjectImage:
    """The objects of one side in a window."""

    numbers: Numbers
    """Of the objects, up to 2^32 - 1 [row, column]; 0 where there is none."""
    classes: Bytes | None = None
    """Class of each pixel [row, column], NODATA where unlabelled; None for one class of all."""
    confidence: Bytes | None = None
    """Percent [row, column], NODATA where unknown; None for none."""


class _Sums:
    """Sums by key, of which many may be added at a time."""

    def __init__(self, keys: int, values: int) -> None:
        self._keys = [np.empty((keys, 0), np.uint64)]
        self._values = [np.empty((values, 0), np.int64)]
        self._waiting = 0

    def add(self, keys: Sequence[Words], values: Sequence[Longs]) -> None:
        self._keys.append(np.stack(keys))
        self._values.append(np.stack(values).astype(np.int64))
        self._waiting += len(keys[0])
        if self._waiting > MOST:
            self.total()

    def total(self) -> tuple[Words, Longs]:
        """Return the keys, each once and rising, and the sum of the values of each."""
        keys = np.concatenate(self._keys, axis=1)
        values = np.concatenate(self._values, axis=1)
        order = np.lexsort(keys[::-1])
        keys = keys[:, order]
        starts = _starts(keys)
        if len(starts):
            values = np.add.reduceat(values[:, order], starts, axis=1)
        self._keys = [keys[:, starts]]
        self._values = [values]
        self._waiting = 0
        return self._keys[0], self._values[0]


class _Boxes:
    """The box around each number's pixels: its first column and row, and those behind its last."""

    def __init__(self) -> None:
        self._numbers = [np.empty(0, np.uint64)]
        self._spans = [np.empty((0, 4), np.int64)]
        self._waiting = 0

    def add(self, numbers: Words, spans: Longs) -> None:
        some = numbers > 0
        self._numbers.append(numbers[some])
        self._spans.append(spans[some])
        self._waiting += int(some.sum())
        if self._waiting > MOST:
            self.total()

    def total(self) -> tuple[Words, Longs]:
        numbers = np.concatenate(self._numbers)
        order = np.argsort(numbers, kind="stable")
        numbers = numbers[order]
        spans = np.concatenate(self._spans)[order]
        starts = _starts(numbers[None])
        if len(starts):
            low = np.minimum.reduceat(spans[:, :2], starts, axis=0)
            high = np.maximum.reduceat(spans[:, 2:], starts, axis=0)
            spans = np.concatenate([low, high], axis=1)
        self._numbers = [numbers[starts]]
        self._spans = [spans]
        self._waiting = 0
        return self._numbers[0], self._spans[0]


def _starts(keys: Words) -> Longs:
    """Return where each key begins, of sorted ones [column, row]."""
    first = np.ones(keys.shape[1], bool)
    first[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
    return np.flatnonzero(first)


class OverlapCounter:
    """What objects of truth and map share, added window by window.

    Memory grows with objects and with pairs that touch, never with pixels.

    Parameters
    ----------
    panoptic
        Whether what has a class and no object is a segment of its class (stuff).
    """

    def __init__(self, panoptic: bool = False) -> None:
        self._panoptic = panoptic
        self._counts = _Sums(2, 1)
        self._boxes = (_Boxes(), _Boxes())
        self._sure = _Sums(1, 2)
        self._scored = False

    def add(
        self,
        truth: ObjectImage,
        mapped: ObjectImage,
        inside: Flags | None = None,
        place: tuple[int, int] = (0, 0),
    ) -> None:
        """Count the pixels of a window.

        Parameters
        ----------
        truth, mapped
            The objects, of one shape.
        inside
            Which pixels are to be compared [row, column]; None for all.
        place
            Row and column of the window's first pixel in the whole raster.
        """
        if not truth.numbers.size:
            return
        pair = truth.numbers.astype(np.uint64) << HALF | mapped.numbers.astype(np.uint64)
        kind = _classes(truth) << np.uint64(16) | _classes(mapped) << np.uint64(8)
        kind |= np.uint64(1) if inside is None else inside.astype(np.uint64)
        width = pair.shape[-1]
        # where a run of equal pixels of a row begins
        change = np.ones(pair.shape, bool)
        change[:, 1:] = (pair[:, 1:] != pair[:, :-1]) | (kind[:, 1:] != kind[:, :-1])
        starts = np.flatnonzero(change)
        lengths = np.diff(starts, append=pair.size)
        pair = pair.ravel()[starts]
        other = pair & LOW
        self._counts.add([pair, kind.ravel()[starts]], [lengths])
        rows, columns = np.divmod(starts, width)
        spans = np.stack([columns, rows, columns + lengths, rows + 1], axis=1)
        spans += np.tile(place[::-1], 2)
        self._boxes[TRUTH].add(pair >> HALF, spans)
        self._boxes[MAP].add(other, spans)
        if mapped.confidence is not None:
            self._scored = True
            known = mapped.confidence != NODATA
            percent = np.where(known, mapped.confidence, 0)
            sums = [
                np.add.reduceat(each.ravel(), starts, dtype=np.int64) for each in (percent, known)
            ]
            self._sure.add([other], sums)

    def finish(self, names: Sequence[str], grid: Grid | None = None) -> Overlaps:
        """Return what was counted.

        An object is of the class that most of its pixels have. Where a class has objects, its
        pixels without one are a crowd in the truth, and nothing on the map.

        Parameters
        ----------
        names
            Of the classes, by their index.
        grid
            Of the raster, for places in its CRS; None for columns and rows.

        Returns
        -------
        Overlaps
            In pixels. An object is outside if less than half of it was to be compared, a predicted
            one also if more than half lies where the truth is unlabelled. Its score is its mean
            confidence, 0 to 1.
        """
        (pair, kind), (counts,) = self._counts.total()
        labels = [(kind >> shift & BYTE).astype(np.int64) for shift in SHIFTS]
        inside = (kind & np.uint64(1)).astype(bool)
        keys = [(pair >> HALF).astype(np.int64), (pair & LOW).astype(np.int64)]
        void = (labels[TRUTH] == NODATA) & (keys[TRUTH] == 0)
        classes = [_classes_of(k, label, counts) for k, label in zip(keys, labels, strict=True)]
        things = np.unique(np.concatenate([found for _, found in classes]))
        for side in (TRUTH, MAP):
            bare = keys[side] == 0
            keys[side][bare] = NOTHING
            if self._panoptic:
                stuff = bare & inside & (labels[side] != NODATA)
                if side == MAP:
                    stuff &= ~np.isin(labels[side], things)
                keys[side][stuff] = -1 - labels[side][stuff]
        segments = [np.unique(k[k != NOTHING]) for k in keys]
        rows = [np.searchsorted(s, k) for s, k in zip(segments, keys, strict=True)]
        there = [k != NOTHING for k in keys]
        tables = [
            self._table(
                side,
                segments[side],
                classes[side],
                things,
                grid,
                _Rows(
                    rows[side][there[side]],
                    counts[there[side]],
                    inside[there[side]],
                    void[there[side]],
                ),
            )
            for side in (TRUTH, MAP)
        ]
        both = there[TRUTH] & there[MAP]
        joint = rows[TRUTH][both] * max(len(tables[MAP]), 1) + rows[MAP][both]
        unique, index = np.unique(joint, return_inverse=True)
        return Overlaps(
            tuple(names),
            tables[TRUTH],
            tables[MAP],
            np.stack(np.divmod(unique, max(len(tables[MAP]), 1)), axis=1),
            np.bincount(index, counts[both], minlength=len(unique)).astype(np.float64),
        )

    def _table(
        self,
        side: int,
        segments: Longs,
        known: tuple[Longs, Longs],
        things: Longs,
        grid: Grid | None,
        rows: _Rows,
    ) -> ObjectTable:
        count = len(segments)
        stuff = segments < 0
        classes = np.where(stuff, -1 - segments, UNKNOWN)
        classes[np.searchsorted(segments, known[0])] = known[1]
        areas = rows.sum(count)
        void = rows.sum(count, rows.void)
        crowd = np.zeros(count, bool)
        outside = 2 * rows.sum(count, rows.inside) < areas
        if side == TRUTH:
            crowd = stuff & np.isin(classes, things) | (classes == UNKNOWN)
            stuff &= ~crowd
        else:
            outside |= ~stuff & (2 * void > areas)
        scores = None
        if side == MAP and self._scored:
            scores = self._scores(segments)
        return ObjectTable(
            classes,
            areas,
            np.maximum(segments, 0),
            self._placed(side, segments, grid),
            scores,
            crowd=crowd,
            outside=outside,
            void=void if side == MAP else np.zeros(count),
            stuff=stuff,
        )

    def _scores(self, segments: Longs) -> Floats:
        (numbers,), (percent, pixels) = self._sure.total()
        places = np.searchsorted(segments, numbers.astype(np.int64))
        mine = (places < len(segments)) & (numbers > 0)
        found = np.zeros(len(segments))
        found[places[mine]] = percent[mine] / np.maximum(pixels[mine], 1) / 100
        return found

    def _placed(self, side: int, segments: Longs, grid: Grid | None) -> Floats:
        """Return the box of each object in the CRS of a grid; NaN for stuff."""
        numbers, spans = self._boxes[side].total()
        found = np.full((len(segments), 4), np.nan)
        places = np.searchsorted(segments, numbers.astype(np.int64))
        found[places] = spans
        if grid is None:
            return found
        a, b, c, d, e, f = grid.transform
        columns = found[:, [0, 2, 0, 2]]
        rows = found[:, [1, 1, 3, 3]]
        xs = a * columns + b * rows + c
        ys = d * columns + e * rows + f
        return np.stack([xs.min(1), ys.min(1), xs.max(1), ys.max(1)], axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """What is added up to the table of one side."""

    rows: Longs
    """Row of the table."""
    counts: Longs
    """Pixels."""
    inside: Flags
    """Whether these were to be compared."""
    void: Flags
    """Whether the truth is unlabelled there."""

    def sum(self, count: int, chosen: Flags | None = None) -> Floats:
        """Add up the pixels of each row of the table.

        Parameters
        ----------
        count
            Rows that the table has.
        chosen
            Which of the counts; None for all.

        Returns
        -------
        Floats
            Pixels [row of the table].
        """
        weights = self.counts if chosen is None else self.counts * chosen
        return np.bincount(self.rows, weights, minlength=count).astype(np.float64)


def _classes(image: ObjectImage) -> Words:
    if image.classes is None:
        return np.zeros(image.numbers.shape, np.uint64)
    return image.classes.astype(np.uint64)


def _classes_of(numbers: Longs, labels: Longs, counts: Longs) -> tuple[Longs, Longs]:
    """Return the numbers of objects that have a class, rising, and that of most of their pixels;
    of equally many, the first class.
    """
    some = (numbers > 0) & (labels != NODATA)
    joint, index = np.unique(numbers[some] << 8 | labels[some], return_inverse=True)
    pixels = np.bincount(index, counts[some], minlength=len(joint))
    order = np.lexsort((joint, -pixels, joint >> 8))
    joint = joint[order]
    first = _starts((joint >> 8)[None].astype(np.uint64))
    return joint[first] >> 8, joint[first] & 0xFF
