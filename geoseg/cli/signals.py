"""Ctrl-C, termination and a closed stdin: each becomes one clean KeyboardInterrupt in the main thread."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType


class Terminated(KeyboardInterrupt):
    """The process was told to end by SIGTERM."""


def stop_on_signals() -> None:
    """Turn the first SIGINT or SIGTERM into an exception; those that follow would only disturb the cleaning up."""

    def stop(number: int, frame: FrameType | None) -> None:
        for other in (signal.SIGINT, signal.SIGTERM):
            signal.signal(other, signal.SIG_IGN)
        raise Terminated if number == signal.SIGTERM else KeyboardInterrupt

    if threading.current_thread() is threading.main_thread():  # Python's own rule for signal.signal
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)


def told_by_usr1() -> Callable[[], bool]:
    """Take note of SIGUSR1, with which schedulers tell that the time is nearly up; return what says whether it came."""
    came: list[int] = []
    if hasattr(signal, "SIGUSR1"):
        signal.signal(signal.SIGUSR1, lambda number, frame: came.append(number))
    return lambda: bool(came)


def cancel_on_eof(descriptor: int = 0) -> None:
    """Watch a pipe, stdin by default, in the background: its end means that the run is cancelled.

    It works the same on every system, and when the parent was killed too.
    """
    threading.Thread(target=_wait_for_eof, args=(descriptor,), daemon=True, name="geoseg-stdin").start()


def _wait_for_eof(descriptor: int) -> None:
    try:
        while os.read(descriptor, 4096):
            pass
    except OSError:
        pass  # a descriptor that is not open has ended, too
    _interrupt_main_thread()


def _interrupt_main_thread() -> None:
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, signal.SIGINT)  # wakes it from a system call as well
    else:
        signal.raise_signal(signal.SIGINT)
