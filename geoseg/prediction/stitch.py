"""Overlapping tiles of scores to a seamless map, holding only what later tiles will still add
to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from math import prod
from os import SEEK_END
from pathlib import Path
from tempfile import SpooledTemporaryFile, gettempdir
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.arrays import Array, Bytes, to_uint8
from ..core.card import NODATA, ModelCard
from ..core.disk import write_error
from ..core.grid import Patch, Tiling, Window
from ..core.tiling import ColumnBand, TileSpan

Weights = dict[
    int, Array
]  # the offset of a tile along one axis -> float32, its share at each of its pixels there


def stitch(
    patches: Iterable[Patch],
    tiling: Tiling,
    part: ColumnBand,
    labels: int,
    border: SeamBuffer | None = None,
    asarray: Callable[[npt.NDArray[Any]], Array] = np.asarray,
    bring: Callable[[Array], Bytes] = to_uint8,
) -> Iterator[Patch]:
    """Yield the final piece of each tile, row by row: uint8 [2, row, column], a label's index and
    its score in percent.

    A pixel's scores are the weighted mean over the tiles that cover it; where the tiling
    crops, those of one tile. Patches [label, row, column] come in the order of
    part.tiles(tiling). Where one is missing its piece is invalid: a tile is left out only
    if none of its pixels is wanted.

    Every pixel adds up the same tiles in the same order, whatever the part, so that a
    raster cut into regions gives the same bytes as a whole one. `border` carries over what
    a part's last tiles add to the part at its right. `asarray` puts the sums where the
    scores are, `bring` the results back: from a GPU come two bytes a pixel.
    """
    rows = part.rows(tiling)
    columns = part.columns(tiling)
    down = weights(tiling, tiling.tops, asarray)
    across = weights(tiling, tiling.lefts, asarray)
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
            if (
                row.then > row.start and column.then > column.start
            ):  # else a tile that only adds to others
                yield _piece(Window(row.start, column.start, row.then, column.then), patch, final)
            del patch  # its scores are freed before the next are computed
    next(arriving, None)  # lets it find a patch too many


def weights(
    tiling: Tiling, offsets: list[int], asarray: Callable[[Any], Array] = np.asarray
) -> Weights:
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
    return {
        offset: asarray((taper / total[offset:][: tiling.tile]).astype(np.float32))
        for offset in offsets
    }


def strips(pieces: Iterable[Patch]) -> Iterator[Patch]:
    """Join pieces that lie side by side into strips as wide as they go."""
    row: list[Patch] = []
    for piece in pieces:
        if row and (piece.window.top, piece.window.left) != (
            row[-1].window.top,
            row[-1].window.right,
        ):
            yield _abreast(row)
            row = []
        row.append(piece)
    if row:
        yield _abreast(row)


def _abreast(row: list[Patch]) -> Patch:
    first = row[0].window
    last = row[-1].window
    return Patch(
        Window(first.top, first.left, last.bottom, last.right),
        np.concatenate([p.data for p in row], axis=2),
    )


def _arrivals(patches: Iterable[Patch], tiles: Iterator[Window]) -> Iterator[Patch | None]:
    """Yield each tile's patch, or None where it is missing."""
    patches = iter(patches)
    patch = next(patches, None)
    for tile in tiles:
        if patch is None or patch.window != tile:
            yield None
            continue
        # no second name for it: its scores are freed before the next are computed
        found = [patch]
        patch = None
        yield found.pop()
        patch = next(patches, None)
    if patch is not None:
        raise ValueError(f"{patch.window} is not the next tile of the lattice")


def _zeros(
    labels: int,
    part: ColumnBand,
    rows: list[TileSpan],
    columns: list[TileSpan],
    asarray: Callable[[Any], Array],
) -> OverlapBuffers:
    """Return sums as high and wide as tiles reach into those that come later."""
    deep = max(row.shared - row.start for row in rows)
    wide = max(column.shared - column.start for column in columns)
    high = max(row.stop - row.start for row in rows)
    below = np.zeros((labels, deep, part.window.shape[1]), np.float32)
    return OverlapBuffers(
        asarray(below), asarray(np.zeros((labels, high, wide), np.float32)), part.window.left
    )


def _overhang(patch: Patch, row: TileSpan, edge: int, down: Array, across: Array) -> Array:
    """Return what a tile adds to the part that begins at column `edge`."""
    inside = slice(row.start - row.offset, row.stop - row.offset)
    beyond = slice(edge - patch.window.left, None)
    return patch.data[:, inside, beyond] * (down[inside, None] * across[beyond])


def _piece(window: Window, patch: Patch | None, final: Bytes | None) -> Patch:
    if patch is None:
        return Patch(window, np.zeros((2, *window.shape), np.uint8), np.zeros(window.shape, bool))
    return Patch(
        window, final, None if patch.valid is None else patch.valid[window.within(patch.window)]
    )


