"""The classes of vector data: which column holds them, what stands in it, and points of it on a grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from ..errors import InputError
from ..grid import Grid
from .drivers import check_driver

USUAL = ("truth", "class", "label", "class_name", "classname", "category", "name", "class_id", "value", "code")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a vector layer, with the values that occur in it; empty ones are left out."""

    path: str
    layer: str
    name: str
    points: bool
    values: tuple[Any, ...]
    crs: str | None


def read_column(path: str, wanted: str = "") -> Column:
    """Return the column of a vector file that holds the class, the first usual one where none is named."""
    layer = first_layer(path)
    info = _read(path, pyogrio.read_info, layer=layer)
    name = _choose(path, [str(field) for field in info["fields"]], wanted)
    values = _read(path, pyogrio.raw.read, layer=layer, columns=[name], read_geometry=False)[3][0]
    found = sorted({value for value in values.tolist() if not _empty(value)}, key=lambda v: (str(type(v)), v))
    points = "Point" in str(info["geometry_type"])
    crs = CRS.from_user_input(info["crs"]).to_wkt() if info["crs"] else None
    return Column(path, layer, name, points, tuple(found), crs)


def read_points(column: Column, grid: Grid) -> tuple[npt.NDArray[np.int64], list[Any], int]:
    """Return rows and columns [2, n] of the points in the grid's pixels, their values, and how many lie outside.

    Points without a value are left out.
    """
    raw = _read(column.path, pyogrio.raw.read, layer=column.layer, columns=[column.name])
    shapes, values = np.asarray(shapely.from_wkb(raw[2]), object), raw[3][0].tolist()
    keep = [i for i, value in enumerate(values) if not _empty(value) and shapes[i] is not None]
    places = _to_pixels(shapely.get_coordinates(shapely.centroid(shapes[keep])), column, grid)
    with np.errstate(invalid="ignore"):
        inside = np.asarray(((places >= 0) & (places < [[grid.height], [grid.width]])).all(axis=0))
    chosen = [values[i] for i, good in zip(keep, inside, strict=True) if good]
    return np.floor(places[:, inside]).astype(np.int64), chosen, int((~inside).sum())


def extent(column: Column) -> tuple[float, float, float, float]:
    """Return the least x, y and the most x, y of the layer, in its CRS."""
    info = _read(column.path, pyogrio.read_info, layer=column.layer, force_total_bounds=True)
    if info["total_bounds"] is None or not np.isfinite(info["total_bounds"]).all():
        raise InputError(f"{column.path} holds no geometries", "polygons or points with a class")
    west, south, east, north = map(float, info["total_bounds"])
    return west, south, east, north


def first_layer(path: str) -> str:
    """Return the first layer of a vector file that has geometries: styles and the like are layers, too."""
    check_driver(path)
    layers = [str(name) for name, kind in _read(path, pyogrio.list_layers) if kind is not None]
    if not layers:
        raise InputError(f"{path} holds no layer with geometries", "polygons or points with a class")
    return layers[0]


def _read(path: str, reader: Any, **what: Any) -> Any:
    try:
        return reader(path, **what)
    except (DataSourceError, DataLayerError, OSError) as error:
        raise InputError(f"{path} cannot be read as vector data: {str(error).splitlines()[0]}") from error


def _choose(path: str, columns: list[str], wanted: str) -> str:
    if wanted and wanted not in columns:
        raise InputError(f"{path} has no column {wanted!r}", f"one of {', '.join(columns) or 'none'}")
    usual = [name for name in USUAL if name in columns]
    if wanted or usual or len(columns) == 1:
        return wanted or (usual or columns)[0]
    raise InputError(f"which column of {path} holds the class cannot be told: it has {', '.join(columns) or 'none'}",
                     do="name it with --truth-column or --map-column")  # fmt: skip


def _to_pixels(xy: npt.NDArray[np.float64], column: Column, grid: Grid) -> npt.NDArray[np.float64]:
    """Rows and columns [2, n] of points; infinite where the grid's CRS has no place for them."""
    x, y = xy[:, 0], xy[:, 1]
    try:
        if column.crs and grid.crs and CRS.from_user_input(column.crs) != CRS.from_wkt(grid.crs):
            x, y = Transformer.from_crs(column.crs, grid.crs, always_xy=True).transform(x, y)
    except (CRSError, ProjError) as error:
        raise InputError(f"{column.path} cannot be brought to the map's CRS: {str(error).splitlines()[0]}") from error
    a, b, c, d, e, f = grid.transform
    det = a * e - b * d
    return np.stack([(a * (y - f) - d * (x - c)) / det, (e * (x - c) - b * (y - f)) / det])


def _empty(value: Any) -> bool:
    return value is None or value != value or (isinstance(value, str) and not value.strip())  # noqa: PLR0124 - NaN
