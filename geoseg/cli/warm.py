"""`geoseg warm`: compile and convert beforehand what first runs would."""

from __future__ import annotations

import json

import click

from ..core.events import Noted
from .command import Command
from .report import reporting, run_options


@click.command(cls=Command)
@click.option(
    "--models",
    default="all",
    show_default=True,
    metavar="all|none|NAME,...",
    help="Convert these models for OpenVINO, where it is installed.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was done for programs.")
@run_options
def warm(  # numpydoc ignore=PR01
    models: str, as_json: bool, quiet: bool, events: bool, cancel_on_eof: bool
) -> None:
    """Compile beforehand what the first run would, and convert models: for images of containers,
    shared installations, nodes of a cluster.

    What is done already is not done again. The compiled code is kept in the installation where this
    user may write there, else in the cache folder (GEOSEG_CACHE); converted models always are.
    """
    with reporting(quiet, events, cancel_on_eof) as report:
        from ..prediction.warm import warm_up

        lines = warm_up(models, report)
        for line in lines:
            report(Noted(line))
    if as_json and not events:
        click.echo(json.dumps({"done": lines}, ensure_ascii=False, indent=1))
