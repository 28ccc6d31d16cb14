"""One set-up at a time on this computer: a lock that ends with its process, and how far its
holder is.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

TRIES = 5  # to take the lock: one who looks how far a set-up is holds it for a moment
PAUSE = 0.1  # seconds between two tries
FAR = 1 << 20  # the byte that Windows locks: the ones before it, the percent, can be read


@contextmanager
def alone(path: Path) -> Iterator[Callable[[float], None] | None]:
    """Hold the lock, and yield what notes the percent that are done; None where another holds
    it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        if not any(_lock(file) or time.sleep(PAUSE) for _ in range(TRIES)):
            yield None
            return

        def note(percent: float) -> None:
            file.truncate(0)
            file.write(f"{percent:.0f}".encode())  # "a": always at the end
            file.flush()

        note(0)
        yield note


def percent(path: Path) -> int | None:
    """Return how many percent of a set-up are done that is under way; None where none is."""
    if not path.is_file():
        return None
    with path.open("a+b") as file:
        if _lock(file):
            return None
        file.seek(0)
        text = file.read(10).decode("ascii", "replace")
    return int(text) if text.isdigit() else 0


def _lock(file: BinaryIO) -> bool:
    """Whether the lock could be taken; closing the file, or the end of the process, frees it."""
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(FAR)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
