"""The two sides of a comparison, map and truth, opened on one grid: rasters, polygons, or
points.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.card import NODATA
from ..core.errors import InputError
from ..core.events import Report, silent
from ..core.grid import Grid
from ..core.style import SEVERAL_TAG
from ..features.class_column import Column, extent, read_column, read_points
from ..features.coding import Coding
from ..features.labels import Labels, open_labels
from ..features.layers import is_vector
from ..raster.class_values import open_classes
from ..raster.georeference import grid_of, ground_size
from ..raster.handles import gdal_env, open_dataset
from ..raster.legend import names_and_colours
from ..raster.mosaic import tags_of
from .classes import MOST, Indices, Legend, Names

COLOURS = (
    'for a mask of colours, name each with --classes FILE.json: {"truth": {"#E2A929": "water"}};'
    " for a scene, name its --model"
)


@dataclass(frozen=True, slots=True)
class Values(Coding):
    """A coding whose error is about maps that are compared."""

    expected: str = "class values"
    """Which values there should be, as the error says it."""
    advice: str = "name them with --classes FILE.json, null for unlabelled"
    """What to do otherwise."""

    def refuse(self, path: str, strange: list[Any]) -> InputError:
        """Return the error for values that are no class's.

        Parameters
        ----------
        path
            The file.
        strange
            The values.

        Returns
        -------
        InputError
            It names the first eight.
        """
        shown = ", ".join(map(str, strange[:8])) + (", ..." if len(strange) > 8 else "")
        return InputError(f"{path} holds the values {shown}", self.expected, self.advice)


PERCENT = Values(
    {value: value for value in range(101)},
    expected="confidence in whole percent, 0 to 100",
    advice="geoseg predict --confidence writes such a raster",
)


@dataclass(frozen=True, slots=True)
class ComparedLayer:
    """Map or truth before it is opened."""

    path: str
    """Its file."""
    legend: Legend
    """Its classes, as far as the file tells."""
    coding: Coding
    """The byte that stands for each of its values when it is read."""
    grid: Grid | None = None
    """Of a raster; None for vector data."""
    column: Column | None = None
    """Of vector data; None for a raster."""

    @property
    def crs(self) -> str | None:
        """The file's CRS as WKT, None where it has none."""
        if self.column is not None:
            return self.column.layer.crs
        return self.grid.crs if self.grid else None

    @property
    def points(self) -> bool:
        """Whether these are points rather than areas."""
        return self.column is not None and self.column.points

    def open(self, grid: Grid) -> Labels:
        """Open it for reading.

        Parameters
        ----------
        grid
            On which its classes are read, whatever its own.

        Returns
        -------
        Labels
            To be closed by the caller.

        Raises
        ------
        InputError
            If it cannot be read, or does not meet the grid.
        """
        return open_labels(self.path, grid, self.coding)

    def note(self, grid: Grid) -> str:
        """Return how it comes onto the grid.

        Parameters
        ----------
        grid
            The common one.

        Returns
        -------
        str
            A sentence; empty where it lies on it.
        """
        name = Path(self.path).name
        if self.column:
            what = (
                "points, each on the pixel it lies in"
                if self.points
                else "polygons, burnt in by pixel centre"
            )
            missing = self.column.shapes.missing
            left = f"; {missing:,} features without a shape are left out" if missing else ""
            return f"{name}: {what} (column {self.column.name}){left}"
        assert self.grid is not None
        if self.grid.crs is None or grid.crs is None:
            return (
                ""
                if self.grid.crs == grid.crs
                else f"{name}: compared pixel by pixel, for one side has no CRS"
            )
        return (
            ""
            if self.grid == grid
            else f"{name}: brought onto the other's grid by the nearest pixel"
        )


def describe_layer(
    path: str,
    renames: Names,
    column: str = "",
    layer: str = "",
    option: str = "--truth",
    band: int | None = None,
    report: Report = silent,
) -> ComparedLayer:
    """Return what a file holds: a raster of classes, or a vector layer with a column of classes.

    Parameters
    ----------
    path
        The file.
    renames
        What the user says of its classes; a mask of colours has no others than these.
    column
        The column of classes of vector data; empty for the one that is found.
    layer
        The layer of a vector file that has several; empty for the only one.
    option
        How the command line's names of column, layer and band begin, for errors.
    band
        Which band holds the classes, from 1; None for the only one.
    report
        Called with each event.

    Returns
    -------
    ComparedLayer
        Not yet opened.

    Raises
    ------
    InputError
        If it holds no classes, or more than a byte can tell apart.
    """
    if is_vector(path):
        found = read_column(path, column, layer, option)
        legend, coding = column_coding(found)
        return ComparedLayer(path, legend, coding, column=found)
    if any(key.startswith("#") for key in renames):
        return _describe_mask(path, renames)
    if SEVERAL_TAG in tags_of(path):
        raise InputError(
            f"{path} holds several classes at once, a band for each",
            "a map of one class for each pixel",
            "map without --threshold to evaluate",
        )
    raster = open_classes(path, band, f"{option}-band", COLOURS, report)
    names, colours = names_and_colours(path, raster.band)
    coding = Values(
        {value: place for place, value in enumerate(raster.values)}, band=raster.band.index
    )
    return ComparedLayer(path, Legend(names, colours, values=raster.values), coding, raster.grid)


