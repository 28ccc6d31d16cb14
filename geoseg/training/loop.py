"""The training loop, on one page: crops in, a model bundle out."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from ..allocator import keep_memory
from ..architectures import build
from ..architectures.context import pools_globally
from ..card import ModelCard
from ..evaluate import accuracy, mean_iou
from ..flow import read_ahead
from ..models.bundle import write_bundle
from ..models.normalise import Normalise
from .augment import Augment
from .config import Config
from .losses import dice, soft_cross_entropy
from .measure import confusion, measure_bands
from .pretrained import fill_encoder
from .report import Log, test_scores
from .samples import Pool, read_samples, split

Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def train(config: Config, out: Path, resume: bool = False) -> ModelCard:
    """Train as configured; `out` gets the bundle, split.json, log.csv and the last checkpoint."""
    run = config.training
    keep_memory()
    torch.manual_seed(run.seed)
    if run.threads:
        torch.set_num_threads(run.threads)
    out.mkdir(parents=True, exist_ok=True)

    draft = config.draft()
    parts = split(read_samples(config.folder / config.data.samples), config.data.validation, config.data.test)
    places = {part: sorted({sample.place for sample in samples}) for part, samples in parts.items()}
    (out / "split.json").write_text(json.dumps(places, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    pools = {part: Pool(samples, draft, config.data.labels) for part, samples in parts.items()}
    augment = Augment(config.augment, config.bands, config.scaling)
    card = replace(draft, bands=measure_bands(config, pools["training"], augment))

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network = build(card.architecture, len(card.bands), len(card.labels), card.hyperparameters)
    card = replace(card, fixed_tile=pools_globally(network, len(card.bands), card.stride))
    if config.network.pretrained:
        fill_encoder(network, config.network.pretrained, [band.common_name for band in card.bands])
    network = network.to(device).to(memory_format=torch.channels_last)
    average = deepcopy(network).requires_grad_(False)
    normalise = Normalise(card.bands, card.scaling).to(device)
    optimiser = torch.optim.AdamW(network.parameters(), lr=run.rate, weight_decay=run.weight_decay)

    checkpoint, first = out / "checkpoint.pt", 0
    if resume and checkpoint.exists():
        first = load(checkpoint, network, average, optimiser)
    log = Log(out / "log.csv", first)
    for step, (pixels, valid, target) in tqdm(
        enumerate(batches(config, pools["training"], augment, first), first), total=run.steps, initial=first, unit="step"
    ):
        for group in optimiser.param_groups:
            group["lr"] = run.rate * schedule(step, run.warmup, run.steps)
        values = normalise(pixels.to(device), valid.to(device)).contiguous(memory_format=torch.channels_last)
        shares = target.to(device).float()
        total = shares.sum(dim=1)
        shares, weight = shares / total.unsqueeze(1).clamp(min=1), (total > 0).float()
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):  # slower on most processors
            logits = network.train()(values)
        loss = soft_cross_entropy(logits.float(), shares, weight)
        if run.dice:
            loss = loss + run.dice * dice(logits.float(), shares, weight)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        follow(average, network, min(run.ema, (1 + step) / (10 + step)))
        log.add(loss.item())

        if (step + 1) % run.validate_every == 0 or step + 1 == run.steps:
            matrix = confusion(average, normalise, pools["validation"], len(card.labels)).matrix
            log.write(step + 1, accuracy(matrix), mean_iou(matrix))
            save(checkpoint, step + 1, network, average, optimiser)

    card = replace(
        card,
        scores=test_scores(config, average, normalise, pools["test"]),
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        framework_version=torch.__version__,
    )
    write_bundle(out, card, average.state_dict())
    return card


def batches(config: Config, pool: Pool, augment: Augment, first: int) -> Iterator[Batch]:
    """Yield the batches from step `first` on; a step's batch depends on seed and step alone, so a resumed run agrees."""
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


@torch.no_grad()
def follow(average: torch.nn.Module, network: torch.nn.Module, decay: float) -> None:
    """Move the average's weights and statistics towards the network's."""
    for mine, its in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if mine.is_floating_point():
            mine.lerp_(its, 1 - decay)
        else:
            mine.copy_(its)


def save(
    path: Path, step: int, network: torch.nn.Module, average: torch.nn.Module, optimiser: torch.optim.Optimizer
) -> None:
    """Write all that is needed to go on; the file appears whole or not at all."""
    part = path.with_suffix(".part")
    state = {"step": step, "network": network.state_dict(), "average": average.state_dict()}
    torch.save(state | {"optimiser": optimiser.state_dict()}, part)
    part.replace(path)


def load(
    path: Path, network: torch.nn.Module, average: torch.nn.Module, optimiser: torch.optim.Optimizer
) -> int:
    """Read a checkpoint, as data only, and return the step to go on with."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    network.load_state_dict(state["network"])
    average.load_state_dict(state["average"])
    optimiser.load_state_dict(state["optimiser"])
    return int(state["step"])
