"""Rasters of a map side by side as one: their rows streamed from top to bottom, without a second
look at the scene.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from itertools import groupby
from typing import Any

import numpy as np

from ..core.arrays import to_planes
from ..core.errors import RunError
from ..core.grid import Patch, Window
from . import texts
from .handles import gdal_env, open_dataset, rasterio_window
from .sink import BLOCK

Pieces = Mapping[Window, Mapping[str, str]]
"""For each part of a map its files, and what the numbers of each are: uint8, float16."""


def tags_of(path: str) -> dict[str, str]:
    """Return what a map says about how it was made.

    Parameters
    ----------
    path
        Of the map.

    Returns
    -------
    dict[str, str]
        Its tags that begin with geoseg_.
    """
    with open_dataset(path) as dataset:
        return {
            key: value for key, value in texts.tags_of(dataset).items() if key.startswith("geoseg_")
        }


def mosaic(pieces: Pieces, rows: int = BLOCK) -> Iterator[Patch]:
    """Yield parts of a raster side by side as one.

    Parameters
    ----------
    pieces
        The parts, which form rows and columns, and for each its files.
    rows
        The height of what is yielded, at most.

    Yields
    ------
    Patch
        uint8 [plane, row, column] over the whole width, from top to bottom: the planes
        (`arrays.to_planes`) of all bands of the first file, then those of the next.

    Raises
    ------
    RunError
        If a file has not the size of its part.
    """
    for _, abreast in groupby(sorted(pieces), key=lambda window: window.top):
        with ExitStack() as stack, gdal_env():
            row = []
            for window in abreast:
                files = pieces[window].items()
                opened = {stack.enter_context(open_dataset(path)): kind for path, kind in files}
                row.append((window, opened))
            for window, datasets in row:
                _check(window, datasets)
            first = row[0][0]
            whole = Window(first.top, first.left, first.bottom, row[-1][0].right)
            for block in whole.blocks(rows):
                data = [_read(window, datasets, block) for window, datasets in row]
                yield Patch(block, np.concatenate(data, axis=2))


def _read(window: Window, datasets: Mapping[Any, str], block: Window) -> Any:
    """Return a block's planes [plane, row, column] in the columns of one window."""
    place = rasterio_window(block.clip(window), window)
    found = [dataset.read(window=place).astype(kind) for dataset, kind in datasets.items()]
    return np.concatenate([to_planes(each) for each in found])


def _check(window: Window, datasets: Iterable[Any]) -> None:
    for dataset in datasets:
        if dataset.shape != window.shape:
            raise RunError(
                f"{dataset.name} has {dataset.shape} rows and columns",
                f"{window.shape}",
                "remove it and run again",
            )
