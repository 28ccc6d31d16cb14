"""Charts as SVG, drawn by hand: a page needs nothing but itself."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .html import Html, element

# told apart by the colour-blind as well: Okabe and Ito 2008, Color Universal Design,
# https://jfly.uni-koeln.de/color/
BLUE = "#0072b2"
RED = "#d55e00"
LIGHT = "#56b4e9"
GREY = "#829ab1"
COLOURS = (BLUE, RED, "#009e73", "#cc79a7")

LETTER = 6.6  # pixels that a letter of 12 px is wide, about
MOST_TEXT = 16  # classes; the cells of more are too small for numbers
BAR = 460  # pixels of the longest

Points = Sequence[tuple[float, float]]
Numbers = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart of bars."""

    name: str
    """What stands before it."""
    value: float
    """Its length, in the unit of the chart."""
    said: str
    """What stands behind it."""
    colour: str = ""
    """As CSS knows it; grey where empty."""
    half: float | None = None
    """Half the width of its interval, in the unit of the chart; None draws none."""
    mark: float | None = None
    """Where a tick crosses it, in the unit of the chart; None draws none."""


def curves(title: str, points: Mapping[str, Points], unit: str = "step") -> Html:
    """Return curves over a common axis.

    Parameters
    ----------
    title
        What is read aloud in the place of the chart.
    points
        (x, y) of each named curve; x from 0, what is not finite is left out.
    unit
        Of x.

    Returns
    -------
    Html
        The chart; empty where no curve has a finite point.
    """
    shown = {name: [p for p in line if all(map(math.isfinite, p))] for name, line in points.items()}
    every = [point for line in shown.values() for point in line]
    if not every:
        return Html()
    width = 560
    height = 240
    left = 52
    right = width - 12
    top = 30
    low = height - 34
    xs = ticks(0.0, max(x for x, _ in every))
    ys = ticks(min(y for _, y in every), max(y for _, y in every))

    def across(x: float) -> float:
        return left + (x - xs[0]) / (xs[-1] - xs[0]) * (right - left)

    def up(y: float) -> float:
        return low - (y - ys[0]) / (ys[-1] - ys[0]) * (low - top)

    parts = [_text(right, height - 4, unit, "end")]
    for y in ys:
        parts += [
            _line(left, up(y), right, up(y), class_="grid"),
            _text(left - 6, up(y) + 4, f"{y:g}", "end"),
        ]
    parts += [_text(across(x), low + 16, f"{x:g}", "middle") for x in xs]
    for index, (name, line) in enumerate(shown.items()):
        colour = COLOURS[index % len(COLOURS)]
        places = [(across(x), up(y)) for x, y in line]
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(element("polyline", points=joined, fill="none", stroke=colour, stroke_width=2))
        parts += [element("circle", cx=x, cy=y, r=2.5, fill=colour) for x, y in places]
        if len(shown) > 1:
            x = left + 10 + 150 * index
            parts += [
                _line(x, top / 2, x + 18, top / 2, stroke=colour, stroke_width=3),
                _text(x + 24, top / 2 + 4, name),
            ]
    return _svg(width, height, parts, title)


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Return round, evenly spaced numbers for an axis.

    Parameters
    ----------
    low, high
        What the axis must show.
    about
        How many steps are wanted; there are at most as many, and one more at either end.

    Returns
    -------
    list of float
        At least two, rising; the first is at most `low`, the last at least `high`.
    """
    span = high - low or abs(high) or 1.0
    rough = span / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(
        factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * (1 - 1e-9)
    )
    first = math.floor(low / step + 1e-9)
    last = math.ceil(high / step - 1e-9)
    return [round(i * step, 12) for i in range(first, max(last, first + 1) + 1)]


def bars(title: str, rows: Sequence[Bar]) -> Html:
    """Return bars below one another.

    Parameters
    ----------
    title
        What stands above them: what they measure, with its unit.
    rows
        The bars, from top to bottom; their values are 0 or above.

    Returns
    -------
    Html
        The chart.
    """
    left = 30 + LETTER * max((len(row.name) for row in rows), default=0)
    tall = 28
    top = 30
    ends = [end for row in rows for end in (row.value + (row.half or 0.0), row.mark or 0.0)]
    scale = BAR / (max(ends, default=0.0) or 1.0)
    parts = [_text(left, 16, title)]
    for index, row in enumerate(rows):
        y = top + tall * index
        middle = y + tall / 2
        end = left + scale * row.value
        parts += [
            _text(left - 8, middle + 4, row.name, "end"),
            _rect(
                left, y + 5, end - left, tall - 10, row.colour or GREY, f"{row.name}: {row.said}"
            ),
        ]
        if row.half is not None:
            first = left + scale * max(0.0, row.value - row.half)
            end = left + scale * (row.value + row.half)
            parts += [
                _line(first, middle, end, middle, class_="axis", stroke_width=2),
                _line(first, y + 9, first, y + tall - 9, class_="axis", stroke_width=2),
                _line(end, y + 9, end, y + tall - 9, class_="axis", stroke_width=2),
            ]
        if row.mark is not None:
            x = left + scale * row.mark
            parts.append(_line(x, y + 2, x, y + tall - 2, stroke=RED, stroke_width=3))
        parts.append(_text(end + 8, middle + 4, row.said))
    return _svg(left + BAR + 190, top + tall * len(rows) + 8, parts, title)


def confusion(names: Sequence[str], matrix: Counts, unit: str) -> Html:
    """Return a confusion matrix; a cell's colour is its share of its true class, blue where right.

    Parameters
    ----------
    names
        Of the classes.
    matrix
        Counts [true class, mapped class] of these classes, in `unit`.
    unit
        What is counted: pixels or points.

    Returns
    -------
    Html
        The chart; of more than 16 classes without numbers in its cells, which only their tips tell.
    """
    size = len(names)
    side = 56 if size <= MOST_TEXT else 22
    longest = LETTER * max(map(len, names))
    margin = 40 + longest
    top = 34 + longest * 0.72
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    parts = [
        _text(margin + side * size / 2, 14, "mapped as", "middle", class_="title"),
        _turned(14, top + side * size / 2, "truth", -90, "middle", class_="title"),
    ]
    for i, name in enumerate(names):
        parts += [
            _text(margin - 8, top + side * (i + 0.5) + 4, name, "end"),
            _turned(margin + side * (i + 0.5), top - 8, name, -45, "start"),
        ]
    for row, column in np.ndindex(size, size):
        share = float(shares[row, column])
        count = int(matrix[row, column])
        tip = f"{names[row]} mapped as {names[column]}: {count:,} {unit}, {share:.1%}"
        x = margin + side * column
        y = top + side * row
        colour = BLUE if row == column else RED
        # not in proportion, or one would not see what is rare
        parts.append(_rect(x, y, side - 1, side - 1, colour, tip, f"{share**0.7:.3f}"))
        if count and size <= MOST_TEXT:
            ink = " on" if share > 0.55 else ""
            middle = x + side / 2
            parts += [
                _text(middle, y + side / 2, f"{share:.1%}", "middle", class_=ink.strip() or None),
                _text(middle, y + side / 2 + 14, _short(count), "middle", class_=f"small{ink}"),
            ]
    width = margin + side * size + 0.72 * margin
    return _svg(width, top + side * size + 10, parts, "confusion matrix")


def reliability(confidence: Numbers, accuracy: Numbers, pixels: Counts, ece: float) -> Html:
    """Return a reliability diagram: accuracy by confidence, and how many pixels each bin has.

    After Guo et al. 2017, On calibration of modern neural networks, arXiv:1706.04599.

    Parameters
    ----------
    confidence, accuracy
        Means of each bin, 0 to 1, from the lowest confidence to the highest; NaN where it is empty.
    pixels
        How many each bin has.
    ece
        The expected calibration error, 0 to 1.

    Returns
    -------
    Html
        The chart.
    """
    count = len(pixels)
    side = 320
    left = 60
    top = 24
    low = top + side
    width = side / count
    title = f"accuracy by confidence; ECE {ece:.1%}"
    parts = [_text(left, 14, title, class_="title")]
    for i in np.flatnonzero(pixels).tolist():
        x = left + i * width + 1
        sure = float(confidence[i])
        right = float(accuracy[i])
        tall = side * min(sure, right)
        gap = side * abs(sure - right)
        tip = f"confidence {sure:.1%}, accuracy {right:.1%}, {pixels[i]:,} pixels"
        parts += [
            _rect(x, low - tall, width - 2, tall, BLUE, tip),
            _rect(x, low - tall - gap, width - 2, gap, RED if sure > right else LIGHT, tip),
        ]
    parts.append(_line(left, low, left + side, top, class_="axis", stroke_dasharray="5 4"))
    for tick in np.linspace(0, 1, 6).tolist():
        y = low - side * tick
        parts += [
            _line(left, y, left + side, y, class_="grid"),
            _text(left - 8, y + 4, f"{tick:.0%}", "end"),
            _text(left + side * tick, low + 16, f"{tick:.0%}", "middle"),
        ]
    parts.append(_text(left + side / 2, low + 34, "confidence", "middle"))
    foot = low + 120
    shares = (pixels / max(int(pixels.sum()), 1)).tolist()
    for i, share in enumerate(shares):
        tall = 70 * share / max(*shares, 1e-12)
        parts.append(
            _rect(left + i * width + 1, foot - tall, width - 2, tall, GREY, f"{share:.1%}")
        )
    parts += [
        _line(left, foot, left + side, foot, class_="axis"),
        _text(left + side / 2, foot + 16, "share of the pixels", "middle"),
        *_reliability_keys(left + side + 24, top + 6),
    ]
    return _svg(left + side + 270, foot + 26, parts, title)


def _reliability_keys(x: float, y: float) -> list[Html]:
    shades = (
        (BLUE, "right"),
        (RED, "too sure: confidence above accuracy"),
        (LIGHT, "right, beyond the confidence"),
    )
    parts = [
        part
        for i, (colour, text) in enumerate(shades)
        for part in (_rect(x, y + 22 * i, 12, 12, colour), _text(x + 18, y + 22 * i + 10, text))
    ]
    dashes = _line(x, y + 78, x + 12, y + 66, class_="axis", stroke_dasharray="5 4")
    return [*parts, dashes, _text(x + 18, y + 76, "accuracy = confidence")]


def _svg(width: float, height: float, parts: Sequence[Html], title: str) -> Html:
    wide = round(width)
    tall = round(height)
    return element(
        "svg",
        *(line for part in parts for line in (Html("\n"), part)),
        viewBox=f"0 0 {wide} {tall}",
        width=wide,
        height=tall,
        role="img",
        aria_label=title,
    )


def _rect(
    x: float,
    y: float,
    width: float,
    height: float,
    colour: str,
    tip: str = "",
    opacity: str | None = None,
) -> Html:
    inside = (element("title", tip),) if tip else ()
    size = {"width": max(width, 0.0), "height": max(height, 0.0)}
    return element("rect", *inside, x=x, y=y, **size, fill=colour, fill_opacity=opacity)


def _line(x0: float, y0: float, x1: float, y1: float, **look: object) -> Html:
    return element("line", x1=x0, y1=y0, x2=x1, y2=y1, **look)


def _text(x: float, y: float, text: str, anchor: str | None = None, **look: object) -> Html:
    return element("text", text, x=x, y=y, text_anchor=anchor, **look)


def _turned(x: float, y: float, text: str, angle: int, anchor: str, **look: object) -> Html:
    place = f"translate({x:.1f} {y:.1f}) rotate({angle})"
    return element("text", text, transform=place, text_anchor=anchor, **look)


def _short(count: int) -> str:
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return str(count)
