"""Patches of pixels to patches of scores, in batches."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from math import isfinite
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.arrays import Array
from ..core.errors import RunError
from ..core.grid import Patch
from ..models.protocol import Model, wait_for

Fetch = Callable[[], Array]  # waits for a batch's scores
Launched = tuple[list[Patch], Fetch]
TakesFeatures = Callable[[Patch, npt.NDArray[np.float32]], None]


def batch_on(device: str) -> int:
    """Choose how many tiles go through the network at once where nobody says so.

    Parameters
    ----------
    device
        What computes, in words.

    Returns
    -------
    int
        Tiles: processors are fastest at one.
    """
    return 1 if device.startswith("cpu") else 8


def infer(
    model: Model, patches: Iterable[Patch], batch: int, take: TakesFeatures | None = None
) -> Generator[Patch, None, None]:
    """Put patches of pixels through a model, in batches.

    A device that can tell how much fits begins with one patch, to see it. One that works on its own
    always has the next batch queued, and is waited for where nobody wants the rest: one that still
    computes would be busy for whoever comes next.

    Parameters
    ----------
    model
        What computes.
    patches
        Pixels [band, row, column], all of one size; one without a valid pixel never reaches the
        model, and leaves no scores.
    batch
        How many go through at once, at most. Where the memory of the device runs out, half as
        many do for the rest of the run.
    take
        Called with each patch and its features, where the model was told to average them.

    Yields
    ------
    Patch
        Probabilities, float32 [label, row, column], in the model's kind of array; in the order
        of the patches.

    Raises
    ------
    RunError
        If the memory does not hold a single tile, or a score is no number.
    """
    patches = (patch for patch in patches if patch.valid is None or patch.valid.any())
    under_way: deque[Launched] = deque()
    try:
        for _ in _launch(model, patches, batch, under_way):
            if len(under_way) > model.ahead:
                yield from _finished(under_way.popleft(), model, take)
        while under_way:
            yield from _finished(under_way.popleft(), model, take)
    finally:
        wait_for(fetch for _, fetch in under_way)


def _launch(
    model: Model, patches: Iterator[Patch], batch: int, under_way: deque[Launched]
) -> Iterator[None]:
    """Put one batch after the other under way; where one does not fit, all that follow are half
    as large.
    """
    size = batch if model.room() is None else 1
    group: list[Patch] = []
    while group := group or list(islice(patches, size)):
        try:
            under_way.append((group[:size], _fetch(model, group[:size])))
        except MemoryError as error:
            if size == 1:
                raise RunError(
                    f"memory ran out on {model.device} with a single tile of "
                    f"{group[0].window.shape[0]} px",
                    do="use a smaller --tile, or --device cpu",
                ) from error
            batch = size = size // 2
            continue
        group = group[size:]
        yield
        if size == 1 < batch and (room := model.room()) is not None:
            size = batch = min(batch, room)


def _finished(launched: Launched, model: Model, take: TakesFeatures | None) -> Iterator[Patch]:
    """Yield the scores of a batch, which are freed when the last of them has been used.

    A score that is no number makes the sum none either. It is looked at behind the scores: until
    these have been used, a device that works on its own would have to be waited for.
    """
    group, fetch = launched
    del launched
    scores = fetch()
    if take and (features := model.features()) is not None:
        for patch, own in zip(group, features, strict=True):
            take(patch, own)
    with np.errstate(invalid="ignore"):  # of infinities that cancel out
        total = scores.sum()
    windows = [patch.window for patch in group]
    yield from (
        Patch(patch.window, score, patch.valid) for patch, score in zip(group, scores, strict=True)
    )
    if not isfinite(float(total)):
        places = " or ".join(f"row {window.top}, column {window.left}" for window in windows)
        raise RunError(
            f"the network gives no numbers for the {windows[0].shape[0]} px tile at {places}",
            "scores from 0 to 1",
            "try --precision fp32; if that gives none either, the model is damaged, or the "
            "scene's values are not"
            " what it was trained on (see --scale and --nodata)",
        )


def _fetch(model: Model, group: Sequence[Patch]) -> Fetch:
    known = [
        _everywhere(patch.window.shape) if patch.valid is None else patch.valid for patch in group
    ]
    return model.launch(_stack([patch.data for patch in group]), _stack(known))


@lru_cache(1)
def _everywhere(shape: tuple[int, int]) -> npt.NDArray[np.bool_]:
    return np.ones(shape, bool)


def _stack(arrays: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    return arrays[0][None] if len(arrays) == 1 else np.stack(arrays)  # one needs no copy
