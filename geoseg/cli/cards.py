"""A model's card as text for people."""

from __future__ import annotations

import re
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
        ("good for", card.good_for),
        ("trained on", card.trained_on),
        ("scores are of", card.scores_from),
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


def brief(card: ModelCard) -> list[str]:
    """Return what is asked first of a card: whether the model suits, and how far to trust it.

    Parameters
    ----------
    card
        A model's.

    Returns
    -------
    list
        Some twenty lines, with the colours of a terminal.
    """
    low, high = card.gsd_range
    judged = judge(card.scores)
    borrowed = "not this model, but its twin, " if card.scores_from else ""
    facts = [
        ("good for", card.good_for),
        ("takes", f"{', '.join(card.band_names)}; {', '.join(card.dtypes)}; {card.sensor}"),
        ("pixels", f"{low:g} to {high:g} m"),
        ("classes", ", ".join(label.name for label in card.labels)),
        ("how good", ". ".join([f"{borrowed}{told}" for told in judged[:1]] + judged[1:])),
        ("scores are of", card.scores_from),
        ("licence", card.licence),
    ]
    width = max(len(name) for name, _ in facts)
    first, *_ = re.split(r"(?<=[.!])\s", card.description, maxsplit=1)
    return [
        click.style(shortened(card.name), bold=True),
        *textwrap.wrap(first, 100),
        "",
        *(line for name, text in facts if text for line in _wrap(f"{name:{width}}  ", text)),
        *_section("limits", [line for text in card.limits for line in _wrap("- ", text)]),
    ]


def judge(scores: Mapping[str, Any]) -> list[str]:
    """Return how good a model is, in sentences: over all places held out, and the worst and best.

    Parameters
    ----------
    scores
        Of its card, as a training writes them; of others, only the score that stands for them.

    Returns
    -------
    list of str
        Without full stops; empty where nothing was measured.
    """
    part = next((name for name in ("held_out", "validation") if _object(scores, name)), "")
    whole = _object(scores, part)
    if not whole:
        return [found] if (found := headline(scores)) else []
    where = "held out" if part == "held_out" else "that validate, and chose the model"
    places = whole.get("places")
    said = [
        f"{name.replace('_', ' ').replace('iou', 'IoU')} {_cell(whole[name])}"
        + (f" ({_cell(whole[f'{name}_95'])})" if f"{name}_95" in whole else "")
        for name in ("accuracy", "mean_iou")
        if name in whole
    ]
    count = f"{places} place{'' if places == 1 else 's'}" if places else "places"
    told = [f"on {count} {where}: {', '.join(said)}"]
    rows = _object(_object(scores, "by"), "place")
    ranked = sorted(
        (row["accuracy"], name)
        for name, row in rows.items()
        if isinstance(row, Mapping) and isinstance(row.get("accuracy"), float)
    )
    if len(ranked) > 1:
        (least, worst), (most, best) = ranked[0], ranked[-1]
        told.append(f"accuracy is least in {worst} ({least:.3f}), most in {best} ({most:.3f})")
    return told + _strange(_object(scores, "foreign"))


def _strange(rows: Mapping[str, Any]) -> list[str]:
    """Return what becomes of images that the model does not know."""
    shown = [row for row in rows.values() if isinstance(row, Mapping)]
    silent = [row for row in shown if row.get("predict") == "maps"]
    sure = [row["confidence"] for row in silent if isinstance(row.get("confidence"), float)]
    if not shown:
        return []
    told = f" with a mean confidence of up to {max(sure):.2f}" if sure else ""
    return [
        f"of {len(shown)} kinds of image that it does not know, {len(silent)} are mapped without "
        f"a word{told}"
    ]


def _object(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return what scores hold under a name where that is an object: they may be anything."""
    found = parent.get(name)
    return found if isinstance(found, Mapping) else {}


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
        With its name, and of how many places it is where that is known, such as "miou 0.84
        (20 places)"; empty where none was measured.
    """
    found = dict(_numbers(scores))
    for wanted in HEADLINES:
        for path, value in found.items():
            if path[-1].lower().replace("-", "_") == wanted:
                places = found.get((*path[:-1], "places"))
                count = f" ({places:.0f} place{'' if places == 1 else 's'})" if places else ""
                return f"{path[-1]} {value:.3g}{count}"
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
        if isinstance(value, Mapping) and (_by_class(value, labels) or _is_table(value)):
            lines += _class_table(name, value)
        elif isinstance(value, Mapping):
            lines += [name, *(f"  {line}" for line in score_lines(value, labels))]
        else:
            lines += _wrap(f"{name}: ", _cell(value))
    return lines


def _by_class(scores: Mapping[str, Any], labels: Sequence[str]) -> bool:
    return bool(scores) and set(scores) <= set(labels)


def _is_table(scores: Mapping[str, Any]) -> bool:
    """Return whether several things are scored alike: places, levels, kinds of image."""
    rows = list(scores.values())
    return (
        bool(rows)
        and all(isinstance(row, Mapping) and row for row in rows)
        and not any(isinstance(value, Mapping) for row in rows for value in row.values())
    )


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
        case [float() as low, float() as high]:
            return f"{low:.3f} to {high:.3f}"
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
