"""What a training shows as an HTML page: curves, scores, best and worst patches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.atomic import atomic_output
from ..core.card import NODATA, ModelCard
from ..evaluation.metrics import accuracy, f1, iou, mean_iou, precision, recall
from ..raster.quicklook import png, to_8bit
from ..report.charts import confusion, curves
from ..report.html import Html, element, fragment
from ..report.page import Rows, figure, legend, listing, page, picture, section, table
from .config import Config
from .log import Row
from .measure import Seen


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the page shows beside card and configuration."""

    rows: Sequence[Row]
    """The log, a row for each validation."""
    part: str
    """Which part the scores are of: test, validation or training."""
    matrix: npt.NDArray[np.int64]
    """Pixels [true class, mapped class] of that part; further rows are of labels that mean one of
    several classes.
    """
    best: Sequence[Seen]
    """Patches of that part that were mapped best."""
    worst: Sequence[Seen]
    """Those that were mapped worst."""
    facts: Sequence[tuple[str, str]]
    """Name and text of what is to be said of the data."""
    sets: Sequence[Sequence[int]] = ()
    """Sets of class indices, of which labels mean one; label indices beyond the classes name
    these.
    """


def write_page(path: Path, card: ModelCard, config: Config, outcome: Outcome) -> None:
    """Write the page; it appears whole or not at all, in the place of one that is there.

    Parameters
    ----------
    path
        The file.
    card
        Of the trained model, with its scores and temperature.
    config
        What it was trained with.
    outcome
        What came of it.

    Raises
    ------
    RunError
        If it cannot be written.
    """
    with atomic_output(path, replace=True) as beside:
        beside.write_text(training_page(card, config, outcome), encoding="utf-8")


def training_page(card: ModelCard, config: Config, outcome: Outcome) -> str:
    """Return the page of a training.

    Parameters
    ----------
    card
        Of the trained model, with its scores and temperature.
    config
        What it was trained with.
    outcome
        What came of it.

    Returns
    -------
    str
        A whole page.
    """
    return page(
        f"{card.name}: training",
        card.name,
        [card.description],
        _facts(card, config, outcome),
        section("Curves", element("div", *_curves(outcome.rows), class_="row")),
        _scores(card, outcome),
        _patches(card, outcome),
        section("Configuration", element("pre", _settings(config))),
    )


def _facts(card: ModelCard, config: Config, outcome: Outcome) -> Html:
    steps = int(outcome.rows[-1]["step"]) if outcome.rows else 0
    network = f"{card.architecture} {dict(card.hyperparameters)}"
    rows: Rows = [
        ("", ""),
        ("network", f"{network}, {card.parameters / 1e6:.2f} M parameters"),
        ("bands", ", ".join(card.band_names)),
        ("pixels", f"{card.gsd:g} m ({card.gsd_range[0]:g} to {card.gsd_range[1]:g} m)"),
        ("steps", f"{steps} of {config.training.batch} crops of {config.training.crop} px"),
        ("scores", f"{card.activation} of the network's output / {card.temperature:g}"),
        *outcome.facts,
    ]
    return table(rows, left=True)


def _curves(rows: Sequence[Row]) -> list[Html]:
    def over(*columns: str) -> dict[str, list[tuple[float, float]]]:
        return {
            name.replace("validation_", "").replace("_", " "): [(r["step"], r[name]) for r in rows]
            for name in columns
        }

    loss = curves("loss", over("loss"))
    scores = curves("validation", over("validation_accuracy", "validation_mean_iou"))
    figures = ((loss, "Loss on the training crops"), (scores, "On the places that validate"))
    return [figure(chart, title) for chart, title in figures if chart]


def _scores(card: ModelCard, outcome: Outcome) -> Html:
    matrix = outcome.matrix
    if not matrix.any():
        nothing = "Nothing was held out, so nothing is known of how good the model is."
        if card.scores_from:
            nothing = f"Nothing was held out. The card's scores are of {card.scores_from}."
        return section("Scores", element("p", nothing))
    names = [label.name for label in card.labels]
    known = matrix[: len(names)]
    columns = {
        "IoU": iou(matrix),
        "F1": f1(matrix),
        "precision": precision(matrix),
        "recall": recall(matrix),
    }
    rows: Rows = [("class", *columns, "pixels")]
    for i, name in enumerate(names):
        values = (_number(column[i]) for column in columns.values())
        rows.append((name, *values, f"{int(known[i].sum()):,}"))
    told = (
        f"{int(known.sum()):,} pixels: {accuracy(matrix):.1%} right, "
        f"mean IoU {mean_iou(matrix):.3f}."
    )
    colours = {label.name: label.colour for label in card.labels}
    return fragment(
        section(f"Scores on the {outcome.part} part", element("p", told), table(rows, colours)),
        _partial(card, outcome.part),
        section("Confusion matrix", confusion(names, known, "pixels")),
    )


