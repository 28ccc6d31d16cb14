"""The training, on one page: crops in, a model bundle out."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from tqdm import tqdm

from ..core.card import ModelCard
from ..core.errors import InputError, OutputError, RunError
from ..core.events import Noted, Progress, Report, silent
from ..core.machine import keep_memory
from ..core.threads import prefetch
from ..evaluation.metrics import accuracy, mean_iou
from ..models import Bundle
from ..models.safetensors import write_bundle
from ..models.torch_model import open_network
from .augment import Augment
from .breakdown import SceneCounts
from .checkpoint import Checkpointer
from .config import Config
from .depth import code_depth
from .finish import evaluate_and_calibrate
from .known import know_features, know_spectra
from .learner import Batch, Learner, make_learner
from .log import Log
from .measure import count_scenes, measure_card, nth
from .optimisers import check_optimiser
from .partial_labels import countable
from .prepare import Data, prepare
from .ranks import Ranks, join_ranks
from .samples import Pool
from .scene_label import Crop
from .twin import check_twin, hold_nothing_out


def train(
    config: Config,
    out: Path,
    resume: bool = False,
    start: Bundle | None = None,
    device: str = "auto",
    report: Report = silent,
    quiet: bool = True,
    twin: Bundle | None = None,
) -> ModelCard:
    """Train as configured: samples, network, steps, scores, bundle.

    Several processes, started by torchrun, work as one.

    Parameters
    ----------
    config
        What the user said; what it leaves out is found in the scenes or in `start`.
    out
        Folder that gets the bundle, split.json, log.csv, report.html and the last checkpoint.
    resume
        Go on from the checkpoint in `out`: the run ends as if it had never stopped (on the same
        machine).
    start
        A model whose weights the network begins with; None begins fresh.
    device
        "auto", "cpu", "cuda" or "cuda:1".
    report
        Called with each event, by the first process only.
    quiet
        Show no bar; each step is then an event.
    twin
        A model trained alike without what it was measured on. Nothing is held out then, and the
        card has the twin's scores and temperature, and says whose they are.

    Returns
    -------
    ModelCard
        The card as it is written, with scores and temperature.

    Raises
    ------
    InputError
        If configuration, scenes or labels cannot be trained on.
    ModelError
        If the weights to begin with, or the checkpoint, cannot be used.
    OutputError
        If `out` can be no folder, or cannot be written.
    RunError
        If the loss is no number, or the disk is full.
    """
    keep_memory()
    if twin:
        config = hold_nothing_out(config)
    torch.manual_seed(config.training.seed)
    if config.training.threads:
        torch.set_num_threads(config.training.threads)
    with _folder(out), join_ranks(device) as ranks:
        _check_batch(config, ranks)
        check_optimiser(config.training)
        tell = report if ranks.first else silent

        data = prepare(config, out, start.card if start else None, tell, ranks.first)
        augment = Augment(data.config.augment, data.config.bands, data.config.scaling)
        card = measure_card(data, augment, start.card if start else None)
        learner = make_learner(data, card, start, ranks, tell)
        if twin:
            places = {sample.place for sample in data.pools["training"].samples}
            check_twin(learner.card, twin, places)
        known = take_steps(data, learner, augment, out, resume, tell, quiet or not ranks.first)
        card = evaluate_and_calibrate(data, learner, out, known, tell, twin, start)

        if ranks.first:
            card = know_spectra(data, augment, card, tell)
            network = deepcopy(learner.average)
            model = open_network(network, card, data.config.scaling, ranks.device)
            card = know_features(data, augment, card, model)
            write_bundle(out, card, learner.average.state_dict())
        ranks.wait()
    return card


def take_steps(
    data: Data,
    learner: Learner,
    augment: Augment,
    out: Path,
    resume: bool,
    report: Report,
    quiet: bool,
) -> SceneCounts | None:
    """Take the steps, and validate, log and save every so often; the learner ends with the weights
    that ship.

    Parameters
    ----------
    data
        Where crops are drawn from, and what validates.
    learner
        The network; what one step does stands in `Learner.learn`.
    augment
        How crops are changed.
    out
        Folder of log.csv and checkpoint.pt.
    resume
        Go on from the checkpoint, where there is one.
    report
        Told what is resumed and kept, and where no bar is shown of every step.
    quiet
        Show no bar.

    Returns
    -------
    SceneCounts or None
        The validation part's, by the weights that ship; None where only some of it was mapped, or
        by other weights.

    Raises
    ------
    RunError
        If the loss is no number.
    """
    run = data.config.training
    validation = data.pools["validation"]
    budget = run.validate_mpx * 1e6
    checkpointer = Checkpointer(learner, data, out / "checkpoint.pt")
    first = checkpointer.resume() if resume else 0
    if first:
        report(Noted(f"resumed after step {first}"))
    log = Log(out / "log.csv", first) if learner.ranks.first else None
    steps = range(first, run.steps)
    bar = tqdm(
        steps, total=run.steps, initial=first, unit="step", disable=quiet, dynamic_ncols=True
    )
    begun = time.monotonic()
    found: SceneCounts | None = None
    losses: list[float] = []  # since the last line of the log

    crops = batches(data.config, data.pools["training"], augment, first, learner.ranks)
    for step, batch in zip(bar, crops, strict=True):
        if checkpointer.enough:
            break
        # of dropout: the same whether the run was stopped before or not
        torch.manual_seed(run.seed + step)
        lr_scale = schedule(step, run.warmup, run.steps)
        loss = learner.learn(batch, lr_scale, ema_decay(step, run.ema))
        if not math.isfinite(loss):
            raise RunError(
                f"the loss is {loss} at step {step + 1}",
                do="train with a lower rate, or more warm-up",
            )
        losses.append(loss)
        if quiet:  # where no bar is shown, a program may show one
            seconds = time.monotonic() - begun
            report(Progress("train", step + 1, run.steps, seconds, str(learner.device)))

        if (step + 1) % run.validate_every == 0 or step + 1 == run.steps:
            found = validate(learner, validation, budget)
            known = countable(found.total, learner.meanings)
            scores = {"accuracy": accuracy(known), "mean_iou": mean_iou(known)}
            loss = learner.ranks.mean(losses)
            losses.clear()
            # before the checkpoint: a line too many is dropped on resuming, one that lacks stays
            # away
            if log:
                log.write(step + 1, loss, lr_scale * run.rate, **scores)
                bar.set_postfix({name: f"{x:.3f}" for name, x in {"loss": loss, **scores}.items()})
            checkpointer.keep(step + 1, scores["mean_iou"])

    if log:
        log.close()
    for line in checkpointer.restore_best():
        report(Noted(line))
    whole = nth(validation, budget) == 1
    return found if whole and not run.patience else None  # with patience, other weights may ship


def batches(
    config: Config, pool: Pool, augment: Augment, first: int, ranks: Ranks | None = None
) -> Iterator[Batch]:
    """Draw this process's share of the batches from step `first` on, ahead, by threads.

    A crop depends on the seed, its step and its number alone: a resumed run agrees with one
    that was never stopped, and several processes together see what one would.

    Parameters
    ----------
    config
        The complete configuration: size and number of crops, how they are drawn.
    pool
        The training part.
    augment
        How crops are changed.
    first
        The first step, from 0.
    ranks
        This process among those that learn as one; None is this one alone.

    Returns
    -------
    Iterator of Batch
        Pixels [n, band, row, column] in digital numbers, valid bool [n, row, column], target uint8
        [n, meaning, row, column], behind whose meanings the coded depth stands where there are
        things; one for each step that is left.
    """
    run = config.training
    changes = config.augment
    ranks = ranks or Ranks()

    def make(step: int) -> Batch:
        crops = []
        for number in range(ranks.rank, run.batch, ranks.size):
            rng = np.random.default_rng([run.seed, step, number])
            crop, index = pool.draw(
                rng, run.crop, run.balance, changes.mix, changes.zoom, changes.blend
            )
            crops.append(augment(crop, pool.samples[index].level, rng))
        pixels = np.stack([crop.pixels for crop in crops])
        valid = np.stack([crop.valid for crop in crops])
        target = np.stack([_target(crop, config.card.depth) for crop in crops])
        return torch.from_numpy(pixels), torch.from_numpy(valid), torch.from_numpy(target)

    return prefetch(make, range(first, run.steps), threads=run.readers, depth=run.readers + 2)


def _target(crop: Crop, limit: float) -> npt.NDArray[np.uint8]:
    """Return what is learned from a crop: its target, and behind it the depth."""
    if crop.depth is None:
        return crop.target
    return np.concatenate([crop.target, code_depth(crop.depth, limit)[None]])


def schedule(step: int, warmup: int, steps: int) -> float:
    """Return the learning rate as a share of the peak rate: a linear rise, then half a cosine
    down to 1 % (Loshchilov and Hutter 2017, SGDR, arXiv:1608.03983, without restarts).

    Parameters
    ----------
    step
        The step, from 0.
    warmup
        Steps of the rise.
    steps
        Steps of the whole run.

    Returns
    -------
    float
        Above 0, 1 at the most.
    """
    if step < warmup:
        return (step + 1) / warmup
    return 0.01 + 0.99 * (1 + math.cos(math.pi * (step - warmup) / max(steps - warmup, 1))) / 2


def ema_decay(step: int, most: float) -> float:
    """Return how much the average of the weights keeps of itself: less at first, when it still
    holds what the network began with.

    Parameters
    ----------
    step
        The step, from 0.
    most
        What it keeps later on, 0 to 1.

    Returns
    -------
    float
        `most` at the most; 0.1 at the first step.
    """
    return min(most, (1 + step) / (10 + step))


def validate(learner: Learner, pool: Pool, budget: float) -> SceneCounts:
    """Map the validation part with the averaged weights, and compare it with its labels.

    Parameters
    ----------
    learner
        The network; the processes first agree on its average.
    pool
        The validation part.
    budget
        About how many pixels are mapped, spread over a part that is larger.

    Returns
    -------
    SceneCounts
        Pixels by scene, meaning and mapped class, over all processes.
    """
    learner.ranks.agree(learner.average)
    return count_scenes(learner, pool, budget=budget)


@contextmanager
def _folder(out: Path) -> Iterator[None]:
    """Make the folder of the bundle, and take it away again where a training is refused before
    anything was written; OutputError where there can be none, or nothing can be written in it.
    """
    new = not out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"{out} cannot be a folder: {error.strerror}", do="choose another --out"
        ) from error
    if not os.access(out, os.W_OK | os.X_OK):
        raise OutputError(f"the folder {out} cannot be written", do="choose another --out")
    try:
        yield
    except BaseException:
        if new:
            with suppress(OSError):  # it is not empty
                out.rmdir()
        raise


def _check_batch(config: Config, ranks: Ranks) -> None:
    """Refuse a batch that does not come out even over processes and micro-batches."""
    pieces = ranks.size * config.training.accumulate
    if config.training.batch % pieces:
        raise InputError(
            f"training.batch = {config.training.batch}",
            f"a multiple of {pieces}: {ranks.size} processes, {config.training.accumulate} "
            "parts each",
        )
