"""One ring given right angles: its main direction, its sides as lines along or across it, their corners.

Positions here are in pixels, in a frame in which right angles are those on the ground.
"""

from __future__ import annotations

import numpy as np

from .jit import compiled
from .state import Bytes, Floats, Ints

ROUGH = 1.42  # pixels: within this of a chord lie all corners of the stairs of one side (Douglas and Peucker 1973)
SHORT = 2.0  # pixels: shorter sides go
MOST = 4096  # sides: what has more is no building


@compiled
def thin(x: Floats, y: Floats, kept: Bytes, stack: Ints) -> int:
    """Mark the vertices of a ring that Douglas and Peucker's rule keeps; return how many."""
    n, far, most = len(x), 0, -1.0
    for i in range(n):
        distance = (x[i] - x[0]) ** 2 + (y[i] - y[0]) ** 2
        if distance > most:
            far, most = i, distance
    start, most = 0, -1.0
    for i in range(n):
        distance = (x[i] - x[far]) ** 2 + (y[i] - y[far]) ** 2
        if distance > most:
            start, most = i, distance
    kept[:n] = 0
    kept[start] = kept[far] = 1
    # stretches between two vertices that stay, as first and one past the last on the ring taken twice
    low, high = min(start, far), max(start, far)
    stack[0], stack[1], stack[2], stack[3] = low, high, high, low + n
    height, count = 4, 2
    while height > 0:
        a, b = stack[height - 2], stack[height - 1]
        height -= 2
        ax, ay, bx, by = x[a % n], y[a % n], x[b % n], y[b % n]
        length = np.hypot(bx - ax, by - ay)
        at, most = -1, ROUGH
        for i in range(a + 1, b):
            px, py = x[i % n] - ax, y[i % n] - ay
            distance = abs(px * (by - ay) - py * (bx - ax)) / length if length > 0 else np.hypot(px, py)
            if distance > most:
                at, most = i, distance
        if at >= 0:
            kept[at % n] = 1
            count += 1
            stack[height], stack[height + 1], stack[height + 2], stack[height + 3] = a, at, at, b
            height += 4
    return count


@compiled
def direction(x: Floats, y: Floats, kept: Bytes) -> float:
    """Return the angle of the ring's main direction, in radians: long sides count most, right angles are alike."""
    n, last, along, across = len(x), -1, 0.0, 0.0
    for i in range(2 * n):
        if not kept[i % n]:
            continue
        if 0 <= last < n:
            dx, dy = x[i % n] - x[last % n], y[i % n] - y[last % n]
            angle = 4 * np.arctan2(dy, dx)
            weight = dx * dx + dy * dy
            along += weight * np.cos(angle)
            across += weight * np.sin(angle)
        last = i
    return float(np.arctan2(across, along) / 4)


@compiled
def find_sides(x: Floats, y: Floats, kept: Bytes, sides: Floats) -> int:
    """Turn the stretches between kept vertices into sides; return how many, 0 where they do not alternate.

    `sides` [side, 2]: where it lies across its way, and how long it is. The first runs along
    x. A side lies so that it cuts off as much as it adds.
    """
    n, first, before = len(x), -1, -1
    last, horizontal = -1, 0
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
    count, begin, last, horizontal = 0, first, first, 1
    for i in range(first + 1, first + n + 1):
        if not kept[i % n]:
            continue
        way = int(abs(x[i % n] - x[last % n]) >= abs(y[i % n] - y[last % n]))
        if way != horizontal:
            if count == MOST:
                return 0
            place(x, y, begin, last, horizontal, sides[count])
            count, begin, horizontal = count + 1, last, way
        last = i
    if count == MOST:
        return 0
    place(x, y, begin, first + n, horizontal, sides[count])
    return count + 1


