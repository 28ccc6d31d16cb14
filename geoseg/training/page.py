"""The report of a training as one HTML file that needs nothing else: curves, scores, best and
worst patches.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.atomic import atomic_output
from ..core.card import NODATA, ModelCard
from ..evaluation.metrics import accuracy, f1, iou, mean_iou, precision, recall
from ..raster.quicklook import png, to_8bit
from ..report.charts import chart
from .config import Config
from .log import Row
from .measure import Seen

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0; } h2 { margin-top: 2.2rem; border-bottom: 1px solid #ddd; } p.lead { color: #555; }
table { border-collapse: collapse; } th, td { padding: .25rem .7rem; text-align: right; border: 1px solid #e4e4e4; }
th { background: #f6f6f6; font-weight: 600; } th:first-child, td:first-child, table.facts td { text-align: left; }
svg { width: 32rem; max-width: 100%; } svg text { font-size: 12px; fill: #444; }
.row { display: flex; flex-wrap: wrap; gap: 1.2rem; } figure { margin: 0 0 1rem; }
.halves { display: grid; grid-template-columns: repeat(auto-fit, minmax(30rem, 1fr)); gap: 0 2rem; }
.halves .row { gap: .4rem; flex-wrap: nowrap; }
figure img { width: 32%; max-width: 13rem; image-rendering: pixelated; border: 1px solid #ccc; }
figcaption { color: #555; }
.key { display: inline-block; width: 1em; height: 1em; margin: 0 .35em 0 1em; vertical-align: -.15em;
       border: 1px solid #999; }
pre { background: #f6f6f6; padding: 1rem; overflow: auto; }
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the report shows beside card and configuration: `matrix` [true, mapped] in pixels, of
    the part named.

    `sets` are those of classes, of which labels mean one.
    """

    rows: Sequence[Row]
    part: str
    matrix: npt.NDArray[np.int64]
    best: Sequence[Seen]
    worst: Sequence[Seen]
    facts: Sequence[tuple[str, str]]
    sets: Sequence[Sequence[int]] = ()


def write_page(path: Path, card: ModelCard, config: Config, outcome: Outcome) -> None:
    """Write the report; it appears whole or not at all."""
    with atomic_output(path, replace=True) as beside:
        beside.write_text(page(card, config, outcome), encoding="utf-8")


