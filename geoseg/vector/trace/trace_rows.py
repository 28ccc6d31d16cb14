"""The streaming tracer's outer loop: row after row, until the rows end or room runs out."""

from __future__ import annotations

from ...core.arrays import Bytes, Floats, Ints, Longs, Words
from ...core.card import NODATA
from ...core.jit import bare
from .state import (
    CANDIDATES,
    DEAD_REGIONS,
    EMITTED,
    ENDED,
    FREE_REGIONS,
    FREE_RINGS,
    FREE_VERTEX,
    MOST_VERTICES,
    NEXT,
    NEXT_VERTEX,
    OUT_REGIONS,
    OUT_RINGS,
    OUT_VERTICES,
    PENDING,
    REGION_TOP,
    RINGS,
    ROW,
    VERTICES,
    WIDTH,
    Chains,
    Closed,
    Line,
    Regions,
    Rings,
    X,
    Y,
    get,
    moved,
)
from .trace_row import find, trace_row

# why advance() stopped: no more rows; vertices or rings must grow; output is full
DONE = 0
CROWDED = 1
FULL = 2


@bare
def list_ended(r: Regions, s: Longs) -> None:
    """Keep, of the regions that lost a last run in the new row, those that have none in it."""
    s[ENDED] = s[EMITTED] = 0
    for i in range(s[CANDIDATES]):
        k = find(r.parent, r.ended[i])
        if r.runs[k] == 0:
            r.runs[k] = -1  # listed once, however often it was met
            r.ended[s[ENDED]] = k
            s[ENDED] += 1
    s[CANDIDATES] = 0


@bare
def settle(labels: Ints, r: Regions, s: Longs) -> None:
    """Replace labels by their roots, and let the numbers of regions that were joined to others
    be used again.
    """
    last = -1
    root = -1
    for x in range(len(labels)):
        if labels[x] != last:
            last = labels[x]
            root = find(r.parent, last) if last >= 0 else -1
        labels[x] = root
    for i in range(s[DEAD_REGIONS]):
        r.free[s[FREE_REGIONS]] = r.dead[i]
        s[FREE_REGIONS] += 1
    s[DEAD_REGIONS] = 0


@bare
def measure_row(here: Bytes, sure: Bytes, bands: Floats, labels: Ints, r: Regions) -> None:
    """Add the confidence of the row (or empty) and bands [band, column] to the regions'
    measures, run by run.
    """
    x = 0
    width = max(len(sure), bands.shape[1])
    while x < width:
        start = x
        value = here[x]
        while x < width and here[x] == value:
            x += 1
        if value == NODATA:
            continue
        k = find(r.parent, labels[start])
        total = 0
        if len(sure):
            least = r.least[k]
            for i in range(start, x):
                percent = sure[i] if sure[i] != NODATA else 0
                total += percent
                least = min(least, percent)
            r.least[k] = least
            r.sums[k, 0] += total
        for band in range(len(bands)):
            sum_ = 0.0
            count = 0
            for i in range(start, x):
                if bands[band, i] == bands[band, i]:  # not NaN
                    sum_ += bands[band, i]
                    count += 1
            r.sums[k, 1 + 2 * band] += sum_
            r.sums[k, 2 + 2 * band] += count


@bare
def unpack(data: Bytes, k: int, out: Closed, n: int) -> int:
    """Copy the packed ring at byte k to the output's vertex n; return the vertex after it, or -1
    if it is full.
    """
    count, k = get(data, k)
    if n + count > len(out.x):
        return -1
    x, k = get(data, k)
    y, k = get(data, k)
    out.x[n] = x
    out.y[n] = y
    for i in range(1, count):
        number, k = get(data, k)
        x, y = moved(number, x, y)
        out.x[n + i] = x
        out.y[n + i] = y
    return int(n + count)


@bare
def copy_ring(v: Ints, q: int, out: Closed, n: int) -> int:
    """Copy a ring to the output's vertex n; return the vertex after it, or -1 if it is full."""
    room = len(out.x)
    while q >= 0:
        if n == room:
            return -1
        out.x[n], out.y[n] = v[q, X], v[q, Y]
        n += 1
        q = v[q, NEXT_VERTEX]
    return n


