"""Small components merged into their largest neighbour, by true area, in strips.

It is what GDAL's sieve does (4-connected, one pass), with square metres for pixels. Each
component below the least area looks for its largest neighbour; where that is small as well,
for the largest neighbour of that one, and so on until one is large enough. All sizes are
those before merging. A component whose search ends without one (between nodata, or among small
ones of which none grows) stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...core.arrays import Bytes, Floats, Ints
from ...core.jit import compiled, kernel_part
from ..borders.corners import Rows
from ..geodesic import PixelAreas
from .components import label_components

UNKNOWN = -1


def sieve(rows: Rows, ground: PixelAreas, min_area: float) -> Iterator[Bytes]:
    """Merge small components into their largest neighbours; nodata takes no part.

    Reads the raster three times, and holds at most 35 bytes for each pixel whose class is
    neither that of the one to its left nor of the one above, whatever the size.

    Parameters
    ----------
    rows
        Gives the strips of the raster.
    ground
        Its grid, and the area of its pixels.
    min_area
        Square metres below which a component is small.

    Yields
    ------
    Bytes
        A strip's classes, uint8 [row, column], from top to bottom.
    """
    components = label_components(rows, ground)
    largest = np.full(len(components.root), UNKNOWN, np.int32)
    above = np.full(components.width, -1, np.int32)
    for _, labels in components.labelled():
        compare(above, labels, components.area, min_area, largest)
        above = labels[-1].copy()
    value = components.value.copy()
    merge(largest, components.area, min_area, components.value, value)
    yield from components.repainted(value)


@kernel_part
def meet(a: int, b: int, area: Floats, least: float, largest: Ints) -> None:
    """Note that a component is next to another one, if it is the largest so far; the first of
    equal ones stays.

    Parameters
    ----------
    a, b
        Components; the first one is the one that looks for a neighbour.
    area
        float64 [label]: square metres of each.
    least
        Square metres below which a component is small.
    largest
        int32 [label]: the largest neighbour of each so far, or UNKNOWN; it is written.
    """
    if area[a] < least and (largest[a] == UNKNOWN or area[largest[a]] < area[b]):
        largest[a] = b


@kernel_part
def touch(a: int, b: int, area: Floats, least: float, largest: Ints) -> None:
    """Note that two pixels lie side by side.

    Parameters
    ----------
    a, b
        Their components, -1 for none.
    area, least, largest
        See `meet`.
    """
    if a >= 0 and b >= 0 and a != b:
        meet(a, b, area, least, largest)
        meet(b, a, area, least, largest)


@compiled
def compare(above: Ints, labels: Ints, area: Floats, least: float, largest: Ints) -> None:
    """Find the largest neighbour of each small component, in a strip and the row above it.

    Parameters
    ----------
    above
        Components of the row above, int32 [column], -1 for none.
    labels
        Those of the strip, int32 [row, column].
    area, least, largest
        See `meet`.
    """
    for i in range(labels.shape[0]):
        over = labels[i - 1] if i > 0 else above
        for x in range(labels.shape[1]):
            here = labels[i, x]
            touch(here, over[x], area, least, largest)
            if x > 0:
                touch(here, labels[i, x - 1], area, least, largest)


@compiled
def merge(largest: Ints, area: Floats, least: float, value: Bytes, merged: Bytes) -> None:
    """Give each small component the class of the first one that is large enough, on the way over
    largest neighbours.

    Parameters
    ----------
    largest, area, least
        See `meet`; `largest` is used up.
    value
        uint8 [label]: the class of each component.
    merged
        The same; becomes the new class.
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
        # the next search is short
        while at != end and largest[at] != UNKNOWN and largest[at] != end:
            after = largest[at]
            largest[at] = end if found else UNKNOWN
            at = after
        if not found:
            largest[k] = UNKNOWN
