"""The screen that looks at a map: which pixels lie behind it, and what each of its own shows."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, isfinite

import numpy as np
import numpy.typing as npt
from pyproj import Transformer

from ..core.arrays import Floats
from ..core.card import NODATA
from ..core.errors import InputError
from ..core.grid import Grid, Window
from ..raster.georeference import to_pixels
from ..raster.relate import relate

STEP = 16  # pixels of the screen between two that are projected; those between lie on a line
EDGE = 21  # points of a side of the screen that are projected

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Screen:
    """An extent with north up, and the pixels that show it."""

    bounds: Bounds
    """The least x, the least y, the most x and the most y."""
    crs: str | None
    """As WKT or a code; None is the scene's."""
    height: int
    """Rows."""
    width: int
    """Columns."""

    def __post_init__(self) -> None:
        west, south, east, north = self.bounds
        if not (all(map(isfinite, self.bounds)) and west < east and south < north):
            raise InputError(
                f"the extent {self.bounds}", "the least x and y before the most x and y"
            )
        if not (0 < self.height <= 8192 and 0 < self.width <= 8192):
            raise InputError(
                f"a screen of {self.height} x {self.width} pixels", "1 to 8192 along a side"
            )


def window_of(grid: Grid, screen: Screen) -> Window | None:
    """Return the pixels that lie behind a screen.

    Parameters
    ----------
    grid
        Of the map.
    screen
        In any CRS.

    Returns
    -------
    Window or None
        Clipped to the grid; None where the screen shows nothing of it.

    Raises
    ------
    InputError
        If nothing leads from one CRS to the other.
    """
    west, south, east, north = screen.bounds
    along = np.linspace(0, 1, EDGE)
    xs, ys = np.meshgrid(west + along * (east - west), south + along * (north - south))
    there = relate(screen.crs, grid.crs, "the screen", "the scene")
    places = _projected(there, np.stack([xs.ravel(), ys.ravel()], axis=1))
    columns, rows = to_pixels(grid, places).T
    known = np.isfinite(columns) & np.isfinite(rows)
    if not known.any():
        return None
    # a side that bends bulges a little beyond the points on it
    slack = 0 if there is None else 1 + 0.01 * max(np.ptp(columns[known]), np.ptp(rows[known]))
    top = max(0, floor(rows[known].min() - slack + 1e-6))
    left = max(0, floor(columns[known].min() - slack + 1e-6))
    bottom = min(grid.height, ceil(rows[known].max() + slack - 1e-6))
    right = min(grid.width, ceil(columns[known].max() + slack - 1e-6))
    return Window(top, left, bottom, right) if top < bottom and left < right else None


def shown(
    planes: npt.NDArray[np.uint8], grid: Grid, screen: Screen, empty: int = NODATA
) -> npt.NDArray[np.uint8]:
    """Return what a screen shows of a raster: at each of its pixels the nearest one's value.

    Parameters
    ----------
    planes
        uint8 [plane, row, column].
    grid
        Where they lie.
    screen
        In any CRS.
    empty
        The value beside the raster.

    Returns
    -------
    ndarray
        uint8 [plane, row, column] of the screen's height and width.

    Raises
    ------
    InputError
        If nothing leads from one CRS to the other.
    """
    columns, rows = _looked_at(grid, screen)
    inside = (rows >= 0) & (rows < grid.height) & (columns >= 0) & (columns < grid.width)
    found = np.full((len(planes), screen.height, screen.width), empty, np.uint8)
    found[:, inside] = planes[:, rows[inside].astype(np.intp), columns[inside].astype(np.intp)]
    return found


def _looked_at(grid: Grid, screen: Screen) -> tuple[Floats, Floats]:
    """Return where in a grid the centres of the screen's pixels lie: columns and rows, each
    [row, column] of the screen; NaN where nowhere.
    """
    there = relate(screen.crs, grid.crs, "the screen", "the scene")
    down = _nodes(screen.height)
    across = _nodes(screen.width)
    west, south, east, north = screen.bounds
    xs, ys = np.meshgrid(
        west + (east - west) * across / screen.width,
        north - (north - south) * down / screen.height,
    )
    found = to_pixels(grid, _projected(there, np.stack([xs.ravel(), ys.ravel()], axis=1)))
    found = np.where(np.isfinite(found), found, np.nan)
    rows_of = _between(down, screen.height)
    columns_of = _between(across, screen.width).T
    columns, rows = (
        rows_of @ side.reshape(len(down), len(across)) @ columns_of for side in found.T
    )
    return columns, rows


def _nodes(length: int) -> Floats:
    """Return the positions along an axis that are projected, the first and last centre among
    them; at least two.
    """
    return np.linspace(0.5, max(length, 2) - 0.5, max(2, ceil(length / STEP) + 1))


def _between(nodes: Floats, length: int) -> Floats:
    """Return the shares of the nodes in the centre of each pixel: [pixel, node]."""
    centres = np.arange(length) + 0.5
    step = (nodes[-1] - nodes[0]) / (len(nodes) - 1)
    shares: Floats = np.maximum(0.0, 1.0 - np.abs(centres[:, None] - nodes) / step)
    return shares


def _projected(there: Transformer | None, places: Floats) -> Floats:
    if there is None:
        return places
    return np.stack(there.transform(places[:, 0], places[:, 1]), axis=1)
