"""The product's own mask in a run: what it leaves out of the map, and how much that is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..core.grid import Grid, Patch, Window
from ..core.options import Options
from ..raster.handles import OpenPool
from ..scene.describe import SceneInfo
from ..scene.masks import NODATA, BoolArray, MaskReader, check_mask
from ..scene.mosaic_reader import MOST_OPEN
from ..scene.source import place_on


class ReadsMask(Protocol):
    """What tells which pixels of a map are left out by a product's own mask."""

    def read(self, window: Window) -> BoolArray:
        """Find the masked pixels of a window.

        Parameters
        ----------
        window
            Pixels of the map's grid.

        Returns
        -------
        ndarray
            bool [row, column].
        """
        ...


class MosaicMask:
    """The masks of a mosaic's files: what one names, and none shows clear; a context manager.

    Parameters
    ----------
    parts
        The files.
    names
        What is masked.
    grid
        Of the map.
    """

    def __init__(self, parts: Sequence[SceneInfo], names: Sequence[str], grid: Grid) -> None:
        self._places = [place_on(part.grid, grid) for part in parts]

        def open_mask(number: int) -> MaskReader:
            part = parts[number]
            assert part.mask  # as check_mask found
            return MaskReader(part.mask, names, part.grid, grid)

        self._pool: OpenPool[MaskReader] = OpenPool(open_mask, MOST_OPEN)

    def read(self, window: Window) -> BoolArray:
        """Find the pixels of a window of which all files that hold data are masked.

        Parameters
        ----------
        window
            Pixels of the map's grid.

        Returns
        -------
        ndarray
            bool [row, column].

        Raises
        ------
        InputError
            If a mask cannot be opened. RunError, if it cannot be read.
        """
        masked = np.zeros(window.shape, bool)
        clear = np.zeros(window.shape, bool)
        for number, place in enumerate(self._places):
            if place is None or not place.intersects(window):
                continue
            part = window.clip(place)
            here = part.within(window)
            with self._pool.use(number) as reader:
                named, seen = reader.sort(part)
            masked[here] |= named
            clear[here] |= seen
        return masked & ~clear

    def __enter__(self) -> MosaicMask:
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.close()


@dataclass(slots=True)
class Masked:
    """The product's own mask in a run: what it leaves out, and how much that is."""

    reader: ReadsMask
    """The mask, open on the grid of the map."""
    text: str
    """What is masked by what, as `mask_text` says it."""
    taken: bool = False
    """Whether pixels come without what is masked already, as those of a mosaic do."""
    pixels: int = 0
    """How many pixels that hold data it has left out."""

    def clear(self, piece: Patch, area: BoolArray | None) -> BoolArray:
        """Find what of a piece is not masked, and count what is.

        Parameters
        ----------
        piece
            A piece of the map.
        area
            Where it is wanted, bool [row, column]; None is everywhere.

        Returns
        -------
        ndarray
            Where it is wanted and not masked, bool [row, column].
        """
        masked = self.reader.read(piece.window)
        valid = np.ones_like(masked) if piece.valid is None else piece.valid
        lost = masked & ~valid if self.taken else masked & valid
        if area is not None:
            lost = lost & area
        self.pixels += int(np.count_nonzero(lost))
        return ~lost if area is None else area & ~lost


@contextmanager
def open_masked(info: SceneInfo, grid: Grid, options: Options) -> Iterator[Masked | None]:
    """Open the mask of a product, or those of a mosaic, where more is asked for than nodata.

    Parameters
    ----------
    info
        What the scene is.
    grid
        On which it is mapped.
    options
        `mask` says what is left out.

    Yields
    ------
    Masked or None
        None where nothing beside nodata is masked.

    Raises
    ------
    InputError
        If the product does not tell what is asked for, or its mask cannot be read.
    """
    for part in info.parts or (info,):
        check_mask(part.mask, part.product, options)
    text = mask_text(info, options)
    if not text:
        yield None
    elif info.parts:
        with MosaicMask(info.parts, _asked(options), grid) as reader:
            yield Masked(reader, text, taken=True)
    else:
        assert info.mask  # else there were no text
        with MaskReader(info.mask, _asked(options), info.grid, grid) as own:
            yield Masked(own, text)


def mask_text(info: SceneInfo, options: Options) -> str:
    """Say what is masked by what, for people and tags.

    Parameters
    ----------
    info
        What the scene is; of a mosaic the masks of its files count.
    options
        `mask` says what is left out.

    Returns
    -------
    str
        Such as "clouds, shadows by QA_PIXEL"; empty where nothing beside nodata is masked.
    """
    names = _asked(options)
    labels = dict.fromkeys(part.mask.label for part in info.parts or (info,) if part.mask)
    return f"{', '.join(names)} by {' and '.join(labels)}" if names and labels else ""


def _asked(options: Options) -> tuple[str, ...]:
    return tuple(name for name in options.reading.mask if name != NODATA)