@compiled
def place(x: Floats, y: Floats, begin: int, end: int, horizontal: int, side: Floats) -> None:
    """Write where the side lies that stands for the vertices from `begin` to `end`, and its length."""
    n, moment, way, least, most = len(x), 0.0, 0.0, np.inf, -np.inf
    for i in range(begin, end):
        j, k = i % n, (i + 1) % n
        step = x[k] - x[j] if horizontal else y[k] - y[j]
        height = (y[j] + y[k]) / 2 if horizontal else (x[j] + x[k]) / 2
        moment += step * height
        way += step
        least, most = min(least, height), max(most, height)
    side[0] = moment / way if abs(way) > 0 else (least + most) / 2
    side[0] = min(max(side[0], least), most)  # there and back again on the way: the sum may lie anywhere
    side[1] = abs(way)


@compiled
def drop_short(sides: Floats, count: int) -> int:
    """Drop the shortest side, and make one of the two beside it, until all are long or four are left."""
    while count > 4:
        shortest, least = -1, SHORT
        for i in range(count):
            length = abs(sides[(i + 1) % count, 0] - sides[(i - 1) % count, 0])
            if length < least:
                shortest, least = i, length
        if shortest < 0:
            break
        one, two = (shortest - 1) % count, (shortest + 1) % count
        weight = sides[one, 1] + sides[two, 1]
        if weight > 0:
            sides[one, 0] = (sides[one, 0] * sides[one, 1] + sides[two, 0] * sides[two, 1]) / weight
        sides[one, 1] = weight
        for k in (max(shortest, two), min(shortest, two)):
            for i in range(k, count - 1):
                sides[i, 0], sides[i, 1] = sides[i + 1, 0], sides[i + 1, 1]
            count -= 1
        if two == 0:
            turn(sides, count)
    return count


@compiled
def turn(sides: Floats, count: int) -> None:
    """Put the last side first: sides along x stay at even places."""
    last0, last1 = sides[count - 1, 0], sides[count - 1, 1]
    for i in range(count - 1, 0, -1):
        sides[i, 0], sides[i, 1] = sides[i - 1, 0], sides[i - 1, 1]
    sides[0, 0], sides[0, 1] = last0, last1


@compiled
def rectangle(x: Floats, y: Floats, sides: Floats) -> int:
    """Make four sides around the ring's middle, of its area: for what is too small to have a shape."""
    area, middle_x, middle_y, n = 0.0, 0.0, 0.0, len(x)
    for i in range(n):
        k = (i + 1) % n
        cross = x[i] * y[k] - x[k] * y[i]
        area += cross / 2
        middle_x += (x[i] + x[k]) * cross / 6
        middle_y += (y[i] + y[k]) * cross / 6
    width, height = x.max() - x.min(), y.max() - y.min()
    if area == 0 or width * height == 0:
        return 0
    middle_x, middle_y = middle_x / area, middle_y / area
    half = np.sqrt(abs(area) / (width * height)) / 2
    if area < 0:
        width = -width  # the way round stays
    sides[0, 0], sides[1, 0] = middle_y - half * height, middle_x + half * width
    sides[2, 0], sides[3, 0] = middle_y + half * height, middle_x - half * width
    return 4


@compiled
def turned(x: Floats, y: Floats, angle: float) -> None:
    """Turn the positions, in place."""
    cosine, sine = np.cos(angle), np.sin(angle)
    for i in range(len(x)):
        x[i], y[i] = cosine * x[i] - sine * y[i], sine * x[i] + cosine * y[i]


@compiled
def square_ring(x: Floats, y: Floats, angle: float, sides: Floats) -> tuple[int, float]:
    """Give a ring right angles, in place, along `angle` or, where that is NaN, its main direction.

    Returns how many vertices it has then, which are the first of x and y, 0 where it cannot
    be done, and the angle.
    """
    n = len(x)
    kept, stack = np.zeros(n, np.uint8), np.empty(4 * n + 8, np.int32)
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
        x[i], y[i] = (sides[k, 0], sides[i, 0]) if i % 2 == 0 else (sides[i, 0], sides[k, 0])
    turned(x[:found], y[:found], angle)
    return found, angle
