"""The streaming tracer: strips of a class raster in, finished components with their rings out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...core.arrays import Bytes, Floats
from ..pixel_values import CLASSES, PixelValues, Values
from . import state
from .state import Closed, pack_rings
from .trace_rows import CROWDED, DONE, FULL, trace_rows

if TYPE_CHECKING:
    from ..geodesic import PixelAreas

# of the output that is handed on at once; one component may have more. An eighth of them would take
# a file of small polygons a quarter longer: threads take turns more often
OUTPUT_VERTICES = 1 << 18
FEW_VERTICES = 1 << 16  # where memory counts more: some of these chunks are under way at a time


class Tracer:
    """Trace a class raster that arrives in strips, of any heights, from top to bottom.

    Holds what is open: one line of labels, the borders that go through it at 12 bytes a
    vertex, and the rings of components that are not complete, at a byte or two a vertex. That
    is O(width) plus the components that span the scene.

    >>> tracer = Tracer(PixelAreas(grid), confidence=False)
    >>> for strip in strips:
    ...     for closed in tracer.feed(strip): ...
    >>> for closed in tracer.finish(): ...

    Parameters
    ----------
    ground
        The raster's grid, and the area of its pixels.
    confidence
        Whether `feed` is given a confidence.
    nodes
        Whether a vertex is kept wherever three borders meet, for borders that will be moved.
    eight
        Whether components that touch at a corner are one.
    bands
        Number of bands whose sums are wanted.
    together
        Vertices of finished components that are handed on at once; a component may have more.
    values
        What the pixels hold: classes, or numbers of objects.
    """

    def __init__(
        self,
        ground: PixelAreas,
        confidence: bool,
        nodes: bool = False,
        eight: bool = False,
        bands: int = 0,
        together: int = OUTPUT_VERTICES,
        values: PixelValues = CLASSES,
    ) -> None:
        width = ground.grid.width
        self.ground = ground
        self.nodes = nodes
        self.eight = eight
        self.bands = bands
        self.values = values
        self.measures = 1 + 2 * bands if confidence or bands else 0
        self._counters = np.zeros(state.COUNTERS, np.int64)
        self._counters[state.FREE_VERTEX] = -1
        self._counters[state.WIDTH] = width
        self._line = state.first_line(width)
        self._vertices = state.vertex_pool(8 * (width + 16))
        self._chains = state.chain_pool(width)
        self._components = state.component_pool(width, self.measures, values)
        self._rings = state.ring_pool(3 * (width + 16))
        self._packed = np.empty(0, np.uint8)
        self._closed = state.closed_pool(together, together // 8, self.measures, values)
        self._before: Values = np.full(width, values.void, values.dtype)
        self._first = 0
        self._areas = self._block(0, np.zeros(width))
        self._weights = np.zeros(2)

    def feed(
        self, rows: Values, confidence: Bytes | None = None, bands: Floats | None = None
    ) -> Iterator[Closed]:
        """Take the next rows, and yield components that are complete.

        Parameters
        ----------
        rows
            Classes, uint8 [row, column], 255 is nodata; or objects, uint32, 0 is none.
        confidence
            Percent, uint8 [row, column].
        bands
            What is averaged, float64 [band, row, column] with NaN for nodata.

        Yields
        ------
        Closed
            Some components; its arrays are only valid until the next step.
        """
        step = self.ground.step
        top = 0
        while top < len(rows):  # the areas of pixels are known at rows that are `step` apart
            row = int(self._counters[state.ROW])
            block = slice(top, min(len(rows), top + step - row % step))
            yield from self._run(
                rows[block],
                None if confidence is None else confidence[block],
                None if bands is None else bands[:, block],
            )
            self._before = rows[block.stop - 1].copy()
            top = block.stop

    def finish(self) -> Iterator[Closed]:
        """End the raster, and yield the components that reach its last row.

        Yields
        ------
        Closed
            As in `feed`.
        """
        last = np.full((1, self.ground.grid.width), self.values.void, self.values.dtype)
        yield from self._run(last, None, None)
        yield from self._drain()

    @property
    def held(self) -> int:
        """Bytes held now."""
        pools = (self._line, self._chains, self._components, self._rings, self._closed)
        arrays = (self._vertices, self._packed, self._areas, self._before)
        in_pools = sum(array.nbytes for pool in pools for array in pool)
        return in_pools + sum(array.nbytes for array in arrays)

    def _run(
        self, rows: Values, confidence: Bytes | None, bands: Floats | None
    ) -> Iterator[Closed]:
        filled = state.padded_rows(self._before, rows, self.values.void)
        percent = (
            np.empty((len(rows), 0), np.uint8)
            if confidence is None
            else np.ascontiguousarray(confidence)
        )
        values = np.empty((0, len(rows), 0)) if bands is None else np.ascontiguousarray(bands)
        self._counters[state.NEXT] = 0
        self._enter_block()
        while True:
            stopped = trace_rows(
                filled,
                filled.view(np.uint64),
                self.values.void,
                percent,
                values,
                self._areas,
                self._first,
                self.ground.step,
                self.nodes,
                self.eight,
                self._line,
                self._vertices,
                self._packed,
                self._chains,
                self._components,
                self._rings,
                self._closed,
                self._counters,
                self._weights,
            )
            if stopped == DONE:
                return
            if stopped == CROWDED:
                self._make_room()
            elif stopped == FULL:
                yield from self._drain()

    def _enter_block(self) -> None:
        """Move on the running sums of pixel areas when the next row starts a new block of rows.

        Within a block a pixel's area changes evenly from row to row. `_areas` [3, column + 1]
        are the sums to the left of a corner: in the block's first row, one block below, and
        over all rows above the block.
        """
        step = self.ground.step
        if int(self._counters[state.ROW]) == self._first + step:
            most = (step - 1) / 2  # the sum of (row / step) over the block
            above = self._areas[2] + (step - most) * self._areas[0] + most * self._areas[1]
            self._first += step
            self._areas = self._block(self._first, above[1 : self.ground.grid.width + 1])

    def _block(self, row: int, above: Floats) -> Floats:
        areas = np.zeros((3, state.padded(self.ground.grid.width) + 1))
        for i, sums in enumerate((*map(np.cumsum, self.ground.ends(row)), above)):
            areas[i, 1 : len(sums) + 1] = sums
        return areas

    def _make_room(self) -> None:
        """Pack closed rings, or double what is too small for the worst that the next row can
        bring.
        """
        width = self.ground.grid.width
        counters = self._counters
        if counters[state.VERTICES] + 4 * (width + 1) > len(self._vertices):
            before = int(counters[state.VERTICES])
            self._packed = pack_rings(
                self._line.labels,
                self._packed,
                self._vertices,
                self._components,
                self._rings,
                counters,
            )
            freed = before - int(counters[state.VERTICES])
            # packing again copies all that is packed: the pool grows along with it, so that this
            # stays rare
            if 3 * freed < len(self._vertices) or self._vertices.nbytes < len(self._packed) // 2:
                self._vertices = state.grown(
                    self._vertices, state.vertex_pool(2 * len(self._vertices))
                )
        if counters[state.RINGS] + 2 * (width + 1) > len(self._rings.head):
            self._rings = state.grown(self._rings, state.ring_pool(2 * len(self._rings.head)))

    def _drain(self) -> Iterator[Closed]:
        vertices, rings, components = (
            int(n) for n in self._counters[state.OUT_VERTICES : state.OUT_COMPONENTS + 1]
        )
        if not components and rings + vertices == 0 and self._counters[state.PENDING]:
            self._closed = state.closed_pool(
                2 * len(self._closed.x),
                2 * len(self._closed.signed_area2),
                self.measures,
                self.values,
            )
        if components:
            of_rings = (rings + 1, rings, rings)
            sizes = (vertices, vertices, *of_rings, components + 1, *(components,) * 6)
            pools: tuple[npt.NDArray[Any], ...] = self._closed
            yield Closed._make(array[:size] for array, size in zip(pools, sizes, strict=True))
        self._counters[state.OUT_VERTICES : state.OUT_COMPONENTS + 1] = 0
