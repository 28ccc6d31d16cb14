"""Map and truth as objects: rasters of object numbers, or polygons, brought together."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from pyproj import CRS

from ...core.arrays import Bytes, Floats, Longs
from ...core.card import NODATA
from ...core.errors import InputError
from ...core.events import Report, watch
from ...core.grid import Window
from ...features.aoi import load_aoi
from ...features.class_column import USUAL, Column, is_empty
from ...features.labels import Labels, open_labels
from ...features.layers import Layer, Survey, is_vector, open_layer
from ...features.object_shapes import (
    EQUAL_AREA,
    ObjectShapes,
    bring,
    count_overlapping,
    extent_of,
    read_objects,
    share,
    share_inside,
    trace_objects,
)
from ...raster.object_numbers import ObjectRaster, open_numbers
from ...vector.geodesic import PixelAreas
from ..classes import MAP, TRUTH, Legend, Renames, Vocabulary
from ..compare import Missing, read_windows
from ..inputs import PERCENT, ComparedLayer, column_coding, column_number, describe_layer
from .counter import ObjectImage, OverlapCounter
from .overlaps import UNKNOWN, ObjectTable, Overlaps

NAMES = ("map", "truth")  # by side
NO_SHAPES = Survey(Counter(), 0, np.empty((0, 4)))  # nothing is asked of them here
PLAIN = "object"  # the name of the one class where no side tells any


@dataclass(frozen=True, slots=True)
class ObjectFiles:
    """What is compared with what."""

    mapped: str
    """Polygons, or a raster of object numbers."""
    truth: str
    """The same of the truth."""
    map_classes: str | None = None
    """The class raster beside the map's raster of numbers; None for none."""
    truth_classes: str | None = None
    """The same of the truth."""
    confidence: str | None = None
    """The map's confidence raster, in percent; None for none."""

    @property
    def files(self) -> tuple[str, str]:
        """The two, by side."""
        return self.mapped, self.truth

    @property
    def classes(self) -> tuple[str | None, str | None]:
        """Their class rasters, by side."""
        return self.map_classes, self.truth_classes


@dataclass(frozen=True, slots=True)
class ObjectSettings:
    """How objects are compared."""

    renames: Renames = field(default_factory=Renames)
    """Which class of one is which of the other, where names and values do not tell."""
    columns: tuple[str, str] = ("", "")
    """Columns of classes of map and truth; empty for the usual ones."""
    layers: tuple[str, str] = ("", "")
    """Layers of map and truth; empty for the only ones."""
    bands: tuple[int | None, int | None] = (None, None)
    """Bands of object numbers of map and truth; None for the only ones."""
    score_column: str = ""
    """The map's column that tells how sure an object is; empty for the usual ones."""
    crowd_column: str = ""
    """The truth's column that tells of crowds; empty for the usual one."""
    any_class: bool = False
    """Whether classes do not matter."""
    missing: Missing = "error"
    """Classes of the truth that the map does not know: an error, missed, or left out."""
    aoi: str = ""
    """Where objects are compared, a file or WKT; empty for everywhere."""


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """Map or truth before its objects are read."""

    path: str
    """Its file."""
    legend: Legend
    """Its classes, as far as the file tells."""
    numbers: ObjectRaster | None = None
    """Of a raster."""
    classes: ComparedLayer | None = None
    """The class raster beside it."""
    layer: Layer | None = None
    """Of polygons."""
    column: str = ""
    """Their column of classes; empty for none."""
    codes: Any = None
    """The byte that stands for each value of that column."""

    @property
    def classed(self) -> bool:
        """Whether it tells classes."""
        return bool(self.column) or self.classes is not None

    @property
    def crs(self) -> str | None:
        """WKT of its CRS; None without one."""
        return self.numbers.grid.crs if self.numbers else self.layer.crs if self.layer else None


@dataclass(frozen=True, slots=True, eq=False)
class Brought:
    """Objects of map and truth, brought together."""

    overlaps: Overlaps
    """What they share."""
    crs: str | None
    """Of the places in it."""
    sides: tuple[Side, Side]
    """Map and truth."""
    shapes: tuple[ObjectShapes, ObjectShapes] | None
    """The polygons of map and truth in that CRS, as rows of the tables; None for rasters on one
    grid."""
    notes: tuple[str, ...]
    """How, a sentence each."""
    warnings: tuple[str, ...] = ()
    """What must not be overlooked, a sentence each."""


