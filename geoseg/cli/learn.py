"""geoseg learn: learn from the sparse labels of a workspace, round after round."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import click

from ..core.events import Event, Progress, Report, Round
from .command import Command
from .parameters import Number
from .report import reporting

EXAMPLES = """\b
geoseg learn work
geoseg learn work --seconds 20 --rounds 3
geoseg learn work --within district.gpkg
geoseg learn work --watch
geoseg predict scene.tif --model work --out map.gpkg"""


@click.command(cls=Command, epilog=EXAMPLES)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--seconds",
    type=Number(min=1, max=10**9),
    default=60.0,
    show_default=True,
    help="How long to learn from one state of the labels.",
)
@click.option(
    "--rounds", type=click.IntRange(1, 10**6), help="At most so many rounds; default: no limit."
)
@click.option(
    "--suggestions",
    type=click.IntRange(0, 1000),
    default=10,
    show_default=True,
    help="How many places to suggest at the most.",
)
@click.option(
    "--within",
    metavar="AOI",
    help="Suggest places in this area only: a vector file or WKT, as predict takes it.",
)
@click.option(
    "--watch",
    is_flag=True,
    help="Go on whenever the labels change, until stdin (a pipe) ends or SIGTERM comes.",
)
@click.option(
    "--json",
    "events",
    is_flag=True,
    help="Write JSON lines to stdout, for programs, and nothing else there.",
)
@click.option("--quiet", is_flag=True, help="Show warnings and errors only.")
def learn(  # numpydoc ignore=PR01
    folder: Path,
    seconds: float,
    rounds: int | None,
    suggestions: int,
    within: str | None,
    watch: bool,
    events: bool,
    quiet: bool,
) -> None:
    """Learn from the labels of the workspace FOLDER: in seconds a first model, then better ones.

    Each round writes a model, its score by labels that are held out by place, and the layer of
    suggestions where to label next. A round that is stopped leaves what the one before it wrote.
    """
    with reporting(quiet, events, watch and _is_pipe()) as report:
        from ..labelling.learn import Learning
        from ..labelling.learn import learn as run

        told = report if events else with_time_left(report, seconds)
        run(folder, Learning(seconds, rounds, watch, suggestions, within), told)


def with_time_left(report: Report, seconds: float) -> Report:
    """Return a report that tells people after each round how much of the time has gone.

    Parameters
    ----------
    report
        Takes all events.
    seconds
        How long is learned from one state of the labels.

    Returns
    -------
    Report
        To be called with each event.
    """

    def tell(event: Event) -> None:
        report(event)
        if isinstance(event, Round):
            gone = round(min(event.seconds, seconds))
            report(Progress("learn", gone, round(seconds), event.seconds))

    return tell


def _is_pipe() -> bool:
    """Whether stdin has somebody at its other end, who may be gone."""
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
