"""Pictures of an evaluation as inline SVG: confusion matrix, reliability, areas with their
intervals.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from .areas import AreaEstimates
from .compare import Evaluation
from .reliability import Reliability
from .text import amount

INK = "#1f2933"
FAINT = "#cbd2d9"
BLUE = "#2b6cb0"
RED = "#c05621"
LIGHT = "#90cdf4"
FONT = 'font-family="system-ui, sans-serif" font-size="12"'
LETTER = 6.6  # pixels that a letter of 12 px is wide, about
MOST_TEXT = 16  # classes; the cells of more are too small for numbers


def confusion_svg(found: Evaluation) -> str:
    """Return the confusion matrix: a cell's colour is the share of its true class, one row being
    100 %.
    """
    size = len(found.names)
    side = 56 if len(found.names) <= MOST_TEXT else 22
    margin = 40 + LETTER * max(map(len, found.names))
    top = 34 + LETTER * max(map(len, found.names)) * 0.72
    sums = np.maximum(found.matrix.sum(axis=1, keepdims=True), 1)
    shares = found.matrix / sums
    parts = [
        _text(margin + side * size / 2, 14, "mapped as", "middle", bold=True),
        _turned(14, top + side * size / 2, "truth", -90),
    ]
    for i, name in enumerate(found.names):
        parts += [
            _text(margin - 8, top + side * (i + 0.5) + 4, name, "end"),
            _turned(margin + side * (i + 0.5), top - 8, name, -45, "start"),
        ]
    for row, column in np.ndindex(size, size):
        share = float(shares[row, column])
        pixels = int(found.matrix[row, column])
        tip = f"{found.names[row]} mapped as {found.names[column]}: {pixels:,} {found.unit}, {share:.1%}"
        x = margin + side * column
        y = top + side * row
        parts.append(_rect(x, y, side - 1, side - 1, _shade(share, row == column), tip))
        if pixels and size <= MOST_TEXT:
            ink = "#ffffff" if share > 0.55 else INK
            parts += [
                _text(x + side / 2, y + side / 2, f"{share:.1%}", "middle", ink),
                _text(x + side / 2, y + side / 2 + 14, _short(pixels), "middle", ink, 10),
            ]
    return _svg(margin + side * size + 0.72 * margin, top + side * size + 10, parts)


def reliability_svg(found: Reliability) -> str:
    """Return the reliability diagram: accuracy by confidence, and how many pixels each bin has."""
    confidence, accuracy, pixels = found.bins()
    count = len(pixels)
    side = 320
    left = 60
    top = 24
    width = side / count
    low = top + side
    parts = [_text(left, 14, f"accuracy by confidence; ECE {found.ece():.1%}", bold=True)]
    for i in range(count):
        if not pixels[i]:
            continue
        x = left + i * width
        tall = side * float(min(accuracy[i], confidence[i]))
        gap = side * abs(float(confidence[i] - accuracy[i]))
        shade = RED if confidence[i] > accuracy[i] else LIGHT
        tip = f"confidence {confidence[i]:.1%}, accuracy {accuracy[i]:.1%}, {pixels[i]:,} pixels"
        parts += [
            _rect(x + 1, low - tall, width - 2, tall, BLUE, tip),
            _rect(x + 1, low - tall - gap, width - 2, gap, shade, tip),
        ]
    parts.append(_line(left, low, left + side, top, INK, "5 4"))
    for tick in np.linspace(0, 1, 6):
        y = low - side * tick
        x = left + side * tick
        parts += [
            _line(left, y, left + side, y, FAINT),
            _text(left - 8, y + 4, f"{tick:.0%}", "end"),
            _text(x, low + 16, f"{tick:.0%}", "middle"),
        ]
    parts.append(_text(left + side / 2, low + 34, "confidence", "middle"))
    foot = low + 50
    tall = 70
    shares = pixels / max(int(pixels.sum()), 1)
    for i, share in enumerate(shares):
        height = tall * float(share / max(shares.max(), 1e-12))
        parts.append(
            _rect(
                left + i * width + 1,
                foot + tall - height,
                width - 2,
                height,
                "#829ab1",
                f"{share:.1%}",
            )
        )
    parts += [
        _line(left, foot + tall, left + side, foot + tall, INK),
        _text(left + side / 2, foot + tall + 16, "share of the pixels", "middle"),
    ]
    return _svg(
        left + side + 270,
        foot + tall + 26,
        [*parts, *_reliability_legend(left + side + 24, top + 6)],
    )


def _reliability_legend(x: float, y: float) -> list[str]:
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
    return [
        *parts,
        _line(x, y + 78, x + 12, y + 66, INK, "5 4"),
        _text(x + 18, y + 76, "accuracy = confidence"),
    ]


def areas_svg(found: AreaEstimates, unit: str, colours: Sequence[str]) -> str:
    """Return the classes' areas as bars with their intervals, and a tick where the map's own
    area lies.
    """
    left = 30 + LETTER * max(map(len, found.names))
    side = 460
    high = 30
    top = 30
    areas = [found.area(i) for i in range(len(found.names))]
    strata = len(found.mapped)
    longest = max([*(a.value + a.half for a in areas), *found.mapped]) or 1.0
    scale = side / longest
    parts = [
        _text(
            left,
            16,
            f"estimated area in {unit}, with intervals of 95 %; the tick is the mapped area",
        )
    ]
    for i, (name, area) in enumerate(zip(found.names, areas, strict=True)):
        y = top + high * i
        x0, x1 = (left + scale * max(0.0, area.value + sign * area.half) for sign in (-1, 1))
        tip = f"{name}: {amount(area.value, found.total)} ± {amount(area.half, found.total)} {unit}"
        parts += [
            _text(left - 8, y + high / 2 + 4, name, "end"),
            _rect(left, y + 5, scale * area.value, high - 10, colours[i] or "#829ab1", tip),
            _line(x0, y + high / 2, x1, y + high / 2, INK, wide=2),
            *(_line(x, y + 9, x, y + high - 9, INK, wide=2) for x in (x0, x1)),
            _text(x1 + 8, y + high / 2 + 4, tip.partition(": ")[2]),
        ]
        if i < strata:
            x = left + scale * float(found.mapped[i])
            parts.append(_line(x, y + 2, x, y + high - 2, RED, wide=3))
    return _svg(left + side + 190, top + high * len(areas) + 8, parts)


def bars_svg(title: str, rows: Sequence[tuple[str, float, str, str]]) -> str:
    """Return bars: of each row its name, its length, its colour, and what is said of it."""
    left = 30 + LETTER * max((len(row[0]) for row in rows), default=0)
    side = 460
    high = 26
    top = 30
    longest = max((value for _, value, _, _ in rows), default=0) or 1.0
    parts = [_text(left, 16, title)]
    for i, (name, value, colour, said) in enumerate(rows):
        y = top + high * i
        long = side * value / longest
        parts += [
            _text(left - 8, y + high / 2 + 4, name, "end"),
            _rect(left, y + 4, long, high - 8, colour, f"{name}: {said}"),
            _text(left + long + 8, y + high / 2 + 4, said),
        ]
    return _svg(left + side + 190, top + high * len(rows) + 8, parts)


def _svg(width: float, height: float, parts: Sequence[str]) -> str:
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {FONT}>\n' + "\n".join(parts) + "\n</svg>"
    )


def _rect(
    x: float, y: float, width: float, height: float, colour: str, tip: str = "", opacity: float = 1
) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}"'
    title = f"<title>{escape(tip)}</title>" if tip else ""
    return f'<rect {place} fill="{colour}" fill-opacity="{opacity:g}">{title}</rect>'


def _line(
    x0: float, y0: float, x1: float, y1: float, colour: str, dash: str = "", wide: float = 1
) -> str:
    place = f'x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}"'
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<line {place} stroke="{colour}" stroke-width="{wide:g}"{dashes}/>'


def _text(
    x: float,
    y: float,
    text: str,
    anchor: str = "start",
    colour: str = INK,
    size: int = 12,
    *,
    bold: bool = False,
) -> str:
    weight = ' font-weight="600"' if bold else ""
    look = f'text-anchor="{anchor}" fill="{colour}" font-size="{size}"{weight}'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{escape(text)}</text>'


def _turned(x: float, y: float, text: str, angle: int, anchor: str = "middle") -> str:
    place = f'transform="translate({x:.1f} {y:.1f}) rotate({angle})"'
    weight = ' font-weight="600"' if angle == -90 else ""
    return f'<text {place} text-anchor="{anchor}" fill="{INK}"{weight}>{escape(text)}</text>'


def _shade(share: float, right: bool) -> str:
    """White for nothing; the darker the more, blue where right and red where wrong."""
    full = (43, 108, 176) if right else (192, 86, 33)
    return "#" + "".join(f"{round(255 + (part - 255) * share**0.7):02x}" for part in full)


def _short(count: int) -> str:
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return str(count)
