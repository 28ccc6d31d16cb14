"""Which tiles a scene is cut into: the model's window, or one fitted to the scene so that little is computed twice."""

from __future__ import annotations

from .card import ModelCard
from .errors import InputError
from .grid import Grid, Tiling
from .job import Options

LARGEST = 1152  # pixels: past it, memory grows and nothing is gained (4 windows cover 4,096 px at an overlap of 128)


def lattice(grid: Grid, card: ModelCard, options: Options) -> Tiling:
    """Return the tiles over a scene: a function of its size, the card and the options alone.

    Without --tile, a network that takes windows of any size gets those that cost the least,
    from the card's up to LARGEST; one that pools over its whole window keeps the card's.
    No tile is larger than the scene asks for.
    """
    overlap = card.overlap if options.overlap is None else options.overlap
    tile = options.tile or card.tile
    if tile % card.stride:
        raise InputError(f"--tile {tile}", f"a multiple of {card.stride}, which is what {card.name} needs")
    if options.overlap is None:
        overlap = min(overlap, tile // 4)
    elif overlap >= tile:
        raise InputError(f"--overlap {overlap}", f"less than the tile of {tile} px")
    if options.tile is None and not card.fixed_tile:
        tile = fitted(grid.height, grid.width, card, overlap)
    needed = -(-max(grid.height, grid.width) // card.stride) * card.stride
    tile = min(tile, needed)
    return Tiling(grid.height, grid.width, tile, min(overlap, tile - 1), options.policy == "crop")


def fitted(height: int, width: int, card: ModelCard, overlap: int) -> int:
    """Return the window with the fewest forward pixels over the raster; the smaller one where two are equal."""

    def cost(tile: int) -> tuple[int, int]:
        tiling = Tiling(height, width, tile, overlap)
        return tile * tile * len(tiling.tops) * len(tiling.lefts), tile

    return min(range(card.tile, max(card.tile, LARGEST) + 1, card.stride), key=cost)
