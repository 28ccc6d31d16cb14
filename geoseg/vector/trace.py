"""From a class raster file to a file of polygons, one per connected region."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from ..card import ModelCard
from ..errors import RunError
from ..events import Report, Warned, silent, watch
from ..job import Options
from . import geopackage
from .formats import writer
from .ground import Ground
from .polygons import Columns, batches
from .relay import Relay
from .sieve import sieve
from .state import Closed
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
    largest neighbour first. The raster is read in strips and the polygons are written as
    they close. The target, whose suffix decides the format, appears when it is whole.
    """
    options, out = options or Options(), Path(target)
    write = writer(out)
    maps = open_maps(classes, confidence)
    ground = Ground(maps.grid)
    if not ground.metric:
        report(Warned(f"{classes} has no CRS that is tied to the Earth: areas are in pixels"))
    strips = _cleaned(maps, ground, options)
    strips = watch(strips, lambda strip: strip[0].size, maps.grid.extent.area, report, "trace")
    columns = Columns(ground.metric, confidence is not None)
    relay = Relay(columns.schema, batches(regions(strips, ground, columns.confidence), ground, columns, card))
    with whole(out) as path:
        with relay.reader() as reader:
            write(path, out.stem, reader, maps.grid.crs, card)
        if out.suffix.lower() == ".gpkg" and geopackage.count(path, out.stem) != relay.rows:
            raise RunError(f"{target} did not take all polygons", do="look whether the disk is full")
    return relay.rows


def regions(strips: Iterable[Strip], ground: Ground, confidence: bool) -> Iterator[Closed]:
    """Yield the regions of a class raster as they close."""
    tracer = Tracer(ground, confidence)
    for labels, percent in strips:
        yield from tracer.feed(labels, percent)
    yield from tracer.finish()


def _cleaned(maps: Maps, ground: Ground, options: Options) -> Iterator[Strip]:
    """Yield the strips, with small regions merged where the options ask for it: that needs the whole raster."""
    if not options.min_area:
        yield from maps.strips()
        return
    labels = sieve(np.concatenate([strip for strip, _ in maps.strips()]), ground, options.min_area)
    top = 0
    for strip, percent in maps.strips():
        yield labels[top : top + len(strip)], percent
        top += len(strip)
