"""What the scores tell beside the class and its own: all of them, how uncertain they leave a pixel,
and what comes second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..core.arrays import Bytes
from ..core.card import ModelCard
from ..core.errors import InputError
from ..core.grid import Grid, Patch, Window
from ..core.job import Job
from ..raster.sink import Kind, Sink, create_raster

Means = npt.NDArray[np.float32]
FIRST = 2  # of a piece's planes: class and confidence come before


@dataclass(frozen=True, slots=True)
class ScoreMaps:
    """The maps that a job asks for, as further planes of the pieces of its map."""

    paths: Mapping[Kind, str]
    """Where each goes, by its name, a key of MAPS."""
    activation: str
    """What the scores are of: softmax or sigmoid."""
    labels: int
    """How many classes have scores."""

    @property
    def planes(self) -> dict[Kind, slice]:
        """Which planes of a piece are of which map."""
        found: dict[Kind, slice] = {}
        at = FIRST
        for name in self.paths:
            count = self.labels if name == "scores" else 1
            found[name] = slice(at, at + count)
            at += count
        return found

    @property
    def second(self) -> bool:
        """Whether one of them is of classes."""
        return "second" in self.paths

    @property
    def count(self) -> int:
        """How many planes all of them have."""
        return sum(places.stop - places.start for places in self.planes.values())

    def measure(self, means: Means) -> Bytes:
        """Return the planes of a piece.

        Parameters
        ----------
        means
            The scores of its pixels, float32 [label, row, column], 0 to 1.

        Returns
        -------
        Bytes
            uint8 [plane, row, column]: percent, or indices of labels.
        """
        maps = MAPS | ({"entropy": entropy_of_each} if self.activation == "sigmoid" else {})
        made = [maps[name](means) for name in self.paths]
        return np.concatenate(made) if made else np.empty((0, *means.shape[1:]), np.uint8)


def to_percent(share: npt.NDArray[np.floating]) -> Bytes:
    """Return shares as whole percent, rounded as the confidence is.

    Parameters
    ----------
    share
        0 to 1; what rounding has taken beyond is brought back.

    Returns
    -------
    Bytes
        0 to 100.
    """
    found: Bytes = np.clip(share * np.float32(100) + np.float32(0.5), 0, 100).astype(np.uint8)
    return found


def scores(means: Means) -> Bytes:
    """Return all scores in percent.

    Parameters
    ----------
    means
        Scores, float32 [label, row, column].

    Returns
    -------
    Bytes
        [label, row, column].
    """
    return to_percent(means)


def entropy(means: Means) -> Bytes:
    """Return how uncertain the scores of softmax leave a pixel, in percent of the most there is.

    Parameters
    ----------
    means
        Scores, float32 [label, row, column].

    Returns
    -------
    Bytes
        [1, row, column]: 0 where one class has all, 100 where all are alike.
    """
    share = np.clip(means, 0, 1)
    total = share.sum(0)
    np.divide(share, total, out=share, where=total > 0)  # 0 where no tile was valid
    return to_percent(_surprise(share).sum(0) / np.log(max(2, len(means))))[None]


def entropy_of_each(means: Means) -> Bytes:
    """Return how uncertain the scores of sigmoid leave a pixel: the mean over its classes.

    Parameters
    ----------
    means
        Scores, float32 [label, row, column].

    Returns
    -------
    Bytes
        [1, row, column]: 0 where each class is there or not, 100 where none is known to be.
    """
    share = np.clip(means, 0, 1)
    return to_percent(((_surprise(share) + _surprise(1 - share)) / np.log(2)).mean(0))[None]


def _surprise(share: Means) -> Means:
    """Of a share p, -p ln p, which is 0 for 0."""
    found: Means = -share * np.log(np.maximum(share, np.finfo(np.float32).tiny))
    return found


def margin(means: Means) -> Bytes:
    """Return how far the highest score lies above the second, in percent.

    Parameters
    ----------
    means
        Scores, float32 [label, row, column].

    Returns
    -------
    Bytes
        [1, row, column]: 0 is a tie.
    """
    return to_percent(means.max(0) - _without_best(means).max(0))[None]


def second(means: Means) -> Bytes:
    """Return which label comes second.

    Parameters
    ----------
    means
        Scores, float32 [label, row, column].

    Returns
    -------
    Bytes
        [1, row, column]: indices, the first of several that are alike.
    """
    found: Bytes = _without_best(means).argmax(0).astype(np.uint8)
    return found[None]


def _without_best(means: Means) -> Means:
    rest = means.copy()
    np.put_along_axis(rest, means.argmax(0)[None], np.float32(-1), 0)
    return rest


MAPS: dict[Kind, Callable[[Means], Bytes]] = {
    "scores": scores,
    "entropy": entropy,
    "margin": margin,
    "second": second,
}


def score_maps(job: Job, card: ModelCard) -> ScoreMaps | None:
    """Find which maps of the scores a job asks for.

    Parameters
    ----------
    job
        Names their files.
    card
        Of the map.

    Returns
    -------
    ScoreMaps or None
        None where it asks for none.

    Raises
    ------
    InputError
        If there is no second class.
    """
    paths = {name: path for name in MAPS if (path := getattr(job, name))}
    if len(card.labels) < 2 and (alone := paths.keys() & {"margin", "second"}):
        raise InputError(
            f"--{min(alone)} of a model of one class", "a model of two classes or more"
        )
    return ScoreMaps(paths, card.activation, len(card.labels)) if paths else None


@contextmanager
def create_score_maps(
    maps: ScoreMaps | None,
    grid: Grid,
    region: Window,
    card: ModelCard,
    job: Job,
    tags: Mapping[str, str],
    replaced: frozenset[str],
) -> Iterator[list[tuple[slice, Sink]]]:
    """Create the rasters of the scores; they take their names when the block ends without an error.

    Parameters
    ----------
    maps
        Which; None for none.
    grid, region, card, job, tags, replaced
        As of `outputs.create_rasters`.

    Yields
    ------
    list
        What takes them, each with its planes.

    Raises
    ------
    OutputError
        If one cannot be written.
    """
    how = job.options.outputs.compress
    places = maps.planes if maps else {}
    with ExitStack() as opened:
        sinks = []
        for name, path in (maps.paths if maps else {}).items():
            raster = create_raster(path, grid, region, card, tags, path in replaced, name, how)
            sinks.append((places[name], opened.enter_context(raster)))
        yield sinks


def write_planes(sinks: list[tuple[slice, Sink]], patch: Patch) -> None:
    """Write the planes of a part of a map, each to its raster.

    Parameters
    ----------
    sinks
        As `create_score_maps` yields them.
    patch
        uint8 [plane, row, column].

    Raises
    ------
    OutputError
        If one cannot be written.
    """
    for planes, sink in sinks:
        sink.write(Patch(patch.window, patch.data[planes]))
