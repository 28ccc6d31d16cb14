"""Right angles for the polygons of chosen classes, such as buildings, each by itself.

A squared outline is no longer the border of its neighbours: the polygons of these classes
may leave gaps, or overlap others, by about a pixel. An outline stays as it is where the
squared one would not be valid, or would not cover much the same ground.

The functions for one ring take its vertices as `x` and `y`, float64 [vertex], in pixels of a frame
that is true to the ground, and `sides`, float64 [MOST, 2], of which the first `count` are its
sides, by turns along x and along y: where each lies across its way, and how long it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from ...core.arrays import Bytes, Floats, Ints, Longs
from ...core.jit import compiled, kernel_part
from ..geodesic import PixelAreas
from ..trace.rings import Outlines
from ..trace.state import Closed

ALIKE = 0.7  # of the ground that either outline covers, both must


@dataclass(slots=True)
class Squarer:
    """Gives right angles to polygons of chosen classes, and counts those that got them."""

    ground: PixelAreas
    """The raster's grid, and how its pixels lie on the ground."""
    chosen: Bytes
    """uint8 [256]: not 0 for the classes whose polygons are squared."""
    parts: int
    """Positions of vertices are in 1 / `parts` of a pixel."""
    seen: int = 0
    """Polygons of chosen classes so far."""
    squared: int = 0
    """Those of them that got right angles."""

    def __call__(self, closed: Closed, plain: Outlines, shapes: Outlines) -> Outlines:
        """Square the chosen ones of some polygons.

        Parameters
        ----------
        closed
            What is known of them.
        plain
            Their outlines in pixels, not smoothed.
        shapes
            Their outlines as they are written otherwise, in 1 / `parts` of a pixel.

        Returns
        -------
        Outlines
            `shapes`, and the squared outlines in their places.
        """
        chosen = self.chosen[closed.value] != 0
        if not chosen.any():
            return shapes
        rings = np.repeat(chosen, np.diff(plain.first))
        x = (plain.x >> 2).astype(np.float64)
        y = plain.y.astype(np.float64)
        count = np.diff(plain.start)
        frames = self._frames(plain, x, y, chosen)
        square(plain.start, plain.first, chosen.astype(np.uint8), frames, x, y, count)
        kept = np.repeat(rings, np.diff(plain.start)) & (
            _places(plain.start) < np.repeat(count, np.diff(plain.start))
        )
        new = Outlines(
            np.rint(x[kept] * self.parts).astype(np.int32) << 2,
            np.rint(y[kept] * self.parts).astype(np.int32),
            # nothing of what is not chosen
            np.concatenate([[0], np.cumsum(np.where(rings, count, 0))]),
            plain.first,
        )
        good = chosen & (np.minimum.reduceat(np.diff(new.start), plain.first[:-1]) > 3)
        good[good] = _alike(_shapes(plain, good, 1), _shapes(new, good, self.parts))
        self.seen += int(chosen.sum())
        self.squared += int(good.sum())
        return spliced(shapes, new, np.repeat(good, np.diff(plain.first)))

    def _frames(
        self, plain: Outlines, x: Floats, y: Floats, chosen: npt.NDArray[np.bool_]
    ) -> Floats:
        """Return for each polygon the matrix from pixels to a frame true to the ground, in
        pixels of equal area.
        """
        first = plain.start[plain.first[:-1]]
        metric = self.ground.metric_at(
            np.where(chosen, y[first], 0.0), np.where(chosen, x[first], 0.0)
        )
        size = np.sqrt(metric.area)
        known = size > 0
        with np.errstate(divide="ignore", invalid="ignore"):
            wide = np.sqrt(metric.e)
            frames = np.stack(
                [wide / size, metric.f / wide / size, metric.area / wide / size], axis=1
            )
        return np.asarray(np.where(known[:, None], frames, [[1.0, 0.0, 1.0]]))


def _places(start: Longs) -> Longs:
    """Return for each vertex its place in its ring."""
    return np.asarray(np.arange(start[-1]) - np.repeat(start[:-1], np.diff(start)))


def _shapes(o: Outlines, chosen: npt.NDArray[np.bool_], parts: int) -> npt.NDArray[np.object_]:
    """Return the chosen polygons in pixels."""
    rings = np.flatnonzero(np.repeat(chosen, np.diff(o.first)))
    begin = o.start[rings]
    sizes = o.start[rings + 1] - o.start[rings]
    ends = np.concatenate([[0], np.cumsum(sizes + 1)])  # closed: the first vertex once more
    place = np.arange(ends[-1]) - np.repeat(ends[:-1], sizes + 1)
    at = np.repeat(begin, sizes + 1) + place % np.repeat(sizes, sizes + 1)
    points = np.stack([o.x[at] >> 2, o.y[at]], axis=1) / parts
    firsts = np.concatenate([[0], np.cumsum(np.diff(o.first)[chosen])])
    return np.asarray(
        shapely.from_ragged_array(shapely.GeometryType.POLYGON, points, (ends, firsts))
    )


