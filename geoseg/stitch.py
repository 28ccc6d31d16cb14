"""Blend overlapping patches of scores into finished strips, holding only the rows still open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .grid import Tiling, Window

Array = Any  # a numpy array, or a torch tensor on any device: both index and add alike
STRIP_ROWS = 128  # finished rows leave in strips of at most this height, which bounds the copies


@dataclass(frozen=True, slots=True)
class Patch:
    """Values for a window of the raster: data[band or label, row, column].

    `valid[row, column]` says where there is data; None means everywhere.
    """

    window: Window
    data: Array
    valid: Array | None = None


def shares(offsets: list[int], tile: int, overlap: int) -> dict[int, npt.NDArray[np.float32]]:
    """Return how much each tile of one axis counts at each of its pixels, by the tile's offset.

    A tile counts fully in its middle and less towards its ends, along a ramp as long as the
    overlap, never nothing. At each position the shares of all tiles there add up to 1.
    """
    ramp = np.minimum(np.arange(1, tile + 1), np.arange(tile, 0, -1))
    taper = np.minimum(ramp / (overlap + 1), 1.0)
    total = np.zeros(offsets[-1] + tile)
    for offset in offsets:
        total[offset : offset + tile] += taper
    return {offset: (taper / total[offset : offset + tile]).astype(np.float32) for offset in offsets}


def stitch(
    patches: Iterable[Patch],
    tiling: Tiling,
    region: Window,
    labels: int,
    asarray: Callable[[npt.NDArray[Any]], Array] = np.asarray,
) -> Iterator[Patch]:
    """Yield the weighted mean of overlapping patches as strips of `region`, from top to bottom.

    Patches [label, row, column] come in the order of tiling.tiles(region); one that is
    missing leaves its pixels invalid where no other covers them. A row is final, and
    leaves, once the next patch starts below it. `asarray` puts the sums where the scores
    are: on a GPU, only finished strips come back.

    Every pixel adds up the same tiles in the same order, whatever the region, so that a
    raster cut into regions gives the same bytes as a whole one.
    """
    down = shares(tiling.tops, tiling.tile, tiling.overlap)
    across = shares(tiling.lefts, tiling.tile, tiling.overlap)
    rows = _OpenRows(region, tiling.tile, labels, asarray)
    for patch in patches:
        yield from rows.close(patch.window.top)
        weight = down[patch.window.top][:, None] * across[patch.window.left]
        rows.add(patch, asarray(weight))
    yield from rows.close(region.bottom)


class _OpenRows:
    """Sums for the rows that still wait for patches: a ring, row r lies at r modulo its height."""

    def __init__(self, region: Window, height: int, labels: int, asarray: Callable[[Any], Array]) -> None:
        self.region, self.height, self.top = region, height, region.top
        width = region.shape[1]
        self.total = asarray(np.zeros((labels, height, width), np.float32))
        self.valid = np.zeros((height, width), bool)

    def add(self, patch: Patch, weight: Array) -> None:
        """Add a patch's share to the sums of its rows."""
        inside = patch.window.clip(self.region)
        columns = slice(inside.left - self.region.left, inside.right - self.region.left)
        for rows, run in self._runs(inside.top, inside.bottom):
            there = Window(rows.start, inside.left, rows.stop, inside.right).within(patch.window)
            self.total[:, run, columns] += patch.data[:, *there] * weight[there]
            self.valid[run, columns] = True if patch.valid is None else patch.valid[there]

    def close(self, bottom: int) -> Iterator[Patch]:
        """Let all rows above `bottom` leave, and make room for as many below."""
        bottom = min(bottom, self.region.bottom)
        while self.top < bottom:
            stop = min(bottom, self.top + min(STRIP_ROWS, self.height))
            for rows, run in self._runs(self.top, stop):
                window = Window(rows.start, self.region.left, rows.stop, self.region.right)
                yield Patch(window, self.total[:, run] + 0, self.valid[run].copy())  # + 0 copies, tensors too
                self.total[:, run] = 0
                self.valid[run] = False
            self.top = stop

    def _runs(self, top: int, bottom: int) -> Iterator[tuple[slice, slice]]:
        """Split raster rows into runs that lie in one piece in the ring: (raster rows, ring rows)."""
        while top < bottom:
            start = top % self.height
            stop = min(bottom, top + self.height - start)
            yield slice(top, stop), slice(start, start + stop - top)
            top = stop
