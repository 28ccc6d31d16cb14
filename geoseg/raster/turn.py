"""Rasters whose rows do not run from north to south, read as if they did: what a network was
trained on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from ..core.grid import Grid, Window

A = TypeVar("A", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Turn:
    """How a file's pixels become those of a grid with north up: transposed first, then flipped.

    Any turn keeps every pixel's value and place on the ground.
    """

    transpose: bool = False
    """Whether rows and columns change places."""
    rows: bool = False
    """Whether the rows of the turned grid are flipped."""
    columns: bool = False
    """Whether its columns are."""

    def __bool__(self) -> bool:
        return self.transpose or self.rows or self.columns

    def grid(self, own: Grid) -> Grid:
        """Return the grid of the turned pixels.

        Parameters
        ----------
        own
            That of the file.

        Returns
        -------
        Grid
            The same ground.
        """
        height = own.height
        width = own.width
        a, b, c, d, e, f = own.transform
        if self.transpose:
            height, width = width, height
            a, b, d, e = b, a, e, d
        if self.rows:
            b, c, e, f = 0.0 - b, c + b * height, 0.0 - e, f + e * height
        if self.columns:
            a, c, d, f = 0.0 - a, c + a * width, 0.0 - d, f + d * width
        return Grid(height, width, (a, b, c, d, e, f), own.crs)

    def window(self, turned: Window, grid: Grid) -> Window:
        """Return what a window of the turned grid is made of.

        Parameters
        ----------
        turned
            Pixels of the turned grid.
        grid
            The turned grid.

        Returns
        -------
        Window
            Pixels of the file.
        """
        top = turned.top
        left = turned.left
        bottom = turned.bottom
        right = turned.right
        if self.rows:
            top, bottom = grid.height - bottom, grid.height - top
        if self.columns:
            left, right = grid.width - right, grid.width - left
        return (
            Window(left, top, right, bottom) if self.transpose else Window(top, left, bottom, right)
        )

    def pixels(self, own: npt.NDArray[A]) -> npt.NDArray[A]:
        """Return the file's pixels as the turned grid has them.

        Parameters
        ----------
        own
            [..., row, column].

        Returns
        -------
        npt.NDArray[A]
            [..., row, column], contiguous.
        """
        found: npt.NDArray[Any] = own.swapaxes(-1, -2) if self.transpose else own
        if self.rows:
            found = found[..., ::-1, :]
        if self.columns:
            found = found[..., ::-1]
        return np.ascontiguousarray(found)


AS_IT_IS = Turn()


def north_up(own: Grid) -> Turn:
    """Return the turn after which rows run south and columns east.

    Parameters
    ----------
    own
        The grid of a file; without a CRS it has no north, and stays as it is.

    Returns
    -------
    Turn
        As nearly as quarter turns and flips can do.
    """
    if own.crs is None:
        return AS_IT_IS
    a, b, _, d, e, _ = own.transform
    transpose = abs(b) + abs(d) > abs(a) + abs(e)
    east, south = (b, d) if transpose else (a, e)
    return Turn(transpose, rows=south > 0, columns=east < 0)
