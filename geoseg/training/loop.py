"""The training loop, on one page: crops in, a model bundle out."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from ..architectures.context import pools_globally, stride_of
from ..core.card import ModelCard
from ..core.errors import InputError, OutputError, RunError
from ..core.events import Noted, Progress, Report, silent
from ..core.machine import keep_memory
from ..core.threads import prefetch
from ..evaluation.metrics import Confusion, accuracy, mean_iou
from ..models import Bundle
from ..models.safetensors import write_bundle
from .augment import Augment
from .checkpoint import Checkpointer
from .config import Config
from .finish import evaluate_and_calibrate
from .learner import Batch, Learner
from .log import Log
from .losses import class_weights
from .measure import confusion, measure_bands, nth
from .optimisers import check_optimiser
from .partial_labels import countable
from .prepare import Data, prepare
from .ranks import Ranks, join_ranks
from .samples import Pool
from .transfer import adopt


def train(
    config: Config,
    out: Path,
    resume: bool = False,
    start: Bundle | None = None,
    device: str = "auto",
    report: Report = silent,
    quiet: bool = True,
) -> ModelCard:
    """Train as configured; `out` gets the bundle, split.json, log.csv, report.html and the last
    checkpoint.

    With `resume` the run goes on from the checkpoint in `out`, and ends as if it had never
    stopped (on the same machine). It begins with the weights of `start`, where one is given.
    Several processes, started by torchrun, work as one.
    """
    keep_memory()
    torch.manual_seed(config.training.seed)
    if config.training.threads:
        torch.set_num_threads(config.training.threads)
    make_folder(out)
    with join_ranks(device) as world:
        check_batch(config, world)
        check_optimiser(config.training)
        say = report if world.first else silent
        data = prepare(config, out, start.card if start else None, say, world.first)
        augment = Augment(data.config.augment, data.config.bands, data.config.scaling)
        card = replace(
            data.config.draft(),
            bands=measure_bands(data.config, data.pools["training"], augment),
            trained_on=data.config.card.trained_on or counted(data, start),
        )
        learner = make_learner(data, card, start, world, say)
        known = run(data, learner, augment, out, resume, say, quiet or not world.first)
        card = evaluate_and_calibrate(data, learner, out, finished(learner), known, say)
        if world.first:
            write_bundle(out, card, learner.average.state_dict())
        world.wait()
    return card


def counted(data: Data, start: Bundle | None) -> str:
    """Return what the network is trained on: what is held out does not count."""
    scenes = len({sample.files for sample in data.pools["training"].samples})
    begun = f", starting from {start.card.name}" if start else ""
    return f"{scenes} scene{'' if scenes == 1 else 's'}{begun}"


def make_folder(out: Path) -> None:
    """Make the folder of the bundle; OutputError where there can be none, or nothing can be
    written in it.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"{out} cannot be a folder: {error.strerror}", do="choose another --out"
        ) from error
    if not os.access(out, os.W_OK | os.X_OK):
        raise OutputError(f"the folder {out} cannot be written", do="choose another --out")


def check_batch(config: Config, world: Ranks) -> None:
    """Refuse a batch that does not come out even over processes and parts."""
    pieces = world.size * config.training.accumulate
    if config.training.batch % pieces:
        raise InputError(
            f"training.batch = {config.training.batch}",
            f"a multiple of {pieces}: {world.size} processes, {config.training.accumulate} "
            "parts each",
        )


def make_learner(
    data: Data, card: ModelCard, start: Bundle | None, world: Ranks, report: Report
) -> Learner:
    """Return the network that learns: fresh, with its encoder's own weights, or from a model
    that exists.
    """
    weights, kept = adopt(start, card) if start else (None, [])
    for line in kept:
        report(Noted(line))
    pool = data.pools["training"]
    counts = pool.meanings.share_evenly(pool.labelled).tolist()
    learner = Learner(card, data.config, world, weights, class_weights(data.config.loss, counts))
    learner.card = fit_stride(card, learner.average, data.config.training.crop)
    return learner


def fit_stride(card: ModelCard, network: torch.nn.Module, crop: int) -> ModelCard:
    """Return the card with the network's stride; InputError where crops or windows are no
    multiples of it.
    """
    stride = stride_of(network)
    for name, side in (("training.crop", crop), ("card.tile", card.tile)):
        if side % stride:
            raise InputError(
                f"{name} = {side}",
                f"a multiple of {stride}, which is what this {card.architecture} takes",
                f"such as {-(-side // stride) * stride}",
            )
    return replace(card, stride=stride)


