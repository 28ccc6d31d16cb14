"""The plane of the page: one CRS for all that is shown, cut into tiles whose pixels are the map's
own.

A page in the map's own CRS shows its pixels as they are: nothing is resampled at full zoom, and
poles, local grids and photographs without a place need no exception.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError
from rasterio import Affine
from rasterio.errors import RasterioError
from rasterio.warp import calculate_default_transform, transform_bounds

from ..core.errors import InputError
from ..core.grid import Grid
from ..vector.geodesic import PixelAreas

TILE = 256  # pixels of a tile's side
MERCATOR = "EPSG:3857"
# the same cut at another meridian than 180, in degrees behind it: as it is, for GDAL knows it so
SHIFTED = "+proj=merc +a=6378137 +b=6378137 +units=m +no_defs +lon_0="
RADIUS = 6378137.0  # of Mercator's sphere, in metres
EDGE = math.pi * RADIUS  # where its square ends
UNPLACED = MERCATOR  # by which GDAL computes where there is no CRS: a plane like any other
Box = tuple[float, float, float, float]
"""The least x, the least y, the most x and the most y."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the page's tiles lie."""

    crs: str | None
    """WKT or code; None where pixels are counted, y as minus the row."""
    box: Box
    """What is shown."""
    pixel: float
    """The side of the finest pixel, in units of the CRS."""
    zoom: int
    """The zoom at which a pixel of the page is one of these; at 0 all is in one tile."""
    metres: float
    """Of a unit of the CRS on the ground, in the middle of the box; 0 without a CRS."""

    @property
    def unit(self) -> float:
        """Units of the CRS to a pixel of the page at zoom 0."""
        return float(self.pixel * 2**self.zoom)

    @property
    def is_mercator(self) -> bool:
        """Whether it is that of web maps, in which a metre is none but at the equator."""
        return _is_mercator(self.crs)

    @property
    def meridian(self) -> float | None:
        """Degrees of the meridian in the middle, where the page lies over the date line; else None,
        also where it lies over no line at all.
        """
        shifted = self.crs is not None and self.crs.startswith(SHIFTED)
        return float(str(self.crs).removeprefix(SHIFTED)) if shifted else None

    @property
    def gdal_crs(self) -> str:
        """What GDAL is told that the CRS is."""
        return self.crs or UNPLACED

    def tile(self, zoom: int, column: int, row: int) -> Box:
        """Return what a tile covers.

        Parameters
        ----------
        zoom, column, row
            Of the tile; the first begins at the upper left corner of the box.

        Returns
        -------
        tuple of float
            The box, with sides of whole pixels at `zoom`.
        """
        side = TILE * self.pixel * 2.0 ** (self.zoom - zoom)
        left = self.box[0] + column * side
        top = self.box[3] - row * side
        return left, top - side, left + side, top


def make_frame(grids: list[tuple[str, Grid]], boxes: list[tuple[str, Box, str | None]]) -> Frame:
    """Choose the plane for what is shown: the first raster's own grid, Mercator where that is in
    degrees.

    Parameters
    ----------
    grids
        Of the rasters with their names, the most important first.
    boxes
        Of vector layers with their names and CRS.

    Returns
    -------
    Frame
        That holds them all.

    Raises
    ------
    InputError
        If they cannot lie in one plane.
    """
    named = grids[0] if grids else None
    crs = named[1].crs if named else boxes[0][2]
    if crs is not None and not CRS.from_user_input(crs).is_projected:
        crs = _mercator_of([(grid.bounds(), grid.crs) for _, grid in grids]
                           + [(box, own) for _, box, own in boxes])  # fmt: skip
    found = [_placed(name, grid.bounds(), grid.crs, crs) for name, grid in grids]
    found += [_placed(name, box, own, crs) for name, box, own in boxes]
    lefts, bottoms, rights, tops = zip(*found, strict=True)
    box = (min(lefts), min(bottoms), max(rights), max(tops))
    pixels = [_pixel(name, grid, crs) for name, grid in grids]
    pixel = min(pixels) if pixels else _fitting(box)
    if named and crs == named[1].crs:
        box = _snapped(box, named[1], pixel)
    span = max(box[2] - box[0], box[3] - box[1], pixel)
    zoom = max(0, math.ceil(math.log2(span / pixel / TILE) - 1e-9))
    return Frame(crs, box, pixel, zoom, _metres(crs, box, pixel))


def to_frame(box: Box, crs: str | None, frame: Frame) -> Box:
    """Return a box in the plane of the page.

    Parameters
    ----------
    box
        In a CRS.
    crs
        That CRS; None in a plane without one.
    frame
        The plane.

    Returns
    -------
    tuple of float
        The box around it.
    """
    return _placed("the box", box, crs, frame.crs)


def _is_mercator(crs: str | None) -> bool:
    return crs is not None and (crs.startswith(SHIFTED) or CRS.from_user_input(crs) == MERCATOR)


