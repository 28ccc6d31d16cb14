"""Overlapping tiles of scores to a seamless map, holding only what later tiles will still add to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .blend import Array, Bytes, Sums, to_uint8
from .border import Border
from .grid import Tiling, Window
from .parts import Part, Step

Weights = dict[int, Array]  # the offset of a tile along one axis -> float32, its share at each of its pixels there


@dataclass(frozen=True, slots=True)
class Patch:
    """Values for a window of the raster: data[band or label, row, column].

    `valid[row, column]` says where there is data; None means everywhere.
    """

    window: Window
    data: Array
    valid: Array | None = None


def stitch(
    patches: Iterable[Patch],
    tiling: Tiling,
    part: Part,
    labels: int,
    border: Border | None = None,
    asarray: Callable[[npt.NDArray[Any]], Array] = np.asarray,
    bring: Callable[[Array], Bytes] = to_uint8,
) -> Iterator[Patch]:
    """Yield the final piece of each tile, row by row: uint8 [2, row, column], a label's index and its score in percent.

    A pixel's scores are the weighted mean over the tiles that cover it; where the tiling
    crops, those of one tile. Patches [label, row, column] come in the order of
    part.tiles(tiling). Where one is missing its piece is invalid: a tile is left out only
    if none of its pixels is wanted.

    Every pixel adds up the same tiles in the same order, whatever the part, so that a
    raster cut into regions gives the same bytes as a whole one. `border` carries over what
    a part's last tiles add to the part at its right. `asarray` puts the sums where the
    scores are, `bring` the results back: from a GPU come two bytes a pixel.
    """
    rows, columns = part.rows(tiling), part.columns(tiling)
    down, across = weights(tiling, tiling.tops, asarray), weights(tiling, tiling.lefts, asarray)
    sums = _zeros(labels, part, rows, columns, asarray)
    arriving = _arrivals(patches, part.tiles(tiling))
    for row in rows:
        if border and part.joined:
            sums.join(border.take(row.offset), row, columns[0])
        for column, patch in zip(columns, arriving, strict=False):
            shares = down[row.offset], across[column.offset]
            if border and part.joins and patch and column is columns[-1]:
                border.put(row.offset, _overhang(patch, row, part.window.right, *shares))
            final = sums.finish(patch.data, row, column, *shares, bring) if patch else None
            if row.then > row.start and column.then > column.start:  # else a tile that only adds to others
                yield _piece(Window(row.start, column.start, row.then, column.then), patch, final)
            del patch  # its scores are freed before the next are computed
    next(arriving, None)  # lets it find a patch too many


def weights(tiling: Tiling, offsets: list[int], asarray: Callable[[Any], Array] = np.asarray) -> Weights:
    """Return how much each tile of one axis counts at each of its pixels, by the tile's offset.

    A tile counts fully in its middle and less towards its ends, along a ramp as long as the
    overlap, never nothing; at each position the shares of all tiles there add up to 1.
    Tiles that are cropped count fully.
    """
    if tiling.crop:
        return dict.fromkeys(offsets, asarray(np.ones(tiling.tile, np.float32)))
    ramp = np.minimum(np.arange(1, tiling.tile + 1), np.arange(tiling.tile, 0, -1))
    taper = np.minimum(ramp / (tiling.overlap + 1), 1.0)
    total = np.zeros(offsets[-1] + tiling.tile)
    for offset in offsets:
        total[offset : offset + tiling.tile] += taper
    return {offset: asarray((taper / total[offset:][: tiling.tile]).astype(np.float32)) for offset in offsets}


def strips(pieces: Iterable[Patch]) -> Iterator[Patch]:
    """Join pieces that lie side by side into strips as wide as they go."""
    row: list[Patch] = []
    for piece in pieces:
        if row and (piece.window.top, piece.window.left) != (row[-1].window.top, row[-1].window.right):
            yield _abreast(row)
            row = []
        row.append(piece)
    if row:
        yield _abreast(row)


def _abreast(row: list[Patch]) -> Patch:
    first, last = row[0].window, row[-1].window
    return Patch(Window(first.top, first.left, last.bottom, last.right), np.concatenate([p.data for p in row], axis=2))


def _arrivals(patches: Iterable[Patch], tiles: Iterator[Window]) -> Iterator[Patch | None]:
    """Yield each tile's patch, or None where it is missing."""
    patches = iter(patches)
    patch = next(patches, None)
    for tile in tiles:
        if patch is None or patch.window != tile:
            yield None
            continue
        found, patch = [patch], None  # no second name for it: its scores are freed before the next are computed
        yield found.pop()
        patch = next(patches, None)
    if patch is not None:
        raise ValueError(f"{patch.window} is not the next tile of the lattice")


def _zeros(labels: int, part: Part, rows: list[Step], columns: list[Step], asarray: Callable[[Any], Array]) -> Sums:
    """Return sums as high and wide as tiles reach into those that come later."""
    deep, wide = max(row.shared - row.start for row in rows), max(column.shared - column.start for column in columns)
    high = max(row.stop - row.start for row in rows)
    below = np.zeros((labels, deep, part.window.shape[1]), np.float32)
    return Sums(asarray(below), asarray(np.zeros((labels, high, wide), np.float32)), part.window.left)


def _overhang(patch: Patch, row: Step, edge: int, down: Array, across: Array) -> Array:
    """Return what a tile adds to the part that begins at column `edge`."""
    inside = slice(row.start - row.offset, row.stop - row.offset)
    beyond = slice(edge - patch.window.left, None)
    return patch.data[:, inside, beyond] * (down[inside, None] * across[beyond])


def _piece(window: Window, patch: Patch | None, final: Bytes | None) -> Patch:
    if patch is None:
        return Patch(window, np.zeros((2, *window.shape), np.uint8), np.zeros(window.shape, bool))
    return Patch(window, final, None if patch.valid is None else patch.valid[window.within(patch.window)])
