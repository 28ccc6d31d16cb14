"""The streaming tracer's inner loops: rows in, borders grown corner by corner, finished regions out.

Two rows are in sight at a time. Regions are labelled by union-find along the rows. Borders
are directed, each region's with the region on its right hand, and grow as chains: at every
corner where the classes around it differ, the chains that meet there are started, prolonged
at head or tail, joined, or closed to a ring. At a corner that only touches diagonally the
border takes the tight turn, so that regions are 4-connected. When no pixel of a region is in
the new row, the region is complete: its rings go out and their vertices are free again.
"""

from __future__ import annotations

from ..card import NODATA
from .jit import compiled
from .state import (
    CHAIN_TOP,
    DEAD_REGIONS,
    FREE_CHAINS,
    FREE_REGIONS,
    FREE_RINGS,
    FREE_VERTEX,
    REGION_TOP,
    RING_TOP,
    RINGS,
    ROW,
    VERTEX_TOP,
    VERTICES,
    Bytes,
    Chains,
    Floats,
    Ints,
    Line,
    Longs,
    Regions,
    Rings,
    Vertices,
)

OUTSIDE = -1  # the value of nodata and of what lies around the raster


@compiled
def find(parent: Ints, i: int) -> int:
    """Return the root of i, halving the path to it."""
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return int(i)


@compiled
def add_run(r: Regions, k: int, start: int, stop: int, sure: Bytes, areas: Floats, part: float) -> None:
    """Add a run of pixels of one row to a region's measures. `areas` are running sums of rows to interpolate."""
    r.pixels[k] += stop - start
    r.area[k] += (1 - part) * (areas[0, stop] - areas[0, start]) + part * (areas[1, stop] - areas[1, start])
    if len(sure):
        total, least = 0, r.least[k]
        for x in range(start, stop):
            percent = sure[x] if sure[x] != NODATA else 0
            total += percent
            least = min(least, percent)
        r.sure[k] += total
        r.least[k] = least


@compiled
def new_region(r: Regions, s: Longs, value: int, row: int, origin: int) -> int:
    """Return a new region without rings."""
    if s[FREE_REGIONS] > 0:
        s[FREE_REGIONS] -= 1
        k = r.free[s[FREE_REGIONS]]
    else:
        k = s[REGION_TOP]
        s[REGION_TOP] += 1
    r.parent[k], r.last[k], r.first_ring[k], r.last_ring[k] = k, row, -1, -1
    r.value[k], r.origin[k], r.pixels[k], r.area[k], r.sure[k], r.least[k] = value, origin, 0, 0.0, 0, 100
    return int(k)


@compiled
def merge_regions(r: Regions, rings: Rings, s: Longs, k: int, into: int, row: int) -> None:
    """Join region k to another: its rings, its measures, its first pixel."""
    r.parent[k], r.last[into] = into, row
    if r.first_ring[k] >= 0:
        if r.first_ring[into] < 0:
            r.first_ring[into] = r.first_ring[k]
        else:
            rings.next[r.last_ring[into]] = r.first_ring[k]
        r.last_ring[into] = r.last_ring[k]
    r.origin[into] = min(r.origin[into], r.origin[k])
    r.pixels[into] += r.pixels[k]
    r.area[into] += r.area[k]
    r.sure[into] += r.sure[k]
    r.least[into] = min(r.least[into], r.least[k])
    r.dead[s[DEAD_REGIONS]] = k
    s[DEAD_REGIONS] += 1


@compiled
def label_row(
    up: Bytes, here: Bytes, sure: Bytes, areas: Floats, part: float, above: Ints, labels: Ints,
    r: Regions, rings: Rings, s: Longs,
) -> None:  # fmt: skip
    """Give each pixel of the row its region, open new ones, join those that meet, and measure them."""
    width, row, k, start = len(here), s[ROW], -1, 0
    for x in range(width):
        value = here[x]
        same = k >= 0 and here[x - 1] == value
        if not same:
            if k >= 0:
                add_run(r, k, start, x, sure, areas, part)
            k, start = -1, x
            if value == NODATA:
                labels[x] = -1
                continue
        if row > 0 and up[x] == value:
            if not (same and up[x - 1] == value):
                root = find(r.parent, above[x])
                if k < 0:
                    k = root
                    r.last[k] = row
                elif k != root:
                    merge_regions(r, rings, s, k, root, row)
                    k = root
        elif k < 0:
            k = new_region(r, s, value, row, row * width + x)
        labels[x] = k
    if k >= 0:
        add_run(r, k, start, width, sure, areas, part)


@compiled
def settle_labels(labels: Ints, r: Regions) -> None:
    """Replace labels by their roots, after regions were joined."""
    last, root = -1, -1
    for x in range(len(labels)):
        if labels[x] != last:
            last = labels[x]
            root = find(r.parent, last) if last >= 0 else -1
        labels[x] = root


@compiled
def new_vertex(v: Vertices, s: Longs, x: int, y: int) -> int:
    """Return a new vertex that nothing follows."""
    q = s[FREE_VERTEX]
    if q >= 0:
        s[FREE_VERTEX] = v.next[q]
    else:
        q = s[VERTEX_TOP]
        s[VERTEX_TOP] += 1
    v.x[q], v.y[q], v.next[q] = x, y, -1
    s[VERTICES] += 1
    return int(q)


