"""Vector files: which layer is meant, which column holds the class, and which of its shapes
count as what.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np
import numpy.typing as npt
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS

from ..core.errors import InputError
from ..core.files import check_regular
from ..core.plain_name import plain_name

VECTORS = (".gpkg", ".geojson", ".json", ".shp", ".fgb", ".parquet", ".geoparquet", ".gml", ".kml")
USUAL = (
    "truth",
    "class",
    "label",
    "category",
    "class_name",
    "classname",
    "class_id",
)  # names before numbers
ROWS = 1 << 16  # features whose shapes are looked at together

# what the parts of a shape count as, by GEOS's number of their type; collections are taken apart
# first
POINTS = "points"
LINES = "lines"
AREAS = "areas"
KINDS = {0: POINTS, 1: LINES, 2: LINES, 3: AREAS}
SINGLE = max(KINDS)
NAMES = {0: "Point", 1: "LineString", 2: "LinearRing", 3: "Polygon"}

Shapes = npt.NDArray[np.object_]
Box = tuple[float, float, float, float]
_QGIS = re.compile(
    r"\|(layername|layerid|subset|geometrytype|uniqueGeometryType|option:[A-Z_]+|authcfg)="
)


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a vector file: its path and name, the number of its features, their columns, its
    CRS (WKT).

    `indexed` tells whether what lies in a box is found without reading all.
    """

    path: str
    name: str
    features: int
    columns: tuple[str, ...]
    crs: str | None
    indexed: bool

    def read(self, **what: Any) -> Any:
        """Return what pyogrio reads of the layer: metadata, row numbers, shapes as WKB, and
        columns.
        """
        return _call(self.path, pyogrio.raw.read, layer=self.name, **what)


@dataclass(frozen=True, slots=True)
class Parts:
    """Shapes taken apart: points, lines and polygons in two dimensions, and the row [part] that
    each is of.

    `missing` rows have no shape, or an empty one.
    """

    shapes: Shapes
    rows: npt.NDArray[np.intp]
    missing: int

    @property
    def types(self) -> Counter[int]:
        """How many parts there are of each of GEOS's types."""
        return Counter(shapely.get_type_id(self.shapes).tolist())


@dataclass(frozen=True, slots=True)
class Survey:
    """What the shapes of a layer are: parts by type, rows without a shape, and west, south,
    east, north [row, 4].
    """

    types: Counter[int]
    missing: int
    bounds: npt.NDArray[np.float64]

    @property
    def points(self) -> bool:
        """Whether they are points rather than areas."""
        return any(KINDS[number] == POINTS for number in self.types)


def split_layer(text: str) -> tuple[str, str | int | None]:
    """Return the file and the layer, by name or number, of FILE|layername=NAME, which is how QGIS
    writes it.

    None stands for no layer; InputError where QGIS means only a part of one.
    """
    parts = _QGIS.split(text)
    path = parts[0]
    told = dict(zip(parts[1::2], parts[2::2], strict=True))
    if "subset" in told:
        raise InputError(
            f"{path} is filtered: {told['subset'][:80]}",
            "a layer of a file, whole",
            "export what the filter leaves to a file of its own",
        )
    if "layername" in told:
        return path, told["layername"]
    if "layerid" in told:
        if not told["layerid"].isdecimal():
            raise InputError(f"{text} names no layer", "FILE|layername=NAME")
        return path, int(told["layerid"])
    return path, None


def is_vector(text: str) -> bool:
    """Return whether a path, perhaps with a layer, is that of vector data: by its suffix, or as
    it names a layer.
    """
    path, layer = split_layer(text)
    return layer is not None or PurePath(path).suffix.lower() in VECTORS


def open_layer(text: str, wanted: str = "", option: str = "") -> Layer:
    """Return the layer of a vector file that is meant: the one named, or the only one with
    geometries.

    Parameters
    ----------
    text : a path, or FILE|layername=NAME.
    wanted : the name of the layer, as an option gives it.
    option : that option, for the error.

    Raises
    ------
    InputError where the file is none, has no such layer, or has several and none is named:
    which of them is meant cannot be told.
    """
    path, inner = split_layer(text)
    check_driver(path)
    found = [(str(name), kind) for name, kind in _call(path, pyogrio.list_layers)]
    name = _choose(path, found, wanted or inner, option)
    if wanted and inner is not None and _choose(path, found, inner, option) != name:
        raise InputError(f"{text} and {option} {wanted} name two layers", "one of them")
    info = _call(path, pyogrio.read_info, layer=name, force_feature_count=True)
    crs = CRS.from_user_input(info["crs"]).to_wkt() if info["crs"] else None
    columns = tuple(str(column) for column in info["fields"])
    return Layer(
        path,
        name,
        int(info["features"]),
        columns,
        crs,
        bool(info["capabilities"]["fast_spatial_filter"]),
    )


