"""How unlike a scene is what the model knows, as a raster of squares: made while it is mapped."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt

from ..core.card import NODATA, ModelCard, Scaling
from ..core.errors import ModelError
from ..core.grid import Grid, Patch, Tiling, Window
from ..core.job import Job
from ..raster.sink import create_raster
from ..scene.spectra import surprise, to_logs

SQUARE = 32  # pixels of the scene along a pixel of the map
EVERY = 4  # pixels along each axis of which one is looked at: neighbours say the same
LIMIT = 100  # the number of a square that is as surprising as 1 % of known windows are
STEPS = 10  # of it for each unit of surprise beyond


class NoveltyMap:
    """The mean surprise of squares of pixels, added up as tiles are read.

    A pixel counts once, in the last of the tiles that hold it: however many overlap, and in
    whatever order they come, a square gets the same number.

    Parameters
    ----------
    tiling
        The tiles over the scene.
    region
        The pixels that are mapped; squares begin at its upper left corner.
    card
        What the model expects, with its spectra.
    scaling
        What makes its values of digital numbers.

    Raises
    ------
    ModelError
        If nobody measured what the model knows.
    """

    def __init__(self, tiling: Tiling, region: Window, card: ModelCard, scaling: Scaling) -> None:
        if card.spectra is None:
            raise ModelError(
                f"the card of {card.name} does not say what it knows, which --novelty needs",
                "a model with geoseg:spectra on its card",
                "measure it on the scenes of its training with geoseg models novelty",
            )
        self._spectra = card.spectra
        self._bands = card.bands
        self._scaling = scaling
        self._region = region
        self._tops = tiling.tops
        self._lefts = tiling.lefts
        height, width = region.shape
        self.shape = -(-height // SQUARE), -(-width // SQUARE)
        self._sums = np.zeros(self.shape)
        self._counts = np.zeros(self.shape, np.int64)

    def add(self, patch: Patch) -> None:
        """Take the pixels of a tile.

        Parameters
        ----------
        patch
            Digital numbers [band, row, column] of one tile of the tiling.
        """
        own = _own(patch.window, self._tops, self._lefts)
        if not own.intersects(self._region):
            return
        own = own.clip(self._region)
        rows = np.arange(-(-own.top // EVERY) * EVERY, own.bottom, EVERY)
        columns = np.arange(-(-own.left // EVERY) * EVERY, own.right, EVERY)
        picked = np.ix_(rows - patch.window.top, columns - patch.window.left)
        known = np.ones(patch.window.shape, bool) if patch.valid is None else patch.valid
        valid = known[picked]
        if not valid.any():
            return
        values = patch.data[:, picked[0], picked[1]][:, valid].astype(np.float64)
        values = values * self._scaling.scale + self._scaling.offset
        found = surprise(to_logs(values, self._bands), self._spectra)
        at = np.nonzero(valid)
        where = (
            (rows[at[0]] - self._region.top) // SQUARE,
            (columns[at[1]] - self._region.left) // SQUARE,
        )
        np.add.at(self._sums, where, found)
        np.add.at(self._counts, where, 1)

    def levels(self) -> npt.NDArray[np.uint8]:
        """Return the map as it is written.

        Returns
        -------
        ndarray
            uint8 [row, column] of squares: 100 is the limit that 1 % of known windows exceed, 10
            more (or less) is a density e times as small (or large); 255 where nothing is valid.
        """
        with np.errstate(invalid="ignore"):
            mean = self._sums / self._counts
        level = np.rint(LIMIT + STEPS * (mean - self._spectra.limit)).clip(0, NODATA - 1)
        return np.where(self._counts > 0, level, NODATA).astype(np.uint8)


def _own(window: Window, tops: list[int], lefts: list[int]) -> Window:
    """Return the pixels of a tile that no later one holds."""
    row, column = bisect_right(tops, window.top), bisect_right(lefts, window.left)
    return Window(
        window.top,
        window.left,
        tops[row] if row < len(tops) else window.bottom,
        lefts[column] if column < len(lefts) else window.right,
    )


def squares(grid: Grid, region: Window) -> Grid:
    """Return the grid of a map of novelty.

    Parameters
    ----------
    grid
        The scene's.
    region
        The pixels that are mapped.

    Returns
    -------
    Grid
        One pixel for each square; the last ones may reach beyond the region.
    """
    own = grid.crop(region)
    a, b, c, d, e, f = own.transform[:6]
    return Grid(
        -(-own.height // SQUARE),
        -(-own.width // SQUARE),
        (a * SQUARE, b * SQUARE, c, d * SQUARE, e * SQUARE, f),
        own.crs,
    )


@contextmanager
def written(
    novelty: NoveltyMap | None,
    grid: Grid,
    region: Window,
    card: ModelCard,
    job: Job,
    tags: Mapping[str, str],
    replaced: frozenset[str],
) -> Iterator[None]:
    """Write a map of novelty when the block ends; it appears whole, or not at all.

    Parameters
    ----------
    novelty
        What is filled in the block; None writes nothing.
    grid, region
        The scene's, and the part of it that is mapped.
    card
        The model's.
    job
        Names the file.
    tags
        What it says about how it was made.
    replaced
        The outputs that may be replaced.

    Yields
    ------
    None
        Nothing.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    if novelty is None or job.novelty is None:
        yield
        return
    own = squares(grid, region)
    path = job.novelty
    how = job.options.outputs.compress
    with create_raster(path, own, own.extent, card, tags, path in replaced, "novelty", how) as sink:
        yield
        sink.write(Patch(own.extent, novelty.levels()[None]))
