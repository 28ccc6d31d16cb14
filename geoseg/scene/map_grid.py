"""On which grid a scene is mapped: its own where the model knows pixels of this size, and they are
square with north up; else one of the model's pixel size in a CRS that is true to shape.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from pyproj import CRS, Transformer
from pyproj.aoi import AreaOfInterest
from pyproj.crs import ProjectedCRS
from pyproj.crs.coordinate_operation import TransverseMercatorConversion
from pyproj.database import query_utm_crs_info
from pyproj.exceptions import CRSError

from ..core.arrays import Floats
from ..core.card import ModelCard
from ..core.errors import InputError, ModelError
from ..core.grid import Grid
from ..core.options import Options
from ..raster.band_info import BandInfo
from ..raster.control_points import ControlPoints
from ..raster.footprint import crs_code
from ..raster.georeference import elongation, geodetic_of, ground_sides, ground_size
from .describe import finest

SQUARE = 1.05  # times longer than wide that pixels may be on the ground, and count as square
OBLONG = 1.5  # from which on shapes are not the network's at all
TURNED = math.radians(1)  # by which rows or columns may run beside the axes of the CRS
COARSE = 1.2  # times larger than the map's that pixels may be, before it is told
FURTHEST = 4.0  # times by which pixels grow or shrink without the user's word
EDGES = 32  # points of each side of a scene that are projected, to find how far it reaches
UNEVEN = 1.25  # times by which pixels of one grid may differ on the ground
NEARLY = 0.02  # by which a metre of the CRS may differ from one on the ground, and counts as one
EARTH = 6_378_137.0  # metres of its greater half axis
POLAR = 84.0  # degrees of latitude from which on there are no UTM zones in the north
SOUTH = -80.0  # and in the south


@dataclass(frozen=True, slots=True)
class MapGrid:
    """The grid to which a scene's pixels are brought before they are mapped."""

    grid: Grid
    """With north up and square pixels."""
    notes: tuple[str, ...]
    """What is done, in one line with both sizes."""
    warnings: tuple[str, ...]
    """What may spoil the map by that, a line each."""


def choose_map_grid(
    layers: Sequence[BandInfo], card: ModelCard, options: Options
) -> tuple[MapGrid | None, list[str]]:
    """Choose the grid on which a scene is mapped, by its pixels and the user's word.

    Both sides of a pixel count: one of 10 x 20 m is not one of 14 m. A scene in degrees, turned, or
    of pixels that are not square is resampled, of whatever size they are.

    Parameters
    ----------
    layers
        The bands that feed the model.
    card
        What the model expects.
    options
        `gsd` and `crs`; `force` lets sizes pass that the model does not know, and more than
        FURTHEST times.

    Returns
    -------
    tuple
        The grid, None where it is the scene's own; and warnings of what of its own pixels is not
        as the model knows it.

    Raises
    ------
    ModelError
        If pixels would be of a size that the model does not know, or change by too much.
        InputError, if the options name no CRS or the scene has no place.
    """
    own = finest(tuple(layers))
    sides = ground_sides(own)
    wanted = options.reading.gsd
    if sides is None:
        if wanted not in (None, "native") or options.reading.crs:
            raise InputError(
                "--gsd or --crs with a scene that has no coordinate reference system",
                "a scene whose place is known",
                "give it its CRS with gdal_edit.py -a_srs, or leave the option out",
            )
        return None, [_unplaced(layers, card)]
    if not all(map(math.isfinite, sides)):
        x, y = own.xy(own.height / 2, own.width / 2)
        raise InputError(
            f"the middle of the scene lies at x {x:.6g}, y {y:.6g}, which is no place on the Earth "
            "in its coordinate reference system",
            "a scene that lies on it",
            "mend its place or its CRS: x and y, or degrees and metres, may be mixed up",
        )
    points = next((layer.points for layer in layers if layer.points), None)
    problem = _size_problem(sides, card)
    known = not problem and not points and is_plain(own)
    stays = wanted == "native" or (wanted is None and known)
    if stays and _is_own(own, options.reading.crs):
        if points:
            raise InputError(
                f"--gsd native, and the scene is placed by {points.kind} only",
                "another --gsd: such a scene is always resampled",
            )
        return None, _warn_of_own(own, sides, problem, card, options)
    size = math.sqrt(math.prod(sides)) if stays else _wanted_size(wanted, card)
    _check_size(size, sides, card, options)
    grid = map_grid(own, size, options.reading.crs, points)
    if grid == own or (not points and _same_pixels(own, grid)):
        return None, _warn_of_own(own, sides, problem, card, options)
    doubts = points.warnings() if points else []
    warnings = (
        *_warn_of_force(size, sides, card),
        *_warn_of_coarse(sides, size, card),
        *_warn_of_crs(grid, card),
        *doubts,
    )
    return MapGrid(grid, (_said(own, grid, sides, size),), warnings), []