def _partial(card: ModelCard, part: str) -> Html:
    """Return how far the labels that mean one of several classes were met."""
    scored = card.scores.get("held_out" if part == "test" else part, {})
    lines = [
        f"{name}: {met['agreed']:.1%} of {met['pixels']:,} pixels got one of these"
        for name, met in scored.get("partial", {}).items()
    ]
    said = element("p", "Labels that mean one of several classes:")
    return fragment(said, listing(lines)) if lines else Html()


def _patches(card: ModelCard, outcome: Outcome) -> Html:
    if not outcome.best:
        return Html()
    keys = [(label.name, label.colour) for label in card.labels]
    shown = _shown(card)
    limits = _limits([*outcome.best, *outcome.worst], shown)
    halves = [
        element(
            "div",
            element("h3", title),
            *(_patch(card, patch, shown, limits, outcome.sets) for patch in patches),
        )
        for title, patches in (("Best", outcome.best), ("Worst", outcome.worst))
        if patches
    ]
    return section(
        f"Patches of the {outcome.part} part",
        legend("Scene, labels, map.", [*keys, ("unlabelled", "#ffffff")]),
        element("div", *halves, class_="halves"),
    )


def _shown(card: ModelCard) -> list[int]:
    """Return the bands to be shown as red, green and blue."""
    names = [band.common_name for band in card.bands]
    return (
        [names.index(c) for c in ("red", "green", "blue")]
        if {"red", "green", "blue"} <= set(names)
        else [0] * 3
    )


def _limits(patches: Sequence[Seen], shown: list[int]) -> list[tuple[float, float]]:
    """Return what is shown black and white in each band: alike for all patches, for its own
    would show noise.
    """
    values = np.concatenate(
        [patch.crop.pixels[shown][:, patch.crop.valid] for patch in patches], axis=1
    )
    if not values.shape[1]:
        return [(0.0, 1.0)] * len(shown)
    low, high = np.nanpercentile(values.astype(np.float64), (1, 98), axis=1)
    return list(zip(low.tolist(), high.tolist(), strict=True))


def _patch(
    card: ModelCard,
    patch: Seen,
    shown: list[int],
    limits: Sequence[tuple[float, float]],
    sets: Sequence[Sequence[int]],
) -> Html:
    scene = to_8bit(patch.crop.pixels[shown], patch.crop.valid, limits)
    mapped = np.where(patch.crop.valid, patch.mapped, NODATA).astype(np.uint8)
    images = (scene, paint(card, patch.truth, sets), paint(card, mapped))
    row = element("div", *(picture(png(image)) for image in images), class_="row")
    return figure(row, f"{patch.where}: {patch.right:.1%} right")


def paint(
    card: ModelCard, indices: npt.NDArray[np.uint8], sets: Sequence[Sequence[int]] = ()
) -> npt.NDArray[np.uint8]:
    """Return a picture of classes in their colours, white where unlabelled.

    Parameters
    ----------
    card
        Of the model, with the colours.
    indices
        Class indices [row, column]; those beyond the classes are of `sets`, NODATA is unlabelled.
    sets
        Sets of class indices, each shown in the mean colour of its classes.

    Returns
    -------
    npt.NDArray[np.uint8]
        Red, green and blue [3, row, column].
    """
    table = np.full((256, 3), 255, np.uint8)
    table[: len(card.labels)] = [label.rgb for label in card.labels]
    for place, chosen in enumerate(sets, len(card.labels)):
        table[place] = table[list(chosen)].mean(axis=0)
    return np.ascontiguousarray(np.moveaxis(table[indices], -1, 0))


def _number(value: float) -> str:
    return f"{value:.3f}" if np.isfinite(value) else "-"


def _settings(config: Config) -> str:
    tables: dict[str, Any] = {
        name: asdict(getattr(config, name))
        for name in ("data", "training", "loss", "augment", "network")
    }
    return "\n".join(
        f"[{name}]\n" + "\n".join(f"{key} = {value!r}" for key, value in table.items()) + "\n"
        for name, table in tables.items()
    )
