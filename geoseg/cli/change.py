"""`geoseg change`: what became what between two maps, or two scenes."""

from __future__ import annotations

import json
from typing import Any

import click

from ..vector.delivery import TABLE, delivered
from .command import Command
from .parameters import BAND, options
from .report import reporting, run_options, say
from .vectorize import FORMATS

# options that go to the runs which make the maps
PREDICT = ("bands", "scale", "offset", "aoi", "tile", "device", "force")
SETTINGS = ("rename", "ignore", "missing", "resample", "before_band", "after_band")
EXAMPLES = """\b
geoseg change 2018.tif 2024.tif --out change.gpkg --min-area 2000
geoseg change july.tif august.tif --model landcover-s2 --out change.tif
geoseg change 2018.tif corine.tif --rename "Broad-leaved forest=trees" --missing ignore"""


@click.command(cls=Command, epilog=EXAMPLES)
@click.argument("before", metavar="BEFORE.tif")
@click.argument("after", metavar="AFTER.tif")
@click.option(
    "--out",
    metavar="FILE",
    help=f"Where the transitions go: polygons ({FORMATS}; FILE.gpkg|layername=NAME adds a layer),"
    f" a raster (.tif), or {TABLE} Without it, only the table is shown.",
)
@click.option(
    "--raster", metavar="FILE", help="Beside polygons: where the raster of transitions goes (.tif)."
)
@click.option("--unchanged", is_flag=True, help="Polygons also of what did not change.")
@click.option(
    "--rename",
    multiple=True,
    metavar="A=B",
    help="What either map calls A (name or value) is the class B; may be repeated.",
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="A",
    help="The class A of either map counts as nodata; may be repeated.",
)
@click.option(
    "--missing",
    default="error",
    show_default=True,
    metavar="error|count|ignore",
    help="Classes that the other map's legend lacks: an error, counted, or nodata.",
)
@click.option(
    "--resample",
    metavar="nearest",
    help="Bring AFTER onto the grid of BEFORE, where these differ, by the nearest pixel.",
)
@click.option(
    "--before-band",
    type=BAND,
    metavar="N",
    help="BEFORE of several bands: the one that holds the class.",
)
@click.option(
    "--after-band",
    type=BAND,
    metavar="N",
    help="AFTER of several bands: the one that holds the class.",
)
@click.option(
    "--model",
    metavar="NAME|FOLDER",
    help="BEFORE and AFTER are scenes: map both with this model (or auto) first.",
)
@options(*PREDICT, when="With --model")
@options("cleaning", "layers")
@click.option(
    "--overwrite",
    is_flag=True,
    help="Replace an output that exists; of a GeoPackage, the one layer.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print what was found for programs, as one object."
)
@run_options
def change(  # numpydoc ignore=PR01
    before: str,
    after: str,
    out: str | None,
    raster: str | None,
    unchanged: bool,
    model: str | None,
    overwrite: bool,
    as_json: bool,
    quiet: bool,
    events: bool,
    cancel_on_eof: bool,
    **chosen: Any,
) -> None:
    """Tell what became what between two class rasters: areas, a raster and polygons.

    Each transition is a class of the raster and of the polygons, such as trees to built. How
    far the areas can be trusted tells a sample of it: geoseg sample on the raster, then
    geoseg evaluate --areas.
    """
    from ..evaluation.change import ChangeSettings
    from ..evaluation.run_change import describe, run_change, to_json
    from ..vector.clean.cleaning import Tracing

    of_run = {name: value for name in PREDICT if (value := chosen.pop(name)) is not None}
    settings = ChangeSettings(**{name: chosen.pop(name) for name in SETTINGS})
    tracing = Tracing(**chosen)
    with (
        reporting(quiet, events, cancel_on_eof) as report,
        delivered(out or "", overwrite, tracing.layers, report) as (path, _, tell),
    ):
        found = run_change(
            before,
            after,
            tell,
            out=path or None,
            raster=raster,
            model=model,
            options=of_run,
            settings=settings,
            tracing=tracing,
            unchanged=unchanged,
            overwrite=overwrite,
        )
        if as_json and not events:
            click.echo(json.dumps(to_json(found), ensure_ascii=False, indent=1))
        elif not quiet or not (out or raster):
            say(describe(found), report, events)
