"""Scenes that lie on the same ground, or near one another, are one place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from pyproj import CRS, Transformer

from ..core.grid import Grid, Window
from ..raster.relate import tied_to_earth

DEGREES = "EPSG:4326"


def name_places(
    given: Sequence[str], names: Sequence[str], grids: Sequence[Grid], guard: int
) -> list[str]:
    """Give every scene without a place one: its own, or that of the scenes near it.

    Parameters
    ----------
    given
        The place of each scene, "" where none is told; told ones stay, and no other joins them.
    names
        What a place is called that begins with the scene.
    grids
        Of the scenes; one without a CRS on the earth is a place of its own.
    guard
        Pixels: scenes whose footprints, widened by so many of their own, meet are of one place.

    Returns
    -------
    list of str
        In the same order; a place is named after one of its scenes.
    """
    if all(given):
        return list(given)
    boxes = np.array([_footprint(grid, guard) for grid in grids])
    found = [place or name for place, name in zip(given, names, strict=True)]
    for i, place in enumerate(given):
        if place or np.isnan(boxes[i]).any():
            continue
        near = np.flatnonzero(_meet(boxes[: i + 1], boxes[i])).tolist()
        joined = {found[j] for j in near if j < i and not given[j]}
        if joined:
            first = min(joined)
            found[i] = first
            found = [
                first if name in joined and not given[j] else name for j, name in enumerate(found)
            ]
    return found


def _footprint(grid: Grid, guard: int) -> tuple[float, float, float, float]:
    """Return west, south, east, north in degrees with the guard around it; NaN without a CRS
    that has them.
    """
    if grid.crs is None or not tied_to_earth(grid.crs):
        return (np.nan,) * 4
    box = grid.bounds(Window(-guard, -guard, grid.height + guard, grid.width + guard))
    to_degrees = Transformer.from_crs(CRS.from_wkt(grid.crs), DEGREES, always_xy=True)
    west, south, east, north = to_degrees.transform_bounds(*box)
    return (west, south, east, north) if west <= east else (-180.0, south, 180.0, north)


def _meet(boxes: Any, box: Any) -> Any:
    return (
        (boxes[:, 0] <= box[2])
        & (box[0] <= boxes[:, 2])
        & (boxes[:, 1] <= box[3])
        & (box[1] <= boxes[:, 3])
    )
