"""From a class raster file to a file of polygons, one per connected region."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import rasterio
import rasterio.errors
import shapely

from ..card import NODATA, ModelCard
from ..errors import RunError
from ..events import Report, Warned, silent
from ..grid import Grid
from ..job import Options
from . import geopackage
from .ground import Ground
from .polygons import class_names, schema
from .target import whole
from .whole import Bytes, numbered, regions, sieve

BATCH = 16384  # rows per record batch


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
    pixels, where there is no CRS) and the mean of the confidence raster, in percent.
    With `options.min_area`, smaller regions are merged into their largest neighbour first.
    The target appears when it is whole.
    """
    options, out = options or Options(), Path(target)
    labels, grid = read(classes)
    ground = Ground(grid)
    if not ground.metric:
        report(Warned(f"{classes} has no CRS that is tied to the Earth: areas are in pixels"))
    if options.min_area:
        labels = sieve(labels, ground, options.min_area)
    table = measure(labels, read(confidence)[0] if confidence else None, card, ground)
    with whole(out) as path:
        reader = pa.RecordBatchReader.from_batches(table.schema, table.to_batches(BATCH))
        geopackage.write(path, out.stem, reader, grid.crs, card)
        if geopackage.count(path, out.stem) != len(table):
            raise RunError(f"{target} did not take all polygons", do="look whether the disk is full")
    return len(table)


def read(path: str) -> tuple[Bytes, Grid]:
    """Return the first band of a raster file, and its grid."""
    try:
        with rasterio.open(path) as raster:
            crs = raster.crs.to_wkt() if raster.crs else None
            return raster.read(1), Grid(raster.height, raster.width, tuple(raster.transform)[:6], crs)
    except rasterio.errors.RasterioError as error:
        raise RunError(f"{path} cannot be read: {error}") from error


def measure(classes: Bytes, confidence: Bytes | None, card: ModelCard, ground: Ground) -> Any:
    """Return the table of polygons of the regions of a class raster."""
    shapes, values = regions(classes, ground.grid)
    numbers, names = numbered(classes), class_names(card)
    columns: list[Any] = [pa.array(values, pa.int32()), pa.array([names[value] for value in values], pa.string())]
    columns.append(_sums(numbers, (ground.cells(row) for row in range(ground.grid.height)), len(values)))
    if confidence is not None:
        known = np.where(confidence == NODATA, 0, confidence)
        pixels = np.bincount(numbers[numbers >= 0], minlength=len(values))
        columns.append(_sums(numbers, iter(known), len(values)) / np.maximum(1, pixels))
    columns.append(pa.array(shapely.to_wkb(shapes), pa.binary()))
    return pa.Table.from_arrays(columns, schema=schema(ground.metric, confidence is not None))


def _sums(numbers: npt.NDArray[np.int32], rows: Iterator[npt.NDArray[Any]], count: int) -> npt.NDArray[np.float64]:
    """Return the sum of the pixels of each region; numbers of -1 are in none."""
    total = np.zeros(count)
    for number, row in zip(numbers, rows, strict=True):
        inside = number >= 0
        total += np.bincount(number[inside], row[inside], count)
    return total