def _alike(
    before: npt.NDArray[np.object_], after: npt.NDArray[np.object_]
) -> npt.NDArray[np.bool_]:
    """Tell where a valid polygon covers much the same ground as before."""
    valid = shapely.is_valid(after)
    good = np.zeros(len(before), bool)
    one = before[valid]
    two = after[valid]
    both = shapely.area(shapely.intersection(one, two))
    good[valid] = both >= ALIKE * (shapely.area(one) + shapely.area(two) - both)
    return good


def spliced(one: Outlines, two: Outlines, second: npt.NDArray[np.bool_]) -> Outlines:
    """Take each ring from one of two outlines.

    Parameters
    ----------
    one, two
        Outlines of the same polygons, with as many rings.
    second
        bool [ring]: whether it is taken from the second.

    Returns
    -------
    Outlines
        New arrays.
    """
    start = np.concatenate(
        [[0], np.cumsum(np.where(second, np.diff(two.start), np.diff(one.start)))]
    )
    x = np.empty(start[-1], np.int32)
    y = np.empty(start[-1], np.int32)
    splice(one, two, second.astype(np.uint8), x, y)
    return Outlines(x, y, start, one.first)


@compiled
def splice(one: Outlines, two: Outlines, second: Bytes, x: Ints, y: Ints) -> None:
    """Copy each ring from one of two outlines.

    Parameters
    ----------
    one, two
        Outlines with as many rings.
    second
        uint8 [ring]: whether it is taken from the second.
    x, y
        int32 [vertex], long enough, are written.
    """
    n = 0
    for ring in range(len(second)):
        shapes = two if second[ring] else one
        for i in range(shapes.start[ring], shapes.start[ring + 1]):
            x[n] = shapes.x[i]
            y[n] = shapes.y[i]
            n += 1


@compiled
def square(
    start: Longs, first: Longs, chosen: Bytes, frames: Floats, x: Floats, y: Floats, count: Longs
) -> None:
    """Square the rings of the chosen polygons, in place.

    Parameters
    ----------
    start, first
        See `Outlines`.
    chosen
        uint8 [polygon]: whether it is squared.
    frames
        float64 [polygon, 3]: a, b and c of the matrix ((a, b), (0, c)) from pixels to a frame true
        to the ground.
    x, y
        Column and row of each vertex, float64 [vertex]; of each ring the first are written.
    count
        int64 [ring], becomes how many vertices each chosen ring has left, 0 where it failed.
    """
    sides = np.empty((MOST, 2))
    for polygon in range(len(chosen)):
        if not chosen[polygon]:
            continue
        a, b, c = frames[polygon]
        angle = np.nan
        for ring in range(first[polygon], first[polygon + 1]):
            one = x[start[ring] : start[ring + 1]]
            two = y[start[ring] : start[ring + 1]]
            left = one[0]
            top = two[0]
            for i in range(len(one)):
                one[i] = a * (one[i] - left) + b * (two[i] - top)
                two[i] = c * (two[i] - top)
            count[ring], angle = square_ring(one, two, angle, sides)
            for i in range(count[ring]):
                two[i] = two[i] / c
                one[i] = (one[i] - b * two[i]) / a + left
                two[i] += top


# pixels: within this of a chord lie all corners of the stairs of one side (Douglas and Peucker
# 1973)
ROUGH = 1.42
SHORT = 2.0  # pixels: shorter sides go
MOST = 4096  # sides: what has more is no building


