"""Which tiles a scene is cut into: of the card's size, or fitted to the scene so that little is
computed twice.
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


def choose_tiling(
    grid: Grid,
    card: ModelCard,
    options: Options,
    area: Window | None = None,
    planned: int | None = None,
) -> Tiling:
    """Return the tiles over a scene.

    Without --tile they are as planned. Where nothing is, a network that takes tiles of any size
    gets those that cost little, from the card's up to --max-tile, else to what the machine allows;
    one that pools over its whole tile keeps the card's. No tile is larger than the scene asks for.

    Parameters
    ----------
    grid
        The scene's; only its size matters.
    card
        Tile, overlap and stride of the network.
    options
        What the user wants otherwise.
    area
        The pixels that are mapped: of a small part of a scene, as little as may be is read and
        computed beside it. None is all.
    planned
        Side in pixels that a plan of the memory found; None is without one.

    Returns
    -------
    Tiling
        Tiles whose side is a multiple of the card's stride.

    Raises
    ------
    InputError
        If the tile is no such multiple, or the overlap is not less than the tile.
    """
    overlap = card.overlap if options.tiles.overlap is None else options.tiles.overlap
    tile = options.tiles.tile or card.tile
    if tile % card.stride:
        raise InputError(
            f"--tile {tile}", f"a multiple of {card.stride}, which is what {card.name} needs"
        )
    if card.interface and card.fixed_tile and tile != card.tile:
        raise InputError(
            f"--tile {tile}", f"{card.tile}: {card.name} takes no tiles of other sides"
        )
    if options.tiles.overlap is None:
        overlap = min(overlap, tile // 4)
    elif overlap >= tile:
        raise InputError(f"--overlap {overlap}", f"less than the tile of {tile} px")
    if options.tiles.tile is None and not card.fixed_tile and planned:
        tile = planned
        if options.tiles.overlap is None:
            overlap = shared_by(tile, card, overlap)
    elif options.tiles.tile is None and not card.fixed_tile:
        largest = options.tiles.max_tile or largest_tile()
        half = area is not None and options.tiles.overlap is None
        least = half_tile(card) if half else card.tile
        tile = fitted(
            grid.extent, area or grid.extent, card, overlap, max(largest, card.tile), least
        )
        overlap = shared_by(tile, card, overlap)
    needed = -(-max(grid.height, grid.width) // card.stride) * card.stride
    tile = min(tile, needed)
    return Tiling(
        grid.height,
        grid.width,
        tile,
        min(overlap, tile - 1),
        options.tiles.overlap_policy == "crop",
    )


def half_tile(card: ModelCard) -> int:
    """Return the side of the smallest tiles that a network is given unless asked.

    Parameters
    ----------
    card
        Tile and stride of the network, which takes tiles of any size.

    Returns
    -------
    int
        Half of its own tile, in pixels, up to the next multiple of the stride.
    """
    return -(-card.tile // (2 * card.stride)) * card.stride


def shared_by(tile: int, card: ModelCard, overlap: int) -> int:
    """Return how much tiles of a size overlap unless somebody says so.

    Parameters
    ----------
    tile
        Their side in pixels.
    card
        Tiles smaller than its own overlap less.
    overlap
        Pixels that tiles of the card's size and larger ones share.

    Returns
    -------
    int
        Pixels.
    """
    return overlap if tile >= card.tile else min(overlap, tile // 4)


def fitted(
    extent: Window, area: Window, card: ModelCard, overlap: int, largest: int, least: int
) -> int:
    """Return the side of tiles that cost little.

    Parameters
    ----------
    extent
        All pixels of the scene.
    area
        Those that are mapped.
    card
        Its stride is the step; tiles smaller than its own overlap less.
    overlap
        Pixels that tiles of the card's size and larger ones share.
    largest, least
        Pixels, the most and the fewest.

    Returns
    -------
    int
        Pixels: the smallest with at most ENOUGH forward pixels per pixel of the area, else the one
        with the fewest.
    """

    def cost(tile: int) -> tuple[float, int]:
        return computed_share(extent, area, tile, shared_by(tile, card, overlap)), tile

    return min(range(least, max(least, largest) + 1, card.stride), key=cost)


def computed_share(extent: Window, area: Window, tile: int, overlap: int) -> float:
    """Return how many pixels go through the network for each that is mapped.

    Parameters
    ----------
    extent
        All pixels of the scene.
    area
        Those that are mapped.
    tile, overlap
        Pixels.

    Returns
    -------
    float
        At least ENOUGH: less is not worth larger tiles.
    """
    tiling = Tiling(*extent.shape, tile, overlap)
    rows = sum(area.top - tile < top < area.bottom for top in tiling.tops)
    columns = sum(area.left - tile < left < area.right for left in tiling.lefts)
    return max(tile * tile * rows * columns / area.area, ENOUGH)


def largest_tile() -> int:
    """Return how large a tile may be on this machine.

    Returns
    -------
    int
        Pixels of its side: memory grows with a tile's area, to about 3 GB for 2,048 px.
    """
    return LARGEST if memory() >= AMPLE else LARGEST // 2


@dataclass(frozen=True, slots=True)
class TileSpan:
    """A tile along one axis of a column band.

    All but `offset` is clipped to the band.
    """

    offset: int
    """Where the tile begins; it may lie before the band."""
    start: int
    """The first pixel to which the tile adds."""
    shared_until: int
    """Up to where tiles before it have added: [start, shared_until) is a sum by now."""
    final_until: int
    """From where on the next tile adds: [start, final_until) is final once this one is in."""
    stop: int
    """The pixel after the last to which the tile adds."""


@dataclass(frozen=True, slots=True)
class ColumnBand:
    """A run of columns that is stitched in one go."""

    window: Window
    """Its pixels, over the whole height of the region."""
    joined: bool = False
    """Whether the band to its left was stitched before: what the tiles there add to this one is
    kept, and none of them is computed again.
    """
    joins: bool = False
    """Whether the band to its right is to be joined so."""

    def rows(self, tiling: Tiling) -> list[TileSpan]:
        """Return the rows of tiles.

        Parameters
        ----------
        tiling
            The tiles of the whole scene.

        Returns
        -------
        list[TileSpan]
            From the top.
        """
        return _steps(tiling, tiling.tops, self.window.top, self.window.bottom)

    def columns(self, tiling: Tiling) -> list[TileSpan]:
        """Return the columns of tiles.

        Parameters
        ----------
        tiling
            The tiles of the whole scene.

        Returns
        -------
        list[TileSpan]
            From the left, without those that the band before has computed.
        """
        return _steps(tiling, tiling.lefts, self.window.left, self.window.right, self.joined)

    def tiles(self, tiling: Tiling) -> Iterator[Window]:
        """Yield the tiles that the band needs, row by row.

        Parameters
        ----------
        tiling
            The tiles of the whole scene.

        Yields
        ------
        Window
            As `Tiling.tiles`.
        """
        for row, column in product(self.rows(tiling), self.columns(tiling)):
            yield Window(
                row.offset, column.offset, row.offset + tiling.tile, column.offset + tiling.tile
            )


WIDEST = 16_384  # columns of a band: memory grows with them


def column_bands(region: Window, tiling: Tiling, width: int = WIDEST) -> list[ColumnBand]:
    """Cut a region into bands of full height such that no tile is computed in two of them.

    They are cut where a tile begins, or where the crop of one does. No band is narrower than a
    tile, so that a tile reaches into one neighbour at most; tiles that overlap by more than a half
    reach further, and such a region stays whole.

    Parameters
    ----------
    region
        A window of the scene.
    tiling
        The tiles of the whole scene.
    width
        The most columns of a band, at least two tiles.

    Returns
    -------
    list[ColumnBand]
        From left to right.
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
    """Return where the final piece of each tile begins along one axis.

    Parameters
    ----------
    tiling
        Whether tiles are blended or cropped decides it.
    offsets
        Where the tiles begin: `tiling.tops` or `tiling.lefts`.

    Returns
    -------
    list[int]
        Pixels, as many as there are offsets.
    """
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
