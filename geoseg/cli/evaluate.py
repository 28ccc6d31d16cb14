"""`geoseg evaluate`: how well a map agrees with the truth, and how large its classes are."""

from __future__ import annotations

from typing import Any

import click

from .command import Command
from .parameters import BAND, options
from .report import reporting, run_options, say

# options that go to the run which makes the map
PREDICT = ("bands", "scale", "offset", "aoi", "tile", "device", "force")
EXAMPLES = """\b
geoseg evaluate classes.tif truth.gpkg --truth-column landcover --report report.html
geoseg evaluate scene.tif truth.tif --model landcover-rgb --rename 7=water
geoseg evaluate houses.gpkg truth.gpkg --objects --scene scene.tif --report objects.html
geoseg evaluate --areas sample.gpkg --report areas.html"""


@click.command(cls=Command, epilog=EXAMPLES)
@click.argument("files", nargs=-1, metavar="[MAP TRUTH]")
@click.option(
    "--pairs",
    metavar="FILE.csv",
    help="Many pairs: a table with the columns map, truth[, confidence].",
)
@click.option(
    "--areas",
    metavar="SAMPLE.gpkg",
    help="Areas and accuracies with 95 % intervals, from an interpreted sample.",
)
@click.option(
    "--model", metavar="NAME|FOLDER", help="MAP is a scene: map it with this model (or auto) first."
)
@options(*(name for name in PREDICT if name != "aoi"), when="With --model")
@options("aoi", when="With --model or --objects")
@click.option(
    "--confidence", metavar="FILE", help="The map's confidence (.tif, percent): how reliable it is."
)
@click.option(
    "--truth-column",
    default="",
    metavar="NAME",
    help="Vector truth: the column that holds the class.",
)
@click.option(
    "--map-column", default="", metavar="NAME", help="Vector map: the column that holds the class."
)
@click.option(
    "--truth-layer",
    default="",
    metavar="NAME",
    help="Vector truth: its layer, where the file has several.",
)
@click.option(
    "--map-layer",
    default="",
    metavar="NAME",
    help="Vector map: its layer; or write FILE|layername=NAME.",
)
@click.option(
    "--truth-band",
    type=BAND,
    metavar="N",
    help="Truth of several bands: the one that holds the class.",
)
@click.option(
    "--map-band", type=BAND, metavar="N", help="Map of several bands: the one that holds the class."
)
@click.option(
    "--rename",
    multiple=True,
    metavar="A=B",
    help="What the truth calls A (name or value) is B on the map; may be repeated.",
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="A",
    help="The truth's class A counts as unlabelled; may be repeated.",
)
@click.option(
    "--classes",
    metavar="FILE.json",
    help='The same as a file: {"truth": {"5": "water"}, "map": {...}}.',
)
@click.option(
    "--missing",
    default="error",
    show_default=True,
    metavar="error|count|ignore",
    help="Classes of the truth that the map lacks: an error, wrong pixels, or unlabelled.",
)
@click.option(
    "--boundary",
    default="2px",
    show_default=True,
    metavar="N px|m|off",
    help="How far apart borders may lie for the boundary F1 score, such as 2px or 15m.",
)
@click.option(
    "--pixel",
    type=float,
    metavar="M",
    help="Two vector files: compare on a grid of pixels of M metres.",
)
@click.option(
    "--objects", is_flag=True, help="Compare objects: polygons, or rasters of object numbers."
)
@click.option(
    "--map-classes",
    metavar="FILE",
    help="Objects: the class raster beside the map's raster of numbers.",
)
@click.option(
    "--truth-classes",
    metavar="FILE",
    help="Objects: the class raster beside the truth's raster of numbers.",
)
@click.option("--any-class", is_flag=True, help="Objects: match them whatever their classes.")
@click.option(
    "--score-column",
    default="",
    metavar="NAME",
    help="Objects: the map's column that tells how sure each is.",
)
@click.option(
    "--crowd-column",
    default="",
    metavar="NAME",
    help="Objects: the truth's column that marks several drawn as one.",
)
@click.option(
    "--sizes",
    default="",
    metavar="A,B px|m2",
    help="Objects: where small, medium and large part, such as 50,500m2.",
)
@click.option("--scene", metavar="FILE", help="Objects: what the report's pictures are cut from.")
@click.option("--matches", metavar="FILE.gpkg", help="Objects: write each with what became of it.")
@click.option("--json", "numbers", metavar="FILE", help="Write all numbers as JSON.")
@click.option(
    "--report", "page", metavar="FILE.html", help="Write a page with tables and pictures."
)
@click.option("--overwrite", is_flag=True, help="Replace outputs that exist.")
@run_options
def evaluate(  # numpydoc ignore=PR01
    files: tuple[str, ...], quiet: bool, events: bool, cancel_on_eof: bool, **how: Any
) -> None:
    """Compare a map with the truth, each a raster or vector data in any CRS.

    MAP and TRUTH may also be two folders whose files are named alike. Polygons are burnt in
    by pixel centre, rasters brought to the map's grid by the nearest pixel, points looked
    up. Pixels without a class on either side are left out, and counted.
    """
    chosen = {name: value for name in PREDICT if (value := how.pop(name)) is not None}
    with reporting(quiet, events, cancel_on_eof) as report:
        from ..evaluation.run import run_evaluation

        found = run_evaluation(files, report, options=chosen, **how)
        say(list(found.lines), report, events)
        found.write()
