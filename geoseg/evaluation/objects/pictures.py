"""Single objects of map and truth, drawn over what a scene shows of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...core.arrays import Floats
from ...core.grid import Grid, Window
from ...features.object_shapes import ObjectShapes, near, rings_of
from ...report.outlines import Outline, draw_outlines
from ...scene.describe import SceneInfo
from ...scene.picture import window_pixels
from ..classes import MAP, TRUTH
from .matches import trace
from .sides import Brought

COLOURS = ("#ff7f2a", "#f0e442")  # by side: both are seen on pictures and on dark ground
MARGIN = 0.6  # of the object's longer side that is shown around it
LEAST = 8.0  # pixels that are shown around it at least
LARGEST = 4096  # pixels of the side of a cut; of larger ones only outlines are drawn
FINE = 200  # pixels that the longer side of an object has where nothing has pixels


def picture_of(part: Brought, place: Mapping[str, Any], scene: SceneInfo | None) -> bytes | None:
    """Draw an object with its neighbours.

    Parameters
    ----------
    part
        The scene that it is of.
    place
        One of `places`.
    scene
        What to draw it on; None for dark ground.

    Returns
    -------
    bytes or None
        A PNG; None where the scene does not show the place.
    """
    side = TRUTH if place["side"] == "truth" else MAP
    table = (part.overlaps.mapped, part.overlaps.truth)[side]
    # of several scenes the tables lie one below the other; the row is that of this scene's own
    box = table.boxes[place["row"]]
    wide = float(max(box[2] - box[0], box[3] - box[1]))
    grid = scene.grid if scene else _grid(part, box, wide)
    shown = _near(part, box, 2 * MARGIN * wide)
    rings: list[tuple[int, Floats, bool]] = []
    for which in (TRUTH, MAP):
        lines, numbers = rings_of(shown[which], grid)
        own = numbers == place["number"] if which == side else np.zeros(len(numbers), bool)
        rings += [(which, line, bool(mine)) for line, mine in zip(lines, own, strict=True)]
    mine = [line for _, line, own in rings if own]
    if not mine or not all(np.isfinite(line).all() for _, line, _ in rings):
        return None
    corners = np.concatenate(mine)
    low = corners.min(axis=0)
    high = corners.max(axis=0)
    room = max(LEAST, MARGIN * float((high - low).max()))
    left, top = np.floor(low - room).astype(int)
    right, bottom = np.ceil(high + room).astype(int)
    if scene is None:
        return _drawn(Window(top, left, bottom, right), rings, None)
    extent = grid.extent
    if right <= 0 or bottom <= 0 or left >= extent.right or top >= extent.bottom:
        return None
    window = Window(int(top), int(left), int(bottom), int(right)).clip(extent)
    small = max(window.shape) <= LARGEST
    return _drawn(window, rings, window_pixels(scene, window)[0] if small else None)


def _drawn(
    window: Window,
    rings: list[tuple[int, Floats, bool]],
    pixels: Any,
) -> bytes:
    corner = np.array([window.left, window.top], np.float64)
    lines = [
        Outline(line - corner, COLOURS[side], 3 if own else 1)
        for side, line, own in sorted(rings, key=lambda ring: ring[2])
    ]
    return draw_outlines(window.shape, lines, pixels)


def _grid(part: Brought, box: Floats, wide: float) -> Grid:
    """Return the grid to draw on: that of the rasters, or a fine one."""
    for side in part.sides:
        if side.numbers:
            return side.numbers.grid
    step = (wide or 1.0) / FINE
    return Grid(FINE, FINE, (step, 0.0, float(box[0]), 0.0, -step, float(box[3])), part.crs)


def _near(part: Brought, box: Floats, more: float) -> tuple[ObjectShapes, ObjectShapes]:
    """Return the objects of map and truth near a box."""
    wider = box + np.array([-more, -more, more, more])
    if part.shapes:
        return near(part.shapes[MAP], wider), near(part.shapes[TRUTH], wider)
    found = []
    for side in part.sides:
        assert side.numbers is not None
        grid = side.numbers.grid
        a, b, c, d, e, f = grid.transform
        x = wider[[0, 0, 2, 2]] - c
        y = wider[[1, 3, 1, 3]] - f
        whole = a * e - b * d
        columns = (e * x - b * y) / whole
        rows = (a * y - d * x) / whole
        window = Window(
            int(np.floor(rows.min() - 2 * LEAST)),
            int(np.floor(columns.min() - 2 * LEAST)),
            int(np.ceil(rows.max() + 2 * LEAST)),
            int(np.ceil(columns.max() + 2 * LEAST)),
        )
        found.append(trace(side, window.clip(grid.extent)))
    return found[MAP], found[TRUTH]
