"""The streaming tracer's inner loop: one row in, borders grown corner by corner, closed rings given
to their components.

Two rows are in sight at a time. Connected components are labelled by union-find along the rows; a
pixel that continues the one above it keeps its label. Borders are directed, each component's with
the component on its right hand, and grow as chains: at every corner where the classes around it
differ, the chains that meet there are started, prolonged at head or tail, joined, or closed to a
ring. At a corner that only touches diagonally the border takes the tight turn. Where two rows are
alike nothing happens, and eight pixels (of objects, two) are passed at a time.

A component's area is summed along its border by Green's theorem: a vertical edge counts the
ground to its left, and what is known of that at any corner is a running sum.

A corner lies on the line between the row above (`up`) and the new one (`here`), amid four pixels.
Four arms leave it, and a border runs along an arm where the pixels on its two sides differ:

                      NORTH
                   nw   |   ne     up
         WEST  ---------+---------  EAST    the line
                   sw   |   se     here
                      SOUTH

A border along one arm alone cannot be: round the corner the class would change and not change
back. Nothing has to be done at a corner without any, and where a border goes straight on (ACROSS
the line, or along it) no vertex comes. Nine kinds are left; a, b, c and d are classes (or nodata),
which differ where a line is drawn between them:

    one pixel differs from the three others: two borders turn, each on its own side of one line

        TURN_NW         TURN_NE         TURN_SW         TURN_SE
          a | b           b | a           b   b           b   b
         ---+               +---         ---+               +---
          b   b           b   b           a | b           b | a

    three classes meet: two borders turn, one goes straight on along the two others (`nodes` keeps
    a vertex there as well)

        NO_NORTH        NO_SOUTH        NO_WEST         NO_EAST
          a   a           a | b           a | b           a | b
         ---+---         ---+---            +---         ---+
          b | c           c   c           a | c           c | b

    CROSS: four borders turn, even where a is d or b is c, which touch diagonally

          a | b
         ---+---
          c | d

What becomes of a border that comes into the corner with its component, on its right hand, in one of
the pixels, and turns right (in a TURN, that of the three pixels turns left, alike):

    pixel   comes        and goes         the chain
    nw      southwards   to the west      its tail meets the head of the one in the west: join
    sw      eastwards    to the south     goes on at its tail
    se      northwards   to the east      begins here
    ne      westwards    to the north     goes on at its head

In the code `south_out` is the chain whose tail leaves the corner southwards, `south_in` the one
whose head comes from there; so it is with east and west.
"""

from __future__ import annotations

from ...core.arrays import Floats, Ints, Longs, Words
from ...core.card import NODATA
from ...core.jit import inlined, int64, kernel_part
from ..pixel_values import Values
from ..union_find import find
from .state import (
    CANDIDATES,
    CHAIN_TOP,
    COMPONENT_TOP,
    FREE_CHAINS,
    FREE_COMPONENTS,
    FREE_RINGS,
    FREE_VERTEX,
    MERGED_COMPONENTS,
    NEXT_VERTEX,
    NODE,
    NONE,
    RING_TOP,
    RINGS,
    ROW,
    SADDLE,
    VERTEX_TOP,
    VERTICES,
    WIDTH,
    Chains,
    Components,
    Line,
    Rings,
    X,
    Y,
)

OUTSIDE = -1  # the value of nodata and of what lies around the raster

# the arms of a corner along which a border runs, and the kinds of corners: see the drawings
NORTH = 0b0001
SOUTH = 0b0010
WEST = 0b0100
EAST = 0b1000
ACROSS = NORTH | SOUTH
TURN_NW = NORTH | WEST
TURN_NE = NORTH | EAST
TURN_SW = SOUTH | WEST
TURN_SE = SOUTH | EAST
NO_NORTH = SOUTH | WEST | EAST
NO_SOUTH = NORTH | WEST | EAST
NO_WEST = NORTH | SOUTH | EAST
NO_EAST = NORTH | SOUTH | WEST
CROSS = NORTH | SOUTH | WEST | EAST


