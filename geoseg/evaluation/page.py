"""What an evaluation, or area estimates, show as an HTML page."""

from __future__ import annotations

from collections.abc import Sequence

from ..report.charts import Bar, bars, confusion, reliability
from ..report.html import Html, element
from ..report.page import Rows, listing, page, section, table
from .areas import AreaEstimates
from .compare import Evaluation
from .text import amount, area_rows, class_rows, headline_rows, interval, pair_rows

SOURCE = (
    "Stratified estimators after Olofsson et al. 2014, Good practices for estimating area and "
    "assessing accuracy of land change, Remote Sensing of Environment 148; intervals of 95 %. "
    "Where all points of a class agree, its interval has no width: the points are too few to show "
    "the errors that there may be."
)


def evaluation_page(parts: Sequence[Evaluation], total: Evaluation) -> str:
    """Return the page of one evaluation, or of several and their total.

    Parameters
    ----------
    parts
        The comparison of each map with its truth.
    total
        All of them together; the one itself where there is only one.

    Returns
    -------
    str
        A whole page.
    """
    one = len(parts) == 1
    maps = "the map agrees" if one else f"{len(parts)} maps agree"
    return page(
        "Evaluation",
        f"How well {maps} with the truth",
        [f"map {total.mapped}", f"truth {total.truth}"] if one else [],
        table([("", ""), *headline_rows(total)]),
        section(
            "Classes",
            table(class_rows(total), dict(zip(total.names, total.colours, strict=True))),
        ),
        section("Confusion matrix", confusion(total.names, total.matrix, total.unit)),
        _reliability(total),
        "" if one else section("Each map", table(pair_rows(parts))),
        _notes(total.notes),
    )


def areas_page(
    found: AreaEstimates, unit: str, source: str, colours: Sequence[str], notes: Sequence[str]
) -> str:
    """Return the page of area estimates.

    Parameters
    ----------
    found
        The estimates.
    unit
        Of their areas.
    source
        The file of the interpreted sample.
    colours
        Of each class, as CSS knows it; empty where it has none.
    notes
        How they were made, a sentence each.

    Returns
    -------
    str
        A whole page.
    """
    counts: Rows = [("points: map \\ truth", *found.names)]
    counts += [(found.names[i], *map(str, row)) for i, row in enumerate(found.counts.tolist())]
    in_all = f"; {amount(found.total, found.total)} {unit} in all."
    return page(
        "Areas",
        "Areas of the classes, and the map's accuracy",
        [f"interpreted sample {source}"],
        element("p", "Overall accuracy ", element("b", interval(found.overall)), in_all),
        table(area_rows(found, unit), dict(zip(found.names, colours, strict=True))),
        section("Areas", _area_bars(found, unit, colours)),
        section("What was found at the points", table(counts), element("p", SOURCE)),
        _notes(notes),
    )


def _reliability(found: Evaluation) -> Html:
    if not found.reliability:
        return Html()
    chart = reliability(*found.reliability.bins(), found.reliability.ece())
    return section("Reliability of the confidence", chart)


def _area_bars(found: AreaEstimates, unit: str, colours: Sequence[str]) -> Html:
    rows = []
    for i, name in enumerate(found.names):
        area = found.area(i)
        said = f"{amount(area.value, found.total)} ± {amount(area.half, found.total)} {unit}"
        mapped = float(found.mapped[i]) if i < len(found.mapped) else None
        rows.append(Bar(name, area.value, said, colours[i], area.half, mapped))
    title = f"estimated area in {unit}, with intervals of 95 %; the tick is the mapped area"
    return bars(title, rows)


def _notes(notes: Sequence[str]) -> Html:
    return section("How it was compared", listing(notes)) if notes else Html()
