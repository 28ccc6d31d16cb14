"""Test-time augmentation: a model that sees each tile turned several ways, and averages."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.arrays import Array
from ..raster.turn import Turn
from .engine import Engine, Patches
from .protocol import Model, wait_for
from .wrapped import Wrapped

FLIPS = tuple(Turn(False, rows, columns) for rows, columns in product((False, True), repeat=2))
# each set is a group: a scene that is turned by one of them gives the turned map
TURNS = {
    "none": FLIPS[:1],
    "flips": FLIPS,
    "d4": FLIPS + tuple(replace(turn, transpose=True) for turn in FLIPS),
}


def turning(engine: Engine, tta: str) -> Engine:
    """Return an engine whose models see each tile turned, and average.

    Parameters
    ----------
    engine
        Any.
    tta
        A key of TURNS: none, flips, or d4, which takes the quarter turns as well.

    Returns
    -------
    Engine
        Of the same name and precisions; the same one where nothing is turned.
    """
    if tta == "none":
        return engine

    def load(precision: str, patches: Patches) -> Model:
        return TurningModel(engine.load(precision, patches), TURNS[tta])

    reference = turning(engine.reference, tta) if engine.reference else None
    return replace(engine, load=load, reference=reference)


class TurningModel(Wrapped):
    """A model's mean scores over turns of its tiles, each turned back first.

    The turns of one batch are under way side by side, as many as the model takes; no second batch
    is.

    Parameters
    ----------
    model
        Of any engine.
    turns
        As many as a power of two, so that the mean is exact.
    """

    def __init__(self, model: Model, turns: tuple[Turn, ...]) -> None:
        super().__init__(model)
        self._turns = turns

    def __call__(self, pixels: npt.NDArray[Any], valid: npt.NDArray[np.bool_]) -> Array:
        """Return the mean scores of a batch; see `Model`.

        Parameters
        ----------
        pixels
            Digital numbers [n, band, row, column] of square tiles.
        valid
            Where they hold data, [n, row, column].

        Returns
        -------
        Array
            float32 [n, label, row, column], 0 to 1.

        Raises
        ------
        MemoryError
            If the batch does not fit the device.
        """
        under_way: deque[tuple[Turn, Callable[[], Array]]] = deque()
        total: Array = 0
        try:
            for turn in self._turns:
                fetch = self._model.launch(turn.pixels(pixels), turn.pixels(valid))
                under_way.append((turn, fetch))
                if len(under_way) > self._model.ahead:
                    total = total + _fetched(*under_way.popleft())
            while under_way:
                total = total + _fetched(*under_way.popleft())
        finally:
            wait_for(fetch for _, fetch in under_way)
        return total / len(self._turns)


def _fetched(turn: Turn, fetch: Callable[[], Array]) -> Array:
    """Return scores as they lie in the tile before it was turned."""
    scores = fetch()
    flipped = tuple(axis for axis, flip in ((-2, turn.rows), (-1, turn.columns)) if flip)
    if flipped:
        scores = (
            np.flip(scores, flipped) if isinstance(scores, np.ndarray) else scores.flip(flipped)
        )
    return scores.swapaxes(-1, -2) if turn.transpose else scores
