"""From a class raster and a raster of depth to objects: numbers of pixels, and polygons.

The rasters are read once, in strips. Which neighbours are of one object is decided from the pixels
around them (`links`), and kept in a temporary file at a byte a pixel. What is linked is numbered
(`numbers`), and the numbers are written as a raster, and traced as polygons, while the links are
read again. So memory does not grow with the scene but for some 30 bytes a label, one or two an
object.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, field
from itertools import repeat
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np

from ..core.arrays import Bytes
from ..core.atomic import atomic_output
from ..core.card import NODATA
from ..core.errors import InputError
from ..core.events import Noted, Report, Warned, silent, watch
from ..core.grid import Grid, Patch
from ..core.job import RASTER_SUFFIXES, check_layers, split_layer
from ..core.options import check_fields
from ..core.provenance import TAG, Provenance
from ..core.style import Legend
from ..core.threads import iterate_in_background
from ..raster.class_raster import ROWS, rows_of
from ..raster.class_values import ClassRaster, open_classes, open_percent
from ..raster.input_files import check_outputs
from ..raster.legend import FileLegend, names_and_colours
from ..raster.provenance import checked_inputs, is_file, versions
from ..raster.sink import create_raster
from ..vector.borders.right_angles import Squarer
from ..vector.clean.cleaning import Tracing, marked
from ..vector.clean.mask import check_grid
from ..vector.clean.temp_file import RasterTempFile
from ..vector.geodesic import PixelAreas
from ..vector.pixel_values import OBJECTS, OBJECTS_ON_GROUND
from ..vector.vectorize import (
    AHEAD,
    Traced,
    kept,
    reduced,
    shaped,
    tell_of_pixels,
    trace_components,
    write_batches,
)
from ..vector.writers.formats import writer
from ..vector.writers.geopackage import class_layers
from ..vector.writers.layer import Layer, check_crs
from .links import Levels, linked
from .numbers import Labels, Numbers, Objects, label_all, numbered
from .polygons import batches, schema


@dataclass(frozen=True, slots=True)
class Finding:
    """What is an object, and which of them are kept."""

    things: tuple[int, ...]
    """The class values whose pixels are of objects."""
    levels: Levels = field(default_factory=Levels)
    """At which depths they begin, and how far they grow."""
    stuff: bool = False
    """Whether the polygons hold the components of all other classes as well, without a number: each
    pixel is then in one polygon."""
    min_score: float = 0.0
    """Objects of a lower mean confidence, 0 to 1, are left out."""
    min_area: float = 0.0
    """Those of fewer square metres are."""

    def __post_init__(self) -> None:
        check_fields(self)
        if not self.things:
            raise InputError("no --things", "the values of the classes that are objects, such as 1")
        if not 0 <= self.min_score <= 1:
            raise InputError(f"--min-score {self.min_score}", "0 to 1")
        if not self.min_area >= 0:
            raise InputError(f"--min-area {self.min_area}", "square metres, 0 or more")


def read_finding(told: Mapping[str, Any]) -> Finding:
    """Return what a file says of how objects were found.

    Parameters
    ----------
    told
        The fields of Finding by name, as JSON holds them; others are not looked at.

    Returns
    -------
    Finding
        The same.

    Raises
    ------
    InputError
        If some are missing, or a value is not allowed.
    """
    try:
        levels = told["levels"]
        depths = Levels(tuple(levels["depths"]), levels["reach"])
        rest = {name: told[name] for name in ("stuff", "min_score", "min_area")}
        return Finding(tuple(told["things"]), depths, **rest)
    except (KeyError, TypeError) as error:
        raise InputError(
            f"it does not say how objects were found: {error}", "all options"
        ) from None


@dataclass(frozen=True, slots=True)
class Fields:
    """The rasters in which objects are found, on one grid."""

    classes: ClassRaster
    """The classes."""
    depth: ClassRaster
    """How far inside its object each pixel lies, percent."""
    confidence: ClassRaster | None
    """The confidence, percent; None where there is none."""

    @property
    def grid(self) -> Grid:
        """Of all of them."""
        return self.classes.grid

    def strips(self) -> Iterator[tuple[Bytes, Bytes, Bytes | None]]:
        """Read their rows from top to bottom.

        Yields
        ------
        tuple[Bytes, Bytes, Bytes | None]
            Indices of classes, depth, and confidence where there is one, uint8 [row, column].

        Raises
        ------
        InputError
            If depth or confidence are no percent.
        RunError
            If a file is damaged.
        """
        percent = repeat(None) if self.confidence is None else _percent_of(self.confidence)
        for classes, depth in zip(rows_of(self.classes), _percent_of(self.depth), strict=True):
            yield classes, depth, next(percent)


def _percent_of(raster: ClassRaster) -> Iterator[Bytes]:
    """Yield the rows of a raster of percent; InputError where it holds other numbers."""
    for strip in rows_of(raster):
        wrong = (strip > 100) & (strip != NODATA)
        if wrong.any():
            raise InputError(
                f"{raster.path} holds the number {int(strip[wrong][0])}",
                "percent from 0 to 100, 255 where there is none",
                "scale it to percent first, such as with gdal_calc.py",
            )
        yield strip


class _Seen:
    """What to warn of: things that no pixel is, and pixels of things that have no depth."""

    def __init__(self, things: Bytes) -> None:
        self._things = things
        self._classes = np.zeros(NODATA + 1, bool)
        self._shallow = 0

    def look(
        self, strips: Iterator[tuple[Bytes, Bytes, Bytes | None]]
    ) -> Iterator[tuple[Bytes, Bytes, Bytes | None]]:
        for classes, depth, confidence in strips:
            self._classes |= np.bincount(classes.ravel(), minlength=NODATA + 1) > 0
            unknown = depth == NODATA
            if unknown.any():
                self._shallow += int(np.count_nonzero(self._things[classes[unknown]]))
            yield classes, depth, confidence

    def tell(self, fields: Fields, finding: Finding, report: Report) -> None:
        values = fields.classes.values
        here = {
            value for value, there in zip(values, self._classes[:NODATA], strict=False) if there
        }
        lacking = ", ".join(str(value) for value in finding.things if value not in here)
        if lacking:
            report(Warned(f"no pixel of {fields.classes.path} has the value {lacking} of --things"))
        if self._shallow:
            report(
                Warned(
                    f"{self._shallow:,} pixels of --things have no depth in {fields.depth.path}, "
                    "which counts as 0: objects that touch there are one"
                )
            )


def open_fields(
    classes: str, depth: str, confidence: str | None = None, report: Report = silent
) -> Fields:
    """Look at the rasters in which objects are found.

    Parameters
    ----------
    classes
        The path of a class raster.
    depth
        That of its depth, uint8 in percent, 255 for none.
    confidence
        That of its confidence, likewise; None where there is none.
    report
        Told the progress where pixels are read for their values.

    Returns
    -------
    Fields
        Nothing stays open.

    Raises
    ------
    InputError
        If one of them cannot be used, or they do not lie on one grid.
    """
    raster = open_classes(classes, report=report)
    beside = [open_percent(depth, "depth")]
    if confidence is not None:
        beside.append(open_percent(confidence))
    for other in beside:
        check_grid(other.path, other.grid, raster.grid)
    return Fields(raster, beside[0], beside[1] if confidence is not None else None)


@dataclass(frozen=True, slots=True)
class Found:
    """The objects of some rasters, as long as the temporary file is there that tells of them."""

    objects: Objects
    """What is known of each."""
    file: RasterTempFile
    """The links."""
    fields: Fields
    """Where they were found."""

    def rows(self) -> Iterator[Numbers]:
        """Read the numbers of all pixels.

        Yields
        ------
        Numbers
            A strip, uint32 [row, column], from top to bottom; 0 is nothing, and numbers above the
            count of objects are components of stuff.
        """
        return numbered(self.file, self.fields.grid.width, self.objects.label)

    def labels(self) -> Iterator[Numbers]:
        """Read the numbers of objects alone.

        Yields
        ------
        Numbers
            A strip, uint32 [row, column], from top to bottom; 0 is none.
        """
        for strip in self.rows():
            strip[strip > self.objects.count] = 0
            yield strip


@contextmanager
def find_objects(
    fields: Fields, finding: Finding, folder: Path | None = None, report: Report = silent
) -> Iterator[Found]:
    """Find the objects of a scene: the same however the rasters are read.

    Objects begin where a class is deepest, and grow from level to level over pixels of their class
    (see `links`); they are numbered from 1 in the order of their first pixels, row by row, without
    those that are left out.

    Parameters
    ----------
    fields
        Classes, depth and confidence.
    finding
        What is an object, and which are kept.
    folder
        Where a temporary file lies, of a byte a pixel; None is where TMPDIR says.
    report
        Told how far it is.

    Yields
    ------
    Found
        Within the block.

    Raises
    ------
    InputError
        If a least score is asked for and there is no confidence, or depth or confidence are no
        percent.
    RunError
        If a raster cannot be read, or the temporary file not be written.
    """
    if finding.min_score and fields.confidence is None:
        raise InputError(
            f"--min-score {finding.min_score:g} without --confidence",
            "the confidence raster of the map, of which scores are means",
        )
    values = fields.classes.values
    things = marked(finding.things, values)
    stuff = marked(values, values) * (things == 0) * finding.stuff
    area = fields.grid.extent.area
    labels = Labels(PixelAreas(fields.grid), fields.confidence is not None)
    seen = _Seen(things)
    strips = watch(seen.look(fields.strips()), lambda strip: strip[0].size, area, report, "objects")
    links = label_all(linked(strips, finding.levels, things, stuff.astype(np.uint8)), labels)
    with RasterTempFile(links, fields.grid.width, folder) as file:
        seen.tell(fields, finding, report)
        found = Found(labels.finish(finding.min_score, finding.min_area), file, fields)
        del strips, links, labels  # with all that was held to find them
        yield found


def write_objects(
    fields: Fields,
    finding: Finding,
    legend: Legend,
    *,
    polygons: str | None = None,
    raster: str | None = None,
    tracing: Tracing | None = None,
    replace: frozenset[str] = frozenset(),
    provenance: str = "",
    report: Report = silent,
    compress: str = "zstd",
) -> int:
    """Find objects and write them, as polygons, as a raster of their numbers, or as both.

    Parameters
    ----------
    fields
        Classes, depth and confidence.
    finding
        What is an object, and which are kept.
    legend
        Names and colours of the classes.
    polygons
        The file of polygons, whose suffix decides the format; out.gpkg|layername=NAME names the
        layer. None is none.
    raster
        The raster, a Cloud Optimized GeoTIFF of uint32, 0 is no object; None is none.
    tracing
        Of `simplify`, `square` (class values), `layers` and `index`; None is the pixels' outlines.
    replace
        The outputs that may be replaced, as `check_outputs` returns them.
    provenance
        How they were made, as the files are to say it; "" says nothing.
    report
        Told how far each step is, and warnings.
    compress
        Of the raster: zstd or deflate.

    Returns
    -------
    int
        The number of objects.

    Raises
    ------
    InputError
        If the rasters or the options do not fit.
    OutputError
        If a file exists and may not be replaced, or cannot be made.
    RunError
        If a raster cannot be read or a file not be written whole.
    """
    tracing = tracing or Tracing()
    grid = fields.grid
    name, layer = split_layer(polygons or "")
    with ExitStack() as stack:
        path = None
        if polygons:
            check_crs(Path(name), grid.crs)
            tell_of_pixels(fields.classes.path, grid, report)
            path = stack.enter_context(atomic_output(Path(name), name in replace, bool(layer)))
        folder = path.parent if path else Path(raster or "").absolute().parent
        found = stack.enter_context(find_objects(fields, finding, folder, report))
        if raster:
            tags = {TAG: provenance} if provenance else {}
            sink = stack.enter_context(
                create_raster(
                    raster,
                    grid,
                    grid.extent,
                    legend,
                    tags,
                    raster in replace,
                    "objects",
                    compress,
                    "uint32",
                )
            )
            for strip, window in zip(found.labels(), grid.extent.blocks(ROWS), strict=True):
                sink.write(Patch(window, strip[None]))
        if path:
            draw(found, legend, path, tracing, layer or "", provenance, report)
        return found.objects.count


def draw(
    found: Found,
    legend: Legend,
    path: Path,
    tracing: Tracing,
    layer: str = "",
    provenance: str = "",
    report: Report = silent,
) -> int:
    """Trace objects and write their polygons in a folder of their own.

    Parameters
    ----------
    found
        The objects.
    legend
        Names and colours of the classes.
    path
        The file, in a folder where nobody looks before all is written.
    tracing, layer, provenance, report
        See `write_objects`.

    Returns
    -------
    int
        The number of polygons.

    Raises
    ------
    InputError, RunError
        See `write_objects`.
    """
    grid = found.fields.grid
    values = found.fields.classes.values
    tracing.check(grid)
    ground = PixelAreas(grid)
    step = ground.pixel**0.5 / tracing.parts if ground.metric else 0.0
    told = Layer(layer or path.stem, grid.crs, "Polygon", tracing.index, step, provenance)
    columns = schema(ground.metric, found.fields.confidence is not None)
    with (
        closing(iterate_in_background(kept(traced(found, ground, tracing, report)), AHEAD)) as ends,
        closing(
            iterate_in_background(
                batches(ends, ground, found.objects, legend, values, tracing.parts, columns), AHEAD
            )
        ) as rows,
    ):
        return write_batches(path, told, tracing.layers, columns, rows, legend)


def traced(
    found: Found, ground: PixelAreas, tracing: Tracing, report: Report
) -> Generator[Traced, None, None]:
    """Trace objects; see `vectorize.polygons`.

    Parameters
    ----------
    found
        The objects.
    ground
        Their grid, and the area of its pixels.
    tracing
        How their borders are laid out.
    report
        Told how far it is.

    Yields
    ------
    tuple[Closed, Outlines]
        Some objects, whose values are their numbers, and their outlines in 1 / `tracing.parts` of a
        pixel; valid until the next ones are asked for.

    Raises
    ------
    RunError
        If there is not the memory for simplifying.
    """
    kinds = reduced(found.rows, ground, tracing, OBJECTS_ON_GROUND) if tracing.shapes else None
    area = ground.grid.extent.area
    rows = watch(found.rows(), lambda strip: strip.size, area, report, "trace")
    chosen = marked(tracing.square, found.fields.classes.values)[found.objects.value]
    squarer = Squarer(ground, chosen, tracing.parts)
    strips = ((strip, None) for strip in rows)
    for closed in trace_components(strips, ground, False, kinds is not None, values=OBJECTS):
        yield closed, shaped(closed, kinds, tracing, squarer)
    if squarer.seen:
        report(
            Noted(
                f"{squarer.squared} of {squarer.seen} polygons got right angles: their borders "
                "are their own"
            )
        )


def objects(
    classes: str | PathLike[str],
    depth: str | PathLike[str],
    out: str | PathLike[str] | None,
    finding: Finding,
    *,
    raster: str | PathLike[str] | None = None,
    confidence: str | PathLike[str] | None = None,
    simplify: float = 0.0,
    square: bool = False,
    layers: str = "one",
    overwrite: bool = False,
    report: Report = silent,
    told: Callable[[Provenance], Provenance] | None = None,
) -> int:
    """Find the objects of a class raster by a raster of depth, and write them.

    Parameters
    ----------
    classes
        A raster of whole numbers of any type, up to 255 different ones.
    depth
        A raster on the same grid, uint8: how far inside its object each pixel lies, in percent of
        what is deep; 255 is none.
    out
        The file of polygons, whose suffix decides the format; out.gpkg|layername=NAME names the
        layer. None is none.
    finding
        What is an object, and which are kept.
    raster
        A Cloud Optimized GeoTIFF of the objects' numbers, uint32; None is none.
    confidence
        A raster on the same grid, percent, whose mean is an object's score.
    simplify
        Metres: a vertex goes where its triangle has less than their square.
    square
        Whether objects get right angles, each by itself.
    layers
        one layer of polygons, or one for each class.
    overwrite
        Whether files or a layer that exist are replaced.
    report
        Told how far each step is, and warnings.
    told
        Called with how they are made before any is, gives what the files say of that; None says it
        as it is.

    Returns
    -------
    int
        The number of objects.

    Raises
    ------
    InputError
        If the rasters or the options do not fit.
    OutputError
        If a file exists, or cannot be made.
    RunError
        If a raster cannot be read or a file not be written whole.
    """
    rasters = [None if path is None else fspath(path) for path in (classes, depth, confidence)]
    name, layer = split_layer("" if out is None else fspath(out))
    tag = None if raster is None else fspath(raster)
    if not name and not tag:
        raise InputError("no output is named", "--out FILE, --raster FILE.tif, or both")
    if tag and Path(tag).suffix.lower() not in RASTER_SUFFIXES:
        raise InputError(f"--raster {tag}", f"a name that ends in {' or '.join(RASTER_SUFFIXES)}")
    tracing = Tracing(simplify=simplify, square=finding.things if square else (), layers=layers)
    if name:
        writer(Path(name), layers)
        check_layers(layers, name, layer)
    outputs = [name or None, tag]
    by_class = layers == "class"
    replace = check_outputs(outputs, rasters, overwrite, layer, () if by_class else None)
    fields = open_fields(str(rasters[0]), str(rasters[1]), rasters[2], report)
    legend = FileLegend(
        Path(fields.classes.path).stem,
        *names_and_colours(fields.classes.path, fields.classes.band),
    )
    if by_class:
        wanted = fields.classes.values if finding.stuff else finding.things
        check_outputs(outputs, rasters, overwrite, layer, class_layers(legend, wanted))
    made = _provenance(fields, finding, tracing)
    return write_objects(
        fields,
        finding,
        legend,
        polygons=None if out is None else fspath(out),
        raster=tag,
        tracing=tracing,
        replace=replace,
        provenance=(told(made) if told else made).text(),
        report=report,
    )


def _provenance(fields: Fields, finding: Finding, tracing: Tracing) -> Provenance:
    """How objects of some rasters are made."""
    confidence = fields.confidence and fields.confidence.path
    files = [(fields.classes.path, "classes"), (fields.depth.path, "depth")]
    files += [(confidence, "confidence")] if confidence else []
    here = [(path, use) for path, use in files if use == "classes" or is_file(path)]
    options = asdict(finding) | {
        "depth": fields.depth.path,
        "confidence": confidence,
        "simplify": tracing.simplify,
        "square": bool(tracing.square),
        "layers": tracing.layers,
    }
    plain: dict[str, Any] = json.loads(json.dumps(options))
    classes = fields.classes.path
    return Provenance("objects", (classes,), checked_inputs(here), (), plain, {}, versions())
