"""How unlike a scene is what the model knows, as a raster of squares: made while it is mapped."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt

from ..core.card import NODATA, ModelCard, Scaling
from ..core.embedding import SQUARE
from ..core.errors import ModelError
from ..core.grid import Grid, Patch, Tiling, Window
from ..core.job import Job
from ..models.embedding import distances, whole_squares
from ..raster.sink import create_raster
from ..scene.spectra import surprise, to_logs

EVERY = 4  # pixels along each axis of which one is looked at: neighbours say the same
Numbers = npt.NDArray[np.int64]
LIMIT = 100  # the number of a square that is as surprising as 1 % of known windows are
STEPS = 10  # of it for each unit of surprise beyond
FEATURE_STEPS = 100  # and for each unit of the logarithm of the features' distance


class NoveltyMap:
    """The mean surprise of squares of pixels, added up as tiles are read, and how far the network's
    features of them are from those that it knows.

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
        self._embedding = card.embedding
        self._surprise = _Mean(self.shape)
        self._distance = _Mean(self.shape)

    def add(self, patch: Patch) -> None:
        """Take the pixels of a tile.

        Parameters
        ----------
        patch
            Digital numbers [band, row, column] of one tile of the tiling.
        """
        rows, columns = self._picked(patch)
        if not rows.size:
            return
        values = patch.data[:, rows - patch.window.top, columns - patch.window.left]
        values = values.astype(np.float64) * self._scaling.scale + self._scaling.offset
        found = surprise(to_logs(values, self._bands), self._spectra)
        self._surprise.add(self._squares(rows, columns), found)

    def add_features(self, patch: Patch, features: npt.NDArray[np.float32]) -> None:
        """Take what the network makes of a tile.

        Parameters
        ----------
        patch
            As of `add`.
        features
            Its last features, averaged over squares from the tile's corner on, [channel, row,
            column]; a pixel gets what its square has, where all pixels of that are valid.
        """
        rows, columns = self._picked(patch)
        if self._embedding is None or not rows.size:
            return
        found = distances(features, self._embedding)
        high, wide = found.shape
        own = (
            np.minimum((rows - patch.window.top) // SQUARE, high - 1),
            np.minimum((columns - patch.window.left) // SQUARE, wide - 1),
        )
        whole = whole_squares(patch, found.shape)[own]
        self._distance.add(self._squares(rows[whole], columns[whole]), found[own][whole])

    def _picked(self, patch: Patch) -> tuple[Numbers, Numbers]:
        """Rows and columns of the valid pixels that are looked at, each in one tile alone."""
        own = _own(patch.window, self._tops, self._lefts)
        if not own.intersects(self._region):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        own = own.clip(self._region)
        rows = np.arange(-(-own.top // EVERY) * EVERY, own.bottom, EVERY)
        columns = np.arange(-(-own.left // EVERY) * EVERY, own.right, EVERY)
        picked = np.ix_(rows - patch.window.top, columns - patch.window.left)
        known = np.ones(patch.window.shape, bool) if patch.valid is None else patch.valid
        down, across = np.nonzero(known[picked])
        return rows[down], columns[across]

    def _squares(self, rows: Numbers, columns: Numbers) -> tuple[Numbers, Numbers]:
        return (rows - self._region.top) // SQUARE, (columns - self._region.left) // SQUARE

    def levels(self) -> npt.NDArray[np.uint8]:
        """Return the map as it is written.

        Returns
        -------
        ndarray
            uint8 [row, column] of squares: 100 is the limit that 1 % of what is known exceeds, by
            the spectra or by the features, whichever is further beyond; 10 more (or less) is a
            density e times as small (or large), or a squared distance a tenth larger; 255 where
            nothing is valid.
        """
        mean = self._surprise.mean
        level = LIMIT + STEPS * (mean - self._spectra.limit)
        if self._embedding:
            beyond = LIMIT + FEATURE_STEPS * (self._distance.mean - self._embedding.limit)
            level = np.fmax(level, beyond)  # the other one where one is not known
        level = np.rint(level).clip(0, NODATA - 1)
        return np.where(np.isnan(mean), NODATA, level).astype(np.uint8)


class _Mean:
    """The mean of what falls into each square."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self._sums = np.zeros(shape)
        self._counts = np.zeros(shape, np.int64)

    def add(self, where: tuple[Numbers, Numbers], values: npt.NDArray[np.float64]) -> None:
        np.add.at(self._sums, where, values)
        np.add.at(self._counts, where, 1)

    @property
    def mean(self) -> npt.NDArray[np.float64]:
        """NaN where nothing fell."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self._sums / self._counts)


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
