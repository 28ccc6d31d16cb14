"""`geoseg rerun`: a map made again from what stands in it."""

from __future__ import annotations

import json

import click

from ..core.errors import RunError
from .command import Command
from .report import reporting, run_options, say

EXAMPLES = """\b
geoseg rerun landcover.gpkg
geoseg rerun landcover.tif --out again.tif --inputs scenes/"""


@click.command(cls=Command, epilog=EXAMPLES)
@click.argument("output")
@click.option(
    "--out", metavar="FILE", help="Write it here; without, it is compared with OUTPUT alone."
)
@click.option(
    "--inputs",
    multiple=True,
    metavar="FOLDER|FILE|ADDRESS",
    help="Where inputs lie now, if not as they were named; may be repeated.",
)
@click.option(
    "--force", is_flag=True, help="Go on where inputs, the model or the machine are not the same."
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print what was found for programs, as one object."
)
@run_options
def rerun(  # numpydoc ignore=PR01
    output: str,
    out: str | None,
    inputs: tuple[str, ...],
    force: bool,
    as_json: bool,
    quiet: bool,
    events: bool,
    cancel_on_eof: bool,
) -> None:
    """Make a map again from what stands in it.

    OUTPUT is a map of predict, vectorize or a batch: GeoTIFF, GeoPackage (of several maps
    FILE|layername=NAME), FlatGeobuf, GeoParquet or GeoJSON; or the STAC item of predict --stac,
    for all files of a map, shapefiles as well. Scene, area and model are looked at
    first: where one has changed, that is told and nothing is made. OUTPUT is never written.
    """
    with reporting(quiet, events, cancel_on_eof) as report:
        from ..prediction.rerun import rerun as run

        found = run(output, out, inputs, force, report)
        if as_json and not events:
            click.echo(json.dumps(found.to_dict(), indent=1, ensure_ascii=False))
        else:
            say(list(found.lines), report, events)
    if found.differences:
        raise RunError(f"{output} and the map that was made again are not the same")
