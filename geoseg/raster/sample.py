"""A look at a few windows of a scene: values all over it, and areas that hold nothing but a constant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..grid import Grid, Window
from ..stitch import Patch

LATTICES = ((3, 256), (8, 96))  # windows along an axis, and their side; the second where the first finds too little
ENOUGH = 500  # valid pixels, or all that a small scene has

Pixels = npt.NDArray[Any]


STEP = 8  # pixels: a constant area is wider than this, which bright roofs and black shadows are not
LEAST = 0.005  # share of the scene: smaller constant areas are not told
EDGE = 0.05  # share of the scene's outermost pixels
MISSING = (0, 255, -9999)  # beside the ends of the data type: what stands for nothing, often without being declared


@dataclass(frozen=True, slots=True)
class Sample:
    """What was seen: valid pixels [band, pixel] as digital numbers.

    `constants` maps a value that no sensor gives over an area, such as 0 or the type's
    largest, to the share of the scene that holds it in all bands without being marked as
    nodata; pixels of `missing_values` are left out of `pixels` there. `zeros` is the share of pixels that are
    0 in all bands and count as nodata without the file's saying so.
    """

    pixels: Pixels
    constants: dict[float, float]
    zeros: float = 0.0


def take_sample(read: Callable[[Window], Patch], grid: Grid, zeros: bool = False) -> Sample:
    """Read windows in the corners, along the edges and inside, at most 256 x 256 px each.

    With `zeros`, invalid pixels of 0 are counted.
    """
    for count, side in LATTICES:
        pixels, edges, areas = [], [], Areas()
        empty = total = 0
        for window in spread(grid, count, side):
            patch = read(window)
            valid = np.ones(window.shape, bool) if patch.valid is None else patch.valid
            pixels.append(patch.data[:, valid])
            edges.append(patch.data[:, valid & _edge(window, grid)])
            areas.add(patch)
            total += window.area
            empty += int((~valid & (patch.data == 0).all(axis=0)).sum()) if zeros else 0
        constants = _constants(np.concatenate(edges, axis=1)) | areas.shares
        found = np.concatenate(pixels, axis=1)
        found = _without(found, set(constants) & set(missing_values(found.dtype)))
        if found.shape[1] >= min(ENOUGH, grid.extent.area):
            break
    return Sample(found, constants, empty / total)


class Areas:
    """Counts, over patches, the areas that hold one of `missing_values` in all bands."""

    def __init__(self) -> None:
        self._counts: Counter[float] = Counter()
        self._total = 0

    def add(self, patch: Patch) -> None:
        """Look at every STEP-th pixel: at corners of squares whose four all hold one value in all bands, and are valid.

        Of several bands, any value counts that a whole square holds: no sensor gives one.
        """
        data = patch.data[:, ::STEP, ::STEP]
        known = np.ones(data.shape[1:], bool) if patch.valid is None else patch.valid[::STEP, ::STEP]
        self._total += int(known.sum())
        value = data[0]
        same = (data == value).all(axis=0) & known
        missing = np.isin(value, np.array(missing_values(value.dtype), value.dtype))
        if len(data) == 1:
            same &= missing
        pairs = same[:-1] & same[1:] & (value[:-1] == value[1:])
        squares = pairs[:, :-1] & pairs[:, 1:] & (value[:-1, :-1] == value[:-1, 1:])
        if (squares & ~missing[:-1, :-1]).any():
            squares &= missing[:-1, :-1] | _filled(patch.data[0], squares.shape)
        inside = np.zeros_like(same)
        for rows in (slice(None, -1), slice(1, None)):
            for columns in (slice(None, -1), slice(1, None)):
                inside[rows, columns] |= squares
        found, counts = np.unique(value[inside], return_counts=True)
        self._counts.update(dict(zip(found.astype(float).tolist(), counts.tolist(), strict=True)))

    @property
    def shares(self) -> dict[float, float]:
        """The share of what was added that holds each value, of those that hold LEAST or more."""
        shares = {value: count / self._total for value, count in self._counts.items() if count}
        return {value: share for value, share in sorted(shares.items()) if share >= LEAST}


def _filled(band: Pixels, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Return which squares of STEP x STEP pixels hold one value only."""
    rows, columns = shape
    squares = band[: rows * STEP, : columns * STEP].reshape(rows, STEP, columns, STEP)
    return np.asarray(squares.min(axis=(1, 3)) == squares.max(axis=(1, 3)))


def missing_values(dtype: np.dtype[Any]) -> list[float]:
    """Return the values of a data type that stand for nothing, where a file forgets to say so."""
    if dtype.kind not in "iu":
        return [float(value) for value in (*MISSING, 65535, np.finfo(dtype).min, np.finfo(dtype).max)]
    limits = np.iinfo(dtype)
    values = {*MISSING, 65535, int(limits.min), int(limits.max)}
    return [float(value) for value in sorted(values) if limits.min <= value <= limits.max]


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


def _constants(edge: Pixels) -> dict[float, float]:
    """Values that hold a part of the outermost pixels."""
    if edge.shape[1] < 20:  # too few to tell
        return {}
    same = edge[0][(edge == edge[0]).all(axis=0)]
    ends = missing_values(edge.dtype)
    shares = {value: float((same == value).sum()) / edge.shape[1] for value in ends}
    return {value: share for value, share in shares.items() if share >= EDGE}


def _without(pixels: Pixels, values: Iterable[float]) -> Pixels:
    keep = np.ones(pixels.shape[1], bool)
    for value in values:
        keep &= ~(pixels == pixels.dtype.type(value)).all(axis=0)
    return pixels[:, keep]