def _describe_mask(path: str, renames: Names) -> ComparedLayer:
    """Return a mask of colours: its classes are those that the user names, and no other."""
    with gdal_env(), open_dataset(path) as dataset:
        grid = grid_of(dataset)
    names = list(dict.fromkeys(name for name in renames.values() if name is not None))
    codes: dict[int | str, int] = {}
    for key, name in renames.items():
        if name is not None:
            codes[_value(key)] = names.index(name)
    ignored = frozenset(_value(key) for key, name in renames.items() if name is None)
    coding = Values(codes, ignored, expected="those that --classes names")
    return ComparedLayer(path, Legend(dict(enumerate(names)), valued=False), coding, grid)


def _value(key: str) -> int | str:
    return (
        int(key) if column_number(key) is not None else key.upper() if key.startswith("#") else key
    )


def column_coding(column: Column) -> tuple[Legend, Coding]:
    """Return the classes of a column: whole numbers stand for themselves, all else for its name.

    Parameters
    ----------
    column
        With the values that occur.

    Returns
    -------
    tuple[Legend, Coding]
        The classes, and the byte that stands for each value.

    Raises
    ------
    InputError
        If there are more than a byte can tell apart.
    """
    numbers = [column_number(value) for value in column.values]
    values = sorted({number for number in numbers if number is not None})
    if numbers and None not in numbers and len(values) <= MOST:
        places: dict[int | str, int] = {number: place for place, number in enumerate(values)}
        return Legend(values=values), Coding(places, column=column.name, layer=column.layer.name)
    names = list(dict.fromkeys(str(value).strip() for value in column.values))
    if len(names) > MOST:
        raise InputError(
            f"column {column.name} of {column.layer.path} holds {len(names)} different values",
            f"at most {MOST} classes",
            "name another column with --truth-column or --map-column",
        )
    coding: dict[int | str, int] = {}
    for place, name in enumerate(names):
        coding |= {name: place} | ({int(name): place} if name.isdecimal() else {})
    return Legend(dict(enumerate(names)), valued=False), Coding(
        coding, column=column.name, layer=column.layer.name
    )


def column_number(value: Any) -> int | None:
    """Return the whole number that a value of a column stands for.

    Parameters
    ----------
    value
        A number or text.

    Returns
    -------
    int or None
        None for fractions and other texts.
    """
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and re.fullmatch(r"\s*-?[0-9]+\s*", value) else None


def points_of(layer: ComparedLayer, grid: Grid) -> tuple[npt.NDArray[np.int64], Indices, int]:
    """Return the points of a layer on a grid.

    Parameters
    ----------
    layer
        Of points.
    grid
        The common one.

    Returns
    -------
    tuple[npt.NDArray[np.int64], Indices, int]
        Rows and columns [2, n], the byte of each point (NODATA without a class), and how many lie
        outside the grid.
    """
    assert layer.column is not None
    places, values, outside = read_points(layer.column, grid)
    codes: Mapping[Any, int] = layer.coding.indices
    found = [codes.get(column_number(v), codes.get(str(v).strip(), NODATA)) for v in values]
    return places, np.array(found, np.uint8), outside


def common_grid(mapped: ComparedLayer, truth: ComparedLayer, pixel: float | None) -> Grid:
    """Return the grid to compare on: the map's, else the truth's, else one over the map.

    Parameters
    ----------
    mapped, truth
        The two layers.
    pixel
        Metres of a pixel, where both are vector data; None otherwise.

    Returns
    -------
    Grid
        With square pixels where it is made.

    Raises
    ------
    InputError
        If a pixel is told where a raster has its own, is lacking, or makes too large a grid.
    """
    if mapped.grid and pixel is None:
        return mapped.grid
    if truth.grid and pixel is None:
        return truth.grid
    if mapped.grid or truth.grid:
        raise InputError("--pixel is for two vector files: a raster has pixels of its own")
    if pixel is None:
        raise InputError(
            "both map and truth are vector data",
            "one raster, or --pixel METRES to lay both on a grid",
        )
    assert mapped.column is not None
    west, south, east, north = extent(mapped.column)
    middle = (west + east) / 2, (south + north) / 2
    unit = ground_size(
        Grid(1, 1, (1e-3, 0.0, middle[0], 0.0, -1e-3, middle[1]), mapped.column.layer.crs)
    )
    side = pixel / (unit * 1e3) if unit else pixel
    rows, columns = (max(1, int(np.ceil(length / side))) for length in (north - south, east - west))
    if rows * columns > 1 << 36:
        raise InputError(
            f"--pixel {pixel:g} makes a grid of {rows} x {columns} pixels", "a larger pixel"
        )
    return Grid(rows, columns, (side, 0.0, west, 0.0, -side, north), mapped.column.layer.crs)
