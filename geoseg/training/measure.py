"""Measuring: band statistics of the training data, and the confusion matrix over scenes held out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import torch

from ..card import Band
from ..evaluate import Confusion
from ..grid import Grid, Tiling, Window
from .augment import Augment, Linear
from .config import Config
from .learner import Learner
from .pairs import Crop, dominant
from .samples import Pool

TILE = 512


def measure_bands(config: Config, pool: Pool, augment: Augment, crops: int = 400) -> tuple[Band, ...]:
    """Return the bands with mean, std, 1st and 99th percentile of values, over random crops in all levels."""
    rng = np.random.default_rng(config.training.seed)
    found = []
    for _ in range(crops):
        crop, index = pool.draw(rng, 64, config.training.balance, 0.0, 1.0)
        change = augment.level(pool.samples[index].level, rng)
        found.append(change.apply(crop.pixels)[:, crop.valid])
    values = np.concatenate(found, axis=1) * config.scaling.scale + config.scaling.offset
    low, high = np.percentile(values, (1, 99), axis=1)
    measured = zip(config.draft().bands, config.bands, values.mean(axis=1), values.std(axis=1), low, high, strict=True)
    return tuple(
        replace(
            band,
            mean=round(float(m), 6) if given.mean is None else given.mean,
            std=round(float(s), 6) if given.std is None else given.std,
            low=round(float(a), 6),
            high=round(float(b), 6),
        )
        for band, given, m, s, a, b in measured
    )


@torch.inference_mode()
def confusion(learner: Learner, pool: Pool, changes: Sequence[Linear | None] | None = None) -> Confusion:
    """Map every scene of the pool with the averaged weights, window by window, and compare with its labels.

    `changes` turns each scene's numbers into another processing level first.
    """
    total = Confusion.of(len(learner.card.labels))
    for index, pair in enumerate(pool.pairs):
        change = changes[index] if changes else None
        for window in windows(pair.grid, learner.card.stride):
            crop = pair.read(window)
            total.add(dominant(crop.target), best(learner, crop, change))
    return total


def windows(grid: Grid, stride: int) -> Iterator[Window]:
    """Yield squares that cover a scene, of a side that the network takes; small scenes are one square."""
    side = min(TILE, -(-max(grid.height, grid.width) // stride) * stride)
    return Tiling(grid.height, grid.width, side, 0).tiles()


def best(learner: Learner, crop: Crop, change: Linear | None) -> npt.NDArray[np.uint8]:
    """Return the index of the likeliest class of each pixel."""
    pixels = crop.pixels if change is None else change.apply(crop.pixels)
    tensors = (torch.from_numpy(np.ascontiguousarray(array))[None].to(learner.device) for array in (pixels, crop.valid))
    values = learner.normalise(*tensors).contiguous(memory_format=torch.channels_last)
    found: npt.NDArray[np.uint8] = learner.average(values)[0].argmax(0).to(torch.uint8).cpu().numpy()
    return found
