"""From a class raster file to a file of polygons, one per connected region."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np

from ..card import NODATA, ModelCard
from ..errors import InputError
from ..events import Noted, Report, Warned, silent, watch
from ..flow import run_ahead
from ..grid import Grid
from ..job import Options
from ..raster.plain_name import plain_target
from ..style import Legend, qml
from .clean import Tracing, cleaned, marked, masked, wanted, with_confidence
from .corners import Rows, find_kinds
from .formats import Kind, Layer, check_crs, check_rows, writer
from .ground import Ground
from .groups import grouped
from .legend import seen_of
from .polygons import Columns, batches
from .relay import Relay
from .rings import Outlines, outlines, thinned
from .simplify import simplify
from .smooth import smooth
from .square import Squarer
from .state import Bytes, Closed
from .strips import Live, Maps, Strip, open_maps
from .target import whole
from .tracer import Tracer
from .zonal import Zonal


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
) -> int:
    """Write the 4-connected regions of a class raster (uint8, 255 is nodata) as polygons; return their number.

    Each has its class, its area in square metres on the CRS's ellipsoid (`area_px`, in
    pixels, where there is no CRS), its perimeter, and mean and least of the confidence
    raster, in percent. The options of Tracing are taken from `options`. The raster is read
    in strips and the polygons are written as they close. The target, whose suffix decides
    the format, appears when it is whole; unless `replace`, nothing that exists is replaced. `layer` is the
    layer's name, where it is not the file's: in a GeoPackage that exists it is put beside others.
    """
    tracing = tracing_of(options or Options(), card)
    return write_polygons(open_maps(classes, confidence), Path(target), card, tracing, report, zonal, replace, layer)


def tracing_of(options: Options, card: ModelCard) -> Tracing:
    """Return what the options of a run say about polygons."""
    return Tracing(
        min_area=options.min_area,
        simplify=options.simplify,
        smooth=options.smooth,
        majority=options.majority,
        fill_holes=options.fill_holes,
        fill_nodata=options.fill_nodata,
        square=built(card) if options.square else (),
        connectivity=options.connectivity,
        layers=options.layers,
    )


def built(card: ModelCard) -> tuple[int, ...]:
    """Return the classes that the card marks as built; InputError where it marks none."""
    values = tuple(label.value for label in card.labels if label.built)
    if not values:
        raise InputError(f"{card.name} marks no class as built", "for --square, a class with right angles",
                         "vectorize the class raster with --square and the value of the class")  # fmt: skip
    return values


def write_polygons(
    maps: Maps, target: Path, legend: Legend, tracing: Tracing, report: Report = silent, zonal: Zonal | None = None,
    replace: bool = False, layer: str = "",
) -> int:  # fmt: skip
    """Trace the maps and write the polygons; return their number. The file appears when it is whole."""
    check_crs(target, maps.grid.crs)
    tell_of_pixels(maps.classes, maps.grid, report)
    with whole(target, replace, bool(layer)) as path:
        return draw(maps, path, legend, tracing, report, zonal, layer)


def tell_of_pixels(name: str, grid: Grid, report: Report) -> None:
    """Warn where areas cannot be in square metres."""
    if not Ground(grid).metric:
        report(Warned(f"{name} has no CRS that is tied to the Earth: areas are in pixels"))


def draw(
    maps: Maps | Live, path: Path, legend: Legend, tracing: Tracing, report: Report = silent,
    zonal: Zonal | None = None, name: str = "",
) -> int:  # fmt: skip
    """Trace the maps and write the polygons and their style in a folder of their own; return their number."""
    tracing.check(maps)
    write, ground = writer(path, tracing.layers), Ground(maps.grid)
    columns = Columns(ground.metric, maps.measured, tracing.connectivity == 8,
                      zonal.columns if zonal else (), maps.values)  # fmt: skip
    kind: Kind = "MultiPolygon" if columns.multi else "Polygon"
    step = ground.pixel**0.5 / tracing.parts if ground.metric else 0.0
    layer = Layer(name or path.stem, maps.grid.crs, kind, tracing.index, step)
    chosen = wanted(tracing, maps.values)
    with (
        closing(run_ahead(kept(polygons(maps, ground, tracing, report, path.parent, zonal)))) as found,
        closing(run_ahead(batches(found, ground, columns, legend, tracing.parts, chosen))) as rows,
    ):
        relay = Relay(columns.schema, rows, seen_of(legend))
        with plain_target(path) as plain:
            with relay.reader() as reader:
                write(plain, layer, reader, legend)
            check_rows(plain, relay.rows)
    if path.suffix.lower() != ".gpkg":
        path.with_suffix(".qml").write_text(qml(legend), encoding="utf-8")
    return relay.rows


def kept(found: Iterable[tuple[Closed, Outlines]]) -> Iterator[tuple[Closed, Outlines]]:
    """Copy what the tracer uses again at its next step, so that it may take that step on another thread."""
    for closed, shapes in found:
        measures = closed._replace(x=closed.x[:0], y=closed.y[:0])  # the vertices are those of the shapes
        yield Closed._make(array.copy() for array in measures), Outlines._make(array.copy() for array in shapes)


def polygons(
    maps: Maps | Live,
    ground: Ground,
    tracing: Tracing,
    report: Report,
    folder: Path | None = None,
    zonal: Zonal | None = None,
) -> Iterator[tuple[Closed, Outlines]]:
    """Yield the regions as they close, with their outlines as they are to be written.

    The raster lies in a temporary file in `folder` where it is read more than once.
    """
    with prepared(maps, tracing, ground, folder, report) as (found, kinds):
        strips = watch(found, lambda strip: strip[0].size, maps.grid.extent.area, report, "trace")
        if kinds is None and tracing.classes is not None:  # nothing else depends on the other classes
            table = np.where(wanted(tracing, maps.values), np.arange(NODATA + 1), NODATA).astype(np.uint8)
            strips = ((table[strip], percent) for strip, percent in strips)
        squarer = Squarer(ground, marked(tracing.square, maps.values), tracing.parts)
        eight = tracing.connectivity == 8
        for closed in regions(strips, ground, maps.measured, kinds is not None, eight, zonal):
            yield closed, shaped(closed, kinds, tracing, squarer)
    if squarer.seen:
        report(Noted(f"{squarer.squared} of {squarer.seen} polygons got right angles: their borders are their own"))


@contextmanager
def prepared(
    maps: Maps | Live, tracing: Tracing, ground: Ground, folder: Path | None, report: Report
) -> Iterator[tuple[Iterator[Strip], Bytes | None]]:
    """Yield the strips to be traced and, where borders move, the kinds of the corners that they keep."""
    if tracing.streams:
        yield masked(maps, tracing), None
        return
    assert isinstance(maps, Maps)  # what is still being made cannot be read twice
    with cleaned(maps, tracing, ground, folder, report) as rows:
        yield with_confidence(rows(), maps), reduced(rows, ground, tracing) if tracing.shapes else None


def shaped(closed: Closed, kinds: Bytes | None, tracing: Tracing, squarer: Squarer) -> Outlines:
    """Return the outlines with the vertices that are left, smoothed or squared."""
    plain = outlines(closed)
    if tracing.connectivity == 8:
        plain = grouped(plain)
    if kinds is not None:
        plain = thinned(plain, kinds)
    if tracing.parts == 1:
        return plain
    shapes = smooth(plain, kinds, tracing.smooth, tracing.parts)
    return squarer(closed, plain, shapes) if tracing.square else shapes


def reduced(rows: Rows, ground: Ground, tracing: Tracing) -> Bytes:
    """Return the corners that the borders keep, as their kinds; 0 for all others."""
    shape = ground.grid.height, ground.grid.width
    if not tracing.simplify:
        return find_kinds(rows, shape)
    lines = np.arange(shape[0] + 1.0)
    cells = ground.metric_at(lines, np.full_like(lines, shape[1] / 2)).area
    areas = np.divide(tracing.simplify**2, cells, out=np.zeros_like(cells), where=cells > 0)
    return simplify(rows, shape, areas)


def regions(
    strips: Iterable[Strip], ground: Ground, confidence: bool, nodes: bool = False, eight: bool = False,
    zonal: Zonal | None = None,
) -> Iterator[Closed]:  # fmt: skip
    """Yield the regions of a class raster as they close."""
    tracer = Tracer(ground, confidence, nodes, eight, len(zonal.names) if zonal else 0)
    top = 0
    for labels, percent in strips:
        values = zonal.read(top, top + len(labels)) if zonal else None
        yield from tracer.feed(labels, percent, values)
        top += len(labels)
    yield from tracer.finish()