def page(card: ModelCard, config: Config, outcome: Outcome) -> str:
    """Return the report as HTML."""
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(card.name)}: training</title>
<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>
<h1>{escape(card.name)}</h1><p class="lead">{escape(card.description)}</p>
{_facts(card, config, outcome)}
<h2>Curves</h2><div class="row">{_curves(outcome.rows)}</div>
{_scores(card, outcome)}
{_patches(card, outcome)}
<h2>Configuration</h2><pre>{escape(_settings(config))}</pre>
</body></html>
"""


def _facts(card: ModelCard, config: Config, outcome: Outcome) -> str:
    rows = [
        (
            "network",
            f"{card.architecture} {dict(card.hyperparameters)}, {card.parameters / 1e6:.2f} M "
            "parameters",
        ),
        ("bands", ", ".join(card.band_names)),
        ("pixels", f"{card.gsd:g} m ({card.gsd_range[0]:g} to {card.gsd_range[1]:g} m)"),
        (
            "steps",
            f"{int(outcome.rows[-1]['step']) if outcome.rows else 0} of {config.training.batch} "
            "crops"
            f" of {config.training.crop} px",
        ),
        ("scores", f"{card.activation} of the network's output / {card.temperature:g}"),
        *outcome.facts,
    ]
    return (
        '<table class="facts">'
        + "".join(f"<tr><th>{escape(k)}</th><td>{escape(v)}</td></tr>" for k, v in rows)
        + "</table>"
    )


def _curves(rows: Sequence[Row]) -> str:
    def over(*columns: str) -> dict[str, list[tuple[float, float]]]:
        return {
            name.replace("validation_", "").replace("_", " "): [(r["step"], r[name]) for r in rows]
            for name in columns
        }

    loss = chart("loss", over("loss"))
    scores = chart("validation", over("validation_accuracy", "validation_mean_iou"))
    figures = (("Loss on the training crops", loss), ("On the places that validate", scores))
    return "".join(
        f"<figure>{svg}<figcaption>{title}</figcaption></figure>" for title, svg in figures if svg
    )


def _scores(card: ModelCard, outcome: Outcome) -> str:
    matrix = outcome.matrix
    if not matrix.any():
        return "<h2>Scores</h2><p>Nothing was held out, so nothing is known of how good the model is.</p>"
    columns = {
        "IoU": iou(matrix),
        "F1": f1(matrix),
        "precision": precision(matrix),
        "recall": recall(matrix),
    }
    head = "".join(f"<th>{name}</th>" for name in ("class", *columns, "pixels"))
    rows = "".join(
        f"<tr><td>{_key(label.colour)}{escape(label.name)}</td>"
        + "".join(f"<td>{_number(values[i])}</td>" for values in columns.values())
        + f"<td>{int(matrix[i].sum()):,}</td></tr>"
        for i, label in enumerate(card.labels)
    )
    return (
        f"<h2>Scores on the {outcome.part} "
        f"part</h2><p>{int(matrix[: len(card.labels)].sum()):,} pixels:"
        f" {accuracy(matrix):.1%} right, mean IoU "
        f"{mean_iou(matrix):.3f}.</p><table><tr>{head}</tr>{rows}</table>"
        f"{_partial(card, outcome.part)}{_confusion(card, matrix)}"
    )


def _partial(card: ModelCard, part: str) -> str:
    """Return how far the labels that mean one of several classes were met."""
    scored = card.scores.get("held_out" if part == "test" else part, {})
    lines = "".join(
        f"<li>{escape(name)}: {met['agreed']:.1%} of {met['pixels']:,} pixels got one of these</li>"
        for name, met in scored.get("partial", {}).items()
    )
    return f"<p>Labels that mean one of several classes:</p><ul>{lines}</ul>" if lines else ""


def _confusion(card: ModelCard, matrix: npt.NDArray[np.int64]) -> str:
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    head = "".join(f"<th>{escape(label.name)}</th>" for label in card.labels)
    rows = "".join(
        f"<tr><td>{_key(label.colour)}{escape(label.name)}</td>"
        + "".join(
            f'<td style="background: {_shade(share, i == j)}" title="{matrix[i, j]:,} '
            f'pixels">{share:.1%}</td>'
            for j, share in enumerate(shares[i])
        )
        + "</tr>"
        for i, label in enumerate(card.labels)
    )
    return (
        "<h2>Confusion</h2><p>Of each true class (row), the share that was mapped as each class "
        "(column).</p>"
        f"<table><tr><th>true / mapped</th>{head}</tr>{rows}</table>"
    )


def _shade(share: float, right: bool) -> str:
    return f"rgba({'0, 114, 178' if right else '213, 94, 0'}, {0.75 * share:.2f})"


def _patches(card: ModelCard, outcome: Outcome) -> str:
    if not outcome.best:
        return ""
    keys = "".join(f"{_key(label.colour)}{escape(label.name)}" for label in card.labels)
    parts = [
        f"<h2>Patches of the {outcome.part} part</h2><p>Scene, labels, map. "
        f"{keys}{_key('#ffffff')}unlabelled</p>"
    ]
    shown = _shown(card)
    limits = _limits([*outcome.best, *outcome.worst], shown)
    for title, patches in (("Best", outcome.best), ("Worst", outcome.worst)):
        if patches:
            figures = (_patch(card, patch, shown, limits, outcome.sets) for patch in patches)
            parts.append(f"<div><h3>{title}</h3>{''.join(figures)}</div>")
    return f"{parts[0]}<div class='halves'>{''.join(parts[1:])}</div>"


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
) -> str:
    scene = to_8bit(patch.crop.pixels[shown], patch.crop.valid, limits)
    mapped = np.where(patch.crop.valid, patch.mapped, NODATA).astype(np.uint8)
    pictures = [scene, paint(card, patch.truth, sets), paint(card, mapped)]
    images = "".join(
        f'<img alt="" src="data:image/png;base64,{b64encode(png(p)).decode()}">' for p in pictures
    )
    return (
        f"<figure><div class='row'>{images}</div>"
        f"<figcaption>{escape(patch.where)}: {patch.right:.1%} right</figcaption></figure>"
    )


def paint(
    card: ModelCard, indices: npt.NDArray[np.uint8], sets: Sequence[Sequence[int]] = ()
) -> npt.NDArray[np.uint8]:
    """Return class indices [row, column] in the classes' colours [3, row, column], white where
    unlabelled.

    Indices beyond the classes are of sets of them, in their mean colour.
    """
    table = np.full((256, 3), 255, np.uint8)
    table[: len(card.labels)] = [label.rgb for label in card.labels]
    for place, chosen in enumerate(sets, len(card.labels)):
        table[place] = table[list(chosen)].mean(axis=0)
    return np.ascontiguousarray(np.moveaxis(table[indices], -1, 0))


def _key(colour: str) -> str:
    return f'<span class="key" style="background: {escape(colour)}"></span>'


def _number(value: float) -> str:
    return f"{value:.3f}" if np.isfinite(value) else "&ndash;"


def _settings(config: Config) -> str:
    tables: dict[str, Any] = {
        name: asdict(getattr(config, name))
        for name in ("data", "training", "loss", "augment", "network")
    }
    return "\n".join(
        f"[{name}]\n" + "\n".join(f"{key} = {value!r}" for key, value in table.items()) + "\n"
        for name, table in tables.items()
    )
