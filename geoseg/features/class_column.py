"""The classes of vector data: which column holds them, what stands in it, and points of it on a
grid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from ..core.errors import InputError
from ..core.grid import Grid
from ..raster.relate import relate
from .layers import (
    AREAS,
    POINTS,
    Layer,
    Survey,
    check_kinds,
    class_column,
    open_layer,
    survey,
    take_apart,
)
from .pixels import in_pixels


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a vector layer, with the values that occur in it; empty ones are left out."""

    layer: Layer
    name: str
    values: tuple[Any, ...]
    shapes: Survey

    @property
    def points(self) -> bool:
        """Whether the layer is of points rather than areas."""
        return self.shapes.points


def read_column(text: str, wanted: str = "", layer: str = "", option: str = "--truth") -> Column:
    """Return the column of a vector layer that holds the class, the first usual one where none is
    named.

    `option` is how the command line's names of column and layer begin.
    """
    found = open_layer(text, layer, f"{option}-layer")
    name = class_column(found, wanted, f"{option}-column")
    values = found.read(columns=[name], read_geometry=False)[3][0]
    known = {value for value in values.tolist() if not is_empty(value)}
    shapes = survey(found)
    if not shapes.types:
        raise InputError(
            f"{found.path} holds no features with a shape", "polygons or points with a class"
        )
    check_kinds(shapes.types, found.path, (AREAS, POINTS))
    return Column(found, name, tuple(sorted(known, key=lambda v: (str(type(v)), v))), shapes)


def read_points(column: Column, grid: Grid) -> tuple[npt.NDArray[np.int64], list[Any], int]:
    """Return rows and columns [2, n] of the points in the grid's pixels, their values, and how many
    lie outside.

    Each point of a multipoint is one. Points without a value are left out.
    """
    _, _, wkb, fields = column.layer.read(columns=[column.name])
    parts = take_apart(wkb, column.layer.path)
    values = fields[0].tolist()
    keep = np.array([not is_empty(values[row]) for row in parts.rows], bool)
    there = relate(column.layer.crs, grid.crs, column.layer.path, "the map")
    places = shapely.get_coordinates(in_pixels(parts.shapes[keep], grid, there)).T[::-1]
    with np.errstate(invalid="ignore"):
        inside = np.asarray(((places >= 0) & (places < [[grid.height], [grid.width]])).all(axis=0))
    chosen = [values[row] for row in parts.rows[keep][inside]]
    return np.floor(places[:, inside]).astype(np.int64), chosen, int((~inside).sum())


def extent(column: Column) -> tuple[float, float, float, float]:
    """Return the least x, y and the most x, y of the layer, in its CRS."""
    low = column.shapes.bounds[:, :2].min(axis=0)
    high = column.shapes.bounds[:, 2:].max(axis=0)
    if not np.isfinite([*low, *high]).all():
        raise InputError(f"{column.layer.path} has coordinates that are not finite numbers")
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def is_empty(value: Any) -> bool:
    """Return whether a value of a column tells no class."""
    return value is None or value != value or (isinstance(value, str) and not value.strip())  # noqa: PLR0124 - NaN
