"""One plan of a run's memory: from what is asked for follow the tiles, how many are under way, what
is summed in one go and what is kept of the files.

It is a function of scene, model and options alone, never of what is free at the moment: the map
depends on its tiles.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

from ..core.card import ModelCard
from ..core.errors import InputError
from ..core.grid import Window
from ..core.tiling import LARGEST, WIDEST, computed_share, half_tile, shared_by
from ..raster.handles import CACHE, CACHE_LIMIT
from ..raster.sink import BLOCK
from ..vector.trace.tracer import FEW_VERTICES, OUTPUT_VERTICES

MB = 10**6
# measured by benchmarks/memory.py, of a run without a single tile, and rounded up
LIBRARIES = 380 * MB  # Python, GDAL, numba's kernels, OpenVINO
PYTORCH = 650 * MB  # where it computes
WEIGHTS = 2.5  # of a network's file: as it was read, and as it is computed with
SPOOL = 16 << 20  # of what one column band adds to the next
# bytes that a pixel of the width takes in the tracer, of a raster that is nothing but speckle
TRACED = 1300
# where a map of several column bands is traced from its rasters when these are whole: what was
# freed until then does not go back to the system; and bytes of a pixel of the width, strips of two
# rasters
READ_AGAIN = 110 * MB
STRIPS = 4 * 2 * BLOCK
ONE_BY_ONE = 1.15  # as long as two tiles side by side: their threads wait for each other


@dataclass(frozen=True, slots=True)
class Work:
    """What of a run decides how much memory it takes."""

    extent: Window
    """All pixels of the scene."""
    area: Window
    """Those that are mapped."""
    card: ModelCard
    """Tile, overlap and stride of the network."""
    overlap: int
    """Pixels that tiles of the card's size and larger ones share."""
    network: float
    """Bytes that a pixel of a tile takes in the network, where nothing else is under way."""
    weights: int
    """Bytes of its file."""
    pixel: int
    """Bytes of a pixel of the scene, all bands that are read."""
    labels: int
    """How many planes the network gives: scores of labels, and perhaps a depth."""
    planes: int = 2
    """Bytes of a pixel of the map's pieces."""
    written: int = 1
    """Bytes of a pixel of all rasters that are written."""
    polygons: bool = False
    """Whether polygons are traced."""
    checked: bool = False
    """Whether a second precision is compared with the first meanwhile."""
    pytorch: bool = False
    """Whether PyTorch computes."""
    own_overlap: bool = False
    """Whether the user wants that overlap, of smaller tiles as well."""
    batch: int = 1
    """How many tiles go through the network at once."""
    threads: int = 2
    """How many read the scene."""
    cache: Callable[[int, int], int] = lambda rows, columns: 0  # noqa: ARG005 - of no file
    """Bytes of decoded blocks that so many rows and columns of tiles need."""
    gathered: int = 0
    """Bytes of polygons that their format gathers before it writes them."""
    beside: int = 0
    """Bytes that the formats of network and scene take beside all that."""


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """What a run takes of the memory, and for what."""

    asked: int
    """Bytes that it may take."""
    planned: int
    """Bytes that it is going to take at most, as far as can be told."""
    tile: int
    """Side in pixels of the largest tile that is allowed, which the tiling may not need."""
    side_by_side: int
    """How many batches are computed at a time, 1 or 2."""
    depth: int
    """How many tiles of pixels are read ahead."""
    band: int
    """Columns of the scene that are summed in one go."""
    cache: int
    """Bytes of GDAL's cache, at most."""
    together: int
    """Vertices of polygons that go from thread to thread at once."""
    slower: float = 1.0
    """How many times as much is computed as without a limit."""
    free_tile: int = 0
    """Side in pixels of the tiles that would be taken without a limit."""


@dataclass(frozen=True, slots=True)
class Mode:
    """How much is under way at a time."""

    side_by_side: int
    """Batches that are computed."""
    ahead: int
    """Tiles that are read while others are computed, beside one for each reading thread."""
    together: int
    """Vertices of polygons that go from thread to thread at once."""
    traced: int
    """Bytes of such polygons under way, of a raster that is nothing but speckle, on their way to a
    GeoPackage, which takes most."""
    slow: float
    """How many times as long all takes."""


