"""The map of what the page looks at, by `geoseg live`: a worker that keeps the model loaded."""

from __future__ import annotations

import json
import time
from itertools import count
from pathlib import Path
from typing import Any

from ..core.errors import InputError, RunError
from .child import Child

LOOK = 0.02  # seconds between two looks at what the worker said
LONGEST = 180.0  # seconds that one answer may take: the first compiles


class Preview:
    """A worker, started when it is first asked.

    Parameters
    ----------
    scratch
        A folder that is gone with the server.
    """

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._child: Child | None = None
        self._numbers = count(1)

    def ask(self, request: dict[str, Any]) -> bytes | None:
        """Have an extent mapped.

        Parameters
        ----------
        request
            Scene, model and extent, as `geoseg live` reads them.

        Returns
        -------
        bytes or None
            A PNG; None where a newer request made this one needless.

        Raises
        ------
        InputError
            If it cannot be mapped.
        RunError
            If the worker died, or takes too long.
        """
        if self._child is None or not self._child.running:
            self.close()
            self._scratch.mkdir(exist_ok=True)
            self._child = Child(("live",), self._scratch)
        child = self._child
        number = next(self._numbers)
        since = child.size  # what it says of this request comes after
        child.say(json.dumps({"id": number, **request}))
        answer = _wait(child, number, since)
        if answer.get("cancelled"):
            return None
        if error := answer.get("error"):
            raise InputError(
                str(error.get("found")), str(error.get("expected", "")), str(error.get("do", ""))
            )
        return Path(str(answer["png"])).read_bytes()

    def close(self) -> None:
        """End the worker."""
        if self._child is not None:
            self._child.stop()
            self._child = None


def _wait(child: Child, number: int, since: int) -> dict[str, Any]:
    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        ended = not child.running  # before the look: its last words count
        events, since = child.events(since)
        for event in events:
            if event.get("id") == number:
                return event
        if ended:
            raise RunError(f"the worker that maps ended: {child.error or 'nothing was said'}")
        time.sleep(LOOK)
    raise RunError(f"the worker has not answered in {LONGEST:.0f} seconds")
