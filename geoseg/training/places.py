"""Scenes that lie on the same ground, or near one another, are one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from pyproj import CRS, Transformer

from ..core.grid import Grid, Window
from ..raster.relate import tied_to_earth
from .sources import Sample

DEGREES = "EPSG:4326"


def name_places(samples: Sequence[Sample], grids: Sequence[Grid], guard: int) -> list[Sample]:
    """Give every scene without a place one: its own, or that of the scenes near it.

    Parameters
    ----------
    samples
        With or without places; given ones stay, and no other scene joins them.
    grids
        Of their scenes, in order; one without a CRS on the earth is a place of its own.
    guard
        Pixels: scenes whose footprints, widened by so many of their own, meet are of one place.

    Returns
    -------
    list of Sample
        In the same order; a place is named after one of its files.
    """
    if all(sample.place for sample in samples):
        return list(samples)
    boxes = np.array([_footprint(grid, guard) for grid in grids])
    names = [sample.place or Path(sample.files[0]).stem for sample in samples]
    for i in range(len(samples)):
        if samples[i].place or np.isnan(boxes[i]).any():
            continue
        near = [
            j
            for j in np.flatnonzero(_meet(boxes[: i + 1], boxes[i])).tolist()
            if j < i and not samples[j].place
        ]
        joined = {names[j] for j in near}
        if joined:
            first = min(joined)
            names[i] = first
            names = [
                first if name in joined and not samples[j].place else name
                for j, name in enumerate(names)
            ]
    return [replace(sample, place=name) for sample, name in zip(samples, names, strict=True)]


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
