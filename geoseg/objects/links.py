"""Which neighbouring pixels are of one object, decided from the pixels around them alone.

A pixel's depth is how far inside its object it lies. Pixels are taken level by level, the deepest
first: at each level, what is known of objects floods the pixels of their class that are at least so
deep, step by step and `reach` steps at most; a pixel that several reach at once goes to the one in
the north, west, east or south, in this order. What none has reached begins objects of its own. So
a pixel came to its object as part of a beginning, or from one of its four neighbours, and that
depends on nothing but the pixels within `Levels.margin` of it: a seam cannot be seen. Objects are
the connected components of the pixels that are linked.

The flood by levels is that of a watershed (Vincent and Soille 1991, Watersheds in Digital Spaces,
IEEE TPAMI 13), in which levels are few and a step reaches a pixel's neighbours.

The arrays that all functions share, uint8 [row, column]: `classes`, NODATA where no object can be;
`depth`, percent; `came`, how each pixel came to its object.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from ..core.arrays import Bytes, Ints
from ..core.card import NODATA
from ..core.errors import InputError
from ..core.jit import compiled, int64, kernel_part
from ..core.options import check_fields

# how a pixel came to its object: not yet, as part of its beginning, or from a neighbour
NOWHERE = 0
BEGAN = 1
NORTH = 2
WEST = 3
EAST = 4
SOUTH = 5
ARRIVING = 8  # is added in the step in which it comes
# bits of a link: the pixel is of an object, or of stuff; and of the same as those beside it
THING = 1
STUFF = 2
TO_NORTH = 4
TO_WEST = 8
COLUMNS = 2048  # of what is flooded at a time: it stays in the cache
MOST_REACH = 512  # pixels


@dataclass(frozen=True, slots=True)
class Levels:
    """At which depths objects begin, and how far they reach from one to the next."""

    depths: tuple[int, ...] = (60, 30, 0)
    """Percent, falling. Pixels that are less deep than the last are of no object."""
    reach: int = 64
    """Pixels that an object grows at each level, at most; what lies beyond is an object of its
    own."""

    def __post_init__(self) -> None:
        check_fields(self)
        good = all(0 <= depth <= 100 for depth in self.depths)
        if not self.depths or not good or any(a <= b for a, b in pairwise(self.depths)):
            raise InputError(
                f"--levels {','.join(map(str, self.depths))}",
                "falling whole numbers of percent from 100 to 0, such as 50,25,0",
            )
        if not 1 <= self.reach <= MOST_REACH:
            raise InputError(f"--reach {self.reach}", f"1 to {MOST_REACH} pixels")

    @property
    def margin(self) -> int:
        """Pixels around one that decide its links: one more for the neighbour's own."""
        return (len(self.depths) - 1) * self.reach + 1


def linked(
    strips: Iterable[tuple[Bytes, Bytes, Any]], levels: Levels, things: Bytes, stuff: Bytes
) -> Iterator[tuple[Bytes, Bytes, Any]]:
    """Find the links of a raster that arrives in strips.

    Parameters
    ----------
    strips
        Classes and depth, uint8 [row, column], from top to bottom, in any heights, and what else
        goes along row by row, or None. Classes are indices, NODATA for none; a depth above 100 is
        none, which counts as 0.
    levels
        Where objects begin, and how they grow.
    things, stuff
        uint8 [256]: not 0 for the classes of objects, and for those whose components are linked
        as they are.

    Yields
    ------
    tuple[Bytes, Bytes, Any]
        For some rows, uint8 [row, column]: links, of the bits THING, STUFF, TO_NORTH and TO_WEST;
        classes; and what goes along.
    """
    margin = levels.margin
    depths = np.array(levels.depths, np.uint8)
    for (classes, depth, more), first, stop in with_margin(strips, margin):
        links = np.empty((stop - first, classes.shape[1]), np.uint8)
        width = classes.shape[1]
        for left in range(0, width, COLUMNS):
            right = min(width, left + COLUMNS)
            around = slice(max(0, left - margin), min(width, right + margin))
            link_block(
                classes[:, around],
                depth[:, around],
                depths,
                levels.reach,
                things,
                stuff,
                first,
                left - around.start,
                links[:, left:right],
            )
        yield links, classes[first:stop], None if more is None else more[first:stop]