@dataclass(slots=True)
class OverlapBuffers:
    """What the tiles so far have added where later tiles still will.

    `below` [label, row, column] are the rows under those that are final, across the whole
    part, whose first column is `left`; `beside` are the columns at the right of the last tile.
    """

    below: Array
    beside: Array
    left: int

    def finish(
        self,
        scores: Array,
        row: TileSpan,
        column: TileSpan,
        down: Array,
        across: Array,
        bring: Callable[[Array], Bytes] = to_uint8,
    ) -> Bytes:
        """Add a tile's scores [label, row, column], and return the piece that is final: uint8 [2,
        row, column].

        That are the index of the label with the highest sum (the first of several), and
        that sum in percent. `down` and `across`, float32, are the tile's share at each of
        its rows and columns.
        """
        if not isinstance(scores, np.ndarray):
            return np.stack(
                [bring(part) for part in finish(scores, row, column, down, across, self)]
            )
        from .blend_rows import finish_rows  # numba takes half a second to import

        out = np.empty((2, row.then - row.start, column.then - column.start), np.uint8)
        place = (
            row.start - row.offset,
            row.stop - row.offset,
            column.start - column.offset,
            column.stop - column.offset,
        )
        shared = row.shared - row.start, column.shared - column.start
        lines = np.empty((3, scores.shape[2]), np.float32)
        at = column.start - self.left
        finish_rows(scores, down, across, self.below, self.beside, *place, at, *shared, lines, out)
        return out

    def join(self, scores: Array | None, row: TileSpan, column: TileSpan) -> None:
        """Begin a row of tiles with what the tile before its first one adds to it: it was in
        another part.
        """
        if scores is None:
            return
        rows = row.shared - row.start
        columns = column.shared - column.start
        at = column.start - self.left
        self.beside[:, : scores.shape[1], :columns] = scores
        self.beside[:, :rows, :columns] += self.below[:, :rows, at : at + columns]


def finish(
    scores: Array, row: TileSpan, column: TileSpan, down: Array, across: Array, sums: OverlapBuffers
) -> tuple[Array, Array]:
    """Do what Sums.finish() does, to the bit, with operations on whole arrays or tensors.

    Return index and percent; both are below 256, and are cut off to whole numbers later.
    """
    y = slice(row.start - row.offset, row.stop - row.offset)
    x = slice(column.start - column.offset, column.stop - column.offset)
    below = sums.below[:, :, column.start - sums.left : column.stop - sums.left]
    rows = row.shared - row.start
    columns = column.shared - column.start
    bottom = row.then - row.start
    right = column.then - column.start
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


SPOOL = (
    16 << 20
)  # bytes that stay in memory; more go to a temporary file, so that tall scenes need no more of it


@dataclass(slots=True)
class SeamBuffer:
    """Arrays [label, row, column], float32, by the offset of their row of tiles; a context manager.

    Each is taken before the next is put at its place. Tensors stay on their device.
    """

    _file: Any = field(default_factory=lambda: SpooledTemporaryFile(SPOOL))  # noqa: SIM115 - closed in __exit__
    _places: dict[int, tuple[int, int]] = field(
        default_factory=dict
    )  # where in the file, and for how many bytes
    _held: dict[int, Array] = field(default_factory=dict)  # tensors, and the shapes of arrays

    def __enter__(self) -> SeamBuffer:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def put(self, offset: int, scores: Array) -> None:
        """Keep what a row of tiles adds to the part at the right."""
        if not isinstance(scores, np.ndarray):
            self._held[offset] = scores
            return
        start, room = self._places.get(offset, (0, -1))
        if room < scores.nbytes:
            start = self._file.seek(0, SEEK_END)
            self._places[offset] = start, scores.nbytes
        try:
            self._file.seek(start)
            self._file.write(scores.tobytes())
        except OSError as error:
            raise write_error(Path(gettempdir()) / "a temporary file", error) from error
        self._held[offset] = scores.shape

    def take(self, offset: int) -> Array | None:
        """Return what was kept for a row of tiles; None where nothing was."""
        held = self._held.pop(offset, None)
        if not isinstance(held, tuple):
            return held
        self._file.seek(self._places[offset][0])
        return np.frombuffer(self._file.read(4 * prod(held)), np.float32).reshape(held)


Mask = npt.NDArray[np.bool_]


def classify(piece: Patch, card: ModelCard, inside: Mask | None = None) -> Patch:
    """Return the class of each label's index, and the confidence as it came: uint8 [2, row,
    column].

    Both are 255 where the piece is not valid or, if an area of interest is given, not
    `inside` it. The piece's own array is used up.
    """
    out = piece.data
    values = [label.value for label in card.labels]
    if values != list(range(len(values))):
        out = np.stack([np.array(values, np.uint8)[out[0]], out[1]])
    for known in (piece.valid, inside):
        if known is not None and not known.all():
            out[:, ~known] = NODATA
    return Patch(piece.window, out)
