"""The spatial index of a FlatGeobuf: a packed R-tree over features in the order of the Hilbert curve.

Kamel and Faloutsos 1993, On Packing R-trees; the layout is that of flatgeobuf.org.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .jit import bare
from .state import Floats, Longs

NODE = 16  # children of a node
BITS = 16  # of the curve's grid, in each direction
ENTRY = np.dtype([("box", "<f8", 4), ("at", "<u8")])


def hilbert_order(boxes: Floats) -> Longs:
    """Return the features in the order in which the curve comes through the middles of their boxes [feature, side]."""
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    span = np.where(high > low, high - low, 1.0)
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    cells = ((middles - low) / span * ((1 << BITS) - 1)).astype(np.int64)
    along = np.empty(len(boxes), np.int64)
    distances(cells, along)
    return np.argsort(along, kind="stable")


@bare
def distances(cells: Longs, along: Longs) -> None:
    """Find how far along the curve each cell (column, row) lies: quarter by quarter, each one turned to its place."""
    for i in range(len(along)):
        x, y, far = cells[i, 0], cells[i, 1], 0
        side = 1 << BITS - 1
        while side:
            right, upper = int(x & side > 0), int(y & side > 0)
            far += side * side * ((3 * right) ^ upper)
            if not upper:
                if right:
                    x, y = ~x, ~y  # only the bits below `side` are looked at from here on
                x, y = y, x
            side >>= 1
        along[i] = far


def tree(boxes: Floats, starts: Longs) -> npt.NDArray[Any]:
    """Return the nodes, the root first: those of features tell at which byte these begin, others their first child."""
    levels = [_nodes(boxes, starts)]
    while len(levels) == 1 or len(levels[-1]) > 1:
        below = levels[-1]["box"]
        first = np.arange(0, len(below), NODE)
        sides = [np.minimum.reduceat(below[:, :2], first), np.maximum.reduceat(below[:, 2:], first)]
        levels.append(_nodes(np.concatenate(sides, axis=1), first))
    levels.reverse()
    for i, level in enumerate(levels[:-1]):
        level["at"] += sum(len(above) for above in levels[: i + 1])
    return np.concatenate(levels)


def _nodes(boxes: Floats, places: Longs) -> npt.NDArray[Any]:
    nodes = np.empty(len(boxes), ENTRY)
    nodes["box"], nodes["at"] = boxes, places
    return nodes
