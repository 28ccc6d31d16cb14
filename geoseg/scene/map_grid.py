"""On which grid a scene is mapped: its own where the model knows pixels of this size, else one of
the model's pixel size in a CRS that is true to shape.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from pyproj import CRS, Transformer
from pyproj.aoi import AreaOfInterest
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
from ..raster.georeference import geodetic_of, ground_sides, ground_size
from .describe import finest

# a pixel's longer side by its shorter one, above which shapes are no longer the network's
OBLONG = 1.5
UNEVEN = 1.2  # above which it is told
FURTHEST = 4.0  # times by which pixels grow or shrink without the user's word
EDGES = 32  # points of each side of a scene that are projected, to find how far it reaches
NEARLY = 0.02  # by which a metre of the CRS may differ from one on the ground, and counts as one
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
    """Choose the grid on which a scene is mapped, by its pixel size and the user's word.

    Both sides of a pixel count: one of 10 x 20 m is not one of 14 m.

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
    points = next((layer.points for layer in layers if layer.points), None)
    problem = _size_problem(sides, card)
    stays = wanted == "native" or (wanted is None and not problem and not points)
    if stays and _is_own(own, options.reading.crs):
        if points:
            raise InputError(
                f"--gsd native, and the scene is placed by {points.kind} only",
                "another --gsd: such a scene is always resampled",
            )
        return None, _warn_of_own(sides, problem, card, options)
    size = math.sqrt(math.prod(sides)) if stays else _wanted_size(wanted, card)
    _check_size(size, sides, card, options)
    grid = map_grid(own, size, options.reading.crs, points)
    if grid == own or (not points and _same_pixels(own, grid)):
        return None, _warn_of_own(sides, problem, card, options)
    doubts = points.warnings() if points else []
    warnings = (*_warn_of_force(size, sides, card), *_warn_of_coarse(sides, size, card), *doubts)
    return MapGrid(grid, (_said(own, grid, sides, size),), warnings), []


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
    around = bounds_in(own, wkt, points)
    if around is None:
        raise InputError(
            f"the scene lies outside of where {_name(target)} is defined",
            "a CRS for its place",
            "name another one with --crs, or leave --crs out",
        )
    left, below, right, above = around
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
        the UTM zone of its middle by the same datum; UPS beyond 84 degrees north and 80 south.
    """
    crs = CRS.from_wkt(str(own.crs))
    if not _in_degrees(crs):
        left, _, _, above = own.bounds()
        x, y = own.xy(own.height / 2, own.width / 2)
        side = max(abs(x - left), abs(above - y)) / 1000 or 1.0
        probe = Grid(2, 2, (side, 0.0, x - side, 0.0, -side, y + side), own.crs)
        sides = ground_sides(probe)
        if sides is None or max(sides) <= UNEVEN * min(sides):
            return crs
    geodetic = geodetic_of(crs)
    if geodetic is None:
        return crs
    middle = own.xy(own.height / 2, own.width / 2)
    longitude, latitude = Transformer.from_crs(crs, geodetic, always_xy=True).transform(*middle)
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
    xy = _spread(own, points)
    if wkt != own.crs:
        change = Transformer.from_crs(own.crs, wkt, always_xy=True)
        xy = np.stack(change.transform(xy[:, 0], xy[:, 1]), axis=1)
    if not np.isfinite(xy).all():
        return None
    (left, below), (right, above) = xy.min(axis=0).tolist(), xy.max(axis=0).tolist()
    return left, below, right, above


def _spread(own: Grid, points: ControlPoints | None) -> Floats:
    """Places of points over a grid, its corners and edges among them."""
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


def _in_degrees(crs: CRS) -> bool:
    return bool(crs.is_geographic or crs.is_geocentric)


def _wanted_size(wanted: str | float | None, card: ModelCard) -> float:
    return card.gsd if wanted in (None, "model") else float(wanted)


def _size_problem(sides: tuple[float, float], card: ModelCard) -> str:
    """What of the scene's own pixels a model does not know; empty where it knows them."""
    low, high = card.gsd_range
    short, long = sorted(sides)
    if low <= short and long <= high and long <= OBLONG * short:
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
    sides: tuple[float, float], problem: str, card: ModelCard, options: Options
) -> list[str]:
    """Warn of the scene's own pixels where they are taken as they are, or refuse them."""
    low, high = card.gsd_range
    short, long = sorted(sides)
    if not problem:
        if long <= UNEVEN * short:
            return []
        return [f"the scene's pixels are {short:.3g} x {long:.3g} m: {card.name} knows square ones"]
    square = long <= 1.01 * short or long <= OBLONG * short
    expected = f"{low:g} to {high:g} m" if square else f"square ones of {low:g} to {high:g} m"
    if options.reading.force:
        return [f"{problem}, {card.name} was trained for {expected}: gone on because of --force"]
    raise ModelError(
        problem, expected, "leave --gsd native out: they are resampled to those of the model"
    )


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
    if max(sides) <= UNEVEN * size:
        return []
    return [
        f"the scene's pixels are {size_text(sides)}, {card.name} sees {size:.3g} m: resampling "
        "adds no detail to coarse pixels, and small things may be missed or wrong"
    ]


def _said(own: Grid, grid: Grid, sides: tuple[float, float], size: float) -> str:
    shrinks, grows = min(sides) < size * 0.999, max(sides) > size * 1.001
    how = " and ".join([*(["area-weighted"] if shrinks else []), *(["bilinear"] if grows else [])])
    before, after = crs_name(own.crs), crs_name(grid.crs)
    place = after if before == after else f"{before} -> {after}"
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