@kernel_part
def trace_row(  # noqa: PLR0912, PLR0915 - nine kinds of corners; apart they would read worse
    up: Values,
    here: Values,
    up_words: Words,
    here_words: Words,
    void: int,
    labels: Ints,
    line: Line,
    areas: Floats,
    weights: Floats,
    nodes: bool,
    eight: bool,
    vertices: Ints,
    chains: Chains,
    components: Components,
    rings: Rings,
    counters: Longs,
) -> None:
    """Label the new row `here` and grow the borders along the line between it and the row above,
    left to right.

    Parameters
    ----------
    up, here
        Classes (uint8) or objects (uint32) of the row above and of the new one, [padded column],
        filled up with `void` to whole words and eight pixels more.
    up_words, here_words
        The same bytes, uint64 [word].
    void
        The number of pixels of no component.
    labels
        The components of the row above, int32 [padded column], -1 for nodata; those of the new
        row afterwards.
    line
        The chains that end at this line, and afterwards at the next one.
    areas
        Running sums of pixel areas, float64 [3, padded column + 1]: see `Tracer`.
    weights
        How much the first two of these count at this line, float64 [2].
    nodes
        Whether a border has a vertex wherever three borders meet, even where it goes straight on.
    eight
        Whether pixels that touch at a corner are of one component.
    vertices, chains, components, rings, counters
        The tracer's state, see `state`; it is changed.
    """
    # eight pixels of nodata at the end, at least
    width = len(up) - 8
    # of the pixels in a word, eight or two, the logarithm: a constant when this is compiled
    shift = 3 if up.itemsize == 1 else 1
    inside = (1 << shift) - 1
    y = counters[ROW]
    # arrays as local names: each one taken out of its pool in the loop would be counted as referred
    # to, atomically
    arriving = line.arriving
    leaving = line.leaving
    end = chains.end
    head = chains.head
    tail = chains.tail
    total = chains.area
    free = chains.free
    parent = components.parent
    runs = components.runs
    ended = components.ended
    nw = sw = OUTSIDE
    west_in = west_out = NONE  # chains that come along the line from the west, or go there
    label_nw = label_sw = NONE
    x = int64(0)
    while x <= width:
        if nw == sw and x & inside == 0 and up_words[x >> shift] == here_words[x >> shift]:
            i = (x >> shift) + 1
            while i < len(up_words) and up_words[i] == here_words[i]:
                i += 1
            x = i << shift
            if x > width:
                break
            nw = sw = int(here[x - 1]) if here[x - 1] != void else OUTSIDE
            label_nw = label_sw = int64(labels[x - 1])
            west_in = west_out = NONE
            continue
        ne = int(up[x]) if up[x] != void else OUTSIDE
        se = int(here[x]) if here[x] != void else OUTSIDE
        label_ne = int64(labels[x])
        label_se = label_ne
        if ne == se:
            if nw != sw and sw == se and se >= 0 and label_sw != label_ne:
                unite(components, rings, counters, label_sw, label_ne)
        elif se < 0:
            label_se = NONE
            labels[x] = NONE
        else:
            label_se = (
                label_sw if sw == se else label_of_run(up, here, labels, components, counters, x)
            )
            labels[x] = label_se
        kind = (
            NORTH * int(nw != ne)
            | SOUTH * int(sw != se)
            | WEST * int(nw != sw)
            | EAST * int(ne != se)
        )
        if kind & ACROSS == 0:  # no border, or one along the line: what comes from the west goes on
            pass
        elif kind == ACROSS:  # it goes on as it is
            west_in = west_out = NONE
        else:
            at = x * 4
            north_in = int64(arriving[x])
            north_out = int64(leaving[x])
            ground = weights[0] * areas[0, x] + weights[1] * areas[1, x] + areas[2, x]
            south_in = south_out = east_in = east_out = NONE
            if kind == TURN_NW:
                if nw >= 0:
                    vertex = new_vertex(vertices, counters, at, y, NONE)
                    append(vertices, tail, total, north_in, vertex, ground)
                    join(
                        chains,
                        vertices,
                        arriving,
                        components,
                        rings,
                        counters,
                        north_in,
                        west_out,
                        label_nw,
                    )
                    lose_run(parent, runs, ended, counters, label_nw)
                if se >= 0:
                    vertex = new_vertex(vertices, counters, at, y, NONE)
                    append(vertices, tail, total, west_in, vertex, -ground)
                    join(
                        chains,
                        vertices,
                        arriving,
                        components,
                        rings,
                        counters,
                        west_in,
                        north_out,
                        label_ne,
                    )
            elif kind == TURN_NE:
                if nw >= 0:
                    east_out = north_in
                    vertex = new_vertex(vertices, counters, at, y, NONE)
                    append(vertices, tail, total, east_out, vertex, ground)
                    lose_run(parent, runs, ended, counters, label_nw)
                if ne >= 0:
                    east_in = north_out
                    vertex = new_vertex(vertices, counters, at, y, int64(head[east_in]))
                    prepend(head, total, east_in, vertex, -ground)
            elif kind == TURN_SW:
                if sw >= 0:
                    south_out = west_in
                    vertex = new_vertex(vertices, counters, at, y, NONE)
                    append(vertices, tail, total, south_out, vertex, -ground)
                    gain_run(parent, runs, label_sw)
                if se >= 0:
                    south_in = west_out
                    vertex = new_vertex(vertices, counters, at, y, int64(head[south_in]))
                    prepend(head, total, south_in, vertex, ground)
            elif kind == TURN_SE:
                if se >= 0:
                    vertex = new_vertex(vertices, counters, at, y, NONE)
                    south_in = east_out = new_chain(
                        head, tail, total, free, counters, vertex, ground
                    )
                if sw >= 0:
                    vertex = new_vertex(vertices, counters, at, y, NONE)
                    east_in = south_out = new_chain(
                        head, tail, total, free, counters, vertex, -ground
                    )
                    gain_run(parent, runs, label_sw)
            else:  # NO_NORTH, NO_SOUTH, NO_WEST, NO_EAST or CROSS
                first = second = at  # the vertex of nw and se, and that of sw and ne
                if kind == CROSS:
                    first += SADDLE * int(nw == se)
                    second += SADDLE * int(sw == ne)
                    if eight and nw == se and nw >= 0:
                        unite(components, rings, counters, label_nw, label_se)
                    if eight and sw == ne and sw >= 0:
                        unite(components, rings, counters, label_sw, label_ne)
                if nodes:
                    first += NODE
                    second += NODE
                # a border with two arms side by side turns right
                if nw >= 0 and kind & TURN_NW == TURN_NW:
                    vertex = new_vertex(vertices, counters, first, y, NONE)
                    append(vertices, tail, total, north_in, vertex, ground)
                    join(
                        chains,
                        vertices,
                        arriving,
                        components,
                        rings,
                        counters,
                        north_in,
                        west_out,
                        label_nw,
                    )
                    lose_run(parent, runs, ended, counters, label_nw)
                if sw >= 0 and kind & TURN_SW == TURN_SW:
                    south_out = west_in
                    vertex = new_vertex(vertices, counters, second, y, NONE)
                    append(vertices, tail, total, south_out, vertex, -ground)
                    gain_run(parent, runs, label_sw)
                if se >= 0 and kind & TURN_SE == TURN_SE:
                    vertex = new_vertex(vertices, counters, first, y, NONE)
                    south_in = east_out = new_chain(
                        head, tail, total, free, counters, vertex, ground
                    )
                if ne >= 0 and kind & TURN_NE == TURN_NE:
                    east_in = north_out
                    vertex = new_vertex(vertices, counters, second, y, int64(head[east_in]))
                    prepend(head, total, east_in, vertex, -ground)
                # the border of the class on two sides of the missing arm goes straight on
                if kind == NO_NORTH and nw >= 0:
                    east_in = west_out
                    if nodes:
                        after = int64(head[east_in])
                        head[east_in] = new_vertex(vertices, counters, first, y, after)
                elif kind == NO_SOUTH and sw >= 0:
                    east_out = west_in
                    if nodes:
                        vertex = new_vertex(vertices, counters, first, y, NONE)
                        append(vertices, tail, total, east_out, vertex, 0.0)
                elif kind == NO_WEST and nw >= 0:
                    south_out = north_in
                    if nodes:
                        vertex = new_vertex(vertices, counters, first, y, NONE)
                        append(vertices, tail, total, south_out, vertex, 0.0)
                elif kind == NO_EAST and ne >= 0:
                    south_in = north_out
                    if nodes:
                        after = int64(head[south_in])
                        head[south_in] = new_vertex(vertices, counters, first, y, after)
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
def new_vertex(vertices: Ints, counters: Longs, x: int, y: int, after: int) -> int:
    """Make a vertex.

    Parameters
    ----------
    vertices, counters
        The tracer's state, see `state`.
    x, y
        column * 4 + flags, and row, of its corner.
    after
        The vertex that follows it, -1 for none.

    Returns
    -------
    int
        Its number.
    """
    vertex = counters[FREE_VERTEX]
    if vertex >= 0:
        counters[FREE_VERTEX] = vertices[vertex, NEXT_VERTEX]
    else:
        vertex = counters[VERTEX_TOP]
        counters[VERTEX_TOP] += 1
    vertices[vertex, X] = x
    vertices[vertex, Y] = y
    vertices[vertex, NEXT_VERTEX] = after
    counters[VERTICES] += 1
    return int(vertex)


