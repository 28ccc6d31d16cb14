"""How a region is cut for stitching: into parts of its columns, and these into the tiles' final pieces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product

from .grid import Tiling, Window


@dataclass(frozen=True, slots=True)
class Step:
    """A tile along one axis of a part: it lies at `offset` and covers [start, stop) of the part.

    Tiles before it reach up to `shared`; the next adds to it from `then` on, so that
    [start, then) is final once this one is in.
    """

    offset: int
    start: int
    shared: int
    then: int
    stop: int


@dataclass(frozen=True, slots=True)
class Part:
    """A window of the raster that is stitched in one go.

    Where it is `joined`, the part to its left was stitched before: what the tiles there add
    to this one is kept, and none of them is computed again. `joins` says the same of the
    part to its right.
    """

    window: Window
    joined: bool = False
    joins: bool = False

    def rows(self, tiling: Tiling) -> list[Step]:
        """Return the rows of tiles, from the top."""
        return _steps(tiling, tiling.tops, self.window.top, self.window.bottom)

    def columns(self, tiling: Tiling) -> list[Step]:
        """Return the columns of tiles, from the left."""
        return _steps(tiling, tiling.lefts, self.window.left, self.window.right, self.joined)

    def tiles(self, tiling: Tiling) -> Iterator[Window]:
        """Yield the tiles that the part needs, row by row."""
        for row, column in product(self.rows(tiling), self.columns(tiling)):
            yield Window(row.offset, column.offset, row.offset + tiling.tile, column.offset + tiling.tile)


WIDEST = 8192  # columns of a part: memory grows with them


def parts(region: Window, tiling: Tiling, width: int = WIDEST) -> list[Part]:
    """Cut a region into parts of full height and at most `width` columns, where this shares no tile between them.

    They are cut where a tile begins, or where the crop of one does. No part is narrower
    than a tile, so that a tile reaches into one neighbour at most; tiles that overlap by
    more than a half reach further, and such a region stays whole.
    """
    width, cuts = max(width, 2 * tiling.tile), [region.left]
    edges = [edge for edge in final_starts(tiling, tiling.lefts) if region.left < edge <= region.right - tiling.tile]
    far = any(after - before < tiling.tile for before, after in zip(tiling.lefts, tiling.lefts[2:], strict=False))
    if far or region.shape[1] <= width:
        edges = []
    for edge, following in pairwise([*edges, region.right]):
        if following - cuts[-1] > width and edge - cuts[-1] >= tiling.tile:
            cuts.append(edge)
    return [
        Part(
            Window(region.top, left, region.bottom, right),
            joined=not tiling.crop and left > region.left,
            joins=not tiling.crop and right < region.right,
        )
        for left, right in pairwise([*cuts, region.right])
    ]


def final_starts(tiling: Tiling, offsets: list[int]) -> list[int]:
    """Return where the final piece of each tile begins along one axis."""
    if not tiling.crop:
        return offsets
    return [0, *((before + tiling.tile + offset) // 2 for before, offset in pairwise(offsets))]


def _steps(tiling: Tiling, offsets: list[int], low: int, high: int, joined: bool = False) -> list[Step]:
    """Return the tiles that add to [low, high) of one axis; if `joined`, without those that begin before."""
    edges = [*final_starts(tiling, offsets), max(high, offsets[-1] + tiling.tile)]
    found, reach = [], low
    for offset, (edge, following) in zip(offsets, pairwise(edges), strict=True):
        end = following if tiling.crop else offset + tiling.tile
        if joined and edge < low:
            reach = end
        elif edge < high and end > low:
            start, then, stop = max(low, edge), max(low, min(high, following)), min(high, end)
            found.append(Step(offset, start, start if tiling.crop else max(start, reach), then, stop))
            reach = stop
    return found
