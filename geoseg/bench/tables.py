"""The tables that `geoseg bench` prints: text for people, or Markdown for a page."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from statistics import median

from .limits import Limits
from .rounds import Results, middle
from .task import Result

Row = tuple[str, ...]
Table = tuple[str, list[Row]]
DISTURBED = (
    "Other programs had the processor meanwhile: a run was faster than can be, or the machine's "
    "own speed changed. Take these figures for nothing, and measure when nothing else runs."
)


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
    made = [_limits(results), _whole_runs(results), _machinery(results), memory_table(results)]
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


def disturbed(results: Results) -> bool:
    """Tell whether times are so that other programs must have had the processor meanwhile.

    Parameters
    ----------
    results
        By the names that `plan_bench` gives.

    Returns
    -------
    bool
        Whether a whole run was faster than the network alone, or than the machine's matrix
        products, or these differed by more than half, where a tenth is left to chance.
    """
    found = [one for each in results_of(results, "geoseg ").values() for one in each]
    rates = [one.limits.fp32 for one in found if one.limits]
    if rates and max(rates) > 1.5 * min(rates):
        return True
    return any(
        (one.bare or 0) > 1.1 * one.seconds
        or (one.operations or 0) > 1.1 * one.seconds * (_rate(one) or inf)
        for one in found
    )


def _rate(one: Result) -> float | None:
    return one.limits.of(one.precision) if one.limits else None


def _limits(results: Results) -> Table:
    """How near each run comes to the fastest matrix products, in the precision that it has."""
    rows: list[Row] = [
        ("geoseg", "precision", "GFLOP/Mpx", "GFLOP/s", "of its matrix rate", "", "J/Mpx")
    ]
    measured: list[Limits] = []
    for name, found in results_of(results, "geoseg ").items():
        measured += [r.limits for r in found if r.limits]
        counted = [r for r in found if r.operations]
        if not counted:
            continue
        rates = [(r.operations or 0) / r.seconds for r in counted]
        shares = [
            rate / limit
            for rate, r in zip(rates, counted, strict=True)
            if r.limits and (limit := r.limits.of(r.precision))
        ]
        energy = [r.joules / r.pixels * 1e6 for r in found if r.joules is not None]
        rows.append(
            (
                name,
                counted[0].precision,
                f"{(counted[0].operations or 0) / 1e3 / counted[0].pixels:.0f}",
                f"{median(rates) / 1e9:.0f}",
                spread_cell([100 * share for share in shares], 0) + " %" if shares else "",
                bar(median(shares)) if shares else "",
                spread_cell(energy, 1) if energy else "",
            )
        )
    if all(not row[-1] for row in rows[1:]):  # no machine's processor tells it
        rows = [row[:-1] for row in rows]
    return _limits_title(measured, len(rows[0]) > ENERGY), rows


ENERGY = 6  # the column of energy in the table of limits
STEPS = 20


def _limits_title(measured: Sequence[Limits], energy: bool) -> str:
    told = "" if energy else "; energy: the processor tells none here"
    if not measured:
        return f"The network's arithmetic in a whole run{told}"
    rates = {
        "fp32": [limits.fp32 for limits in measured],
        "bf16": [limits.bf16 for limits in measured if limits.bf16 is not None],
    }
    cells = [
        f"{name} {spread_cell([rate / 1e9 for rate in found], 0)} GFLOP/s"
        for name, found in rates.items()
        if found
    ]
    memory = spread_cell([limits.bandwidth / 1e9 for limits in measured], 0)
    return (
        "The network's arithmetic in a whole run, against what this machine reaches in matrix "
        f"products: {', '.join(cells)}; memory {memory} GB/s{told}"
    )


def bar(share: float) -> str:
    """Draw a share.

    Parameters
    ----------
    share
        From 0 on; what is above 1 is drawn as 1.

    Returns
    -------
    str
        STEPS letters.
    """
    full = round(STEPS * min(1.0, max(0.0, share)))
    return "#" * full + "." * (STEPS - full)


def spread_cell(values: Sequence[float], digits: int = 2) -> str:
    """Return the cell that tells a median, and between what the rounds lie.

    Parameters
    ----------
    values
        One a round.
    digits
        After the point.

    Returns
    -------
    str
        Such as "4.10 (3.98-4.52)"; of one value, this alone.
    """
    low, high = min(values), max(values)
    middle_ = f"{median(values):.{digits}f}"
    return middle_ if len(values) == 1 else f"{middle_} ({low:.{digits}f}-{high:.{digits}f})"


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
                spread_cell([r.seconds for r in found]),
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
