"""The streaming tracer's inner loop: one row in, borders grown corner by corner, closed rings given
to their regions.

Two rows are in sight at a time. Regions are labelled by union-find along the rows; a pixel
that continues the one above it keeps its label. Borders are directed, each region's with
the region on its right hand, and grow as chains: at every corner where the classes around
it differ, the chains that meet there are started, prolonged at head or tail, joined, or
closed to a ring. At a corner that only touches diagonally the border takes the tight turn.
Where two rows are alike nothing happens, and eight pixels are passed at a time.

A region's area is summed along its border by Green's theorem: a vertical edge counts the
ground to its left, and what is known of that at any corner is a running sum.
"""

from __future__ import annotations

from ...core.arrays import Bytes, Floats, Ints, Longs, Words
from ...core.card import NODATA
from ...core.jit import bare, inlined
from .state import (
    CANDIDATES,
    CHAIN_TOP,
    DEAD_REGIONS,
    FREE_CHAINS,
    FREE_REGIONS,
    FREE_RINGS,
    FREE_VERTEX,
    NEXT_VERTEX,
    REGION_TOP,
    RING_TOP,
    RINGS,
    ROW,
    VERTEX_TOP,
    VERTICES,
    WIDTH,
    Chains,
    Line,
    Regions,
    Rings,
    X,
    Y,
)

OUTSIDE = -1  # the value of nodata and of what lies around the raster