def describe_side(files: ObjectFiles, side: int, settings: ObjectSettings, report: Report) -> Side:
    """Return what one side is.

    Parameters
    ----------
    files
        Map and truth.
    side
        MAP or TRUTH.
    settings
        How they are compared.
    report
        Called with each event.

    Returns
    -------
    Side
        Nothing stays open.

    Raises
    ------
    InputError
        If it holds no objects, or its class raster lies on another grid.
    """
    path = files.files[side]
    option = f"--{NAMES[side]}"
    beside = files.classes[side]
    if not is_vector(path):
        return _describe_raster(path, beside, side, settings, report)
    if beside:
        raise InputError(
            f"{option}-classes {beside} beside polygons",
            "a raster of object numbers",
            f"name the column that holds the class with {option}-column",
        )
    layer = open_layer(path, settings.layers[side], f"{option}-layer")
    column = settings.columns[side]
    if column and column not in layer.columns:
        raise InputError(
            f"{layer.path} has no column {column!r}", f"one of {', '.join(layer.columns) or 'none'}"
        )
    if settings.any_class:
        return Side(path, Legend(), layer=layer)
    column = column or next((name for name in USUAL if name in layer.columns), "")
    if not column:
        return Side(path, Legend(), layer=layer)
    held = layer.read(columns=[column], read_geometry=False)[3][0]
    known = {value for value in held.tolist() if not is_empty(value)}
    values = tuple(sorted(known, key=lambda value: (str(type(value)), value)))
    legend, coding = column_coding(Column(layer, column, values, NO_SHAPES))
    return Side(path, legend, layer=layer, column=column, codes=coding.indices)


def _describe_raster(
    path: str, beside: str | None, side: int, settings: ObjectSettings, report: Report
) -> Side:
    option = f"--{NAMES[side]}"
    numbers = open_numbers(path, settings.bands[side], f"{option}-band")
    if settings.any_class or beside is None:
        return Side(path, Legend(), numbers=numbers)
    classes = describe_layer(beside, settings.renames.of(side), option=option, report=report)
    if classes.grid != numbers.grid:
        raise InputError(
            f"{beside} does not lie on the grid of {path}",
            "the class raster that was written with the object numbers",
        )
    return Side(path, classes.legend, numbers=numbers, classes=classes)


def bring_together(files: ObjectFiles, settings: ObjectSettings, report: Report) -> Brought:
    """Read the objects of map and truth, and find what they share.

    Rasters on one grid are compared pixel by pixel. Everything else is compared as polygons in the
    plane of the truth's CRS, if it is projected, else of the map's, else of an equal-area
    projection; objects of rasters are traced along their pixels first.

    Parameters
    ----------
    files
        Map and truth.
    settings
        How they are compared.
    report
        Called with each event.

    Returns
    -------
    Brought
        The objects and what was said.

    Raises
    ------
    InputError
        If they cannot be compared.
    """
    sides = (
        describe_side(files, MAP, settings, report),
        describe_side(files, TRUTH, settings, report),
    )
    if sides[MAP].classed != sides[TRUTH].classed:
        _refuse_classes(sides)
    words = Vocabulary((sides[MAP].legend, sides[TRUTH].legend), settings.renames)
    notes = [words.note() if sides[MAP].classed else "all objects are of one class"]
    if _one_grid(sides):
        return _count(files, sides, words, settings, notes, report)
    if files.confidence:
        raise InputError(
            "--confidence beside objects that are no rasters on one grid",
            "polygons with a column that tells how sure each is (--score-column)",
        )
    if any(side.classes for side in sides):
        raise InputError(
            f"{sides[MAP].path} and {sides[TRUTH].path} do not lie on one grid",
            "class rasters and object numbers of map and truth on the same pixels",
            "bring one to the other's, such as with gdalwarp -r near -te ... -tr ...; or compare "
            "polygons",
        )
    return _intersect(sides, words, settings, notes, report)


def _refuse_classes(sides: tuple[Side, Side]) -> None:
    side = MAP if sides[TRUTH].classed else TRUTH
    name = NAMES[side]
    how = f"--{name}-classes FILE.tif" if sides[side].numbers else f"--{name}-column NAME"
    raise InputError(
        f"the {name} {sides[side].path} tells no classes, and the {NAMES[1 - side]} "
        f"{sides[1 - side].path} does",
        "classes on both sides, or on none",
        f"name them with {how}, or leave classes out of account with --any-class",
    )


