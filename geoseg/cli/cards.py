"""A model's card as text for people."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from ..core.bounded import shortened
from ..core.card import Band, Label, ModelCard

HEADLINES = (
    "miou",
    "mean_iou",
    "accuracy",
)  # the score that stands for the model in the list: the first found


def describe(card: ModelCard, sha256: str) -> list[str]:
    """Return a card for people.

    Parameters
    ----------
    card
        A model's.
    sha256
        Of its weights.

    Returns
    -------
    list
        Lines, with the colours of a terminal.
    """
    low, high = card.gsd_range
    facts = [
        (
            "architecture",
            f"{card.architecture} "
            f"({', '.join(f'{k} {v}' for k, v in card.hyperparameters.items())})",
        ),
        ("parameters", f"{card.parameters:,}"),
        ("sensor", card.sensor),
        ("pixel size", f"{card.gsd:g} m; works from {low:g} to {high:g} m"),
        ("data types", ", ".join(card.dtypes)),
        (
            "scaling",
            f"{card.unit} = DN x {card.scaling.scale:g} + {card.scaling.offset:g}, unless the "
            "file says other",
        ),
        ("window", f"{card.tile} px, overlap {card.overlap} px"),
        (
            "temperature",
            "" if card.temperature == 1 else f"{card.temperature:g}, fitted on places held out",
        ),
        (
            "scores",
            ""
            if card.activation == "softmax"
            else "each class by itself (sigmoid); the highest is mapped",
        ),
        ("trained on", card.trained_on),
        ("created", card.created),
        ("licence", card.licence),
        ("sha256", sha256),
    ]
    width = max(len(name) for name, _ in facts)
    return [
        click.style(shortened(card.name), bold=True),
        *textwrap.wrap(card.description, 100),
        "",
        *(line for name, text in facts if text for line in _wrap(f"{name:{width}}  ", text)),
        *_section(
            "bands",
            table([("band", "name", "wavelength", "trained on"), *(_band(b) for b in card.bands)]),
        ),
        *_section("classes", [_label(label) for label in card.labels]),
        *_section("scores", score_lines(card.scores, [label.name for label in card.labels])),
        *_section("limits", [line for text in card.limits for line in _wrap("- ", text)]),
        *_section("credits", [line for text in card.credits for line in _wrap("- ", text)]),
    ]


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines, in columns as wide as their widest cell.

    Parameters
    ----------
    rows
        Of equal length; what is endless in a cell is shortened.

    Returns
    -------
    list
        A line for each row.
    """
    rows = [[shortened(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def headline(scores: Mapping[str, Any]) -> str:
    """Return the one score that stands for a model.

    Parameters
    ----------
    scores
        Of its card, nested.

    Returns
    -------
    str
        With its name, such as "miou 0.84"; empty where none was measured.
    """
    found = dict(_numbers(scores))
    for wanted in HEADLINES:
        for path, value in found.items():
            if path[-1].lower().replace("-", "_") == wanted:
                return f"{path[-1]} {value:.3g}"
    return ""


def score_lines(scores: Mapping[str, Any], labels: Sequence[str]) -> list[str]:
    """Return nested scores as lines.

    Parameters
    ----------
    scores
        Of a card.
    labels
        The names of its classes: scores of these become a table with a column for each score.

    Returns
    -------
    list
        Tables and single lines, what is nested indented by two.
    """
    lines: list[str] = []
    for name, value in scores.items():
        if isinstance(value, Mapping) and _by_class(value, labels):
            lines += _class_table(name, value)
        elif isinstance(value, Mapping):
            lines += [name, *(f"  {line}" for line in score_lines(value, labels))]
        else:
            lines += _wrap(f"{name}: ", _cell(value))
    return lines


def _by_class(scores: Mapping[str, Any], labels: Sequence[str]) -> bool:
    return bool(scores) and set(scores) <= set(labels)


def _class_table(name: str, scores: Mapping[str, Any]) -> list[str]:
    columns = list(
        dict.fromkeys(
            key for value in scores.values() if isinstance(value, Mapping) for key in value
        )
    )
    if not columns:
        return table(
            [(name, ""), *((f"  {label}", _cell(value)) for label, value in scores.items())]
        )
    rows = [
        (f"  {label}", *(_cell(value.get(column)) for column in columns))
        for label, value in scores.items()
    ]
    return table([(name, *columns), *rows])


def _cell(value: Any) -> str:
    match value:
        case None:
            return "-"
        case float():
            return f"{value:.3f}"
        case int() if not isinstance(value, bool):
            return f"{value:,}"
        case list():
            return ", ".join(map(_cell, value))
        case _:
            return str(value)


def _numbers(
    scores: Mapping[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], float]]:
    for name, value in scores.items():
        if isinstance(value, Mapping):
            yield from _numbers(value, (*path, name))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield (*path, name), float(value)


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return ["", click.style(title, bold=True), *(f"  {line}" for line in lines)] if lines else []


def _band(band: Band) -> tuple[str, ...]:
    wavelength = "" if band.wavelength is None else f"{band.wavelength:.3f} um"
    return band.name, band.common_name, wavelength, f"{band.low:.3g} to {band.high:.3g}"


def _label(label: Label) -> str:
    return f"{label.value:3}  {click.style('    ', bg=label.rgb)} {label.colour}  {label.name}"


def _wrap(prefix: str, text: str) -> list[str]:
    return textwrap.wrap(text, 100, initial_indent=prefix, subsequent_indent=" " * len(prefix)) or [
        prefix
    ]
