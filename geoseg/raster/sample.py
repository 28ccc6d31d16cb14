"""A look at a few windows of a scene: values all over it, and constants along its edges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..grid import Grid, Window
from ..stitch import Patch

LATTICES = ((3, 256), (8, 96))  # windows along an axis, and their side; the second where the first finds too little
ENOUGH = 500  # valid pixels, or all that a small scene has

Pixels = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Sample:
    """What was seen: valid pixels [band, pixel] as digital numbers.

    `borders` maps a value that no sensor gives so often, 0 or the type's largest, to the
    share of the scene's edge that holds it in all bands without being marked as nodata;
    such pixels are left out of `pixels`.
    """

    pixels: Pixels
    borders: dict[int, float]


def take_sample(read: Callable[[Window], Patch], grid: Grid) -> Sample:
    """Read windows in the corners, along the edges and inside, at most 256 x 256 px each."""
    for count, side in LATTICES:
        pixels, edges = [], []
        for window in spread(grid, count, side):
            patch = read(window)
            valid = np.ones(window.shape, bool) if patch.valid is None else patch.valid
            pixels.append(patch.data[:, valid])
            edges.append(patch.data[:, valid & _edge(window, grid)])
        borders = _constants(np.concatenate(edges, axis=1))
        found = _without(np.concatenate(pixels, axis=1), borders)
        if found.shape[1] >= min(ENOUGH, grid.extent.area):
            break
    return Sample(found, borders)


def spread(grid: Grid, count: int, side: int) -> list[Window]:
    """Return up to count x count windows, evenly spread, the outer ones along the raster's edges."""
    tops, lefts = _offsets(grid.height, count, side), _offsets(grid.width, count, side)
    return [Window(t, s, min(t + side, grid.height), min(s + side, grid.width)) for t in tops for s in lefts]


def _offsets(length: int, count: int, side: int) -> list[int]:
    last = max(0, length - side)
    count = min(count, 1 + -(-last // side))
    return sorted({round(i * last / max(1, count - 1)) for i in range(count)})


def _edge(window: Window, grid: Grid) -> npt.NDArray[np.bool_]:
    """Return which pixels of the window lie on the raster's outermost rows and columns."""
    edge = np.zeros(window.shape, bool)
    edge[0] |= window.top == 0
    edge[-1] |= window.bottom == grid.height
    edge[:, 0] |= window.left == 0
    edge[:, -1] |= window.right == grid.width
    return edge


def _constants(edge: Pixels) -> dict[int, float]:
    if edge.shape[1] < 20:  # too few to tell
        return {}
    same = edge[0][(edge == edge[0]).all(axis=0)]
    ends = {0, 255} | ({int(np.iinfo(edge.dtype).max)} if edge.dtype.kind in "iu" else set())
    shares = {value: float((same == value).sum()) / edge.shape[1] for value in sorted(ends)}
    return {value: share for value, share in shares.items() if share >= 0.05}


def _without(pixels: Pixels, values: dict[int, float]) -> Pixels:
    keep = np.ones(pixels.shape[1], bool)
    for value in values:
        keep &= ~(pixels == value).all(axis=0)
    return pixels[:, keep]
