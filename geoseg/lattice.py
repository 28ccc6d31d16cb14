"""Which tiles a scene is cut into: the model's window, or one fitted to the scene so that little is computed twice."""

from __future__ import annotations

from .card import ModelCard
from .errors import InputError
from .grid import Grid, Tiling
from .job import Options
from .machine import memory

LARGEST = 2048  # pixels
ENOUGH = 1.2  # forward pixels per pixel of the scene: to get below takes memory, and gains little
AMPLE = 12 << 30  # bytes of memory for windows of LARGEST


def lattice(grid: Grid, card: ModelCard, options: Options) -> Tiling:
    """Return the tiles over a scene.

    With --tile or --largest a function of the scene's size, the card and the options alone.
    Without --tile, a network that takes windows of any size gets those that cost little, from
    the card's up to --largest, else to what the machine's memory allows; one that pools over its
    whole window keeps the card's.
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
        tile = fitted(grid.height, grid.width, card, overlap, options.largest or largest_window())
    needed = -(-max(grid.height, grid.width) // card.stride) * card.stride
    tile = min(tile, needed)
    return Tiling(grid.height, grid.width, tile, min(overlap, tile - 1), options.policy == "crop")


def fitted(height: int, width: int, card: ModelCard, overlap: int, largest: int) -> int:
    """Return the smallest window with at most ENOUGH forward pixels per pixel, or else the one with the fewest."""

    def cost(tile: int) -> tuple[float, int]:
        tiling = Tiling(height, width, tile, overlap)
        forward = tile * tile * len(tiling.tops) * len(tiling.lefts)
        return max(forward / (height * width), ENOUGH), tile

    return min(range(card.tile, max(card.tile, largest) + 1, card.stride), key=cost)


def largest_window() -> int:
    """Return how large a window may be on this machine: its memory grows with its area, to about 3 GB for 2,048 px."""
    return LARGEST if (memory() or 0) >= AMPLE else LARGEST // 2
