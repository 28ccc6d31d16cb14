"""Objects as polygons, one feature each: read and made valid, traced from rasters of numbers, and
what those of two sides share, found by a spatial index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from rasterio import Affine
from rasterio.features import shapes as polygonize

from ..core.arrays import Floats, Longs
from ..core.errors import InputError
from ..core.grid import Grid, Window
from ..raster.handles import gdal_env, one_at_a_time
from ..raster.relate import relate
from .aoi import load_aoi
from .layers import AREAS, Layer, Shapes, check_finite, check_kinds, take_apart
from .pixels import in_pixels

SCORES = ("score", "confidence")  # columns that are known to tell how sure an object is
CROWDS = ("iscrowd",)
CHUNK = 1 << 14  # objects that are intersected together
EQUAL_AREA = "EPSG:6933"  # a cylinder: true areas between 86 degrees south and north
TOUCH = 0.01  # of the smaller one: polygons that share less than this do not lie on one another
FINE = 1 << 20  # pixels of the longer side of the grid that an area of interest is laid on

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class ObjectShapes:
    """Objects of one side."""

    shapes: Shapes
    """Valid polygons, perhaps of several parts [object]."""
    numbers: Longs
    """The feature's number, or the value of the pixels [object]."""
    crs: str | None
    """Of the coordinates, as WKT."""
    values: npt.NDArray[Any] | None = None
    """What stands in the column of classes [object]; None without one."""
    scores: Floats | None = None
    """How sure each is [object]; None where no column tells."""
    crowd: Flags | None = None
    """Whether several objects were drawn as one [object]; None where no column tells."""
    notes: tuple[str, ...] = ()
    """What was found on the way, a sentence each."""

    def boxes(self) -> Floats:
        """Return the box around each object.

        Returns
        -------
        Floats
            West, south, east, north [object, 4].
        """
        return np.asarray(shapely.bounds(self.shapes), np.float64).reshape(-1, 4)

    def areas(self) -> Floats:
        """Return the area of each object in the plane of its CRS.

        Returns
        -------
        Floats
            Squares of the CRS's unit [object].
        """
        return np.asarray(shapely.area(self.shapes), np.float64)

    def ground_areas(self) -> Floats:
        """Return the area of each object on the ground.

        Returns
        -------
        Floats
            Square metres [object].

        Raises
        ------
        InputError
            If the CRS is not tied to the Earth.
        """
        if self.crs is None:
            raise InputError(
                "the objects have no CRS, so that nothing tells their square metres",
                "sizes in the squares of their own unit",
            )
        there = relate(self.crs, EQUAL_AREA, "the objects", "areas")
        moved = self.shapes
        if there is not None:
            moved = shapely.transform(moved, there.transform, interleaved=False)
        return np.asarray(shapely.area(moved), np.float64)


def read_objects(layer: Layer, column: str = "", score: str = "", crowd: str = "") -> ObjectShapes:
    """Read the objects of a vector layer.

    Parameters
    ----------
    layer
        Of polygons; each feature is an object, whatever its parts.
    column
        Of classes; empty for none.
    score
        The column that tells how sure each is; empty for the first of SCORES that it has.
    crowd
        The column that tells, by a number that is not 0, where several objects were drawn as one;
        empty for the first of CROWDS that it has.

    Returns
    -------
    ObjectShapes
        Shapes that cross themselves are made valid; what has no area is left out; both are said.

    Raises
    ------
    InputError
        If it holds other shapes, a column that is asked for is not there, or a score is no number.
    """
    score = score or next((name for name in SCORES if name in layer.columns), "")
    crowd = crowd or next((name for name in CROWDS if name in layer.columns), "")
    wanted = list(dict.fromkeys(name for name in (column, score, crowd) if name))
    if lacking := [name for name in wanted if name not in layer.columns]:
        raise InputError(
            f"{layer.path} has no column {lacking[0]!r}",
            f"one of {', '.join(layer.columns) or 'none'}",
        )
    meta, fids, wkb, fields = layer.read(columns=wanted, return_fids=True)
    held = dict(zip(meta["fields"].tolist(), fields, strict=True))
    order = np.argsort(fids, kind="stable")
    parts = take_apart(wkb[order], layer.path)
    if len(parts.shapes):
        check_kinds(parts.types, layer.path, (AREAS,))
        check_finite(parts.shapes, layer.path)
    shapes, rows, repaired = _features(parts.shapes, parts.rows)
    flat = len(fids) - len(rows)
    notes = []
    if repaired:
        notes.append(f"{layer.path}: {repaired:,} shapes that cross themselves were made valid")
    if flat:
        notes.append(f"{layer.path}: {flat:,} features without an area are left out")
    kept = order[rows]
    scores = _numbers(held[score][kept], layer.path, score) if score else None
    flags = _numbers(held[crowd][kept], layer.path, crowd) != 0 if crowd else None
    return ObjectShapes(
        shapes,
        np.asarray(fids, np.int64)[kept],
        layer.crs,
        held[column][kept] if column else None,
        scores,
        flags,
        tuple(notes),
    )


