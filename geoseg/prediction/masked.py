"""The product's own mask in a run: what it leaves out of the map, and how much that is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..core.grid import Grid, Patch
from ..core.options import Options
from ..scene.describe import SceneInfo
from ..scene.masks import NODATA, MaskReader, check_mask


@dataclass(slots=True)
class Masked:
    """The product's own mask in a run: what it leaves out, and how much that is."""

    reader: MaskReader
    """The mask, open on the grid of the map."""
    text: str
    """What is masked by what, as `mask_text` says it."""
    pixels: int = 0
    """How many pixels that hold data it has left out."""

    def clear(self, piece: Patch, area: npt.NDArray[np.bool_] | None) -> npt.NDArray[np.bool_]:
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
        lost = masked if piece.valid is None else masked & piece.valid
        if area is not None:
            lost = lost & area
        self.pixels += int(np.count_nonzero(lost))
        return ~masked if area is None else area & ~masked


@contextmanager
def open_masked(info: SceneInfo, grid: Grid, options: Options) -> Iterator[Masked | None]:
    """Open the mask of a product, where it is asked for more than nodata.

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
        None where nothing beside nodata is masked, and for a mosaic, whose files are masked as
        they are read.

    Raises
    ------
    InputError
        If the product does not tell what is asked for, or its mask cannot be read.
    """
    for part in info.parts or (info,):
        check_mask(part.mask, part.product, options)
    text = mask_text(info, options)
    if not text or info.mask is None:
        yield None
        return
    with MaskReader(info.mask, _asked(options), grid) as reader:
        yield Masked(reader, text)


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