@inlined
def new_chain(
    head: Ints, tail: Ints, total: Floats, free: Ints, counters: Longs, vertex: int, area: float
) -> int:
    """Make a chain of one vertex.

    Parameters
    ----------
    head, tail, total, free
        Arrays of `Chains`; `total` is its area.
    counters
        See `state`.
    vertex
        The vertex.
    area
        The ground that it counts, in square metres.

    Returns
    -------
    int
        The chain's number.
    """
    if counters[FREE_CHAINS] > 0:
        counters[FREE_CHAINS] -= 1
        chain = int64(free[counters[FREE_CHAINS]])
    else:
        chain = counters[CHAIN_TOP]
        counters[CHAIN_TOP] += 1
    head[chain] = vertex
    tail[chain] = vertex
    total[chain] = area
    return int64(chain)


@inlined
def append(vertices: Ints, tail: Ints, total: Floats, chain: int, vertex: int, area: float) -> None:
    """Let a vertex follow a chain's tail.

    Parameters
    ----------
    vertices
        See `state`.
    tail, total
        Arrays of `Chains`; `total` is its area.
    chain, vertex
        Their numbers.
    area
        The ground that the vertex counts, in square metres.
    """
    vertices[tail[chain], NEXT_VERTEX] = vertex
    tail[chain] = vertex
    total[chain] += area


