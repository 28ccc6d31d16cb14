"""Lengths of outlines on the ground."""

from __future__ import annotations

import numpy as np

from .ground import Lattice
from .jit import bare
from .rings import Outlines
from .state import Floats


def perimeters(shapes: Outlines, lattice: Lattice) -> Floats:
    """Return the length of each polygon's rings, in metres (in pixels without a CRS)."""
    found = np.zeros(len(shapes.first) - 1)
    measure(shapes, lattice, found)
    return found


@bare
def at(values: Floats, row: float, column: float) -> float:
    """Return the value between four nodes, bilinear."""
    i, j = min(int(row), values.shape[0] - 2), min(int(column), values.shape[1] - 2)
    v, u = row - i, column - j
    upper = (1 - u) * values[i, j] + u * values[i, j + 1]
    return float((1 - v) * upper + v * ((1 - u) * values[i + 1, j] + u * values[i + 1, j + 1]))


@bare
def measure(shapes: Outlines, lattice: Lattice, found: Floats) -> None:
    """Sum the edges' lengths by the metric at their middle."""
    for polygon in range(len(found)):
        total = 0.0
        for ring in range(shapes.first[polygon], shapes.first[polygon + 1]):
            begin, end = shapes.start[ring], shapes.start[ring + 1]
            x0, y0 = shapes.x[end - 1] >> 2, shapes.y[end - 1]
            for i in range(begin, end):
                x1, y1 = shapes.x[i] >> 2, shapes.y[i]
                dx, dy = x1 - x0, y1 - y0
                row, column = (y0 + y1) / 2 / lattice.rows, (x0 + x1) / 2 / lattice.columns
                square = 0.0
                if dx:
                    square += dx * dx * at(lattice.e, row, column)
                if dy:
                    square += dy * dy * at(lattice.g, row, column)
                if dx and dy:
                    square += 2.0 * dx * dy * at(lattice.f, row, column)
                total += np.sqrt(square)
                x0, y0 = x1, y1
        found[polygon] = total
