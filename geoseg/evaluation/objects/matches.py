"""What became of each object, as a layer to be looked at over the scene."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ...core.errors import InputError
from ...core.grid import Window
from ...features.object_shapes import ObjectShapes, trace_objects
from ...vector.writers.shapes import write_shapes
from ..classes import MAP, TRUTH
from ..compare import read_windows
from .detection import detect
from .matching import NONE
from .overlaps import UNKNOWN, ObjectTable
from .sides import Brought, Side

LAYER = "matches"


def check_one_crs(parts: Sequence[Brought]) -> None:
    """Refuse several CRS, which one layer cannot hold.

    Parameters
    ----------
    parts
        The scenes.

    Raises
    ------
    InputError
        If there are several.
    """
    if len({part.crs for part in parts}) > 1:
        raise InputError(
            "--matches of scenes in several CRS", "one CRS for a layer", "one pair at a time"
        )


def write_matches(path: Path, parts: Sequence[Brought]) -> None:
    """Write each object of truth and map with what became of it.

    Parameters
    ----------
    path
        A GeoPackage that is not there yet.
    parts
        The scenes, in one CRS.
    """
    shapes: list[npt.NDArray[np.object_]] = []
    columns: dict[str, list[npt.NDArray[Any]]] = {}
    for part in parts:
        for side in (TRUTH, MAP):
            rows, own = _rows(part, side)
            shapes.append(own)
            for name, values in rows.items():
                columns.setdefault(name, []).append(values)
    whole = {name: np.concatenate(values) for name, values in columns.items()}
    write_shapes(path, LAYER, np.concatenate(shapes), whole, parts[0].crs)


def outlines(part: Brought, side: int) -> ObjectShapes:
    """Return the objects of one side as polygons.

    Parameters
    ----------
    part
        A scene.
    side
        MAP or TRUTH.

    Returns
    -------
    ObjectShapes
        As they were compared; of a raster traced along its pixels.
    """
    if part.shapes:
        return part.shapes[side]
    return trace(part.sides[side], None)


def trace(side: Side, window: Window | None) -> ObjectShapes:
    """Trace the objects of a raster.

    Parameters
    ----------
    side
        Map or truth.
    window
        Only what lies in it; None is all.

    Returns
    -------
    ObjectShapes
        In the raster's CRS.
    """
    assert side.numbers is not None
    numbers = side.numbers
    with closing(numbers.open()) as dataset:
        windows = read_windows(numbers.grid) if window is None else [window]
        return trace_objects(windows, lambda here: numbers.read(dataset, here)[0], numbers.grid)


def _rows(part: Brought, side: int) -> tuple[dict[str, npt.NDArray[Any]], Any]:
    """Return columns and shapes of one side's objects; stuff has no outline here."""
    found = part.overlaps
    tables = (found.mapped, found.truth)
    table = tables[side]
    shown = outlines(part, side)
    own = np.flatnonzero(~table.stuff & (table.numbers > 0)) if part.shapes is None else None
    if own is None:
        own = np.arange(len(table))
        shapes = shown.shapes
    else:
        shapes = shown.shapes[np.searchsorted(shown.numbers, table.numbers[own])]
    detection = detect(found)
    partners = detection.partners
    iou = detection.iou
    if side == MAP:
        got = np.flatnonzero(partners != NONE)
        partners = np.full(len(table), NONE)
        iou = np.zeros(len(table))
        partners[detection.partners[got]] = got
        iou[detection.partners[got]] = detection.iou[got]
    other = tables[1 - side]
    known = partners != NONE
    numbers = np.full(len(table), NONE)
    numbers[known] = other.numbers[partners[known]]
    counted = detection.counted[0 if side == TRUTH else 1]
    hit = detection.hit if side == TRUTH else detection.right
    many = detection.split if side == TRUTH else detection.merged
    names = np.array([*found.names, None], object)  # the last is of UNKNOWN
    columns: dict[str, npt.NDArray[Any]] = {
        "side": np.full(len(table), ("map", "truth")[side], object),
        "object": table.numbers,
        "class": names[table.classes],
        "outcome": _outcomes(side, counted, hit, many, table),
        "iou": np.round(iou, 6),
        "partner": numbers,
        "score": np.full(len(table), np.nan) if table.scores is None else table.scores,
        "area": table.areas,
    }
    scene = np.full(len(table), Path(part.sides[MAP].path).name, object)
    return {name: values[own] for name, values in {**columns, "scene": scene}.items()}, shapes


def _outcomes(side: int, counted: Any, hit: Any, many: Any, table: ObjectTable) -> Any:
    lost, several = ("missed", "split") if side == TRUTH else ("spurious", "merged")
    found = np.where(hit, "found", lost).astype(object)
    found[many & ~hit] = several
    found[many & hit] = f"found, {several}"
    found[~counted] = "not counted"
    found[table.crowd | (table.classes == UNKNOWN)] = "crowd" if side == TRUTH else "no class"
    return found
