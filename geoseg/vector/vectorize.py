"""Polygons of any class raster: what `geoseg vectorize` does."""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path

from ..events import Report, silent
from ..job import check_layers, split_layer
from ..raster import check_outputs
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
    band: int | None = None,
    confidence: str | PathLike[str] | None = None,
    zonal: str | None = None,
    overwrite: bool = False,
    report: Report = silent,
) -> int:
    """Write the regions of a class raster as polygons; return their number.

    Classes are whole numbers of any type, up to 255 different ones; `band` says which band
    holds them where there are several. What the file says is nodata, by a value, a mask or
    an alpha band, is left out, and nothing else. Names and colours of the classes are those
    of its categories and colour table. The suffix of `out` decides the format;
    out.gpkg|layername=NAME names the layer, which may be added to a GeoPackage that exists.
    `zonal`, such as scene.tif:3,4, names bands on the same grid whose means become columns.
    """
    name, layer = split_layer(fspath(out))
    target = Path(name)
    tracing = tracing or Tracing()
    writer(target, tracing.layers)
    check_layers(tracing.layers, name, layer)
    inputs = (fspath(classes), None if confidence is None else fspath(confidence), tracing.mask, zonal)
    replaced = check_outputs([name], inputs, overwrite, layer)
    maps = open_maps(fspath(classes), None if confidence is None else fspath(confidence), band, report)
    means = open_zonal(zonal, maps.grid) if zonal else None
    return write_polygons(maps, target, read_legend(maps), tracing, report, means, name in replaced, layer or "")
