"""What the last tiles of one part of a scene add to the part at its right, kept until that is stitched."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from os import SEEK_END
from pathlib import Path
from tempfile import SpooledTemporaryFile, gettempdir
from typing import Any

import numpy as np

from .disk import write_error

Array = Any
SPOOL = 16 << 20  # bytes that stay in memory; more go to a temporary file, so that tall scenes need no more of it


@dataclass(slots=True)
class Border:
    """Arrays [label, row, column], float32, by the offset of their row of tiles; a context manager.

    Each is taken before the next is put at its place. Tensors stay on their device.
    """

    _file: Any = field(default_factory=lambda: SpooledTemporaryFile(SPOOL))  # noqa: SIM115 - closed in __exit__
    _places: dict[int, tuple[int, int]] = field(default_factory=dict)  # where in the file, and for how many bytes
    _held: dict[int, Array] = field(default_factory=dict)  # tensors, and the shapes of arrays

    def __enter__(self) -> Border:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def put(self, offset: int, scores: Array) -> None:
        """Keep what a row of tiles adds to the part at the right."""
        if not isinstance(scores, np.ndarray):
            self._held[offset] = scores
            return
        start, room = self._places.get(offset, (0, -1))
        if room < scores.nbytes:
            start = self._file.seek(0, SEEK_END)
            self._places[offset] = start, scores.nbytes
        try:
            self._file.seek(start)
            self._file.write(scores.tobytes())
        except OSError as error:
            raise write_error(Path(gettempdir()) / "a temporary file", error) from error
        self._held[offset] = scores.shape

    def take(self, offset: int) -> Array | None:
        """Return what was kept for a row of tiles; None where nothing was."""
        held = self._held.pop(offset, None)
        if not isinstance(held, tuple):
            return held
        self._file.seek(self._places[offset][0])
        return np.frombuffer(self._file.read(4 * prod(held)), np.float32).reshape(held)
