"""Regions that touch at corners as multipolygons: each outer ring followed by the holes that lie in it."""

from __future__ import annotations

import numpy as np

from .jit import compiled
from .rings import Outlines, ring_turns
from .state import Ints, Longs


def grouped(shapes: Outlines) -> Outlines:
    """Return the outlines with the rings of each region in the order of its parts."""
    turns = ring_turns(shapes)
    owner = np.arange(len(turns))
    if not find_owners(shapes, turns, owner):
        return shapes
    order = np.lexsort((turns < 0, owner))
    lengths = np.diff(shapes.start)[order]
    start = np.concatenate([[0], np.cumsum(lengths)])
    vertices = np.repeat(shapes.start[order] - start[:-1], lengths) + np.arange(start[-1])
    return Outlines(shapes.x[vertices], shapes.y[vertices], start, shapes.first)


@compiled
def find_owners(o: Outlines, turns: Longs, owner: Longs) -> bool:
    """Find the outer ring of each ring; tell whether a region has more than one."""
    several = False
    for region in range(len(o.first) - 1):
        begin, end = o.first[region], o.first[region + 1]
        outers = 0
        for ring in range(begin, end):
            outers += turns[ring] > 0
        if outers > 1:
            several = True
            if outers < end - begin:
                look_up(o, begin, end, turns, owner)
        else:
            owner[begin:end] = begin
    return several


@compiled
def look_up(o: Outlines, begin: int, end: int, turns: Longs, owner: Longs) -> None:
    """Find the outer ring of each hole: from its topmost edge upwards, the next edge is of it or of a hole in it."""
    first, last = o.start[begin], o.start[end]
    left, right = o.x[first:last].min() >> 2, o.x[first:last].max() >> 2
    seen = np.full(right - left, -1, np.int32)  # the ring of the last edge in each column, from top to bottom
    rings, order = edges(o, begin, end)
    known = turns[begin:end] > 0
    for k in order:
        i, ring = k + first, rings[k]
        if ring < 0:
            continue
        after = i + 1 if i + 1 < o.start[ring + 1] else o.start[ring]
        a, b = min(o.x[i], o.x[after]) >> 2, max(o.x[i], o.x[after]) >> 2
        if not known[ring - begin]:
            known[ring - begin] = True
            owner[ring] = owner[seen[a - left]]
        seen[a - left : b - left] = ring


@compiled
def edges(o: Outlines, begin: int, end: int) -> tuple[Ints, Longs]:
    """Return, for each vertex of some rings, the ring of the level edge that starts there (-1: none); and by row."""
    first, last = o.start[begin], o.start[end]
    rings = np.full(last - first, -1, np.int32)
    for ring in range(begin, end):
        for i in range(o.start[ring], o.start[ring + 1]):
            after = i + 1 if i + 1 < o.start[ring + 1] else o.start[ring]
            if o.y[i] == o.y[after]:
                rings[i - first] = ring
    return rings, np.argsort(o.y[first:last])
