"""`geoseg view`: maps in the browser."""

from __future__ import annotations

import webbrowser

import click

from ..core.events import Noted
from .command import Command
from .report import arrived, reporting

EXAMPLES = """\b
geoseg view landcover.tif scene.tif
geoseg view landcover.gpkg landcover.tif confidence.tif scores.tif product.SAFE
geoseg view landcover.tif --scene B02.jp2 --scene B03.jp2 --scene B04.jp2
geoseg view WORKSPACE landcover.tif
geoseg view landcover.tif scene.tif --export page.html"""


@click.command(cls=Command, epilog=EXAMPLES)
@click.argument("out", nargs=-1, required=True)
@click.option(
    "--scene",
    multiple=True,
    metavar="FILE",
    help="A file of the scene, where its bands lie in several; may be repeated.",
)
@click.option(
    "--label",
    metavar="FOLDER",
    help="Label in this workspace (of `geoseg label`), and learn; or name it among OUT.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    metavar="N",
    help="The port of this machine; default: one that is free.",
)
@click.option("--no-browser", is_flag=True, help="Print the address, and open no browser.")
@click.option(
    "--export",
    "page",
    metavar="FILE.html",
    help="Write the page as one file, which needs no server and no network: maps up to 16 Mpx.",
)
@click.option("--overwrite", is_flag=True, help="With --export: replace a page that exists.")
@click.option("--quiet", is_flag=True, help="Show warnings and errors only.")
def view(  # numpydoc ignore=PR01
    out: tuple[str, ...],
    scene: tuple[str, ...],
    label: str | None,
    port: int,
    no_browser: bool,
    page: str | None,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Show maps in the browser, with their scene.

    OUT is any of a map's files: classes, confidence, scores (.tif), polygons (.gpkg, .fgb,
    .pmtiles...), and the scene. The page comes from this machine alone (127.0.0.1), under an
    address that nobody can guess; Ctrl-C ends it.
    """
    with reporting(quiet, False, False) as report:
        from ..view.show import export, open_page

        if page:
            export(out, scene, page, overwrite=overwrite, report=report)
            return
        with open_page(out, scene, label=label, port=port) as listening:
            try:
                click.echo(listening.address)
                report(Noted("the page is there until Ctrl-C"))
                if not no_browser:
                    webbrowser.open(listening.address)
                listening.serve()
            except KeyboardInterrupt:  # how a server ends
                arrived()
