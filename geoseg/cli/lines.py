"""A run told to programs: one JSON line per event on stdout, and nothing else there."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ..events import Event, Report, to_line
from .failures import to_failed
from .streams import forgiving


@contextmanager
def event_lines() -> Iterator[Report]:
    """Yield a report that writes JSON lines to the real stdout; an error becomes a last Failed line, and goes on.

    Descriptor 1 is pointed at stderr meanwhile, so that no library's print can spoil the stream.
    """
    sys.stdout.flush()
    with forgiving(os.dup(1)) as stream:
        os.dup2(2, 1)

        def report(event: Event) -> None:
            stream.write(to_line(event) + "\n")
            stream.flush()

        try:
            yield report
        except (Exception, KeyboardInterrupt) as error:
            report(to_failed(error))
            raise
        finally:
            sys.stdout.flush()
            os.dup2(stream.fileno(), 1)
