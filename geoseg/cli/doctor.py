"""`geoseg doctor`: whether this installation works."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from ..core.errors import RunError
from ..core.events import Event, Noted, Progress
from .command import Command
from .report import reporting, run_options

if TYPE_CHECKING:
    from ..prediction.doctor import Checkup, Diagnosis


@click.command(cls=Command)
@click.option(
    "--device",
    default="auto",
    show_default=True,
    metavar="auto|cpu|cuda[:N]",
    help="Where to compute.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print what was found for programs, as one object."
)
@run_options
def doctor(
    device: str, as_json: bool, quiet: bool, events: bool, cancel_on_eof: bool
) -> None:  # numpydoc ignore=PR01
    """Check this installation: versions, devices, and each model on a small scene with a known
    answer.

    Where something is wrong, the exit status is 1. The first run compiles meanwhile what the first
    map is then spared.
    """
    with reporting(quiet, events, cancel_on_eof) as report:
        from ..prediction.doctor import diagnose

        def progress(event: Event) -> None:
            if isinstance(event, Progress) and events:  # people need no bar for a second
                report(event)

        found = diagnose(device, progress)
        if as_json and not events:
            click.echo(json.dumps(asdict(found), indent=1))
        for line in [] if as_json or quiet else describe(found):
            report(Noted(line)) if events else click.echo(line)
        if not found.ok:
            raise RunError(
                "; ".join(found.problems), do="install geoseg anew in an environment of its own"
            )


def describe(found: Diagnosis) -> list[str]:
    """Return what was found for people.

    Parameters
    ----------
    found
        By all checks.

    Returns
    -------
    list
        Lines: versions, devices, models, and whether all is well.
    """
    width = max(map(len, found.versions))
    return [
        *(f"{name:{width}}  {text}" for name, text in found.versions.items()),
        *(f"{'device':{width}}  {line}" for line in found.devices),
        *(f"{'model':{width}}  {_model(checkup)}" for checkup in found.models),
        "everything works" if found.ok else f"{len(found.problems)} of the checks failed",
    ]


def _model(found: Checkup) -> str:
    shares = ", ".join(f"{name} {share:.0%}" for name, share in found.fields.items())
    verdict = f"WRONG: {found.problem}" if found.problem else "right"
    ran = f", {found.seconds:.1f} s on {found.device}" if found.device else ""
    return f"{found.model} (sha256 {found.sha256[:12]}): {verdict} ({shares or 'no answer'}{ran})"
