"""The report of a batch as one HTML page that needs nothing beside it: how much, of which class,
what failed.
"""

from __future__ import annotations

from base64 import b64encode
from collections import defaultdict
from collections.abc import Sequence
from html import escape
from pathlib import Path

from ..core.card import ModelCard
from ..core.errors import GeosegError
from ..evaluation.charts import bars_svg
from ..evaluation.html import page, table
from ..evaluation.text import Rows, amount
from ..raster.quicklook import quicklook
from .names import put
from .plan import cards_of
from .results import Result, Results, beside

REPORT = "report.html"
# quicklooks at most, pixels of each, bytes of all
PICTURES = 120
SIDE = 160
WEIGHT = 4 << 20
ROWS = 2000  # of the tables of scenes: a browser still scrolls these with ease
STYLE = (
    "<style>.looks{display:flex;flex-wrap:wrap;gap:.8rem}.looks figure{margin:0;width:10rem}"
    ".looks img{max-width:10rem;max-height:10rem;image-rendering:pixelated;border:1px solid "
    "#cbd2d9;background:"
    "repeating-conic-gradient(#e4e7eb 0 25%,#fff 0 50%) 0 0/12px 12px}"
    ".looks figcaption{font-size:.78rem;color:#52606d;overflow-wrap:anywhere}td{max-width:46rem;overflow-wrap:anywhere}"
    ".left td{text-align:left}.left th{text-align:left}</style>"
)


def write_report(found: Results) -> Path:
    """Write report.html beside the maps; it appears whole."""
    target = found.batch.folder / REPORT
    put(target, report_page(found))
    return target


def report_page(found: Results) -> str:
    """Return the page."""
    cards = {card.name: card for card in cards_of(found.batch.recipe.model)}
    body = [
        STYLE,
        f"<h1>Maps of {found.scenes:,} scenes</h1>",
        f'<p class="from">{escape(str(found.batch.folder.absolute()))}</p>',
        _totals(found),
        *_areas(found, cards),
        *_failed(found),
        *_warnings(found),
        *_looks(found, cards),
        *_scenes(found),
    ]
    return page(f"Maps of {found.scenes:,} scenes", body)


def _totals(found: Results) -> str:
    pixels = sum(result.pixels for result in found.done)
    seconds = busy(found.done)
    left = len(found.missing) - len(_failed_scenes(found))
    rows: Rows = [
        ("", ""),
        ("scenes", f"{found.scenes:,}"),
        ("mapped", f"{len(found.done):,}"),
        ("failed", f"{len(_failed_scenes(found)):,}"),
        ("left", f"{left:,}"),
        ("pixels", f"{pixels / 1e6:,.2f} Mpx"),
        ("of these with data", f"{sum(result.mapped for result in found.done) / 1e6:,.2f} Mpx"),
        ("time in which any worker was busy", _hours(seconds)),
        (
            "speed of all workers together",
            f"{pixels / 1e6 / seconds:,.3g} Mpx/s" if seconds else "-",
        ),
        (
            "models",
            ", ".join(sorted({str(result.summary["model"]) for result in found.done})) or "-",
        ),
    ]
    return table(rows)


def busy(done: Sequence[Result]) -> float:
    """Return the seconds in which at least one scene was being mapped."""
    total = 0.0
    until = float("-inf")
    for begun, ended in sorted((result.begun, result.ended) for result in done):
        total += max(0.0, ended - max(begun, until))
        until = max(until, ended)
    return total


def areas_of(done: Sequence[Result], model: str) -> tuple[dict[str, float], int]:
    """Return the area of each class in square metres over the scenes of a model, and how many
    scenes have no scale.
    """
    areas: dict[str, float] = defaultdict(float)
    unknown = 0
    for result in done:
        if result.summary["model"] != model:
            continue
        unknown += result.pixel is None
        for name, share in result.summary["shares"].items():
            areas[name] += share * result.mapped * (result.pixel or 0.0)
    return areas, unknown


def _areas(found: Results, cards: dict[str, ModelCard]) -> list[str]:
    parts = []
    for model in sorted({str(result.summary["model"]) for result in found.done}):
        areas, unknown = areas_of(found.done, model)
        colours = (
            {label.name: label.colour for label in cards[model].labels} if model in cards else {}
        )
        total = sum(areas.values())
        rows: Rows = [("class", "ha", "km²", "share")]
        rows += [
            (
                name,
                f"{area / 1e4:,.2f}",
                f"{area / 1e6:,.4f}",
                f"{area / total:.2%}" if total else "-",
            )
            for name, area in areas.items()
        ]
        rows.append(
            ("all", f"{total / 1e4:,.2f}", f"{total / 1e6:,.4f}", "100.00%" if total else "-")
        )
        bars = [
            (name, area, colours.get(name, "#829ab1"), f"{amount(area / 1e4, total / 1e4)} ha")
            for name, area in areas.items()
        ]
        notes = "Pixels are counted by their area at each scene's centre; what several scenes cover counts in each."
        if unknown:
            notes += f" Without a coordinate reference system, and left out: {unknown:,}."
        parts += [
            f"<h2>Areas of the classes: {escape(model)}</h2>",
            table(rows, colours),
            f"<p>{notes}</p>",
            f'<div class="wide">{bars_svg("hectares", bars)}</div>',
        ]
    return parts


