"""A spatial index in the tables of SQLite's module rtree, packed: its nodes are full, and no box is
looked for.

Boxes come in bunches of neighbours, as polygons close from the top of a raster to its bottom. A
bunch is sorted along a Hilbert curve, cut into leaves, and forgotten; the nodes above take the
leaves in that order (Kamel and Faloutsos 1993, On packing R-trees). So the memory that it takes
does not grow with the map, but for 16 bytes a leaf. What the tables hold:
www.sqlite.org/rtree.html, section 5.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ...core.arrays import Bytes, Floats, Longs
from ...core.jit import bare
from ...core.raw import store_big
from .sqlite_pages import PageFile, Table, blob_rows, number_rows, plant

Boxes = npt.NDArray[np.float32]
BUNCH = 1 << 18
CELL = 24  # bytes of a number and a box
HEAD = 4
ROOT = 1  # number of the root's node
BITS = 16  # of a position along either axis of the curve


@dataclass(frozen=True, slots=True)
class Roots:
    """Where the tables of an empty index begin, and what its nodes are."""

    node: int
    """Root page of the table of nodes."""
    rowid: int
    """Root page of the table that tells the leaf of each box."""
    parent: int
    """Root page of the table that tells the parent of each node."""
    size: int
    """Bytes of a node."""


@dataclass(slots=True)
class PackedTree:
    """Boxes on their way to an index."""

    pages: PageFile
    """Where its pages go."""
    roots: Roots
    """Where its tables begin."""
    count: int = 0
    """Boxes so far; they are numbered from 1."""
    _bunch: Boxes = field(init=False)
    _waiting: int = field(init=False, default=0)
    _nodes: Table = field(init=False)
    _leaf_of: Table = field(init=False)
    _above: list[Boxes] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self._bunch = np.empty((BUNCH, 4), np.float32)
        self._nodes = Table(self.pages, ROOT + 1)
        self._leaf_of = Table(self.pages)

    @property
    def _most(self) -> int:
        """Cells that a node has room for."""
        return (self.roots.size - HEAD) // CELL

    def add(self, boxes: Floats) -> None:
        """Put boxes behind those that are there.

        Parameters
        ----------
        boxes
            float64 [side, box]: least x and y, greatest x and y.
        """
        done = 0
        while done < boxes.shape[1]:
            part = boxes[:, done : done + BUNCH - self._waiting]
            end = self._waiting + part.shape[1]
            outward(part, self._bunch[self._waiting : end])
            self._waiting = end
            done += part.shape[1]
            if self._waiting == BUNCH:
                self._pack()

    def _pack(self) -> None:
        """Make leaves of the bunch."""
        boxes = self._bunch[: self._waiting]
        order = along_hilbert(boxes)
        node_of = groups(len(boxes), self._most)
        first = self._nodes.first
        nodes, above = self._filled(boxes[order], order + self.count + 1, node_of)
        leaf_of = np.empty(len(boxes), np.int64)
        leaf_of[order] = first + node_of
        self._nodes.add(blob_rows(nodes))
        self._leaf_of.add(number_rows(leaf_of))
        self._above.append(above)
        self.count += len(boxes)
        self._waiting = 0

    def finish(self) -> None:
        """Write what is above the leaves; the index is whole then, where it has any boxes."""
        if self.count == 0 and self._waiting <= self._most:
            self._finish_single()
            return
        if self._waiting:
            self._pack()
        parents = Table(self.pages, ROOT + 1)
        boxes = np.concatenate(self._above)
        first = ROOT + 1
        depth = 1
        while len(boxes) > self._most:
            node_of = groups(len(boxes), self._most)
            nodes, above = self._filled(boxes, first + np.arange(len(boxes)), node_of)
            first += len(boxes)
            parents.add(number_rows(first + node_of))
            self._nodes.add(blob_rows(nodes))
            boxes = above
            depth += 1
        parents.add(number_rows(np.full(len(boxes), ROOT)))
        numbers = first + np.arange(len(boxes))
        root = self._root(boxes, numbers, depth)
        plant(self.pages, self.roots.node, [root, self._nodes])
        plant(self.pages, self.roots.rowid, [self._leaf_of])
        plant(self.pages, self.roots.parent, [parents])

    def _finish_single(self) -> None:
        """Write boxes that have room in the root."""
        if self._waiting == 0:
            return
        boxes = self._bunch[: self._waiting]
        numbers = np.arange(len(boxes)) + 1
        plant(self.pages, self.roots.node, [self._root(boxes, numbers, 0)])
        self._leaf_of.add(number_rows(np.full(len(boxes), ROOT)))
        plant(self.pages, self.roots.rowid, [self._leaf_of])

    def _root(self, boxes: Boxes, numbers: Longs, depth: int) -> Table:
        nodes, _ = self._filled(boxes, numbers, np.zeros(len(boxes), np.int64))
        nodes[0, :2] = divmod(depth, 256)
        table = Table(self.pages, ROOT)
        table.add(blob_rows(nodes))
        return table

    def _filled(self, boxes: Boxes, numbers: Longs, node_of: Longs) -> tuple[Bytes, Boxes]:
        """Return the nodes that hold boxes, uint8 [node, byte], and the box around each."""
        count = int(node_of[-1]) + 1
        nodes = np.zeros((count, self.roots.size), np.uint8)
        above = np.empty((count, 4), np.float32)
        fill_nodes(boxes, numbers, node_of, nodes.ravel(), self.roots.size, above)
        return nodes, above


def groups(count: int, most: int) -> Longs:
    """Cut a sequence into groups as equal as can be, as few as there may be.

    Parameters
    ----------
    count
        Its length, at least 1.
    most
        How many may be in a group.

    Returns
    -------
    Longs
        int64 [count]: the group of each, from 0 on.
    """
    return np.arange(count) * -(-count // most) // count


@bare
def outward(exact: Floats, rounded: Boxes) -> None:
    """Round boxes to float32 so that they hold what they held.

    Parameters
    ----------
    exact
        float64 [side, box]: least x and y, greatest x and y.
    rounded
        float32 [box, side], is written: least and greatest x, least and greatest y, the order of
        the index.
    """
    for i in range(len(rounded)):
        for axis in range(2):
            low = np.float32(exact[axis, i])
            if low > exact[axis, i]:
                low = np.nextafter(low, np.float32(-np.inf))
            high = np.float32(exact[axis + 2, i])
            if high < exact[axis + 2, i]:
                high = np.nextafter(high, np.float32(np.inf))
            rounded[i, 2 * axis] = low
            rounded[i, 2 * axis + 1] = high


def along_hilbert(boxes: Boxes) -> Longs:
    """Sort boxes by their centres along a Hilbert curve over all of them.

    Parameters
    ----------
    boxes
        float32 [box, side], at least one.

    Returns
    -------
    Longs
        int64 [box]: their places in the order; those at one spot stay in theirs.
    """
    x = boxes[:, 0].astype(np.float64) + boxes[:, 1]
    y = boxes[:, 2].astype(np.float64) + boxes[:, 3]
    left = x.min()
    lower = y.min()
    side = max(x.max() - left, y.max() - lower)
    scale = ((1 << BITS) - 1) / side if side > 0 else 0.0
    keys = np.empty(len(boxes), np.uint64)
    hilbert_keys(
        ((x - left) * scale).astype(np.uint32), ((y - lower) * scale).astype(np.uint32), keys
    )
    keys.sort()  # no two are alike, so every way of sorting gives this order
    return (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)


@bare
def hilbert_keys(
    x: npt.NDArray[np.uint32], y: npt.NDArray[np.uint32], keys: npt.NDArray[np.uint64]
) -> None:
    """Find the places of points along a Hilbert curve.

    Parameters
    ----------
    x, y
        Positions below 2^BITS, uint32 [point].
    keys
        uint64 [point], is written: the place along the curve, and in the lower half the point's
        number.
    """
    for i in range(len(keys)):
        u = np.uint64(x[i])
        v = np.uint64(y[i])
        place = np.uint64(0)
        for bit in range(BITS - 1, -1, -1):
            right = (u >> np.uint64(bit)) & np.uint64(1)
            upper = (v >> np.uint64(bit)) & np.uint64(1)
            # which of the four quarters, in the order in which the curve goes through them
            place = place << np.uint64(2) | ((np.uint64(3) * right) ^ upper)
            if upper == 0:  # within it the curve is turned
                if right == 1:
                    u = ~u
                    v = ~v
                u, v = v, u
        keys[i] = place << np.uint64(32) | np.uint64(i)


@bare
def fill_nodes(
    boxes: Boxes, numbers: Longs, node_of: Longs, data: Bytes, size: int, above: Boxes
) -> None:
    """Write boxes to nodes.

    Parameters
    ----------
    boxes
        float32 [box, side].
    numbers
        What each leads to, int64 [box].
    node_of
        The node of each, from 0 on, int64 [box].
    data
        The nodes, all 0: uint8 [byte].
    size
        Bytes of a node.
    above
        float32 [node, side], is written: the box around each.
    """
    node = -1
    cells = 0
    for i in range(len(boxes)):
        if node_of[i] != node:
            node = node_of[i]
            cells = 0
            for side in range(4):
                above[node, side] = boxes[i, side]
        at = node * size + HEAD + cells * CELL
        store_big(data, at, numbers[i])
        for side in range(4):
            store_big(data, at + 8 + 4 * side, boxes[i, side])
        above[node, 0] = min(above[node, 0], boxes[i, 0])
        above[node, 1] = max(above[node, 1], boxes[i, 1])
        above[node, 2] = min(above[node, 2], boxes[i, 2])
        above[node, 3] = max(above[node, 3], boxes[i, 3])
        cells += 1
        store_big(data, node * size + 2, np.uint16(cells))