def _features(parts: Shapes, rows: Longs) -> tuple[Shapes, Longs, int]:
    """Return a valid shape for each feature that has an area, its row, and how many were not."""
    wrong = ~shapely.is_valid(parts)
    repaired = len(np.unique(rows[wrong]))
    whole = parts.copy()
    whole[wrong] = shapely.make_valid(parts[wrong])
    # a line or a point that came off is no part of an area
    pieces, origin = shapely.get_parts(whole, return_index=True)
    pieces, more = shapely.get_parts(pieces, return_index=True)
    owner = rows[origin[more]]
    areas = shapely.area(pieces) > 0
    pieces = pieces[areas]
    owner = owner[areas]
    return (*_gathered(pieces, owner), repaired)


def _gathered(pieces: Shapes, owner: Longs) -> tuple[Shapes, Longs]:
    """Return one shape for each owner, rising, of its pieces [piece]; they may overlap or touch."""
    order = np.argsort(owner, kind="stable")
    owner = owner[order]
    pieces = pieces[order]
    found, starts, counts = np.unique(owner, return_index=True, return_counts=True)
    shapes = pieces[starts].copy()
    for place in np.flatnonzero(counts > 1).tolist():
        start = int(starts[place])
        shapes[place] = shapely.union_all(pieces[start : start + int(counts[place])])
    return shapes, found


def _numbers(values: npt.NDArray[Any], path: str, column: str) -> Floats:
    try:
        found = values.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"column {column} of {path} holds what is no number", "a number for each feature"
        ) from error
    if not np.isfinite(found).all():
        raise InputError(
            f"column {column} of {path} has no number for {int((~np.isfinite(found)).sum()):,} "
            "features",
            "a number for each",
        )
    return np.asarray(found, np.float64)


def trace_objects(
    windows: Iterable[Window], read: Callable[[Window], npt.NDArray[Any]], grid: Grid
) -> ObjectShapes:
    """Trace the objects of a raster along the edges of their pixels.

    Parameters
    ----------
    windows
        Those that cover it, or the part that is wanted.
    read
        Gives the objects' numbers in a window [row, column]; 0 is none.
    grid
        Of the raster.

    Returns
    -------
    ObjectShapes
        One shape for each number, whatever its parts; numbers rise.
    """
    pieces: list[Any] = []
    owners: list[int] = []
    for window in windows:
        data = read(window).astype(np.uint32)
        here = Affine.translation(window.left, window.top)
        with gdal_env(), one_at_a_time:  # rasterio silences a warning here
            # GDAL takes signed numbers alone: the same bits
            traced = list(polygonize(data.view(np.int32), data != 0, transform=here))
        pieces += [shapely.geometry.shape(shape) for shape, _ in traced]
        owners += [int(value) & 0xFFFFFFFF for _, value in traced]
    a, b, c, d, e, f = grid.transform

    def placed(xy: Floats) -> Floats:
        x, y = xy.T
        return np.stack([a * x + b * y + c, d * x + e * y + f], axis=1)

    shapes, numbers = _gathered(np.array(pieces, object), np.array(owners, np.int64))
    return ObjectShapes(shapely.transform(shapes, placed), numbers, grid.crs)


def extent_of(grid: Grid) -> ObjectShapes:
    """Return all that a raster covers, as one object.

    Parameters
    ----------
    grid
        Of the raster.

    Returns
    -------
    ObjectShapes
        Its four corners.
    """
    rows, columns = grid.extent.shape
    corners = [grid.xy(r, c) for r, c in ((0, 0), (0, columns), (rows, columns), (rows, 0))]
    shape = np.array([shapely.Polygon(corners)], object)
    return ObjectShapes(shape, np.array([1]), grid.crs)


