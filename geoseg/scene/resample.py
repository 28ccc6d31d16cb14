"""Bilinear resampling whose values depend on the pixel alone, not on the window that is asked
for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.arrays import Floats
from ..core.errors import InputError
from ..core.grid import Grid, Window
from ..raster.georeference import to_pixels


@dataclass(frozen=True, slots=True)
class Axis:
    """Where target pixels lie on the source along one axis: pixel i at gain * i + shift."""

    gain: float
    """Source pixels per target pixel."""
    shift: float
    """Position of the first target pixel, in source pixels."""
    length: int
    """Source pixels."""

    def positions(self, start: int, stop: int) -> Floats:
        """Locate the centres of target pixels [start, stop).

        Parameters
        ----------
        start, stop
            Target pixels.

        Returns
        -------
        ndarray
            float64, in source pixels, counted from their centres.
        """
        return np.asarray(self.gain * (np.arange(start, stop) + 0.5) + self.shift - 0.5, np.float64)


@dataclass(frozen=True, slots=True)
class Resampling:
    """How the pixels of a target grid lie on a coarser source grid of the same orientation."""

    rows: Axis
    """Along the columns of pixels, from the top."""
    columns: Axis
    """Along the rows of pixels, from the left."""

    def source_window(self, target: Window) -> Window | None:
        """Find the source pixels that a target window needs.

        Parameters
        ----------
        target
            Window of the target grid.

        Returns
        -------
        Window or None
            Of the source grid; None where it needs none.
        """
        top, bottom = _needed(self.rows, target.top, target.bottom)
        left, right = _needed(self.columns, target.left, target.right)
        return Window(top, left, bottom, right) if top < bottom and left < right else None

    def apply(
        self,
        data: npt.NDArray[Any],
        valid: npt.NDArray[np.bool_] | None,
        source: Window,
        target: Window,
    ) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_] | None]:
        """Interpolate the pixels of a target window.

        Invalid source pixels carry no weight; a target pixel is valid where valid ones carry at
        least half, and where it lies within one source pixel of the source.

        Parameters
        ----------
        data
            Of the source window, [band, row, column].
        valid
            Where they are valid, [row, column]; None is everywhere.
        source
            The source window.
        target
            The target window.

        Returns
        -------
        tuple
            The target's pixels, of the data type of the source's, and where they are valid
            (None: everywhere).
        """
        rows, row_inside = _weights(self.rows, target.top, target.bottom, source.top)
        columns, column_inside = _weights(self.columns, target.left, target.right, source.left)
        inside = np.outer(row_inside, column_inside)
        if valid is None or valid.all():
            values = _interpolate(data.astype(np.float32), rows, columns)
            known = None
        else:
            weight = _interpolate(valid[None].astype(np.float32), rows, columns)
            values = _interpolate(np.where(valid, data, 0).astype(np.float32), rows, columns)
            # among valid pixels the weights add up to 1 but for rounding, and any window must give
            # the same
            values /= np.where((weight > 0) & (weight < 1 - 1e-5), weight, 1)
            known = weight[0] >= 0.5
        if not inside.all():
            known = inside if known is None else known & inside
        if data.dtype.kind in "iu":
            values = np.rint(values)
        return values.astype(data.dtype), known


def align(target: Grid, source: Grid, name: str) -> Resampling:
    """Return how the target grid lies on the source grid.

    Parameters
    ----------
    target, source
        Grids in one CRS.
    name
        The source, for the message.

    Returns
    -------
    Resampling
        Its two axes.

    Raises
    ------
    InputError
        If one is turned against the other.
    """
    ends = [target.xy(0, 0), target.xy(0, target.width), target.xy(target.height, 0)]
    corner, right, below = to_pixels(source, np.array(ends))
    across = right - corner
    down = below - corner
    if max(abs(across[1]), abs(down[0])) > 0.01:  # pixels, across the whole scene
        raise InputError(
            f"{name} is turned against the scene's other bands",
            "bands of one scene whose rows run alike",
            "bring them to one grid with gdalwarp",
        )
    return Resampling(
        Axis(float(down[1]) / target.height, float(corner[1]), source.height),
        Axis(float(across[0]) / target.width, float(corner[0]), source.width),
    )


def _needed(axis: Axis, start: int, stop: int) -> tuple[int, int]:
    positions = axis.positions(start, stop)
    first = int(np.floor(positions.min()))
    last = int(np.floor(positions.max())) + 1
    if last < -1 or first > axis.length:
        return 0, 0
    return min(max(first, 0), axis.length - 1), min(max(last, 0), axis.length - 1) + 1


def _weights(axis: Axis, start: int, stop: int, origin: int) -> tuple[tuple[Any, Any, Floats], Any]:
    """Indices of the two neighbours in the source window, the weight of the second, and which
    lie inside.
    """
    positions = axis.positions(start, stop)
    inside = (positions > -1.5) & (positions < axis.length + 0.5)
    positions = np.clip(positions, 0, axis.length - 1)
    first = np.floor(positions).astype(np.intp)
    second = np.minimum(first + 1, axis.length - 1)
    needed = _needed(axis, start, stop)
    low = 0
    high = max(0, needed[1] - origin - 1)
    return (
        np.clip(first - origin, low, high),
        np.clip(second - origin, low, high),
        positions - first,
    ), inside


def _interpolate(data: npt.NDArray[Any], rows: Any, columns: Any) -> npt.NDArray[Any]:
    """Blend rows, then columns: two multiplications a pixel each, the same whatever is around
    it.
    """
    first, second, share = rows
    share = share.astype(data.dtype)[:, None]
    tall = data[:, first] * (1 - share) + data[:, second] * share
    first, second, share = columns
    share = share.astype(data.dtype)
    return np.asarray(tall[:, :, first] * (1 - share) + tall[:, :, second] * share)
