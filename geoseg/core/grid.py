"""Pixel rectangles, georeferencing, and the regular tiling laid over a raster."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .arrays import Array


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A rectangle of whole pixels, half open."""

    top: int
    """First row."""
    left: int
    """First column."""
    bottom: int
    """The row after the last."""
    right: int
    """The column after the last."""

    def __post_init__(self) -> None:
        if self.bottom <= self.top or self.right <= self.left:
            raise ValueError(f"empty window: {self}")

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.bottom - self.top, self.right - self.left

    @property
    def area(self) -> int:
        """Number of pixels."""
        return (self.bottom - self.top) * (self.right - self.left)

    def intersects(self, other: Window) -> bool:
        """Return whether two windows share a pixel.

        Parameters
        ----------
        other
            The other one.

        Returns
        -------
        bool
            False where they only touch.
        """
        return (
            self.top < other.bottom
            and other.top < self.bottom
            and self.left < other.right
            and other.left < self.right
        )

    def clip(self, other: Window) -> Window:
        """Return the part of this window that lies inside another.

        Parameters
        ----------
        other
            A window that shares a pixel with this one.

        Returns
        -------
        Window
            What both cover.

        Raises
        ------
        ValueError
            If they share none.
        """
        return Window(
            max(self.top, other.top),
            max(self.left, other.left),
            min(self.bottom, other.bottom),
            min(self.right, other.right),
        )

    def within(self, other: Window) -> tuple[slice, slice]:
        """Return what selects this window from an array of another.

        Parameters
        ----------
        other
            The window that the array covers.

        Returns
        -------
        tuple[slice, slice]
            Of rows and columns.
        """
        return (
            slice(self.top - other.top, self.bottom - other.top),
            slice(self.left - other.left, self.right - other.left),
        )

    def blocks(self, rows: int, columns: int | None = None) -> Iterator[Window]:
        """Cut the window into parts, row by row: each pixel is in one of them.

        Parameters
        ----------
        rows
            The most that a part has.
        columns
            The most that a part has; None is the whole width.

        Yields
        ------
        Window
            Parts that begin at multiples of `rows` and `columns` from the window's corner.
        """
        columns = columns or self.shape[1]
        tops = range(self.top, self.bottom, rows)
        lefts = range(self.left, self.right, columns)
        for top, left in product(tops, lefts):
            yield Window(top, left, min(top + rows, self.bottom), min(left + columns, self.right))


@dataclass(frozen=True, slots=True)
class Grid:
    """A raster's size and place on the ground."""

    height: int
    """Rows."""
    width: int
    """Columns."""
    transform: tuple[float, float, float, float, float, float] = (1.0, 0.0, 0.0, 0.0, -1.0, 0.0)
    """Affine coefficients (a, b, c, d, e, f) of x = a * column + b * row + c, y = d * column + e *
    row + f for the corners of pixels.
    """
    crs: str | None = None
    """WKT; None where the file has none."""

    @property
    def extent(self) -> Window:
        """The whole raster as a window."""
        return Window(0, 0, self.height, self.width)

    @property
    def north_up(self) -> bool:
        """Whether rows run along one axis of the CRS: no rotation, no shear."""
        return self.transform[1] == 0 and self.transform[3] == 0

    def xy(self, row: float, column: float) -> tuple[float, float]:
        """Return where a pixel position lies.

        Parameters
        ----------
        row, column
            Whole numbers are the corners of pixels, their centres lie halfway between.

        Returns
        -------
        tuple[float, float]
            x and y in the CRS.
        """
        a, b, c, d, e, f = self.transform
        return a * column + b * row + c, d * column + e * row + f

    def bounds(self, window: Window | None = None) -> tuple[float, float, float, float]:
        """Return the box around a window on the ground.

        Parameters
        ----------
        window
            Pixels, which may lie beyond the raster; None is the whole raster.

        Returns
        -------
        tuple[float, float, float, float]
            The least x, the least y, the most x and the most y, in the CRS.
        """
        area = window or self.extent
        rows = (area.top, area.bottom)
        columns = (area.left, area.right)
        xs, ys = zip(*(self.xy(row, column) for row in rows for column in columns), strict=True)
        return min(xs), min(ys), max(xs), max(ys)

    def crop(self, window: Window) -> Grid:
        """Return the grid of one window of this raster.

        Parameters
        ----------
        window
            Pixels, which may lie beyond the raster.

        Returns
        -------
        Grid
            The same pixels, on the same ground.
        """
        x, y = self.xy(window.top, window.left)
        a, b, _, d, e, _ = self.transform
        return Grid(*window.shape, (a, b, x, d, e, y), self.crs)


def starts(length: int, tile: int, overlap: int) -> list[int]:
    """Return where the fewest evenly spaced tiles begin that cover an axis.

    Neighbours share at least `overlap` pixels; no tile hangs over the edge, except the only one
    where the raster is smaller than a tile.

    Parameters
    ----------
    length
        Pixels of the axis.
    tile
        Pixels of a tile's side.
    overlap
        Pixels, fewer than `tile`.

    Returns
    -------
    list[int]
        Offsets in pixels, rising from 0.
    """
    if length <= tile:
        return [0]
    steps = -(-(length - tile) // (tile - overlap))  # ceiling division
    return [round(i * (length - tile) / steps) for i in range(steps + 1)]


@dataclass(frozen=True, slots=True)
class Tiling:
    """The square tiles over a raster: a function of its size, so the same on every machine."""

    height: int
    """Rows of the raster."""
    width: int
    """Columns of the raster."""
    tile: int
    """Pixels of a tile's side."""
    overlap: int
    """Pixels that neighbours share at least, fewer than `tile`."""
    crop: bool = False
    """Where tiles overlap their scores are blended; if true, each pixel takes those of the tile in
    which it lies furthest from the border.
    """

    def __post_init__(self) -> None:
        if not 0 <= self.overlap < self.tile:
            raise ValueError(
                f"overlap {self.overlap} must be at least 0 and less than tile {self.tile}"
            )

    @property
    def extent(self) -> Window:
        """The whole raster as a window."""
        return Window(0, 0, self.height, self.width)

    @property
    def tops(self) -> list[int]:
        """First rows of the tiles."""
        return starts(self.height, self.tile, self.overlap)

    @property
    def lefts(self) -> list[int]:
        """First columns of the tiles."""
        return starts(self.width, self.tile, self.overlap)

    def tiles(self, region: Window | None = None) -> Iterator[Window]:
        """Yield the tiles that touch a region, row by row.

        Parameters
        ----------
        region
            A window of the raster; None is all of it.

        Yields
        ------
        Window
            Always tile x tile pixels: where the raster is smaller, it hangs over the edge at the
            bottom and at the right.
        """
        region = region or self.extent
        for top, left in product(self.tops, self.lefts):
            tile = Window(top, left, top + self.tile, left + self.tile)
            if tile.intersects(region):
                yield tile


@dataclass(frozen=True, slots=True)
class Patch:
    """Values for a window of the raster."""

    window: Window
    """Where they are."""
    data: Array
    """The values, [band or label, row, column]."""
    valid: Array | None = None
    """Where there is data, bool [row, column]; None means everywhere."""
