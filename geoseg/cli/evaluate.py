"""`geoseg evaluate`: how well a map agrees with the truth, and how large its classes are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import InputError
from ..events import Report, Warned
from ..redact import redact
from .reading import read_bands
from .reporting import reporting, run_options, say

if TYPE_CHECKING:
    from ..evaluate.compare import Settings
    from ..evaluate.pairs import Pair

# options that go to the run which makes the map
PREDICT = ("bands", "scale", "offset", "aoi", "tile", "device", "force")
EXAMPLES = """\b
geoseg evaluate classes.tif truth.gpkg --truth-column landcover --report report.html
geoseg evaluate scene.tif truth.tif --model landcover-rgb --rename 7=water
geoseg evaluate --areas sample.gpkg --report areas.html"""


@click.command(epilog=EXAMPLES)
@click.argument("files", nargs=-1, metavar="[MAP TRUTH]")
@click.option("--pairs", metavar="FILE.csv", help="Many pairs: a table with the columns map, truth[, confidence].")
@click.option("--areas", metavar="SAMPLE.gpkg",
              help="Areas and accuracies with 95 % intervals, from an interpreted sample.")  # fmt: skip
@click.option("--model", metavar="NAME|FOLDER", help="MAP is a scene: map it with this model (or auto) first.")
@click.option("--bands", callback=read_bands, metavar="N,N,...", help="With --model: the scene's bands.")
@click.option("--scale", type=float, metavar="S", help="With --model: value = DN x S + O, as for geoseg predict.")
@click.option("--offset", type=float, metavar="O", help="See --scale.")
@click.option("--aoi", metavar="FILE|WKT", help="With --model: map and compare this area only.")
@click.option("--tile", type=int, metavar="PX", help="With --model: the network's window.")
@click.option("--device", metavar="auto|cpu|cuda[:N]", help="With --model: where to compute.")
@click.option("--force", is_flag=True, default=None, help="With --model: go on where values lie outside the model's.")
@click.option("--confidence", metavar="FILE", help="The map's confidence (.tif, percent): how reliable it is.")
@click.option("--truth-column", default="", metavar="NAME", help="Vector truth: the column that holds the class.")
@click.option("--map-column", default="", metavar="NAME", help="Vector map: the column that holds the class.")
@click.option("--truth-layer", default="", metavar="NAME", help="Vector truth: its layer, where the file has several.")
@click.option("--map-layer", default="", metavar="NAME", help="Vector map: its layer; or write FILE|layername=NAME.")
@click.option("--truth-band", type=int, metavar="N", help="Truth of several bands: the one that holds the class.")
@click.option("--map-band", type=int, metavar="N", help="Map of several bands: the one that holds the class.")
@click.option("--rename", multiple=True, metavar="A=B",
              help="What the truth calls A (name or value) is B on the map; may be repeated.")  # fmt: skip
@click.option("--ignore", multiple=True, metavar="A", help="The truth's class A counts as unlabelled; may be repeated.")
@click.option("--classes", metavar="FILE.json", help='The same as a file: {"truth": {"5": "water"}, "map": {...}}.')
@click.option("--missing", default="error", show_default=True, metavar="error|count|ignore",
              help="Classes of the truth that the map lacks: an error, wrong pixels, or unlabelled.")  # fmt: skip
@click.option("--boundary", default="2px", show_default=True, metavar="N px|m|off",
              help="How far apart borders may lie for the boundary F1 score, such as 2px or 15m.")  # fmt: skip
@click.option("--pixel", type=float, metavar="M", help="Two vector files: compare on a grid of pixels of M metres.")
@click.option("--json", "numbers", metavar="FILE", help="Write all numbers as JSON.")
@click.option("--report", "page", metavar="FILE.html", help="Write a page with tables and pictures.")
@click.option("--overwrite", is_flag=True, help="Replace outputs that exist.")
@run_options
def evaluate(files: tuple[str, ...], pairs: str | None, areas: str | None, model: str | None, confidence: str | None,
             numbers: str | None, page: str | None, overwrite: bool, quiet: bool, events: bool, cancel_on_eof: bool,
             **how: Any) -> None:  # fmt: skip
    """Compare a map with the truth, each a raster or vector data in any CRS.

    MAP and TRUTH may also be two folders whose files are named alike. Polygons are burnt in
    by pixel centre, rasters brought to the map's grid by the nearest pixel, points looked
    up. Pixels without a class on either side are left out, and counted.
    """
    with reporting(quiet, events, cancel_on_eof) as report:
        if areas is not None:
            if files or pairs:
                raise InputError("--areas takes no map beside it", "geoseg evaluate --areas SAMPLE.gpkg")
            replaced = _look((numbers, page), [areas], overwrite)
            lines, data, html = _areas(areas, report)
        else:
            options = {name: value for name in PREDICT if (value := how.pop(name)) is not None}
            if options and not model:
                raise InputError(f"--{next(iter(options))} without --model", "--model, where MAP is a scene")
            chosen = _pairs(files, pairs, confidence, model, report)
            read = [path for pair in chosen for path in (pair.mapped, pair.truth, pair.confidence)]
            read += [pairs, how["classes"], options.get("aoi"), _model(model)]
            replaced = _look((numbers, page), read, overwrite)
            lines, data, html = _compare(chosen, model, options, _settings(**how), report)
        say(lines, report, events)
        for target, text in ((numbers, json.dumps(data, indent=1, ensure_ascii=False) + "\n"), (page, html)):
            if target:
                _write(Path(target), redact(text), target in replaced)


Result = tuple[list[str], Any, str]  # lines for the terminal, numbers, and the page


def _settings(
    rename: tuple[str, ...], ignore: tuple[str, ...], classes: str | None, boundary: str, **how: Any
) -> Settings:
    from ..evaluate.classes import read_renames
    from ..evaluate.compare import Settings

    renames = read_renames(rename, ignore, classes)
    return Settings(renames=renames, tolerance=boundary.replace(" ", ""), **how)


def _compare(
    pairs: list[Pair], model: str | None, options: dict[str, Any], settings: Settings, report: Report
) -> Result:
    from ..evaluate import html, results, text
    from ..evaluate.pairs import evaluate_all

    parts = evaluate_all(pairs, settings, model, options, report)
    if len(parts) == 1:
        return text.describe(parts[0]), results.to_json(parts[0]), html.report(parts, parts[0])
    whole = results.total(parts)
    data = {"total": results.to_json(whole), "pairs": [results.to_json(part) for part in parts]}
    lines = [*text.table(text.pair_rows(parts)), "", "all together:", *text.describe(whole)]
    return lines, data, html.report(parts, whole)


def _pairs(files: tuple[str, ...], table: str | None, confidence: str | None, model: str | None,
           report: Report) -> list[Pair]:  # fmt: skip
    from ..evaluate.pairs import Pair, match_folders, read_pairs

    if model and confidence:
        raise InputError("--confidence beside --model", "one of the two: the model makes its own confidence")
    if table:
        if files or confidence:
            raise InputError(
                "--pairs takes no map beside it", "the table alone: it has the columns map, truth, confidence"
            )
        return read_pairs(table)
    if len(files) != 2:
        raise InputError(f"{len(files)} files were given", "MAP and TRUTH, or --pairs FILE.csv, or --areas SAMPLE.gpkg")
    if all(Path(path).is_dir() for path in files):
        if confidence:
            raise InputError(
                "--confidence with two folders", "--pairs FILE.csv with the columns map, truth, confidence"
            )
        return match_folders(files[0], files[1], report)
    return [Pair(files[0], files[1], confidence)]


def _areas(sample: str, report: Report) -> Result:
    from ..evaluate import html, results, text
    from ..sampling.interpreted import read_sample

    found = read_sample(sample)
    for note in found.notes:
        report(Warned(note))
    estimates, unit = found.estimates, found.unit
    data = results.areas_to_json(estimates, unit) | {"sample": sample, "notes": list(found.notes)}
    return (
        text.describe_areas(estimates, unit),
        data,
        html.areas_report(estimates, unit, sample, found.colours, found.notes),
    )


def _look(outputs: Sequence[str | None], inputs: Sequence[str | None], overwrite: bool) -> frozenset[str]:
    from ..raster import check_outputs

    return check_outputs(outputs, inputs, overwrite)


def _model(name: str | None) -> str | None:
    """Return the folder of a model; auto has none."""
    from ..models import find_model

    return None if name in (None, "auto") else str(find_model(str(name)).path)


def _write(path: Path, text: str, replace: bool) -> None:
    from ..vector.target import whole

    with whole(path, replace) as part:
        part.write_text(text, encoding="utf-8")
