"""Rows of any heights become whole block rows, so that no block of the output is written twice."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ..grid import Window

Bytes = npt.NDArray[np.uint8]


class Gather:
    """Holds the rows of one part of the columns until they end at a multiple of `block`.

    Windows come from top to bottom; where one has other columns, a new part begins.
    """

    def __init__(self, block: int) -> None:
        self._block = block
        self._columns: tuple[int, int] | None = None
        self._top = 0  # row of the output at which the held rows begin
        self._held: list[Bytes] = []

    def add(self, window: Window, rows: Bytes) -> Iterator[tuple[Window, Bytes]]:
        """Take rows, and yield those that are ready, with the window that they fill."""
        if self._columns != (window.left, window.right):
            yield from self.rest()
            self._columns, self._top = (window.left, window.right), window.top
        bottom = self._top + sum(map(len, self._held))
        if window.top != bottom:
            raise ValueError(f"rows from {window.top} came where {bottom} was next")
        while len(rows):
            room = self._block - bottom % self._block
            self._held.append(rows[:room].copy())
            bottom += len(self._held[-1])
            rows = rows[room:]
            if bottom % self._block == 0:
                yield self._take()

    def rest(self) -> Iterator[tuple[Window, Bytes]]:
        """Yield the rows still held, if any."""
        if self._held:
            yield self._take()

    def _take(self) -> tuple[Window, Bytes]:
        assert self._columns is not None
        rows = self._held[0] if len(self._held) == 1 else np.concatenate(self._held)
        window = Window(self._top, self._columns[0], self._top + len(rows), self._columns[1])
        self._held, self._top = [], window.bottom
        return window, rows
