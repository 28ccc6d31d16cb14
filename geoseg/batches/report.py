"""What a batch shows as an HTML page: how much, of which class, what failed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from ..core.card import ModelCard
from ..core.errors import GeosegError
from ..core.files import beside
from ..evaluation.text import amount
from ..raster.quicklook import quicklook
from ..report.charts import Bar, bars
from ..report.html import Html, element
from ..report.page import Rows, figure, page, picture, section, table
from .names import put
from .plan import cards_of
from .results import Result, Results

REPORT = "report.html"
# quicklooks at most, pixels of each, bytes of all
PICTURES = 120
SIDE = 160
WEIGHT = 4 << 20
ROWS = 2000  # of the tables of scenes: a browser still scrolls these with ease


def write_report(found: Results) -> Path:
    """Write report.html beside the maps; it appears whole, in the place of one that is there.

    Parameters
    ----------
    found
        What the batch has done so far.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    RunError
        If the system does not let it be written.
    """
    target = found.batch.folder / REPORT
    put(target, report_page(found))
    return target


def report_page(found: Results) -> str:
    """Return the page of a batch.

    Parameters
    ----------
    found
        What the batch has done so far.

    Returns
    -------
    str
        A whole page, of some 5 MB at most whatever the number of scenes.
    """
    cards = {
        card.name: card for card in cards_of(found.batch.recipe.model, found.batch.recipe.options)
    }
    title = f"Maps of {found.scenes:,} scenes"
    return page(
        title,
        title,
        [str(found.batch.folder.absolute())],
        _totals(found),
        *_areas(found, cards),
        _failed(found),
        _warnings(found),
        _looks(found, cards),
        _scenes(found),
    )


def _totals(found: Results) -> Html:
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
    """Return the seconds in which at least one scene was being mapped.

    Parameters
    ----------
    done
        Scenes, in any order; `begun` and `ended` of each are read, in seconds of one clock.

    Returns
    -------
    float
        The length of the union of their times; each second counts once.
    """
    total = 0.0
    until = float("-inf")
    for begun, ended in sorted((result.begun, result.ended) for result in done):
        total += max(0.0, ended - max(begun, until))
        until = max(until, ended)
    return total


def areas_of(done: Sequence[Result], model: str) -> tuple[dict[str, float], int]:
    """Return the areas of the classes over the scenes of one model.

    Parameters
    ----------
    done
        Scenes that were mapped, of any model.
    model
        The name of the one that counts.

    Returns
    -------
    tuple[dict[str, float], int]
        Square metres of each class, and how many scenes have no CRS, and so no area.
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


def _areas(found: Results, cards: dict[str, ModelCard]) -> list[Html]:
    parts = []
    for model in sorted({str(result.summary["model"]) for result in found.done}):
        areas, unknown = areas_of(found.done, model)
        colours = (
            {label.name: label.colour for label in cards[model].labels} if model in cards else {}
        )
        total = sum(areas.values())
        rows: Rows = [("class", "ha", "km²", "share")]
        rows += [_area_row(name, area, total) for name, area in areas.items()]
        rows.append(_area_row("all", total, total))
        notes = (
            "Pixels are counted by their area at each scene's centre; what several scenes cover "
            "counts in each."
        )
        if unknown:
            notes += f" Without a coordinate reference system, and left out: {unknown:,}."
        lines = [
            Bar(name, area, f"{amount(area / 1e4, total / 1e4)} ha", colours.get(name, ""))
            for name, area in areas.items()
        ]
        parts.append(
            section(
                f"Areas of the classes: {model}",
                table(rows, colours),
                element("p", notes),
                bars("hectares", lines),
            )
        )
    return parts


def _area_row(name: str, area: float, total: float) -> tuple[str, ...]:
    share = f"{area / total:.2%}" if total else "-"
    return name, f"{area / 1e4:,.2f}", f"{area / 1e6:,.4f}", share


def _failed_scenes(found: Results) -> set[str]:
    """Names of the scenes that failed, or one of whose regions did."""
    return {failure.name.partition("@")[0] for failure in found.failures} & set(found.missing)


def _failed(found: Results) -> Html:
    count = len(found.failures)
    if not count:
        return Html()
    rows: Rows = [("scene", "why", "tries")]
    rows += [(failed.name, failed.reason, str(failed.tries)) for failed in found.failures[:ROWS]]
    return section(f"{count:,} failed", _first_rows(count), table(rows, left=True))


def _warnings(found: Results) -> Html:
    """What was warned of while scenes were mapped: these maps exist, and may be wrong."""
    rows: Rows = [("scene", "warning")]
    rows += [
        (result.name, text) for result in found.done for text in result.summary.get("warnings", ())
    ]
    return section("Warnings", table(rows[:ROWS], left=True)) if len(rows) > 1 else Html()


def _looks(found: Results, cards: dict[str, ModelCard]) -> Html:
    if not found.done:
        return Html()
    scenes = [
        result for result in found.done if result.job.classes and result.summary["model"] in cards
    ]
    if not scenes:
        none = "None: no class raster was written (--format tif)."
        return section("Quicklooks", element("p", none))
    step = max(1.0, len(scenes) / PICTURES)
    chosen = [scenes[int(i * step)] for i in range(min(PICTURES, len(scenes)))]
    figures: list[Html] = []
    weight = 0
    for result in chosen:
        look = _look(result, cards[str(result.summary["model"])], found.batch.folder)
        weight += len(look)
        if weight > WEIGHT:
            break
        figures.append(look)
    some = f"{len(figures):,} of {len(scenes):,}, spread over all names."
    return section(
        "Quicklooks",
        element("p", some) if len(figures) < len(scenes) else "",
        element("div", *figures, class_="row looks"),
    )


def _look(result: Result, card: ModelCard, folder: Path) -> Html:
    assert result.job.classes
    try:
        png, size = quicklook(result.job.classes, card, SIDE)
    except GeosegError as error:
        return figure("", f"{result.name}: {error.found}")
    link = element("a", picture(png, size), href=beside(result.job.classes, folder))
    return figure(link, result.name)


def _scenes(found: Results) -> Html:
    if not found.done:
        return Html()
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
    return section("Scenes", _first_rows(len(found.done)), table(rows))


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


def _first_rows(count: int) -> Html:
    if count <= ROWS:
        return Html()
    return element("p", f"The first {ROWS:,}; collection.json leads to all that are mapped.")


def _hours(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
