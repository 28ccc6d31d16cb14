"""Lengths on the ground, by a metric that is known at regular places: neither PROJ nor GDAL is
needed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..core.arrays import Floats
from ..core.jit import bare, kernel_part
from .trace.rings import Outlines


class MetricGrid(NamedTuple):
    """The metric at regular places over a whole raster, from its north-west corner on."""

    rows: float
    """Pixels from one place to the next below."""
    columns: float
    """Pixels from one place to the next on the right."""
    e: Floats
    """E as in `MetricTensor`, float64 [row, column]."""
    f: Floats
    """F, likewise."""
    g: Floats
    """G, likewise."""


def divided(metric_grid: MetricGrid, parts: int) -> MetricGrid:
    """Return the metric of positions in parts of a pixel.

    Parameters
    ----------
    metric_grid
        The metric of positions in pixels.
    parts
        Positions are in 1 / `parts` of a pixel.

    Returns
    -------
    MetricGrid
        Lengths and areas stay in metres.
    """
    square = parts * parts
    e = metric_grid.e / square
    f = metric_grid.f / square
    g = metric_grid.g / square
    return MetricGrid(metric_grid.rows * parts, metric_grid.columns * parts, e, f, g)


def perimeters(shapes: Outlines, metric_grid: MetricGrid) -> Floats:
    """Return the length of each polygon's rings.

    Parameters
    ----------
    shapes
        Outlines in the unit of the grid.
    metric_grid
        The ground's metric.

    Returns
    -------
    Floats
        Metres (pixels without a CRS), float64 [polygon].
    """
    found = np.zeros(len(shapes.first) - 1)
    measure(shapes, metric_grid, found)
    return found


@kernel_part
def at(values: Floats, row: float, column: float) -> float:
    """Return the value between four places, bilinear.

    Parameters
    ----------
    values
        float64 [row, column].
    row, column
        A position among them, from 0.

    Returns
    -------
    float
        Beyond the outermost places the value goes on evenly.
    """
    i = min(int(row), values.shape[0] - 2)
    j = min(int(column), values.shape[1] - 2)
    v = row - i
    u = column - j
    upper = (1 - u) * values[i, j] + u * values[i, j + 1]
    return float((1 - v) * upper + v * ((1 - u) * values[i + 1, j] + u * values[i + 1, j + 1]))


@bare
def measure(shapes: Outlines, metric_grid: MetricGrid, found: Floats) -> None:
    """Sum the edges' lengths by the metric at their middle.

    Parameters
    ----------
    shapes, metric_grid
        See `perimeters`.
    found
        float64 [polygon], is written.
    """
    for polygon in range(len(found)):
        total = 0.0
        for ring in range(shapes.first[polygon], shapes.first[polygon + 1]):
            begin = shapes.start[ring]
            end = shapes.start[ring + 1]
            x0 = shapes.x[end - 1] >> 2
            y0 = shapes.y[end - 1]
            for i in range(begin, end):
                x1 = shapes.x[i] >> 2
                y1 = shapes.y[i]
                dx = x1 - x0
                dy = y1 - y0
                row = (y0 + y1) / 2 / metric_grid.rows
                column = (x0 + x1) / 2 / metric_grid.columns
                square = 0.0
                if dx:
                    square += dx * dx * at(metric_grid.e, row, column)
                if dy:
                    square += dy * dy * at(metric_grid.g, row, column)
                if dx and dy:
                    square += 2.0 * dx * dy * at(metric_grid.f, row, column)
                total += np.sqrt(square)
                x0 = x1
                y0 = y1
        found[polygon] = total