@kernel_part
def thin(x: Floats, y: Floats, kept: Bytes, stack: Ints) -> int:
    """Mark the vertices of a ring that Douglas and Peucker's rule keeps.

    Parameters
    ----------
    x, y
        See the module.
    kept
        uint8 [vertex], becomes 1 where it is kept.
    stack
        Room, int32, four for each vertex and eight.

    Returns
    -------
    int
        How many are kept.
    """
    n = len(x)
    far = 0
    most = -1.0
    for i in range(n):
        distance = (x[i] - x[0]) ** 2 + (y[i] - y[0]) ** 2
        if distance > most:
            far = i
            most = distance
    start = 0
    most = -1.0
    for i in range(n):
        distance = (x[i] - x[far]) ** 2 + (y[i] - y[far]) ** 2
        if distance > most:
            start = i
            most = distance
    kept[:n] = 0
    kept[start] = 1
    kept[far] = 1
    # stretches between two vertices that stay, as first and one past the last on the ring taken
    # twice
    low = min(start, far)
    high = max(start, far)
    stack[0] = low
    stack[1] = high
    stack[2] = high
    stack[3] = low + n
    height = 4
    count = 2
    while height > 0:
        a = stack[height - 2]
        b = stack[height - 1]
        height -= 2
        ax = x[a % n]
        ay = y[a % n]
        bx = x[b % n]
        by = y[b % n]
        length = np.hypot(bx - ax, by - ay)
        at = -1
        most = ROUGH
        for i in range(a + 1, b):
            px = x[i % n] - ax
            py = y[i % n] - ay
            distance = (
                abs(px * (by - ay) - py * (bx - ax)) / length if length > 0 else np.hypot(px, py)
            )
            if distance > most:
                at = i
                most = distance
        if at >= 0:
            kept[at % n] = 1
            count += 1
            stack[height] = a
            stack[height + 1] = at
            stack[height + 2] = at
            stack[height + 3] = b
            height += 4
    return count


@kernel_part
def direction(x: Floats, y: Floats, kept: Bytes) -> float:
    """Find the main direction of a ring: long sides count most, right angles are alike.

    Parameters
    ----------
    x, y
        See the module.
    kept
        See `thin`.

    Returns
    -------
    float
        Its angle in radians, between -pi / 4 and pi / 4.
    """
    n = len(x)
    last = -1
    along = 0.0
    across = 0.0
    for i in range(2 * n):
        if not kept[i % n]:
            continue
        if 0 <= last < n:
            dx = x[i % n] - x[last % n]
            dy = y[i % n] - y[last % n]
            angle = 4 * np.arctan2(dy, dx)
            weight = dx * dx + dy * dy
            along += weight * np.cos(angle)
            across += weight * np.sin(angle)
        last = i
    return float(np.arctan2(across, along) / 4)


@kernel_part
def find_sides(x: Floats, y: Floats, kept: Bytes, sides: Floats) -> int:
    """Turn the stretches between kept vertices into sides, which cut off as much as they add.

    Parameters
    ----------
    x, y
        See the module; the main direction is along x.
    kept
        See `thin`.
    sides
        See the module; written. The first one runs along x.

    Returns
    -------
    int
        How many sides there are; 0 where stretches along x and y do not alternate, or are more
        than MOST.
    """
    n = len(x)
    first = -1
    before = -1
    last = -1
    horizontal = 0
    for i in range(2 * n):  # the first kept vertex at which a stretch along x follows one along y
        if not kept[i % n]:
            continue
        if last >= 0:
            way = int(abs(x[i % n] - x[last % n]) >= abs(y[i % n] - y[last % n]))
            if before == 0 and way == 1:
                first = last % n
                break
            before = way
        last = i
    if first < 0:
        return 0
    count = 0
    begin = first
    last = first
    horizontal = 1
    for i in range(first + 1, first + n + 1):
        if not kept[i % n]:
            continue
        way = int(abs(x[i % n] - x[last % n]) >= abs(y[i % n] - y[last % n]))
        if way != horizontal:
            if count == MOST:
                return 0
            place(x, y, begin, last, horizontal, sides[count])
            count = count + 1
            begin = last
            horizontal = way
        last = i
    if count == MOST:
        return 0
    place(x, y, begin, first + n, horizontal, sides[count])
    return count + 1


@kernel_part
def place(x: Floats, y: Floats, begin: int, end: int, horizontal: int, side: Floats) -> None:
    """Find the side that stands for some vertices of a ring.

    Parameters
    ----------
    x, y
        See the module.
    begin, end
        The first and the last vertex; above the number of vertices the ring goes on.
    horizontal
        1 where the side runs along x, 0 along y.
    side
        float64 [2], is written: where it lies across its way, and how long it is.
    """
    n = len(x)
    moment = 0.0
    way = 0.0
    least = np.inf
    most = -np.inf
    for i in range(begin, end):
        j = i % n
        k = (i + 1) % n
        step = x[k] - x[j] if horizontal else y[k] - y[j]
        height = (y[j] + y[k]) / 2 if horizontal else (x[j] + x[k]) / 2
        moment += step * height
        way += step
        least = min(least, height)
        most = max(most, height)
    side[0] = moment / way if abs(way) > 0 else (least + most) / 2
    # there and back again on the way: the sum may lie anywhere
    side[0] = min(max(side[0], least), most)
    side[1] = abs(way)


