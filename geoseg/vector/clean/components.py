"""Connected components of a class raster that is read in strips: their areas, and which pixels
belong to one.

Each pass over the raster labels the same pixels alike: a pixel takes the label of the one to its
left, else of the one above, where they have its class, else a new one. Labels that meet are joined
in the first pass, so that later ones know the whole components. What is held is a few bytes a label
and a line of them, nothing a pixel.

The arrays that all functions share: `labels`, int32 [row, column], are those of a strip, -1 for
pixels of no component; `before`, uint8 [column], and `above`, int32 [column], are classes and
labels of the row above the strip; `root`, `value` and `area` are those of `Components`, longer than
there are labels while these are found.
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
from ..union_find import find

NOTHING = 256  # no class is left out


@dataclass(frozen=True, slots=True)
class Components:
    """The 4-connected components of a raster; each is called by its first label."""

    rows: Rows
    """Gives the strips of the raster."""
    width: int
    """Its columns."""
    void: int
    """The class whose pixels belong to no component: nodata, or NOTHING."""
    root: Ints
    """int32 [label]: the component that it belongs to."""
    value: Bytes
    """uint8 [label]: of components, the class."""
    area: Floats
    """float64 [label]: of components, square metres."""

    def labelled(self) -> Iterator[tuple[Bytes, Ints]]:
        """Read the raster again.

        Yields
        ------
        tuple[Bytes, Ints]
            A strip's classes, uint8 [row, column], and the components of its pixels, int32, -1
            for none.
        """
        above = np.full(self.width, -1, np.int32)
        before = np.full(self.width, NODATA, np.uint8)
        count = 0
        for strip in self.rows():
            labels = np.empty(strip.shape, np.int32)
            count = label_rows(before, above, strip, self.void, labels, count)
            above = labels[-1].copy()
            before = strip[-1].copy()  # writable: of a view the kernels were compiled once more
            to_roots(labels, self.root)
            yield strip, labels

    def repainted(self, value: Bytes) -> Iterator[Bytes]:
        """Read the raster again, with other classes.

        Parameters
        ----------
        value
            uint8 [label]: of components, the new class.

        Yields
        ------
        Bytes
            A strip's new classes, uint8 [row, column]; pixels of no component keep theirs.
        """
        for strip, labels in self.labelled():
            painted = strip.copy()
            paint(painted, labels, value)
            yield painted


def label_components(rows: Rows, ground: PixelAreas, void: int = NODATA) -> Components:
    """Find the 4-connected components of a raster, in one pass over it.

    Parameters
    ----------
    rows
        Gives the strips of the raster.
    ground
        Its grid, and the area of its pixels.
    void
        The class whose pixels belong to no component; NOTHING where all do.

    Returns
    -------
    Components
        Labelled row by row from 0, the same however the raster is cut into strips.
    """
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
        new = label_rows(before, above, strip, void, labels, count)
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
        before = strip[-1].copy()  # writable: of a view the kernels were compiled once more
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
def label_rows(before: Bytes, above: Ints, rows: Bytes, void: int, labels: Ints, count: int) -> int:
    """Label the pixels of a strip.

    Parameters
    ----------
    before, above
        Classes and labels of the row above it.
    rows
        Its classes, uint8 [row, column].
    void
        The class that gets no labels.
    labels
        Is written.
    count
        Labels so far.

    Returns
    -------
    int
        Labels with those that are new.
    """
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
def begin(root: Ints, value: Bytes, area: Floats, start: int, stop: int) -> None:
    """Make each new label a component without area.

    Parameters
    ----------
    root, value, area
        Are written.
    start, stop
        The first new label, and the one after the last.
    """
    for label in range(start, stop):
        root[label] = label
        value[label] = 0
        area[label] = 0.0


@compiled
def measure(
    before: Bytes,
    above: Ints,
    rows: Bytes,
    labels: Ints,
    sums: Floats,
    share: float,
    step: float,
    root: Ints,
    value: Bytes,
    area: Floats,
) -> None:
    """Join the labels that meet in a strip, and add up areas.

    Parameters
    ----------
    before, above
        Classes and labels of the row above it.
    rows, labels
        Its own.
    sums
        Running sums of pixel areas, float64 [2, column + 1], at two rows.
    share
        How far the strip's first row is on the way from the first of these to the second, 0 to 1.
    step
        What each row adds to that.
    root, value, area
        Are written.
    """
    for i in range(len(rows)):
        up, over = (rows[i - 1], labels[i - 1]) if i > 0 else (before, above)
        here = rows[i]
        line = labels[i]
        start = 0
        way = share + i * step
        for x in range(len(here)):
            label = line[x]
            if label >= 0 and over[x] >= 0 and over[x] != label and up[x] == here[x]:
                a = find(root, label)
                b = find(root, over[x])
                root[max(a, b)] = min(a, b)
            if x + 1 < len(here) and line[x + 1] == label:
                continue
            if label >= 0:
                one = sums[0, x + 1] - sums[0, start]
                two = sums[1, x + 1] - sums[1, start]
                area[label] += one + way * (two - one)  # exact where both are the same
                value[label] = here[x]
            start = x + 1


@compiled
def settle(root: Ints, area: Floats) -> None:
    """Give each label its component, and each component the area of all its labels.

    Parameters
    ----------
    root, area
        int32 and float64 [label], changed in place.
    """
    for label in range(len(root)):
        root[label] = root[root[label]]  # a component is called by its least label: it comes first
        if root[label] != label:
            area[root[label]] += area[label]


@compiled
def to_roots(labels: Ints, root: Ints) -> None:
    """Replace labels by components, in place.

    Parameters
    ----------
    labels
        int32 [row, column], -1 for none.
    root
        int32 [label].
    """
    for i in range(labels.shape[0]):
        for x in range(labels.shape[1]):
            if labels[i, x] >= 0:
                labels[i, x] = root[labels[i, x]]


@compiled
def paint(rows: Bytes, labels: Ints, value: Bytes) -> None:
    """Give each pixel the class of its component, in place.

    Parameters
    ----------
    rows
        Classes, uint8 [row, column].
    labels
        Components, int32 [row, column]; where there is none, the class stays.
    value
        uint8 [label].
    """
    for i in range(labels.shape[0]):
        for x in range(labels.shape[1]):
            if labels[i, x] >= 0:
                rows[i, x] = value[labels[i, x]]