@inlined
def prepend(head: Ints, total: Floats, chain: int, vertex: int, area: float) -> None:
    """Let a vertex, which points at it already, come before a chain's head.

    Parameters
    ----------
    head, total
        Arrays of `Chains`; `total` is its area.
    chain, vertex
        Their numbers.
    area
        The ground that the vertex counts, in square metres.
    """
    head[chain] = vertex
    total[chain] += area


@kernel_part
def join(
    chains: Chains,
    vertices: Ints,
    arriving: Ints,
    components: Components,
    rings: Rings,
    counters: Longs,
    chain: int,
    other: int,
    label: int,
) -> None:
    """Let one chain follow another; if they are one, it is a ring.

    Parameters
    ----------
    chains, vertices, components, rings, counters
        The tracer's state, see `state`.
    arriving
        The chains that come down to the line: see `Line`.
    chain
        The chain that comes first.
    other
        The chain that follows, whose number is free afterwards.
    label
        A label of their component.
    """
    if chain == other:
        close_ring(chains, chain, components, find(components.parent, label), rings, counters)
        return
    vertices[chains.tail[chain], NEXT_VERTEX] = chains.head[other]
    chains.tail[chain] = chains.tail[other]
    chains.area[chain] += chains.area[other]
    end = chains.end[other]
    chains.end[chain] = end  # the tail of the other chain is now this one's, wherever it arrives
    if end >= 0:
        arriving[end] = chain
    free_chain(chains, other, counters)


@inlined
def free_chain(chains: Chains, chain: int, counters: Longs) -> None:
    """Let a chain's number be used again.

    Parameters
    ----------
    chains, counters
        The tracer's state, see `state`.
    chain
        The number; nothing may point at it.
    """
    chains.free[counters[FREE_CHAINS]] = chain
    counters[FREE_CHAINS] += 1


@kernel_part
def close_ring(
    chains: Chains,
    chain: int,
    components: Components,
    component: int,
    rings: Rings,
    counters: Longs,
) -> None:
    """Make a ring of a chain whose head met its tail, the first of its component: the outer ring
    closes last.

    Parameters
    ----------
    chains, components, rings, counters
        The tracer's state, see `state`.
    chain
        The chain, whose number is free afterwards.
    component
        A root.
    """
    if counters[FREE_RINGS] > 0:
        counters[FREE_RINGS] -= 1
        ring = rings.free[counters[FREE_RINGS]]
    else:
        ring = counters[RING_TOP]
        counters[RING_TOP] += 1
    counters[RINGS] += 1
    rings.head[ring] = chains.head[chain]
    rings.tail[ring] = chains.tail[chain]
    rings.next[ring] = components.first_ring[component]
    if components.first_ring[component] < 0:
        components.last_ring[component] = ring
    components.first_ring[component] = ring
    components.area[component] += chains.area[chain]
    free_chain(chains, chain, counters)


