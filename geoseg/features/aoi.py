"""The area of interest: a vector file or WKT in any CRS, brought to the scene's pixels."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
import shapely
from pyproj.exceptions import ProjError
from rasterio.features import geometry_mask

from ..core.errors import InputError
from ..core.grid import Grid, Window
from ..raster.handles import gdal_env, one_at_a_time
from ..raster.relate import relate
from .layers import (
    AREAS,
    Parts,
    check_finite,
    check_kinds,
    open_layer,
    split_layer,
    take_apart,
    unpack,
)
from .pixels import in_pixels

_WKT = re.compile(
    r"\s*(?:(?:SRID=(\d+)|(EPSG:\d+))\s*;)?\s*"
    r"((?:MULTI)?(?:POLYGON|POINT|LINESTRING|SURFACE|CURVE)|(?:CURVE|COMPOUND|CIRCULAR)\w+|GEOMETRYCOLLECTION"
    r"|TIN|TRIANGLE|POLYHEDRALSURFACE)\s*Z?M?\s*(?:\(|EMPTY)",
    re.IGNORECASE,
)
_PIECES = 200  # an edge as long as the scene is followed by this many pieces when it is reprojected
_DEGREES = "EPSG:4326"
_CORNERS = 500  # of an area that a server is asked for


@dataclass(frozen=True, slots=True)
class Aoi:
    """The pixels whose centre lies in an area of interest."""

    window: Window
    """The smallest that holds it, clipped to the raster."""
    shape: Any = field(repr=False)
    """The area in pixels, x to the right and y down, one of shapely's."""
    note: str = ""
    """How it was read, for people."""

    def mask(self, window: Window) -> npt.NDArray[np.bool_]:
        """Return where the area is.

        Parameters
        ----------
        window
            Pixels of the raster, which may lie beyond it.

        Returns
        -------
        npt.NDArray[np.bool_]
            [row, column]; any window gives the same for a pixel.
        """
        if not self.touches(window):
            return np.zeros(window.shape, bool)
        place = rasterio.Affine.translation(window.left, window.top)
        with (
            gdal_env(),
            one_at_a_time,
        ):  # rasterio silences a warning here, and tiles are read by several threads
            found: npt.NDArray[np.bool_] = geometry_mask(
                [self.shape], window.shape, place, invert=True
            )
        return found

    def widened(self, extent: Window) -> Aoi:
        """Return the area with one pixel more on all its sides.

        Parameters
        ----------
        extent
            All pixels of the raster.

        Returns
        -------
        Aoi
            It holds each pixel that shares a point with this one.
        """
        around = shapely.buffer(self.shape, 1.0, join_style="mitre")
        return _within(around, extent, self.note)

    def touches(self, window: Window) -> bool:
        """Return whether the area and a window share a point.

        Parameters
        ----------
        window
            Pixels of the raster.

        Returns
        -------
        bool
            True also where no centre of a pixel lies in the area.
        """
        return bool(
            shapely.intersects(
                self.shape, shapely.box(window.left, window.top, window.right, window.bottom)
            )
        )


def load_aoi(aoi: str, grid: Grid, crs: str | None = None) -> Aoi:
    """Read an area of interest for a scene.

    WKT without "EPSG:n;" before it is in the scene's CRS where it lies within the scene, else in
    degrees where it does so then.

    Parameters
    ----------
    aoi
        A vector file, perhaps FILE|layername=NAME, or WKT.
    grid
        That on which the scene is mapped.
    crs
        WKT of the scene's own CRS, where the grid is in another one.

    Returns
    -------
    Aoi
        Its part within the scene.

    Raises
    ------
    InputError
        If the area is empty, not made of polygons, without a CRS, or outside the scene.
    """
    match = _WKT.match(aoi)
    if match:
        shape, note = _from_text(aoi, match, grid, crs)
    else:
        shape, note = _from_file(aoi, grid, crs)
    return _make(shape, grid, note)


