"""An evaluation as lines and tables for people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..core.bounded import shortened
from ..report.page import Rows
from .areas import AreaEstimates, Estimate
from .compare import Evaluation
from .results import to_json

TITLES = {
    "accuracy": "pixel accuracy",
    "mean_accuracy": "mean pixel accuracy",
    "mean_iou": "mean IoU",
    "frequency_weighted_iou": "frequency-weighted IoU",
    "mean_f1": "mean F1 (Dice)",
    "kappa": "kappa",
    "boundary_f1": "boundary F1",
    "iou": "IoU",
    "f1": "F1",
    "precision": "precision",
    "recall": "recall",
}


def title(metric: str) -> str:
    """Return a metric's name for people.

    Parameters
    ----------
    metric
        A key of METRICS, or boundary_f1.

    Returns
    -------
    str
        As tables show it.
    """
    return TITLES.get(metric, metric.replace("_", " "))


def percent(value: float | None) -> str:
    """Return a share as text.

    Parameters
    ----------
    value
        0 to 1, NaN or None.

    Returns
    -------
    str
        With one decimal; a dash where there is none.
    """
    return "-" if value is None or math.isnan(value) else f"{value:.1%}"


def headline_rows(found: Evaluation) -> Rows:
    """Return the metrics of a whole map, and what was counted.

    Parameters
    ----------
    found
        The evaluation.

    Returns
    -------
    Rows
        Name and number; no heads.
    """
    data = to_json(found)
    rows = [
        (title(name), f"{value:.4f}" if value is not None else "-")
        for name, value in data["metrics"].items()
    ]
    if found.reliability:
        rows.append(("calibration error (ECE)", percent(data["reliability"]["ece"])))
    counted = {
        "compared": int(found.matrix.sum()),
        "unlabelled, left out": found.unlabelled,
        "without map, left out": found.unmapped,
    }
    return [*rows, *((f"{found.unit} {what}", f"{count:,}") for what, count in counted.items())]


def class_rows(found: Evaluation) -> Rows:
    """Return a table of the classes.

    Parameters
    ----------
    found
        The evaluation.

    Returns
    -------
    Rows
        Its heads first; shares in percent.
    """
    data: dict[str, dict[str, Any]] = to_json(found)["classes"]
    metrics = [name for name in next(iter(data.values())) if name not in ("truth", "map")]
    rows: Rows = [("class", *map(title, metrics), f"{found.unit} of the truth", "of the map")]
    for name, values in data.items():
        rows.append(
            (
                name,
                *(percent(values[m]) for m in metrics),
                f"{values['truth']:,}",
                f"{values['map']:,}",
            )
        )
    return rows


def confusion_rows(found: Evaluation) -> Rows:
    """Return the confusion matrix as a table.

    Parameters
    ----------
    found
        The evaluation.

    Returns
    -------
    Rows
        Its heads first; a row for each true class.
    """
    rows: Rows = [("truth \\ map", *found.names)]
    return rows + [
        (name, *(f"{n:,}" for n in found.matrix[i])) for i, name in enumerate(found.names)
    ]


def pair_rows(parts: Sequence[Evaluation]) -> Rows:
    """Return a table of several evaluations.

    Parameters
    ----------
    parts
        At least one.

    Returns
    -------
    Rows
        Its heads first; shares in percent.
    """
    rows: Rows = [("map", "accuracy", "mean IoU", "mean F1", "kappa", parts[0].unit)]
    for part in parts:
        m = to_json(part)["metrics"]
        cells = (percent(m[name]) for name in ("accuracy", "mean_iou", "mean_f1", "kappa"))
        rows.append(
            (Path(part.mapped.split(" mapped by ")[0]).name, *cells, f"{int(part.matrix.sum()):,}")
        )
    return rows


def area_rows(found: AreaEstimates, unit: str) -> Rows:
    """Return areas and accuracies of the classes as a table.

    Parameters
    ----------
    found
        The estimates.
    unit
        Of their areas.

    Returns
    -------
    Rows
        Its heads first; intervals are of 95 %, at least those where a stratum has one point only.
    """
    strata = len(found.mapped)
    least = "≥ " if found.single else ""
    rows: Rows = [
        (
            "class",
            f"mapped {unit}",
            f"estimated {unit}",
            "± 95 %",
            "share",
            "± 95 %",
            "user's accuracy",
            "producer's accuracy",
            "points",
        )
    ]
    for i, name in enumerate(found.names):
        area = found.area(i)
        mapped = found.mapped[i] if i < strata else 0.0
        points = f"{int(found.counts[i].sum()):,}" if i < strata else "-"
        rows.append(
            (
                name,
                amount(mapped, found.total),
                amount(area.value, found.total),
                f"{least}{amount(area.half, found.total)}",
                percent(found.share[i].value),
                f"{least}{percent(found.share[i].half)}",
                interval(found.users[i]),
                interval(found.producers[i], least),
                points,
            )
        )
    return rows


def amount(area: float, total: float) -> str:
    """Return an area as text, with as many digits as the whole allows.

    Parameters
    ----------
    area
        In any unit.
    total
        The whole, in the same.

    Returns
    -------
    str
        With none, one or three decimals.
    """
    return f"{area:,.0f}" if total >= 10_000 else f"{area:,.1f}" if total >= 100 else f"{area:,.3f}"


def interval(found: Estimate, least: str = "") -> str:
    """Return an estimate with half its interval of 95 % as text.

    Parameters
    ----------
    found
        The estimate.
    least
        What stands before the half, where it is known to be at least so wide.

    Returns
    -------
    str
        A dash where the estimate cannot be told, a question mark where its error cannot.
    """
    if math.isnan(found.value):
        return "-"
    return f"{found.value:.3f} ± {'?' if math.isnan(found.error) else f'{least}{found.half:.3f}'}"


def table(rows: Rows) -> list[str]:
    """Return rows as lines of a terminal, with a rule below the heads.

    Parameters
    ----------
    rows
        Cells as text, the heads first; long cells are shortened.

    Returns
    -------
    list of str
        The first column to the left, the others to the right.
    """
    rows = [tuple(shortened(cell) for cell in row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            [
                f"{row[0]:{widths[0]}}",
                *(f"{cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True)),
            ]
        )
        for row in rows
    ]
    return [lines[0], "-" * len(lines[0]), *lines[1:]]


def describe(found: Evaluation) -> list[str]:
    """Return an evaluation as lines of a terminal.

    Parameters
    ----------
    found
        The evaluation.

    Returns
    -------
    list of str
        Metrics, classes and, of 12 classes at most, the confusion matrix.
    """
    width = max(len(name) for name, _ in headline_rows(found))
    # more do not fit a terminal
    matrix = ["", *table(confusion_rows(found))] if len(found.names) <= 12 else []
    return [
        *(f"{name:{width}}  {value:>14}" for name, value in headline_rows(found)),
        "",
        *table(class_rows(found)),
        *matrix,
    ]


def describe_areas(found: AreaEstimates, unit: str) -> list[str]:
    """Return area estimates as lines of a terminal.

    Parameters
    ----------
    found
        The estimates.
    unit
        Of their areas.

    Returns
    -------
    list of str
        Overall accuracy and a table.
    """
    return [
        f"overall accuracy  {interval(found.overall, '≥ ' if found.single else '')}   "
        "(intervals of 95 %,"
        f" {int(found.counts.sum()):,} points, Olofsson et al. 2014)",
        "",
        *table(area_rows(found, unit)),
    ]
