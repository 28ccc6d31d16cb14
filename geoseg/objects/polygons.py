"""Rows of a table of objects: their classes, scores and measures, and their outlines as WKB."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from ..core.style import Legend
from ..vector.geodesic import PixelAreas
from ..vector.perimeters import divided, perimeters
from ..vector.polygons import GEOMETRY, class_names
from ..vector.trace.rings import Outlines
from ..vector.trace.state import Closed
from ..vector.writers.wkb import wkb
from .extents import extents
from .numbers import Objects


def schema(metric: bool, scored: bool) -> Any:
    """Return the columns of objects.

    `id` counts the raster's pixels, row by row from 1, to the first of the object, as for all
    polygons; `object` is its number in the label raster, null for stuff. The score is the mean
    confidence of its pixels, 0 to 1; the area is that of the pixels, the perimeter that of the
    outline as it is written; length, width and orientation (degrees from north, clockwise) are
    those of the smallest rectangle around it; compactness is 4 pi area / perimeter^2.

    Parameters
    ----------
    metric
        Whether areas and lengths are in metres.
    scored
        Whether there are scores.

    Returns
    -------
    pyarrow.Schema
        With the outlines as WKB.
    """
    unit = "m" if metric else "px"
    fields = [
        ("id", pa.int64()),
        ("object", pa.int64()),
        ("class_id", pa.int64()),
        ("class", pa.string()),
        *([("score", pa.float64())] if scored else []),
        ("area_m2" if metric else "area_px", pa.float64()),
        (f"perimeter_{unit}", pa.float64()),
        (f"length_{unit}", pa.float64()),
        (f"width_{unit}", pa.float64()),
        ("orientation", pa.float64()),
        ("compactness", pa.float64()),
        ("pixels", pa.int64()),
        (GEOMETRY, pa.binary()),
    ]
    return pa.schema(fields)


def batches(
    found: Iterable[tuple[Closed, Outlines]],
    ground: PixelAreas,
    objects: Objects,
    legend: Legend,
    values: Sequence[int],
    parts: int,
    columns: Any,
) -> Iterator[Any]:
    """Turn traced objects into rows.

    Parameters
    ----------
    found
        What the tracer knows of some, and their outlines.
    ground
        The raster's grid, and how its pixels lie on the ground.
    objects
        What is known of each number.
    legend
        Names of the classes.
    values
        The class values by their index.
    parts
        The outlines are in 1 / `parts` of a pixel.
    columns
        A `schema`.

    Yields
    ------
    pyarrow.RecordBatch
        Rows of these columns, one batch for each of `found`.
    """
    names = pa.array(class_names(legend, values))
    by_index = np.array(values, np.int64)
    scored = "score" in columns.names
    metric_grid = ground.metric_grid()
    lengths = divided(metric_grid, parts)
    a, b, c, d, e, f = ground.grid.transform
    # exact, for the parts are powers of two
    transform = (a / parts, b / parts, c, d / parts, e / parts, f)
    for closed, shapes in found:
        number = closed.value.astype(np.int64)
        index = objects.value[number]
        area = np.maximum(closed.area, 0.0)
        perimeter = perimeters(shapes, lengths)
        with np.errstate(divide="ignore", invalid="ignore"):
            compactness = 4 * np.pi * area / perimeter**2
        measures = [area, perimeter, *extents(shapes, metric_grid, ground.grid.transform, parts)]
        offsets, data = wkb(shapes, transform, False)
        yield pa.RecordBatch.from_arrays(
            [
                pa.array(closed.origin + 1),
                pa.array(number, mask=number > objects.count),
                pa.array(by_index[index]),
                names.take(pa.array(index)),
                *([pa.array(objects.score[number], from_pandas=True)] if scored else []),
                *(pa.array(measure, from_pandas=True) for measure in [*measures, compactness]),
                pa.array(closed.pixels),
                pa.Array.from_buffers(
                    pa.binary(),
                    len(offsets) - 1,
                    [None, pa.py_buffer(offsets), pa.py_buffer(data)],
                ),
            ],
            schema=columns,
        )
