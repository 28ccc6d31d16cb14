"""A scene's pixels on another grid: area-weighted where pixels grow, bilinear where they shrink.

Both are one rule: a target pixel is the mean over a box around its place in the source, as wide
as the target pixel is there, and never narrower than a source pixel. Over a box of one pixel that
mean is linear interpolation. What a pixel becomes depends on nothing but its own place, so any
window gives the same values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from pyproj import Transformer

from ..core.arrays import Floats
from ..core.grid import Grid, Patch, Window
from ..core.jit import compiled
from ..raster.band_info import BandInfo
from ..raster.georeference import to_pixels
from .reader import Reader, extend

STEP = 8  # target pixels between the places that are projected; between these they are linear
SOURCE_SIDE = 1024  # source pixels of a block's side, about: what is read at once

Locate = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class GridNodes:
    """Where the pixels of a grid lie in another raster: projected at every STEP-th corner."""

    grid: Grid
    """The grid whose pixels are looked for."""
    locate: Locate
    """Takes points of its CRS [n, 2], x before y, to columns and rows of the other raster from
    its corner."""

    def nodes(self, window: Window) -> tuple[Floats, Window]:
        """Return where the nodes around a window lie in the other raster.

        Parameters
        ----------
        window
            Pixels of the grid.

        Returns
        -------
        tuple
            Columns and rows [2, node, node] from the other raster's corner, and the nodes as a
            window: node i is the corner of pixel STEP * i.
        """
        nodes = Window(
            window.top // STEP,
            window.left // STEP,
            -(-window.bottom // STEP) + 1,
            -(-window.right // STEP) + 1,
        )
        a, b, c, d, e, f = self.grid.transform
        column, row = np.meshgrid(
            STEP * np.arange(nodes.left, nodes.right, dtype=np.float64),
            STEP * np.arange(nodes.top, nodes.bottom, dtype=np.float64),
        )
        xy = np.stack([a * column + b * row + c, d * column + e * row + f], axis=-1)
        found = self.locate(xy.reshape(-1, 2)).T.reshape(2, *nodes.shape)
        return np.ascontiguousarray(found), nodes

    def middles(self, window: Window) -> Floats:
        """Return where the middles of a window's pixels lie in the other raster.

        Parameters
        ----------
        window
            Pixels of the grid.

        Returns
        -------
        ndarray
            Columns and rows [2, row, column] from the other raster's corner, not finite where they
            lie nowhere.
        """
        found, nodes = self.nodes(window)
        for axis, start, stop, first in (
            (1, window.top, window.bottom, nodes.top),
            (2, window.left, window.right, nodes.left),
        ):
            places = (np.arange(start, stop) + 0.5) / STEP - first
            before = places.astype(np.intp)
            share = (places - before).reshape(-1, *([1] * (2 - axis)))
            with np.errstate(invalid="ignore"):
                low = np.take(found, before, axis) * (1 - share)
                found = low + np.take(found, before + 1, axis) * share
        return found


class WarpedReader:
    """A reader's pixels on another grid; a context manager, which closes the files.

    Parameters
    ----------
    reader
        Of the scene's own grid; it is closed with this one.
    locate
        Takes points of the target's CRS [n, 2], x before y, to columns and rows of the reader's
        grid from its corner.
    grid
        The target.
    """

    def __init__(self, reader: Reader, locate: Locate, grid: Grid) -> None:
        self.grid = grid
        self.bands = reader.bands
        self.dtype = reader.dtype
        self.grid_nodes = GridNodes(grid, locate)
        self._reader = reader
        self._block = _block_side(self)

    def read(self, window: Window) -> Patch:
        """Return the window's pixels as digital numbers, and where they are valid.

        Parameters
        ----------
        window
            Pixels of `grid`. What hangs over its bottom or right edge is the reflection of the
            pixels inside, and invalid.

        Returns
        -------
        Patch
            Of `dtype`, [band, row, column], 0 where invalid: where a pixel's middle lies outside
            the source, or less than half of its box holds data. Any window gives the same values
            for a pixel.

        Raises
        ------
        RunError
            If a file cannot be read.
        """
        inside = window.clip(self.grid.extent)
        data = np.zeros((self.bands, *inside.shape), self.dtype)
        valid = np.zeros(inside.shape, bool)
        for block in inside.blocks(self._block, self._block):
            part = self._read(block)
            place = block.within(inside)
            data[:, *place] = part.data
            valid[place] = part.valid
        if inside == window:
            return Patch(window, data, valid)
        return Patch(window, *extend(data, valid, window, inside))

    def close(self) -> None:
        """Close the files."""
        self._reader.close()

    def __enter__(self) -> WarpedReader:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _read(self, block: Window) -> Patch:
        columns_rows, nodes = self.grid_nodes.nodes(block)
        source = self._source_window(columns_rows)
        if source is None:
            empty = np.zeros((self.bands, *block.shape), self.dtype)
            return Patch(block, empty, np.zeros(block.shape, bool))
        patch = self._reader.read(source)
        known = np.ones(source.shape, bool) if patch.valid is None else patch.valid
        extent = self._reader.grid
        values = np.zeros((len(patch.data), *block.shape), np.float32)
        valid = np.zeros(block.shape, bool)
        average(
            np.ascontiguousarray(patch.data),
            np.ascontiguousarray(known),
            np.array([source.top, source.left, extent.height, extent.width]),
            columns_rows,
            np.array([block.top - STEP * nodes.top, block.left - STEP * nodes.left]),
            values,
            valid,
        )
        if np.dtype(self.dtype).kind in "iu":
            np.rint(values, out=values)
        return Patch(block, values.astype(self.dtype), valid)

    def _source_window(self, nodes: Floats) -> Window | None:
        """The source pixels that the boxes around all pixels between the nodes touch."""
        extent = self._reader.grid.extent
        ends = []
        for places, last in zip(nodes, (extent.right, extent.bottom), strict=True):
            if not np.isfinite(places).any():
                return None
            reach = _reach(places)
            low = np.nanmin(np.where(np.isfinite(places), places, np.nan)) - reach
            high = np.nanmax(np.where(np.isfinite(places), places, np.nan)) + reach
            ends.append((max(0, int(max(low, -1))), min(last, int(min(high, last)) + 1)))
        (left, right), (top, bottom) = ends
        return Window(top, left, bottom, right) if top < bottom and left < right else None


def locate_in(layer: BandInfo, crs: str | None) -> Locate:
    """Return what finds points of a CRS in a band.

    Parameters
    ----------
    layer
        The band, whose grid may be placed by a geotransform or by control points.
    crs
        WKT of the points' CRS.

    Returns
    -------
    Callable
        From x and y [n, 2] to columns and rows [n, 2] from the corner of the band's grid, not
        finite where a point lies nowhere in its CRS.
    """
    grid = layer.grid
    own = layer.points.crs if layer.points else grid.crs
    change = None if own == crs else Transformer.from_crs(crs, own, always_xy=True)
    middle = grid.xy(grid.height / 2, grid.width / 2)[0]
    degrees = (
        change is not None and change.target_crs is not None and change.target_crs.is_geographic
    )

    def locate(xy: Floats) -> Floats:
        if change is not None:
            x, y = change.transform(xy[:, 0], xy[:, 1])
            if degrees:  # 181 degrees east are 179 west
                x = x + 360 * np.rint((middle - x) / 360)
            xy = np.stack([x, y], axis=1)
        return layer.points.to_pixels(xy) if layer.points else to_pixels(grid, xy)

    return locate


def _reach(places: Floats) -> float:
    """Half of the widest box between nodes, in source pixels, and one more."""
    with np.errstate(invalid="ignore"):
        down = np.abs(np.diff(places, axis=0))
        across = np.abs(np.diff(places, axis=1))
    steps = [np.max(d, where=np.isfinite(d), initial=0.0) for d in (down, across)]
    return max(1.0, float(np.hypot(*steps)) / STEP) / 2 + 1


def _block_side(reader: WarpedReader) -> int:
    """Target pixels of a block's side, such that it needs about SOURCE_SIDE source pixels."""
    grid = reader.grid
    row = min(grid.height // 2 // STEP * STEP, grid.height - 1)
    column = min(grid.width // 2 // STEP * STEP, grid.width - 1)
    nodes, _ = reader.grid_nodes.nodes(Window(row, column, row + 1, column + 1))
    size = 2 * (max(_reach(places) for places in nodes) - 1)
    return int(np.clip(SOURCE_SIDE / size // STEP * STEP, STEP, SOURCE_SIDE // 2))


@compiled
def average(
    data: npt.NDArray[Any],
    known: npt.NDArray[np.bool_],
    source: npt.NDArray[np.int64],
    nodes: Floats,
    first: npt.NDArray[np.int64],
    values: npt.NDArray[np.float32],
    valid: npt.NDArray[np.bool_],
) -> None:
    """Average source pixels over the boxes of target pixels.

    Parameters
    ----------
    data
        Source pixels, [band, row, column].
    known
        Which of them hold data, [row, column].
    source
        Row and column of the first of them, and the whole source's height and width.
    nodes
        Columns and rows in the source [2, node, node] at every STEP-th corner of target pixels.
    first
        Row and column of the first target pixel, counted from the first node.
    values
        Takes the target's pixels, [band, row, column].
    valid
        Takes where these hold data, [row, column].
    """
    top, left, height, width = source
    bands = data.shape[0]
    side = max(data.shape[1], data.shape[2])
    across = np.empty(side)
    for i in range(values.shape[1]):
        down = (first[0] + i + 0.5) / STEP
        n = int(down)
        t = down - n
        for j in range(values.shape[2]):
            along = (first[1] + j + 0.5) / STEP
            m = int(along)
            s = along - m
            c00 = nodes[0, n, m]
            c01 = nodes[0, n, m + 1]
            c10 = nodes[0, n + 1, m]
            c11 = nodes[0, n + 1, m + 1]
            column = (c00 * (1 - s) + c01 * s) * (1 - t) + (c10 * (1 - s) + c11 * s) * t
            r00 = nodes[1, n, m]
            r01 = nodes[1, n, m + 1]
            r10 = nodes[1, n + 1, m]
            r11 = nodes[1, n + 1, m + 1]
            row = (r00 * (1 - s) + r01 * s) * (1 - t) + (r10 * (1 - s) + r11 * s) * t
            if not (0 <= column < width and 0 <= row < height):  # NaN and infinity are not, either
                continue
            by_column = (c01 - c00) * (1 - t) + (c11 - c10) * t
            by_row = (c10 - c00) * (1 - s) + (c11 - c01) * s
            half = max(1.0, np.hypot(by_column, by_row) / STEP) / 2
            start = max(column - half, 0.0)
            stop = min(column + half, float(width))
            by_column = (r01 - r00) * (1 - t) + (r11 - r10) * t
            by_row = (r10 - r00) * (1 - s) + (r11 - r01) * s
            half = max(1.0, np.hypot(by_column, by_row) / STEP) / 2
            begin = max(row - half, 0.0)
            end = min(row + half, float(height))
            k0 = int(start)
            k1 = min(int(np.ceil(stop)), k0 + side)
            for k in range(k0, k1):
                across[k - k0] = min(stop, k + 1.0) - max(start, float(k))
            l0 = int(begin)
            l1 = int(np.ceil(end))
            held = 0.0
            for q in range(l0, l1):
                weight = min(end, q + 1.0) - max(begin, float(q))
                for k in range(k0, k1):
                    if known[q - top, k - left]:
                        held += weight * across[k - k0]
            if held <= 0 or held < 0.4999999 * (stop - start) * (end - begin):
                continue
            valid[i, j] = True
            for band in range(bands):
                total = 0.0
                for q in range(l0, l1):
                    weight = min(end, q + 1.0) - max(begin, float(q))
                    for k in range(k0, k1):
                        if known[q - top, k - left]:
                            total += weight * across[k - k0] * data[band, q - top, k - left]
                values[band, i, j] = total / held