def _failed_scenes(found: Results) -> set[str]:
    """Names of the scenes that failed, or one of whose regions did."""
    return {failure.name.partition("@")[0] for failure in found.failures} & set(found.missing)


def _failed(found: Results) -> list[str]:
    if not found.failures:
        return []
    rows: Rows = [("scene", "why", "tries")]
    rows += [
        (failure.name, failure.reason, str(failure.tries)) for failure in found.failures[:ROWS]
    ]
    return [
        f"<h2>{len(found.failures):,} failed</h2>{_shown(len(found.failures))}",
        f'<div class="left">{table(rows)}</div>',
    ]


def _warnings(found: Results) -> list[str]:
    """What was warned of while scenes were mapped: these maps exist, and may be wrong."""
    rows: Rows = [("scene", "warning")]
    rows += [
        (result.name, text) for result in found.done for text in result.summary.get("warnings", ())
    ]
    if len(rows) == 1:
        return []
    return ["<h2>Warnings</h2>", f'<div class="left">{table(rows[:ROWS])}</div>']


def _looks(found: Results, cards: dict[str, ModelCard]) -> list[str]:
    scenes = [
        result for result in found.done if result.job.classes and result.summary["model"] in cards
    ]
    if not scenes:
        return (
            ["<h2>Quicklooks</h2><p>None: no class raster was written (--format tif).</p>"]
            if found.done
            else []
        )
    step = max(1.0, len(scenes) / PICTURES)
    chosen = [scenes[int(i * step)] for i in range(min(PICTURES, len(scenes)))]
    figures = []
    weight = 0
    for result in chosen:
        figure = _look(result, cards[str(result.summary["model"])], found.batch.folder)
        weight += len(figure)
        if weight > WEIGHT:
            break
        figures.append(figure)
    said = (
        ""
        if len(figures) == len(scenes)
        else f"<p>{len(figures):,} of {len(scenes):,}, spread over all names.</p>"
    )
    return [f'<h2>Quicklooks</h2>{said}<div class="looks">{"".join(figures)}</div>']


def _look(result: Result, card: ModelCard, folder: Path) -> str:
    assert result.job.classes
    try:
        picture, (height, width) = quicklook(result.job.classes, card, SIDE)
    except GeosegError as error:
        return f"<figure><figcaption>{escape(result.name)}: {escape(error.found)}</figcaption></figure>"
    image = f'<img alt="" width="{width}" height="{height}" src="data:image/png;base64,{b64encode(picture).decode()}">'
    link = escape(beside(result.job.classes, folder))
    return f'<figure><a href="{link}">{image}</a><figcaption>{escape(result.name)}</figcaption></figure>'


def _scenes(found: Results) -> list[str]:
    if not found.done:
        return []
    rows: Rows = [
        (
            "scene",
            "when",
            "Mpx",
            "with data",
            "km²",
            "most of it",
            "polygons",
            "seconds",
            "warnings",
        )
    ]
    rows += [_row(result) for result in found.done[:ROWS]]
    return [f"<h2>Scenes</h2>{_shown(len(found.done))}", table(rows)]


def _row(result: Result) -> tuple[str, ...]:
    shares = result.summary["shares"]
    polygons = result.summary["polygons"]
    name = max(shares, key=lambda name: float(shares[name]), default="")
    most = f"{name} {shares[name]:.0%}" if result.mapped and name else "-"
    area = f"{result.mapped * result.pixel / 1e6:,.2f}" if result.pixel else "-"
    return (
        result.name,
        result.when[:10] or "-",
        f"{result.pixels / 1e6:,.4g}",
        f"{result.mapped / max(1, result.pixels):.0%}",
        area,
        most,
        "-" if polygons is None else f"{polygons:,}",
        f"{result.ended - result.begun:,.1f}",
        str(len(result.summary.get("warnings", ())) or "-"),
    )


def _shown(count: int) -> str:
    return (
        ""
        if count <= ROWS
        else f"<p>The first {ROWS:,}; collection.json leads to all that are mapped.</p>"
    )


def _hours(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
