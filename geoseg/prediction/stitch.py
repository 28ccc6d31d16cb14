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
from ..core.disk import failures
from ..core.grid import Patch, Tiling, Window
from ..core.tiling import ColumnBand, TileSpan
from ..models.protocol import Model
from .planes import Planes

Weights = dict[int, Array]
"""By the offset of a tile along one axis: its share at each of its pixels there, float32."""
PLAIN = Planes()  # class and confidence alone


def stitch(
    scores: Iterable[Patch],
    tiling: Tiling,
    band: ColumnBand,
    labels: int,
    seam: SeamBuffer | None = None,
    model: Model | None = None,
    planes: Planes = PLAIN,
) -> Iterator[Patch]:
    """Blend overlapping tiles of scores, and yield the final piece of each, row by row.

    A pixel's scores are the weighted mean over the tiles that cover it; where the tiling crops,
    those of one tile. Every pixel adds up the same tiles in the same order, whatever the column
    band, so that a raster cut into regions gives the same bytes as a whole one.

    Parameters
    ----------
    scores
        Probabilities of one tile each, float32 [label, row, column], in the order of
        `band.tiles(tiling)`. Behind the labels a depth may stand, which is summed where `planes`
        wants it. Where one is missing its piece is invalid: a tile is left out only if
        none of its pixels is wanted.
    tiling
        The tiles; their overlap decides the weights.
    band
        What is stitched in one go: the scene, a region, or some of its columns.
    labels
        How many labels have scores.
    seam
        Carries over what a band's last tiles add to the band at its right; None where there is
        none.
    model
        Whose scores these are: the sums are kept where they are. None is for numpy's arrays.
    planes
        What the planes of a piece hold.

    Yields
    ------
    Patch
        uint8 [plane, row, column]: the index of the label with the highest mean (the first of
        several), that mean in percent, and the further planes.

    Raises
    ------
    ValueError
        If the scores come in another order, or from another tiling.
    """
    asarray = model.asarray if model else np.asarray
    rows = band.rows(tiling)
    columns = band.columns(tiling)
    down = weights(tiling, tiling.tops, asarray)
    across = weights(tiling, tiling.lefts, asarray)
    wanted = labels + planes.fields
    buffers = _empty_buffers(wanted, band, rows, columns, asarray)
    arriving = _arrivals(scores, band.tiles(tiling), wanted)
    for row in rows:
        if seam and band.joined:
            buffers.join(seam.take(row.offset), row, columns[0])
        for column, patch in zip(columns, arriving, strict=False):
            shares = down[row.offset], across[column.offset]
            if seam and band.joins and patch and column is columns[-1]:
                seam.put(row.offset, _overhang(patch, row, band.window.right, *shares))
            how = *shares, model, planes
            final = buffers.finish(patch.data, row, column, *how) if patch else None
            # else a tile that only adds to others
            if row.final_until > row.start and column.final_until > column.start:
                window = Window(row.start, column.start, row.final_until, column.final_until)
                yield _piece(window, patch, final, planes.count)
            del patch  # its scores are freed before the next are computed
    next(arriving, None)  # lets it find a patch too many


def weights(
    tiling: Tiling, offsets: list[int], asarray: Callable[[Any], Array] = np.asarray
) -> Weights:
    """Return how much each tile of one axis counts at each of its pixels.

    A tile counts fully in its middle and less towards its ends, along a ramp as long as the
    overlap, never nothing; at each position the shares of all tiles there add up to 1.
    Tiles that are cropped count fully.

    Parameters
    ----------
    tiling
        The tiles.
    offsets
        Where they begin along the axis: `tiling.tops` or `tiling.lefts`.
    asarray
        Brings them where the scores are.

    Returns
    -------
    Weights
        float32 [pixel of the tile] by the tile's offset.
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
    """Join pieces that lie side by side into strips as wide as they go.

    Parameters
    ----------
    pieces
        uint8 [2, row, column], as `stitch` yields them.

    Yields
    ------
    Patch
        uint8 [2, row, column], of the width of the column band.
    """
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


def _arrivals(
    patches: Iterable[Patch], tiles: Iterator[Window], wanted: int
) -> Iterator[Patch | None]:
    """Yield each tile's patch, of so many planes, or None where it is missing."""
    patches = iter(patches)
    patch = next(patches, None)
    for tile in tiles:
        if patch is None or patch.window != tile:
            yield None
            continue
        # no second name for it: its scores are freed before the next are computed
        found = [patch if len(patch.data) == wanted else _first(patch, wanted)]
        patch = None
        yield found.pop()
        patch = next(patches, None)
    if patch is not None:
        raise ValueError(f"{patch.window} is not the next tile of the tiling")


