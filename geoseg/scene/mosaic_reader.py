"""Neighbouring files read as one: the first that holds data gives a pixel, and few are open at a
time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ..core.grid import Grid, Patch, Window
from ..raster.handles import OpenPool
from .masks import MaskReader
from .reader import Reader, extend

MOST_OPEN = 16  # files, or products, of a mosaic


class MosaicReader:
    """Files on one grid, seen in their order; a context manager, which closes those that are open.

    Parameters
    ----------
    places
        The part of the grid that each file may cover.
    open_part
        Opens the file of a number from 0; its reader counts pixels from the corner of its place.
    grid
        The grid.
    bands
        How many each reader gives.
    dtype
        The type of their pixels.
    most
        How many files stay open.
    """

    def __init__(
        self,
        places: Sequence[Window | None],
        open_part: Callable[[int], Reader],
        grid: Grid,
        bands: int,
        dtype: str,
        most: int = MOST_OPEN,
    ) -> None:
        self.grid = grid
        self.bands = bands
        self.dtype = dtype
        self._places = places
        self._pool: OpenPool[Reader] = OpenPool(open_part, most)

    def read(self, window: Window) -> Patch:
        """Return the window's pixels as digital numbers, and where they are valid.

        Parameters
        ----------
        window
            Pixels of `grid`. What hangs over its bottom or right edge is the reflection of the
            pixels inside, and invalid.

        Returns
        -------
        Patch
            Of `dtype`, [band, row, column], 0 where no file holds data. Any window gives the same
            values for a pixel.

        Raises
        ------
        InputError
            If a file cannot be opened any more. RunError, if it cannot be read.
        """
        inside = window.clip(self.grid.extent)
        data = np.zeros((self.bands, *inside.shape), self.dtype)
        valid = np.zeros(inside.shape, bool)
        for number, place in enumerate(self._places):
            if place is None or not place.intersects(inside):
                continue
            part = inside.clip(place)
            here = part.within(inside)
            missing = ~valid[here]
            if not missing.any():
                continue
            rows, columns = part.within(place)
            with self._pool.use(number) as reader:
                found = reader.read(Window(rows.start, columns.start, rows.stop, columns.stop))
            takes = missing if found.valid is None else missing & found.valid
            data[:, *here][:, takes] = found.data[:, takes]
            valid[here] |= takes
        if inside == window:
            return Patch(window, data, valid)
        return Patch(window, *extend(data, valid, window, inside))

    def close(self) -> None:
        """Close the files."""
        self._pool.close()

    def __enter__(self) -> MosaicReader:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class MaskedReader:
    """A file of a mosaic without what its product's own mask leaves out, so that the next is seen.

    Parameters
    ----------
    reader, mask
        On one grid; both are closed with this one.
    """

    def __init__(self, reader: Reader, mask: MaskReader) -> None:
        self.grid = reader.grid
        self.bands = reader.bands
        self.dtype = reader.dtype
        self._reader = reader
        self._mask = mask

    def read(self, window: Window) -> Patch:
        """Return the window's pixels, and where they are valid and not masked.

        Parameters
        ----------
        window
            Pixels of `grid`, inside of it.

        Returns
        -------
        Patch
            As the reader gives it.

        Raises
        ------
        RunError
            If a file cannot be read.
        """
        found = self._reader.read(window)
        clear = ~self._mask.read(window)
        return Patch(window, found.data, clear if found.valid is None else found.valid & clear)

    def close(self) -> None:
        """Close the files."""
        self._reader.close()
        self._mask.close()
