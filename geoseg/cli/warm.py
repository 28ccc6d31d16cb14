"""`geoseg warm`: compile and convert beforehand what first runs would."""

from __future__ import annotations

import click

from ..core.events import Noted
from .report import reporting, run_options


@click.command()
@click.option(
    "--models",
    default="all",
    show_default=True,
    metavar="all|none|NAME,...",
    help="Convert these models for OpenVINO, where it is installed.",
)
@run_options
def warm(  # numpydoc ignore=PR01
    models: str, quiet: bool, events: bool, cancel_on_eof: bool
) -> None:
    """Compile beforehand what the first run would, and convert models: for images of containers,
    shared installations, nodes of a cluster.

    What is done already is not done again. The compiled code is kept in the installation where this
    user may write there, else in the cache folder (GEOSEG_CACHE); converted models always are.
    """
    with reporting(quiet, events, cancel_on_eof) as report:
        from ..prediction.warm import warm_up

        for line in warm_up(models, report):
            report(Noted(line))