ROOMY = Mode(2, 1, OUTPUT_VERTICES, 105 * MB, 1.0)
LEAN = Mode(1, 0, FEW_VERTICES, 50 * MB, ONE_BY_ONE)


def plan_memory(
    work: Work,
    asked: int,
    insisted: bool = False,
    tile: int | None = None,
    max_tile: int | None = None,
) -> MemoryPlan:
    """Decide what a run takes of the memory.

    Parameters
    ----------
    work
        What is to be done.
    asked
        Bytes that it may take.
    insisted
        Whether less than what the least plan takes is an error.
    tile
        Side in pixels that the user wants whatever it takes; None is chosen here.
    max_tile
        The largest that may be chosen; None is LARGEST.

    Returns
    -------
    MemoryPlan
        Of those that fit the one that computes least; where none does, the least one. More memory
        never gives one that computes more.

    Raises
    ------
    InputError
        If none fits, and the user insists. A tile that the user wants is never refused.
    """
    sides = _sides(work, tile, max_tile)
    # smaller than the card's they see less around a pixel: only where memory leaves nothing else
    usual = [side for side in sides if side >= work.card.tile or work.area != work.extent]
    found = _fitting(work, usual, asked) or _fitting(work, sides, asked)
    if not found:
        least = min(sides, key=lambda side: needed(work, side, LEAN, asked))
        if insisted and tile is None:
            raise InputError(
                f"--max-memory {size_text(asked)}",
                f"at least {size_text(_enough(work, least, asked))}: {work.card.name} maps this "
                "scene in no less",
            )
        found = [(_cheapest(work, [least])[0] * LEAN.slow, least, LEAN)]
    cost, side, mode = min(found, key=lambda each: each[0])
    free_cost, free = _cheapest(work, usual or sides)
    return MemoryPlan(
        asked,
        needed(work, side, mode, asked),
        side,
        mode.side_by_side,
        _depth(work, mode),
        _band(work, side, asked),
        _cache(work, side, asked),
        mode.together,
        cost / free_cost,
        free,
    )


def needed(work: Work, tile: int, mode: Mode, asked: int) -> int:
    """Return what a run takes with tiles of a size.

    Parameters
    ----------
    work
        What is to be done.
    tile
        Side of the tiles in pixels.
    mode
        How much is under way.
    asked
        Bytes that the run may take: they decide how much of the files is kept, and how much of the
        map is summed in one go.

    Returns
    -------
    int
        Bytes.
    """
    area = tile * tile
    under_way = 2 * work.batch  # launched, whether computed side by side or not
    network = work.network * area * work.batch * mode.side_by_side
    if work.checked:
        network += work.network * min(tile, work.card.tile) ** 2 * mode.side_by_side
    tiles = (_depth(work, mode) + under_way + 1) * area * (work.pixel + 1)
    scores = 4 * work.labels * area * (under_way + 1)
    sums = 4 * work.labels * tile * overlap_of(work, tile)  # at the right of a tile
    band = _band(work, tile, asked)
    summed = band * _column(work, tile)
    if band < work.area.shape[1]:
        summed += _read_again(work)
    fixed = LIBRARIES + SPOOL + work.beside + WEIGHTS * work.weights * (2 if work.checked else 1)
    fixed += PYTORCH if work.pytorch else 0
    traced = mode.traced + work.gathered + TRACED * work.area.shape[1] if work.polygons else 0
    parts = (fixed, network, tiles, scores, sums, summed, traced, _cache(work, tile, asked))
    return ceil(sum(parts))


def size_text(size: float) -> str:
    """Return a size as it is said, and as `--max-memory` takes it.

    Parameters
    ----------
    size
        Bytes.

    Returns
    -------
    str
        Such as 600MB or 1.2GB.
    """
    if size < 999.5 * MB:
        return f"{size / MB:.0f}MB"
    return f"{size / 1e9:.3g}GB" if size < 99.5e9 else f"{size / 1e9:.0f}GB"