def _one_grid(sides: tuple[Side, Side]) -> bool:
    grids = [side.numbers.grid for side in sides if side.numbers]
    if len(grids) < len(sides):
        return False
    one, other = grids
    if one.crs is None or other.crs is None:
        if one.extent.shape != other.extent.shape:
            raise InputError(
                f"{sides[MAP].path} and {sides[TRUTH].path} are of different sizes, and one has "
                "no CRS",
                "rasters of the same pixels, or both with a CRS",
            )
        return True
    return one == other


class _Reader:
    """One side's pixels, with the classes that both have in common."""

    def __init__(self, stack: ExitStack, side: Side, place: int, words: Vocabulary) -> None:
        assert side.numbers is not None
        self._side = side
        self._place = place
        self._words = words
        self._numbers = stack.enter_context(closing(side.numbers.open()))
        self._classes: Labels | None = None
        if side.classes:
            self._classes = stack.enter_context(closing(side.classes.open(side.numbers.grid)))

    def read(self, window: Window) -> tuple[Any, Bytes]:
        """Read a window.

        Parameters
        ----------
        window
            Pixels of the raster.

        Returns
        -------
        tuple[Any, Bytes]
            Numbers and classes [row, column].
        """
        assert self._side.numbers is not None
        numbers, known = self._side.numbers.read(self._numbers, window)
        if self._classes is None:
            return numbers, np.where(known, 0, NODATA).astype(np.uint8)
        classes = self._words.encode(self._place, self._classes.read(window))
        classes[~known] = NODATA
        return numbers, classes


def _count(
    files: ObjectFiles,
    sides: tuple[Side, Side],
    words: Vocabulary,
    settings: ObjectSettings,
    notes: list[str],
    report: Report,
) -> Brought:
    """Compare rasters on one grid."""
    one, grid = (side.numbers.grid for side in sides if side.numbers)
    if grid.crs is None:
        grid = one
    panoptic = sides[MAP].classed
    counter = OverlapCounter(panoptic)
    area = load_aoi(settings.aoi, grid) if settings.aoi else None
    with ExitStack() as stack:
        readers = [_Reader(stack, side, place, words) for place, side in enumerate(sides)]
        sure = None
        if files.confidence:
            sure = stack.enter_context(closing(open_labels(files.confidence, grid, PERCENT)))
        for window in watch(
            read_windows(grid), lambda w: w.area, grid.extent.area, report, "compare"
        ):
            counter.add(
                ObjectImage(*readers[TRUTH].read(window)),
                ObjectImage(*readers[MAP].read(window), sure.read(window) if sure else None),
                area.mask(window) if area else None,
                (window.top, window.left),
            )
    found = counter.finish(words.names if panoptic else [PLAIN], grid)
    found = _settled(found, words, settings, panoptic, notes)
    notes.append("rasters on one grid, compared pixel by pixel")
    if area:
        notes.append(f"{area.note}; objects that lie in it by less than half do not count")
    return _said(Brought(found, grid.crs, sides, None, tuple(notes)))


def _intersect(
    sides: tuple[Side, Side],
    words: Vocabulary,
    settings: ObjectSettings,
    notes: list[str],
    report: Report,
) -> Brought:
    """Compare polygons."""
    crs = _plane(sides)
    held = [_shapes(side, place, settings, report) for place, side in enumerate(sides)]
    notes += [note for objects in held for note in objects.notes]
    if None in (sides[MAP].crs, sides[TRUTH].crs) and sides[MAP].crs != sides[TRUTH].crs:
        notes.append("one side has no CRS: its coordinates are taken as they are")
    shapes = [
        bring(objects, crs, side.path, "the comparison")
        for objects, side in zip(held, sides, strict=True)
    ]
    for objects, side in zip(shapes, sides, strict=True):
        if not len(objects.shapes):
            notes.append(f"{side.path}: no object")
    pairs, shared = share(shapes[TRUTH].shapes, shapes[MAP].shapes)
    tables = [
        _table(objects, side, place, words)
        for place, (objects, side) in enumerate(zip(shapes, sides, strict=True))
    ]
    lost = _lost(sides[TRUTH], shapes[MAP], crs)
    if lost is not None:
        away = 2 * lost > tables[MAP].areas
        tables[MAP] = replace(tables[MAP], void=lost, outside=away)
    if settings.aoi:
        for place, objects in enumerate(shapes):
            if len(objects.shapes):
                part, read = share_inside(objects, settings.aoi)
                beyond = tables[place].outside | (part < 0.5)
                tables[place] = replace(tables[place], outside=beyond)
        notes.append(f"{read}; objects that lie in it by less than half do not count")
    notes.append(f"polygons, compared exactly in the plane of {_called(crs)}")
    found = Overlaps(
        tuple(words.names) if sides[MAP].classed else (PLAIN,),
        tables[TRUTH],
        tables[MAP],
        pairs,
        shared,
        _unit(crs),
        "",
        (
            count_overlapping(shapes[TRUTH].shapes[~tables[TRUTH].crowd]),
            count_overlapping(shapes[MAP].shapes),
        ),
    )
    found = _settled(found, words, settings, sides[MAP].classed, notes)
    return _said(Brought(found, crs, sides, (shapes[MAP], shapes[TRUTH]), tuple(notes)))