def area_in_degrees(aoi: str) -> dict[str, Any]:
    """Read an area of interest for a search, which is made before there is a scene.

    Parameters
    ----------
    aoi
        A vector file with a CRS, perhaps FILE|layername=NAME, or WKT: in degrees, unless "EPSG:n;"
        stands before it.

    Returns
    -------
    dict
        A geometry of GeoJSON in longitude and latitude. Of an area of many corners it is a little
        larger.

    Raises
    ------
    InputError
        If the area is empty, not made of polygons, or nothing tells where it lies.
    """
    match = _WKT.match(aoi)
    if match:
        shape = _area(_parts_of(aoi, match), "the AOI")
        crs = _crs_of(match) or _DEGREES
    else:
        layer = _layer_of(aoi)
        shape = _area(take_apart(layer.read(columns=[])[2], aoi), f"the AOI {aoi}")
        if layer.crs is None:
            raise InputError(
                f"the AOI {aoi} has no CRS",
                "one that says where on Earth it lies",
                "set it with ogr2ogr -a_srs",
            )
        crs = layer.crs
    there = relate(crs, _DEGREES, "the AOI", "longitude and latitude")
    if there is not None:
        west, south, east, north = shapely.bounds(shape)
        step = max(east - west, north - south) / _PIECES
        shape = shapely.transform(
            shapely.segmentize(shape, step), there.transform, interleaved=False
        )
    if shapely.get_num_coordinates(shape) > _CORNERS:
        shape = shapely.convex_hull(shape)
    if shapely.get_num_coordinates(shape) > _CORNERS:
        shape = shapely.envelope(shape)
    west, south, east, north = shapely.bounds(shape)
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise InputError(
            f"the AOI reaches from {west:g} to {east:g} and {south:g} to {north:g}",
            "longitudes from -180 to 180 and latitudes from -90 to 90",
            "say its CRS, such as EPSG:32633;POLYGON ((...))",
        )
    return dict(shapely.geometry.mapping(shapely.make_valid(shape)))


def _parts_of(text: str, match: re.Match[str]) -> Parts:
    try:
        return unpack(np.array([shapely.from_wkt(text[match.start(3) :])], object))
    except (shapely.errors.GEOSException, NotImplementedError) as error:
        raise InputError(
            f"the AOI is not valid WKT of straight lines: {error}",
            "such as POLYGON ((x y, x y, x y, x y))",
        ) from error


def _crs_of(match: re.Match[str]) -> str | None:
    name = f"EPSG:{match[1]}" if match[1] else match[2]
    return name.upper() if name else None


def _layer_of(path: str) -> Any:
    file = split_layer(path)[0]
    if not (os.path.exists(file) or file.startswith("/vsi") or "://" in file):  # noqa: PTH110 - any text may come
        raise InputError(
            f"the AOI {path[:80]!r} is neither a file nor WKT",
            "a vector file, or such as POLYGON ((x y, x y, x y, x y))",
        )
    return open_layer(path)


def _from_text(text: str, match: re.Match[str], grid: Grid, crs: str | None) -> tuple[Any, str]:
    shape = _area(_parts_of(text, match), "the AOI")
    if name := _crs_of(match):
        return _to_pixels(shape, name, grid), f"AOI in {name}"
    own = _to_pixels(shape, crs, grid) if crs else _pixel_shape(shape, grid)
    if shapely.intersects(own, _extent(grid)) or grid.crs is None:
        return own, "AOI taken in the scene's own coordinates"
    return _to_pixels(shape, _DEGREES, grid), "AOI taken as longitude and latitude (EPSG:4326)"


