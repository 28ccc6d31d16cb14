"""The streaming tracer's outer loop: row after row, until the rows end or room runs out."""

from __future__ import annotations

from ...core.arrays import Bytes, Floats, Ints, Longs, Words
from ...core.card import NODATA
from ...core.jit import bare, int64, kernel_part
from ..pixel_values import Values
from ..union_find import find
from .state import (
    CANDIDATES,
    COMPONENT_TOP,
    EMITTED,
    ENDED,
    FREE_COMPONENTS,
    FREE_RINGS,
    FREE_VERTEX,
    MERGED_COMPONENTS,
    NEXT,
    NEXT_VERTEX,
    OUT_COMPONENTS,
    OUT_RINGS,
    OUT_VERTICES,
    PENDING,
    RINGS,
    ROW,
    SADDLE,
    VERTICES,
    WIDTH,
    Chains,
    Closed,
    Components,
    Line,
    Rings,
    X,
    Y,
    get,
    moved,
)
from .trace_row import trace_row

# why trace_rows() stopped: no more rows; vertices or rings must grow; output is full
DONE = 0
CROWDED = 1
FULL = 2


@kernel_part
def list_ended(components: Components, counters: Longs) -> None:
    """Keep, of the components that lost a last run in the new row, those that have none in it.

    Parameters
    ----------
    components, counters
        The tracer's state, see `state`.
    """
    counters[ENDED] = 0
    counters[EMITTED] = 0
    for i in range(counters[CANDIDATES]):
        component = find(components.parent, int64(components.ended[i]))
        if components.runs[component] == 0:
            components.runs[component] = -1  # listed once, however often it was met
            components.ended[counters[ENDED]] = component
            counters[ENDED] += 1
    counters[CANDIDATES] = 0


@kernel_part
def settle(labels: Ints, components: Components, counters: Longs) -> None:
    """Replace labels by their roots, and let the numbers of components that were merged into
    others be used again.

    Parameters
    ----------
    labels
        Components of the last row, int32 [padded column].
    components, counters
        The tracer's state, see `state`.
    """
    last = -1
    root = -1
    for x in range(len(labels)):
        if labels[x] != last:
            last = int64(labels[x])
            root = find(components.parent, last) if last >= 0 else -1
        labels[x] = root
    for i in range(counters[MERGED_COMPONENTS]):
        components.free[counters[FREE_COMPONENTS]] = components.merged[i]
        counters[FREE_COMPONENTS] += 1
    counters[MERGED_COMPONENTS] = 0


@kernel_part
def measure_row(
    here: Values,
    void: int,
    confidence: Bytes,
    bands: Floats,
    labels: Ints,
    components: Components,
) -> None:
    """Add confidence and bands of a row to its components' measures, run by run.

    Parameters
    ----------
    here
        Classes or objects of the row, [padded column].
    void
        The number of pixels of no component.
    confidence
        Percent, uint8 [column], 255 for none, which counts as 0; or empty.
    bands
        What is averaged, float64 [band, column] with NaN for nodata; or empty.
    labels
        Components of the row, int32 [padded column].
    components
        See `state`; `least` and `sums` are changed.
    """
    x = int64(0)
    width = len(confidence) if len(confidence) else bands.shape[1]
    while x < width:
        start = x
        value = here[x]
        while x < width and here[x] == value:
            x += 1
        if value == void:
            continue
        component = find(components.parent, int64(labels[start]))
        total = 0
        if len(confidence):
            least = components.least[component]
            for i in range(start, x):
                percent = confidence[i] if confidence[i] != NODATA else 0
                total += percent
                least = min(least, percent)
            components.least[component] = least
            components.sums[component, 0] += total
        for band in range(len(bands)):
            sum_ = 0.0
            count = 0
            for i in range(start, x):
                if bands[band, i] == bands[band, i]:  # not NaN
                    sum_ += bands[band, i]
                    count += 1
            components.sums[component, 1 + 2 * band] += sum_
            components.sums[component, 2 + 2 * band] += count