@bare
def trace_row(  # noqa: PLR0912, PLR0915 - nine kinds of corners; apart they would read worse
    up: Bytes,
    here: Bytes,
    up8: Words,
    here8: Words,
    labels: Ints,
    line: Line,
    areas: Floats,
    weights: Floats,
    nodes: bool,
    eight: bool,
    v: Ints,
    c: Chains,
    r: Regions,
    rings: Rings,
    s: Longs,
) -> None:
    """Label the new row `here` and grow the borders along the line between it and the row above,
    left to right.

    A border comes into a corner going south, east, north or west with its region in the
    pixel to the north-west, south-west, south-east or north-east. `areas` and `weights`
    give the ground above and left of a corner: see Tracer. With `nodes`, a border has a
    vertex wherever three borders meet, even where it goes straight on. With `eight`,
    regions that touch at a corner are one. Rows are filled up with nodata to whole words.
    """
    # a word of nodata at the end, at least
    width = len(up) - 8
    y = s[ROW]
    # arrays as local names: each one taken out of its pool in the loop would be counted as referred
    # to, atomically
    arriving = line.arriving
    leaving = line.leaving
    end = c.end
    head = c.head
    tail = c.tail
    total = c.area
    free = c.free
    parent = r.parent
    runs = r.runs
    ended = r.ended
    nw = sw = OUTSIDE
    west_in = west_out = -1  # chains that come along the line from the west, or go there
    label_nw = label_sw = -1
    x = 0
    while x <= width:
        if nw == sw and x & 7 == 0 and up8[x >> 3] == here8[x >> 3]:
            i = (x >> 3) + 1
            while i < len(up8) and up8[i] == here8[i]:
                i += 1
            x = i << 3
            if x > width:
                break
            nw = sw = int(here[x - 1]) if here[x - 1] != NODATA else OUTSIDE
            label_nw = label_sw = labels[x - 1]
            west_in = west_out = -1
            continue
        ne = int(up[x]) if up[x] != NODATA else OUTSIDE
        se = int(here[x]) if here[x] != NODATA else OUTSIDE
        label_ne = labels[x]
        label_se = label_ne
        if ne == se:
            if nw != sw and sw == se and se >= 0 and label_sw != label_ne:
                unite(r, rings, s, label_sw, label_ne)
        elif se < 0:
            label_se = -1
            labels[x] = -1
        else:
            label_se = label_sw if sw == se else label_of_run(up, here, labels, r, s, x)
            labels[x] = label_se
        kind = int(nw != ne) | int(sw != se) << 1 | int(nw != sw) << 2 | int(ne != se) << 3
        if kind & 0b0011 == 0:  # no border, or one along the line: what comes from the west goes on
            pass
        elif kind == 0b0011:  # a border across the line: it goes on as it is
            west_in = west_out = -1
        else:
            at = x * 4
            ground = weights[0] * areas[0, x] + weights[1] * areas[1, x] + areas[2, x]
            south_in = south_out = east_in = east_out = -1
            if kind == 0b0101:  # the pixel to the north-west differs from the others
                if nw >= 0:
                    append(v, tail, total, arriving[x], new_vertex(v, s, at, y, -1), ground)
                    join(c, v, arriving, r, rings, s, arriving[x], west_out, label_nw)
                    lose_run(parent, runs, ended, s, label_nw)
                if se >= 0:
                    append(v, tail, total, west_in, new_vertex(v, s, at, y, -1), -ground)
                    join(c, v, arriving, r, rings, s, west_in, leaving[x], label_ne)
            elif kind == 0b1001:  # the one to the north-east
                if nw >= 0:
                    east_out = arriving[x]
                    append(v, tail, total, east_out, new_vertex(v, s, at, y, -1), ground)
                    lose_run(parent, runs, ended, s, label_nw)
                if ne >= 0:
                    east_in = leaving[x]
                    prepend(head, total, east_in, new_vertex(v, s, at, y, head[east_in]), -ground)
            elif kind == 0b0110:  # the one to the south-west
                if sw >= 0:
                    south_out = west_in
                    append(v, tail, total, south_out, new_vertex(v, s, at, y, -1), -ground)
                    gain_run(parent, runs, label_sw)
                if se >= 0:
                    south_in = west_out
                    prepend(head, total, south_in, new_vertex(v, s, at, y, head[south_in]), ground)
            elif kind == 0b1010:  # the one to the south-east
                if se >= 0:
                    south_in = east_out = new_chain(
                        head, tail, total, free, s, new_vertex(v, s, at, y, -1), ground
                    )
                if sw >= 0:
                    east_in = south_out = new_chain(
                        head, tail, total, free, s, new_vertex(v, s, at, y, -1), -ground
                    )
                    gain_run(parent, runs, label_sw)
            # three or four borders meet: those with two edges side by side turn right, one may go
            # straight on
            else:
                first = second = at
                if kind == 0b1111:
                    first += int(nw == se)
                    second += int(sw == ne)
                    if eight and nw == se and nw >= 0:
                        unite(r, rings, s, label_nw, label_se)
                    if eight and sw == ne and sw >= 0:
                        unite(r, rings, s, label_sw, label_ne)
                if nodes:
                    first += 2
                    second += 2
                if nw >= 0 and kind & 0b0101 == 0b0101:
                    append(v, tail, total, arriving[x], new_vertex(v, s, first, y, -1), ground)
                    join(c, v, arriving, r, rings, s, arriving[x], west_out, label_nw)
                    lose_run(parent, runs, ended, s, label_nw)
                if sw >= 0 and kind & 0b0110 == 0b0110:
                    south_out = west_in
                    append(v, tail, total, south_out, new_vertex(v, s, second, y, -1), -ground)
                    gain_run(parent, runs, label_sw)
                if se >= 0 and kind & 0b1010 == 0b1010:
                    south_in = east_out = new_chain(
                        head, tail, total, free, s, new_vertex(v, s, first, y, -1), ground
                    )
                if ne >= 0 and kind & 0b1001 == 0b1001:
                    east_in = leaving[x]
                    prepend(
                        head, total, east_in, new_vertex(v, s, second, y, head[east_in]), -ground
                    )
                if kind == 0b1110 and nw >= 0:
                    east_in = west_out
                    if nodes:
                        head[east_in] = new_vertex(v, s, first, y, head[east_in])
                elif kind == 0b1101 and sw >= 0:
                    east_out = west_in
                    if nodes:
                        append(v, tail, total, east_out, new_vertex(v, s, first, y, -1), 0.0)
                elif kind == 0b1011 and nw >= 0:
                    south_out = arriving[x]
                    if nodes:
                        append(v, tail, total, south_out, new_vertex(v, s, first, y, -1), 0.0)
                elif kind == 0b0111 and ne >= 0:
                    south_in = leaving[x]
                    if nodes:
                        head[south_in] = new_vertex(v, s, first, y, head[south_in])
            # to the corners below and to the right, what goes out arrives, and what comes in leaves
            arriving[x] = south_out
            leaving[x] = south_in
            if south_out >= 0:
                end[south_out] = x
            if east_out >= 0:
                end[east_out] = -1
            west_in = east_out
            west_out = east_in
        nw = ne
        sw = se
        label_nw = label_ne
        label_sw = label_se
        x += 1


