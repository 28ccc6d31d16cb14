"""Right angles for the polygons of chosen classes, such as buildings, each by itself.

A squared outline is no longer the border of its neighbours: the polygons of these classes
may leave gaps, or overlap others, by about a pixel. An outline stays as it is where the
squared one would not be valid, or would not cover much the same ground.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from .ground import Ground
from .jit import compiled
from .rightangle import MOST, square_ring
from .rings import Outlines
from .state import Bytes, Closed, Floats, Ints, Longs

ALIKE = 0.7  # of the ground that either outline covers, both must


@dataclass(slots=True)
class Squarer:
    """Gives right angles to polygons of the classes that `chosen` [value] marks, and counts those that got them."""

    ground: Ground
    chosen: Bytes
    parts: int
    seen: int = 0
    squared: int = 0

    def __call__(self, closed: Closed, plain: Outlines, shapes: Outlines) -> Outlines:
        """Return `shapes` with the chosen ones squared; `plain` are the same in pixels, not smoothed.

        All but `plain` is in 1 / `parts` of a pixel.
        """
        chosen = self.chosen[closed.value] != 0
        if not chosen.any():
            return shapes
        rings = np.repeat(chosen, np.diff(plain.first))
        x, y, count = (plain.x >> 2).astype(np.float64), plain.y.astype(np.float64), np.diff(plain.start)
        frames = self._frames(plain, x, y, chosen)
        square(plain.start, plain.first, chosen.astype(np.uint8), frames, x, y, count)
        kept = np.repeat(rings, np.diff(plain.start)) & (_places(plain.start) < np.repeat(count, np.diff(plain.start)))
        new = Outlines(
            np.rint(x[kept] * self.parts).astype(np.int32) << 2,
            np.rint(y[kept] * self.parts).astype(np.int32),
            np.concatenate([[0], np.cumsum(np.where(rings, count, 0))]),  # nothing of what is not chosen
            plain.first,
        )
        good = chosen & (np.minimum.reduceat(np.diff(new.start), plain.first[:-1]) > 3)
        good[good] = _alike(_shapes(plain, good, 1), _shapes(new, good, self.parts))
        self.seen, self.squared = self.seen + int(chosen.sum()), self.squared + int(good.sum())
        return spliced(shapes, new, np.repeat(good, np.diff(plain.first)))

    def _frames(self, plain: Outlines, x: Floats, y: Floats, chosen: npt.NDArray[np.bool_]) -> Floats:
        """Return for each polygon the matrix from pixels to a frame true to the ground, in pixels of equal area."""
        first = plain.start[plain.first[:-1]]
        metric = self.ground.metric_at(np.where(chosen, y[first], 0.0), np.where(chosen, x[first], 0.0))
        size = np.sqrt(metric.area)
        known = size > 0
        with np.errstate(divide="ignore", invalid="ignore"):
            wide = np.sqrt(metric.e)
            frames = np.stack([wide / size, metric.f / wide / size, metric.area / wide / size], axis=1)
        return np.asarray(np.where(known[:, None], frames, [[1.0, 0.0, 1.0]]))


def _places(start: Longs) -> Longs:
    """Return for each vertex its place in its ring."""
    return np.asarray(np.arange(start[-1]) - np.repeat(start[:-1], np.diff(start)))


def _shapes(o: Outlines, chosen: npt.NDArray[np.bool_], parts: int) -> npt.NDArray[np.object_]:
    """Return the chosen polygons in pixels."""
    rings = np.flatnonzero(np.repeat(chosen, np.diff(o.first)))
    begin, sizes = o.start[rings], o.start[rings + 1] - o.start[rings]
    ends = np.concatenate([[0], np.cumsum(sizes + 1)])  # closed: the first vertex once more
    place = np.arange(ends[-1]) - np.repeat(ends[:-1], sizes + 1)
    at = np.repeat(begin, sizes + 1) + place % np.repeat(sizes, sizes + 1)
    points = np.stack([o.x[at] >> 2, o.y[at]], axis=1) / parts
    firsts = np.concatenate([[0], np.cumsum(np.diff(o.first)[chosen])])
    return np.asarray(shapely.from_ragged_array(shapely.GeometryType.POLYGON, points, (ends, firsts)))


def _alike(before: npt.NDArray[np.object_], after: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Tell where a valid polygon covers much the same ground as before."""
    valid = shapely.is_valid(after)
    good = np.zeros(len(before), bool)
    one, two = before[valid], after[valid]
    both = shapely.area(shapely.intersection(one, two))
    good[valid] = both >= ALIKE * (shapely.area(one) + shapely.area(two) - both)
    return good


def spliced(one: Outlines, two: Outlines, second: npt.NDArray[np.bool_]) -> Outlines:
    """Return the outlines with each ring from the second where `second` [ring] says so, else from the first."""
    start = np.concatenate([[0], np.cumsum(np.where(second, np.diff(two.start), np.diff(one.start)))])
    x, y = np.empty(start[-1], np.int32), np.empty(start[-1], np.int32)
    splice(one, two, second.astype(np.uint8), x, y)
    return Outlines(x, y, start, one.first)


@compiled
def splice(one: Outlines, two: Outlines, second: Bytes, x: Ints, y: Ints) -> None:
    """Copy each ring from one of the two."""
    n = 0
    for ring in range(len(second)):
        o = two if second[ring] else one
        for i in range(o.start[ring], o.start[ring + 1]):
            x[n], y[n] = o.x[i], o.y[i]
            n += 1


@compiled
def square(start: Longs, first: Longs, chosen: Bytes, frames: Floats, x: Floats, y: Floats, count: Longs) -> None:
    """Square the rings of the chosen polygons, in place; write how many vertices each has left, 0 where it failed."""
    sides = np.empty((MOST, 2))
    for polygon in range(len(chosen)):
        if not chosen[polygon]:
            continue
        a, b, c = frames[polygon]
        angle = np.nan
        for ring in range(first[polygon], first[polygon + 1]):
            one, two = x[start[ring] : start[ring + 1]], y[start[ring] : start[ring + 1]]
            left, top = one[0], two[0]
            for i in range(len(one)):
                one[i], two[i] = a * (one[i] - left) + b * (two[i] - top), c * (two[i] - top)
            count[ring], angle = square_ring(one, two, angle, sides)
            for i in range(count[ring]):
                two[i] = two[i] / c
                one[i] = (one[i] - b * two[i]) / a + left
                two[i] += top