def _choose(
    path: str, found: Sequence[tuple[str, Any]], layer: str | int | None, option: str
) -> str:
    """Return the layer's name: tables without geometries, such as that of styles, are never
    meant unasked.
    """
    shown = [name for name, kind in found if kind is not None]
    if not shown:
        raise InputError(f"{path} holds no layer with geometries", "polygons or points")
    if isinstance(layer, int):
        if layer >= len(found):
            raise InputError(f"{path} has no layer number {layer}", f"one of 0 to {len(found) - 1}")
        layer = found[layer][0]
    if layer is None and len(shown) == 1:
        return shown[0]
    if layer in shown:
        return str(layer)
    names = ", ".join(map(repr, shown))
    told = (
        f"{path} has no layer {layer!r} with geometries"
        if layer
        else f"{path} has {len(shown)} layers"
    )
    example = f"{path}|layername={shown[-1]}"
    raise InputError(
        told,
        f"one of {names}",
        f"name it, as in {example!r}" + (f" or with {option}" if option else ""),
    )


def class_column(layer: Layer, wanted: str, option: str) -> str:
    """Return the column that holds the class: the one wanted, the first usual one, or the only
    one there is.
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


def survey(layer: Layer, box: Box | None = None) -> Survey:
    """Look at the shapes of a layer, all or those that meet a box, some at a time."""
    types: Counter[int] = Counter()
    missing = 0
    bounds = [np.empty((0, 4))]
    for wkb in _pieces(layer, box):
        parts = take_apart(wkb, layer.path)
        types += parts.types
        missing += parts.missing
        bounds.append(shapely.bounds(parts.shapes).reshape(-1, 4))
    return Survey(types, missing, np.concatenate(bounds))


def _pieces(layer: Layer, box: Box | None) -> Iterator[Any]:
    for start in range(0, max(layer.features, 1), ROWS):
        wkb = layer.read(columns=[], bbox=box, skip_features=start, max_features=ROWS)[2]
        if wkb is None or not len(wkb):
            return
        yield wkb


def take_apart(wkb: Any, name: str) -> Parts:
    """Return the parts of shapes; InputError where one cannot be read.

    Collections and multi-parts are taken apart, Z and M are dropped, curves come as the
    short lines that GDAL makes of them, and what is empty is left out and counted.
    """
    try:
        shapes = np.asarray(shapely.from_wkb(wkb), object)
        return unpack(shapes)
    except (shapely.errors.GEOSException, NotImplementedError) as error:
        raise InputError(
            f"{name} holds a shape that cannot be read: {str(error).splitlines()[0]}",
            "points or polygons",
            "make plain polygons of it: ogr2ogr -nlt CONVERT_TO_LINEAR -makevalid",
        ) from error


def unpack(shapes: Shapes) -> Parts:
    """Return the parts of shapes, as take_apart does."""
    parts = shapes
    rows = np.arange(len(shapes))
    there = ~(shapely.is_missing(parts) | shapely.is_empty(parts))
    parts = parts[there]
    rows = rows[there]
    while (shapely.get_type_id(parts) > SINGLE).any():
        parts, index = shapely.get_parts(parts, return_index=True)
        rows = rows[index]
        there = ~shapely.is_empty(parts)
        parts = parts[there]
        rows = rows[there]
    return Parts(
        np.asarray(shapely.force_2d(parts), object), rows, len(shapes) - len(np.unique(rows))
    )


def check_kinds(types: Counter[int], name: str, allowed: Collection[str]) -> None:
    """Raise InputError unless all parts are of one kind, and that is allowed: lines never have
    an area.
    """
    kinds = {KINDS[number] for number in types}
    if len(kinds) == 1 and kinds <= set(allowed):
        return
    told = ", ".join(f"{NAMES[number]} ({count:,})" for number, count in sorted(types.items()))
    expected = "polygons" if set(allowed) == {AREAS} else "polygons alone, or points alone"
    raise InputError(
        f"{name} is of {told}", expected, "draw areas, or buffer these; what is not meant, take out"
    )


def check_finite(shapes: Shapes, name: str) -> None:
    """Raise InputError where a coordinate is not a finite number."""
    if not np.isfinite(shapely.get_coordinates(shapes)).all():
        raise InputError(f"{name} has coordinates that are not finite numbers")


def _call(path: str, reader: Any, **what: Any) -> Any:
    try:
        with plain_name(path) as name:
            return reader(name, **what)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} holds text that is not in its encoding, {error.encoding}: {_around(error)!r}",
            "text in UTF-8",
            "write it anew in the encoding that it has, such as ogr2ogr -oo ENCODING=CP1252 "
            "NEW.gpkg OLD.shp; of a"
            " shapefile also the .cpg file may name a wrong one",
        ) from error
    except (DataSourceError, DataLayerError, OSError) as error:
        raise InputError(
            f"{path} cannot be read as vector data: {str(error).splitlines()[0]}"
        ) from error


def _around(error: UnicodeDecodeError) -> bytes:
    return error.object[max(error.start - 20, 0) : error.start + 20]


PARQUET = (".parquet", ".geoparquet")


def check_driver(path: str) -> None:
    """Raise InputError for a kind of vector file that the GDAL installed here has no driver for,
    and for a pipe.
    """
    check_regular(path, "vector data in a file")
    if path.lower().endswith(PARQUET) and "Parquet" not in pyogrio.list_drivers(read=True):
        raise InputError(
            f"{path} is GeoParquet, which the GDAL of the installed pyogrio cannot read",
            "GeoPackage, FlatGeobuf, GeoJSON, shapefile, GML or KML",
            "convert it, such as with geopandas.read_parquet(FILE).to_file('labels.gpkg')",
        )
