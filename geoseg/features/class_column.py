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
    open_layer,
    survey,
    take_apart,
)
from .pixels import in_pixels

USUAL = (  # names before numbers
    "truth",
    "class",
    "label",
    "category",
    "class_name",
    "classname",
    "class_id",
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a vector layer, which holds the class."""

    layer: Layer
    """The layer."""
    name: str
    """The column's."""
    values: tuple[Any, ...]
    """Those that occur in it, sorted; empty ones are left out."""
    shapes: Survey
    """What the shapes of the layer are."""

    @property
    def points(self) -> bool:
        """Whether the layer is of points rather than areas."""
        return self.shapes.points


def class_column(layer: Layer, wanted: str, option: str) -> str:
    """Return the column that holds the class.

    Parameters
    ----------
    layer
        The layer.
    wanted
        The column's name; "" for the first of USUAL that it has, or the only one there is.
    option
        How the user names the column, for the error.

    Returns
    -------
    str
        The column's name.

    Raises
    ------
    InputError
        If there is no such column, or it cannot be told.
    """
    columns = ", ".join(layer.columns) or "none"
    if wanted:
        if wanted in layer.columns:
            return wanted
        raise InputError(f"{layer.path} has no column {wanted!r}", f"one of {columns}")
    usual = [name for name in USUAL if name in layer.columns]
    if usual or len(layer.columns) == 1:
        return (usual or layer.columns)[0]
    raise InputError(
        f"which column of {layer.path} holds the class cannot be told: it has {columns}",
        do=f"name it with {option}",
    )


def read_column(text: str, wanted: str = "", layer: str = "", option: str = "--truth") -> Column:
    """Return the column of a vector layer that holds the class.

    Parameters
    ----------
    text
        A path, or FILE|layername=NAME.
    wanted
        The column's name; "" for the first usual one.
    layer
        The layer's name; "" for the only one.
    option
        How the command line's names of column and layer begin, for messages.

    Returns
    -------
    Column
        With all values that occur; the file does not stay open.

    Raises
    ------
    InputError
        If layer or column cannot be told, or the layer holds neither polygons alone nor points
        alone.
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
    """Return the points of a layer in the pixels of a grid.

    Parameters
    ----------
    column
        Of a layer of points; each point of a multipoint is one.
    grid
        Of the map that is looked at under them.

    Returns
    -------
    tuple[npt.NDArray[np.int64], list[Any], int]
        Rows and columns [2, n] of those that lie on the grid, the value of each, and how many lie
        outside. Points without a value are left out.
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
    """Return the box around a layer.

    Parameters
    ----------
    column
        Of the layer.

    Returns
    -------
    tuple[float, float, float, float]
        The least x, the least y, the most x and the most y, in its CRS.

    Raises
    ------
    InputError
        If a coordinate is no finite number.
    """
    low = column.shapes.bounds[:, :2].min(axis=0)
    high = column.shapes.bounds[:, 2:].max(axis=0)
    if not np.isfinite([*low, *high]).all():
        raise InputError(f"{column.layer.path} has coordinates that are not finite numbers")
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def is_empty(value: Any) -> bool:
    """Return whether a value of a column tells no class.

    Parameters
    ----------
    value
        Of any type.

    Returns
    -------
    bool
        True for None, NaN and texts of blanks.
    """
    return value is None or value != value or (isinstance(value, str) and not value.strip())  # noqa: PLR0124 - NaN
