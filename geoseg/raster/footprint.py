"""Where a raster lies on the globe: its outline in longitude and latitude, cut at the
antimeridian.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
import shapely.affinity
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from ..core.grid import Grid
from .georeference import to_pixels

STEPS = 8  # parts of each side: straight lines of a projection are bent on the globe
DIGITS = 7  # decimals of a degree: a centimetre


def footprint(grid: Grid) -> tuple[dict[str, Any], list[float]] | None:
    """Return where a raster lies on the globe.

    Parameters
    ----------
    grid
        Of any CRS; its edges are followed closely, for they are curves in degrees.

    Returns
    -------
    tuple[dict[str, Any], list[float]] | None
        The outline as GeoJSON, cut at the antimeridian, and its box: west, south, east, north in
        degrees, where west is above east across 180 degrees. None where it has no place on the
        globe.

    References
    ----------
    RFC 7946, sections 3.1.9 and 5.2.
    """
    if grid.crs is None:
        return None
    x, y = zip(*(grid.xy(row, column) for row, column in _ring(grid)), strict=True)
    try:
        found = Transformer.from_crs(grid.crs, "OGC:CRS84", always_xy=True).transform(x, y)
    except ProjError:
        return None
    if not all(math.isfinite(value) for values in found for value in values):
        return None
    polygons = _inside(shapely.Polygon(_unwrapped(list(zip(*found, strict=True)))))
    if not polygons:
        return None
    rings = [
        [[round(x, DIGITS), round(y, DIGITS)] for x, y, *_ in polygon.exterior.coords]
        for polygon in polygons
    ]
    coordinates = [[_counterclockwise(ring)] for ring in rings]
    geometry = {"type": "Polygon", "coordinates": coordinates[0]}
    if len(rings) > 1:
        geometry = {"type": "MultiPolygon", "coordinates": coordinates}
    return geometry, _box(rings)


def outline(own: Grid, grid: Grid) -> Any:
    """Return the ground of a raster in another one's pixels.

    Parameters
    ----------
    own
        Whose ground it is.
    grid
        Of any CRS that can be related to it.

    Returns
    -------
    shapely.Geometry
        x to the right and y down, half a pixel smaller on all sides, so that neighbours that only
        touch share none of it. Where it has no place in the other's CRS, all of the other.
    """
    x, y = zip(*(own.xy(row, column) for row, column in _ring(own)), strict=True)
    if own.crs != grid.crs:
        x, y = Transformer.from_crs(own.crs, grid.crs, always_xy=True).transform(x, y)
    if not np.isfinite([x, y]).all():
        return shapely.box(0, 0, grid.width, grid.height)
    found = shapely.Polygon(to_pixels(grid, np.array([x, y]).T))
    return shapely.buffer(found, -0.5, join_style="mitre")


def share_ground(own: Any, others: Sequence[Any]) -> bool:
    """Return whether an outline shares ground with any of others.

    Parameters
    ----------
    own, others
        Each as `outline` gives it, in pixels of one raster.

    Returns
    -------
    bool
        False also where they overlap by less than a pixel.
    """
    return bool(shapely.intersects(own, np.array(others, object)).any())


def crs_code(crs: str | None) -> str | None:
    """Return the code of a CRS.

    Parameters
    ----------
    crs
        WKT or any other form that PROJ reads; None for no CRS.

    Returns
    -------
    str | None
        Such as "EPSG:32632"; None where it has none.
    """
    try:
        authority = CRS.from_user_input(crs).to_authority() if crs else None
    except CRSError:
        return None
    return ":".join(authority) if authority else None


def _ring(grid: Grid) -> list[tuple[float, float]]:
    height = grid.height
    width = grid.width
    shares = [i / STEPS for i in range(STEPS)]
    down = [(height * s, 0.0) for s in shares] + [(float(height), width * s) for s in shares]
    up = [(height * (1 - s), float(width)) for s in shares] + [
        (0.0, width * (1 - s)) for s in shares
    ]
    return [*down, *up, (0.0, 0.0)]


def _unwrapped(ring: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the ring with longitudes that run on past 180 degrees; one around a pole goes over
    it.
    """
    found = [ring[0]]
    for x, y in ring[1:]:
        found.append((x - 360 * round((x - found[-1][0]) / 360), y))
    if abs(found[-1][0] - found[0][0]) > 180:
        pole = math.copysign(90, sum(y for _, y in ring))
        found += [(found[-1][0], pole), (found[0][0], pole), found[0]]
    return found


def _inside(polygon: Any) -> list[Any]:
    """Return the parts of a polygon, each with longitudes from -180 to 180."""
    west, _, east, _ = polygon.bounds
    turns = [turn for turn in (-720, -360, 0, 360, 720) if west + turn < 180 and east + turn > -180]
    moved = [shapely.affinity.translate(polygon.buffer(0), turn) for turn in turns]
    found = [part.intersection(shapely.box(-180, -90, 180, 90)) for part in moved]
    return [part for part in found if isinstance(part, shapely.Polygon) and part.area > 1e-14]


def _box(rings: list[list[list[float]]]) -> list[float]:
    y = [point[1] for ring in rings for point in ring]
    sides = [(min(x for x, _ in ring), max(x for x, _ in ring)) for ring in rings]
    west = min(low for low, _ in sides)
    east = max(high for _, high in sides)
    if len(rings) > 1 and east - west > 180:  # RFC 7946, 5.2
        west = min(low for low, _ in sides if low > 0)
        east = max(high for low, high in sides if low <= 0)
    return [west, min(y), east, max(y)]


def _counterclockwise(ring: list[list[float]]) -> list[list[float]]:
    area = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))
    return ring if area >= 0 else ring[::-1]