def is_plain(own: Grid) -> bool:
    """Return whether pixels lie as networks know them, so that none are resampled for it.

    Parameters
    ----------
    own
        The grid of a scene; one without a CRS has no other shape.

    Returns
    -------
    bool
        True for squares with north up in a projected CRS.
    """
    if own.crs is None:
        return True
    return not _in_degrees(own) and not _turned(own) and _is_square(own)


def map_grid(own: Grid, size: float, crs: str | None, points: ControlPoints | None = None) -> Grid:
    """Return a grid over the ground of another one, north up, its corner at whole pixels from 0.

    Parameters
    ----------
    own
        A grid with a CRS.
    size
        Metres of a pixel's side.
    crs
        The CRS; None is that of the other grid where it is projected and true to shape, else the
        UTM zone of its middle, or UPS near the poles.
    points
        What places the pixels where the grid is only near their places.

    Returns
    -------
    Grid
        With square pixels. Metres are those of the CRS where these are nearly those on the ground.

    Raises
    ------
    InputError
        If the CRS is none that is projected, or the ground lies outside of where it is defined.
    """
    target = fitting_crs(own) if crs is None else read_crs(crs)
    wkt = str(own.crs) if target == CRS.from_wkt(str(own.crs)) else target.to_wkt()
    xy = _places_in(own, wkt, points)
    if xy is None:
        raise InputError(
            f"the scene lies outside of where {_name(target)} is defined",
            "a CRS for its place",
            "name another one with --crs, or leave --crs out",
        )
    if crs is None and wkt != own.crs:
        _check_even(xy, wkt)
    left, below, right, above = _box(xy)
    middle = Grid(2, 2, (1.0, 0.0, (left + right) / 2 - 1, 0.0, -1.0, (above + below) / 2 + 1), wkt)
    metre = ground_size(middle) or 1.0
    unit = target.axis_info[0].unit_conversion_factor or 1.0
    step = size / (unit if abs(metre / unit - 1) <= NEARLY else metre)
    # a pixel that the scene only touches by rounding is none of it
    slack = 1e-6
    first = math.floor(left / step + slack)
    last = math.ceil(right / step - slack)
    top = math.ceil(above / step - slack)
    bottom = math.floor(below / step + slack)
    transform = (step, 0.0, first * step, 0.0, -step, top * step)
    return Grid(max(1, top - bottom), max(1, last - first), transform, wkt)