def bring(objects: ObjectShapes, crs: str | None, name: str, other: str) -> ObjectShapes:
    """Bring objects to another CRS.

    Parameters
    ----------
    objects
        The objects.
    crs
        The other one; None where it is not known: coordinates then stay as they are.
    name, other
        What the objects are, and what has the other CRS, for the error.

    Returns
    -------
    ObjectShapes
        With their corners moved; valid.

    Raises
    ------
    InputError
        If nothing leads from one to the other, or it has no place for a corner.
    """
    there = relate(objects.crs, crs, name, other)
    if there is None:
        return objects
    moved = shapely.transform(objects.shapes, there.transform, interleaved=False)
    check_finite(moved, f"{name} in the CRS of {other}")
    wrong = ~shapely.is_valid(moved)
    moved[wrong] = shapely.make_valid(moved[wrong])
    return replace(objects, shapes=moved, crs=crs)


def share(one: Shapes, other: Shapes) -> tuple[Longs, Floats]:
    """Return what objects of two sides share.

    Parameters
    ----------
    one, other
        Valid polygons in one CRS [object].

    Returns
    -------
    tuple[Longs, Floats]
        Places in the two [pair, 2], and the area that they share, above 0 [pair].
    """
    tree = shapely.STRtree(one)
    pairs = [np.empty((0, 2), np.int64)]
    shared = [np.empty(0)]
    for start in range(0, len(other), CHUNK):
        theirs, ours = tree.query(other[start : start + CHUNK], predicate="intersects")
        for first in range(0, len(ours), CHUNK):
            mine = ours[first : first + CHUNK]
            yours = theirs[first : first + CHUNK] + start
            area = shapely.area(shapely.intersection(one[mine], other[yours]))
            some = area > 0
            pairs.append(np.stack([mine[some], yours[some]], axis=1))
            shared.append(area[some])
    return np.concatenate(pairs), np.concatenate(shared)


def count_overlapping(shapes: Shapes) -> int:
    """Return how many objects lie on another one of their own side.

    Parameters
    ----------
    shapes
        Valid polygons [object].

    Returns
    -------
    int
        Those that share more than a hundredth of the smaller of the two.
    """
    pairs, shared = share(shapes, shapes)
    one, other = pairs.T
    areas = shapely.area(shapes)
    lie = (one != other) & (shared > TOUCH * np.minimum(areas[one], areas[other]))
    return len(np.unique(one[lie]))


def share_inside(objects: ObjectShapes, aoi: str) -> tuple[Floats, str]:
    """Return which part of each object lies in an area of interest.

    Parameters
    ----------
    objects
        The objects.
    aoi
        A vector file or WKT, as of `load_aoi`.

    Returns
    -------
    tuple[Floats, str]
        Shares, 0 to 1 [object], and how the area was read.

    Raises
    ------
    InputError
        If the area cannot be read, or holds none of them.
    """
    west, south, east, north = shapely.total_bounds(objects.shapes)
    side = max(east - west, north - south) / FINE
    rows, columns = (max(1, int(np.ceil(span / side))) for span in (north - south, east - west))
    grid = Grid(rows, columns, (side, 0.0, west, 0.0, -side, north), objects.crs)
    area = load_aoi(aoi, grid)
    shape = shapely.transform(area.shape, lambda xy: [west, north] + xy * [side, -side])
    shapely.prepare(shape)
    within = shapely.contains(shape, objects.shapes)
    found = within.astype(np.float64)
    cut = ~within & shapely.intersects(shape, objects.shapes)
    parts = shapely.area(shapely.intersection(objects.shapes[cut], shape))
    found[cut] = parts / shapely.area(objects.shapes[cut])
    return found, area.note


def near(objects: ObjectShapes, box: Floats) -> ObjectShapes:
    """Return the objects whose boxes meet a box.

    Parameters
    ----------
    objects
        The objects.
    box
        West, south, east and north in their CRS.

    Returns
    -------
    ObjectShapes
        In their order.
    """
    west, south, east, north = objects.boxes().T
    some = (west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1])
    return replace(
        objects,
        shapes=objects.shapes[some],
        numbers=objects.numbers[some],
        values=None,
        scores=None,
    )


def rings_of(objects: ObjectShapes, grid: Grid) -> tuple[list[Floats], Longs]:
    """Return the outlines of objects in the pixels of a grid, to be drawn.

    Parameters
    ----------
    objects
        The objects.
    grid
        Of a picture.

    Returns
    -------
    tuple[list[Floats], Longs]
        Each ring as x to the right and y down [corner, 2], and the number of its object [ring].
    """
    there = relate(objects.crs, grid.crs, "the objects", "the scene")
    moved = in_pixels(objects.shapes, grid, there)
    polygons, owners = shapely.get_parts(moved, return_index=True)
    rings, more = shapely.get_rings(polygons, return_index=True)
    return [shapely.get_coordinates(ring) for ring in rings], objects.numbers[owners[more]]
