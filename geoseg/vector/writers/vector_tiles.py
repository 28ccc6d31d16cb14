"""Polygons as vector tiles (Mapbox Vector Tile 2.1): a quadtree of the web's Mercator square, in
which every tile holds what of the polygons lies in it.

The rings of all polygons of a group lie one after another in two arrays, so each step (a clip at a
line, rounding to a tile's units, varints) is one pass over all of them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, cos, log2, pi, radians, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from ...core.arrays import Floats

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

EARTH = 6_378_137.0  # metres: the sphere of the web's Mercator projection
WORLD = 2 * pi * EARTH
UNITS = 4096  # of a tile's side at the largest zoom: at least 16 a pixel of the raster
COARSE = 1024  # at the others
SCREEN = 256  # pixels of a screen that a tile's side takes, as zooms are commonly counted
MARGIN = 1 / 64  # of a tile's side: what reaches over its border, so that no seam is drawn
DEEPEST = 22
LEVELS = 8  # zooms above the largest one


@dataclass(frozen=True, slots=True)
class Rings:
    """Rings of polygons, not closed: the last vertex is joined with the first."""

    x: Floats
    """Of all vertices, from 0, the west of the Mercator square, to 1."""
    y: Floats
    """Likewise, from the north."""
    start: Ints
    """The first vertex of each ring and the one after the last [ring + 1]."""
    feature: Ints
    """Whose each ring is [ring], ascending."""
    outer: Flags
    """Whether it is an outer ring [ring]; its holes come behind it."""

    def chosen(self, keep: Flags) -> Rings:
        """Return some of the rings.

        Parameters
        ----------
        keep
            bool [ring].

        Returns
        -------
        Rings
            In the same order.
        """
        if keep.all():
            return self
        sizes = np.diff(self.start)
        vertices = np.repeat(keep, sizes)
        start = np.concatenate([[0], np.cumsum(sizes[keep])])
        return Rings(
            self.x[vertices], self.y[vertices], start, self.feature[keep], self.outer[keep]
        )

    def following(self) -> Ints:
        """Return the next vertex of each in its ring.

        Returns
        -------
        Ints
            [vertex].
        """
        after = np.arange(1, len(self.x) + 1)
        after[self.start[1:] - 1] = self.start[:-1]
        return after

    def areas2(self) -> Floats:
        """Return twice the signed area of each ring.

        Returns
        -------
        Floats
            [ring], positive where it runs clockwise as drawn, for y points down.
        """
        after = self.following()
        # about the ring's first vertex: products of small numbers, none of which is rounded away
        origin = np.repeat(self.start[:-1], np.diff(self.start))
        x, y = self.x - self.x[origin], self.y - self.y[origin]
        return np.add.reduceat(x * y[after] - x[after] * y, self.start[:-1])


@dataclass(frozen=True, slots=True)
class Tile:
    """What of a group of polygons lies in one tile."""

    zoom: int
    """0 is one tile for all the world."""
    column: int
    """From the west."""
    row: int
    """From the north."""
    features: Ints
    """The polygons [part], the largest first."""
    shapes: list[bytes]
    """Of each, the geometry as the field `geometry` of a feature has it."""


def zooms(pixel: float, latitude: float) -> tuple[int, int]:
    """Choose the zooms of a raster's polygons.

    Parameters
    ----------
    pixel
        Metres of a side of its pixels.
    latitude
        Where it lies, in degrees.

    Returns
    -------
    tuple[int, int]
        The smallest; and the largest, the first at which a pixel of the raster is not smaller than
        one of the screen.
    """
    wanted = log2(WORLD * cos(radians(latitude)) / (SCREEN * pixel))
    deepest = min(max(ceil(wanted - 1e-9), 0), DEEPEST)
    return max(deepest - LEVELS, 0), deepest


def longest_edge(pixel: float) -> float:
    """Return how long an edge may be that stays straight in another projection.

    Parameters
    ----------
    pixel
        A pixel's side in metres.

    Returns
    -------
    float
        Pixels; an arc of the Earth so long leaves its chord by a thirty-second of a pixel.
    """
    return min(max(sqrt(EARTH / (4 * pixel)), 8.0), 1024.0)


def densified(rings: Rings, longest: float) -> Rings:
    """Put vertices into long edges.

    Parameters
    ----------
    rings
        In the raster's own CRS.
    longest
        What no edge is longer than, in its units.

    Returns
    -------
    Rings
        The same shapes. Both sides of an edge get the same vertices.
    """
    after = rings.following()
    dx, dy = rings.x[after] - rings.x, rings.y[after] - rings.y
    parts = np.maximum(np.ceil(np.hypot(dx, dy) / longest), 1).astype(np.int64)
    if (parts == 1).all():
        return rings
    begin = np.concatenate([[0], np.cumsum(parts)])
    edge = np.repeat(np.arange(len(parts)), parts)
    share = (np.arange(begin[-1]) - begin[edge]) / parts[edge]
    return Rings(
        rings.x[edge] + share * dx[edge],
        rings.y[edge] + share * dy[edge],
        begin[rings.start],
        rings.feature,
        rings.outer,
    )


def clipped(rings: Rings, west: float, north: float, east: float, south: float) -> Rings:
    """Clip rings to a rectangle (Sutherland and Hodgman 1974, one line after the other).

    Parameters
    ----------
    rings
        In any units.
    west, north, east, south
        The rectangle.

    Returns
    -------
    Rings
        What of them lies in it. A ring that leaves it more than once stays one ring, whose parts
        hang together along its border.
    """
    if not len(rings.x):
        return rings
    first = rings.start[:-1]
    near = (np.minimum.reduceat(rings.x, first) < east) & (
        np.maximum.reduceat(rings.x, first) > west
    )
    near &= (np.minimum.reduceat(rings.y, first) < south) & (
        np.maximum.reduceat(rings.y, first) > north
    )
    found = rings.chosen(near)
    for vertical, bound, sign in ((1, west, 1), (1, east, -1), (0, north, 1), (0, south, -1)):
        found = _half(found, bool(vertical), bound, sign)
    return found


def _half(rings: Rings, vertical: bool, bound: float, sign: int) -> Rings:
    """Keep what lies on one side of a line: where sign * (coordinate - bound) is not negative."""
    across, along = (rings.x, rings.y) if vertical else (rings.y, rings.x)
    side = sign * (across - bound)
    inside = side >= 0
    if inside.all():
        return rings
    after = rings.following()
    crosses = inside != inside[after]
    count = inside.astype(np.int64) + crosses
    place = np.concatenate([[0], np.cumsum(count)])
    # of the vertex, where it is kept; of the crossing behind it
    new_across, new_along = np.empty(place[-1]), np.empty(place[-1])
    new_across[place[:-1][inside]] = across[inside]
    new_along[place[:-1][inside]] = along[inside]
    here, there = np.flatnonzero(crosses), after[crosses]
    # from the end that is inside, whichever comes first: both sides of an edge cross alike
    kept, lost = np.where(inside[here], here, there), np.where(inside[here], there, here)
    share = side[kept] / (side[kept] - side[lost])
    at = place[:-1][here] + inside[here]
    new_across[at] = bound
    new_along[at] = along[kept] + share * (along[lost] - along[kept])
    start = place[rings.start]
    whole = np.diff(start) >= 3
    x, y = (new_across, new_along) if vertical else (new_along, new_across)
    left = Rings(x, y, start, rings.feature, rings.outer)
    return left if whole.all() else left.chosen(whole)


def tiles(rings: Rings, values: Ints, least: int, deepest: int) -> Iterator[Tile]:
    """Cut polygons into the tiles of all zooms, from the top of the quadtree to its leaves.

    At the largest zoom every polygon is there. At the others a polygon, or a hole, of less than a
    pixel of the screen is left out; of those that are left out of a tile, as many as have its
    place together are drawn as a square of a pixel, so that a class that is scattered does not
    fade.

    Parameters
    ----------
    rings
        Of a group of polygons, in the Mercator square.
    values
        The class of each polygon [feature].
    least, deepest
        The zooms.

    Yields
    ------
    Tile
        Those that are not empty.
    """
    yield from _descend(rings, values, (0, 0, 0), least, deepest)


def _descend(
    rings: Rings, values: Ints, tile: tuple[int, int, int], least: int, deepest: int
) -> Iterator[Tile]:
    zoom, column, row = tile
    size = 0.5**zoom
    edge = MARGIN * size
    west, north = column * size, row * size
    found = clipped(rings, west - edge, north - edge, west + size + edge, north + size + edge)
    if not len(found.feature):
        return
    if zoom >= least:
        units = UNITS if zoom == deepest else COARSE
        placed = Rings(
            np.rint((found.x - west) * (units / size)),
            np.rint((found.y - north) * (units / size)),
            found.start,
            found.feature,
            found.outer,
        )
        if zoom < deepest:
            placed = without_specks(placed, values, units / SCREEN)
        placed = tidied(repaired(tidied(placed)))
        if len(placed.feature):
            yield Tile(zoom, column, row, *encoded(placed))
    if zoom < deepest:
        for child in range(4):
            below = zoom + 1, 2 * column + child % 2, 2 * row + child // 2
            yield from _descend(found, values, below, least, deepest)


def without_specks(rings: Rings, values: Ints, pixel: float) -> Rings:
    """Leave out what is smaller than a pixel, but for a square for as many as fill one.

    Parameters
    ----------
    rings
        In a tile's units.
    values
        The class of each polygon [feature].
    pixel
        The side of a pixel of the screen in these units.

    Returns
    -------
    Rings
        Without small polygons and small holes.
    """
    areas = np.abs(rings.areas2()) / (2 * pixel**2)
    big = areas >= 1
    keep = big & _of_own(rings, big)
    specks = np.flatnonzero(rings.outer & ~big)
    classes = values[rings.feature[specks]]
    chosen = []
    for value in np.unique(classes):
        those = specks[classes == value]
        total = np.floor(np.cumsum(areas[those]) + 1e-9)
        chosen.append(those[np.diff(total, prepend=0) > 0])
    squares = np.sort(np.concatenate(chosen)) if chosen else specks
    if not len(squares):
        return rings.chosen(keep)
    x, y, start = rings.x.copy(), rings.y.copy(), rings.start
    # a square takes the place of the first four vertices of its speck; three are too few
    roomy = squares[np.diff(start)[squares] >= 4]
    left = np.floor(x[start[roomy]] / pixel) * pixel
    top = np.floor(y[start[roomy]] / pixel) * pixel
    for corner, (right, down) in enumerate(((0, 0), (1, 0), (1, 1), (0, 1))):
        x[start[roomy] + corner] = left + right * pixel
        y[start[roomy] + corner] = top + down * pixel
    keep[roomy] = True
    sizes = np.diff(start)
    within = np.arange(len(x)) - np.repeat(start[:-1], sizes)
    spare = np.zeros(len(sizes), bool)
    spare[roomy] = True
    kept = np.repeat(keep, sizes) & ~(np.repeat(spare, sizes) & (within >= 4))
    sizes = np.where(spare, 4, sizes)[keep]
    return Rings(
        x[kept],
        y[kept],
        np.concatenate([[0], np.cumsum(sizes)]),
        rings.feature[keep],
        rings.outer[keep],
    )


def tidied(rings: Rings) -> Rings:
    """Take out vertices that rounding has made one, or put on a line, and rings without an area.

    Parameters
    ----------
    rings
        In whole units.

    Returns
    -------
    Rings
        Outer rings clockwise as drawn, holes against them, as the format wants it.
    """
    for _ in range(2):  # what lay between two that are one now lies on a line with them
        for collinear in (False, True):
            if not len(rings.feature):
                return rings
            after = rings.following()
            before = np.empty_like(after)
            before[after] = np.arange(len(after))
            dx, dy = rings.x[after] - rings.x, rings.y[after] - rings.y
            keep = (dx != 0) | (dy != 0)
            if collinear:
                keep &= dx * dy[before] != dy * dx[before]
            if keep.all():
                continue
            start = np.concatenate([[0], np.cumsum(keep)])[rings.start]
            thin = Rings(rings.x[keep], rings.y[keep], start, rings.feature, rings.outer)
            rings = thin.chosen(np.diff(start) >= 3)
    if not len(rings.feature):
        return rings
    areas = rings.areas2()
    there = areas != 0
    turned = _reversed(rings, (areas > 0) != rings.outer)
    return turned.chosen(there & _of_own(rings, there))


def _of_own(rings: Rings, told: Flags) -> Flags:
    """Return for each ring what is told of the outer ring that it lies in, False without one."""
    outers = np.flatnonzero(rings.outer)
    if not len(outers):
        return np.zeros(len(told), bool)
    own = np.searchsorted(outers, np.arange(len(told)), side="right") - 1
    mine = outers[np.maximum(own, 0)]
    found: Flags = told[mine] & (own >= 0) & (rings.feature[mine] == rings.feature)
    return found


def from_shapes(shapes: Any, feature: Ints | None = None) -> Rings:
    """Take the rings of polygons.

    Parameters
    ----------
    shapes
        Shapely's polygons, or polygons and multipolygons [shape]; none is empty.
    feature
        Whose each shape is [shape], ascending; None counts them.

    Returns
    -------
    Rings
        In their own units.
    """
    kind, points, offsets = shapely.to_ragged_array(shapes, include_z=False)
    by_ring, by_polygon = (np.asarray(offset, np.int64) for offset in offsets[:2])
    outer = np.zeros(len(by_ring) - 1, bool)
    outer[by_polygon[:-1]] = True
    shape = np.searchsorted(by_polygon, np.arange(len(outer)), side="right") - 1
    if kind == shapely.GeometryType.MULTIPOLYGON:
        shape = np.searchsorted(np.asarray(offsets[2]), shape, side="right") - 1
    keep = np.ones(len(points), bool)
    keep[by_ring[1:] - 1] = False  # the last vertex of each repeats its first
    start = by_ring - np.arange(len(by_ring))
    x, y = np.ascontiguousarray(points[keep].T)
    return Rings(x, y, start, shape if feature is None else feature[shape], outer)


def to_shapes(rings: Rings) -> tuple[Ints, Any]:
    """Make multipolygons of rings.

    Parameters
    ----------
    rings
        Each hole behind its outer ring.

    Returns
    -------
    tuple[Ints, Any]
        The polygons [shape], ascending; and Shapely's multipolygon of each.
    """
    closed = np.insert(np.arange(len(rings.x)), rings.start[1:], rings.start[:-1])
    points = np.column_stack([rings.x[closed], rings.y[closed]])
    by_ring = rings.start + np.arange(len(rings.start))
    outers = np.flatnonzero(rings.outer)
    by_polygon = np.append(outers, len(rings.outer))
    owner = rings.feature[outers]
    begins = np.flatnonzero(np.diff(owner, prepend=-1))
    by_shape = np.append(begins, len(outers))
    return owner[begins], shapely.from_ragged_array(
        shapely.GeometryType.MULTIPOLYGON, points, (by_ring, by_polygon, by_shape)
    )


def repaired(rings: Rings) -> Rings:
    """Make polygons valid that clipping and rounding have left with borders that touch or cross.

    Parameters
    ----------
    rings
        In whole units.

    Returns
    -------
    Rings
        Of the same area but for what rounding adds or takes; in whole units.
    """
    if not len(rings.feature):
        return rings
    features, shapes = to_shapes(rings)
    bad = ~shapely.is_valid(shapes)
    if not bad.any():
        return rings
    # by structure, so that what goes to and fro along a tile's border is no border; edges alone do
    # not tell how often they are gone
    made = shapely.make_valid(shapes[bad], method="structure", keep_collapsed=False)
    fixed = shapely.set_precision(made, 1.0)
    parts, whose = shapely.get_parts(fixed, return_index=True)
    parts, inner = shapely.get_parts(parts, return_index=True)  # of collections, too
    whose = np.asarray(features[bad][whose[inner]], np.int64)
    areal = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(parts)
    good = rings.chosen(~np.isin(rings.feature, features[bad]))
    if not areal.any():
        return good
    return _joined(good, from_shapes(parts[areal], whose[areal]))


def _joined(one: Rings, other: Rings) -> Rings:
    """Put rings of two sets into the order of their polygons."""
    feature = np.concatenate([one.feature, other.feature])
    order = np.argsort(feature, kind="stable")
    sizes = np.concatenate([np.diff(one.start), np.diff(other.start)])
    first = np.concatenate([one.start[:-1], other.start[:-1] + len(one.x)])
    start = np.concatenate([[0], np.cumsum(sizes[order])])
    index = np.arange(start[-1]) + np.repeat(first[order] - start[:-1], sizes[order])
    return Rings(
        np.concatenate([one.x, other.x])[index],
        np.concatenate([one.y, other.y])[index],
        start,
        feature[order],
        np.concatenate([one.outer, other.outer])[order],
    )


def _reversed(rings: Rings, wrong: Flags) -> Rings:
    if not wrong.any():
        return rings
    sizes = np.diff(rings.start)
    ring = np.repeat(np.arange(len(sizes)), sizes)
    index = np.arange(len(rings.x))
    back = rings.start[ring] + rings.start[ring + 1] - 1 - index
    order = np.where(wrong[ring], back, index)
    return Rings(rings.x[order], rings.y[order], rings.start, rings.feature, rings.outer)


def encoded(rings: Rings) -> tuple[Ints, list[bytes]]:
    """Write rings as commands (4.3 of the specification): move, line, close; deltas as varints.

    Parameters
    ----------
    rings
        In whole units, of at least one polygon.

    Returns
    -------
    tuple[Ints, list[bytes]]
        The polygons, the largest first; and the commands of each.
    """
    x, y = rings.x.astype(np.int64), rings.y.astype(np.int64)
    sizes = np.diff(rings.start)
    ring = np.repeat(np.arange(len(sizes)), sizes)
    # the pen goes from vertex to vertex; a ring ends where its last vertex is
    step_x, step_y = np.diff(x, prepend=0), np.diff(y, prepend=0)
    begins = np.flatnonzero(np.diff(rings.feature, prepend=-1))  # the first ring of each polygon
    pens = rings.start[begins]
    step_x[pens], step_y[pens] = x[pens], y[pens]  # which starts at 0, 0
    first = np.concatenate([[0], np.cumsum(2 * sizes + 3)])  # of each ring's numbers
    numbers = np.empty(first[-1], np.uint64)
    within = np.arange(len(x)) - rings.start[ring]
    at = first[ring] + 1 + 2 * within + (within > 0)
    numbers[at] = _zigzag(step_x)
    numbers[at + 1] = _zigzag(step_y)
    numbers[first[:-1]] = 1 << 3 | 1
    numbers[first[:-1] + 3] = (sizes - 1) << 3 | 2
    numbers[first[1:] - 1] = 1 << 3 | 7
    data, ends = varints(numbers)
    area = np.add.reduceat(rings.areas2(), begins)
    limits = np.concatenate([[0], ends[first[1:] - 1]])
    limits = np.append(limits[begins], limits[-1])
    order = np.argsort(-area, kind="stable")
    whole = data.tobytes()
    return rings.feature[begins][order], [whole[limits[i] : limits[i + 1]] for i in order]


def _zigzag(steps: Ints) -> npt.NDArray[np.uint64]:
    return ((steps << 1) ^ (steps >> 63)).astype(np.uint64)


def varints(numbers: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.uint8], Ints]:
    """Write numbers as varints, seven bits a byte.

    Parameters
    ----------
    numbers
        Less than 2**35.

    Returns
    -------
    tuple[npt.NDArray[np.uint8], Ints]
        The bytes; and where each number ends.
    """
    sizes = np.ones(len(numbers), np.int64)
    for k in range(1, 5):
        sizes += numbers >= np.uint64(1 << 7 * k)
    ends = np.cumsum(sizes)
    data = np.zeros(int(ends[-1]) if len(ends) else 0, np.uint8)
    for k in range(5):
        has = sizes > k
        more = (sizes[has] > k + 1).astype(np.uint8) << 7
        low = (numbers[has] >> np.uint64(7 * k) & np.uint64(127)).astype(np.uint8)
        data[ends[has] - sizes[has] + k] = low | more
    return data, ends


def tile_bytes(
    name: str,
    units: int,
    columns: Sequence[tuple[str, Sequence[Any]]],
    shapes: Sequence[bytes],
) -> bytes:
    """Write a tile of one layer (vector_tile.proto).

    Parameters
    ----------
    name
        The layer's.
    units
        Of a tile's side.
    columns
        The name of each column, and its values [feature]: text, whole numbers, numbers or None.
    shapes
        The geometry of each feature.

    Returns
    -------
    bytes
        Not compressed.
    """
    known: dict[bytes, int] = {}
    tags: list[list[int]] = [[] for _ in shapes]
    for key, (_, values) in enumerate(columns):
        own: dict[Any, int] = {}
        for tag, value in zip(tags, values, strict=True):
            if value is None:
                continue
            index = own.get(value)
            if index is None:
                index = own[value] = known.setdefault(_value(value), len(known))
            tag.extend((key, index))
    parts = [_message(1, name.encode())]
    for pairs, shape in zip(tags, shapes, strict=True):
        body = _message(2, b"".join(map(varint, pairs))) + b"\x18\x03" + _message(4, shape)
        parts.append(_message(2, body))
    parts += [_message(3, key.encode()) for key, _ in columns]
    parts += [_message(4, value) for value in known]
    parts.append(b"\x28" + varint(units) + b"\x78\x02")
    return _message(3, b"".join(parts))


def varint(number: int) -> bytes:
    """Write one number as a varint.

    Parameters
    ----------
    number
        Not negative.

    Returns
    -------
    bytes
        Seven bits a byte.
    """
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    found.append(number)
    return bytes(found)


def _message(field: int, body: bytes) -> bytes:
    return bytes((field << 3 | 2,)) + varint(len(body)) + body


def _value(value: Any) -> bytes:
    if isinstance(value, str):
        return _message(1, value.encode())
    if isinstance(value, float):
        return b"\x19" + struct.pack("<d", value)
    return b"\x20" + varint(value & (1 << 64) - 1)  # int64, two's complement
