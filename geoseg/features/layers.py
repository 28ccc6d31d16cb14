"""Vector files: which layer is meant, which column holds the class, and which of its shapes
count as what.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from ..core import ogr
from ..core.errors import InputError
from ..core.files import check_regular
from ..core.ogr import DataLayerError, DataSourceError
from ..core.plain_name import plain_name

VECTORS = (".gpkg", ".geojson", ".json", ".shp", ".fgb", ".parquet", ".geoparquet", ".gml", ".kml")
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
    """One layer of a vector file."""

    path: str
    """The file."""
    name: str
    """The layer's."""
    features: int
    """How many it has, with and without a shape."""
    columns: tuple[str, ...]
    """Names of their attributes."""
    crs: str | None
    """WKT; None where it has none."""
    indexed: bool
    """Whether what lies in a box is found without reading all."""

    def read(self, **what: Any) -> Any:
        """Read features with pyogrio.

        Parameters
        ----------
        **what
            Which of them, and what of them: the keywords of `pyogrio.raw.read`.

        Returns
        -------
        Any
            Metadata, row numbers, shapes as WKB, and columns.

        Raises
        ------
        InputError
            If the file cannot be read.
        """
        return _call(self.path, ogr.read, layer=self.name, **what)


@dataclass(frozen=True, slots=True)
class Parts:
    """Shapes taken apart: points, lines and polygons in two dimensions."""

    shapes: Shapes
    """shapely's, none of them of several parts [part]."""
    rows: npt.NDArray[np.intp]
    """The row that each is of [part]."""
    missing: int
    """How many rows have no shape, or an empty one."""

    @property
    def types(self) -> Counter[int]:
        """How many parts there are of each of GEOS's types."""
        return Counter(shapely.get_type_id(self.shapes).tolist())


@dataclass(frozen=True, slots=True)
class Survey:
    """What the shapes of a layer are."""

    types: Counter[int]
    """How many parts there are of each of GEOS's types."""
    missing: int
    """How many rows have no shape, or an empty one."""
    bounds: npt.NDArray[np.float64]
    """West, south, east and north of each part, in the layer's CRS [part, 4]."""

    @property
    def points(self) -> bool:
        """Whether they are points rather than areas."""
        return any(KINDS[number] == POINTS for number in self.types)


def split_layer(text: str) -> tuple[str, str | int | None]:
    """Return file and layer of a path as QGIS writes it.

    Parameters
    ----------
    text
        A path, or FILE|layername=NAME, or FILE|layerid=NUMBER.

    Returns
    -------
    tuple[str, str | int | None]
        The file, and the layer by name or number; None where none is named.

    Raises
    ------
    InputError
        If QGIS means only a part of a layer.
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
    """Return whether a path is that of vector data.

    Parameters
    ----------
    text
        A path, perhaps with a layer.

    Returns
    -------
    bool
        By its suffix, or as it names a layer.
    """
    path, layer = split_layer(text)
    return layer is not None or PurePath(path).suffix.lower() in VECTORS


def open_layer(text: str, wanted: str = "", option: str = "") -> Layer:
    """Return the layer of a vector file that is meant: the one named, or the only one with
    geometries.

    Parameters
    ----------
    text
        A path, or FILE|layername=NAME.
    wanted
        The name of the layer, as an option gives it; "" for none.
    option
        That option, for the error.

    Returns
    -------
    Layer
        Nothing stays open.

    Raises
    ------
    InputError
        If the file is none, has no such layer, or has several and none is named: which of them is
        meant cannot be told.
    """
    path, inner = split_layer(text)
    check_driver(path)
    found = [(str(name), kind) for name, kind in _call(path, ogr.list_layers)]
    name = _choose(path, found, wanted or inner, option)
    if wanted and inner is not None and _choose(path, found, inner, option) != name:
        raise InputError(f"{text} and {option} {wanted} name two layers", "one of them")
    info = _call(path, ogr.read_info, layer=name, force_feature_count=True)
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


def survey(layer: Layer, box: Box | None = None) -> Survey:
    """Look at the shapes of a layer, some at a time.

    Parameters
    ----------
    layer
        The layer.
    box
        Only those that meet it, in the layer's CRS; None is all.

    Returns
    -------
    Survey
        Of all parts of them.

    Raises
    ------
    InputError
        If one cannot be read.
    """
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
    """Return the parts of shapes.

    Collections and multi-parts are taken apart, Z and M are dropped, curves come as the short lines
    that GDAL makes of them, and what is empty is left out and counted.

    Parameters
    ----------
    wkb
        Shapes as WKB [row]; None where a row has none.
    name
        What they are of, for the error.

    Returns
    -------
    Parts
        In the order of the rows.

    Raises
    ------
    InputError
        If one cannot be read.
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
    """Return the parts of shapes, as `take_apart` does.

    Parameters
    ----------
    shapes
        shapely's [row]; None where a row has none.

    Returns
    -------
    Parts
        In the order of the rows.
    """
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
    """Refuse shapes of several kinds, or of one that has no place here: lines never have an area.

    Parameters
    ----------
    types
        How many parts there are of each of GEOS's types.
    name
        What they are of, for the error.
    allowed
        Those of POINTS, LINES and AREAS that may be.

    Raises
    ------
    InputError
        Unless all parts are of one kind that is allowed.
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
    """Refuse coordinates that are not finite numbers.

    Parameters
    ----------
    shapes
        shapely's.
    name
        What they are of, for the error.

    Raises
    ------
    InputError
        If there is such a coordinate.
    """
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
        # SQLite left it, which only who may write can take back
        if os.path.exists(f"{path}-journal"):  # noqa: PTH110 - Path raises for names too long
            raise InputError(
                f"{path} was being written when that program ended: {path}-journal lies beside it",
                "a file that is whole",
                f"let SQLite take back what was begun: ogrinfo -update {path}, or open the layer "
                "once for editing in QGIS",
            ) from error
        raise InputError(
            f"{path} cannot be read as vector data: {str(error).splitlines()[0]}"
        ) from error


def _around(error: UnicodeDecodeError) -> bytes:
    return error.object[max(error.start - 20, 0) : error.start + 20]


PARQUET = (".parquet", ".geoparquet")


def check_driver(path: str) -> None:
    """Refuse a kind of vector file that the installed GDAL has no driver for, and a pipe.

    Parameters
    ----------
    path
        Of the file.

    Raises
    ------
    InputError
        Before GDAL is asked, which would say that there is no such file.
    """
    check_regular(path, "vector data in a file")
    if path.lower().endswith(PARQUET) and "Parquet" not in ogr.list_drivers(read=True):
        raise InputError(
            f"{path} is GeoParquet, which the GDAL of the installed pyogrio cannot read",
            "GeoPackage, FlatGeobuf, GeoJSON, shapefile, GML or KML",
            "convert it, such as with geopandas.read_parquet(FILE).to_file('labels.gpkg')",
        )