Held = tuple[Any, ...]


def with_margin(strips: Iterable[Held], margin: int) -> Iterator[tuple[Held, int, int]]:
    """Put rows above and below to the strips of a raster.

    Parameters
    ----------
    strips
        Arrays of as many rows, or None, from top to bottom, in any heights.
    margin
        Rows that are wanted at least above and below, as far as the raster goes.

    Yields
    ------
    tuple[Held, int, int]
        Rows of each array, the first of them that was not yielded before as one of the inner ones,
        and the one after the last of these.
    """
    held: Held = ()
    done = 0
    for strip in strips:
        start = max(0, done - margin)
        held = _joined(held, strip, start) if held else strip
        done -= start
        stop = len(held[0]) - margin
        if stop > done:
            yield held, done, stop
            done = stop
    if held and len(held[0]) > done:
        yield held, done, len(held[0])


def _joined(held: Held, strip: Held, start: int) -> Held:
    return tuple(
        None if new is None else np.concatenate([old[start:], new])
        for old, new in zip(held, strip, strict=True)
    )


def link_block(
    classes: Bytes,
    depth: Bytes,
    depths: Bytes,
    reach: int,
    things: Bytes,
    stuff: Bytes,
    top: int,
    left: int,
    links: Bytes,
) -> None:
    """Find the links of a block, from the pixels around it.

    Parameters
    ----------
    classes, depth
        Of the block and its margin: see the module.
    depths
        The levels, uint8, falling.
    reach
        Steps at each of them.
    things, stuff
        uint8 [256]: not 0 for the classes of objects, and for those that are linked as they are.
    top, left
        Row and column of the block's first pixel in `classes`.
    links
        uint8 [row, column] of the block, is written.
    """
    own = np.where(things[classes] != 0, classes, np.uint8(NODATA))
    deep = np.where(depth > 100, np.uint8(0), depth)
    came = np.zeros(own.shape, np.uint8)
    grow(own, deep, depths, reach, came, np.empty(own.size, np.int32))
    write_links(np.ascontiguousarray(classes), own, came, stuff, top, left, links)


@kernel_part
def source(classes: Bytes, came: Bytes, row: int, column: int) -> int:
    """Tell from where a pixel is reached.

    Parameters
    ----------
    classes, came
        See the module.
    row, column
        A pixel that is of no object yet.

    Returns
    -------
    int
        The first neighbour of its class that is of an object already: NORTH, WEST, EAST, SOUTH;
        NOWHERE for none.
    """
    value = classes[row, column]
    height, width = classes.shape
    if row > 0 and classes[row - 1, column] == value and 0 < came[row - 1, column] < ARRIVING:
        return NORTH
    if column > 0 and classes[row, column - 1] == value and 0 < came[row, column - 1] < ARRIVING:
        return WEST
    if (
        column + 1 < width
        and classes[row, column + 1] == value
        and 0 < came[row, column + 1] < ARRIVING
    ):
        return EAST
    if (
        row + 1 < height
        and classes[row + 1, column] == value
        and 0 < came[row + 1, column] < ARRIVING
    ):
        return SOUTH
    return NOWHERE


@kernel_part
def reach_pixel(
    classes: Bytes,
    depth: Bytes,
    level: int,
    came: Bytes,
    row: int,
    column: int,
    queue: Ints,
    stop: int,
) -> int:
    """Let a pixel arrive at an object, if it can.

    Parameters
    ----------
    classes, depth, came
        See the module; `came` is changed.
    level
        The least depth, percent.
    row, column
        The pixel.
    queue
        int32: the pixels that arrive are appended.
    stop
        Where it ends.

    Returns
    -------
    int
        Where it ends now.
    """
    if came[row, column] != NOWHERE or classes[row, column] == NODATA or depth[row, column] < level:
        return stop
    found = source(classes, came, row, column)
    if found == NOWHERE:
        return stop
    came[row, column] = found + ARRIVING
    queue[stop] = row * classes.shape[1] + column
    return stop + 1


