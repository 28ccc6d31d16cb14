"""The streaming tracer's inner loop: one row in, borders grown corner by corner, closed rings given to their regions.

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

from ..card import NODATA
from .chains import append, join, new_chain, new_vertex, prepend
from .jit import bare
from .labels import gain_run, label_of_run, lose_run, unite
from .state import ROW, Bytes, Chains, Floats, Ints, Line, Longs, Regions, Rings, Words

OUTSIDE = -1  # the value of nodata and of what lies around the raster


@bare
def trace_row(  # noqa: PLR0912, PLR0915 - nine kinds of corners; apart they would read worse
    up: Bytes, here: Bytes, up8: Words, here8: Words, labels: Ints, line: Line, areas: Floats, weights: Floats,
    nodes: bool, eight: bool, v: Ints, c: Chains, r: Regions, rings: Rings, s: Longs,
) -> None:  # fmt: skip
    """Label the new row `here` and grow the borders along the line between it and the row above, left to right.

    A border comes into a corner going south, east, north or west with its region in the
    pixel to the north-west, south-west, south-east or north-east. `areas` and `weights`
    give the ground above and left of a corner: see Tracer. With `nodes`, a border has a
    vertex wherever three borders meet, even where it goes straight on. With `eight`,
    regions that touch at a corner are one. Rows are filled up with nodata to whole words.
    """
    width, y = len(up) - 8, s[ROW]  # a word of nodata at the end, at least
    # arrays as local names: each one taken out of its pool in the loop would be counted as referred to, atomically
    arriving, leaving = line.arriving, line.leaving
    end, head, tail, total, free = c.end, c.head, c.tail, c.area, c.free
    parent, runs, ended = r.parent, r.runs, r.ended
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
                    south_in = east_out = new_chain(head, tail, total, free, s, new_vertex(v, s, at, y, -1), ground)
                if sw >= 0:
                    east_in = south_out = new_chain(head, tail, total, free, s, new_vertex(v, s, at, y, -1), -ground)
                    gain_run(parent, runs, label_sw)
            else:  # three or four borders meet: those with two edges side by side turn right, one may go straight on
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
                    south_in = east_out = new_chain(head, tail, total, free, s, new_vertex(v, s, first, y, -1), ground)
                if ne >= 0 and kind & 0b1001 == 0b1001:
                    east_in = leaving[x]
                    prepend(head, total, east_in, new_vertex(v, s, second, y, head[east_in]), -ground)
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
            arriving[x], leaving[x] = south_out, south_in
            if south_out >= 0:
                end[south_out] = x
            if east_out >= 0:
                end[east_out] = -1
            west_in, west_out = east_out, east_in
        nw, sw, label_nw, label_sw = ne, se, label_ne, label_se
        x += 1
