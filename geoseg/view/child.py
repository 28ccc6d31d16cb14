"""A command of geoseg as a process beside the server: a network never computes in the one that
answers, and what is stopped is gone with all that it holds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..core.errors import RunError

STOPPING = 3.0  # seconds that it has to end by itself: what it writes is whole or not there
TAIL = 400  # characters of what it said last


class Child:
    """A process that writes JSON lines to its stdout, and ends when its stdin does.

    Parameters
    ----------
    arguments
        Of the command line of geoseg.
    folder
        Where what it says is kept.
    """

    def __init__(self, arguments: Sequence[str], folder: Path) -> None:
        self._said = folder / "said.jsonl"
        self._errors = folder / "errors.txt"
        self._stopped = False
        with self._said.open("wb") as said, self._errors.open("wb") as errors:
            self._process = subprocess.Popen(  # noqa: S603 - our own command line, no shell
                [sys.executable, "-m", "geoseg", *arguments],
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=errors,
                env=os.environ | {"GEOSEG_CONFIG": ""},  # it does what the page says, and no more
            )

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    @property
    def size(self) -> int:
        """The bytes that it said by now."""
        return self._said.stat().st_size

    def say(self, line: str) -> None:
        """Tell it something.

        Parameters
        ----------
        line
            Without a line's end.

        Raises
        ------
        RunError
            If it listens no more.
        """
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()
        except (OSError, ValueError) as error:
            raise RunError(f"the process beside the page has ended: {self.error}") from error

    def events(self, since: int) -> tuple[list[dict[str, Any]], int]:
        """Return what it said.

        Parameters
        ----------
        since
            Bytes of it that are known.

        Returns
        -------
        tuple
            The events after these, and the bytes that are known now; half a line waits.
        """
        with self._said.open("rb") as said:
            said.seek(max(0, since))
            whole, _, _ = said.read().rpartition(b"\n")
        found = []
        for line in whole.split(b"\n"):
            try:
                told = json.loads(line)
            except ValueError:
                continue
            if isinstance(told, dict):
                found.append(told)
        return found, max(0, since) + len(whole) + (1 if whole else 0)

    @property
    def error(self) -> str:
        """What it said last on stderr where it ended badly by itself; "" while it runs, or ended
        well.
        """
        if self._stopped or self._process.poll() in (None, 0):
            return ""
        text = self._errors.read_text(encoding="utf-8", errors="replace").strip()
        last = text.splitlines()[-1] if text else f"it ended with {self._process.returncode}"
        return last.removeprefix("geoseg: error: ")[:TAIL]

    def stop(self) -> None:
        """End it: kindly, then not."""
        self._stopped = self.running or self._stopped
        if self._process.stdin:
            with suppress(OSError):  # it is gone already
                self._process.stdin.close()
        try:
            if self.running:
                self._process.terminate()
            self._process.wait(STOPPING)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
