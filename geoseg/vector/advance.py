"""The streaming tracer's outer loop: row after row, until the rows end or room runs out."""

from __future__ import annotations

from .jit import compiled
from .kernel import find, label_row, settle_labels, trace_corners
from .state import (
    DEAD_REGIONS,
    ENDED,
    ENDED_RINGS,
    ENDED_VERTICES,
    FREE_REGIONS,
    FREE_RINGS,
    FREE_VERTEX,
    MOST_VERTICES,
    NEXT,
    OUT_REGIONS,
    OUT_RINGS,
    OUT_VERTICES,
    PENDING,
    RINGS,
    ROW,
    VERTICES,
    Bytes,
    Chains,
    Closed,
    Floats,
    Ints,
    Line,
    Longs,
    Regions,
    Rings,
    Vertices,
)

DONE, CROWDED, FULL = 0, 1, 2  # why advance() stopped: no more rows; vertices or rings must grow; output is full


@compiled
def list_ended(above: Ints, v: Vertices, r: Regions, rings: Rings, s: Longs) -> None:
    """List the regions without a pixel in the new row, and count the rings and vertices they hold."""
    s[ENDED] = s[ENDED_RINGS] = s[ENDED_VERTICES] = 0
    last = -1
    for x in range(len(above)):
        if above[x] == last:
            continue
        last = above[x]
        if last < 0:
            continue
        k = find(r.parent, last)
        if r.last[k] != s[ROW] - 1:
            continue
        r.last[k] = -2  # listed once, wherever else it is met
        r.ended[s[ENDED]] = k
        s[ENDED] += 1
        ring = r.first_ring[k]
        while ring >= 0:
            s[ENDED_RINGS] += 1
            q = rings.head[ring]
            while q >= 0:
                s[ENDED_VERTICES] += 1
                q = v.next[q]
            ring = rings.next[ring]


@compiled
def emit(v: Vertices, r: Regions, rings: Rings, out: Closed, s: Longs) -> None:
    """Copy the ended regions to the output, and free what they held."""
    n, loop = s[OUT_VERTICES], s[OUT_RINGS]
    for i in range(s[ENDED]):
        k, region = r.ended[i], s[OUT_REGIONS]
        ring = r.first_ring[k]
        while ring >= 0:
            first, turn, q = n, 0, rings.head[ring]
            while q >= 0:
                out.x[n], out.y[n] = v.x[q], v.y[q]
                if n > first:
                    turn += (out.x[n - 1] >> 2) * out.y[n] - (out.x[n] >> 2) * out.y[n - 1]
                n += 1
                after = v.next[q]
                v.next[q] = s[FREE_VERTEX]
                s[FREE_VERTEX] = q
                q = after
            turn += (out.x[n - 1] >> 2) * out.y[first] - (out.x[first] >> 2) * out.y[n - 1]
            s[VERTICES] -= n - first
            out.owner[loop], out.turn[loop], out.pinched[loop] = region, turn, rings.saddles[ring] > 1
            loop += 1
            out.start[loop] = n
            after = rings.next[ring]
            rings.free[s[FREE_RINGS]] = ring
            s[FREE_RINGS] += 1
            s[RINGS] -= 1
            ring = after
        out.value[region], out.origin[region], out.pixels[region] = r.value[k], r.origin[k], r.pixels[k]
        out.area[region], out.sure[region], out.least[region] = r.area[k], r.sure[k], r.least[k]
        s[OUT_REGIONS] += 1
        r.dead[s[DEAD_REGIONS]] = k
        s[DEAD_REGIONS] += 1
    s[OUT_VERTICES], s[OUT_RINGS] = n, loop
    for i in range(s[DEAD_REGIONS]):
        r.free[s[FREE_REGIONS]] = r.dead[i]
        s[FREE_REGIONS] += 1
    s[DEAD_REGIONS] = 0


@compiled
def advance(
    before: Bytes, rows: Bytes, sure: Bytes, areas: Floats, first: int, height: int, nodes: bool,
    line: Line, v: Vertices, c: Chains, r: Regions, rings: Rings, out: Closed, s: Longs,
) -> int:  # fmt: skip
    """Take the rows of a strip from where it stopped last; return why it stops now.

    `before` is the row above the strip, `sure` its confidence (or empty), `areas` running
    sums [2, column + 1] of pixel areas, in row `first` of the raster and `height` rows
    below. A strip without rows ends the raster.
    """
    width, count = len(before), len(rows)
    while True:
        if s[PENDING]:
            if s[OUT_VERTICES] + s[ENDED_VERTICES] > len(out.x):
                return FULL
            if max(s[OUT_RINGS] + s[ENDED_RINGS], s[OUT_REGIONS] + s[ENDED]) > len(out.owner):
                return FULL
            emit(v, r, rings, out, s)
            s[PENDING] = 0
            s[ROW] += 1
            s[NEXT] += 1
        if s[NEXT] >= max(count, 1):
            return DONE
        if s[VERTICES] + 4 * (width + 1) > len(v.x) or s[RINGS] + 2 * (width + 1) > len(rings.head):
            return CROWDED
        row, i = s[ROW], s[NEXT]
        above, labels = line.labels[(row + 1) & 1], line.labels[row & 1]
        up = rows[i - 1] if i > 0 else before
        edge = -1 if row == 0 else 0
        if count:
            here = rows[i]
            part = (row - first) / height
            label_row(up, here, sure[i], areas, part, above, labels, r, rings, s)
        else:
            here, edge = up, 1
        trace_corners(up, here, line, above, nodes, v, c, r, rings, s, edge)
        if s[DEAD_REGIONS]:
            settle_labels(labels, r)
        if row > 0:
            list_ended(above, v, r, rings, s)
        else:
            s[ENDED] = 0
        s[PENDING] = 1
        s[MOST_VERTICES] = max(s[MOST_VERTICES], s[VERTICES])
