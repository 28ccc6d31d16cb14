"""The numbers of objects, and what is known of each: connected components of links, in two passes.

Each pass labels the same pixels alike, as `vector/clean/components.py` does: a run of linked pixels
takes the label of the first one above that it is linked to, else a new one. Labels that meet are
joined in the first pass; the second one numbers objects in the order of their first pixels. What is
held is some 30 bytes a label, of which an object has one for each of its tops, and a line of them;
nothing a pixel.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.arrays import Bytes, Floats, Ints, Longs
from ..core.card import NODATA
from ..core.errors import RunError
from ..core.jit import compiled
from ..vector.borders.corners import Rows
from ..vector.geodesic import PixelAreas
from ..vector.union_find import find
from .links import STUFF, THING, TO_NORTH, TO_WEST

Numbers = npt.NDArray[np.uint32]
MOST_LABELS = (1 << 31) - 2  # what int32 counts


@dataclass(frozen=True, slots=True)
class Objects:
    """The objects of a raster by their numbers, from 1 on; at index 0 stands nothing.

    Behind them come the components of stuff, where there are any, which are no objects.
    """

    count: int
    """How many objects there are."""
    value: Bytes
    """uint8 [number]: the index of its class."""
    pixels: Longs
    """int64 [number]: how many it has."""
    area: Floats
    """float64 [number]: square metres; pixels where there is no CRS."""
    score: Floats
    """float64 [number]: mean confidence, 0 to 1; NaN where none was given."""
    label: Numbers
    """uint32 [label]: the number of the object that a label is of, 0 for none."""


class Labels:
    """The labels of a raster while it is read for the first time, and what is known of each.

    Parameters
    ----------
    ground
        The raster's grid, and the area of its pixels.
    confidence
        Whether there is one.
    """

    def __init__(self, ground: PixelAreas, confidence: bool) -> None:
        self.ground = ground
        self.confidence = confidence
        self.count = 0
        self.root: Ints = np.empty(0, np.int32)
        self.kind: Bytes = np.empty(0, np.uint8)  # the link of its first pixel
        self.value: Bytes = np.empty(0, np.uint8)
        self.pixels: Longs = np.empty(0, np.int64)
        self.percent: Longs = np.empty(0, np.int64)
        self.area: Floats = np.empty(0)
        self._above: Ints = np.full(ground.grid.width, -1, np.int32)
        self._row = 0

    def add(self, links: Bytes, classes: Bytes, percent: Bytes | None) -> None:
        """Take the next rows.

        Parameters
        ----------
        links
            uint8 [row, column], see `links`.
        classes
            Indices of classes, uint8 [row, column].
        percent
            Confidence, uint8 [row, column], 255 for none, which counts as 0; or None.

        Raises
        ------
        RunError
            If there are more labels than can be counted.
        """
        step = self.ground.step
        at = 0
        while at < len(links):  # the areas of pixels are known at rows that are `step` apart
            within = self._row % step
            block = slice(at, min(len(links), at + step - within))
            sums = [
                np.concatenate([[0.0], np.cumsum(c)]) for c in self.ground.ends(self._row - within)
            ]
            self._add(
                links[block],
                classes[block],
                None if percent is None else percent[block],
                np.stack(sums),
                within,
            )
            self._row += block.stop - at
            at = block.stop

    def _add(
        self, links: Bytes, classes: Bytes, percent: Bytes | None, sums: Floats, within: int
    ) -> None:
        labels = np.empty(links.shape, np.int32)
        new = label_rows(links, self._above, labels, self.count)
        if new > MOST_LABELS:
            raise RunError(
                f"more than {MOST_LABELS} objects",
                "fewer of them",
                "begin them deeper: a last level above 0 leaves single pixels out",
            )
        if new > len(self.root):
            self._make_room(2 * new)
        self.root[self.count : new] = np.arange(self.count, new)
        measure(
            links,
            classes,
            np.empty((len(links), 0), np.uint8)
            if percent is None
            else np.ascontiguousarray(percent),
            self._above,
            labels,
            sums,
            within,
            self.ground.step,
            self.root,
            self.kind,
            self.value,
            self.pixels,
            self.percent,
            self.area,
        )
        self._above = labels[-1].copy()
        self.count = new

    def _make_room(self, size: int) -> None:
        for name in ("root", "kind", "value", "pixels", "percent", "area"):
            old = getattr(self, name)
            larger = np.zeros(size, old.dtype)  # of which what is not used takes no memory
            larger[: self.count] = old[: self.count]
            setattr(self, name, larger)

    def finish(self, min_score: float = 0.0, min_area: float = 0.0) -> Objects:
        """Number the objects in the order of their first pixels, row by row; the labels are used
        up.

        Parameters
        ----------
        min_score
            Objects below this mean confidence, 0 to 1, are left out.
        min_area
            Those below so many square metres are.

        Returns
        -------
        Objects
            With the components of stuff behind them.
        """
        root = self.root[: self.count]
        settle(root, self.pixels, self.percent, self.area)
        own = root == np.arange(self.count, dtype=np.int32)
        things = own & (self.kind[: self.count] & THING != 0)
        pixels = self.pixels[: self.count]
        if min_area:
            things &= self.area[: self.count] >= min_area
        if min_score and self.confidence:
            # without a division: 0.6 is met by a mean of exactly 60 percent
            things &= self.percent[: self.count] >= np.round(min_score * 100 * pixels, 6)
        first = np.flatnonzero(things)
        others = np.flatnonzero(own & (self.kind[: self.count] & STUFF != 0))
        places = np.concatenate([first, others])
        label = np.zeros(self.count, np.uint32)
        label[places] = np.arange(1, len(places) + 1, dtype=np.uint32)
        label = label[root]
        found = pixels[places]
        score = (
            self.percent[places] / found / 100 if self.confidence else np.full(len(found), np.nan)
        )
        return Objects(
            len(first),
            np.concatenate([[np.uint8(NODATA)], self.value[places]]),
            np.concatenate([[0], found]),
            np.concatenate([[0.0], self.area[places]]),
            np.concatenate([[np.nan], score]),
            label,
        )


def numbered(rows: Rows, width: int, label: Numbers) -> Iterator[Numbers]:
    """Number the pixels of a raster of links, which is read again.

    Parameters
    ----------
    rows
        Gives its strips, uint8 [row, column].
    width
        Its columns.
    label
        uint32 [label]: the number of its object.

    Yields
    ------
    Numbers
        uint32 [row, column], 0 for no object.
    """
    above = np.full(width, -1, np.int32)
    count = 0
    for strip in rows():
        labels = np.empty(strip.shape, np.int32)
        count = label_rows(strip, above, labels, count)
        above = labels[-1].copy()
        numbers = np.empty(strip.shape, np.uint32)
        look_up(labels, label, numbers)
        yield numbers


def label_all(found: Iterable[tuple[Bytes, Bytes, Any]], labels: Labels) -> Iterator[Bytes]:
    """Label the rows of a raster as they pass.

    Parameters
    ----------
    found
        Links, classes and confidence of some rows, as `linked` yields them.
    labels
        Takes them.

    Yields
    ------
    Bytes
        The links, uint8 [row, column].
    """
    for links, classes, percent in found:
        labels.add(links, classes, percent)
        yield links


@compiled
def label_rows(links: Bytes, above: Ints, labels: Ints, count: int) -> int:
    """Label the pixels of a strip.

    Parameters
    ----------
    links
        uint8 [row, column].
    above
        Labels of the row above it, int32 [column].
    labels
        int32 [row, column], is written: -1 for pixels of nothing.
    count
        Labels so far.

    Returns
    -------
    int
        Labels with those that are new.
    """
    for i in range(len(links)):
        over = labels[i - 1] if i > 0 else above
        here = links[i]
        line = labels[i]
        for x in range(len(here)):
            link = here[x]
            if link == 0:
                line[x] = -1
            elif link & TO_WEST:
                line[x] = line[x - 1]
            else:
                j = x
                while not here[j] & TO_NORTH and j + 1 < len(here) and here[j + 1] & TO_WEST:
                    j += 1
                if here[j] & TO_NORTH:
                    line[x] = over[j]
                else:
                    line[x] = count
                    count += 1
    return count


@compiled
def measure(
    links: Bytes,
    classes: Bytes,
    percent: Bytes,
    above: Ints,
    labels: Ints,
    sums: Floats,
    within: int,
    step: int,
    root: Ints,
    kind: Bytes,
    value: Bytes,
    pixels: Longs,
    total: Longs,
    area: Floats,
) -> None:
    """Join the labels that meet in a strip, and add up what is known of each.

    Parameters
    ----------
    links, classes
        Of the strip, uint8 [row, column].
    percent
        Its confidence, uint8 [row, column]; without columns where there is none.
    above
        Labels of the row above it, int32 [column].
    labels
        Its own, int32 [row, column].
    sums
        Running sums of pixel areas, float64 [2, column + 1], at a row and `step` rows below.
    within
        The strip's first row, counted from the first of these.
    step
        See `sums`.
    root, kind, value, pixels, total, area
        What is known of each label, see `Labels`; is written.
    """
    for i in range(len(links)):
        over = labels[i - 1] if i > 0 else above
        here = links[i]
        line = labels[i]
        start = 0
        way = (within + i) / step
        for x in range(len(here)):
            label = line[x]
            if label >= 0 and here[x] & TO_NORTH and over[x] != label:
                a = find(root, label)
                b = find(root, over[x])
                root[max(a, b)] = min(a, b)
            if x + 1 < len(here) and line[x + 1] == label:
                continue
            if label >= 0:
                one = sums[0, x + 1] - sums[0, start]
                two = sums[1, x + 1] - sums[1, start]
                area[label] += one + way * (two - one)  # exact where both are the same
                pixels[label] += x + 1 - start
                kind[label] = here[x]
                value[label] = classes[i, x]
                if percent.shape[1]:
                    for j in range(start, x + 1):
                        if percent[i, j] != NODATA:
                            total[label] += percent[i, j]
            start = x + 1


@compiled
def settle(root: Ints, pixels: Longs, total: Longs, area: Floats) -> None:
    """Give each label its component, and each component what is known of all its labels.

    Parameters
    ----------
    root
        int32 [label], changed in place: a component is called by its least label.
    pixels, total, area
        See `Labels`; they may be longer.
    """
    for label in range(len(root)):
        root[label] = root[root[label]]
        own = root[label]
        if own != label:
            pixels[own] += pixels[label]
            total[own] += total[label]
            area[own] += area[label]


@compiled
def look_up(labels: Ints, number: Numbers, numbers: Numbers) -> None:
    """Replace labels by the numbers of objects.

    Parameters
    ----------
    labels
        int32 [row, column], -1 for none.
    number
        uint32 [label].
    numbers
        uint32 [row, column], is written.
    """
    for i in range(labels.shape[0]):
        for x in range(labels.shape[1]):
            numbers[i, x] = number[labels[i, x]] if labels[i, x] >= 0 else 0
