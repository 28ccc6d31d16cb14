"""Regions of a class raster, labelled by union-find along the rows: new ones, joined ones, and those that may end."""

from __future__ import annotations

from ..card import NODATA
from .jit import bare, inlined
from .state import CANDIDATES, DEAD_REGIONS, FREE_REGIONS, REGION_TOP, ROW, WIDTH, Bytes, Ints, Longs, Regions, Rings


@inlined
def find(parent: Ints, i: int) -> int:
    """Return the root of i, halving the path to it."""
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return int(i)


@bare
def new_region(r: Regions, s: Longs, value: int, origin: int) -> int:
    """Return a new region without rings."""
    if s[FREE_REGIONS] > 0:
        s[FREE_REGIONS] -= 1
        k = r.free[s[FREE_REGIONS]]
    else:
        k = s[REGION_TOP]
        s[REGION_TOP] += 1
    r.parent[k], r.runs[k], r.first_ring[k], r.last_ring[k] = k, 0, -1, -1
    r.value[k], r.origin[k], r.area[k] = value, origin, 0.0
    r.least[k] = NODATA
    r.sums[k, :] = 0.0
    return int(k)


@bare
def merge_regions(r: Regions, rings: Rings, s: Longs, k: int, into: int) -> None:
    """Join region k to another: its rings, its measures, its first pixel."""
    r.parent[k] = into
    if r.first_ring[k] >= 0:
        if r.first_ring[into] < 0:
            r.first_ring[into] = r.first_ring[k]
        else:
            rings.next[r.last_ring[into]] = r.first_ring[k]
        r.last_ring[into] = r.last_ring[k]
    r.runs[into] += r.runs[k]
    r.origin[into] = min(r.origin[into], r.origin[k])
    r.area[into] += r.area[k]
    r.least[into] = min(r.least[into], r.least[k])
    for i in range(r.sums.shape[1]):
        r.sums[into, i] += r.sums[k, i]
    r.dead[s[DEAD_REGIONS]] = k
    s[DEAD_REGIONS] += 1


@bare
def unite(r: Regions, rings: Rings, s: Longs, one: int, other: int) -> None:
    """Make one region of two, if they are not one already."""
    k, into = find(r.parent, one), find(r.parent, other)
    if k != into:
        merge_regions(r, rings, s, k, into)


@inlined
def label_of_run(up: Bytes, here: Bytes, labels: Ints, r: Regions, s: Longs, x: int) -> int:
    """Return the region of the run of pixels that starts at x: that of the first pixel above it, or a new one."""
    value, width = here[x], len(here)
    for j in range(x + 1, width):
        if here[j] != value:
            break
        if up[j] == value:
            return int(labels[j])
    return int(new_region(r, s, value, s[ROW] * s[WIDTH] + x))


@inlined
def lose_run(parent: Ints, runs: Ints, ended: Ints, s: Longs, label: int) -> None:
    """Note that a run of the row above ends here; a region without runs may be complete when the row is done."""
    k = find(parent, label)
    runs[k] -= 1
    if runs[k] == 0:
        ended[s[CANDIDATES]] = k
        s[CANDIDATES] += 1


@inlined
def gain_run(parent: Ints, runs: Ints, label: int) -> None:
    """Note that a run of the new row ends here."""
    runs[find(parent, label)] += 1
