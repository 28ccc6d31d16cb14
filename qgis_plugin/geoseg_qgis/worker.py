"""A child process whose JSON lines are events: started, listened to, cancelled, and believed by
its status alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

from .messages import ERROR, spoken, translated
from .text import tr

POLL = 0.1  # seconds between two looks at whether the user has cancelled
GRACE = 1.2  # seconds in which a cancelled child may clean up, before it is killed
REMEMBERED = 40  # lines of stderr that are kept for the message of a crash

Event = dict[str, Any]
Line = tuple[str, Optional[str]]  # the stream's name and a line of it; None at its end


@dataclass(frozen=True)
class Outcome:
    """How a child ended: `status` as Python counts (negative: the signal), `failed` its last
    error event.
    """

    status: int
    cancelled: bool
    failed: Event | None
    stderr: tuple[str, ...]

    @property
    def problem(self) -> str:
        """What went wrong, in words; empty where nothing did."""
        if self.cancelled or self.status == 0:
            return ""
        return self._said() or self._crash()

    def _said(self) -> str:
        if self.failed is None:  # what is wrong with the options is told before there are events
            last = self.stderr[-1] if self.stderr else ""
            return spoken(last[len(ERROR) :]) if last.startswith(ERROR) else ""
        found, what, do = (
            translated(self.failed.get(part, "")) for part in ("found", "expected", "do")
        )
        expected = tr("expected {what}").format(what=what) if what else ""
        return "; ".join(part for part in (found, expected, do) if part)

    def _crash(self) -> str:
        tail = "\n".join(self.stderr[-15:])
        return "\n".join(part for part in (describe_status(self.status), tail) if part)


class CannotStart(Exception):  # noqa: N818 - it says what happened
    """The program of the child is not there, or may not be run."""


def run(
    command: Sequence[str],
    on_event: Callable[[Event], None],
    on_line: Callable[[str], None],
    is_cancelled: Callable[[], bool],
    environment: Mapping[str, str],
    grace: float = GRACE,
) -> Outcome:
    """Run a command to its end: its JSON lines go to `on_event`, any other line to `on_line`.

    The child's stdin is a pipe that is held open. Its end means cancel: a child that watches it
    ends with its parent, however that died. Raises CannotStart.
    """
    child = _start(command, environment)
    try:
        return _attend(child, on_event, on_line, is_cancelled, grace)
    finally:
        _kill(child)  # nothing is left where a callback has raised
        with contextlib.suppress(OSError):
            child.stdin.close()


def _start(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[str]:
    apart: dict[str, Any] = {
        "start_new_session": True
    }  # Ctrl-C in the terminal of qgis_process is the parent's
    if os.name == "nt":
        apart = {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
    pipe = subprocess.PIPE
    try:
        return subprocess.Popen(
            command,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            env=dict(environment),
            text=True,
            encoding="utf-8",
            errors="replace",
            bufsize=1,
            **apart,
        )
    except OSError as error:
        raise CannotStart(
            tr("{program} cannot be started: {error}").format(program=command[0], error=error)
        ) from error


def _attend(
    child: subprocess.Popen[str],
    on_event: Callable[[Event], None],
    on_line: Callable[[str], None],
    is_cancelled: Callable[[], bool],
    grace: float,
) -> Outcome:
    failed, stderr = None, deque(maxlen=REMEMBERED)
    stop = _Stop(child, is_cancelled, grace)
    for name, line in _lines(child, stop.look):
        event = _event(line) if name == "stdout" else None
        if event is None:
            on_line(line)
            stderr.append(line)
        elif event["event"] == "failed":
            failed = event
        else:
            on_event(event)
    return Outcome(child.wait(), stop.begun is not None, failed, tuple(stderr))


class _Stop:
    """Stops the child once the user cancels: first by the end of its stdin, then by force."""

    def __init__(
        self, child: subprocess.Popen[str], is_cancelled: Callable[[], bool], grace: float
    ) -> None:
        self.begun: float | None = None
        self._child, self._is_cancelled, self._grace = child, is_cancelled, grace

    def look(self) -> None:
        """Do what is due now."""
        if self.begun is None and self._is_cancelled():
            self.begun = time.monotonic()
            with contextlib.suppress(OSError):
                self._child.stdin.close()
        elif self.begun is not None and time.monotonic() - self.begun > self._grace:
            _kill(self._child)


def _lines(child: subprocess.Popen[str], look: Callable[[], None]) -> Iterator[tuple[str, str]]:
    """Yield the lines of both streams as they come, and call `look` all the while."""
    lines: queue.Queue[Line] = queue.Queue()
    for name, stream in (("stdout", child.stdout), ("stderr", child.stderr)):
        threading.Thread(target=_pump, args=(name, stream, lines), daemon=True).start()
    open_streams = 2
    while open_streams:
        look()
        try:
            name, line = lines.get(timeout=POLL)
        except queue.Empty:
            if child.poll() is None:
                continue
            # it has ended, but one that it started may hold the streams open: take what is there,
            # and go
            name, line = _last(lines)
        if line is None:
            open_streams -= 1 if name else open_streams
        else:
            yield name, line


def _last(lines: queue.Queue[Line]) -> Line:
    try:
        return lines.get(timeout=10 * POLL)
    except queue.Empty:
        return "", None


def _pump(name: str, stream: Any, lines: queue.Queue[Line]) -> None:
    with (
        contextlib.suppress(OSError),
        stream,
    ):  # closed here: another thread would wait for its lock
        for line in stream:
            lines.put((name, line.rstrip("\n")))
    lines.put((name, None))


def _event(line: str) -> Event | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and isinstance(event.get("event"), str) else None


def _kill(child: subprocess.Popen[str]) -> None:
    """End the child, and on POSIX all that it started: they are one session."""
    if child.poll() is not None:
        return
    with contextlib.suppress(OSError):
        if os.name == "nt":
            child.kill()
        else:
            os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def describe_status(status: int) -> str:
    """Return in words how a process ended that said nothing itself."""
    if status < 0:
        name = signal.Signals(-status).name if -status in set(signal.Signals) else str(-status)
        if name == "SIGKILL":
            return tr(
                "The engine was killed by the system (SIGKILL): most likely memory ran out. "
                "Use a smaller window or an area of interest."
            )
        return tr("The engine crashed ({signal}).").format(signal=name)
    known = {
        0xC0000005: tr("an access violation"),
        0xC0000017: tr("memory ran out"),
        0xC00000FD: tr("a stack overflow"),
        0xC0000135: tr("a library is missing"),
    }
    if status in known:
        return tr("The engine crashed: {what} (0x{status:X}).").format(
            what=known[status], status=status
        )
    return tr("It ended with exit status {status}.").format(status=status)
