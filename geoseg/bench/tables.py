"""The tables that `geoseg bench` prints: text for people, or Markdown for a page."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from .rounds import Results, middle
from .task import Result

Row = tuple[str, ...]
Table = tuple[str, list[Row]]


def tables(results: Results) -> list[Table]:
    """Put results into tables; those without a row are left out.

    Parameters
    ----------
    results
        By the names that `plan_bench` gives.

    Returns
    -------
    list
        Title and rows of each table, the first row being its header.
    """
    made = [_whole_runs(results), _machinery(results), memory_table(results)]
    return [(title, rows) for title, rows in made if len(rows) > 1]


def markdown(rows: Sequence[Row]) -> list[str]:
    """Return rows as a Markdown table.

    Parameters
    ----------
    rows
        The first is the header. The first column holds words, the others numbers.

    Returns
    -------
    list
        Lines, words to the left and numbers to the right.
    """
    head, *body = ["| " + " | ".join(row) + " |" for row in rows]
    return [head, "|" + "---|" + "---:|" * (len(rows[0]) - 1), *body]


def results_of(results: Results, start: str) -> dict[str, list[Result]]:
    """Return the results of one kind of measurement.

    Parameters
    ----------
    results
        Of all measurements.
    start
        How the names of that kind begin.

    Returns
    -------
    dict
        By the rest of their names.
    """
    return {
        name.removeprefix(start): found for name, found in results.items() if name.startswith(start)
    }


def _whole_runs(results: Results) -> Table:
    head = (
        "geoseg",
        "tile / overlap",
        "forward px / scene px",
        "wall s",
        "bare forward s",
        "wall / bare",
        "Mpx/s",
    )
    rows: list[Row] = [head]
    for name, found in results_of(results, "geoseg ").items():
        bare = [(r.seconds, r.bare) for r in found if r.bare]
        alone = median(b for _, b in bare)
        times = median(s / b for s, b in bare)
        rows.append(
            (
                name,
                *tile_cells(found),
                f"{middle(found):.2f}",
                f"{alone:.2f}",
                f"{times:.3f}",
                speed_cell(found),
            )
        )
    return "A whole run, its model loaded, against the forward pass of the same tiles alone", rows


def _machinery(results: Results) -> Table:
    rows: list[Row] = [
        ("machinery alone", "Mpx/s to the last pixel", "Mpx/s to the whole file", "peak MB")
    ]
    for name, found in results_of(results, "machinery ").items():
        peak = f"{middle(found, 'peak'):.0f}"
        rows.append((name, speed_cell(found, "machinery"), speed_cell(found), peak))
    return "Reading, stitching, classifying and writing around a model that computes nothing", rows


def memory_table(results: Results) -> Table:
    """Return the peak memory of each program on each square scene.

    Parameters
    ----------
    results
        Those that are called `memory SIDE PROGRAM` are looked at.

    Returns
    -------
    tuple
        Title and rows, the first being the header: a row for a program, a column for a side.
    """
    found = results_of(results, "memory ")
    sides = sorted({int(name.split()[0]) for name in found})
    names = list(dict.fromkeys(name.partition(" ")[2] for name in found))
    rows: list[Row] = [("peak memory, MB", *(f"{side:,} x {side:,} px" for side in sides))]
    for name in names:
        what = name if name == "geoseg" else f"{name} (with a network of one 1 x 1 convolution)"
        # an interrupted run has not taken all
        peaks = (found.get(f"{side} {name}") for side in sides)
        rows.append((what, *(f"{peak[0].peak:,.0f}" if peak else "" for peak in peaks)))
    return "Peak resident memory, each in a process of its own", rows


def tile_cells(found: Sequence[Result]) -> tuple[str, str]:
    """Return the cells that tell the tiling: tile and overlap, and how often a pixel goes through.

    Parameters
    ----------
    found
        Rounds of one task; the tiling is the same in all.

    Returns
    -------
    tuple
        Pixels `tile / overlap`, and pixels of the network for each pixel of the scene.
    """
    return f"{found[0].tile} / {found[0].overlap}", f"{found[0].forward / found[0].pixels:.2f}"


def speed_cell(found: Sequence[Result], what: str = "seconds") -> str:
    """Return the cell that tells the speed.

    Parameters
    ----------
    found
        Rounds of one task.
    what
        The field whose median counts, in seconds.

    Returns
    -------
    str
        Millions of the scene's pixels a second.
    """
    return f"{found[0].pixels / 1e6 / middle(found, what):.2f}"
