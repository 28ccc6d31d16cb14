"""Measuring: statistics of the training data, the confusion matrix over scenes held out, single
patches.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ..core.card import Band, ModelCard
from ..core.events import Report, silent, watch
from ..core.grid import Grid, Patch, Tiling, Window
from ..core.options import Options
from ..core.tiling import ColumnBand, choose_tiling
from ..evaluation.calibrate import PixelSample
from ..models.torch_model import activate
from ..prediction.stitch import stitch
from .augment import Augment, Linear
from .breakdown import SceneCounts
from .config import Config
from .learner import Learner
from .prepare import Data
from .samples import BLOCK, Pool
from .scene_label import Crop, Pair, told_for_certain, truth_for

WINDOWS = 200  # patches that are looked at one by one, at most
LONGEST = 8192  # pixels along a piece that is mapped in one go
LEAST = 0.1  # share of a patch that must be labelled, to be shown


def measure_card(data: Data, augment: Augment, start: ModelCard | None) -> ModelCard:
    """Return the card with what the training data tell: the bands' statistics, how many scenes.

    Parameters
    ----------
    data
        What is trained on; what is held out does not count.
    augment
        Shows crops in either processing level, as training does.
    start
        The card of the model that the training starts from, named on the new one; None is none.

    Returns
    -------
    ModelCard
        Without stride, scores and temperature.
    """
    pool = data.pools["training"]
    scenes = len({sample.files for sample in pool.samples})
    begun = f", starting from {start.name}" if start else ""
    draft = data.config.draft()
    return replace(
        draft,
        bands=measure_bands(data.config, pool, augment),
        trained_on=draft.trained_on or f"{scenes} scene{'' if scenes == 1 else 's'}{begun}",
    )


def measure_bands(
    config: Config, pool: Pool, augment: Augment, crops: int = 400
) -> tuple[Band, ...]:
    """Return the bands with mean, standard deviation, 1st and 99th percentile of values.

    Parameters
    ----------
    config
        Its seed and balance draw the crops; a band's own mean and std come first.
    pool
        The training part.
    augment
        Shows every second crop in the sensor's other processing level; nothing else is changed.
    crops
        So many, of 64 x 64 pixels, are drawn; invalid pixels do not count.

    Returns
    -------
    tuple of Band
        Statistics in values, six digits after the point; std at least 1e-6.
    """
    rng = np.random.default_rng(config.training.seed)
    found = []
    for _ in range(crops):
        crop, index = pool.draw(rng, 64, config.training.balance, 0.0, 1.0)
        change = augment.level(pool.samples[index].level, rng)
        found.append(change.apply(crop.pixels)[:, crop.valid])
    values = np.concatenate(found, axis=1) * config.scaling.scale + config.scaling.offset
    low, high = np.percentile(values, (1, 99), axis=1)
    measured = zip(
        config.draft().bands,
        config.bands,
        values.mean(axis=1),
        values.std(axis=1),
        low,
        high,
        strict=True,
    )
    return tuple(
        replace(
            band,
            mean=round(float(m), 6) if given.mean is None else given.mean,
            std=max(round(float(s), 6), 1e-6) if given.std is None else given.std,
            low=round(float(a), 6),
            high=round(float(b), 6),
        )
        for band, given, m, s, a, b in measured
    )


@torch.inference_mode()
def count_scenes(
    learner: Learner,
    pool: Pool,
    changes: Sequence[Linear | None] | None = None,
    budget: float | None = None,
    report: Report = silent,
) -> SceneCounts:
    """Map every scene of the pool with the averaged weights, tiles blended as in inference; compare
    with its labels.

    Parameters
    ----------
    learner
        The network. Several processes take turns at the regions of scenes; all must call this.
    pool
        The part that is mapped, where it holds labels.
    changes
        Turns each scene's digital numbers into another processing level first, in the order of the
        pool's pairs; None changes nothing.
    budget
        About how many pixels: blocks spread evenly over a larger pool stand for all of it. None
        maps all.
    report
        Told how far it is.

    Returns
    -------
    SceneCounts
        Of the pool's pairs in their order, summed over all processes.
    """
    count = len(learner.card.labels)
    found = SceneCounts.empty(len(pool.pairs), len(pool.meanings), count)
    every = 1 if budget is None else nth(pool, budget)
    jobs = [
        (index, region) for index, pair in enumerate(pool.pairs) for region in _regions(pair, every)
    ]
    own = jobs[learner.ranks.rank :: learner.ranks.size]
    total = sum(region.area for _, region in own)
    for index, region in watch(own, lambda job: job[1].area, total, report, "measure"):
        pair = pool.pairs[index]
        change = changes[index] if changes else None
        tiling = _card_tiling(pair.grid, learner.card)
        whole = ColumnBand(region)
        scores = _scores(learner, pair, tiling, whole, change)
        for piece in stitch(scores, tiling, whole, count):
            target = pair.read(piece.window).target
            mapped, percent = piece.data
            truth = truth_for(target, mapped, pair.several, pair.meanings.sets)
            found.add(index, truth, mapped, percent)
    parts = (found.matrices, found.pixels, found.right)
    return SceneCounts(*(learner.ranks.total(torch.from_numpy(part)).numpy() for part in parts))


def nth(pool: Pool, budget: float) -> int:
    """Return of how many blocks of a pool one is mapped to keep to a budget.

    Parameters
    ----------
    pool
        The part that is mapped.
    budget
        Pixels.

    Returns
    -------
    int
        1 where all are.
    """
    return max(1, round(float(pool.areas.sum()) / budget))


def _regions(pair: Pair, every: int) -> list[Window]:
    """Return the windows of a scene that are mapped: all that belong to its part, or every so
    many-th piece.
    """
    if every == 1:
        return [region for area in pair.areas for region in area.blocks(LONGEST, LONGEST)]
    return [block for area in pair.areas for block in area.blocks(BLOCK, BLOCK)][::every]


def _scores(
    learner: Learner, pair: Pair, tiling: Tiling, columns: ColumnBand, change: Linear | None
) -> Iterator[Patch]:
    """Yield the scores of the tiles that hold labels: what no tile covers is unlabelled."""
    card = learner.card
    for tile in columns.tiles(tiling):
        crop = pair.read(tile) if pair.worth(tile) else None
        if crop is not None and crop.target.any():
            logits = score(learner, crop, change) / card.temperature
            yield Patch(tile, activate(logits, card.activation, dim=0).cpu().numpy())


def _card_tiling(grid: Grid, card: ModelCard) -> Tiling:
    """Return the card's own tiles over a scene, which are the same on every machine."""
    own = Options.of(tile=card.tile, overlap=min(card.overlap, card.tile // 2))
    return choose_tiling(grid, card, own)


def score(learner: Learner, crop: Crop, change: Linear | None = None) -> torch.Tensor:
    """Return the averaged network's logits of one crop.

    Parameters
    ----------
    learner
        The network, and how pixels are scaled for it.
    crop
        Digital numbers of a size that the network's stride divides.
    change
        Into another processing level first; None changes nothing.

    Returns
    -------
    Tensor
        Float32 [label, row, column], on the learner's device: of the classes alone.
    """
    pixels = change.apply(crop.pixels) if change else crop.pixels
    tensors = (
        torch.from_numpy(np.ascontiguousarray(array))[None].to(learner.device)
        for array in (pixels, crop.valid)
    )
    values = learner.normalise(*tensors).contiguous(memory_format=torch.channels_last)
    logits: torch.Tensor = learner.average(values)[0].float()
    return logits[: len(learner.card.labels)]


@dataclass(frozen=True, slots=True)
class Seen:
    """One patch that was mapped, for the report."""

    where: str
    """Where it lies, in words."""
    crop: Crop
    """Its pixels and labels."""
    truth: npt.NDArray[np.uint8]
    """What it truly is: places among the meanings [row, column], NODATA where unlabelled."""
    mapped: npt.NDArray[Any]
    """Class indices [row, column]."""
    right: float
    """Share of the labelled pixels that got a class which their label may mean, 0 to 1."""


@torch.inference_mode()
def map_patches(
    learner: Learner, pool: Pool, side: int, sample: PixelSample, shown: int = 4
) -> tuple[list[Seen], list[Seen]]:
    """Map patches one by one, tell the best and the worst, and add the logits of all to a sample.

    Parameters
    ----------
    learner
        The network.
    pool
        The part that the patches are spread evenly over; those with few labels are left out.
    side
        Of the patches, in pixels; rounded up to a multiple of the stride.
    sample
        Takes the logits and the truth that is certain, of all patches.
    shown
        At most so many of the best, and of the worst.

    Returns
    -------
    tuple of two lists
        The best from the best on, the worst from the worst on; no patch is in both.
    """
    side = -(-side // learner.card.stride) * learner.card.stride
    jobs = [
        (pair, window)
        for pair in pool.pairs
        for area in pair.areas
        for window in area.blocks(side, side)
    ]
    seen: list[Seen] = []
    jobs = [(pair, window) for pair, window in jobs if pair.worth(window)]
    for number, (pair, window) in enumerate(jobs[:: max(1, -(-len(jobs) // WINDOWS))]):
        placed = _inside(window, pair.grid, side)
        crop = pair.read(placed)
        known = crop.target.any(axis=0)
        if known.mean() < LEAST:
            continue
        logits = score(learner, crop).cpu().numpy()
        mapped = logits.argmax(axis=0)
        truth = truth_for(crop.target, mapped, pair.several, pair.meanings.sets)
        sample.add(logits, told_for_certain(crop.target, pair.several, len(logits)))
        right = pair.meanings.members[truth[known], mapped[known]]
        seen.append(Seen(_where(pair, placed), crop, truth, mapped, float(right.mean())))
        if number % 50 == 49:  # few stay in memory
            seen = _ends(seen, shown)
    ranked = sorted(seen, key=lambda patch: -patch.right)
    some = min(shown, len(ranked) // 2) or len(ranked)
    return ranked[:some], ranked[::-1][:some] if len(ranked) > 1 else []


def _where(pair: Pair, window: Window) -> str:
    """Return where a patch lies, so that somebody can look it up."""
    sample = pair.share.sample
    name = PurePath(sample.files[0]).name
    place = f"{sample.place}, " if sample.place else ""
    return f"{place}{name}, row {window.top}, column {window.left}"


def _inside(window: Window, grid: Grid, side: int) -> Window:
    """Return a square window there, moved so that it hangs over no edge that it need not."""
    top = max(0, min(window.top, grid.height - side))
    left = max(0, min(window.left, grid.width - side))
    return Window(top, left, top + side, left + side)


def _ends(seen: list[Seen], shown: int) -> list[Seen]:
    ranked = sorted(seen, key=lambda patch: -patch.right)
    return ranked if len(ranked) <= 2 * shown else [*ranked[:shown], *ranked[-shown:]]