@kernel_part
def drop_short(sides: Floats, count: int) -> int:
    """Drop the shortest side, and make one of the two beside it, until all are long or four are
    left.

    Parameters
    ----------
    sides
        See the module; changed in place.
    count
        How many there are.

    Returns
    -------
    int
        How many are left.
    """
    while count > 4:
        shortest = -1
        least = SHORT
        for i in range(count):
            length = abs(sides[(i + 1) % count, 0] - sides[(i - 1) % count, 0])
            if length < least:
                shortest = i
                least = length
        if shortest < 0:
            break
        one = (shortest - 1) % count
        two = (shortest + 1) % count
        weight = sides[one, 1] + sides[two, 1]
        if weight > 0:
            sides[one, 0] = (sides[one, 0] * sides[one, 1] + sides[two, 0] * sides[two, 1]) / weight
        sides[one, 1] = weight
        for k in (max(shortest, two), min(shortest, two)):
            for i in range(k, count - 1):
                sides[i, 0] = sides[i + 1, 0]
                sides[i, 1] = sides[i + 1, 1]
            count -= 1
        if two == 0:
            rotate_back(sides, count)
    return count


@kernel_part
def rotate_back(sides: Floats, count: int) -> None:
    """Put the last side first: sides along x stay at even places.

    Parameters
    ----------
    sides
        See the module; changed in place.
    count
        How many there are.
    """
    last0 = sides[count - 1, 0]
    last1 = sides[count - 1, 1]
    for i in range(count - 1, 0, -1):
        sides[i, 0] = sides[i - 1, 0]
        sides[i, 1] = sides[i - 1, 1]
    sides[0, 0] = last0
    sides[0, 1] = last1


@compiled
def rectangle(x: Floats, y: Floats, sides: Floats) -> int:
    """Make four sides around the ring's middle, of its area: for what is too small to have a
    shape.

    Parameters
    ----------
    x, y, sides
        See the module; the sides are written.

    Returns
    -------
    int
        4, or 0 where the ring has no area.
    """
    area = 0.0
    middle_x = 0.0
    middle_y = 0.0
    n = len(x)
    for i in range(n):
        k = (i + 1) % n
        cross = x[i] * y[k] - x[k] * y[i]
        area += cross / 2
        middle_x += (x[i] + x[k]) * cross / 6
        middle_y += (y[i] + y[k]) * cross / 6
    width = x.max() - x.min()
    height = y.max() - y.min()
    if area == 0 or width * height == 0:
        return 0
    middle_x = middle_x / area
    middle_y = middle_y / area
    half = np.sqrt(abs(area) / (width * height)) / 2
    if area < 0:
        width = -width  # the way round stays
    sides[0, 0] = middle_y - half * height
    sides[1, 0] = middle_x + half * width
    sides[2, 0] = middle_y + half * height
    sides[3, 0] = middle_x - half * width
    return 4


@kernel_part
def turned(x: Floats, y: Floats, angle: float) -> None:
    """Turn positions about the origin, in place.

    Parameters
    ----------
    x, y
        See the module.
    angle
        In radians, from x towards y.
    """
    cosine = np.cos(angle)
    sine = np.sin(angle)
    for i in range(len(x)):
        along = cosine * x[i] - sine * y[i]
        y[i] = sine * x[i] + cosine * y[i]
        x[i] = along


@compiled
def square_ring(x: Floats, y: Floats, angle: float, sides: Floats) -> tuple[int, float]:
    """Give a ring right angles, in place.

    Parameters
    ----------
    x, y
        See the module.
    angle
        The direction of its sides in radians; NaN is the ring's own main direction.
    sides
        Room: see the module.

    Returns
    -------
    tuple[int, float]
        How many vertices it has now, the first of `x` and `y`, 0 where it cannot be done; and the
        angle.
    """
    n = len(x)
    kept = np.zeros(n, np.uint8)
    stack = np.empty(4 * n + 8, np.int32)
    count = thin(x, y, kept, stack)
    if np.isnan(angle):
        angle = direction(x, y, kept) if count > 3 else 0.0
    turned(x, y, -angle)
    found = find_sides(x, y, kept, sides) if count > 3 else 0
    found = drop_short(sides, found) if found >= 4 else rectangle(x, y, sides)
    if found > n:
        return 0, angle
    for i in range(found):
        k = (i + 1) % found
        along_x = i % 2 == 0
        x[i] = sides[k, 0] if along_x else sides[i, 0]
        y[i] = sides[i, 0] if along_x else sides[k, 0]
    turned(x[:found], y[:found], angle)
    return found, angle
