"""Layers of polygons, lines and points as the page shows them: tiles of what lies in a box, and
what is under a point.

They are drawn here and sent as pictures, so that a map of a million polygons is no heavier to the
browser than one of ten; the shape of the one that was clicked on goes out as it is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer
from rasterio.features import rasterize

from ..core.card import Label
from ..core.errors import InputError
from ..core.ogr import read_info
from ..core.style import COLUMN
from ..features.layers import Layer, open_layer, take_apart
from ..raster.legend import FileLegend, printable
from ..raster.locations import file_name
from ..raster.quicklook import png
from ..vector.provenance import find_provenance
from .frame import TILE, Box, Frame, affine_of, to_frame

PMTILES = ".pmtiles"
AREA = "area_m2"  # the polygons' column
MOST = 100_000  # features of a tile that are drawn
NAMES = ("class", "classname", "class_name", "landcover", "label", "name")
EDGE = 0.55  # how dark an outline is, of its class's colour
WIDEST = 24  # columns that are told of a feature
LONGEST = 300  # characters of a text that are told
NAMELESS = "(none)"  # the class of what names none


@dataclass(frozen=True, slots=True)
class VectorLayer:
    """A layer of a vector file."""

    key: str
    """By which the page asks for it."""
    name: str
    """What it is called."""
    layer: Layer
    """The file and its layer."""
    box: Box
    """Around all of it, in its CRS."""
    column: str
    """That which holds the class; "" where none does."""
    legend: tuple[Label, ...]
    """The classes by name, with their colours; the layer's own name where there are none."""
    count: int
    """Its features; of tiles, in which one lies in parts, those of different ids."""
    areas: Mapping[str, float] = field(default_factory=dict)
    """Square metres of each class, where the file tells the area of each polygon."""
    provenance: str = ""
    """How it was made, as its file says."""
    chosen: bool = False
    """Whether the file says nothing of colours, neither by a style nor by values: they are this
    page's choice."""


def open_vectors(path: str, first: int) -> VectorLayer:
    """Look at a vector file.

    Parameters
    ----------
    path
        Of the file, or FILE|layername=NAME.
    first
        The number of the layer, for its key.

    Returns
    -------
    VectorLayer
        Nothing stays open.

    Raises
    ------
    InputError
        If it cannot be opened.
    """
    _check_itself(path.partition("|")[0])
    layer = open_layer(path)
    info = read_info(layer.path, layer=layer.name, force_total_bounds=True)
    if info["total_bounds"] is None or not np.isfinite(info["total_bounds"]).all():
        raise InputError(f"{path} holds nothing to show", "a layer with at least one shape")
    west, south, east, north = map(float, info["total_bounds"])
    column = next((name for name in layer.columns if name.lower() in NAMES), "")
    legend, areas, count, chosen = _classes(layer, column)
    try:
        told = find_provenance(Path(layer.path), layer.name).text
    except InputError:  # no map of ours, and so without a word of how it was made
        told = ""
    return VectorLayer(
        f"v{first}",
        file_name(layer.path),
        layer,
        (west, south, east, north),
        column,
        legend,
        count,
        areas,
        told,
        chosen,
    )


def _check_itself(path: str) -> None:
    """Refuse what only names where layers are: on other machines, or anywhere on this one. GDAL
    knows it by its text, under any name.
    """
    with suppress(OSError), Path(path).open("rb") as file:
        if re.search(rb"<OGR\w*DataSource", file.read(8192)):
            raise InputError(
                f"{path} holds no shapes, and names other files or servers that do",
                "the file of the shapes",
            )


def _classes(layer: Layer, column: str) -> tuple[tuple[Label, ...], dict[str, float], int, bool]:
    """Return the classes that a layer has, in the colours of their values; their areas; how many
    features there are; and whether nothing says which colours they have.
    """
    if not column:
        return (Label(0, class_name(layer.name), "#e6550d"),), {}, layer.features, False
    in_tiles = layer.path.lower().endswith(PMTILES)
    wanted = [
        name
        for name in (column, COLUMN, AREA, *(["id"] if in_tiles else []))
        if name in layer.columns
    ]
    meta, _, _, columns = layer.read(columns=wanted, read_geometry=False)
    found = dict(zip(meta["fields"], columns, strict=True))
    if in_tiles:  # a polygon lies in several, each time with all of its attributes
        if "id" in found:
            _, once = np.unique(found["id"], return_index=True)
            found = {name: values[once] for name, values in found.items()}
        else:
            found.pop(AREA, None)
    named_as = [class_name(value) for value in found[column].tolist()]
    names, index = np.unique(np.array(named_as, str), return_inverse=True)
    values = np.arange(len(names))
    valued = COLUMN in found and _one_to_one(index, found[COLUMN])
    if valued:  # the same colours as those of the class raster beside it, if it has none
        values[index] = found[COLUMN]
    style = _styled(layer)
    colours = {
        int(value): style[name] for value, name in zip(values, names, strict=True) if name in style
    }
    named = {int(value): str(name) for value, name in zip(values, names, strict=True)}
    areas: dict[str, float] = {}
    if AREA in found:
        sums = np.bincount(index, np.nan_to_num(found[AREA].astype(np.float64)), len(names))
        areas = {str(name): float(area) for name, area in zip(names, sums, strict=True)}
    labels = FileLegend(layer.name, named, colours).labels
    return labels, areas, len(index), not (valued or colours)