def _check_even(xy: Floats, wkt: str) -> None:
    """Refuse a scene so large that no zone's pixels are of one size all over it."""
    corners = xy.reshape(EDGES + 1, EDGES + 1, 2)[:: EDGES // 2, :: EDGES // 2].reshape(-1, 2)
    grids = [Grid(2, 2, (1.0, 0.0, x - 1, 0.0, -1.0, y + 1), wkt) for x, y in corners.tolist()]
    sizes = [ground_size(grid) or math.inf for grid in grids]
    if max(sizes) <= UNEVEN * min(sizes):
        return
    raise InputError(
        f"the scene is so large that pixels of one size in {crs_name(wkt)} differ by "
        f"{max(sizes) / min(sizes):.2g} times on the ground",
        f"at most {UNEVEN:g} times",
        "name a CRS that is true all over it with --crs, or map it as it lies with --gsd native",
    )


def read_crs(text: str) -> CRS:
    """Read the CRS that a user names.

    Parameters
    ----------
    text
        As PROJ takes it: EPSG:32633, WKT.

    Returns
    -------
    CRS
        A projected one.

    Raises
    ------
    InputError
        If it is none.
    """
    try:
        found = CRS.from_user_input(text)
    except CRSError as error:
        raise InputError(f"--crs {text[:60]}", "a CRS such as EPSG:32633, or WKT") from error
    if not found.is_projected:
        raise InputError(
            f"--crs {text[:60]} is not projected: its pixels would be oblong",
            "a projected CRS, such as a UTM zone (EPSG:32633)",
        )
    return found


def fitting_crs(own: Grid) -> CRS:
    """Return a projected CRS for the ground of a grid.

    Parameters
    ----------
    own
        A grid with a CRS.

    Returns
    -------
    CRS
        Its own where that is projected and square pixels are square on the ground as well, else
        the UTM zone of its middle by the same datum; UPS beyond 84 degrees north and 80 south. Of
        another body than the Earth, transverse Mercator about its middle.
    """
    crs = CRS.from_wkt(str(own.crs))
    if not _in_degrees(own):
        left, _, _, above = own.bounds()
        x, y = own.xy(own.height / 2, own.width / 2)
        side = max(abs(x - left), abs(above - y)) / 1000 or 1.0
        probe = Grid(2, 2, (side, 0.0, x - side, 0.0, -side, y + side), own.crs)
        if _is_square(probe):
            return crs
    geodetic = geodetic_of(crs)
    if geodetic is None:
        return crs
    middle = own.xy(own.height / 2, own.width / 2)
    longitude, latitude = Transformer.from_crs(crs, geodetic, always_xy=True).transform(*middle)
    body = geodetic.ellipsoid
    if body and abs(body.semi_major_metre / EARTH - 1) > NEARLY:
        return ProjectedCRS(
            TransverseMercatorConversion(latitude, longitude), geodetic_crs=geodetic
        )
    return utm(longitude, latitude, geodetic)


def utm(longitude: float, latitude: float, geodetic: CRS) -> CRS:
    """Return the UTM zone of a place, or UPS near the poles.

    Parameters
    ----------
    longitude, latitude
        Degrees.
    geodetic
        The CRS of these: the zone is of its datum where there is one, else of WGS 84.

    Returns
    -------
    CRS
        With x before y.
    """
    if latitude > POLAR or latitude < SOUTH:
        return CRS.from_epsg(5041 if latitude > 0 else 5042)  # UPS, east before north
    longitude = (longitude + 180) % 360 - 180
    zone = min(60, int((longitude + 180) // 6) + 1)
    north = latitude >= 0
    if geodetic.name != "WGS 84":
        place = AreaOfInterest(longitude, latitude, longitude, latitude)
        for found in query_utm_crs_info(geodetic.name, place):
            if found.name.endswith(f"UTM zone {zone}{'N' if north else 'S'}"):
                return CRS.from_epsg(int(found.code))
    return CRS.from_epsg((32600 if north else 32700) + zone)


def bounds_in(
    own: Grid, wkt: str, points: ControlPoints | None = None
) -> tuple[float, float, float, float] | None:
    """Return the box around a grid in another CRS.

    Parameters
    ----------
    own
        A grid with a CRS.
    wkt
        The other one.
    points
        As of `map_grid`.

    Returns
    -------
    tuple or None
        The least x, the least y, the most x and the most y of points along its edges and inside;
        None where these lie nowhere.
    """
    xy = _places_in(own, wkt, points)
    return None if xy is None else _box(xy)


def _box(xy: Floats) -> tuple[float, float, float, float]:
    (left, below), (right, above) = xy.min(axis=0).tolist(), xy.max(axis=0).tolist()
    return left, below, right, above


def _places_in(own: Grid, wkt: str, points: ControlPoints | None) -> Floats | None:
    """Where points over a grid lie in another CRS, its corners and edges among them."""
    xy = _spread(own, points)
    if wkt != own.crs:
        change = Transformer.from_crs(own.crs, wkt, always_xy=True)
        xy = np.stack(change.transform(xy[:, 0], xy[:, 1]), axis=1)
    return xy if np.isfinite(xy).all() else None


def _spread(own: Grid, points: ControlPoints | None) -> Floats:
    """Places of EDGES + 1 points a side over a grid, its corners and edges among them."""
    rows, columns = np.meshgrid(
        np.linspace(0, own.height, EDGES + 1), np.linspace(0, own.width, EDGES + 1)
    )
    pixels = np.stack([columns.ravel(), rows.ravel()], axis=1)
    if points:
        return points.to_ground(pixels)
    a, b, c, d, e, f = own.transform
    return np.asarray(pixels @ np.array([[a, d], [b, e]]) + np.array([c, f]))


def _is_own(own: Grid, crs: str | None) -> bool:
    return crs is None or read_crs(crs) == CRS.from_wkt(str(own.crs))


def _same_pixels(own: Grid, grid: Grid) -> bool:
    """Whether a grid would only shift the pixels of another one."""
    code = crs_code(str(own.crs))  # names alone may be those of many: "unknown"
    return (
        own.north_up
        and (own.crs == grid.crs or (bool(code) and code == crs_code(str(grid.crs))))
        and np.allclose(own.transform[::4], grid.transform[::4], rtol=1e-6, atol=0)
    )


def _in_degrees(own: Grid) -> bool:
    crs = CRS.from_wkt(str(own.crs))
    return bool(crs.is_geographic or crs.is_geocentric)


def _turned(own: Grid) -> float:
    """Degrees by which rows or columns run beside the axes of the CRS; 0 where they hardly do."""
    a, b, _, d, e, _ = own.transform
    angle = max(math.atan2(abs(d), abs(a)), math.atan2(abs(b), abs(e)))
    return math.degrees(angle) if angle > TURNED else 0.0


def _is_square(own: Grid) -> bool:
    return (elongation(own) or 1.0) <= SQUARE


def _wanted_size(wanted: str | float | None, card: ModelCard) -> float:
    return card.gsd if wanted in (None, "model") else float(wanted)


def _size_problem(sides: tuple[float, float], card: ModelCard) -> str:
    """What of the scene's own pixels a model does not know; empty where it knows them."""
    low, high = card.gsd_range
    short, long = sorted(sides)
    # of 30 m on a map some are 30.01 m on the ground
    known = low * (1 - NEARLY) <= short and long <= high * (1 + NEARLY)
    if known and long <= OBLONG * short:
        return ""
    return f"the scene's pixels are {size_text(sides)}"


def size_text(sides: tuple[float, float]) -> str:
    """Write a pixel's size for people.

    Parameters
    ----------
    sides
        In metres.

    Returns
    -------
    str
        One number where it is square.
    """
    short, long = sorted(sides)
    if long <= 1.01 * short:
        return f"{math.sqrt(short * long):.3g} m"
    return f"{short:.3g} x {long:.3g} m"


def _warn_of_own(
    own: Grid, sides: tuple[float, float], problem: str, card: ModelCard, options: Options
) -> list[str]:
    """Warn of the scene's own pixels where they are taken as they are, or refuse them."""
    low, high = card.gsd_range
    short, long = sorted(sides)
    odd = list(_warn_of_shape(own, sides, card))
    if not problem:
        return odd
    square = long <= 1.01 * short or long <= OBLONG * short
    expected = f"{low:g} to {high:g} m" if square else f"square ones of {low:g} to {high:g} m"
    if options.reading.force:
        warning = f"{problem}, {card.name} was trained for {expected}: gone on because of --force"
        return [warning, *odd]
    raise ModelError(
        problem, expected, "leave --gsd native out: they are resampled to those of the model"
    )


def _warn_of_shape(own: Grid, sides: tuple[float, float], card: ModelCard) -> Iterator[str]:
    """Warn of the scene's own pixels where networks know others: square, and with north up."""
    short, long = sorted(sides)
    if long > SQUARE * short:
        yield f"the scene's pixels are {short:.3g} x {long:.3g} m: {card.name} knows square ones"
    elif not _is_square(own):
        yield f"the scene's pixels are sheared on the ground: {card.name} knows square ones"
    if angle := _turned(own):
        yield f"the scene's pixels are turned by {angle:.3g} degrees: {card.name} knows north up"


def _check_size(size: float, sides: tuple[float, float], card: ModelCard, options: Options) -> None:
    """Refuse pixels that the model does not know, or that hardly are the scene's any more."""
    low, high = card.gsd_range
    if options.reading.force:
        return
    # a side that was measured on the ground may lie beside the round number that it stands for
    if not low * (1 - NEARLY) <= size <= high * (1 + NEARLY):
        raise ModelError(
            f"the map's pixels would be {size:.3g} m",
            f"{low:g} to {high:g} m, which {card.name} knows",
            f"leave --gsd out for {card.gsd:g} m, or go on with --force",
        )
    times = factor(sides, size)
    if times <= FURTHEST * (1 + NEARLY):
        return
    nearest = high if max(sides) > size else low
    near = factor(sides, nearest) <= FURTHEST
    raise ModelError(
        f"the scene's pixels are {size_text(sides)}",
        f"{low:g} to {high:g} m, or at most {FURTHEST:g} times larger or smaller than the "
        f"{size:.3g} m to which they are resampled (these are {times:.3g} times)",
        f"--gsd {nearest:g} is nearer, and {card.name} knows it; or go on with --force"
        if near
        else "choose another model or scene, or go on with --force",
    )


def _warn_of_force(size: float, sides: tuple[float, float], card: ModelCard) -> Iterator[str]:
    """Warn of sizes that only `force` lets pass."""
    low, high = card.gsd_range
    if not low * (1 - NEARLY) <= size <= high * (1 + NEARLY):
        yield (
            f"the map's pixels are {size:.3g} m, {card.name} was trained for {low:g} to {high:g} "
            "m: gone on because of --force"
        )
    if (times := factor(sides, size)) > FURTHEST * (1 + NEARLY):
        yield (
            f"pixels of {size_text(sides)} become {size:.3g} m, {times:.3g} times larger or "
            "smaller: gone on because of --force"
        )


def factor(sides: tuple[float, float], size: float) -> float:
    """Return how many times pixels grow or shrink, by the side that changes more.

    Parameters
    ----------
    sides
        Of the scene's pixels, in metres.
    size
        Of the map's, in metres.

    Returns
    -------
    float
        At least 1.
    """
    return max(max(side / size, size / side) for side in sides)


def _warn_of_coarse(sides: tuple[float, float], size: float, card: ModelCard) -> list[str]:
    if max(sides) <= COARSE * size:
        return []
    return [
        f"the scene's pixels are {size_text(sides)}, {card.name} sees {size:.3g} m: resampling "
        "adds no detail to coarse pixels, and small things may be missed or wrong"
    ]


def _warn_of_crs(grid: Grid, card: ModelCard) -> list[str]:
    """Warn of a CRS, of the user's choice, in which squares are none on the ground."""
    sides = ground_sides(grid)
    if sides is None or _is_square(grid):
        return []
    return [
        f"in {crs_name(grid.crs)} the map's pixels are {size_text(sides)} on the ground: "
        f"{card.name} knows square ones"
    ]


def _said(own: Grid, grid: Grid, sides: tuple[float, float], size: float) -> str:
    shrinks, grows = min(sides) < size * 0.999, max(sides) > size * 1.001
    how = " and ".join([*(["area-weighted"] if shrinks else []), *(["bilinear"] if grows else [])])
    before, after = crs_name(own.crs), crs_name(grid.crs)
    place = after if before == after else f"{before} -> {after}"
    if angle := _turned(own):
        return (
            f"resampled: {size_text(sides)}, turned by {angle:.3g} degrees -> {size:.3g} m "
            f"({how or 'bilinear'}), {place}, {own.width:,} x {own.height:,} -> {grid.width:,} x "
            f"{grid.height:,} px"
        )
    return (
        f"resampled: {size_text(sides)} -> {size:.3g} m ({how or 'bilinear'}), {place}, "
        f"{own.width:,} x {own.height:,} -> {grid.width:,} x {grid.height:,} px"
    )


def crs_name(wkt: str | None) -> str:
    """Name a CRS in a few letters.

    Parameters
    ----------
    wkt
        The CRS.

    Returns
    -------
    str
        Its code, else its name.
    """
    return "no CRS" if wkt is None else crs_code(wkt) or CRS.from_wkt(wkt).name


def _name(crs: CRS) -> str:
    return crs_name(crs.to_wkt())


def _unplaced(layers: Sequence[BandInfo], card: ModelCard) -> str:
    tail = (
        f"its pixel size is unknown ({card.name} expects {card.gsd:g} m), and areas are in pixels"
    )
    named = next((layer.unplaced for layer in layers if layer.unplaced), "")
    if named:
        return (
            f"the scene names a coordinate reference system ({named}) but has no geotransform "
            "that places its pixels"
            f" in it: {tail}"
        )
    return f"the scene has no coordinate reference system: {tail}"
