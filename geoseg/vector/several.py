"""From a raster of several classes at once, a band for each, to a file of polygons that may
overlap.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import replace as changed
from functools import partial
from pathlib import Path

import numpy as np

from ..core.atomic import atomic_output
from ..core.card import ModelCard
from ..core.events import Report, silent
from ..core.options import Options
from ..raster.class_raster import ABSENT, PRESENT, SeveralMaps, open_several
from .clean.cleaning import Tracing
from .geodesic import PixelAreas
from .trace.tracer import OUTPUT_VERTICES
from .vectorize import Traced, draw, polygons, tell_of_pixels, tracing_of
from .writers.layer import check_crs
from .zonal import Zonal


def trace_several(
    classes: str,
    confidence: str,
    target: str,
    card: ModelCard,
    options: Options,
    report: Report = silent,
    zonal: Zonal | None = None,
    replace: bool = False,
    layer: str = "",
    provenance: str = "",
    together: int = OUTPUT_VERTICES,
) -> int:
    """Write where each class is as polygons, each class by itself: cleaned alike, and over others.

    Parameters
    ----------
    classes
        A raster of ours with a band for each class: 1 where it is, 0 where not, 255 nodata.
    confidence
        The score of each class in percent, likewise.
    target, card, options, report, zonal, replace, layer, provenance, together
        As of `vectorize.trace`.

    Returns
    -------
    int
        The number of polygons.

    Raises
    ------
    InputError, OutputError, RunError
        See `vectorize.trace`.
    """
    values = tuple(label.value for label in card.labels)
    maps = open_several(classes, confidence, values)
    tracing = changed(tracing_of(options, card), classes=values)
    path = Path(target)
    check_crs(path, maps.grid.crs)
    tell_of_pixels(classes, maps.grid, report)
    with atomic_output(path, replace, bool(layer)) as staged:
        return draw(
            maps,
            staged,
            card,
            tracing,
            report,
            zonal,
            layer,
            provenance,
            follow=partial(polygons_by_class, together=together),
        )


def polygons_by_class(
    maps: SeveralMaps,
    ground: PixelAreas,
    tracing: Tracing,
    report: Report,
    folder: Path | None = None,
    zonal: Zonal | None = None,
    together: int = OUTPUT_VERTICES,
) -> Generator[Traced, None, None]:
    """Clean and trace one class after the other; see `vectorize.polygons`.

    Parameters
    ----------
    maps
        Of all classes.
    ground, tracing, report, folder, zonal, together
        As there.

    Yields
    ------
    tuple[Closed, Outlines]
        Components, none of which begins where another one does: each class counts the raster's
        pixels on from those of the class before.

    Raises
    ------
    InputError, RunError
        See `vectorize.trace`.
    """
    for index, part in enumerate(maps.parts):
        own = changed(tracing, classes=(PRESENT,))
        if tracing.square:  # of all classes alike, which have the same parts of a pixel
            built = maps.classes[index] in tracing.square
            own = changed(own, square=(PRESENT if built else ABSENT,))
        first = index * maps.grid.extent.area
        with closing(polygons(part, ground, own, report, folder, zonal, together)) as found:
            for closed, shapes in found:
                there = closed.value == PRESENT
                value = np.where(there, index, len(maps.parts)).astype(np.uint8)
                yield closed._replace(value=value, origin=closed.origin + first), shapes
