"""Curves as SVG, drawn by hand: a report needs nothing but itself."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH = 560
HEIGHT = 240
LEFT = 52
RIGHT = 12
TOP = 30
BOTTOM = 34
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
Points = Sequence[tuple[float, float]]


def chart(title: str, curves: Mapping[str, Points], unit: str = "step") -> str:
    """Return curves over a common axis as an SVG element, "" where no curve has a finite point."""
    shown = {
        name: [p for p in points if all(map(math.isfinite, p))] for name, points in curves.items()
    }
    every = [point for points in shown.values() for point in points]
    if not every:
        return ""
    xs = ticks(0.0, max(x for x, _ in every))
    ys = ticks(min(y for _, y in every), max(y for _, y in every))
    lines = [
        _curve(points, xs, ys, COLOURS[i % len(COLOURS)])
        for i, points in enumerate(shown.values())
        if points
    ]
    legend = [_legend(name, i, len(shown)) for i, name in enumerate(shown)]
    return "\n".join(
        [
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">',
            *(_grid_line(y, ys) for y in ys),
            *(_mark(x, xs) for x in xs),
            *lines,
            *legend,
            f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 4}" text-anchor="end">{escape(unit)}</text>',
            "</svg>",
        ]
    )


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Return round, evenly spaced numbers, the first at most `low` and the last at least `high`."""
    span = high - low or abs(high) or 1.0
    rough = span / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(
        factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * (1 - 1e-9)
    )
    first = math.floor(low / step + 1e-9)
    last = math.ceil(high / step - 1e-9)
    return [round(i * step, 12) for i in range(first, max(last, first + 1) + 1)]


def _across(x: float, xs: Sequence[float]) -> float:
    return LEFT + (x - xs[0]) / (xs[-1] - xs[0]) * (WIDTH - LEFT - RIGHT)


def _up(y: float, ys: Sequence[float]) -> float:
    return HEIGHT - BOTTOM - (y - ys[0]) / (ys[-1] - ys[0]) * (HEIGHT - TOP - BOTTOM)


def _curve(points: Points, xs: Sequence[float], ys: Sequence[float], colour: str) -> str:
    places = [f"{_across(x, xs):.1f},{_up(y, ys):.1f}" for x, y in points]
    dots = "".join(
        f'<circle cx="{p.split(",")[0]}" cy="{p.split(",")[1]}" r="2.5" fill="{colour}"/>'
        for p in places
    )
    return f'<polyline points="{" ".join(places)}" fill="none" stroke="{colour}" stroke-width="2"/>{dots}'


def _grid_line(y: float, ys: Sequence[float]) -> str:
    place = f"{_up(y, ys):.1f}"
    line = f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{place}" y2="{place}" stroke="#ddd"/>'
    return line + f'<text x="{LEFT - 6}" y="{place}" dy="4" text-anchor="end">{y:g}</text>'


def _mark(x: float, xs: Sequence[float]) -> str:
    return f'<text x="{_across(x, xs):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{x:g}</text>'


def _legend(name: str, index: int, count: int) -> str:
    if count == 1:
        return ""
    x = LEFT + 10 + 150 * index
    y = TOP / 2
    colour = COLOURS[index % len(COLOURS)]
    mark = f'<line x1="{x}" x2="{x + 18}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="3"/>'
    return f'{mark}<text x="{x + 24}" y="{y}" dy="4">{escape(name)}</text>'
