"""`geoseg objects`: objects from a class raster and a raster of depth."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import click

from ..core.errors import InputError
from ..core.events import Noted
from ..core.options import EARTH_AREA, SQUARE
from ..vector.delivery import TABLE, delivered
from .command import Command
from .parameters import Number, options, split_numbers
from .report import reporting, run_options
from .vectorize import FORMATS, read_classes

MOST_REACH = 512  # pixels, as `objects.links` has it, which is imported when it runs
EXAMPLES = """\b
geoseg objects classes.tif depth.tif --things 1 --out buildings.gpkg
geoseg objects classes.tif depth.tif --things 1,4 --confidence confidence.tif \\
    --min-score 0.5 --min-area 10 --out objects.gpkg --raster objects.tif"""


def read_levels(context: click.Context, option: click.Parameter, text: str) -> tuple[int, ...]:
    """Read 50,25,0 as percent.

    Parameters
    ----------
    context
        Click's; not looked at.
    option
        Which one it is, for the error.
    text
        What the user typed.

    Returns
    -------
    tuple
        The numbers.

    Raises
    ------
    InputError
        Where these are none.
    """
    found = split_numbers(text, int)
    if not found:
        raise InputError(f"{option.opts[0]} {text}", "falling numbers of percent, such as 50,25,0")
    return found


@click.command(cls=Command, epilog=EXAMPLES)
@click.argument("classes", metavar="CLASSES.tif")
@click.argument("depth", metavar="DEPTH.tif")
@click.option(
    "--things",
    required=True,
    callback=read_classes,
    metavar="N,N,...",
    help="The values of the classes whose pixels are of objects.",
)
@click.option(
    "--out",
    metavar="FILE",
    help=f"Where the polygons go: {FORMATS}; FILE.gpkg|layername=NAME adds a layer to a file;"
    f" or {TABLE}",
)
@click.option(
    "--raster",
    metavar="FILE.tif",
    help="Where the numbers of the objects go: a raster of uint32, 0 is none.",
)
@click.option(
    "--confidence",
    metavar="FILE",
    help="The raster's confidence (.tif, percent), whose mean is an object's score.",
)
@click.option(
    "--stuff",
    is_flag=True,
    help="Write the components of all other classes as polygons as well, without a number: each "
    "pixel is in one polygon.",
)
@click.option(
    "--levels",
    default="60,30,0",
    show_default=True,
    callback=read_levels,
    metavar="PERCENT,...",
    help="The depths at which objects begin, the deepest first: those of a level grow over what is "
    "as deep as the next, and what they do not reach begins others. Pixels less deep than the last "
    "are of no object.",
)
@click.option(
    "--reach",
    type=click.IntRange(1, MOST_REACH),
    default=64,
    show_default=True,
    metavar="PX",
    help="How many pixels objects grow at each level, at most.",
)
@click.option(
    "--min-score",
    type=Number(0, 1),
    default=0.0,
    metavar="SHARE",
    help="With --confidence: leave out objects of a lower score, 0 to 1.",
)
@click.option(
    "--min-area",
    type=Number(0, EARTH_AREA),
    default=0.0,
    metavar="M2",
    help="Leave out objects below M2 square metres.",
)
@options("simplify")
@click.option("--square", is_flag=True, help=f"Of objects: {SQUARE}")
@options("layers")
@click.option(
    "--overwrite",
    is_flag=True,
    help="Replace an output that exists; of a GeoPackage, the one layer.",
)
@run_options
def objects(  # numpydoc ignore=PR01
    classes: str,
    depth: str,
    things: tuple[int, ...],
    out: str | None,
    raster: str | None,
    stuff: bool,
    levels: tuple[int, ...],
    reach: int,
    min_score: float,
    min_area: float,
    layers: str,
    overwrite: bool,
    quiet: bool,
    events: bool,
    cancel_on_eof: bool,
    **how: Any,
) -> None:
    """Find objects by how far inside its object each pixel lies: DEPTH.tif, in percent.

    They are the same however the scene is cut, are numbered in the order of their first pixels, row
    by row, and get class, score, area, perimeter, length, width, orientation and compactness.
    """
    from ..objects.find import Finding
    from ..objects.find import objects as run
    from ..objects.links import Levels
    from ..prediction.warm import start_compiling

    finding = Finding(things, Levels(levels, reach), stuff, min_score, min_area)
    with reporting(quiet, events, cancel_on_eof) as report:
        with ExitStack() as stack:
            place, name, tell = out, out, report
            if out is not None:
                place, name, tell = stack.enter_context(delivered(out, overwrite, layers, report))
            # this process is at the links itself
            start_compiling(["polygons", "files"] if out else [], ["trace-objects"] if out else [])
            count = run(
                classes,
                depth,
                place,
                finding,
                raster=raster,
                layers=layers,
                overwrite=overwrite,
                report=tell,
                **how,
            )
        where = " and ".join(each for each in (name, raster) if each)
        report(Noted(f"{count} objects in {where}"))  # a table is there only now