def _mercator_of(boxes: list[tuple[Box, str | None]]) -> str:
    """Choose the Mercator of web maps; for what lies over the date line one that is cut elsewhere:
    opposite to the middle of the shortest stretch of longitudes that has all of it.
    """
    spans = []
    for box, crs in boxes:
        own = CRS.from_user_input(crs) if crs is not None else None
        if own is None:
            return MERCATOR
        if not own.is_geographic:
            there = Transformer.from_crs(own, "EPSG:4326", always_xy=True).transform_bounds(*box)
            if not np.isfinite(there).all():
                return MERCATOR
            west, _, east, _ = there
            spans.append((west, east if west <= east else east + 360))  # over the date line
            continue
        if own.prime_meridian is None or own.prime_meridian.longitude != 0:
            return MERCATOR
        degrees = math.degrees(own.axis_info[0].unit_conversion_factor)
        spans.append((box[0] * degrees, box[2] * degrees))
    west, east = shortest(spans)
    if (west >= -180 and east <= 180) or east - west >= 360:
        return MERCATOR
    return f"{SHIFTED}{(west + east) / 2:.6f}"


def shortest(spans: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the shortest stretch of longitudes that has all of some.

    Parameters
    ----------
    spans
        From west to east, in degrees of any range; one or more.

    Returns
    -------
    tuple of float
        West, from -180 to below 180, and east of it by at most 360.
    """
    found = sorted(((west + 180) % 360 - 180, east - west) for west, east in spans)
    starts = [west for west, _ in found]
    ends = [max(west + span for west, span in found[: place + 1]) for place in range(len(found))]
    # the stretch that goes round begins behind the widest gap
    gaps = [
        starts[place] - max(ends[place - 1], ends[-1] - 360)
        if place
        else starts[0] + 360 - ends[-1]
        for place in range(len(found))
    ]
    place = max(range(len(found)), key=gaps.__getitem__)
    if gaps[place] <= 0:
        return -180.0, 180.0
    west = starts[place]
    return west, west + 360 - gaps[place]


def _placed(name: str, box: Box, own: str | None, crs: str | None) -> Box:
    if (own is None) != (crs is None):
        raise InputError(
            f"{name} has {'no' if own is None else 'a'} CRS, and what it is shown with has "
            f"{'none' if crs is None else 'one'}",
            "a scene and its maps",
            "show it alone, or give it its place with gdal_edit.py -a_srs EPSG:CODE",
        )
    if own is None or crs is None or own == crs:
        return box
    try:
        west, south, east, north = transform_bounds(own, crs, *box, densify_pts=21)
    except (RasterioError, ProjError) as error:
        raise InputError(
            f"{name} does not lie where the page's CRS has places: {error}",
            "scene and maps of one region",
        ) from error
    if _is_mercator(crs):  # it has no poles: a map of the world goes to 85 degrees
        south, north = max(south, -EDGE), min(north, EDGE)
    if not np.isfinite([west, south, east, north]).all() or south >= north:
        raise InputError(
            f"{name} does not lie where the page's CRS has places",
            "a scene and its maps of one region, not at a pole where it is in degrees",
            "bring it to a projected CRS, such as with gdalwarp -t_srs EPSG:3995",
        )
    return west, south, east, north


def _pixel(name: str, grid: Grid, crs: str | None) -> float:
    a, b, _, d, e, _ = grid.transform
    if grid.crs == crs:
        return min(math.hypot(a, d), math.hypot(b, e))
    own = CRS.from_user_input(grid.crs)
    if _is_mercator(crs) and own.is_geographic:  # as at the equator
        radians = own.axis_info[0].unit_conversion_factor
        return RADIUS * radians * min(math.hypot(a, d), math.hypot(b, e))
    try:
        found, _, _ = calculate_default_transform(
            grid.crs, crs, grid.width, grid.height, *grid.bounds()
        )
    except (RasterioError, ProjError) as error:
        raise InputError(f"{name} cannot be brought to the page's CRS: {error}") from error
    return float(found.a)


def _fitting(box: Box) -> float:
    """Of polygons alone: so that the longer side has 8192 pixels."""
    return max(box[2] - box[0], box[3] - box[1], 1e-9) / 8192


def _snapped(box: Box, grid: Grid, pixel: float) -> Box:
    """Move the upper left corner out to the corner of a pixel of the grid."""
    left, top = grid.bounds()[0], grid.bounds()[3]
    columns = math.ceil((left - box[0]) / pixel - 1e-6)
    rows = math.ceil((box[3] - top) / pixel - 1e-6)
    return left - columns * pixel, box[1], box[2], top + rows * pixel


def _metres(crs: str | None, box: Box, pixel: float) -> float:
    if crs is None:
        return 0.0
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    grid = Grid(2, 2, (pixel, 0.0, middle[0] - pixel, 0.0, -pixel, middle[1] + pixel), crs)
    ground = PixelAreas(grid)
    return math.sqrt(ground.pixel) / pixel if ground.metric else 0.0


def place_of(frame: Frame, x: float, y: float) -> tuple[float, float] | None:
    """Return where a point of the page lies on the Earth.

    Parameters
    ----------
    frame
        The plane.
    x, y
        In it.

    Returns
    -------
    tuple or None
        Longitude and latitude in degrees (WGS 84); None where there is no such place.
    """
    if frame.crs is None:
        return None
    lon, lat = Transformer.from_crs(frame.crs, "EPSG:4326", always_xy=True).transform(x, y)
    return (lon, lat) if math.isfinite(lon) and math.isfinite(lat) else None


def affine_of(box: Box, height: int, width: int) -> Affine:
    """Return what places a picture of a box.

    Parameters
    ----------
    box
        What it shows.
    height, width
        Its pixels.

    Returns
    -------
    Affine
        From column and row to x and y.
    """
    return Affine((box[2] - box[0]) / width, 0, box[0], 0, -(box[3] - box[1]) / height, box[3])
