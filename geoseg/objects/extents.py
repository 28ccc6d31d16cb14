"""Length, width and orientation of objects: those of the smallest rectangle around each.

The rectangle is the one of least area, turned as it must be (`shapely.oriented_envelope`), in a
frame that is true to the ground at the object's place.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from ..core.arrays import Floats, Longs
from ..vector.perimeters import MetricGrid
from ..vector.trace.rings import Outlines


class Extents(NamedTuple):
    """The smallest rectangles around polygons."""

    length: Floats
    """float64 [polygon]: metres of the longer side; pixels where there is no CRS."""
    width: Floats
    """float64 [polygon]: those of the shorter one."""
    orientation: Floats
    """float64 [polygon]: degrees from the CRS's north to the longer side, clockwise, 0 to below
    180."""


def extents(
    shapes: Outlines, metric_grid: MetricGrid, transform: tuple[float, ...], parts: int
) -> Extents:
    """Measure polygons along the sides of the smallest rectangle around each.

    Parameters
    ----------
    shapes
        Outlines in 1 / `parts` of a pixel; of each polygon the first ring is the outer one.
    metric_grid
        The ground's metric, of positions in pixels.
    transform
        From column and row to x and y, as `Grid.transform`.
    parts
        See `shapes`.

    Returns
    -------
    Extents
        NaN where the CRS has no place for a polygon.
    """
    rings = shapes.first[:-1]
    begin = shapes.start[rings]
    sizes = shapes.start[rings + 1] - begin
    ends = np.concatenate([[0], np.cumsum(sizes + 1)])  # closed: the first vertex once more
    place = np.arange(ends[-1]) - np.repeat(ends[:-1], sizes + 1)
    at = np.repeat(begin, sizes + 1) + place % np.repeat(sizes, sizes + 1)
    x = (shapes.x[at] >> 2) / parts
    y = shapes.y[at] / parts
    left = x[ends[:-1]]
    top = y[ends[:-1]]
    frames = _frames(metric_grid, top, left)
    each = frames[:, _owners(ends)]
    x = x - left[_owners(ends)]
    y = y - top[_owners(ends)]
    points = np.stack([each[0] * x + each[1] * y, each[2] * y], axis=1)
    known = np.asarray(np.isfinite(frames).all(axis=0), np.bool_)
    points[~known[_owners(ends)]] = 0.0
    return _measured(points, ends, frames, transform, known)


def _owners(ends: Longs) -> Longs:
    """Return the polygon of each vertex."""
    return np.repeat(np.arange(len(ends) - 1), np.diff(ends))


def _frames(metric_grid: MetricGrid, rows: Floats, columns: Floats) -> Floats:
    """Return for each place the matrix ((a, b), (0, c)) from pixels to metres, [3, place]; NaN
    where there is none.
    """
    e, f, g = (_between(v, metric_grid, rows, columns) for v in metric_grid[2:])
    with np.errstate(divide="ignore", invalid="ignore"):
        a = np.sqrt(np.where(e > 0, e, np.nan))
        return np.stack([a, f / a, np.sqrt(np.where(e * g > f * f, e * g - f * f, np.nan)) / a])


def _between(values: Floats, grid: MetricGrid, rows: Floats, columns: Floats) -> Floats:
    """Return the values at some positions, bilinear."""
    i = np.minimum((rows / grid.rows).astype(np.int64), values.shape[0] - 2)
    j = np.minimum((columns / grid.columns).astype(np.int64), values.shape[1] - 2)
    v = rows / grid.rows - i
    u = columns / grid.columns - j
    upper = (1 - u) * values[i, j] + u * values[i, j + 1]
    lower = (1 - u) * values[i + 1, j] + u * values[i + 1, j + 1]
    return np.asarray((1 - v) * upper + v * lower)


def _measured(
    points: Floats,
    ends: Longs,
    frames: Floats,
    transform: tuple[float, ...],
    known: npt.NDArray[np.bool_],
) -> Extents:
    """Return the extents of rings in a frame true to the ground; NaN where it is not known."""
    found = np.full((3, len(known)), np.nan)
    if not known.any():
        return Extents(*found)
    kind = shapely.GeometryType.POLYGON
    polygons = shapely.from_ragged_array(kind, points, (ends, np.arange(len(ends))))[known]
    corners = shapely.get_coordinates(shapely.oriented_envelope(polygons)).reshape(-1, 5, 2)
    sides = np.diff(corners[:, :3], axis=1)
    lengths = np.hypot(sides[..., 0], sides[..., 1])
    # rounded, so that noise in the last digits does not turn a square by a right angle
    first = np.round(lengths[:, 0], 6) >= np.round(lengths[:, 1], 6)
    along = np.where(first[:, None], sides[:, 0], sides[:, 1])
    found[0, known] = lengths.max(axis=1)
    found[1, known] = lengths.min(axis=1)
    found[2, known] = _azimuths(along, frames[:, known], transform)
    return Extents(*found)


def _azimuths(along: Floats, frames: Floats, transform: tuple[float, ...]) -> Floats:
    """Return the directions of lines as degrees from north, 0 to below 180."""
    a, b, _, d, e, _ = transform
    area = a * e - b * d
    north = _in_frame(frames, -b / area, a / area)  # a step along y, in columns and rows
    east = _in_frame(frames, e / area, -d / area)
    right = np.stack([-north[1], north[0]])  # at a right angle to north, on the side of the east
    right = np.where((right * east).sum(axis=0) < 0, -right, right)
    angles = np.degrees(np.arctan2((along.T * right).sum(axis=0), (along.T * north).sum(axis=0)))
    return np.asarray(np.round(angles, 6) % 180)


def _in_frame(frames: Floats, column: float, row: float) -> Floats:
    """Return a step of pixels in each frame, float64 [2, frame]."""
    return np.stack([frames[0] * column + frames[1] * row, frames[2] * row])
