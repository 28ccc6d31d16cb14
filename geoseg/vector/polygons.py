"""Polygons on their way to a file: one row per connected component, as Arrow record batches with
the shapes as WKB.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..core.arrays import Bytes, Floats
from ..core.style import Legend
from ..raster.class_values import BYTES
from .geodesic import PixelAreas
from .perimeters import divided, perimeters
from .trace.rings import Outlines
from .trace.state import Closed
from .writers.wkb import wkb

GEOMETRY = "geom"


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of the polygons.

    `id` counts the raster's pixels, row by row from 1, to the first of the component: it is the
    same however the raster is read. Area and perimeter are in metres on the ellipsoid, in pixels
    (`area_px`, `perimeter_px`) where the raster has no CRS. The area is that of the pixels, the
    perimeter that of the outline as it is written. Confidence is in percent.
    """

    metric: bool
    """Whether areas and lengths are in metres."""
    confidence: bool
    """Whether there is a confidence, whose mean and least value become columns."""
    multi: bool = False
    """Whether the shapes are multipolygons."""
    zonal: tuple[str, ...] = ()
    """Names of the columns of means."""
    values: tuple[int, ...] = BYTES
    """The class values by the index that the tracer knows them by."""
    texts: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Further columns that follow from the class: name, and the text of each of `values`."""

    @property
    def _narrow(self) -> bool:
        limits = np.iinfo(np.int32)
        return all(limits.min <= value <= limits.max for value in self.values)

    @property
    def schema(self) -> Any:
        """The columns as an Arrow schema."""
        fields = [
            ("id", pa.int64()),
            ("class_id", pa.int32() if self._narrow else pa.int64()),
            ("class", pa.string()),
            *((name, pa.string()) for name, _ in self.texts),
            ("area_m2" if self.metric else "area_px", pa.float64()),
            ("perimeter_m" if self.metric else "perimeter_px", pa.float64()),
            ("pixels", pa.int64()),
        ]
        if self.confidence:
            fields += [("confidence", pa.float64()), ("confidence_min", pa.int32())]
        fields += [(name, pa.float64()) for name in self.zonal]
        return pa.schema(
            [*(pa.field(name, kind) for name, kind in fields), pa.field(GEOMETRY, pa.binary())]
        )


def class_names(legend: Legend, values: Sequence[int]) -> list[str]:
    """Return the name of each class value.

    Parameters
    ----------
    legend
        Names of classes.
    values
        Class values.

    Returns
    -------
    list[str]
        In the order of the values; one without a name is called by its number.
    """
    names = {label.value: label.name for label in legend.labels}
    return [names.get(value, f"class {value}") for value in values]


def batches(
    found: Iterable[tuple[Closed, Outlines]],
    ground: PixelAreas,
    columns: Columns,
    legend: Legend,
    parts: int,
    wanted: Bytes,
) -> Iterator[Any]:
    """Turn finished components into rows.

    Parameters
    ----------
    found
        What the tracer knows of some components, and their outlines.
    ground
        The raster's grid, and how its pixels lie on the ground.
    columns
        The columns of the rows.
    legend
        Names of the classes.
    parts
        The outlines are in 1 / `parts` of a pixel.
    wanted
        uint8 [256]: not 0 at the indices of the classes whose polygons are written.

    Yields
    ------
    pyarrow.RecordBatch
        Rows of `columns.schema` that own their memory, one batch for each of `found`.
    """
    names = pa.array(class_names(legend, columns.values))
    values = np.array(columns.values, np.int64)
    texts = [pa.array(text) for _, text in columns.texts]
    metric_grid = divided(ground.metric_grid(), parts)
    a, b, c, d, e, f = ground.grid.transform
    # exact, for the parts are powers of two
    transform = (a / parts, b / parts, c, d / parts, e / parts, f)
    for closed, shapes in found:
        measures: list[npt.NDArray[Any]] = [
            np.maximum(closed.area, 0.0),
            perimeters(shapes, metric_grid),
            closed.pixels,
        ]
        if columns.confidence:
            measures += [closed.sums[:, 0] / closed.pixels, closed.least.astype(np.int32)]
        measures += [
            _mean(closed.sums[:, 1 + 2 * i], closed.sums[:, 2 + 2 * i])
            for i in range(len(columns.zonal))
        ]
        batch = pa.RecordBatch.from_arrays(
            [
                pa.array(closed.origin + 1),
                pa.array(values[closed.value]).cast(columns.schema.field("class_id").type),
                *(text.take(pa.array(closed.value)) for text in (names, *texts)),
                # the tracer will use its arrays again
                *(pa.array(measure.copy(), from_pandas=True) for measure in measures),
                _binary(shapes, transform, columns.multi),
            ],
            schema=columns.schema,
        )
        chosen = wanted[closed.value] != 0
        yield batch if chosen.all() else batch.filter(pa.array(chosen))


def _mean(sums: Floats, counts: Floats) -> Floats:
    """Return the means, NaN, which becomes null, where nothing was valid."""
    return np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)


def _binary(shapes: Outlines, transform: tuple[float, ...], multi: bool) -> Any:
    """Return the shapes as an Arrow array of WKB, without a Python object for each."""
    offsets, data = wkb(shapes, transform, multi)
    return pa.Array.from_buffers(
        pa.binary(), len(offsets) - 1, [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    )
