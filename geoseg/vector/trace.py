"""From a class raster file to a file of polygons, one per connected region."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from ..card import ModelCard
from ..events import Report, Warned, silent, watch
from ..job import Options
from ..style import Legend, qml_polygons
from .clean import Tracing, cleaned, gather, with_confidence
from .formats import check_rows, writer
from .ground import Ground
from .polygons import Columns, batches
from .relay import Relay
from .rings import Outlines, outlines, thinned
from .simplify import simplify
from .state import Bytes, Closed
from .strips import Maps, Strip, open_maps
from .target import whole
from .tracer import Tracer


def trace(
    classes: str,
    confidence: str | None,
    target: str,
    card: ModelCard,
    options: Options | None = None,
    report: Report = silent,
) -> int:
    """Write the 4-connected regions of a class raster (uint8, 255 is nodata) as polygons; return their number.

    Each has its class, its area in square metres on the CRS's ellipsoid (`area_px`, in
    pixels, where there is no CRS), its perimeter, and mean and least of the confidence
    raster, in percent. With `options.min_area`, smaller regions are merged into their
    largest neighbour first; `options.simplify` simplifies all borders at once. The raster
    is read in strips and the polygons are written as they close. The target, whose suffix
    decides the format, appears when it is whole.
    """
    options = options or Options()
    tracing = Tracing(min_area=options.min_area, simplify=options.simplify)
    return write_polygons(open_maps(classes, confidence), Path(target), card, tracing, report)


def write_polygons(maps: Maps, target: Path, legend: Legend, tracing: Tracing, report: Report = silent) -> int:
    """Trace the maps and write the polygons; return their number."""
    write, ground = writer(target), Ground(maps.grid)
    if not ground.metric:
        report(Warned(f"{maps.classes} has no CRS that is tied to the Earth: areas are in pixels"))
    columns = Columns(ground.metric, maps.confidence is not None)
    found = polygons(maps, ground, tracing, report)
    relay = Relay(columns.schema, batches(found, ground, columns, legend))
    with whole(target) as path:
        with relay.reader() as reader:
            write(path, target.stem, reader, maps.grid.crs, legend)
        check_rows(path, target.stem, relay.rows)
        style = target.with_suffix(".qml")  # it may be that of a raster of the same name
        if target.suffix.lower() != ".gpkg" and not style.exists():
            path.with_suffix(".qml").write_text(qml_polygons(legend), encoding="utf-8")
    return relay.rows


def polygons(maps: Maps, ground: Ground, tracing: Tracing, report: Report) -> Iterator[tuple[Closed, Outlines]]:
    """Yield the regions as they close, with their outlines as they are to be written."""
    strips, kept = cleaned(maps, tracing), None
    if tracing.whole:
        labels = gather(maps, tracing, ground)
        strips = with_confidence(labels, maps)
        kept = simplify(labels, tracing.simplify**2 / ground.pixel) if tracing.simplify else None
    strips = watch(strips, lambda strip: strip[0].size, maps.grid.extent.area, report, "trace")
    for closed in regions(strips, ground, maps.confidence is not None, nodes=kept is not None):
        yield closed, _outlines(closed, kept)


def _outlines(closed: Closed, kept: Bytes | None) -> Outlines:
    return outlines(closed) if kept is None else thinned(outlines(closed), kept)


def regions(strips: Iterable[Strip], ground: Ground, confidence: bool, nodes: bool = False) -> Iterator[Closed]:
    """Yield the regions of a class raster as they close."""
    tracer = Tracer(ground, confidence, nodes)
    for labels, percent in strips:
        yield from tracer.feed(labels, percent)
    yield from tracer.finish()
