"""The training loop, on one page: crops in, a model bundle out."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from ..allocator import keep_memory
from ..architectures.context import pools_globally
from ..card import ModelCard
from ..flow import read_ahead
from ..models.bundle import write_bundle
from .augment import Augment
from .config import Config
from .learner import Batch, Learner
from .measure import measure_bands
from .report import Log, test_scores, validate
from .samples import Pool, Sample, read_samples, split


def train(config: Config, out: Path, resume: bool = False) -> ModelCard:
    """Train as configured; `out` gets the bundle, split.json, log.csv and the last checkpoint.

    With `resume` the run goes on from the checkpoint in `out`, and ends as if it had never
    stopped (on the same machine).
    """
    run = config.training
    keep_memory()
    torch.manual_seed(run.seed)
    if run.threads:
        torch.set_num_threads(run.threads)
    out.mkdir(parents=True, exist_ok=True)
    pools = open_pools(config, out)
    augment = Augment(config.augment, config.bands, config.scaling)
    card = replace(config.draft(), bands=measure_bands(config, pools["training"], augment))
    learner = Learner(card, config)
    checkpoint = out / "checkpoint.pt"
    first = learner.load(checkpoint) if resume and checkpoint.exists() else 0
    log = Log(out / "log.csv", first)

    steps = tqdm(range(first, run.steps), total=run.steps, initial=first, unit="step")
    for step, batch in zip(steps, batches(config, pools["training"], augment, first), strict=True):
        torch.manual_seed(run.seed + step)  # of dropout: the same whether the run was stopped before or not
        log.add(learner.learn(batch, schedule(step, run.warmup, run.steps), min(run.ema, (1 + step) / (10 + step))))
        if (step + 1) % run.validate_every == 0 or step + 1 == run.steps:
            log.write(step + 1, *validate(learner, pools["validation"]))
            learner.save(checkpoint, step + 1)

    card = replace(
        card,
        scores=test_scores(config, learner, pools["test"]),
        fixed_tile=pools_globally(learner.average, len(card.bands), card.stride),
        parameters=sum(parameter.numel() for parameter in learner.average.parameters()),
        created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        framework_version=torch.__version__,
    )
    write_bundle(out, card, learner.average.state_dict())
    return card


def open_pools(config: Config, out: Path) -> dict[str, Pool]:
    """Share the samples out by place, write down which place went where, and open them."""
    samples = read_samples(config.folder / config.data.samples)
    parts = split(samples, config.data.validation, config.data.test)
    (out / "split.json").write_text(json.dumps(_places(parts), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    draft = config.draft()
    return {part: Pool(chosen, draft, config.data.labels, part) for part, chosen in parts.items()}


def _places(parts: dict[str, list[Sample]]) -> dict[str, list[str]]:
    return {part: sorted({sample.place for sample in chosen}) for part, chosen in parts.items()}


def batches(config: Config, pool: Pool, augment: Augment, first: int) -> Iterator[Batch]:
    """Yield the batches from step `first` on; a batch depends on seed and step alone, so a resumed run agrees."""
    run = config.training

    def make(step: int) -> Batch:
        rng = np.random.default_rng([run.seed, step])
        crops = []
        for _ in range(run.batch):
            crop, index = pool.draw(rng, run.crop, run.balance, config.augment.mix, config.augment.zoom)
            crops.append(augment(crop, pool.samples[index].level, rng))
        pixels, valid, target = (np.stack([getattr(c, name) for c in crops]) for name in ("pixels", "valid", "target"))
        return torch.from_numpy(pixels), torch.from_numpy(valid), torch.from_numpy(target)

    return read_ahead(make, range(first, run.steps), threads=1, depth=3)


def schedule(step: int, warmup: int, steps: int) -> float:
    """Return the share of the peak learning rate: a linear rise, then half a cosine down to 1 %."""
    if step < warmup:
        return (step + 1) / warmup
    return 0.01 + 0.99 * (1 + math.cos(math.pi * (step - warmup) / max(steps - warmup, 1))) / 2
