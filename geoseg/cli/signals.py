"""Ctrl-C, termination, hanging up and a closed stdin: each becomes one clean KeyboardInterrupt in the main thread."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

LOOK = 0.5  # seconds between two looks at whether the exception is still on its way
PATIENCE = 60.0  # seconds for clearing up; then whoever still waits for the end gets it
STOPPING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # those of them that the system has


class Interrupted(KeyboardInterrupt):
    """The user has pressed Ctrl-C, or what does the same."""


class Terminated(KeyboardInterrupt):
    """The process was told to end by SIGTERM."""


class HungUp(KeyboardInterrupt):
    """The terminal, or the session, is gone."""


KINDS: dict[str, type[KeyboardInterrupt]] = {"SIGTERM": Terminated, "SIGHUP": HungUp}


@dataclass(slots=True)
class Stopping:
    """Handles the signals that stop a program: raises an exception, and sees to it that it reaches the door.

    Python drops what is raised in a function that C calls (a callback of GDAL, a finaliser). So the exception is
    looked after: where it is gone, and `arrived` was not called, it is raised again. While it is on its way, further
    signals would only disturb the clearing up.
    """

    _raised: weakref.ref[KeyboardInterrupt] | None = None
    _number: int = signal.SIGINT
    _begun: float = 0.0
    _arrived: bool = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal."""
        if self._arrived or self._on_its_way():
            if self._begun and time.monotonic() - self._begun > PATIENCE:
                os._exit(128 + number)
            return
        if self._raised is None:
            self._number, self._begun = number, time.monotonic()
            threading.Thread(target=self._look_after, daemon=True, name="geoseg-stop").start()
        raise self._made()  # no name for it here: a frame of its own traceback would keep it

    def arrived(self) -> None:
        """Say that the exception has reached the door, or that it is none: nothing is raised any more."""
        self._arrived = True

    def _on_its_way(self) -> bool:
        return self._raised is not None and self._raised() is not None

    def _made(self) -> KeyboardInterrupt:
        error = KINDS.get(signal.Signals(self._number).name, Interrupted)()
        self._raised = weakref.ref(error)
        return error

    def _look_after(self) -> None:
        while not self._arrived:
            time.sleep(LOOK)
            gc.collect()  # what was dropped may still lie in a cycle
            if not self._arrived and not self._on_its_way():
                _signal_main_thread(self._number)


_stopping = Stopping()


@contextmanager
def stop_on_signals() -> Iterator[None]:
    """Turn the first signal that stops a program into an exception while the block runs."""
    global _stopping  # noqa: PLW0603 - handlers of signals belong to the whole process
    _stopping = Stopping()
    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():  # Python's own rule for signal.signal
        for number in (getattr(signal, name) for name in STOPPING if hasattr(signal, name)):
            # what was told to outlive its terminal (nohup) does
            if number == signal.SIGINT or signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, _stopping)
    try:
        yield
    finally:
        _stopping.arrived()
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


def arrived() -> None:
    """Say that the exception of a signal has been taken notice of: it is not raised again."""
    _stopping.arrived()


def told_by_usr1() -> Callable[[], bool]:
    """Take note of SIGUSR1, with which schedulers tell that the time is nearly up; return what says whether it came."""
    came: list[int] = []
    if hasattr(signal, "SIGUSR1"):
        signal.signal(signal.SIGUSR1, lambda number, frame: came.append(number))
    return lambda: bool(came)


def cancel_on_eof(descriptor: int = 0) -> None:
    """Watch a pipe, stdin by default, in the background: its end means that the run is cancelled.

    It works the same on every system, and when the parent was killed too. A run that is caught in what no signal
    ends, such as a server that does not answer, is given up after a while: whoever wanted it is gone.
    """
    threading.Thread(target=_wait_for_eof, args=(descriptor,), daemon=True, name="geoseg-stdin").start()


def _wait_for_eof(descriptor: int) -> None:
    try:
        while os.read(descriptor, 4096):
            pass
    except OSError:
        pass  # a descriptor that is not open has ended, too
    _signal_main_thread(signal.SIGINT)
    time.sleep(PATIENCE)
    os._exit(128 + signal.SIGINT)


def _signal_main_thread(number: int) -> None:
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, number)  # wakes it from a system call as well
    else:
        signal.raise_signal(number)
