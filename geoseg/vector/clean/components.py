"""Regions of a class raster that is read in strips: their areas, and which pixels belong to one.

Each pass over the raster numbers the same pixels alike: a pixel takes the number of the one
to its left, else of the one above, where they have its class, else a new one. The numbers
that meet are joined in the first pass, so that later ones know the whole regions. What is
held is a few bytes a number and a line of them, nothing a pixel.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...core.arrays import Bytes, Floats, Ints
from ...core.card import NODATA
from ...core.jit import compiled
from ..borders.corners import Rows
from ..geodesic import PixelAreas

NOTHING = 256  # no class is left out


@dataclass(frozen=True, slots=True)
class Components:
    """The regions of a raster: for each number its region's, and for these class and area in square
    metres.

    `void` is the class whose pixels belong to no region: nodata, or NOTHING.
    """

    rows: Rows
    width: int
    void: int
    root: Ints
    value: Bytes
    area: Floats

    def labelled(self) -> Iterator[tuple[Bytes, Ints]]:
        """Yield the strips again, each with the regions of its pixels, -1 for none."""
        above = np.full(self.width, -1, np.int32)
        before = np.full(self.width, NODATA, np.uint8)
        count = 0
        for strip in self.rows():
            labels = np.empty(strip.shape, np.int32)
            count = number(before, above, strip, self.void, labels, count)
            above = labels[-1].copy()
            before = strip[-1]
            to_roots(labels, self.root)
            yield strip, labels

    def repainted(self, value: Bytes) -> Iterator[Bytes]:
        """Yield the strips with the class that `value` gives to each region."""
        for strip, labels in self.labelled():
            painted = strip.copy()
            paint(painted, labels, value)
            yield painted


def label_components(rows: Rows, ground: PixelAreas, void: int = NODATA) -> Components:
    """Return the 4-connected regions of a raster; those of the class `void` are none."""
    width = ground.grid.width
    above = np.full(width, -1, np.int32)
    before = np.full(width, NODATA, np.uint8)
    root = np.empty(0, np.int32)
    value = np.empty(0, np.uint8)
    area = np.empty(0)
    count = 0
    row = 0
    for strip in _blocks(rows, ground.step):
        labels = np.empty(strip.shape, np.int32)
        new = number(before, above, strip, void, labels, count)
        if new > len(root):
            root = np.resize(root, 2 * new)
            value = np.resize(value, 2 * new)
            area = np.resize(area, 2 * new)
        first = row // ground.step * ground.step
        begin(root, value, area, count, new)
        measure(
            before,
            above,
            strip,
            labels,
            _sums(ground, first),
            (row - first) / ground.step,
            1 / ground.step,
            root,
            value,
            area,
        )
        above = labels[-1]
        before = strip[-1]
        count = new
        row = row + len(strip)
    root = root[:count]
    value = value[:count]
    area = area[:count]
    settle(root, area)
    return Components(rows, width, void, root, value, area)


def _blocks(rows: Rows, step: int) -> Iterator[Bytes]:
    """Yield the strips cut where the rows begin at which pixel areas are known."""
    row = 0
    for strip in rows():
        at = 0
        while at < len(strip):
            stop = min(len(strip), at + step - row % step)
            yield strip[at:stop]
            row = row + stop - at
            at = stop


def _sums(ground: PixelAreas, row: int) -> Floats:
    """Return running sums of pixel areas at a row and one step below."""
    return np.stack([np.concatenate([[0.0], np.cumsum(cells)]) for cells in ground.ends(row)])


@compiled
def number(before: Bytes, above: Ints, rows: Bytes, void: int, labels: Ints, count: int) -> int:
    """Number the pixels of a strip; return the next new number."""
    for i in range(len(rows)):
        up, over = (rows[i - 1], labels[i - 1]) if i > 0 else (before, above)
        here = rows[i]
        line = labels[i]
        for x in range(len(here)):
            value = here[x]
            if value == void:
                line[x] = -1
            elif x > 0 and here[x - 1] == value:
                line[x] = line[x - 1]
            elif over[x] >= 0 and up[x] == value:
                line[x] = over[x]
            else:
                line[x] = count
                count += 1
    return count


@compiled
def find(root: Ints, i: int) -> int:
    """Return the region of number i, halving the path to it."""
    while root[i] != i:
        root[i] = root[root[i]]
        i = root[i]
    return int(i)


@compiled
def begin(root: Ints, value: Bytes, area: Floats, start: int, stop: int) -> None:
    """Make each new number a region without area."""
    for k in range(start, stop):
        root[k] = k
        value[k] = 0
        area[k] = 0.0


@compiled
def measure(
    before: Bytes,
    above: Ints,
    rows: Bytes,
    labels: Ints,
    sums: Floats,
    part: float,
    step: float,
    root: Ints,
    value: Bytes,
    area: Floats,
) -> None:
    """Join the numbers that meet, and add up areas; `part` of the way from the first of the
    `sums` to the second.
    """
    for i in range(len(rows)):
        up, over = (rows[i - 1], labels[i - 1]) if i > 0 else (before, above)
        here = rows[i]
        line = labels[i]
        start = 0
        share = part + i * step
        for x in range(len(here)):
            k = line[x]
            if k >= 0 and over[x] >= 0 and over[x] != k and up[x] == here[x]:
                a = find(root, k)
                b = find(root, over[x])
                root[max(a, b)] = min(a, b)
            if x + 1 < len(here) and line[x + 1] == k:
                continue
            if k >= 0:
                one = sums[0, x + 1] - sums[0, start]
                two = sums[1, x + 1] - sums[1, start]
                area[k] += one + share * (two - one)  # exact where both are the same
                value[k] = here[x]
            start = x + 1


@compiled
def settle(root: Ints, area: Floats) -> None:
    """Give each number its region, and each region the area of all its numbers."""
    for k in range(len(root)):
        root[k] = root[root[k]]  # a region's number is its least: it comes first
        if root[k] != k:
            area[root[k]] += area[k]


@compiled
def to_roots(labels: Ints, root: Ints) -> None:
    """Replace numbers by regions."""
    for i in range(labels.shape[0]):
        for x in range(labels.shape[1]):
            if labels[i, x] >= 0:
                labels[i, x] = root[labels[i, x]]


@compiled
def paint(rows: Bytes, labels: Ints, value: Bytes) -> None:
    """Give each pixel the value of its region."""
    for i in range(labels.shape[0]):
        for x in range(labels.shape[1]):
            if labels[i, x] >= 0:
                rows[i, x] = value[labels[i, x]]
