"""Measuring: band statistics of the training data, and the confusion matrix over scenes held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from ..card import Band
from ..evaluate import Confusion
from ..grid import Tiling
from .augment import Augment, Linear, as_image
from .config import Config
from .pairs import dominant
from .samples import Pool

TILE = 512


def measure_bands(config: Config, pool: Pool, augment: Augment, crops: int = 400) -> tuple[Band, ...]:
    """Return the bands with mean, std, 1st and 99th percentile of values, over random crops in all levels."""
    rng = np.random.default_rng(config.training.seed)
    found = []
    for _ in range(crops):
        crop, index = pool.draw(rng, 64, config.training.balance, 0.0, 1.0)
        change = augment.level(pool.samples[index].level, rng)
        pixels = np.maximum(crop.pixels * as_image(change.gain) + as_image(change.offset), 0)
        found.append(pixels[:, crop.valid])
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
def confusion(
    network: torch.nn.Module,
    normalise: torch.nn.Module,
    pool: Pool,
    labels: int,
    changes: Sequence[Linear | None] | None = None,
) -> Confusion:
    """Map every scene of the pool in windows, and compare with its labels.

    `changes` turns each scene's numbers into another processing level first.
    """
    network.eval()
    device = next(network.parameters()).device
    total = Confusion.of(labels)
    for index, pair in enumerate(pool.pairs):
        change = changes[index] if changes else None
        side = min(TILE, -(-max(pair.grid.height, pair.grid.width) // 32) * 32)
        for window in Tiling(pair.grid.height, pair.grid.width, side, 0).tiles():
            crop = pair.read(window)
            pixels = crop.pixels.astype(np.float32)
            if change is not None:
                pixels = np.maximum(pixels * as_image(change.gain) + as_image(change.offset), 0)
            valid = torch.from_numpy(np.ascontiguousarray(crop.valid))[None].to(device)
            values = normalise(torch.from_numpy(np.ascontiguousarray(pixels))[None].to(device), valid)
            best = network(values.contiguous(memory_format=torch.channels_last))[0].argmax(0)
            total.add(dominant(crop.target), best.cpu().numpy())
    return total
