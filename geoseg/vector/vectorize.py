"""From a class raster file to a file of polygons, one per connected component."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from functools import partial
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np

from ..core.arrays import Bytes
from ..core.atomic import atomic_output
from ..core.card import NODATA, ModelCard
from ..core.errors import InputError
from ..core.events import Noted, Report, Warned, silent, watch
from ..core.grid import Grid
from ..core.job import check_layers, split_layer
from ..core.options import Options
from ..core.plain_name import plain_target
from ..core.provenance import Provenance
from ..core.style import Legend, qml
from ..core.threads import iterate_in_background
from ..raster.class_raster import (
    ABSENT,
    PRESENT,
    Live,
    Maps,
    SeveralMaps,
    Strip,
    open_maps,
)
from ..raster.input_files import check_outputs
from ..raster.legend import FileLegend, class_of_band, read_legend, seen_of
from ..raster.provenance import checked_inputs, is_file, versions
from .borders.corners import ValueRows, find_kinds
from .borders.right_angles import Squarer
from .borders.simplify import simplify
from .borders.smooth import smooth
from .clean.cleaning import Tracing, cleaned, marked, masked, wanted, with_confidence
from .geodesic import PixelAreas
from .pixel_values import CLASSES, PixelValues, Values
from .polygons import Columns, batches
from .trace.rings import Outlines, grouped, outlines, thinned
from .trace.state import Closed
from .trace.tracer import OUTPUT_VERTICES, Tracer
from .writers.batch_reader import BatchReader
from .writers.formats import check_rows, writer
from .writers.geopackage import class_layers
from .writers.layer import Kind, Layer, check_crs
from .zonal import Zonal, open_zonal
from .zonal import split as split_zonal

AHEAD = 2  # of what waits between the threads, some megabytes each

Traced = tuple[Closed, Outlines]
Follow = Callable[..., Generator[Traced, None, None]]  # what cleans and traces maps
Texts = Mapping[str, Mapping[int, str]]  # columns that follow from the class, by name and value


def trace(
    classes: str,
    confidence: str | None,
    target: str,
    card: ModelCard,
    options: Options | None = None,
    report: Report = silent,
    zonal: Zonal | None = None,
    replace: bool = False,
    layer: str = "",
    provenance: str = "",
    together: int = OUTPUT_VERTICES,
) -> int:
    """Write the connected components of a class raster of ours as polygons.

    Each has its class, its area in square metres on the CRS's ellipsoid (`area_px`, in pixels,
    where there is no CRS), its perimeter, and mean and least of the confidence raster, in percent.
    The raster is read in strips and the polygons are written as they close.

    Parameters
    ----------
    classes
        The class raster, uint8, 255 is nodata.
    confidence
        A raster on the same grid, percent, or None.
    target
        The file, whose suffix decides the format; it appears when it is whole.
    card
        Names, colours and marks of the classes.
    options
        Says how the raster is cleaned, and how the polygons are laid out.
    report
        Told how far each step is, and warnings.
    zonal
        Bands whose means become columns.
    replace
        Whether a file that exists is replaced.
    layer
        The layer's name, where it is not the file's: in a GeoPackage that exists it is put beside
        others.
    provenance
        How the polygons were made, as the file is to say it; "" says nothing.
    together
        Vertices of polygons that go from thread to thread at once: fewer take less memory, and a
        little longer. The file is the same.

    Returns
    -------
    int
        The number of polygons.

    Raises
    ------
    InputError
        If the rasters or the options do not fit.
    OutputError
        If the file exists, or cannot be made.
    RunError
        If a raster cannot be read or the file not be written whole.
    """
    tracing = tracing_of(options or Options(), card)
    return write_polygons(
        open_maps(classes, confidence),
        Path(target),
        card,
        tracing,
        report,
        zonal,
        replace,
        layer,
        provenance,
        together,
    )


def tracing_of(options: Options, card: ModelCard) -> Tracing:
    """Return what the options of a run say about polygons.

    Parameters
    ----------
    options
        Of the run.
    card
        Says which classes get right angles.

    Returns
    -------
    Tracing
        Without a mask, and with all classes.

    Raises
    ------
    InputError
        If right angles are asked for and no class is marked for them.
    """
    return Tracing(
        **asdict(options.cleaning),
        square=building_values(card) if options.outputs.square else (),
        layers=options.outputs.layers,
    )


def building_values(card: ModelCard) -> tuple[int, ...]:
    """Return the classes that a card marks as built.

    Parameters
    ----------
    card
        Of the model.

    Returns
    -------
    tuple[int, ...]
        Their values, at least one.

    Raises
    ------
    InputError
        If it marks none.
    """
    values = tuple(label.value for label in card.labels if label.is_building)
    if not values:
        raise InputError(
            f"{card.name} marks no class as built",
            "for --square, a class with right angles",
            "vectorize the class raster with --square and the value of the class",
        )
    return values


def write_polygons(
    maps: Maps,
    target: Path,
    legend: Legend,
    tracing: Tracing,
    report: Report = silent,
    zonal: Zonal | None = None,
    replace: bool = False,
    layer: str = "",
    provenance: str = "",
    together: int = OUTPUT_VERTICES,
    texts: Texts | None = None,
) -> int:
    """Trace the maps and write the polygons; the file appears when it is whole.

    Parameters
    ----------
    maps
        Class raster, and confidence where there is one.
    target
        The file, whose suffix decides the format.
    legend
        Names and colours of the classes.
    tracing
        How the raster becomes polygons.
    report, zonal, replace, layer, provenance, together
        See `trace`.
    texts
        Further columns that follow from the class: by name, the text of each class value.

    Returns
    -------
    int
        The number of polygons.

    Raises
    ------
    InputError, OutputError, RunError
        See `trace`.
    """
    check_crs(target, maps.grid.crs)
    tell_of_pixels(maps.classes, maps.grid, report)
    with atomic_output(target, replace, bool(layer)) as path:
        return draw(
            maps, path, legend, tracing, report, zonal, layer, provenance, together, texts=texts
        )


def tell_of_pixels(name: str, grid: Grid, report: Report) -> None:
    """Warn where areas cannot be in square metres.

    Parameters
    ----------
    name
        What the warning calls the raster.
    grid
        Its grid.
    report
        Told the warning.
    """
    if not PixelAreas(grid).metric:
        report(Warned(f"{name} has no CRS that is tied to the Earth: areas are in pixels"))


def draw(
    maps: Maps | Live | SeveralMaps,
    path: Path,
    legend: Legend,
    tracing: Tracing,
    report: Report = silent,
    zonal: Zonal | None = None,
    name: str = "",
    provenance: str = "",
    together: int = OUTPUT_VERTICES,
    follow: Follow | None = None,
    texts: Texts | None = None,
) -> int:
    """Trace the maps and write the polygons and their style in a folder of their own.

    Parameters
    ----------
    maps
        Class raster, and confidence where there is one; live maps are read once, while they are
        made.
    path
        The file, in a folder where nobody looks before all is written.
    legend, tracing, report, zonal
        See `write_polygons`.
    name
        The layer's name, where it is not the file's stem.
    provenance, together
        See `trace`.
    follow
        What cleans and traces the maps; None is `polygons`.
    texts
        See `write_polygons`.

    Returns
    -------
    int
        The number of polygons.

    Raises
    ------
    InputError, RunError
        See `trace`.
    """
    tracing.check(maps.grid)
    trace_all: Follow = follow or partial(polygons, together=together)
    ground = PixelAreas(maps.grid)
    columns = Columns(
        ground.metric,
        maps.measured,
        tracing.connectivity == 8,
        zonal.columns if zonal else (),
        maps.values,
        tuple(
            (column, tuple(text.get(value, "") for value in maps.values))
            for column, text in (texts or {}).items()
        ),
    )
    kind: Kind = "MultiPolygon" if columns.multi else "Polygon"
    step = ground.pixel**0.5 / tracing.parts if ground.metric else 0.0
    layer = Layer(name or path.stem, maps.grid.crs, kind, tracing.index, step, provenance)
    chosen = wanted(tracing, maps.values)
    with (
        closing(
            iterate_in_background(
                kept(trace_all(maps, ground, tracing, report, path.parent, zonal)), AHEAD
            )
        ) as found,
        closing(
            iterate_in_background(
                batches(found, ground, columns, legend, tracing.parts, chosen), AHEAD
            )
        ) as rows,
    ):
        return write_batches(path, layer, tracing.layers, columns.schema, rows, legend)


def write_batches(
    path: Path, layer: Layer, layers: str, schema: Any, rows: Iterable[Any], legend: Legend
) -> int:
    """Write rows of polygons and their style.

    Parameters
    ----------
    path
        The file, in a folder where nobody looks before all is written.
    layer
        What the writer must know.
    layers
        "one" layer, or one for each "class".
    schema
        The columns, of Arrow, with `class_id`.
    rows
        Arrow record batches of these.
    legend
        Names and colours of the classes.

    Returns
    -------
    int
        The number of polygons.

    Raises
    ------
    InputError
        If no format has the file's suffix.
    RunError
        If not all was written.
    """
    write = writer(path, layers)
    source = BatchReader(schema, rows, seen_of(legend))
    with plain_target(path) as plain:
        with source.reader() as reader:
            write(plain, layer, reader, legend)
        check_rows(plain, source.rows)
    if path.suffix.lower() != ".gpkg":
        path.with_suffix(".qml").write_text(qml(legend), encoding="utf-8")
    return source.rows


def kept(found: Iterable[Traced]) -> Iterator[Traced]:
    """Copy what the tracer uses again at its next step, so that it may take that step on another
    thread.

    Parameters
    ----------
    found
        Components and their outlines, valid until the next ones are asked for.

    Yields
    ------
    tuple[Closed, Outlines]
        The same, valid for good; the first without vertices and rings.
    """
    for closed, shapes in found:
        # the vertices and rings are those of the shapes
        measures = closed._replace(
            x=closed.x[:0],
            y=closed.y[:0],
            start=closed.start[:0],
            signed_area2=closed.signed_area2[:0],
            self_touching=closed.self_touching[:0],
            first=closed.first[:0],
        )
        yield (
            Closed._make(array.copy() for array in measures),
            Outlines._make(array.copy() for array in shapes),
        )


def polygons(
    maps: Maps | Live,
    ground: PixelAreas,
    tracing: Tracing,
    report: Report,
    folder: Path | None = None,
    zonal: Zonal | None = None,
    together: int = OUTPUT_VERTICES,
) -> Generator[Traced, None, None]:
    """Clean and trace the maps.

    Parameters
    ----------
    maps
        Class raster, and confidence where there is one.
    ground
        Its grid, and the area of its pixels.
    tracing
        How the raster becomes polygons.
    report
        Told how far each step is.
    folder
        Where the raster lies in a temporary file if it is read more than once; None is where
        TMPDIR says.
    zonal
        Bands whose sums are wanted.
    together
        See `trace`.

    Yields
    ------
    tuple[Closed, Outlines]
        Some components that are complete, and their outlines as they are to be written, in
        1 / `tracing.parts` of a pixel; valid until the next ones are asked for.

    Raises
    ------
    InputError, RunError
        See `trace`.
    """
    with prepared(maps, tracing, ground, folder, report) as (found, kinds):
        strips = watch(found, lambda strip: strip[0].size, maps.grid.extent.area, report, "trace")
        if kinds is None and tracing.classes is not None:
            # nothing else depends on the other classes
            indices = np.arange(NODATA + 1)
            table = np.where(wanted(tracing, maps.values), indices, NODATA).astype(np.uint8)
            strips = ((table[strip], percent) for strip, percent in strips)
        squarer = Squarer(ground, marked(tracing.square, maps.values), tracing.parts)
        eight = tracing.connectivity == 8
        for closed in trace_components(
            strips, ground, maps.measured, kinds is not None, eight, zonal, together
        ):
            yield closed, shaped(closed, kinds, tracing, squarer)
    if squarer.seen:
        report(
            Noted(
                f"{squarer.squared} of {squarer.seen} polygons got right angles: their borders "
                "are their own"
            )
        )


@contextmanager
def prepared(
    maps: Maps | Live, tracing: Tracing, ground: PixelAreas, folder: Path | None, report: Report
) -> Iterator[tuple[Iterator[Strip], Bytes | None]]:
    """Clean the maps.

    Parameters
    ----------
    maps, tracing, ground, folder, report
        See `polygons`.

    Yields
    ------
    tuple[Iterator[Strip], Bytes | None]
        The strips to be traced, within the block; and, where borders move, the kinds of the corners
        that they keep, uint8 [row + 1, column + 1].

    Raises
    ------
    InputError, RunError
        See `trace`.
    """
    if tracing.streams:
        yield masked(maps, tracing), None
        return
    assert isinstance(maps, Maps)  # what is still being made cannot be read twice
    with cleaned(maps, tracing, ground, folder, report) as rows:
        yield (
            with_confidence(rows(), maps),
            reduced(rows, ground, tracing) if tracing.shapes else None,
        )


def shaped(closed: Closed, kinds: Bytes | None, tracing: Tracing, squarer: Squarer) -> Outlines:
    """Return the outlines of some components as they are to be written.

    Parameters
    ----------
    closed
        The components.
    kinds
        The corners that borders keep, uint8 [row + 1, column + 1]; None where no border moves.
    tracing
        How they are smoothed.
    squarer
        Gives right angles.

    Returns
    -------
    Outlines
        In 1 / `tracing.parts` of a pixel; may share the memory of `closed`.
    """
    plain = outlines(closed)
    if tracing.connectivity == 8:
        plain = grouped(plain)
    if kinds is not None:
        plain = thinned(plain, kinds)
    if tracing.parts == 1:
        return plain
    shapes = smooth(plain, kinds, tracing.smooth, tracing.parts)
    return squarer(closed, plain, shapes) if tracing.square else shapes


def reduced(
    rows: ValueRows, ground: PixelAreas, tracing: Tracing, values: PixelValues = CLASSES
) -> Bytes:
    """Find the corners that the borders keep.

    Parameters
    ----------
    rows
        Gives the strips of the cleaned raster.
    ground
        Its grid, and how its pixels lie on the ground.
    tracing
        Says whether borders are simplified.
    values
        What the raster's pixels hold.

    Returns
    -------
    Bytes
        Their kinds, uint8 [row + 1, column + 1]; NONE for all others.

    Raises
    ------
    RunError
        If there is not the memory.
    """
    shape = ground.grid.height, ground.grid.width
    if not tracing.simplify:
        return find_kinds(rows, shape, values)
    lines = np.arange(shape[0] + 1.0)
    cells = ground.metric_at(lines, np.full_like(lines, shape[1] / 2)).area
    areas = np.divide(tracing.simplify**2, cells, out=np.zeros_like(cells), where=cells > 0)
    return simplify(rows, shape, areas, values)


def trace_components(
    strips: Iterable[tuple[Values, Bytes | None]],
    ground: PixelAreas,
    confidence: bool,
    nodes: bool = False,
    eight: bool = False,
    zonal: Zonal | None = None,
    together: int = OUTPUT_VERTICES,
    values: PixelValues = CLASSES,
) -> Iterator[Closed]:
    """Trace a raster of classes or objects that is read once.

    Parameters
    ----------
    strips
        Classes, uint8 [row, column], 255 for nodata, from top to bottom, and confidence or None;
        or objects, uint32, 0 for none.
    ground
        Its grid, and the area of its pixels.
    confidence
        Whether there is a confidence.
    nodes
        Whether a vertex is kept wherever three borders meet.
    eight
        Whether components that touch at a corner are one.
    zonal
        Bands whose sums are wanted.
    together
        See `trace`.
    values
        What the raster's pixels hold.

    Yields
    ------
    Closed
        Some components that are complete; valid until the next ones are asked for.
    """
    bands = len(zonal.names) if zonal else 0
    tracer = Tracer(ground, confidence, nodes, eight, bands, together, values)
    top = 0
    for labels, percent in strips:
        means = zonal.read(top, top + len(labels)) if zonal else None
        yield from tracer.feed(labels, percent, means)
        top += len(labels)
    yield from tracer.finish()


def vectorize(
    classes: str | PathLike[str],
    out: str | PathLike[str],
    tracing: Tracing | None = None,
    *,
    band: int | None = None,
    confidence: str | PathLike[str] | None = None,
    zonal: str | None = None,
    overwrite: bool = False,
    report: Report = silent,
    in_memory: bool = False,
    told: Callable[[Provenance], Provenance] | None = None,
) -> int:
    """Write the connected components of any class raster as polygons.

    What the file says is nodata, by a value, a mask or an alpha band, is left out, and nothing
    else. Names and colours of the classes are those of its categories and colour table.

    Parameters
    ----------
    classes
        A raster of whole numbers of any type, up to 255 different ones.
    out
        The file, whose suffix decides the format; out.gpkg|layername=NAME names the layer, which
        may be added to a GeoPackage that exists.
    tracing
        How the raster becomes polygons; None is every component as it is.
    band
        The band of the classes, from 1, where there are several.
    confidence
        A raster on the same grid, percent, whose mean and least value become columns.
    zonal
        Bands on the same grid whose means become columns, such as scene.tif:3,4.
    overwrite
        Whether a file or layer that exists is replaced.
    report
        Told how far each step is, and warnings.
    in_memory
        Whether the raster lay in memory, so that its file goes afterwards.
    told
        Called with how the polygons are made before any is, gives what the file says of that; None
        says it as it is.

    Returns
    -------
    int
        The number of polygons.

    Raises
    ------
    InputError
        If the rasters or the options do not fit.
    OutputError
        If the file exists, or cannot be made.
    RunError
        If a raster cannot be read or the file not be written whole.
    """
    name, layer = split_layer(fspath(out))
    target = Path(name)
    tracing = tracing or Tracing()
    writer(target, tracing.layers)
    check_layers(tracing.layers, name, layer)
    inputs = (
        fspath(classes),
        None if confidence is None else fspath(confidence),
        tracing.mask,
        zonal,
    )
    by_class = tracing.layers == "class"
    replaced = check_outputs([name], inputs, overwrite, layer, () if by_class else None)
    maps = open_maps(
        fspath(classes), None if confidence is None else fspath(confidence), band, report
    )
    legend = read_legend(maps)
    one = class_of_band(maps)
    asked = tracing
    if one is not None:  # of several classes at once: what is not of it is no class
        band_of_one = replace(maps.raster, values=(0, PRESENT))
        maps = Maps(band_of_one, maps.percent, (ABSENT, one.value))
        legend = FileLegend(legend.name, {one.value: one.name}, {one.value: one.colour})
        for name, values in (("--classes", tracing.classes), ("--square", tracing.square)):
            if values and one.value not in values:
                raise InputError(
                    f"{name} {','.join(map(str, values))} with a band of {one.name}",
                    f"its value, {one.value}",
                    f"leave {name} out: of several classes at once a band is of one",
                )
        tracing = replace(tracing, classes=(one.value,))
    if by_class:
        values = maps.values if tracing.classes is None else tracing.classes
        check_outputs([name], inputs, overwrite, layer, class_layers(legend, values))
    means = open_zonal(zonal, maps.grid) if zonal else None
    found = _provenance(
        fspath(classes),
        {"band": band, "confidence": confidence, "zonal": zonal},
        asked,
        in_memory,
    )
    text = (told(found) if told else found).text()
    return write_polygons(
        maps, target, legend, tracing, report, means, name in replaced, layer or "", text
    )


def _provenance(
    classes: str, more: dict[str, Any], tracing: Tracing, in_memory: bool
) -> Provenance:
    """How polygons of a class raster are made."""
    options = asdict(tracing) | {
        name: fspath(value) if isinstance(value, PathLike) else value
        for name, value in more.items()
        if value is not None
    }
    zonal = split_zonal(options["zonal"])[0] if "zonal" in options else None
    area = split_layer(tracing.mask)[0] if tracing.mask else None
    files = [(classes, "classes"), (options.get("confidence"), "confidence")]
    files += [(area, "mask"), (zonal, "zonal")]
    here = [(path, use) for path, use in files if path and (use == "classes" or is_file(path))]
    inputs = checked_inputs(here, ("classes",) if in_memory else ())
    plain: dict[str, Any] = json.loads(json.dumps(options))
    scene = () if in_memory else (classes,)
    return Provenance("vectorize", scene, inputs, (), plain, {}, versions())
