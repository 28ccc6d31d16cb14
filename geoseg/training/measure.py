"""Measuring: band statistics of the training data, and the confusion matrix over scenes held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from ..card import Band, ModelCard
from ..evaluate import Confusion
from ..grid import Grid, Tiling, Window
from ..parts import Part
from ..stitch import Patch, stitch
from .augment import Augment, Linear
from .config import Config
from .learner import Learner
from .pairs import Crop, dominant
from .samples import Pool


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
    """Map every scene of the pool with the averaged weights, tiles blended as in inference; compare with its labels.

    `changes` turns each scene's numbers into another processing level first.
    """
    total = Confusion.of(len(learner.card.labels))
    for index, pair in enumerate(pool.pairs):
        tiling = lattice(pair.grid, learner.card)
        change = changes[index] if changes else None
        patches = (score(learner, pair.read(tile), tile, change) for tile in tiling.tiles())
        for piece in stitch(patches, tiling, Part(pair.grid.extent), len(learner.card.labels)):
            total.add(dominant(pair.read(piece.window).target), piece.data[0])
    return total


def lattice(grid: Grid, card: ModelCard) -> Tiling:
    """Return the card's tiles over a scene; a scene smaller than a tile is one tile of its size."""
    needed = -(-max(grid.height, grid.width) // card.stride) * card.stride
    side = min(card.tile, needed)
    return Tiling(grid.height, grid.width, side, min(card.overlap, side // 2))


def score(learner: Learner, crop: Crop, tile: Window, change: Linear | None) -> Patch:
    """Return the probabilities of each class [label, row, column] in one tile."""
    pixels = change.apply(crop.pixels) if change else crop.pixels
    tensors = (torch.from_numpy(np.ascontiguousarray(array))[None].to(learner.device) for array in (pixels, crop.valid))
    values = learner.normalise(*tensors).contiguous(memory_format=torch.channels_last)
    return Patch(tile, torch.softmax(learner.average(values)[0].float(), dim=0).cpu().numpy())
