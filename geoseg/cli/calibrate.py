"""`geoseg calibrate`: which classes a model's scores cannot exclude."""

from __future__ import annotations

from typing import Any

import click

from .command import Command
from .parameters import BAND, options
from .report import reporting, run_options, say

# options that go to the runs which make the maps
PREDICT = ("bands", "scale", "offset", "gsd", "aoi", "tile", "tta", "device", "force")
EXAMPLES = """\b
geoseg calibrate --pairs places.csv --model landcover-s2 --coverage 0.9 --out sets.json
geoseg calibrate scenes/ truths/ --model my-model --out sets.json
geoseg predict scene.tif --out landcover.gpkg --sets sets.tif --calibration sets.json"""


@click.command(cls=Command, epilog=EXAMPLES)
@click.argument("files", nargs=-1, metavar="[SCENE TRUTH]")
@click.option(
    "--pairs", metavar="FILE.csv", help="Many pairs: a table with the columns map, truth[, place]."
)
@click.option("--model", required=True, metavar="NAME|FOLDER", help="The model.")
@click.option(
    "--coverage",
    type=float,
    default=0.9,
    show_default=True,
    metavar="SHARE",
    help="The share of a new place's pixels whose set is to hold the true class.",
)
@click.option("--out", required=True, metavar="FILE.json", help="Where it is written.")
@click.option(
    "--guard",
    type=click.IntRange(0, 1 << 20),
    default=64,
    show_default=True,
    metavar="PX",
    help="Scenes that are nearer, and have no place in the table, are one place.",
)
@click.option(
    "--allow-empty",
    "empty",
    is_flag=True,
    help="Let a set be empty where no class is sure enough, for a coverage below the share of "
    "pixels that the map has right; else the class of the map is in each.",
)
@click.option(
    "--guarantee",
    "guaranteed",
    is_flag=True,
    help="Take a new place for one that may be missed altogether: larger sets, whose coverage "
    "holds for few places as well.",
)
@options(*PREDICT)
@click.option(
    "--truth-column",
    default="",
    metavar="NAME",
    help="Vector truth: the column that holds the class.",
)
@click.option(
    "--truth-layer",
    default="",
    metavar="NAME",
    help="Vector truth: its layer, where the file has several.",
)
@click.option(
    "--truth-band",
    type=BAND,
    metavar="N",
    help="Truth of several bands: the one that holds the class.",
)
@click.option(
    "--rename",
    multiple=True,
    metavar="A=B",
    help="What the truth calls A (name or value) is the model's B; may be repeated.",
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="A",
    help="The truth's class A counts as unlabelled; may be repeated.",
)
@click.option(
    "--classes", metavar="FILE.json", help='The same as a file: {"truth": {"5": "water"}}.'
)
@click.option("--overwrite", is_flag=True, help="Replace a file that exists.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print what is written to FILE.json instead of lines for people.",
)
@run_options
def calibrate(  # numpydoc ignore=PR01
    files: tuple[str, ...],
    pairs: str | None,
    model: str,
    coverage: float,
    out: str,
    guard: int,
    empty: bool,
    guaranteed: bool,
    overwrite: bool,
    as_json: bool,
    quiet: bool,
    events: bool,
    cancel_on_eof: bool,
    **how: Any,
) -> None:
    """Learn which classes a model's scores cannot exclude.

    SCENE is mapped and compared with TRUTH, a raster, polygons or points; both may be folders
    whose files are named alike. Places are counted, not pixels: scenes that lie near one
    another are one place, and each weighs the same. Take ground that the model was not trained
    on. `predict --sets` uses what is written.
    """
    chosen = {name: how.pop(name) for name in PREDICT}
    with reporting(quiet, events, cancel_on_eof) as report:
        from ..evaluation.class_sets import run_calibration

        found = run_calibration(
            files,
            pairs,
            chosen,
            how,
            report,
            model=model,
            out=out,
            coverage=coverage,
            guard=guard,
            empty=empty,
            guaranteed=guaranteed,
            overwrite=overwrite,
        )
        if as_json and not events:
            click.echo(found.sets.text(), nl=False)
        else:
            say(list(found.lines), report, events)
        found.write()
