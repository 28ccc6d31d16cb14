"""Small regions merged into their largest neighbour, by true area, in strips.

It is what GDAL's sieve does (4-connected, one pass), with square metres for pixels. Each
region below the least area looks for its largest neighbour; where that is small as well,
for the largest neighbour of that one, and so on until one is large enough. All sizes are
those before merging. A region whose search ends without one (between nodata, or among small
regions of which none grows) stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...core.arrays import Bytes, Floats, Ints
from ...core.jit import compiled
from ..borders.corners import Rows
from ..geodesic import PixelAreas
from .components import label_components

UNKNOWN = -1


def sieve(rows: Rows, ground: PixelAreas, min_area: float) -> Iterator[Bytes]:
    """Yield the strips with regions below `min_area` square metres merged; nodata takes no part.

    Reads the raster three times, and holds at most 35 bytes for each pixel whose class is
    neither that of the one to its left nor of the one above, whatever the size.
    """
    pieces = label_components(rows, ground)
    largest = np.full(len(pieces.root), UNKNOWN, np.int32)
    above = np.full(pieces.width, -1, np.int32)
    for _, labels in pieces.labelled():
        compare(above, labels, pieces.area, min_area, largest)
        above = labels[-1].copy()
    value = pieces.value.copy()
    merge(largest, pieces.area, min_area, pieces.value, value)
    yield from pieces.repainted(value)


@compiled
def meet(a: int, b: int, area: Floats, least: float, largest: Ints) -> None:
    """Note that region b is next to region a, if it is the largest so far; the first of equal
    ones stays.
    """
    if area[a] < least and (largest[a] == UNKNOWN or area[largest[a]] < area[b]):
        largest[a] = b


@compiled
def touch(a: int, b: int, area: Floats, least: float, largest: Ints) -> None:
    """Note that two pixels of regions a and b, -1 for none, lie side by side."""
    if a >= 0 and b >= 0 and a != b:
        meet(a, b, area, least, largest)
        meet(b, a, area, least, largest)


@compiled
def compare(above: Ints, labels: Ints, area: Floats, least: float, largest: Ints) -> None:
    """Find the largest neighbour of each small region, in a strip and the row above it."""
    for i in range(labels.shape[0]):
        over = labels[i - 1] if i > 0 else above
        for x in range(labels.shape[1]):
            here = labels[i, x]
            touch(here, over[x], area, least, largest)
            if x > 0:
                touch(here, labels[i, x - 1], area, least, largest)


@compiled
def merge(largest: Ints, area: Floats, least: float, value: Bytes, merged: Bytes) -> None:
    """Give each small region the class of the first region that is large enough, on the way over
    largest neighbours.
    """
    seen = np.full(len(largest), UNKNOWN, np.int32)
    for k in range(len(largest)):
        at = k
        while largest[at] != UNKNOWN and area[at] < least and seen[at] != k:
            seen[at] = k
            at = largest[at]
        found = area[at] >= least
        if found:
            merged[k] = value[at]
        end = at
        at = k
        while (
            at != end and largest[at] != UNKNOWN and largest[at] != end
        ):  # the next search is short
            after = largest[at]
            largest[at] = end if found else UNKNOWN
            at = after
        if not found:
            largest[k] = UNKNOWN