def _first(patch: Patch, wanted: int) -> Patch:
    if len(patch.data) < wanted:
        raise ValueError(f"{len(patch.data)} planes of scores, not {wanted}")
    return Patch(patch.window, patch.data[:wanted], patch.valid)


def _empty_buffers(
    planes: int,
    band: ColumnBand,
    rows: list[TileSpan],
    columns: list[TileSpan],
    asarray: Callable[[Any], Array],
) -> OverlapBuffers:
    """Return sums as high and wide as tiles reach into those that come later."""
    deep = max(row.shared_until - row.start for row in rows)
    wide = max(column.shared_until - column.start for column in columns)
    high = max(row.stop - row.start for row in rows)
    return OverlapBuffers(
        asarray(np.zeros((planes, deep, band.window.shape[1]), np.float32)),
        asarray(np.zeros((planes, high, wide), np.float32)),
        band.window.left,
    )


def _overhang(patch: Patch, row: TileSpan, edge: int, down: Array, across: Array) -> Array:
    """Return what a tile adds to the column band that begins at column `edge`."""
    inside = slice(row.start - row.offset, row.stop - row.offset)
    beyond = slice(edge - patch.window.left, None)
    return patch.data[:, inside, beyond] * (down[inside, None] * across[beyond])


def _piece(window: Window, patch: Patch | None, final: Bytes | None, planes: int) -> Patch:
    if patch is None:
        nothing = np.zeros((planes, *window.shape), np.uint8)
        return Patch(window, nothing, np.zeros(window.shape, bool))
    return Patch(
        window, final, None if patch.valid is None else patch.valid[window.within(patch.window)]
    )


@dataclass(slots=True)
class OverlapBuffers:
    """What the tiles so far have added where later tiles still will, before the division."""

    from_above: Array
    """Of the rows below those that are final, across the whole column band: float32 [label, row,
    column].
    """
    from_left: Array
    """Of the columns at the right of the last tile: float32 [label, row, column]."""
    first_column: int
    """The first column of the column band, in pixels of the raster."""

    def finish(
        self,
        scores: Array,
        row: TileSpan,
        column: TileSpan,
        down: Array,
        across: Array,
        model: Model | None = None,
        planes: Planes = PLAIN,
    ) -> Bytes:
        """Add a tile's scores, and return the piece that is final.

        Parameters
        ----------
        scores
            Probabilities of the tile, float32 [label, row, column].
        row, column
            Where it lies along the two axes.
        down, across
            Its share at each of its rows and columns, float32.
        model
            Whose scores these are; None for numpy's arrays.
        planes
            What the planes of a piece hold.

        Returns
        -------
        Bytes
            uint8 [plane, row, column]: the index of the label with the highest sum (the first of
            several), that sum in percent, and the further planes.
        """
        more = bool(planes.measures)
        labels = len(scores) - planes.fields
        if not isinstance(scores, np.ndarray):
            bring = model.to_uint8 if model else to_uint8
            *found, sums = finish(scores, row, column, down, across, self, labels)
            out = np.stack([bring(each) for each in found])
            return np.concatenate([out, planes.measure(sums.cpu().numpy())]) if more else out
        from .blend_rows import finish_rows  # numba takes half a second to import

        final = row.final_until - row.start, column.final_until - column.start
        out = np.empty((2, *final), np.uint8)
        means = np.empty((len(scores) if more else 0, *final), np.float32)
        finish_rows(
            scores,
            down,
            across,
            self.from_above,
            self.from_left,
            row.start - row.offset,
            row.stop - row.offset,
            column.start - column.offset,
            column.stop - column.offset,
            column.start - self.first_column,
            row.shared_until - row.start,
            column.shared_until - column.start,
            np.empty((3, scores.shape[2]), np.float32),
            out,
            means,
            labels,
        )
        return np.concatenate([out, planes.measure(means)]) if more else out

    def join(self, scores: Array | None, row: TileSpan, column: TileSpan) -> None:
        """Begin a row of tiles with what the tile before its first one adds to it.

        Parameters
        ----------
        scores
            What a SeamBuffer kept of it, as it was in another column band; None where it was not
            computed.
        row, column
            Where the first tile lies along the two axes.
        """
        if scores is None:
            return
        rows = row.shared_until - row.start
        columns = column.shared_until - column.start
        at = column.start - self.first_column
        self.from_left[:, : scores.shape[1], :columns] = scores
        self.from_left[:, :rows, :columns] += self.from_above[:, :rows, at : at + columns]


