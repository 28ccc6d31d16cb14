"""Where a raster lies on the ground: its grid, its pixel size in metres, and what has no place."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np
from pyproj import CRS, Geod, Transformer
from pyproj.exceptions import ProjError
from rasterio import Affine

from ..core.arrays import Floats
from ..core.errors import InputError
from ..core.grid import Grid
from .control_points import ControlPoints

FARTHEST = 1e15  # of any CRS: the Earth's girth is 4e10 millimetres
IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def grid_of(dataset: Any, points: ControlPoints | None = None) -> Grid:
    """Return the grid of an open raster.

    Parameters
    ----------
    dataset
        Open for reading.
    points
        What places it where it has no geotransform; None refuses it then.

    Returns
    -------
    Grid
        As the file has it, not yet turned; y counts up from minus the row where nothing places it,
        as QGIS draws such rasters. By points it is the affine one that is nearest to them.

    Raises
    ------
    InputError
        If only control points or RPCs place it, or its georeference is no place.
    """
    transform = tuple(map(float, dataset.transform[:6]))
    if transform == IDENTITY:
        if points:
            return points.grid(dataset.height, dataset.width)
        _refuse_unrectified(dataset)
        return Grid(
            dataset.height, dataset.width
        )  # y counts up from minus the row, as QGIS draws such rasters
    check_place(dataset)
    crs = dataset.crs.to_wkt() if dataset.crs else None
    return Grid(dataset.height, dataset.width, transform, crs)  # type: ignore[arg-type]


def check_place(dataset: Any) -> None:
    """Refuse a georeference that is no place.

    Parameters
    ----------
    dataset
        Open for reading.

    Raises
    ------
    InputError
        If a corner lies beyond all places, or a pixel has no area.
    """
    transform = tuple(map(float, dataset.transform[:6]))
    a, b, c, d, e, f = transform
    ends = [(column, row) for column in (0, dataset.width) for row in (0, dataset.height)]
    values = [
        a * e - b * d,
        *(value for x, y in ends for value in (a * x + b * y + c, d * x + e * y + f)),
    ]
    if not all(abs(value) <= FARTHEST for value in values):  # NaN compares as False
        raise InputError(
            f"{dataset.name} has a georeference that is no place: {transform}",
            f"coordinates within {FARTHEST:g} of 0",
            "set it right with gdal_edit.py -a_ullr, or remove it with gdal_edit.py -unsetgt",
        )
    if a * e - b * d == 0:
        raise InputError(
            f"{dataset.name} has a georeference in which a pixel has no area: {transform}",
            "pixels of some width and height",
            "set it right with gdal_edit.py -a_ullr, or remove it with gdal_edit.py -unsetgt",
        )


def _refuse_unrectified(dataset: Any) -> None:
    points, crs = dataset.gcps
    if points:
        kind = f"{len(points)} ground control points"
        flag = "-r bilinear"
        flag += f" -t_srs EPSG:{crs.to_epsg()}" if crs and crs.to_epsg() else ""
    elif dataset.rpcs:
        kind = "rational polynomial coefficients (RPC)"
        flag = "-r bilinear -rpc -t_srs EPSG:4326"
    else:
        return
    raise InputError(
        f"{dataset.name} is placed by {kind} only, not yet brought to a map grid",
        "a raster with a geotransform",
        f"rectify it first: gdalwarp {flag} {dataset.name} rectified.tif",
    )


def unplaced_crs(dataset: Any) -> str:
    """Return the CRS that a raster names although nothing places its pixels in it.

    Parameters
    ----------
    dataset
        Open for reading.

    Returns
    -------
    str
        Its code or name; "" where it names none, or is placed.
    """
    if dataset.crs is None or tuple(map(float, dataset.transform[:6])) != IDENTITY:
        return ""
    crs = CRS.from_wkt(dataset.crs.to_wkt())
    code = crs.to_authority(min_confidence=100)
    return ":".join(code) if code else crs.name


def to_pixels(grid: Grid, xy: Floats) -> Floats:
    """Return where points lie in a raster: the way back from `Grid.xy`.

    Parameters
    ----------
    grid
        The raster's.
    xy
        Points [n, 2] in its CRS, x before y.

    Returns
    -------
    Floats
        Columns and rows [n, 2] from the raster's corner, the centre of its first pixel at 0.5, 0.5.
    """
    a, b, c, d, e, f = grid.transform
    # from the raster's corner on: at coordinates of some 10^6 m the inverse would lose digits
    x = xy[:, 0] - c
    y = xy[:, 1] - f
    column_x, column_y, _, row_x, row_y, *_ = ~Affine(a, b, 0.0, d, e, 0.0)
    with np.errstate(invalid="ignore"):  # points without coordinates are infinite
        return np.stack([column_x * x + column_y * y, row_x * x + row_y * y], axis=1)


def ground_size(grid: Grid) -> float | None:
    """Return how large a pixel is on the ground.

    It is measured on the ellipsoid at the scene's centre, so degrees, feet and Web Mercator come
    out alike.

    Parameters
    ----------
    grid
        Of any CRS.

    Returns
    -------
    float | None
        Metres of a pixel's side; of one that is not square, of the square of the same area. None
        without a CRS.
    """
    measured = _measure(grid)
    return None if measured is None else math.sqrt(math.prod(measured))


def ground_sides(grid: Grid) -> tuple[float, float] | None:
    """Return how high and wide a pixel is on the ground, as `ground_size` measures.

    Parameters
    ----------
    grid
        Of any CRS.

    Returns
    -------
    tuple[float, float] | None
        Height and width in metres; None without a CRS.
    """
    measured = _measure(grid)
    return None if measured is None else (measured[0], measured[1])


def elongation(grid: Grid) -> float | None:
    """Return how far a pixel's shape on the ground is from a square's, however it is turned.

    Parameters
    ----------
    grid
        Of any CRS.

    Returns
    -------
    float | None
        How many times longer than wide the ellipse is that the circle in a square becomes there:
        1 for squares, the longer side by the shorter for oblong pixels, more than 1 for sheared
        ones. None without a CRS.
    """
    measured = _measure(grid)
    if measured is None:
        return None
    height, width, shear = measured
    # of the ellipse's axes the product is the area, and the sum of squares that of the sides
    area = max(height * width * shear, sys.float_info.min)
    mean = max(1.0, (height**2 + width**2) / (2 * area))  # of their ratio and its inverse
    return mean + math.sqrt(mean**2 - 1)


def _measure(grid: Grid) -> tuple[float, float, float] | None:
    """Height and width of a pixel in metres, and the sine of the angle between them."""
    if grid.crs is None:
        return None
    crs = CRS.from_wkt(grid.crs)
    row = grid.height / 2
    column = grid.width / 2
    corners = [grid.xy(row, column), grid.xy(row, column + 1), grid.xy(row + 1, column)]
    degrees = _to_degrees(crs, corners)
    if degrees is None:
        return _planar(crs, grid)
    geod = crs.get_geod() or Geod(ellps="WGS84")
    (x0, y0), (x1, y1), (x2, y2) = degrees
    along = geod.inv(x0, y0, x1, y1)
    across = geod.inv(x0, y0, x2, y2)
    shear = abs(math.sin(math.radians(along[0] - across[0])))
    return across[2], along[2], shear


def geodetic_of(crs: CRS) -> CRS | None:
    """Return the longitude and latitude by which a CRS is tied to the Earth.

    Those of a rotated pole are degrees as well, but of no place on the ellipsoid.

    Parameters
    ----------
    crs
        Of any kind.

    Returns
    -------
    CRS | None
        A geographic one; None where it is not tied to the Earth.
    """
    geodetic = crs.geodetic_crs
    return geodetic.source_crs if geodetic is not None and geodetic.is_derived else geodetic


def _to_degrees(crs: CRS, points: list[tuple[float, float]]) -> list[tuple[float, float]] | None:
    """Longitude and latitude on the CRS's own ellipsoid, or None where there are none."""
    geodetic = geodetic_of(crs)
    if geodetic is None:
        return None
    try:
        transformer = Transformer.from_crs(crs, geodetic, always_xy=True)
        found = [transformer.transform(x, y) for x, y in points]
    except ProjError:
        return None
    return found if all(math.isfinite(value) for point in found for value in point) else None


def _planar(crs: CRS, grid: Grid) -> tuple[float, float, float]:
    a, b, _, d, e, _ = grid.transform
    unit = (crs.axis_info[0].unit_conversion_factor if crs.axis_info else 1.0) or 1.0
    height = math.hypot(b, e)
    width = math.hypot(a, d)
    return height * unit, width * unit, abs(a * e - b * d) / (height * width)
