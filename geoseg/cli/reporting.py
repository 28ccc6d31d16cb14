"""Options that every long command shares: how a run tells what it does, and how a program cancels it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from ..bounded import bounded
from ..events import Noted, Report
from ..redact import redact
from .libraries import telling
from .lines import event_lines
from .report import PeopleReport
from .signals import cancel_on_eof as watch_stdin

C = TypeVar("C", bound=Callable[..., Any])
OPTIONS = (
    click.option("--quiet", is_flag=True, help="Show warnings and errors only."),
    click.option("--events", is_flag=True, help="Write JSON lines to stdout, for programs, and nothing else there."),
    click.option("--cancel-on-eof", is_flag=True, hidden=True, help="Cancel when stdin, a pipe, ends."),
)


def run_options(command: C) -> C:
    """Add --quiet, --events and --cancel-on-eof to a command, which passes them to `reporting`."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def say(lines: Iterable[str], report: Report, events: bool) -> None:
    """Show the lines of a command's result: on stdout to people, as notes to programs."""
    for line in lines:
        if events:
            report(Noted(line))
        else:
            click.echo(bounded(redact(line)))


@contextmanager
def reporting(quiet: bool, events: bool, cancel_on_eof: bool) -> Iterator[Report]:
    """Yield the report of a run as the options ask for it, and watch stdin for its end where they do."""
    with event_lines() if events else PeopleReport(quiet, sys.stderr) as report:
        if cancel_on_eof:
            watch_stdin()
        with telling(report):
            yield report