def _plane(sides: tuple[Side, Side]) -> str | None:
    """Return the CRS in whose plane polygons are compared."""
    known = [side.crs for side in (sides[TRUTH], sides[MAP]) if side.crs]
    for crs in known:
        if not CRS.from_user_input(crs).is_geographic:
            return crs
    return CRS.from_user_input(EQUAL_AREA).to_wkt() if known else None


def _called(crs: str | None) -> str:
    if crs is None:
        return "their coordinates, which have no CRS"
    found = CRS.from_user_input(crs)
    code = found.to_authority()
    return ":".join(code) if code else found.name


def _unit(crs: str | None) -> str:
    if crs is None:
        return "squares of the unit of the coordinates"
    unit = CRS.from_user_input(crs).axis_info[0].unit_name
    return "m2" if unit in ("metre", "meter") else f"square {unit}"


def _shapes(side: Side, place: int, settings: ObjectSettings, report: Report) -> ObjectShapes:
    if side.layer:
        score = settings.score_column if place == MAP else ""
        crowd = settings.crowd_column if place == TRUTH else ""
        return read_objects(side.layer, side.column, score, crowd)
    assert side.numbers is not None
    grid = side.numbers.grid
    with closing(side.numbers.open()) as dataset:
        numbers = side.numbers

        windows = watch(read_windows(grid), lambda w: w.area, grid.extent.area, report, "trace")
        return trace_objects(windows, lambda here: numbers.read(dataset, here)[0], grid)


def _lost(truth: Side, mapped: ObjectShapes, crs: str | None) -> Floats | None:
    """Return how much of each predicted object lies where a raster of the truth tells nothing: in
    its nodata, or beyond it.
    """
    if truth.numbers is None:
        return None
    numbers = truth.numbers
    whole = bring(extent_of(numbers.grid), crs, truth.path, "the comparison")
    with closing(numbers.open()) as dataset:

        def read(window: Window) -> Any:
            return (~numbers.read(dataset, window)[1]).astype(np.uint8)

        void = trace_objects(read_windows(numbers.grid), read, numbers.grid)
    void = bring(void, crs, truth.path, "the comparison")
    lost = mapped.areas()
    for sign, region in ((-1, whole), (1, void)):
        pairs, shared = share(region.shapes, mapped.shapes)
        np.add.at(lost, pairs[:, 1], sign * shared)
    return np.maximum(lost, 0)


def _table(objects: ObjectShapes, side: Side, place: int, words: Vocabulary) -> ObjectTable:
    count = len(objects.shapes)
    crowd = np.zeros(count, bool) if objects.crowd is None else objects.crowd
    classes = np.zeros(count, np.int64)
    if side.classed:
        classes = _classes(objects, side, place, words)
    if place == TRUTH:
        crowd = crowd | (classes == UNKNOWN)
    return ObjectTable(
        classes,
        objects.areas(),
        objects.numbers,
        objects.boxes(),
        objects.scores if place == MAP else None,
        crowd=crowd if place == TRUTH else np.zeros(count, bool),
    )


def _classes(objects: ObjectShapes, side: Side, place: int, words: Vocabulary) -> Longs:
    """Return the class of each object, UNKNOWN where its value is empty or to be ignored."""
    assert objects.values is not None
    listed = objects.values.tolist()
    table = {
        value: side.codes.get(column_number(value), side.codes.get(str(value).strip(), NODATA))
        for value in set(listed)
        if not is_empty(value)
    }
    bytes_ = np.array([table.get(v, NODATA) if not is_empty(v) else NODATA for v in listed], "u1")
    found = words.encode(place, bytes_).astype(np.int64)
    return np.where(found == NODATA, UNKNOWN, found)