def _from_file(path: str, grid: Grid, crs: str | None) -> tuple[Any, str]:
    layer = _layer_of(path)
    parts = take_apart(layer.read(columns=[])[2], path)
    shape = _area(parts, f"the AOI {path}")
    note = f"AOI from {path}" + (
        f"; {parts.missing} features without a shape left out" if parts.missing else ""
    )
    if layer.crs is None:
        own = _to_pixels(shape, crs, grid) if crs else _pixel_shape(shape, grid)
        if grid.crs is not None and not shapely.intersects(own, _extent(grid)):
            raise InputError(
                f"the AOI {path} has no CRS, and does not lie within the scene in the scene's",
                "a file with a CRS",
                "set it with ogr2ogr -a_srs",
            )
        return own, "AOI without a CRS, taken in the scene's own coordinates"
    return _to_pixels(shape, layer.crs, grid), note


def _area(parts: Parts, name: str) -> Any:
    """The polygons as one; InputError where there are none, or something else as well."""
    if not len(parts.shapes):
        raise InputError(f"{name} is empty", "at least one polygon")
    check_kinds(parts.types, name, (AREAS,))
    check_finite(parts.shapes, name)
    return shapely.union_all(shapely.make_valid(parts.shapes))


def _to_pixels(shape: Any, crs: str, grid: Grid) -> Any:
    """Bring the area to the scene's CRS, with its edges followed closely, and then to its
    pixels.
    """
    if grid.crs is None:
        raise InputError(
            f"the AOI is in {crs if len(crs) < 40 else 'a CRS'}, and the scene has no CRS",
            "an AOI in the scene's own coordinates",
        )
    there = relate(crs, grid.crs, "the AOI", "the scene")
    back = relate(grid.crs, crs, "the scene", "the AOI")
    if there is None or back is None:
        return _pixel_shape(shape, grid)
    try:
        x0, y0, x1, y1 = back.transform_bounds(*grid.bounds(), densify_pts=21)
        pad_x = (x1 - x0) / 2
        pad_y = (y1 - y0) / 2
        if (
            not np.isfinite([x0, y0, x1, y1]).all() or x0 > x1
        ):  # the scene lies over a pole or the date line
            near = shape
        else:  # far away, the other projection may have no coordinates
            near = shapely.intersection(
                shape, shapely.box(x0 - pad_x, y0 - pad_y, x1 + pad_x, y1 + pad_y)
            )
        if near.is_empty:
            return near
        step = max(min(x1 - x0, y1 - y0), 1e-9) / _PIECES if x0 <= x1 else 0.01
        moved = shapely.transform(
            shapely.segmentize(near, step), there.transform, interleaved=False
        )
    except ProjError as error:
        raise InputError(
            f"the AOI cannot be brought to the scene's CRS: {str(error).splitlines()[0]}"
        ) from error
    if not np.isfinite(shapely.get_coordinates(moved)).all():
        raise InputError(
            "parts of the AOI have no coordinates in the scene's CRS", "an area near the scene"
        )
    return _pixel_shape(moved, grid)


def _pixel_shape(shape: Any, grid: Grid) -> Any:
    """The shape in pixel coordinates."""
    return shapely.make_valid(in_pixels(shape, grid))


def _extent(grid: Grid) -> Any:
    return shapely.box(0, 0, grid.width, grid.height)


def _make(shape: Any, grid: Grid, note: str) -> Aoi:
    if shapely.area(shapely.intersection(shape, _extent(grid))) == 0:
        west, south, east, north = grid.bounds()
        raise InputError(
            "the AOI lies outside the scene",
            f"an area that shares pixels with x {west:g} to {east:g}, y {south:g} to {north:g} "
            "in the scene's CRS",
        )
    return _within(shape, grid.extent, note)


def _within(shape: Any, extent: Window, note: str) -> Aoi:
    """The part of a shape that lies in a raster, and shares more than edges with it."""
    inside = shapely.intersection(shape, shapely.box(0, 0, extent.right, extent.bottom))
    pieces = unpack(np.array([inside], object)).shapes
    inside = shapely.union_all([part for part in pieces if part.geom_type == "Polygon"])
    left, top, right, bottom = shapely.bounds(inside)
    window = Window(int(top), int(left), int(np.ceil(bottom)), int(np.ceil(right)))
    shapely.prepare(inside)
    return Aoi(window, inside, note)
