"""Polygons of any file on a small raster, for eyes: read twice, a batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely
from rasterio.features import rasterize
from rasterio.transform import Affine

from ..core.card import NODATA
from ..core.errors import InputError
from ..core.grid import Grid
from ..core.job import TILES
from ..core.ogr import list_layers
from ..raster.handles import gdal_env, one_at_a_time
from .merge import open_polygons
from .polygons import GEOMETRY

ALL = "polygons"  # what the class is called where no column tells one
SIGNS = np.array([-1.0, -1.0, 1.0, 1.0])  # the least of west and south, the most of the others
FINE = 1024  # rows and columns of the grid by which the size is chosen


@dataclass(frozen=True, slots=True)
class Burnt:
    """Polygons that were burnt."""

    pixels: npt.NDArray[np.uint8]
    """Indices of classes [row, column]; NODATA where no polygon holds a pixel's centre."""
    grid: Grid
    """Of these pixels."""
    values: tuple[int, ...]
    """The class value that each index stands for."""
    names: Mapping[int, str]
    """Of the classes, by value."""
    areas: Mapping[int, float] = field(default_factory=dict)
    """Of all polygons of each class, by value: square metres as their column tells; 0 where none
    does."""
    metric: bool = False
    """Whether areas are known."""


def burn(path: Path, layer: str | None, size: Callable[[Grid], tuple[int, int]]) -> Burnt:
    """Burn the polygons of a file.

    Parameters
    ----------
    path
        In any of our formats but tiles.
    layer
        Of a GeoPackage; None is all of them.
    size
        Chooses rows and columns by a grid of the same extent.

    Returns
    -------
    Burnt
        North up in the file's CRS, whole extent.

    Raises
    ------
    InputError
        If it holds no polygons, or tiles, or too many classes; if it holds several maps, or calls
        one class by two names.
    ValueError
        If a shape is damaged.
    """
    if path.suffix.lower() == TILES:
        raise InputError(f"{path} holds tiles", "the file of whole polygons beside it")
    layers = _layers(path, layer)
    crs, bounds, names, areas, metric = _surveyed(path, layers)
    if len(names) > NODATA:
        raise InputError(f"{path} holds {len(names)} classes", f"at most {NODATA}")
    west, south, east, north = bounds
    across, down = max(east - west, 1e-12), max(north - south, 1e-12)
    fine = Affine(across / FINE, 0, west, 0, -down / FINE, north)
    rows, columns = size(Grid(FINE, FINE, tuple(fine)[:6], crs))
    place = Affine(across / columns, 0, west, 0, -down / rows, north)
    grid = Grid(rows, columns, tuple(place)[:6], crs)
    values = tuple(sorted(names))
    pixels = np.full((rows, columns), NODATA, np.uint8)
    index = {value: number for number, value in enumerate(values)}
    for batch in chain.from_iterable(open_polygons(path, one)[1] for one in layers):
        shapes = _shapes(batch)
        classes = [index[value] for value in _classes(batch, path)]
        there = [(shape, number) for shape, number in zip(shapes, classes, strict=True) if shape]
        if there:
            with gdal_env(), one_at_a_time:
                rasterize(there, out=pixels, transform=place)
    return Burnt(pixels, grid, values, names, areas, metric)


def _layers(path: Path, layer: str | None) -> list[str | None]:
    """What is read one after the other: of a GeoPackage without a name each layer."""
    if layer is not None or path.suffix.lower() != ".gpkg":
        return [layer]
    return [str(name) for name, kind in list_layers(path) if kind is not None] or [None]


def _surveyed(
    path: Path, layers: Sequence[str | None]
) -> tuple[str | None, tuple[float, ...], dict[int, str], dict[int, float], bool]:
    """The CRS, bounds, names and areas of classes, and whether areas are known."""
    crs: str | None = None
    sides = np.array([np.inf, np.inf, -np.inf, -np.inf])
    names: dict[int, str] = {}
    areas: dict[int, float] = {}
    metric = True
    for number, layer in enumerate(layers):
        own, batches = open_polygons(path, layer)
        crs = crs if number else own
        before = set(names)
        for batch in batches:
            found = shapely.total_bounds(_shapes(batch))
            sides = np.fmax(sides * SIGNS, found * SIGNS) * SIGNS
            classes = _classes(batch, path)
            # layers of one map hold a class each
            if not before.isdisjoint(classes) or own != crs:
                raise InputError(
                    f"{path} holds several maps: {', '.join(map(str, layers))}",
                    "one of them",
                    f"name it: {path}|layername={layer}",
                )
            metric = metric and "area_m2" in batch.schema.names
            sizes = batch.column("area_m2").to_pylist() if metric else [0.0] * len(classes)
            for value, name, area in zip(classes, _names(batch, classes), sizes, strict=True):
                if names.setdefault(value, name) != name:
                    raise InputError(
                        f"{path} calls class {value} both {names[value]} and {name}",
                        "one name for each class",
                        "draw the map of each model by itself",
                    )
                areas[value] = areas.get(value, 0.0) + (area or 0.0)
    if not names or not np.isfinite(sides).all():
        raise InputError(f"{path} holds no polygons", "a map of at least one")
    return crs, tuple(sides.tolist()), names, areas, metric


def _names(batch: Any, classes: Sequence[int]) -> list[str]:
    if not _has_class(batch):
        return [ALL] * len(classes)
    told = batch.column("class").to_pylist() if "class" in batch.schema.names else classes
    return [
        name if isinstance(name, str) and name.strip() else f"class {value}"
        for name, value in zip(told, classes, strict=True)
    ]


def _shapes(batch: Any) -> Any:
    try:
        return shapely.from_wkb(np.asarray(batch.column(GEOMETRY).to_pylist(), object))
    except shapely.errors.GEOSException as error:
        raise ValueError(f"a shape that is none: {error}") from error


def _has_class(batch: Any) -> bool:
    return "class_id" in batch.schema.names


def _classes(batch: Any, path: Path) -> list[int]:
    if not _has_class(batch):
        return [0] * batch.num_rows
    values = batch.column("class_id")
    if not pa.types.is_integer(values.type) or values.null_count:
        raise InputError(f"{path} has a column class_id of {values.type}", "a whole number in each")
    return [int(value) for value in values.to_pylist()]
