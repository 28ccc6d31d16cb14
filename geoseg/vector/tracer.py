"""The streaming tracer: strips of a class raster in, finished regions with their rings out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ..card import NODATA
from . import state
from .advance import CROWDED, DONE, FULL, advance
from .ground import Ground
from .state import Bytes, Closed, Floats

VERTICES = 1 << 15  # of the output that is handed on at once; one region may have more
NO_ROWS = np.empty((0, 0), np.uint8)


class Tracer:
    """Trace a class raster that arrives in strips, of any heights, from top to bottom.

    Holds what is open: one line of labels, the borders that go through it, and the vertices
    of regions that are not complete, at 12 bytes each. That is O(width) plus the regions
    that span the scene. `nodes` keeps a vertex wherever three borders meet.

    >>> tracer = Tracer(Ground(grid), confidence=False)
    >>> for strip in strips:
    ...     for regions in tracer.feed(strip): ...
    >>> for regions in tracer.finish(): ...
    """

    def __init__(self, ground: Ground, confidence: bool, nodes: bool = False) -> None:
        width = ground.grid.width
        self.ground, self.confidence, self.nodes = ground, confidence, nodes
        self._line, self._counters = state.line(width), np.zeros(state.COUNTERS, np.int64)
        self._counters[state.FREE_VERTEX] = -1
        self._chains, self._regions = state.chains(width), state.regions(width)
        self._vertices, self._rings = state.vertices(6 * (width + 16)), state.rings(3 * (width + 16))
        self._closed = state.closed(VERTICES, VERTICES // 8)
        self._before = np.full(width, NODATA, np.uint8)
        self._areas: tuple[int, Floats] = (-1, np.zeros((2, 0)))

    def feed(self, rows: Bytes, confidence: Bytes | None = None) -> Iterator[Closed]:
        """Take the next rows, uint8 [row, column], and yield regions that are complete.

        What is yielded is only valid until the next step. 255 is nodata; `confidence`, in
        percent, has the shape of `rows`.
        """
        step, top = self.ground.step, 0
        while top < len(rows):  # the areas of pixels are known at rows that are `step` apart
            row = int(self._counters[state.ROW])
            stop = min(len(rows), top + step - row % step)
            yield from self._run(rows[top:stop], None if confidence is None else confidence[top:stop])
            self._before, top = rows[stop - 1].copy(), stop

    def finish(self) -> Iterator[Closed]:
        """End the raster, and yield the regions that reach its last row."""
        yield from self._run(np.empty((0, self.ground.grid.width), np.uint8), None)
        yield from self._drain()

    @property
    def held(self) -> int:
        """Bytes held now."""
        pools = (self._line, self._chains, self._regions, self._vertices, self._rings, self._closed)
        return sum(array.nbytes for pool in pools for array in pool) + self._areas[1].nbytes

    def _run(self, rows: Bytes, confidence: Bytes | None) -> Iterator[Closed]:
        rows = np.ascontiguousarray(rows)
        sure = np.empty((len(rows), 0), np.uint8) if confidence is None else np.ascontiguousarray(confidence)
        self._counters[state.NEXT] = 0
        first, areas = self._sums()
        while True:
            stopped = advance(
                self._before, rows, sure, areas, first, self.ground.step, self.nodes,
                self._line, self._vertices, self._chains, self._regions, self._rings, self._closed, self._counters,
            )  # fmt: skip
            if stopped == DONE:
                return
            if stopped == CROWDED:
                self._make_room()
            elif stopped == FULL:
                yield from self._drain()
                self._enlarge_output()

    def _sums(self) -> tuple[int, Floats]:
        """Return the row that starts this block of rows, and running sums of pixel areas there and one step below."""
        step = self.ground.step
        first = int(self._counters[state.ROW]) // step * step
        if first != self._areas[0]:
            above = self._areas[1][1] if first == self._areas[0] + step else self._running(first)
            self._areas = first, np.stack([above, self._running(first + step)])
        return self._areas

    def _running(self, row: int) -> Floats:
        return np.concatenate([[0.0], np.cumsum(self.ground.cells(row))])

    def _make_room(self) -> None:
        """Double what is too small for the worst that the next row can bring."""
        width, counters = self.ground.grid.width, self._counters
        if counters[state.VERTICES] + 4 * (width + 1) > len(self._vertices.x):
            self._vertices = state.grown(self._vertices, state.vertices(2 * len(self._vertices.x)))
        if counters[state.RINGS] + 2 * (width + 1) > len(self._rings.head):
            self._rings = state.grown(self._rings, state.rings(2 * len(self._rings.head)))

    def _drain(self) -> Iterator[Closed]:
        points, rings, regions = (int(n) for n in self._counters[state.OUT_VERTICES : state.OUT_REGIONS + 1])
        if regions:
            sizes = (points, points, rings + 1, rings, rings, rings, *(regions,) * 6)
            pools: tuple[npt.NDArray[Any], ...] = self._closed
            yield Closed._make(array[:size] for array, size in zip(pools, sizes, strict=True))
        self._counters[state.OUT_VERTICES : state.OUT_REGIONS + 1] = 0

    def _enlarge_output(self) -> None:
        """Make the output large enough for the regions that ended with one row, were they larger than all of it."""
        points, rings = int(self._counters[state.ENDED_VERTICES]), int(self._counters[state.ENDED_RINGS])
        if points > len(self._closed.x) or max(rings, self._counters[state.ENDED]) > len(self._closed.owner):
            self._closed = state.closed(max(points, VERTICES), max(rings, VERTICES // 8))