def run(
    data: Data,
    learner: Learner,
    augment: Augment,
    out: Path,
    resume: bool,
    report: Report,
    quiet: bool,
) -> Confusion | None:
    """Take the steps, and validate, log and save every so often; the learner ends with the weights
    that ship.

    Return what is known of these on the validation part, where all of it was mapped.
    """
    steps = data.config.training.steps
    config = data.config.training
    world = learner.world
    keeper = Checkpointer(learner, data, out / "checkpoint.pt")
    first = keeper.resume() if resume else 0
    found: Confusion | None = None
    losses: list[float] = []  # since the last line of the log
    if first:
        report(Noted(f"resumed after step {first}"))
    begun = time.monotonic()
    log = Log(out / "log.csv", first) if world.first else None
    bar = tqdm(
        range(first, steps),
        total=steps,
        initial=first,
        unit="step",
        disable=quiet,
        dynamic_ncols=True,
    )
    for step, batch in zip(
        bar, batches(data.config, data.pools["training"], augment, first, world), strict=True
    ):
        if keeper.enough:
            break
        torch.manual_seed(
            config.seed + step
        )  # of dropout: the same whether the run was stopped before or not
        rate = schedule(step, config.warmup, steps)
        loss = learner.learn(batch, rate, min(config.ema, (1 + step) / (10 + step)))
        if not math.isfinite(loss):
            raise RunError(
                f"the loss is {loss} at step {step + 1}",
                do="train with a lower rate, or more warm-up",
            )
        if quiet:  # where no bar is shown, a program may show one
            report(
                Progress("train", step + 1, steps, time.monotonic() - begun, str(learner.device))
            )
        losses.append(loss)
        if (step + 1) % config.validate_every == 0 or step + 1 == steps:
            found = validate(learner, data.pools["validation"], config.validate_mpx * 1e6)
            known = countable(found.matrix, learner.meanings)
            right = accuracy(known)
            overlap = mean_iou(known)
            mean = world.mean(losses)
            losses.clear()
            # before the checkpoint: a line too many is dropped on resuming, one that lacks stays
            # away
            if log:
                log.write(step + 1, mean, rate * config.rate, right, overlap)
                bar.set_postfix(
                    loss=f"{mean:.3f}", accuracy=f"{right:.3f}", mean_iou=f"{overlap:.3f}"
                )
            keeper.keep(step + 1, overlap)
    if log:
        log.close()
    for line in keeper.choose():
        report(Noted(line))
    whole = nth(data.pools["validation"], config.validate_mpx * 1e6) == 1
    return found if whole and not config.patience else None  # with patience, other weights may ship


def validate(learner: Learner, pool: Pool, budget: float) -> Confusion:
    """Return the confusion of the validation part, or of so many pixels spread over it."""
    learner.world.agree(learner.average)
    return confusion(learner, pool, budget=budget)


def finished(learner: Learner) -> ModelCard:
    """Return the card with what is known of the network now."""
    card = learner.card
    return replace(
        card,
        fixed_tile=pools_globally(learner.average, len(card.bands), card.stride),
        parameters=sum(parameter.numel() for parameter in learner.average.parameters()),
        created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        framework_version=torch.__version__,
    )


def batches(
    config: Config, pool: Pool, augment: Augment, first: int, world: Ranks | None = None
) -> Iterator[Batch]:
    """Yield this process's share of the batches from step `first` on.

    A crop depends on the seed, its step and its number alone: a resumed run agrees with one
    that was never stopped, and several processes together see what one would.
    """
    run = config.training
    world = world or Ranks()

    def make(step: int) -> Batch:
        crops = []
        for number in range(world.rank, run.batch, world.size):
            rng = np.random.default_rng([run.seed, step, number])
            crop, index = pool.draw(
                rng,
                run.crop,
                run.balance,
                config.augment.mix,
                config.augment.zoom,
                config.augment.blend,
            )
            crops.append(augment(crop, pool.samples[index].level, rng))
        pixels, valid, target = (
            np.stack([getattr(c, name) for c in crops]) for name in ("pixels", "valid", "target")
        )
        return torch.from_numpy(pixels), torch.from_numpy(valid), torch.from_numpy(target)

    return prefetch(make, range(first, run.steps), threads=run.readers, depth=run.readers + 2)


def schedule(step: int, warmup: int, steps: int) -> float:
    """Return the share of the peak learning rate: a linear rise, then half a cosine down to 1 %."""
    if step < warmup:
        return (step + 1) / warmup
    return 0.01 + 0.99 * (1 + math.cos(math.pi * (step - warmup) / max(steps - warmup, 1))) / 2
