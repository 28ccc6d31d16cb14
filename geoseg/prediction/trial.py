"""Trying a model on a synthetic scene: that it runs, how far a tile's border reaches, how fast."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
import numpy.typing as npt

from ..core.card import ModelCard
from ..core.errors import ModelError
from ..core.events import Report
from ..core.options import Options
from ..models import Bundle
from ..models.synthetic import synthetic
from .agreement import NEAR, find_engine

ALIKE = 0.001  # share of pixels that may change their class beyond the reach of a border
STEP = 8  # pixels in which reach and overlap are told
LEAST = 32  # pixels that tiles share at least
SPEED_RUNS = 3


@dataclass(frozen=True, slots=True)
class Trial:
    """How a model did on a synthetic scene."""

    engine: str
    """What computed it."""
    device: str
    """On which device."""
    tile: int
    """Pixels of a tile's side."""
    classes: int
    """How many classes the map of the scene has: a network that gives one alone may be fed
    wrongly.
    """
    reach: int | None
    """Pixels from a tile's border within which classes depend on where it lies; None where they do
    all over it.
    """
    speed: float
    """Pixels per second."""

    @property
    def overlap(self) -> int:
        """Pixels that tiles should share, so that borders show in no map: half a tile at most."""
        most = self.tile // 2
        if self.reach is None:
            return most
        return min(max(LEAST, 2 * self.reach), most)


def try_model(bundle: Bundle, options: Options, report: Report) -> Trial:
    """Run a model on a synthetic scene, on two tiles that lie half a tile apart.

    Parameters
    ----------
    bundle
        The model.
    options
        Engine and device.
    report
        Told what the engine has to say.

    Returns
    -------
    Trial
        What was seen.

    Raises
    ------
    ModelError
        If it cannot be loaded or run, or its scores are none: they are to be numbers from 0 to 1.
    """
    card = bundle.card
    found = find_engine(bundle, card.scaling, options, report)
    model = (found.reference or found).load("fp32", ())
    tile = card.tile
    shift = max(1, tile // 2 // 32 * 32) if tile >= 64 else tile // 2
    scene = synthetic(card, tile + shift)
    valid = np.ones((1, tile, tile), bool)

    def scores_at(at: int) -> npt.NDArray[np.float32]:
        part = np.ascontiguousarray(scene[:, at : at + tile, at : at + tile])[None]
        given = model(part, valid)
        numbers = given if isinstance(given, np.ndarray) else given.cpu().numpy()
        _check_scores(numbers[0], card)
        return np.asarray(numbers[0], np.float32)

    first = scores_at(0)
    second = scores_at(shift)
    began = perf_counter()
    for _ in range(SPEED_RUNS):
        scores_at(0)
    seconds = (perf_counter() - began) / SPEED_RUNS
    one = first.argmax(0)
    common = tile - shift
    if card.maps_numbers:
        apart = np.abs(first[:, shift:, shift:] - second[:, :common, :common])
        differ = (apart > NEAR * first.std((1, 2), keepdims=True)).any(0)
    else:
        differ = one[shift:, shift:] != second.argmax(0)[:common, :common]
    return Trial(
        found.name,
        model.device,
        tile,
        len(np.unique(one)),
        _reach(differ),
        tile * tile / max(seconds, 1e-9),
    )


def fit_overlap(bundle: Bundle, options: Options, report: Report) -> ModelCard:
    """Return a model's card with the overlap that its network needs.

    Parameters
    ----------
    bundle, options, report
        As of `try_model`.

    Returns
    -------
    ModelCard
        With the overlap of the trial.

    Raises
    ------
    ModelError
        As `try_model`.
    """
    return replace(bundle.card, overlap=try_model(bundle, options, report).overlap)


def _check_scores(scores: npt.NDArray[np.float32], card: ModelCard) -> None:
    least = float(scores.min())
    most = float(scores.max())
    if not (np.isfinite(least) and np.isfinite(most)):
        raise ModelError(f"{card.name} gives what is no number", "scores from 0 to 1")
    if card.maps_numbers:
        return
    total = scores.sum(0)
    shared = card.activation == "sigmoid" or bool(np.allclose(total, 1, atol=1e-2))
    if least < -1e-3 or most > 1 + 1e-3 or not shared:
        raise ModelError(
            f"{card.name} gives scores from {least:.3g} to {most:.3g} that add up to "
            f"{float(total.mean()):.3g}",
            "probabilities",
            "say with --result logits that they are none yet, or with --activation sigmoid that "
            "each class is by itself",
        )


def _reach(differ: npt.NDArray[np.bool_]) -> int | None:
    """Return how far from the border of either tile classes differ.

    Parameters
    ----------
    differ
        Where they do, [row, column], in the square that two tiles share: its sides are borders.

    Returns
    -------
    int or None
        A multiple of STEP; None where they differ up to its middle.
    """
    length = len(differ)
    line = np.minimum(np.arange(length), np.arange(length)[::-1])
    near = np.minimum(line[:, None], line[None])
    for reach in range(0, length // 2 - STEP // 2, STEP):
        if differ[near >= reach].mean() <= ALIKE:
            return reach
    return None