@kernel_part
def unpack(packed: Bytes, at: int, closed: Closed, begin: int) -> int:
    """Copy a packed ring to the output.

    Parameters
    ----------
    packed
        See `state`.
    at
        The ring's first byte.
    closed
        The output.
    begin
        The first of its vertices to be written.

    Returns
    -------
    int
        The vertex after the ring, or -1 if the output is full.
    """
    count, at = get(packed, at)
    if begin + count > len(closed.x):
        return -1
    x, at = get(packed, at)
    y, at = get(packed, at)
    closed.x[begin] = x
    closed.y[begin] = y
    for i in range(1, count):
        number, at = get(packed, at)
        x, y = moved(number, x, y)
        closed.x[begin + i] = x
        closed.y[begin + i] = y
    return int(begin + count)


@kernel_part
def copy_ring(vertices: Ints, head: int, closed: Closed, begin: int) -> int:
    """Copy a ring that is a list of vertices to the output.

    Parameters
    ----------
    vertices
        See `state`.
    head
        The ring's first vertex.
    closed
        The output.
    begin
        The first of its vertices to be written.

    Returns
    -------
    int
        The vertex after the ring, or -1 if the output is full.
    """
    room = len(closed.x)
    vertex = head
    at = begin
    while vertex >= 0:
        if at == room:
            return -1
        closed.x[at] = vertices[vertex, X]
        closed.y[at] = vertices[vertex, Y]
        at += 1
        vertex = vertices[vertex, NEXT_VERTEX]
    return at


@kernel_part
def measure_ring(closed: Closed, ring: int, begin: int, end: int) -> None:
    """Find a ring's doubled area, and whether it may touch itself.

    Parameters
    ----------
    closed
        The output; what it says of the ring is written.
    ring
        The ring's number there.
    begin, end
        Its first vertex, and the one after its last.
    """
    area2 = 0
    saddles = 0
    x0 = closed.x[end - 1] >> 2
    y0 = closed.y[end - 1]
    for i in range(begin, end):
        x1 = closed.x[i] >> 2
        y1 = closed.y[i]
        area2 += x0 * y1 - x1 * y0
        saddles += closed.x[i] & SADDLE
        x0 = x1
        y0 = y1
    closed.signed_area2[ring] = area2
    closed.self_touching[ring] = saddles > 1
    closed.start[ring + 1] = end


@kernel_part
def emit(
    vertices: Ints,
    packed: Bytes,
    components: Components,
    rings: Rings,
    closed: Closed,
    counters: Longs,
) -> bool:
    """Copy the ended components to the output, and free what they held.

    Parameters
    ----------
    vertices, packed, components, rings, closed, counters
        The tracer's state, see `state`.

    Returns
    -------
    bool
        False where the output is full before all are copied.
    """
    while counters[EMITTED] < counters[ENDED]:
        component = components.ended[counters[EMITTED]]
        at = counters[OUT_VERTICES]
        out_ring = counters[OUT_RINGS]
        out = counters[OUT_COMPONENTS]
        if out == len(closed.value):
            return False
        area2 = 0
        ring = components.first_ring[component]
        while ring >= 0:
            if out_ring == len(closed.signed_area2):
                return False
            head = rings.head[ring]
            end = (
                copy_ring(vertices, head, closed, at)
                if head >= 0
                else unpack(packed, -2 - head, closed, at)
            )
            if end < 0:
                return False
            measure_ring(closed, out_ring, at, end)
            area2 += closed.signed_area2[out_ring]
            at = end
            out_ring = out_ring + 1
            ring = rings.next[ring]
        ring = components.first_ring[component]
        out_ring = counters[OUT_RINGS]
        while ring >= 0:
            if rings.head[ring] >= 0:
                vertices[rings.tail[ring], NEXT_VERTEX] = counters[FREE_VERTEX]
                counters[FREE_VERTEX] = rings.head[ring]
                counters[VERTICES] -= closed.start[out_ring + 1] - closed.start[out_ring]
            rings.free[counters[FREE_RINGS]] = ring
            counters[FREE_RINGS] += 1
            counters[RINGS] -= 1
            out_ring += 1
            ring = rings.next[ring]
        closed.value[out] = components.value[component]
        closed.origin[out] = components.origin[component]
        closed.pixels[out] = area2 // 2
        closed.area[out] = components.area[component]
        closed.least[out] = components.least[component]
        for i in range(components.sums.shape[1]):
            closed.sums[out, i] = components.sums[component, i]
        closed.first[out + 1] = out_ring
        counters[OUT_VERTICES] = at
        counters[OUT_RINGS] = out_ring
        counters[OUT_COMPONENTS] = out + 1
        components.free[counters[FREE_COMPONENTS]] = component
        counters[FREE_COMPONENTS] += 1
        counters[EMITTED] += 1
    return True


