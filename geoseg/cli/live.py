"""`geoseg live`: the worker behind a window, which maps what is looked at. JSON lines in and out.

In comes `{"id": 3, "scene": ..., "model": ..., "bounds": [...], "height": ..., "width": ...}`, see
`prediction.live_desk`, or `{"cancel": 3}`; out go answers, one for each request. A request makes
older ones of its `kind` needless: those are answered `{"id": ..., "cancelled": true}`. At the end
of stdin the worker ends, and its files are gone; those of one that was killed go when the next
begins.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any

import click

from ..core.atomic import part_folder, sweep
from ..core.errors import GeosegError, InputError
from ..core.threads import Inbox, inbox_of
from .report import json_lines, to_failed

if TYPE_CHECKING:
    from ..prediction.live_desk import Desk


@click.command(hidden=True)
def live() -> None:
    """Map what a window looks at, for programs: JSON lines in, JSON lines out."""
    place = Path(gettempdir())
    sweep(place)
    with json_lines() as say, part_folder(place / "geoseg-live") as folder:
        inbox = inbox_of(_lines())
        from ..prediction.live_desk import Desk

        with Desk(folder) as desk:
            say({"ready": True, "folder": str(folder)})
            while (asked := inbox.take()) is not None:
                if "cancel" not in asked:  # what it cancels is answered already
                    say(answer(desk, asked, inbox))


def answer(desk: Desk, asked: dict[str, Any], inbox: Inbox[dict[str, Any]]) -> dict[str, Any]:
    """Answer one request.

    Parameters
    ----------
    desk
        Does the work.
    asked
        The request.
    inbox
        What came meanwhile: it may cancel this one.

    Returns
    -------
    dict
        The answer, that it is cancelled, or the error.
    """
    from ..prediction.live import MapStoppedError
    from ..prediction.live_desk import failed, read_request

    kind = asked.get("kind", "map")

    def needless(other: dict[str, Any]) -> bool:
        if "cancel" in other:
            return bool(other["cancel"] == asked.get("id"))
        return bool(other.get("kind", "map") == kind)

    def should_stop() -> bool:
        return inbox.any(needless)

    if "unreadable" in asked:
        found = f"a line that is no request: {asked['unreadable']}"
        return failed(asked, InputError(found, "a JSON object a line"))
    told = {"id": asked.get("id"), "kind": kind}
    if should_stop():
        return told | {"cancelled": True}
    try:
        return desk.answer(read_request(asked), should_stop)
    except MapStoppedError:
        return told | {"cancelled": True}
    except GeosegError as error:
        return failed(asked, error)
    except Exception as error:  # noqa: BLE001 - the next request may be another one
        why = to_failed(error)
        return failed(asked, GeosegError(why.found, why.expected, why.do))


def _lines() -> Iterator[dict[str, Any]]:
    """Yield the requests of stdin; what is none is told when its turn comes.

    The descriptor is read: the stream's lock would be held for ever by this thread, and an
    interpreter that ends wants it.
    """
    rest = b""
    while more := os.read(0, 1 << 16):
        *lines, rest = (rest + more).split(b"\n")
        for line in filter(bytes.strip, lines):
            try:
                asked = json.loads(line)
            except (ValueError, RecursionError):
                asked = None
            yield asked if isinstance(asked, dict) else {"unreadable": repr(line[:80])}
