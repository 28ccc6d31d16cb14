"""What libraries say for themselves, in lines of geoseg's own: Python's warnings, log records,
and GDAL's messages.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from ..core.events import Report, Warned

_listeners: list[Report] = []  # the last one is told


@contextmanager
def telling(report: Report) -> Iterator[None]:
    """Tell what libraries warn of, as warnings of the run, until the block ends.

    Parameters
    ----------
    report
        Is told; of blocks within each other the innermost.
    """
    _listeners.append(report)
    try:
        yield
    finally:
        _listeners.remove(report)


@contextmanager
def heard(debug: bool) -> Iterator[None]:
    """Hear Python's warnings and log records, each text once, until the block ends.

    They come without the place in a library's source, which says nothing to a user.

    Parameters
    ----------
    debug
        Whether those come as well that a library keeps to itself, such as GDAL's that rasterio
        logs.
    """
    told: set[str] = set()

    def tell(text: str) -> None:
        line = " ".join(text.split())
        if line and line not in told:
            told.add(line)
            _tell(line)

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        tell(str(message))

    handler = _Handler(tell)
    shown = warnings.showwarning
    last = logging.lastResort
    warnings.showwarning = show
    logging.lastResort = handler  # for loggers to which nobody has given a handler
    if debug:
        logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        warnings.showwarning = shown
        logging.lastResort = last
        logging.getLogger().removeHandler(handler)


def hush_gdal(debug: bool) -> None:
    """Keep the messages from the terminal that GDAL would print by itself.

    What matters comes as an exception or a warning of rasterio or pyogrio. Both have a GDAL of
    their own, and print outside of their calls and in threads that they don't know; a setting in
    the environment holds for both, and for the processes that a command starts.

    Parameters
    ----------
    debug
        Whether they are asked for, as they are by CPL_LOG.
    """
    if not debug:
        os.environ.setdefault("CPL_LOG", os.devnull)


class _Handler(logging.Handler):
    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        """Tell one record.

        Parameters
        ----------
        record
            Of a logger to which nobody has given a handler.
        """
        self._tell(record.getMessage())


def _tell(line: str) -> None:
    event = Warned(line)
    if _listeners:
        _listeners[-1](event)
    else:
        print(f"warning: {event.text}", file=sys.stderr)  # noqa: T201 - before a run has a report, and after
