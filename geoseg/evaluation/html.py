"""An evaluation as one HTML page that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..core.redact import redact
from ..core.version import __version__
from .areas import AreaEstimates
from .charts import areas_svg, confusion_svg, reliability_svg
from .compare import Evaluation
from .text import Rows, amount, area_rows, class_rows, headline_rows, interval, pair_rows

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1f2933; background: #fff; margin: 2rem auto; max-width: 72rem;
  padding: 0 1.2rem }
h1 { font-size: 1.5rem; margin: 0 0 .3rem } h2 { font-size: 1.15rem; margin: 2rem 0 .6rem }
p.from { color: #52606d; margin: 0 0 1rem; overflow-wrap: anywhere }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: .3rem .7rem; text-align: right; border-bottom: 1px solid #e4e7eb }
th:first-child, td:first-child { text-align: left } th { border-bottom: 2px solid #9aa5b1; font-weight: 600 }
.wide { overflow-x: auto } svg { max-width: 100%; height: auto }
ul { margin: .3rem 0; padding-left: 1.2rem } footer { margin: 2.5rem 0 1rem; color: #7b8794; font-size: .85rem }
i { display: inline-block; width: .8em; height: .8em; margin-right: .5em; border: 1px solid #9aa5b1 }
"""


def report(parts: Sequence[Evaluation], whole: Evaluation) -> str:
    """Return the page of one evaluation, or of several and their total."""
    one = len(parts) == 1
    body = [
        f"<h1>How well {'the map agrees' if one else f'{len(parts)} maps agree'} with the "
        "truth</h1>",
        f'<p class="from">map {escape(whole.mapped)}<br>truth {escape(whole.truth)}</p>'
        if one
        else "",
        table([("", ""), *headline_rows(whole)]),
        "<h2>Classes</h2>",
        table(class_rows(whole), dict(zip(whole.names, whole.colours, strict=True))),
        "<h2>Confusion matrix</h2>",
        f'<div class="wide">{confusion_svg(whole)}</div>',
    ]
    if whole.reliability:
        body += [
            "<h2>Reliability of the confidence</h2>",
            f'<div class="wide">{reliability_svg(whole.reliability)}</div>',
        ]
    if not one:
        body += ["<h2>Each map</h2>", table(pair_rows(parts))]
    return page("Evaluation", [*body, _notes(whole.notes)])


def areas_report(
    found: AreaEstimates, unit: str, source: str, colours: Sequence[str], notes: Sequence[str]
) -> str:
    """Return the page of area estimates."""
    counts: Rows = [("points: map \\ truth", *found.names)]
    counts += [(found.names[i], *map(str, row)) for i, row in enumerate(found.counts.tolist())]
    body = [
        "<h1>Areas of the classes, and the map's accuracy</h1>",
        f'<p class="from">interpreted sample {escape(source)}</p>',
        f"<p>Overall accuracy <b>{escape(interval(found.overall))}</b>;"
        f" {amount(found.total, found.total)} {escape(unit)} in all.</p>",
        table(area_rows(found, unit), dict(zip(found.names, colours, strict=True))),
        f'<h2>Areas</h2><div class="wide">{areas_svg(found, unit, colours)}</div>',
        "<h2>What was found at the points</h2>",
        table(counts),
        "<p>Stratified estimators after Olofsson et al. 2014, Good practices for estimating "
        "area and assessing accuracy"
        " of land change, Remote Sensing of Environment 148; intervals of 95 %. Where all "
        "points of a class agree, its"
        " interval has no width: the points are too few to show the errors that there may be.</p>",
    ]
    return page("Areas", [*body, _notes(notes)])


def table(rows: Rows, colours: dict[str, str] | None = None) -> str:
    """Return rows as an HTML table, the first being its heads; names of classes may carry their
    colour.
    """
    head = "".join(f"<th>{escape(cell)}</th>" for cell in rows[0])
    lines = []
    for row in rows[1:]:
        colour = (colours or {}).get(row[0], "")
        mark = f'<i style="background:{escape(colour)}"></i>' if colour else ""
        lines.append(
            f"<tr><td>{mark}{escape(row[0])}</td>"
            + "".join(f"<td>{escape(c)}</td>" for c in row[1:])
            + "</tr>"
        )
    heads = f"<thead><tr>{head}</tr></thead>" if any(rows[0]) else ""
    return f'<div class="wide"><table>{heads}<tbody>{"".join(lines)}</tbody></table></div>'


def page(title: str, body: Sequence[str]) -> str:
    """Return a whole page."""
    return redact(
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>\n"
        + "\n".join(filter(None, body))
        + f"\n<footer>geoseg {escape(__version__)}</footer></body></html>\n"
    )


def _notes(notes: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return f"<h2>How it was compared</h2><ul>{items}</ul>" if items else ""