@bare
def trace_rows(
    rows: Values,
    words: Words,
    void: int,
    confidence: Bytes,
    bands: Floats,
    areas: Floats,
    first: int,
    height: int,
    nodes: bool,
    eight: bool,
    line: Line,
    vertices: Ints,
    packed: Bytes,
    chains: Chains,
    components: Components,
    rings: Rings,
    closed: Closed,
    counters: Longs,
    weights: Floats,
) -> int:
    """Take the rows of a strip from where it stopped last.

    Parameters
    ----------
    rows
        The row above the strip and the strip's, filled up with `void`: uint8 or uint32 [row + 1,
        padded column].
    words
        The same bytes by eight, uint64 [row + 1, word].
    void
        The number of pixels of no component.
    confidence
        That of the strip, percent, uint8 [row, column]; without columns where there is none.
    bands
        What is averaged, float64 [band, row, column]; without bands where there are none.
    areas
        Running sums of pixel areas, float64 [3, padded column + 1]: see `Tracer`.
    first, height
        Where the rows begin that these are for, and their number.
    nodes
        Whether a border has a vertex wherever three borders meet, even where it goes straight on.
    eight
        Whether pixels that touch at a corner are of one component.
    line, vertices, packed, chains, components, rings, closed, counters
        The tracer's state, see `state`; it is changed.
    weights
        Room for what `trace_row` is told, float64 [2].

    Returns
    -------
    int
        Why it stops now: DONE, CROWDED or FULL.
    """
    width = counters[WIDTH]
    while True:
        if counters[PENDING]:
            if not emit(vertices, packed, components, rings, closed, counters):
                return FULL
            counters[PENDING] = 0
            counters[ROW] += 1
            counters[NEXT] += 1
        if counters[NEXT] >= len(rows) - 1:
            return DONE
        if counters[VERTICES] + 4 * (width + 1) > len(vertices):
            return CROWDED
        if counters[RINGS] + 2 * (width + 1) > len(rings.head):
            return CROWDED
        open_components = counters[COMPONENT_TOP] - counters[FREE_COMPONENTS]
        if open_components + width + 1 > len(components.parent):
            settle(line.labels, components, counters)
        i = counters[NEXT]
        n = counters[ROW] - first
        weights[1] = n * (n - 1) / (2 * height)
        weights[0] = n - weights[1]
        trace_row(
            rows[i],
            rows[i + 1],
            words[i],
            words[i + 1],
            void,
            line.labels,
            line,
            areas,
            weights,
            nodes,
            eight,
            vertices,
            chains,
            components,
            rings,
            counters,
        )
        if len(confidence[i]) or len(bands):
            measure_row(rows[i + 1], void, confidence[i], bands[:, i], line.labels, components)
        list_ended(components, counters)
        counters[PENDING] = 1