@kernel_part
def new_component(components: Components, counters: Longs, value: int, origin: int) -> int:
    """Make a component without rings.

    Parameters
    ----------
    components, counters
        The tracer's state, see `state`.
    value
        Its class, or its object's number.
    origin
        Index of its first pixel, row by row.

    Returns
    -------
    int
        Its number.
    """
    if counters[FREE_COMPONENTS] > 0:
        counters[FREE_COMPONENTS] -= 1
        component = int64(components.free[counters[FREE_COMPONENTS]])
    else:
        component = counters[COMPONENT_TOP]
        counters[COMPONENT_TOP] += 1
    components.parent[component] = component
    components.runs[component] = 0
    components.first_ring[component] = -1
    components.last_ring[component] = -1
    components.value[component] = value
    components.origin[component] = origin
    components.area[component] = 0.0
    components.least[component] = NODATA
    components.sums[component, :] = 0.0
    return int64(component)


@kernel_part
def merge_components(
    components: Components, rings: Rings, counters: Longs, component: int, into: int
) -> None:
    """Merge a component into another: its rings, its measures, its first pixel.

    Parameters
    ----------
    components, rings, counters
        The tracer's state, see `state`.
    component, into
        Two different roots; the second stays one.
    """
    components.parent[component] = into
    if components.first_ring[component] >= 0:
        if components.first_ring[into] < 0:
            components.first_ring[into] = components.first_ring[component]
        else:
            rings.next[components.last_ring[into]] = components.first_ring[component]
        components.last_ring[into] = components.last_ring[component]
    components.runs[into] += components.runs[component]
    components.origin[into] = min(components.origin[into], components.origin[component])
    components.area[into] += components.area[component]
    components.least[into] = min(components.least[into], components.least[component])
    for i in range(components.sums.shape[1]):
        components.sums[into, i] += components.sums[component, i]
    components.merged[counters[MERGED_COMPONENTS]] = component
    counters[MERGED_COMPONENTS] += 1


@kernel_part
def unite(components: Components, rings: Rings, counters: Longs, one: int, other: int) -> None:
    """Make one component of two, if they are not one already.

    Parameters
    ----------
    components, rings, counters
        The tracer's state, see `state`.
    one, other
        Labels; the root of the second stays.
    """
    component = find(components.parent, one)
    into = find(components.parent, other)
    if component != into:
        merge_components(components, rings, counters, component, into)


@inlined
def label_of_run(
    up: Values, here: Values, labels: Ints, components: Components, counters: Longs, x: int
) -> int:
    """Return the component of the run of pixels that starts in a column: that of the first pixel
    above it, or a new one.

    Parameters
    ----------
    up, here
        Classes or objects of the row above and of the new one, [padded column].
    labels
        Components of the row above, from column `x` on, int32 [padded column].
    components, counters
        The tracer's state, see `state`.
    x
        The column, whose pixel above has another class.

    Returns
    -------
    int
        A label, not always a root.
    """
    value = here[x]
    width = len(here)
    for j in range(x + 1, width):
        if here[j] != value:
            break
        if up[j] == value:
            return int64(labels[j])
    return new_component(components, counters, value, counters[ROW] * counters[WIDTH] + x)


@inlined
def lose_run(parent: Ints, runs: Ints, ended: Ints, counters: Longs, label: int) -> None:
    """Note that a run of the row above ends here; a component without runs may be complete when
    the row is done.

    Parameters
    ----------
    parent, runs, ended
        Arrays of `Components`.
    counters
        See `state`.
    label
        The run's label.
    """
    component = find(parent, label)
    runs[component] -= 1
    if runs[component] == 0:
        ended[counters[CANDIDATES]] = component
        counters[CANDIDATES] += 1


@inlined
def gain_run(parent: Ints, runs: Ints, label: int) -> None:
    """Note that a run of the new row ends here.

    Parameters
    ----------
    parent, runs
        Arrays of `Components`.
    label
        The run's label.
    """
    runs[find(parent, label)] += 1