@bare
def measure_ring(out: Closed, loop: int, begin: int, end: int) -> None:
    """Find a ring's doubled area, and whether it may touch itself."""
    turn = 0
    saddles = 0
    x0 = out.x[end - 1] >> 2
    y0 = out.y[end - 1]
    for i in range(begin, end):
        x1 = out.x[i] >> 2
        y1 = out.y[i]
        turn += x0 * y1 - x1 * y0
        saddles += out.x[i] & 1
        x0 = x1
        y0 = y1
    out.turn[loop] = turn
    out.pinched[loop] = saddles > 1
    out.start[loop + 1] = end


@bare
def emit(v: Ints, packed: Bytes, r: Regions, rings: Rings, out: Closed, s: Longs) -> bool:
    """Copy the ended regions to the output, and free what they held; False where the output is
    full before.
    """
    while s[EMITTED] < s[ENDED]:
        k = r.ended[s[EMITTED]]
        n = s[OUT_VERTICES]
        loop = s[OUT_RINGS]
        region = s[OUT_REGIONS]
        if region == len(out.value):
            return False
        doubled = 0
        ring = r.first_ring[k]
        while ring >= 0:
            if loop == len(out.turn):
                return False
            head = rings.head[ring]
            end = copy_ring(v, head, out, n) if head >= 0 else unpack(packed, -2 - head, out, n)
            if end < 0:
                return False
            measure_ring(out, loop, n, end)
            doubled += out.turn[loop]
            n = end
            loop = loop + 1
            ring = rings.next[ring]
        ring = r.first_ring[k]
        loop = s[OUT_RINGS]
        while ring >= 0:
            if rings.head[ring] >= 0:
                v[rings.tail[ring], NEXT_VERTEX] = s[FREE_VERTEX]
                s[FREE_VERTEX] = rings.head[ring]
                s[VERTICES] -= out.start[loop + 1] - out.start[loop]
            rings.free[s[FREE_RINGS]] = ring
            s[FREE_RINGS] += 1
            s[RINGS] -= 1
            loop += 1
            ring = rings.next[ring]
        out.value[region], out.origin[region], out.pixels[region] = (
            r.value[k],
            r.origin[k],
            doubled // 2,
        )
        out.area[region], out.least[region] = r.area[k], r.least[k]
        for i in range(r.sums.shape[1]):
            out.sums[region, i] = r.sums[k, i]
        out.first[region + 1] = loop
        s[OUT_VERTICES] = n
        s[OUT_RINGS] = loop
        s[OUT_REGIONS] = region + 1
        r.free[s[FREE_REGIONS]] = k
        s[FREE_REGIONS] += 1
        s[EMITTED] += 1
    return True


@bare
def advance(
    rows: Bytes,
    words: Words,
    sure: Bytes,
    bands: Floats,
    areas: Floats,
    first: int,
    height: int,
    nodes: bool,
    eight: bool,
    line: Line,
    v: Ints,
    packed: Bytes,
    c: Chains,
    r: Regions,
    rings: Rings,
    out: Closed,
    s: Longs,
    weights: Floats,
) -> int:
    """Take the rows of a strip from where it stopped last; return why it stops now.

    `rows` are the row above the strip and the strip's, filled up with nodata, and `words`
    the same bytes by eight; `sure` is its confidence and `bands` [band, row, column] what
    is averaged (or empty). `areas`: see Tracer.
    """
    width = s[WIDTH]
    while True:
        if s[PENDING]:
            if not emit(v, packed, r, rings, out, s):
                return FULL
            s[PENDING] = 0
            s[ROW] += 1
            s[NEXT] += 1
        if s[NEXT] >= len(rows) - 1:
            return DONE
        if s[VERTICES] + 4 * (width + 1) > len(v) or s[RINGS] + 2 * (width + 1) > len(rings.head):
            return CROWDED
        if s[REGION_TOP] - s[FREE_REGIONS] + width + 1 > len(r.parent):
            settle(line.labels, r, s)
        i = s[NEXT]
        n = s[ROW] - first
        weights[1] = n * (n - 1) / (2 * height)
        weights[0] = n - weights[1]
        trace_row(
            rows[i],
            rows[i + 1],
            words[i],
            words[i + 1],
            line.labels,
            line,
            areas,
            weights,
            nodes,
            eight,
            v,
            c,
            r,
            rings,
            s,
        )
        if len(sure[i]) or len(bands):
            measure_row(rows[i + 1], sure[i], bands[:, i], line.labels, r)
        list_ended(r, s)
        s[PENDING] = 1
        s[MOST_VERTICES] = max(s[MOST_VERTICES], s[VERTICES])
