"""The arithmetic of stitching: a tile's scores, weighted and added to what came before, become classes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .parts import Step

Array = Any  # a numpy array, or a torch tensor on any device: both index and add alike
Bytes = npt.NDArray[np.uint8]


def to_uint8(array: Array) -> Bytes:
    """Return a numpy array as uint8: what a model that computes with numpy gives to stitch()."""
    return np.asarray(array).astype(np.uint8)


@dataclass(slots=True)
class Sums:
    """What the tiles so far have added where later tiles still will.

    `below` [label, row, column] are the rows under those that are final, across the whole
    part, whose first column is `left`; `beside` are the columns at the right of the last tile.
    """

    below: Array
    beside: Array
    left: int

    def finish(
        self, scores: Array, row: Step, column: Step, down: Array, across: Array,
        bring: Callable[[Array], Bytes] = to_uint8,
    ) -> Bytes:  # fmt: skip
        """Add a tile's scores [label, row, column], and return the piece that is final: uint8 [2, row, column].

        That are the index of the label with the highest sum (the first of several), and
        that sum in percent. `down` and `across`, float32, are the tile's share at each of
        its rows and columns.
        """
        if not isinstance(scores, np.ndarray):
            return np.stack([bring(part) for part in finish(scores, row, column, down, across, self)])
        from .fused import finish_rows  # numba takes half a second to import

        out = np.empty((2, row.then - row.start, column.then - column.start), np.uint8)
        place = row.start - row.offset, row.stop - row.offset, column.start - column.offset, column.stop - column.offset
        shared = row.shared - row.start, column.shared - column.start
        lines = np.empty((3, scores.shape[2]), np.float32)
        at = column.start - self.left
        finish_rows(scores, down, across, self.below, self.beside, *place, at, *shared, lines, out)
        return out

    def join(self, scores: Array | None, row: Step, column: Step) -> None:
        """Begin a row of tiles with what the tile before its first one adds to it: it was in another part."""
        if scores is None:
            return
        rows, columns, at = row.shared - row.start, column.shared - column.start, column.start - self.left
        self.beside[:, : scores.shape[1], :columns] = scores
        self.beside[:, :rows, :columns] += self.below[:, :rows, at : at + columns]


def finish(scores: Array, row: Step, column: Step, down: Array, across: Array, sums: Sums) -> tuple[Array, Array]:
    """Do what Sums.finish() does, to the bit, with operations on whole arrays or tensors.

    Return index and percent; both are below 256, and are cut off to whole numbers later.
    """
    y = slice(row.start - row.offset, row.stop - row.offset)
    x = slice(column.start - column.offset, column.stop - column.offset)
    below = sums.below[:, :, column.start - sums.left : column.stop - sums.left]
    rows, columns = row.shared - row.start, column.shared - column.start
    bottom, right = row.then - row.start, column.then - column.start
    total = scores[:, y, x] * (down[y, None] * across[x])
    _, height, width = total.shape
    total[:, :rows, columns:] += below[:, :rows, columns:]
    total[:, :, :columns] += sums.beside[:, :height, :columns]
    below[:, : height - bottom, :right] = total[:, bottom:, :right]
    sums.beside[:, :height, : width - right] = total[:, :, right:]
    final = total[:, :bottom, :right]
    best = final.max(0)
    best = getattr(best, "values", best)  # a tensor's max() along an axis comes with its indices
    return final.argmax(0), (best * 100 + 0.5).clip(0, 100)
