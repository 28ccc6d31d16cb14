"""The arithmetic of stitching, compiled: one pass over a tile's scores, from weights to classes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..core.arrays import Bytes
from ..core.jit import bare, inlined

Floats = npt.NDArray[np.float32]
HUNDRED = np.float32(100)
HALF = np.float32(0.5)


@bare
def finish_rows(
    scores: Floats,
    down: Floats,
    across: Floats,
    from_above: Floats,
    from_left: Floats,
    top: int,
    end: int,
    left: int,
    edge: int,
    at: int,
    rows: int,
    columns: int,
    lines: Floats,
    out: Bytes,
    means: Floats,
    labels: int,
) -> None:
    """Do what stitch.finish does, row by row.

    All labels of a row fit the cache, and each step is a plain loop.

    Parameters
    ----------
    scores
        Probabilities of a tile, [label, row, column]; a depth may stand behind them.
    down, across
        Its share at each of its rows and columns.
    from_above, from_left
        The OverlapBuffers, which are changed.
    top, end, left, edge
        The tile's rows [top, end) and columns [left, edge) count.
    at
        The column of `from_above` that is the tile's column `left`.
    rows, columns
        How many, from the first that counts, hold sums of other tiles.
    lines
        Three rows as wide as the tile, to work in.
    out
        Takes the final piece, uint8 [2, row, column]: index and percent.
    means
        Takes all its planes, [plane, row, column]; none where nobody wants them.
    labels
        How many planes are scores of labels, of which the highest is looked for.
    """
    bottom = out.shape[1]
    right = out.shape[2]
    width = edge - left
    line = lines[0, :width]
    best = lines[1, :width]
    index = lines[2, :width]
    for row in range(end - top):
        for column in range(right):
            best[column], index[column] = np.float32(-1), np.float32(0)
        for label in range(scores.shape[0]):
            _weigh(line, scores[label, top + row, left:edge], down[top + row], across[left:edge])
            if row < rows:
                _add(line[columns:], from_above[label, row, at + columns : at + width])
            _add(line[:columns], from_left[label, row, :columns])
            if row < bottom:
                if label < labels:
                    _keep_best(line[:right], best, index, np.float32(label))
                if means.shape[0]:
                    _copy(line[:right], means[label, row])
            else:
                _copy(
                    line[:right], from_above[label, row - bottom, at : at + right]
                )  # what was there has been added
            _copy(line[right:], from_left[label, row, : width - right])
        if row < bottom:
            _to_bytes(index[:right], best, out[0, row], out[1, row])


@inlined
def _weigh(line: Floats, scores: Floats, share: np.float32, across: Floats) -> None:
    for column in range(line.size):
        line[column] = scores[column] * (share * across[column])


@inlined
def _add(line: Floats, more: Floats) -> None:
    for column in range(line.size):
        line[column] += more[column]


@inlined
def _copy(line: Floats, target: Floats) -> None:
    for column in range(line.size):
        target[column] = line[column]


@inlined
def _keep_best(line: Floats, best: Floats, index: Floats, label: np.float32) -> None:
    for column in range(line.size):
        index[column] = label if line[column] > best[column] else index[column]
        best[column] = max(line[column], best[column])


@inlined
def _to_bytes(index: Floats, best: Floats, labels: Bytes, percent: Bytes) -> None:
    for column in range(index.size):
        labels[column] = np.uint8(index[column])
        percent[column] = np.uint8(min(best[column] * HUNDRED + HALF, HUNDRED))
