"""Class rasters for tests, and their polygons as the tracer writes them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import shapely
from hypothesis import strategies as st
from scipy import ndimage

from geoseg.core.card import NODATA
from geoseg.core.grid import Grid
from geoseg.vector.borders.corners import Rows
from geoseg.vector.borders.right_angles import Squarer
from geoseg.vector.clean.cleaning import Tracing, marked
from geoseg.vector.geodesic import PixelAreas
from geoseg.vector.vectorize import reduced, shaped, trace_components
from geoseg.vector.writers.wkb import wkb

PIXELS = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


@st.composite
def rasters(draw: st.DrawFn, most: int = 60, nodata: bool = True) -> np.ndarray:
    """Noise or blobs of 1 to 6 classes, of 1 to `most` pixels a side, some with nodata."""
    shape = draw(st.integers(1, most)), draw(st.integers(1, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    values = rng.integers(0, draw(st.integers(1, 6)), shape).astype(np.uint8)
    if draw(st.booleans()):  # blobs rather than noise
        values = ndimage.median_filter(values, draw(st.integers(2, 5)))
    if nodata and draw(st.booleans()):
        values[rng.random(shape) < draw(st.sampled_from([0.02, 0.4]))] = NODATA
    return values


def rows_of(classes: np.ndarray, height: int = 7) -> Rows:
    """The raster in strips of that height, the last one lower, as often as wanted."""

    def strips() -> Iterator[np.ndarray]:
        yield from (classes[top : top + height] for top in range(0, len(classes), height))

    return strips


def ground_of(
    classes: np.ndarray, transform: tuple[float, ...] = PIXELS, crs: str | None = None
) -> PixelAreas:
    return PixelAreas(Grid(*classes.shape, transform, crs))


def polygons_of(classes: np.ndarray, tracing: Tracing) -> list[shapely.Polygon]:
    """The polygons in pixels, after what `tracing` says about borders."""
    ground, rows = ground_of(classes), rows_of(classes)
    kinds = reduced(rows, ground, tracing) if tracing.shapes else None
    squarer, parts, found = (
        Squarer(ground, marked(tracing.square), tracing.parts),
        tracing.parts,
        [],
    )
    for closed in trace_components(
        ((strip, None) for strip in rows()), ground, False, nodes=kinds is not None
    ):
        offsets, data = wkb(
            shaped(closed, kinds, tracing, squarer), (1 / parts, 0.0, 0.0, 0.0, 1 / parts, 0.0)
        )
        found += shapely.from_wkb([data[i:j].tobytes() for i, j in pairwise(offsets)]).tolist()
    return found


def components_of(classes: np.ndarray, nodata: bool = False) -> np.ndarray:
    """Number the 4-connected components from 1, row by row; 0 where there is nodata, unless
    `nodata`.
    """
    found, count = np.zeros(classes.shape, np.int64), 0
    for value in np.unique(classes):
        if value != NODATA or nodata:
            labels, more = ndimage.label(classes == value)
            found[labels > 0] = labels[labels > 0] + count
            count += more
    return found