@compiled
def new_chain(c: Chains, s: Longs, q: int, saddle: int) -> int:
    """Return a new chain of one vertex."""
    if s[FREE_CHAINS] > 0:
        s[FREE_CHAINS] -= 1
        k = c.free[s[FREE_CHAINS]]
    else:
        k = s[CHAIN_TOP]
        s[CHAIN_TOP] += 1
    c.head[k], c.tail[k], c.saddles[k] = q, q, saddle
    return int(k)


@compiled
def close_ring(c: Chains, k: int, r: Regions, region: int, rings: Rings, s: Longs) -> None:
    """Make a ring of a chain whose head met its tail, and give it to its region."""
    if s[FREE_RINGS] > 0:
        s[FREE_RINGS] -= 1
        z = rings.free[s[FREE_RINGS]]
    else:
        z = s[RING_TOP]
        s[RING_TOP] += 1
    s[RINGS] += 1
    rings.head[z], rings.next[z], rings.saddles[z] = c.head[k], -1, c.saddles[k]
    if r.first_ring[region] < 0:
        r.first_ring[region] = z
    else:
        rings.next[r.last_ring[region]] = z
    r.last_ring[region] = z
    free_chain(c, k, s)


@compiled
def free_chain(c: Chains, k: int, s: Longs) -> None:
    """Let the chain's number be used again; nothing may point at it."""
    c.free[s[FREE_CHAINS]] = k
    s[FREE_CHAINS] += 1


@compiled
def trace_corners(  # noqa: PLR0912, PLR0915 - four ways in times four ways out; apart they would read worse
    up: Bytes, down: Bytes, line: Line, above: Ints, nodes: bool,
    v: Vertices, c: Chains, r: Regions, rings: Rings, s: Longs, edge: int,
) -> None:  # fmt: skip
    """Grow the borders along the line between two rows, from left to right.

    A border comes into a corner going south, east, north or west (0 to 3) with its region
    in the pixel to the north-west, south-west, south-east or north-east, and goes out north,
    west, south or east (0 to 3). `edge` is -1 above the raster and 1 below it. With `nodes`,
    a border has a vertex wherever three borders meet, even where it goes straight on.
    """
    width, y = len(up), s[ROW]
    nw = sw = ne = se = OUTSIDE
    west_in = west_out = -1  # chains that come along the line from the west, or go there
    for x in range(width + 1):
        ne = up[x] if edge >= 0 and x < width and up[x] != NODATA else OUTSIDE
        se = down[x] if edge <= 0 and x < width and down[x] != NODATA else OUTSIDE
        if nw == ne and sw == se:  # no border, or one along the line: what comes from the west goes on to the east
            continue
        if nw == sw and ne == se:  # a border across the line: it goes on as it is
            west_in = west_out = -1
            nw, sw = ne, se
            continue
        node = 0
        if nodes and (nw != ne) + (nw != sw) + (sw != se) + (ne != se) > 2:
            node = 2
        north_in, north_out = line.arriving[x], line.leaving[x]
        east_in = east_out = south_in = south_out = -1
        for way in range(4):
            if way == 0:
                value, beside, right, left = nw, ne, sw, se
            elif way == 1:
                value, beside, right, left = sw, nw, se, ne
            elif way == 2:
                value, beside, right, left = se, sw, ne, nw
            else:
                value, beside, right, left = ne, se, nw, sw
            if value < 0 or value == beside:
                continue
            # `right` and `left` lie ahead: turn right unless the border goes on along `right`
            saddle = 0
            if right != value:
                out = (way + 1) % 4
                saddle = 1 if left == value else 0
            elif left == value:
                out = (way + 3) % 4
            else:
                out = (way + 2) % 4
            q = -1
            if out != (way + 2) % 4 or node:
                q = new_vertex(v, s, x * 4 + node + saddle, y)
            if way < 2:  # the border has a chain already: prolong its tail
                chain = north_in if way == 0 else west_in
                if q >= 0:
                    v.next[c.tail[chain]] = q
                    c.tail[chain] = q
                    c.saddles[chain] += saddle
                if out == 2:
                    south_out = chain
                elif out == 3:
                    east_out = chain
                else:
                    other = north_out if out == 0 else west_out
                    if other == chain:
                        # going south it turned west, under the region; going east, north, beside it
                        region = find(r.parent, above[x - 1] if way == 0 else above[x])
                        close_ring(c, chain, r, region, rings, s)
                    else:
                        v.next[c.tail[chain]] = c.head[other]
                        c.tail[chain] = c.tail[other]
                        c.saddles[chain] += c.saddles[other]
                        # the tail of the other chain is now this one's, wherever it arrives
                        c.end[chain] = c.end[other]
                        if c.end[other] >= 0:
                            line.arriving[c.end[other]] = chain
                        west_in = chain if west_in == other else west_in
                        south_out = chain if south_out == other else south_out
                        east_out = chain if east_out == other else east_out
                        free_chain(c, other, s)
            else:  # it comes from where nothing is known yet
                if out < 2:
                    chain = north_out if out == 0 else west_out
                    if q >= 0:
                        v.next[q] = c.head[chain]
                        c.head[chain] = q
                        c.saddles[chain] += saddle
                else:
                    chain = new_chain(c, s, q, saddle)
                    if out == 2:
                        south_out = chain
                    else:
                        east_out = chain
                if way == 2:
                    south_in = chain
                else:
                    east_in = chain
        # to the corners below and to the right, what goes out arrives, and what comes in leaves
        line.arriving[x], line.leaving[x] = south_out, south_in
        if south_out >= 0:
            c.end[south_out] = x
        if east_out >= 0:
            c.end[east_out] = -1
        west_in, west_out = east_out, east_in
        nw, sw = ne, se
