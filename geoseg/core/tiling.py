"""Which tiles a scene is cut into: the model's window, or one fitted to the scene so that little
is computed twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product

from .card import ModelCard
from .errors import InputError
from .grid import Grid, Tiling, Window
from .machine import memory
from .options import Options

LARGEST = 2048  # pixels
ENOUGH = 1.2  # forward pixels per pixel of the scene: to get below takes memory, and gains little
AMPLE = 12 << 30  # bytes of memory for windows of LARGEST


def choose_tiling(grid: Grid, card: ModelCard, options: Options) -> Tiling:
    """Return the tiles over a scene.

    With --tile or --max-tile a function of the scene's size, the card and the options alone.
    Without --tile, a network that takes windows of any size gets those that cost little, from
    the card's up to --max-tile, else to what the machine's memory allows; one that pools over its
    whole window keeps the card's.
    No tile is larger than the scene asks for.
    """
    overlap = card.overlap if options.tiles.overlap is None else options.tiles.overlap
    tile = options.tiles.tile or card.tile
    if tile % card.stride:
        raise InputError(
            f"--tile {tile}", f"a multiple of {card.stride}, which is what {card.name} needs"
        )
    if options.tiles.overlap is None:
        overlap = min(overlap, tile // 4)
    elif overlap >= tile:
        raise InputError(f"--overlap {overlap}", f"less than the tile of {tile} px")
    if options.tiles.tile is None and not card.fixed_tile:
        tile = fitted(
            grid.height, grid.width, card, overlap, options.tiles.max_tile or largest_tile()
        )
    needed = -(-max(grid.height, grid.width) // card.stride) * card.stride
    tile = min(tile, needed)
    return Tiling(
        grid.height,
        grid.width,
        tile,
        min(overlap, tile - 1),
        options.tiles.overlap_policy == "crop",
    )


def fitted(height: int, width: int, card: ModelCard, overlap: int, largest: int) -> int:
    """Return the smallest window with at most ENOUGH forward pixels per pixel, or else the one
    with the fewest.
    """

    def cost(tile: int) -> tuple[float, int]:
        tiling = Tiling(height, width, tile, overlap)
        forward = tile * tile * len(tiling.tops) * len(tiling.lefts)
        return max(forward / (height * width), ENOUGH), tile

    return min(range(card.tile, max(card.tile, largest) + 1, card.stride), key=cost)


def largest_tile() -> int:
    """Return how large a window may be on this machine: its memory grows with its area, to about
    3 GB for 2,048 px.
    """
    return LARGEST if memory() >= AMPLE else LARGEST // 2


@dataclass(frozen=True, slots=True)
class TileSpan:
    """A tile along one axis of a part: it lies at `offset` and covers [start, stop) of the part.

    Tiles before it reach up to `shared_until`; the next adds to it from `final_until` on, so that
    [start, final_until) is final once this one is in.
    """

    offset: int
    start: int
    shared_until: int
    final_until: int
    stop: int


@dataclass(frozen=True, slots=True)
class ColumnBand:
    """A window of the raster that is stitched in one go.

    Where it is `joined`, the part to its left was stitched before: what the tiles there add
    to this one is kept, and none of them is computed again. `joins` says the same of the
    part to its right.
    """

    window: Window
    joined: bool = False
    joins: bool = False

    def rows(self, tiling: Tiling) -> list[TileSpan]:
        """Return the rows of tiles, from the top."""
        return _steps(tiling, tiling.tops, self.window.top, self.window.bottom)

    def columns(self, tiling: Tiling) -> list[TileSpan]:
        """Return the columns of tiles, from the left."""
        return _steps(tiling, tiling.lefts, self.window.left, self.window.right, self.joined)

    def tiles(self, tiling: Tiling) -> Iterator[Window]:
        """Yield the tiles that the part needs, row by row."""
        for row, column in product(self.rows(tiling), self.columns(tiling)):
            yield Window(
                row.offset, column.offset, row.offset + tiling.tile, column.offset + tiling.tile
            )


WIDEST = 8192  # columns of a part: memory grows with them


def column_bands(region: Window, tiling: Tiling, width: int = WIDEST) -> list[ColumnBand]:
    """Cut a region into parts of full height and at most `width` columns, where this shares no tile
    between them.

    They are cut where a tile begins, or where the crop of one does. No part is narrower
    than a tile, so that a tile reaches into one neighbour at most; tiles that overlap by
    more than a half reach further, and such a region stays whole.
    """
    width = max(width, 2 * tiling.tile)
    cuts = [region.left]
    edges = [
        edge
        for edge in final_starts(tiling, tiling.lefts)
        if region.left < edge <= region.right - tiling.tile
    ]
    far = any(
        after - before < tiling.tile
        for before, after in zip(tiling.lefts, tiling.lefts[2:], strict=False)
    )
    if far or region.shape[1] <= width:
        edges = []
    for edge, following in pairwise([*edges, region.right]):
        if following - cuts[-1] > width and edge - cuts[-1] >= tiling.tile:
            cuts.append(edge)
    return [
        ColumnBand(
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


def _steps(
    tiling: Tiling, offsets: list[int], low: int, high: int, joined: bool = False
) -> list[TileSpan]:
    """Return the tiles that add to [low, high) of one axis; if `joined`, without those that
    begin before.
    """
    edges = [*final_starts(tiling, offsets), max(high, offsets[-1] + tiling.tile)]
    found = []
    reach = low
    for offset, (edge, following) in zip(offsets, pairwise(edges), strict=True):
        end = following if tiling.crop else offset + tiling.tile
        if joined and edge < low:
            reach = end
        elif edge < high and end > low:
            start = max(low, edge)
            final_until = max(low, min(high, following))
            stop = min(high, end)
            found.append(
                TileSpan(
                    offset, start, start if tiling.crop else max(start, reach), final_until, stop
                )
            )
            reach = stop
    return found
