"""`geoseg vectorize`: polygons of any class raster."""

from __future__ import annotations

from typing import Any

import click

from ..core.errors import InputError
from ..core.events import Noted
from ..core.options import SQUARE
from ..vector.delivery import TABLE, delivered
from .command import Command
from .parameters import BAND, options, split_numbers
from .report import reporting, run_options

MOST_VALUE = 1 << 63  # of a class: what a raster of whole numbers holds
FORMATS = ".gpkg, .fgb, .parquet, .geojson, .shp or .pmtiles"
EXAMPLES = """\b
geoseg vectorize classes.tif --out landcover.gpkg --min-area 500
geoseg vectorize classes.tif --out buildings.fgb --classes 6 --simplify 10"""


def read_classes(
    context: click.Context, option: click.Parameter, text: str | None
) -> tuple[int, ...] | None:
    """Read 0,1,6 as class values.

    Parameters
    ----------
    context
        Click's; not looked at.
    option
        Which one it is, for the error.
    text
        What the user typed; None where the option is not given.

    Returns
    -------
    tuple
        The values; None for None.

    Raises
    ------
    InputError
        Where these are none that a raster holds.
    """
    if text is None:
        return None
    values = split_numbers(text, int)
    if not values or max(map(abs, values)) >= MOST_VALUE:
        raise InputError(f"{option.opts[0]} {text}", "values of the raster, such as 0,1,6")
    return values


@click.command(cls=Command, epilog=EXAMPLES)
@click.argument("classes", metavar="CLASSES.tif")
@click.option(
    "--out",
    required=True,
    metavar="FILE",
    help=f"Where the polygons go: {FORMATS}; FILE.gpkg|layername=NAME adds a layer to a file;"
    f" or {TABLE}",
)
@click.option(
    "--band",
    type=BAND,
    metavar="N",
    help="The band that holds the classes, where there are several.",
)
@click.option(
    "--confidence",
    metavar="FILE",
    help="The raster's confidence (.tif, percent), for mean and least.",
)
@click.option(
    "--classes",
    "only",
    callback=read_classes,
    metavar="N,N,...",
    help="Write only the polygons of these values.",
)
@click.option(
    "--mask",
    metavar="FILE|WKT",
    help="Trace only this area: a vector file (or its FILE|layername=NAME) or WKT in any CRS,"
    " or where a raster on the same grid is not 0.",
)
@click.option(
    "--zonal",
    metavar="FILE[:N,N,...]",
    help="Add the means of these bands of a raster on the same grid.",
)
@options("cleaning", "layers")
@click.option(
    "--square", callback=read_classes, metavar="N,N,...", help=f"Of these values: {SQUARE}"
)
@click.option(
    "--no-index",
    is_flag=True,
    help="Leave out the spatial index of a GeoPackage or FlatGeobuf: faster.",
)
@click.option(
    "--overwrite",
    is_flag=True,
    help="Replace an output that exists; of a GeoPackage, the one layer.",
)
@run_options
def vectorize(  # numpydoc ignore=PR01
    classes: str,
    out: str,
    band: int | None,
    confidence: str | None,
    only: tuple[int, ...] | None,
    mask: str | None,
    zonal: str | None,
    square: tuple[int, ...] | None,
    no_index: bool,
    overwrite: bool,
    quiet: bool,
    events: bool,
    cancel_on_eof: bool,
    **chosen: Any,
) -> None:
    """Write the connected components of a class raster as polygons: exact, valid, without gaps."""
    from ..prediction.warm import start_compiling
    from ..vector.clean.cleaning import Tracing
    from ..vector.vectorize import vectorize as run

    tracing = Tracing(classes=only, mask=mask, square=square or (), index=not no_index, **chosen)
    with reporting(quiet, events, cancel_on_eof) as report:
        with delivered(out, overwrite, tracing.layers, report) as (path, name, tell):
            # this process is at the tracer itself, unless the raster is cleaned before
            start_compiling(["polygons", "files"], [] if tracing.streams else ["trace"])
            count = run(
                classes,
                path,
                tracing,
                band=band,
                confidence=confidence,
                zonal=zonal,
                overwrite=overwrite,
                report=tell,
            )
        report(Noted(f"{count} polygons in {name}"))  # a table is there only now
