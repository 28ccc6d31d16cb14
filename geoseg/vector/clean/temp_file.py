"""The strips of a class raster kept in a temporary file, to be read as often as a step of the
cleaning needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryFile, gettempdir
from types import TracebackType
from typing import Any

import numpy as np

from ...core.arrays import Bytes
from ...core.disk import failures
from ...raster.class_raster import ROWS


class RasterTempFile:
    """A class raster in a file without a name, one byte a pixel, which goes with the process; a
    context manager.

    Called, it yields the raster's strips.

    Parameters
    ----------
    strips
        The raster, uint8 [row, column] from top to bottom; read at once.
    width
        Its columns.
    folder
        Where the file lies; None is where TMPDIR says.

    Raises
    ------
    RunError
        If the file cannot be written.
    """

    def __init__(self, strips: Iterable[Bytes], width: int, folder: Path | None = None) -> None:
        self.width = width
        self.folder = folder
        self._file: Any = TemporaryFile(prefix="geoseg-", dir=folder)  # noqa: SIM115 - closed by __exit__
        try:
            with failures(Path(folder or gettempdir()) / "a temporary file", (OSError,)):
                for strip in strips:
                    self._file.write(np.ascontiguousarray(strip).data)
                self._file.flush()
        except BaseException:
            self._file.close()
            raise

    def __call__(self) -> Iterator[Bytes]:
        """Read the raster.

        Yields
        ------
        Bytes
            A strip, uint8 [row, column], from top to bottom.
        """
        at = 0
        size = ROWS * self.width
        while True:
            self._file.seek(at)
            data = self._file.read(size)
            if not data:
                return
            at += len(data)
            yield np.frombuffer(data, np.uint8).reshape(-1, self.width)

    def close(self) -> None:
        """Remove the file."""
        self._file.close()

    def __enter__(self) -> RasterTempFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
