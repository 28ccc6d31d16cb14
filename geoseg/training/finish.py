"""What is said of a model once it is trained: its scores, its temperature, and the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..architectures.context import pools_globally
from ..core.card import ModelCard
from ..core.events import Noted, Report, Warned, silent
from ..evaluation.calibrate import PixelSample, at_limit
from ..evaluation.metrics import scores
from ..models import Bundle
from .augment import convert
from .breakdown import SceneCounts, break_down
from .config import Config
from .learner import Learner
from .log import read_log
from .measure import count_scenes, map_patches
from .page import Outcome, write_page
from .partial_labels import Counts, Meanings, agreement, countable
from .prepare import Data
from .samples import Pool
from .twin import with_scores_of


def evaluate_and_calibrate(
    data: Data,
    learner: Learner,
    out: Path,
    known: SceneCounts | None,
    report: Report,
    twin: Bundle | None = None,
    start: Bundle | None = None,
) -> ModelCard:
    """Return the card as it ships; the first process writes report.html.

    The temperature is fitted on the validation part, the scores are those of the test part.

    Parameters
    ----------
    data
        The parts, and how they were split.
    learner
        Its averaged weights are measured, its card is completed.
    out
        Folder that holds log.csv and gets report.html.
    known
        What the whole validation part gave just before, with the same weights; None is measured.
    report
        Told the temperature, or why there is none.
    twin
        Whose scores and temperature the card has where nothing was held out.
    start
        The model that the training began with.

    Returns
    -------
    ModelCard
        With scores and temperature.

    Raises
    ------
    RunError
        If a scene cannot be read, or the report cannot be written.
    """
    card = _trained(learner)
    learner.ranks.agree(learner.average)
    report(Noted("mapping what is held out, for the scores"))
    card = calibrate(card, data, learner, report)
    learner.card = card  # the scores are those of what is mapped, at this temperature
    found, matrices = measure_parts(data, learner, known, report)
    card = replace(card, scores=found | {"split": data.split})
    if twin:
        card = with_scores_of(card, twin, start)
    part = (
        "test" if "test" in matrices else "validation" if "validation" in matrices else "training"
    )
    if not learner.ranks.first:
        return card
    best, worst = map_patches(
        learner, data.pools[part], data.config.training.crop, PixelSample(most=1)
    )
    matrix = matrices.get(part, np.zeros((len(card.labels),) * 2, np.int64))
    sets = learner.meanings.sets
    write_page(
        out / "report.html",
        card,
        data.config,
        Outcome(read_log(out / "log.csv"), part, matrix, best, worst, _facts(data), sets),
    )
    return card


def calibrate(card: ModelCard, data: Data, learner: Learner, report: Report) -> ModelCard:
    """Return the card with the temperature that fits the validation part, in all processes.

    Parameters
    ----------
    card
        Its temperature is 1.
    data
        Has the validation part; where that is empty nothing changes.
    learner
        Its averaged weights are calibrated; every process calls this.
    report
        Told the temperature, or why there is none.

    Returns
    -------
    ModelCard
        As of `calibrated`.
    """
    if learner.ranks.first:
        sample = PixelSample(seed=data.config.training.seed)
        pool = data.pools["validation"]
        best, _ = map_patches(learner, pool, data.config.training.crop, sample)
        card = calibrated(card, sample, report) if best else card
    told = torch.tensor(card.temperature if learner.ranks.first else 0.0, dtype=torch.float64)
    return replace(card, temperature=round(float(learner.ranks.total(told)), 4))


def _trained(learner: Learner) -> ModelCard:
    """Return the card with what is known of the network now."""
    card = learner.card
    return replace(
        card,
        fixed_tile=pools_globally(learner.average, len(card.bands), card.stride),
        parameters=sum(parameter.numel() for parameter in learner.average.parameters()),
        created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        framework_version=torch.__version__,
    )


def calibrated(card: ModelCard, sample: PixelSample, report: Report) -> ModelCard:
    """Return the card with the temperature that fits a sample (Guo et al. 2017, On Calibration of
    Modern Neural Networks, arXiv:1706.04599).

    Parameters
    ----------
    card
        Its activation says what the temperature divides the logits of.
    sample
        Logits and truth of pixels that were not trained on.
    report
        Told the temperature, or warned that none fits.

    Returns
    -------
    ModelCard
        The same card where the sample tells no temperature: all or nothing of it is right.

    Raises
    ------
    InputError
        If the sample is empty.
    """
    temperature = sample.fit(card.activation)
    if at_limit(temperature):
        right = (
            "nearly all is right"
            if temperature < 1
            else "what is right cannot be told by the scores"
        )
        report(
            Warned(
                f"no temperature fits the validation part, where {right}: the confidence stays "
                "as it is"
            )
        )
        return card
    report(Noted(f"temperature {temperature:g}, fitted on validation"))
    return replace(card, temperature=temperature)


def _facts(data: Data) -> list[tuple[str, str]]:
    """Return how the data were split, for the report."""
    facts = [("split by", str(data.split["by"]))] if data.split else []
    for part, pool in data.pools.items():
        places = sorted({sample.place for sample in pool.samples if sample.place})
        named = ", ".join(places[:8]) + (", ..." if len(places) > 8 else "")
        if pool.pairs:
            facts.append(
                (
                    part,
                    f"{len(pool.pairs)} scenes, {pool.labelled.sum() / 1e6:.2f} Mpx labelled: "
                    f"{named}",
                )
            )
    return facts


def measure_parts(
    data: Data, learner: Learner, known: SceneCounts | None, report: Report = silent
) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """Map the test and validation parts, and compare them with their labels.

    Parameters
    ----------
    data
        The parts; an empty one is left out.
    learner
        Its averaged weights are measured; every process calls this.
    known
        What the whole validation part gave already; None is measured.
    report
        Told how far it is.

    Returns
    -------
    tuple of dict and mapping
        Scores as nested JSON, and by part what can be counted, int64 [meaning, mapped class] in
        pixels.
    """
    meanings = learner.meanings
    done = {} if known is None else {"validation": known}
    counts = {
        part: done.get(part) or count_scenes(learner, data.pools[part], report=report)
        for part in ("test", "validation")
        if data.pools.get(part) and data.pools[part].pairs
    }
    found: dict[str, Any] = {}
    for part, one in counts.items():
        name = "held_out" if part == "test" else part
        found[name] = score_all(one.total, meanings)
        if part == "test":
            found |= _by_level(data.config, learner, data.pools[part])
        if len(found) == 1 or part == "test":  # the scores that count are broken down
            samples = data.pools[part].samples
            parted = break_down(one, samples, meanings, data.config.training.seed)
            further = {key: parted.pop(key) for key in ("by", "reliability")}
            found[name] = _before(found[name], parted, "classes")
            found["places"] = sorted({sample.place for sample in samples})
            found |= further
    return found, {part: countable(one.total, meanings) for part, one in counts.items()}


def _before(scores: dict[str, Any], added: dict[str, Any], key: str) -> dict[str, Any]:
    """Return scores with others put in before a key: single numbers are read before tables."""
    place = list(scores).index(key)
    items = list(scores.items())
    return dict(items[:place]) | added | dict(items[place:])


def score_all(counts: Counts, meanings: Meanings) -> dict[str, Any]:
    """Return the scores of what can be counted, and how far labels that mean one of several
    classes were met.

    Parameters
    ----------
    counts
        Pixels, int64 [meaning, mapped class].
    meanings
        What the rows are.

    Returns
    -------
    dict
        Nested JSON: `evaluation.metrics.scores`, and `partial` where there are such labels.
    """
    partial = agreement(counts, meanings)
    return scores(countable(counts, meanings), meanings.names) | (
        {"partial": partial} if partial else {}
    )


def _by_level(config: Config, learner: Learner, pool: Pool) -> dict[str, Any]:
    """Return the scores of every scene shown in each processing level."""
    levels = config.augment.levels
    found = {}
    for level in (levels.source, levels.to) if levels else ():
        changes = (
            [None if s.level == level else convert(levels, s.level) for s in pool.samples]
            if levels
            else None
        )
        found[f"held_out_as_{level}"] = score_all(
            count_scenes(learner, pool, changes).total, learner.meanings
        )
    return found