@kernel_part
def flood(classes: Bytes, depth: Bytes, level: int, came: Bytes, reach: int, queue: Ints) -> None:
    """Let objects grow at one level, step by step.

    Parameters
    ----------
    classes, depth, came
        See the module; `came` is changed.
    level
        The least depth, percent.
    reach
        Steps.
    queue
        Room for the number of each pixel, int32.
    """
    height, width = classes.shape
    begin = int64(0)
    stop = int64(0)
    for row in range(height):
        for column in range(width):
            stop = reach_pixel(classes, depth, level, came, row, column, queue, stop)
    for step in range(1, reach + 1):
        for i in range(begin, stop):
            came[queue[i] // width, queue[i] % width] -= ARRIVING
        if step == reach:
            break
        last = stop
        for i in range(begin, last):
            row = queue[i] // width
            column = queue[i] % width
            if row > 0:
                stop = reach_pixel(classes, depth, level, came, row - 1, column, queue, stop)
            if column > 0:
                stop = reach_pixel(classes, depth, level, came, row, column - 1, queue, stop)
            if column + 1 < width:
                stop = reach_pixel(classes, depth, level, came, row, column + 1, queue, stop)
            if row + 1 < height:
                stop = reach_pixel(classes, depth, level, came, row + 1, column, queue, stop)
        begin = last
        if begin == stop:
            break


@kernel_part
def begin_objects(classes: Bytes, depth: Bytes, level: int, came: Bytes) -> None:
    """Let objects begin where none has come to.

    Parameters
    ----------
    classes, depth, came
        See the module; `came` is changed.
    level
        The least depth, percent.
    """
    for row in range(classes.shape[0]):
        for column in range(classes.shape[1]):
            if (
                came[row, column] == NOWHERE
                and classes[row, column] != NODATA
                and depth[row, column] >= level
            ):
                came[row, column] = BEGAN


@compiled
def grow(classes: Bytes, depth: Bytes, depths: Bytes, reach: int, came: Bytes, queue: Ints) -> None:
    """Let objects begin and grow, level by level.

    Parameters
    ----------
    classes, depth, came
        See the module; `came` is all NOWHERE and is written.
    depths
        The levels, uint8, falling.
    reach
        Steps at each of them.
    queue
        Room for the number of each pixel, int32.
    """
    for n in range(len(depths)):
        level = int64(depths[n])
        if n > 0:
            flood(classes, depth, level, came, reach, queue)
        begin_objects(classes, depth, level, came)


@compiled
def write_links(
    classes: Bytes, own: Bytes, came: Bytes, stuff: Bytes, top: int, left: int, links: Bytes
) -> None:
    """Tell which pixels of a block are of one object with those above and to the left.

    Parameters
    ----------
    classes
        All classes, of the block and its margin.
    own
        Those of objects, NODATA elsewhere.
    came
        See the module.
    stuff
        uint8 [256]: not 0 for the classes that are linked as they are.
    top, left
        Row and column of the block's first pixel among these.
    links
        uint8 [row, column] of the block, is written.
    """
    for i in range(links.shape[0]):
        for j in range(links.shape[1]):
            row = top + i
            column = left + j
            value = classes[row, column]
            here = came[row, column]
            link = 0
            if here != NOWHERE:
                link = THING
                if row > 0 and own[row - 1, column] == value:
                    there = came[row - 1, column]
                    if here == NORTH or there == SOUTH or (here == BEGAN and there == BEGAN):
                        link |= TO_NORTH
                if column > 0 and own[row, column - 1] == value:
                    there = came[row, column - 1]
                    if here == WEST or there == EAST or (here == BEGAN and there == BEGAN):
                        link |= TO_WEST
            elif stuff[value]:
                link = STUFF
                if row > 0 and classes[row - 1, column] == value:
                    link |= TO_NORTH
                if column > 0 and classes[row, column - 1] == value:
                    link |= TO_WEST
            links[i, j] = link
