"""A map of resampled pixels, back on the scene's own grid: each pixel takes what lies at its
middle.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import numpy as np

from ..core.card import NODATA
from ..core.disk import failures
from ..core.grid import Grid, Patch, Window
from ..raster.band_info import BandInfo

ROWS = 256  # of a strip that is brought back at once
COLUMNS = 4096  # of which so many pixels are looked up at once


class MapFile:
    """Classes and confidence of one map in a file without a name, which goes with the process.

    Parameters
    ----------
    region
        The window that they cover.
    folder
        Where the file lies: beside the outputs, where there is room for them.
    planes
        How many the map has.
    """

    def __init__(self, region: Window, folder: Path, planes: int = 2) -> None:
        self.region = region
        self._planes = planes
        self._folder = folder
        self._file: IO[bytes] = TemporaryFile(prefix="geoseg-", dir=folder)  # noqa: SIM115 - closed by close

    def write(self, patch: Patch) -> None:
        """Take a part of the map.

        Parameters
        ----------
        patch
            uint8 [plane, row, column], inside the region.

        Raises
        ------
        RunError
            If it cannot be written.
        """
        rows, columns = patch.window.within(self.region)
        height, width = self.region.shape
        with failures(self._folder / "a temporary file", (OSError,)):
            for band, plane in enumerate(patch.data):
                for row, pixels in enumerate(plane, rows.start):
                    self._file.seek((band * height + row) * width + columns.start)
                    self._file.write(np.ascontiguousarray(pixels, np.uint8).data)

    def take(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Look up pixels.

        Parameters
        ----------
        rows, columns
            Positions from the corner of the whole map's grid, of any shape and not always finite;
            the whole numbers are the corners of pixels.

        Returns
        -------
        ndarray
            uint8 [plane, ...]: NODATA where they lie outside the region.
        """
        self._file.flush()
        height, width = self.region.shape
        held = np.memmap(self._file, np.uint8, "r", shape=(self._planes, height, width))
        with np.errstate(invalid="ignore"):
            rows = np.floor(rows) - self.region.top
            columns = np.floor(columns) - self.region.left
            inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
        found = np.full((self._planes, *rows.shape), NODATA, np.uint8)
        found[:, inside] = held[:, rows[inside].astype(np.intp), columns[inside].astype(np.intp)]
        return found

    def close(self) -> None:
        """Remove the file."""
        self._file.close()


@contextmanager
def open_map_file(region: Window, folder: Path, planes: int = 2) -> Iterator[MapFile]:
    """Open a file for a map, which goes when the block ends.

    Parameters
    ----------
    region, folder, planes
        As of `MapFile`.

    Yields
    ------
    MapFile
        Empty.
    """
    with failures(folder / "a temporary file", (OSError,)):
        file = MapFile(region, folder, planes)
    try:
        yield file
    finally:
        file.close()


def rows_on(grid: Grid, region: Window, mapped: Grid, file: MapFile) -> Iterator[Patch]:
    """Yield the rows of a map on another grid than that on which it was made.

    Parameters
    ----------
    grid
        The other grid.
    region
        The part of it that is wanted.
    mapped
        The grid on which the map was made.
    file
        The map.

    Yields
    ------
    Patch
        uint8 [plane, row, column] of the region's whole width, from top to bottom.
    """
    from ..scene.warp import GridNodes, locate_in  # what it compiles takes a second to load

    place = BandInfo("the map", 1, mapped, "uint8", "", "gray")
    grid_nodes = GridNodes(grid, locate_in(place, grid.crs))
    for strip in region.blocks(ROWS):
        parts = []
        for block in strip.blocks(ROWS, COLUMNS):
            columns, rows = grid_nodes.middles(block)
            parts.append(file.take(rows, columns))
        yield Patch(strip, np.concatenate(parts, axis=2))
