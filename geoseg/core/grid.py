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
    """A rectangle of whole pixels: rows [top, bottom), columns [left, right)."""

    top: int
    left: int
    bottom: int
    right: int

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
        """Whether the two share a pixel."""
        return (
            self.top < other.bottom
            and other.top < self.bottom
            and self.left < other.right
            and other.left < self.right
        )

    def clip(self, other: Window) -> Window:
        """Return the part of this window that lies inside the other; they must intersect."""
        return Window(
            max(self.top, other.top),
            max(self.left, other.left),
            min(self.bottom, other.bottom),
            min(self.right, other.right),
        )

    def within(self, other: Window) -> tuple[slice, slice]:
        """Return the slices of an array covering `other` that select this window."""
        return (
            slice(self.top - other.top, self.bottom - other.top),
            slice(self.left - other.left, self.right - other.left),
        )


@dataclass(frozen=True, slots=True)
class Grid:
    """A raster's size and place on the ground.

    `transform` holds the affine coefficients (a, b, c, d, e, f) of x = a*col + b*row + c,
    y = d*col + e*row + f for pixel corners; `crs` is WKT, or None where the file has none.
    """

    height: int
    width: int
    transform: tuple[float, float, float, float, float, float] = (1.0, 0.0, 0.0, 0.0, -1.0, 0.0)
    crs: str | None = None

    @property
    def extent(self) -> Window:
        """The whole raster as a window."""
        return Window(0, 0, self.height, self.width)

    @property
    def north_up(self) -> bool:
        """Whether rows run along one axis of the CRS: no rotation, no shear."""
        return self.transform[1] == 0 and self.transform[3] == 0

    def xy(self, row: float, column: float) -> tuple[float, float]:
        """Return the CRS coordinates of a pixel position (corners are whole numbers)."""
        a, b, c, d, e, f = self.transform
        return a * column + b * row + c, d * column + e * row + f

    def bounds(self, window: Window | None = None) -> tuple[float, float, float, float]:
        """Return the least x, the least y, the most x and the most y of a window, in the CRS.

        Parameters
        ----------
        window
            Pixels, which may lie beyond the raster; None is the whole raster.
        """
        area = window or self.extent
        rows = (area.top, area.bottom)
        columns = (area.left, area.right)
        xs, ys = zip(*(self.xy(row, column) for row in rows for column in columns), strict=True)
        return min(xs), min(ys), max(xs), max(ys)

    def crop(self, window: Window) -> Grid:
        """Return the grid of one window of this raster: the same pixels, on the same ground."""
        x, y = self.xy(window.top, window.left)
        a, b, _, d, e, _ = self.transform
        return Grid(*window.shape, (a, b, x, d, e, y), self.crs)


def starts(length: int, tile: int, overlap: int) -> list[int]:
    """Return the offsets of the fewest evenly spaced tiles that cover `length` pixels.

    Neighbours share at least `overlap` pixels; no tile hangs over the edge, except the
    only one where the raster is smaller than a tile.
    """
    if length <= tile:
        return [0]
    steps = -(-(length - tile) // (tile - overlap))  # ceiling division
    return [round(i * (length - tile) / steps) for i in range(steps + 1)]


@dataclass(frozen=True, slots=True)
class Tiling:
    """The square tiles over a raster: a function of its size, so the same everywhere.

    Where tiles overlap, their scores are blended; if `crop`, each pixel takes those of the
    tile in which it lies furthest from the border.
    """

    height: int
    width: int
    tile: int
    overlap: int
    crop: bool = False

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
        """Yield the tiles that touch `region` (default: all), row by row.

        A tile is always tile x tile pixels: where the raster is smaller it hangs over the
        edge at the bottom and at the right.
        """
        region = region or self.extent
        for top, left in product(self.tops, self.lefts):
            tile = Window(top, left, top + self.tile, left + self.tile)
            if tile.intersects(region):
                yield tile

    def regions(self, rows: int, columns: int) -> Iterator[Window]:
        """Cut the raster into parts of at most rows x columns, row by row."""
        for top, left in product(range(0, self.height, rows), range(0, self.width, columns)):
            yield Window(top, left, top + rows, left + columns).clip(self.extent)


@dataclass(frozen=True, slots=True)
class Patch:
    """Values for a window of the raster: data[band or label, row, column].

    `valid[row, column]` says where there is data; None means everywhere.
    """

    window: Window
    data: Array
    valid: Array | None = None