def _settled(
    found: Overlaps, words: Vocabulary, settings: ObjectSettings, classed: bool, notes: list[str]
) -> Overlaps:
    """Settle the classes of the truth that the map does not know."""
    if not classed:
        return found
    here = set(found.truth.classes[found.truth.classes != UNKNOWN].tolist())
    lacking = sorted(here - words.known[MAP])
    if not lacking:
        return found
    if settings.missing == "error" or not here & words.known[MAP]:
        listed = ", ".join(words.names[place] for place in lacking)
        known = ", ".join(words.names[place] for place in sorted(words.known[MAP])) or "none"
        raise InputError(
            f"the truth has classes that the map lacks: {listed}",
            f"classes of the map ({known})",
            "say with --rename TRUTH=MAP what they are, with --missing count or ignore what to do, "
            "or leave classes out of account with --any-class",
        )
    done = "count as missed" if settings.missing == "count" else "are left out"
    listed = ", ".join(words.names[place] for place in lacking)
    notes.append(f"classes of the truth that the map lacks {done}: {listed}")
    if settings.missing == "count":
        return found
    gone = np.isin(found.truth.classes, lacking)
    table = replace(
        found.truth,
        classes=np.where(gone, UNKNOWN, found.truth.classes),
        crowd=found.truth.crowd | gone,
        stuff=found.truth.stuff & ~gone,
    )
    return replace(found, truth=table)


def _said(brought: Brought) -> Brought:
    """Say what of the objects does not count."""
    found = brought.overlaps
    truth = found.truth
    mapped = found.mapped
    told = {
        "objects of the map have no class, and count as no prediction": mapped.classes == UNKNOWN,
        "objects of the truth are crowds, or of a class that is left out: what lies in them is "
        "neither right nor wrong": truth.crowd,
        "objects of the truth lie outside of what is compared": truth.outside & ~truth.crowd,
        "objects of the map lie outside of what is compared": mapped.outside,
    }
    notes = [f"{int(some.sum()):,} {what}" for what, some in told.items() if some.any()]
    warnings = []
    for name, count in zip(("truth", "map"), found.overlapping, strict=True):
        if count:
            warnings.append(
                f"{count:,} objects of the {name} lie on others of it: no panoptic quality, which "
                "knows one object at each place"
            )
    return replace(brought, notes=(*brought.notes, *notes), warnings=(*brought.warnings, *warnings))


def size_of(brought: Brought, unit: str) -> Overlaps:
    """Return the objects with their sizes in a unit.

    Parameters
    ----------
    brought
        The objects.
    unit
        px or m2.

    Returns
    -------
    Overlaps
        Its tables' sizes are in that unit.

    Raises
    ------
    InputError
        If polygons have no pixels, or nothing tells square metres.
    """
    found = brought.overlaps
    if unit == "px":
        if brought.shapes:
            raise InputError(
                "--sizes in px, and polygons have no pixels", "square metres, such as 50,500m2"
            )
        return found
    if brought.shapes:
        sizes = [brought.shapes[side].ground_areas() for side in (TRUTH, MAP)]
    else:
        grids = [side.numbers.grid for side in brought.sides if side.numbers]
        ground = PixelAreas(next((grid for grid in reversed(grids) if grid.crs), grids[0]))
        if not ground.metric:
            raise InputError(
                "--sizes in m2, and nothing tells how large the pixels are",
                "pixels, such as 1024,9216px",
            )
        sizes = [_ground(table, ground) for table in (found.truth, found.mapped)]
    return replace(
        found,
        truth=replace(found.truth, sizes=sizes[0]),
        mapped=replace(found.mapped, sizes=sizes[1]),
        size_unit="m2",
    )


def _ground(table: ObjectTable, ground: PixelAreas) -> Floats:
    """Return square metres, by the pixel in the middle of each object's box."""
    a, b, c, d, e, f = ground.grid.transform
    x = table.boxes[:, [0, 2]].mean(axis=1)
    y = table.boxes[:, [1, 3]].mean(axis=1)
    whole = a * e - b * d
    columns = (e * (x - c) - b * (y - f)) / whole
    rows = (a * (y - f) - d * (x - c)) / whole
    found = table.areas.copy()
    some = ~table.stuff & np.isfinite(rows)
    found[some] *= ground.metric_at(rows[some], columns[some]).area
    return found