@inlined
def new_vertex(v: Ints, s: Longs, x: int, y: int, after: int) -> int:
    """Return a new vertex, and the one that follows it (-1: none)."""
    q = s[FREE_VERTEX]
    if q >= 0:
        s[FREE_VERTEX] = v[q, NEXT_VERTEX]
    else:
        q = s[VERTEX_TOP]
        s[VERTEX_TOP] += 1
    v[q, X] = x
    v[q, Y] = y
    v[q, NEXT_VERTEX] = after
    s[VERTICES] += 1
    return int(q)


@inlined
def new_chain(
    head: Ints, tail: Ints, total: Floats, free: Ints, s: Longs, q: int, area: float
) -> int:
    """Return a new chain of one vertex."""
    if s[FREE_CHAINS] > 0:
        s[FREE_CHAINS] -= 1
        k = free[s[FREE_CHAINS]]
    else:
        k = s[CHAIN_TOP]
        s[CHAIN_TOP] += 1
    head[k] = q
    tail[k] = q
    total[k] = area
    return int(k)


@inlined
def append(v: Ints, tail: Ints, total: Floats, k: int, q: int, area: float) -> None:
    """Let vertex q follow a chain's tail."""
    v[tail[k], NEXT_VERTEX] = q
    tail[k] = q
    total[k] += area


@inlined
def prepend(head: Ints, total: Floats, k: int, q: int, area: float) -> None:
    """Let vertex q, which points at it already, come before a chain's head."""
    head[k] = q
    total[k] += area


@bare
def join(
    c: Chains,
    v: Ints,
    arriving: Ints,
    r: Regions,
    rings: Rings,
    s: Longs,
    k: int,
    other: int,
    label: int,
) -> None:
    """Let chain `other` follow chain k; if they are one, it is a ring of the region with this
    label.
    """
    if k == other:
        close_ring(c, k, r, find(r.parent, label), rings, s)
        return
    v[c.tail[k], NEXT_VERTEX] = c.head[other]
    c.tail[k] = c.tail[other]
    c.area[k] += c.area[other]
    end = c.end[other]
    c.end[k] = end  # the tail of the other chain is now this one's, wherever it arrives
    if end >= 0:
        arriving[end] = k
    free_chain(c, other, s)


@inlined
def free_chain(c: Chains, k: int, s: Longs) -> None:
    """Let the chain's number be used again; nothing may point at it."""
    c.free[s[FREE_CHAINS]] = k
    s[FREE_CHAINS] += 1


@bare
def close_ring(c: Chains, k: int, r: Regions, region: int, rings: Rings, s: Longs) -> None:
    """Make a ring of a chain whose head met its tail, the first of its region: the outer ring
    closes last.
    """
    if s[FREE_RINGS] > 0:
        s[FREE_RINGS] -= 1
        z = rings.free[s[FREE_RINGS]]
    else:
        z = s[RING_TOP]
        s[RING_TOP] += 1
    s[RINGS] += 1
    rings.head[z], rings.tail[z], rings.next[z] = c.head[k], c.tail[k], r.first_ring[region]
    if r.first_ring[region] < 0:
        r.last_ring[region] = z
    r.first_ring[region] = z
    r.area[region] += c.area[k]
    free_chain(c, k, s)


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
    r.parent[k] = k
    r.runs[k] = 0
    r.first_ring[k] = -1
    r.last_ring[k] = -1
    r.value[k] = value
    r.origin[k] = origin
    r.area[k] = 0.0
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
    k = find(r.parent, one)
    into = find(r.parent, other)
    if k != into:
        merge_regions(r, rings, s, k, into)


@inlined
def label_of_run(up: Bytes, here: Bytes, labels: Ints, r: Regions, s: Longs, x: int) -> int:
    """Return the region of the run of pixels that starts at x: that of the first pixel above it,
    or a new one.
    """
    value = here[x]
    width = len(here)
    for j in range(x + 1, width):
        if here[j] != value:
            break
        if up[j] == value:
            return int(labels[j])
    return int(new_region(r, s, value, s[ROW] * s[WIDTH] + x))


@inlined
def lose_run(parent: Ints, runs: Ints, ended: Ints, s: Longs, label: int) -> None:
    """Note that a run of the row above ends here; a region without runs may be complete when the
    row is done.
    """
    k = find(parent, label)
    runs[k] -= 1
    if runs[k] == 0:
        ended[s[CANDIDATES]] = k
        s[CANDIDATES] += 1


@inlined
def gain_run(parent: Ints, runs: Ints, label: int) -> None:
    """Note that a run of the new row ends here."""
    runs[find(parent, label)] += 1
