"""The tables that `geoseg bench` prints: text for people, or Markdown for a page."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from .rounds import Results, middle, ratio
from .task import Result

Row = tuple[str, ...]


def tables(results: Results) -> list[tuple[str, list[Row]]]:
    """Return titles and rows, the first of each being its header."""
    made = [_geoseg(results), _machinery(results), _memory(results), _peers(results)]
    return [(title, rows) for title, rows in made if len(rows) > 1]


def markdown(rows: Sequence[Row]) -> list[str]:
    """Return the rows as a Markdown table: words to the left, numbers to the right."""
    head, *body = ["| " + " | ".join(row) + " |" for row in rows]
    return [head, "|" + "---|" + "---:|" * (len(rows[0]) - 1), *body]


def _named(results: Results, start: str) -> dict[str, list[Result]]:
    return {
        name.removeprefix(start): found for name, found in results.items() if name.startswith(start)
    }


def _geoseg(results: Results) -> tuple[str, list[Row]]:
    head = (
        "geoseg",
        "windows",
        "forward px / scene px",
        "wall s",
        "bare forward s",
        "wall / bare",
        "Mpx/s",
    )
    rows: list[Row] = [head]
    for name, found in _named(results, "geoseg ").items():
        bare = [(r.seconds, r.bare) for r in found if r.bare]
        alone = median(b for _, b in bare)
        times = median(s / b for s, b in bare)
        rows.append(
            (
                name,
                *_windows(found),
                f"{middle(found):.2f}",
                f"{alone:.2f}",
                f"{times:.3f}",
                _speed(found),
            )
        )
    return "A whole run, its model loaded, against the forward pass of the same windows alone", rows


def _machinery(results: Results) -> tuple[str, list[Row]]:
    rows: list[Row] = [
        ("machinery alone", "Mpx/s to the last pixel", "Mpx/s to the whole file", "peak MB")
    ]
    for name, found in _named(results, "machinery ").items():
        rows.append(
            (name, _speed(found, "machinery"), _speed(found), f"{middle(found, 'peak'):.0f}")
        )
    return "Reading, stitching, classifying and writing around a model that computes nothing", rows


def _memory(results: Results) -> tuple[str, list[Row]]:
    found = _named(results, "memory ")
    sides = sorted({int(name.split()[0]) for name in found})
    names = list(dict.fromkeys(name.partition(" ")[2] for name in found))
    rows: list[Row] = [("peak memory, MB", *(f"{side:,} x {side:,} px" for side in sides))]
    for name in names:
        what = name if name == "geoseg" else f"{name} (with a network of one 1 x 1 convolution)"
        peaks = (
            found.get(f"{side} {name}") for side in sides
        )  # an interrupted run has not taken all
        rows.append((what, *(f"{peak[0].peak:,.0f}" if peak else "" for peak in peaks)))
    return "Peak resident memory, each in a process of its own", rows


def _peers(results: Results) -> tuple[str, list[Row]]:
    rows: list[Row] = [
        (
            "program",
            "windows",
            "forward px / scene px",
            "wall s",
            "times geoseg",
            "Mpx/s",
            "peak MB",
        )
    ]
    groups = (
        ("same ", "same geoseg", ""),
        ("allocator ", "same geoseg", ", allocator set"),
        ("best ", "best geoseg", ", at its best"),
    )
    for start, ours, how in groups:
        for name, found in _named(results, start).items():
            times = f"{ratio(found, results[ours]):.2f}"
            peak = f"{middle(found, 'peak'):,.0f}"
            rows.append(
                (
                    f"{name}{how}",
                    *_windows(found),
                    f"{middle(found):.2f}",
                    times,
                    _speed(found),
                    peak,
                )
            )
    return "The same weights and windows in float32, then each as good as it gets", rows


def _windows(found: Sequence[Result]) -> tuple[str, str]:
    return f"{found[0].tile} / {found[0].overlap}", f"{found[0].forward / found[0].pixels:.2f}"


def _speed(found: Sequence[Result], what: str = "seconds") -> str:
    return f"{found[0].pixels / 1e6 / middle(found, what):.2f}"