def _one_to_one(names: Any, values: Any) -> bool:
    """Whether each name has one value, and each value one name."""
    if values.dtype.kind not in "iu":  # some are missing, or it is text
        return False
    pairs = np.unique(np.stack([names, values]), axis=1)
    return all(len(np.unique(one)) == pairs.shape[1] for one in pairs)


def _styled(layer: Layer) -> dict[str, str]:
    """Return the colours of classes as our style of QGIS has them: in a GeoPackage, or beside."""
    from .styles import colours_of

    return colours_of(Path(layer.path), layer.name)


def _way(layer: VectorLayer, frame: Frame, back: bool = False) -> Transformer | None:
    own = layer.layer.crs
    if (
        own is None
        or frame.crs is None
        or CRS.from_user_input(own) == CRS.from_user_input(frame.crs)
    ):
        return None
    ends = (frame.crs, own) if back else (own, frame.crs)
    return Transformer.from_crs(*ends, always_xy=True)


def _own_boxes(layer: VectorLayer, frame: Frame, box: Box) -> list[Box]:
    """Return a box of the page in the layer's CRS: in degrees as often as turns of the Earth bring
    it where the layer lies, which may count from -180, from 0, or on beyond the date line.
    """
    way = _way(layer, frame, back=True)
    west, south, east, north = way.transform_bounds(*box) if way else box
    if not np.isfinite((west, south, east, north)).all():
        return []
    own = CRS.from_user_input(layer.layer.crs) if way else None
    if own is None or not own.is_geographic:
        return [(west, south, east, north)]
    turn = 2 * math.pi / own.axis_info[0].unit_conversion_factor
    if west > east:  # over the date line
        east += turn
    first = math.ceil((layer.box[0] - east) / turn)
    last = math.floor((layer.box[2] - west) / turn)
    return [(west + n * turn, south, east + n * turn, north) for n in range(first, last + 1)]


