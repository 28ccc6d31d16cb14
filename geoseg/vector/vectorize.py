"""Polygons of any class raster: what `geoseg vectorize` does."""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path

from ..errors import OutputError
from ..events import Report, silent
from ..raster import check_output
from .clean import Tracing
from .formats import writer
from .legend import read_legend
from .strips import open_maps
from .trace import write_polygons
from .zonal import open_zonal


def vectorize(
    classes: str | PathLike[str],
    out: str | PathLike[str],
    tracing: Tracing | None = None,
    *,
    confidence: str | PathLike[str] | None = None,
    zonal: str | None = None,
    overwrite: bool = False,
    report: Report = silent,
) -> int:
    """Write the regions of a class raster (uint8) as polygons; return their number.

    The raster's nodata value, and 255, are left out. Names and colours of the classes are
    those of its categories and colour table. The suffix of `out` decides the format.
    `zonal`, such as scene.tif:3,4, names bands on the same grid whose means become columns.
    """
    target = Path(out)
    tracing = tracing or Tracing()
    writer(target, tracing.layers)
    check_output(fspath(target), overwrite)
    if target.resolve() in {Path(path).resolve() for path in (classes, confidence) if path is not None}:
        raise OutputError(f"{target} is an input as well")
    maps = open_maps(fspath(classes), None if confidence is None else fspath(confidence))
    means = open_zonal(zonal, maps.grid) if zonal else None
    return write_polygons(maps, target, read_legend(maps), tracing, report, means)
