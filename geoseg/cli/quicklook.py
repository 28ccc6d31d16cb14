"""`geoseg quicklook`: a map or scene as one picture that explains itself."""

from __future__ import annotations

from pathlib import Path

import click

from ..core.errors import InputError
from ..core.events import Noted
from .command import Command
from .report import reporting, run_options

EXAMPLES = """\b
geoseg quicklook landcover.gpkg --out landcover.png
geoseg quicklook classes.tif --out classes.png --width 2000 --title "Aquileia, 2026" """


@click.command(cls=Command, epilog=EXAMPLES)
@click.argument("output", metavar="OUT")
@click.option("--out", required=True, metavar="FILE.png", help="Where the picture goes.")
@click.option(
    "--width",
    type=click.IntRange(200, 8192),
    default=1200,
    show_default=True,
    metavar="PX",
    help="Its width; the height follows from the map.",
)
@click.option(
    "--title", metavar="TEXT", help="What stands above the map; default: the file's name."
)
@click.option(
    "--font",
    metavar="FILE",
    help="A font (.ttf, .ttc, .otf); default: the first on this machine with all letters.",
)
@click.option("--overwrite", is_flag=True, help="Replace a picture that exists.")
@run_options
def quicklook(  # numpydoc ignore=PR01
    output: str,
    out: str,
    width: int,
    title: str | None,
    font: str | None,
    overwrite: bool,
    quiet: bool,
    events: bool,
    cancel_on_eof: bool,
) -> None:
    """Draw a map or scene with legend, scale bar, north arrow and source line.

    OUT is an output of geoseg, any class raster, any scene, or polygons; of a GeoPackage with
    several maps FILE|layername=NAME. A large raster is read from its overviews.
    """
    with reporting(quiet, events, cancel_on_eof) as report:
        if Path(out).suffix.lower() != ".png":
            raise InputError(f"--out {out}", "a name that ends in .png")
        from ..core.atomic import atomic_output
        from ..core.job import split_layer
        from ..prediction.quicklook import make_quicklook
        from ..raster.input_files import check_outputs

        replaced = check_outputs([out], [split_layer(output)[0]], overwrite)
        drawn = make_quicklook(output, width, title, font, report)
        with atomic_output(Path(out), out in replaced) as path:
            path.write_bytes(drawn.png)
        report(Noted(f"written: {out}"))
