"""What gives windows of a scene, and what stands in for pixels beyond its edge."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ..core.grid import Grid, Patch, Window


class Reader(Protocol):
    """What gives windows of a grid; threads may read at once."""

    @property
    def grid(self) -> Grid:
        """The grid."""
        ...

    @property
    def bands(self) -> int:
        """How many bands are read."""
        ...

    @property
    def dtype(self) -> str:
        """The name that numpy has for the type of the pixels."""
        ...

    def read(self, window: Window) -> Patch:
        """Return the pixels of a window of the grid.

        Parameters
        ----------
        window
            What hangs over the grid's bottom or right edge is reflected, and invalid.

        Returns
        -------
        Patch
            Digital numbers, [band, row, column].
        """
        ...

    def close(self) -> None:
        """Close the files."""
        ...


def extend(
    data: npt.NDArray[Any], valid: npt.NDArray[np.bool_] | None, window: Window, inside: Window
) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
    """Reflect pixels beyond the edge of a scene.

    Parameters
    ----------
    data
        Of the inside, [band, row, column].
    valid
        Where it is valid, [row, column]; None is everywhere.
    window
        What is wanted.
    inside
        The part of it that the scene has.

    Returns
    -------
    tuple
        The window's pixels and validity: invalid beyond the inside.
    """
    before = inside.top - window.top, inside.left - window.left
    after = window.bottom - inside.bottom, window.right - inside.right
    pad = [(before[0], after[0]), (before[1], after[1])]
    known = np.ones(inside.shape, bool) if valid is None else valid
    return np.pad(data, [(0, 0), *pad], mode="reflect"), np.pad(known, pad)