def finish(
    scores: Array,
    row: TileSpan,
    column: TileSpan,
    down: Array,
    across: Array,
    buffers: OverlapBuffers,
    labels: int,
) -> tuple[Array, Array, Array]:
    """Do what OverlapBuffers.finish does, to the bit, with operations on whole arrays or tensors.

    Parameters
    ----------
    scores
        Probabilities of a tile, float32 [label, row, column].
    row, column
        Where it lies along the two axes.
    down, across
        Its share at each of its rows and columns, float32.
    buffers
        What tiles before it added; what later ones will add to is left there.
    labels
        How many planes are scores of labels; a depth may stand behind them.

    Returns
    -------
    tuple
        Index and percent of the highest label, [row, column]; both are below 256, and are cut off
        to whole numbers later; and all planes, [plane, row, column].
    """
    y = slice(row.start - row.offset, row.stop - row.offset)
    x = slice(column.start - column.offset, column.stop - column.offset)
    first = buffers.first_column
    above = buffers.from_above[:, :, column.start - first : column.stop - first]
    rows = row.shared_until - row.start
    columns = column.shared_until - column.start
    bottom = row.final_until - row.start
    right = column.final_until - column.start
    total = scores[:, y, x] * (down[y, None] * across[x])
    _, height, width = total.shape
    total[:, :rows, columns:] += above[:, :rows, columns:]
    total[:, :, :columns] += buffers.from_left[:, :height, :columns]
    above[:, : height - bottom, :right] = total[:, bottom:, :right]
    buffers.from_left[:, :height, : width - right] = total[:, :, right:]
    final = total[:, :bottom, :right]
    classes = final[:labels]
    best = classes.max(0)
    best = getattr(best, "values", best)  # a tensor's max() along an axis comes with its indices
    return classes.argmax(0), (best * 100 + 0.5).clip(0, 100), final


SPOOL = 16 << 20  # bytes that stay in memory; more go to a temporary file: scenes may be tall


@dataclass(slots=True)
class SeamBuffer:
    """What the last tiles of a column band add to the band at its right; a context manager.

    Arrays are kept by the offset of their row of tiles. Each is taken before the next is put at
    its place. Tensors stay on their device.
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
        """Keep what a row of tiles adds to the column band at the right.

        Parameters
        ----------
        offset
            Where the row of tiles begins, in pixels of the raster.
        scores
            Weighted probabilities, float32 [label, row, column].

        Raises
        ------
        OutputError
            If the disk of temporary files is full.
        """
        if not isinstance(scores, np.ndarray):
            self._held[offset] = scores
            return
        start, room = self._places.get(offset, (0, -1))
        if room < scores.nbytes:
            start = self._file.seek(0, SEEK_END)
            self._places[offset] = start, scores.nbytes
        with failures(Path(gettempdir()) / "a temporary file"):
            self._file.seek(start)
            self._file.write(scores.tobytes())
        self._held[offset] = scores.shape

    def take(self, offset: int) -> Array | None:
        """Return what was kept for a row of tiles.

        Parameters
        ----------
        offset
            Where the row of tiles begins, in pixels of the raster.

        Returns
        -------
        Array or None
            Weighted probabilities, float32 [label, row, column]; None where nothing was kept.
        """
        held = self._held.pop(offset, None)
        if not isinstance(held, tuple):
            return held
        self._file.seek(self._places[offset][0])
        return np.frombuffer(self._file.read(4 * prod(held)), np.float32).reshape(held)


Mask = npt.NDArray[np.bool_]


def classify(
    piece: Patch, card: ModelCard, inside: Mask | None = None, planes: Planes = PLAIN
) -> Patch:
    """Turn the index of each label into its class.

    Parameters
    ----------
    piece
        uint8 [plane, row, column], as `stitch` yields it. Its array is used up.
    card
        The labels, in the order of the indices.
    inside
        Where the area of interest is, [row, column]; None is everywhere.
    planes
        What its planes hold.

    Returns
    -------
    Patch
        uint8 [plane, row, column]: class, confidence in percent, and the further planes; all are
        255 where the piece is not valid or not inside.
    """
    out = piece.data
    values = [label.value for label in card.labels]
    if values != list(range(len(values))):
        for plane in planes.of_labels:
            out[plane] = np.array(values, np.uint8)[out[plane]]
    for known in (piece.valid, inside):
        if known is None or known.all():
            continue
        if known.any():
            out[:, ~known] = NODATA
        else:  # most of a sparse mosaic, where a mask would take many times as long
            out.fill(NODATA)
    return Patch(piece.window, out)