def read_shapes(
    layer: VectorLayer, frame: Frame, box: Box, columns: list[str], most: int
) -> tuple[npt.NDArray[np.object_], dict[str, npt.NDArray[Any]], npt.NDArray[np.intp]]:
    """Read the shapes that meet a box of the page.

    Parameters
    ----------
    layer
        The layer.
    frame
        The plane of the page.
    box
        In it.
    columns
        Of the attributes.
    most
        Features at most.

    Returns
    -------
    tuple
        Shapes in the plane of the page, none of several parts [part]; the columns [feature]; and
        the feature of each part.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    reads = [
        layer.layer.read(
            columns=columns, bbox=there, max_features=most, read_geometry=True, return_fids=True
        )
        for there in _own_boxes(layer, frame, box)
    ]
    reads = [told for told in reads if told[2] is not None and len(told[2])]
    if not reads:
        return np.zeros(0, object), {}, np.zeros(0, np.intp)
    # what goes round the Earth is found more than once
    _, first = np.unique(np.concatenate([told[1] for told in reads]), return_index=True)
    first = np.sort(first)[:most]
    wkb = np.concatenate([told[2] for told in reads])[first]
    named = {
        name: np.concatenate([told[3][place] for told in reads])[first]
        for place, name in enumerate(reads[0][0]["fields"])
    }
    parts = take_apart(wkb, layer.name)
    shapes = parts.shapes
    if way := _way(layer, frame):
        shapes = shapely.transform(shapes, way.transform, interleaved=False)
    return shapes, named, parts.rows


def tile_png(layer: VectorLayer, frame: Frame, box: Box) -> bytes:
    """Draw a tile of a layer.

    Parameters
    ----------
    layer
        What is drawn.
    frame
        The plane of the page.
    box
        Of the tile.

    Returns
    -------
    bytes
        A PNG of TILE x TILE pixels; empty where nothing lies there.
    """
    left, bottom, right, top = to_frame(layer.box, layer.layer.crs, frame)
    pixel = (box[2] - box[0]) / TILE
    edge = 4 * pixel  # points and lines are wider than they are
    around = (box[0] - edge, box[1] - edge, box[2] + edge, box[3] + edge)
    if around[0] > right or around[2] < left or around[1] > top or around[3] < bottom:
        return b""
    columns = [layer.column] if layer.column else []
    shapes, found, rows = read_shapes(layer, frame, around, columns, MOST)
    if not len(shapes):
        return b""
    names = {label.name: place for place, label in enumerate(layer.legend, 1)}
    if layer.column:
        places = np.array(
            [names.get(class_name(value), 0) for value in found[layer.column].tolist()]
        )[rows]
    else:
        places = np.ones(len(rows), np.int64)
    shapes = shapely.clip_by_rect(shapes, *around)  # a river is cut before it is drawn
    flat = shapely.get_dimensions(shapes) < 2
    shapes[flat] = shapely.buffer(shapes[flat], 2.5 * pixel)
    shapes[~flat] = shapely.simplify(shapes[~flat], pixel / 4, preserve_topology=False)
    transform = affine_of(box, TILE, TILE)
    filled = _burn(zip(shapes, places, strict=True), transform)
    table = np.zeros((len(layer.legend) + 1, 4), np.uint8)
    table[1:] = [(*label.rgb, 255) for label in layer.legend]
    drawn = table[filled]
    if _large(shapes, pixel):  # outlines of crumbs would hide their colours
        on = _burn(zip(shapely.boundary(shapes), places, strict=True), transform)
        drawn[on > 0, :3] = (table[on[on > 0], :3] * EDGE).astype(np.uint8)
        drawn[on > 0, 3] = 255
    return png(np.ascontiguousarray(np.moveaxis(drawn, -1, 0)))


def _large(shapes: npt.NDArray[np.object_], pixel: float) -> bool:
    """Whether most shapes are some 12 pixels wide or more."""
    return bool(math.sqrt(float(np.median(shapely.area(shapes)))) > 12 * pixel)


def _burn(shapes: Any, transform: Any) -> npt.NDArray[np.int32]:
    pairs = [(shape, int(place)) for shape, place in shapes if not shape.is_empty]
    if not pairs:
        return np.zeros((TILE, TILE), np.int32)
    found: npt.NDArray[np.int32] = rasterize(
        pairs, out_shape=(TILE, TILE), transform=transform, dtype="int32"
    )
    return found


def features_at(
    layer: VectorLayer, frame: Frame, x: float, y: float, reach: float
) -> list[dict[str, Any]]:
    """Return what lies under a point of the page.

    Parameters
    ----------
    layer
        Where it is looked for.
    frame
        The plane of the page.
    x, y
        In it.
    reach
        How far lines and points may lie off, in its unit.

    Returns
    -------
    list
        Of each feature its attributes as texts, and its shape as GeoJSON in the plane of the page.
    """
    box = (x - reach, y - reach, x + reach, y + reach)
    columns = list(layer.layer.columns[:WIDEST])
    shapes, found, rows = read_shapes(layer, frame, box, columns, 50)
    if not len(shapes):
        return []
    point = shapely.points(x, y)
    near = np.where(shapely.get_dimensions(shapes) < 2, reach, 0.0)
    hit = shapely.distance(shapes, point) <= near
    told = []
    for row in dict.fromkeys(rows[hit].tolist()):
        parts = [shape for shape, of in zip(shapes, rows, strict=True) if of == row]
        shape = parts[0] if len(parts) == 1 else shapely.geometrycollections(parts)
        told.append(
            {
                "layer": layer.name,
                "attributes": [
                    [name, describe_value(column[row])] for name, column in found.items()
                ],
                "geometry": shapely.to_geojson(shape),
            }
        )
    return told


def class_name(value: Any) -> str:
    """Return what the legend calls the class of a feature.

    Parameters
    ----------
    value
        Of the column that holds it.

    Returns
    -------
    str
        Fit to print, and never empty.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return NAMELESS
    text = printable(str(value))
    return text if text.strip() else NAMELESS


def describe_value(value: Any) -> str:
    """Return an attribute as a text.

    Parameters
    ----------
    value
        Of any column.

    Returns
    -------
    str
        "" for none; two decimals of a fraction; the beginning of a long text.
    """
    if value is None or (isinstance(value, (float, np.floating)) and math.isnan(value)):
        return ""
    if isinstance(value, (float, np.floating)):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    text = str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