def _enough(work: Work, tile: int, asked: int) -> int:
    """Return how much must be asked for to get tiles of a size, as `size_text` can say it."""
    while (size := needed(work, tile, LEAN, asked)) > asked:
        step = 10 * MB
        while size >= 1000 * step:  # three digits are said
            step *= 10
        asked = -(-size // step) * step
    return asked


def overlap_of(work: Work, tile: int) -> int:
    """Return how much tiles of a size overlap.

    Parameters
    ----------
    work
        What is to be done.
    tile
        Side of the tiles in pixels.

    Returns
    -------
    int
        Pixels, less than the tile.
    """
    if work.own_overlap:
        return min(work.overlap, tile - 1)
    usual = min(work.overlap, work.card.tile // 4)  # as choose_tiling() has it
    return min(shared_by(tile, work.card, usual), tile - 1)


def _sides(work: Work, tile: int | None, max_tile: int | None) -> list[int]:
    """Return the sides of tiles that may be taken, from the least."""
    stride = work.card.stride
    whole = -(-max(work.extent.shape) // stride) * stride  # no tile is larger than the scene
    if tile or work.card.fixed_tile:
        return [min(tile or work.card.tile, whole)]
    least = half_tile(work.card)
    if work.own_overlap:
        least = max(least, -(-2 * work.overlap // stride) * stride)
    most = max_tile or LARGEST
    if work.area == work.extent:  # smaller ones only where memory asks for them
        most = max(most, min(work.card.tile, whole))
    return list(range(min(least, whole), max(min(most, whole), min(least, whole)) + 1, stride))


def _fitting(work: Work, sides: Sequence[int], asked: int) -> list[tuple[float, int, Mode]]:
    """Return for each mode the best of the tiles that fit the memory, with what it costs."""
    found = []
    for mode in (ROOMY, LEAN):
        if fits := [side for side in sides if needed(work, side, mode, asked) <= asked]:
            cost, side = _cheapest(work, fits)
            found.append((cost * mode.slow, side, mode))
    return found


def _cheapest(work: Work, sides: Sequence[int]) -> tuple[float, int]:
    """Return how many pixels are computed for each that is mapped, and the tile for which these are
    fewest.
    """

    def cost(side: int) -> tuple[float, int]:
        overlap = overlap_of(work, side)
        return computed_share(work.extent, work.area, side, overlap), side

    return min(map(cost, sides))


def _depth(work: Work, mode: Mode) -> int:
    """Return how many tiles of pixels are read, or wait, at a time."""
    return work.threads + work.batch if mode.ahead else work.batch


def _column(work: Work, tile: int) -> int:
    """Return what a column of a column band takes."""
    sums = 4 * work.labels * overlap_of(work, tile)
    # joined to strips, waiting to be written, being written; and the same for the tracer, where 8
    # were 17 MB too few for a band of 10,240 columns
    strips = (11 if work.polygons else 5) * work.planes * tile
    rows = 3 * work.written * BLOCK
    return sums + strips + rows


def _band(work: Work, tile: int, asked: int) -> int:
    """Return how many columns are summed in one go: as many as an eighth of the memory holds, or
    all where several bands would take more, which are traced afterwards.
    """
    width = work.area.shape[1]
    if _reach_far(work, tile):  # all in one go
        return width
    column = _column(work, tile)
    room = asked // 8
    if width <= WIDEST and width * column <= room + _read_again(work):
        return width
    return min(width, max(2 * tile, min(WIDEST, room // column)))


def _read_again(work: Work) -> int:
    """Return what is taken where a map of several bands is traced from its rasters."""
    return READ_AGAIN + STRIPS * work.area.shape[1] if work.polygons else 0


def _reach_far(work: Work, tile: int) -> bool:
    """Tell whether a tile may reach beyond its neighbour, evenly spaced as they are over the scene:
    two steps are less than a tile then, or would be if one is rounded down.
    """
    rest = work.extent.shape[1] - tile
    steps = -(-rest // (tile - overlap_of(work, tile)))
    return 2 * rest < (tile + 1) * steps


def _cache(work: Work, tile: int, asked: int) -> int:
    """Return the size of GDAL's cache: what a row of tiles needs, as far as a quarter of all memory
    allows.
    """
    columns = min(work.area.shape[1], WIDEST) + tile
    wanted = max(min(CACHE, asked // 16), work.cache(tile, columns))
    return min(wanted, CACHE_LIMIT, asked // 4)
