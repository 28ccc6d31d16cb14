"""The engine `local`: workers are processes of this machine, one per device, started again where
they die.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ..core.errors import RunError
from ..core.events import Report, Warned
from ..core.machine import cores
from .ledger import ROOM, StorageError
from .run_settings import RunSettings
from .status import Counter, count_done

PATIENCE = 60.0  # seconds that a worker may take to let its unit go
POLL = 0.5  # seconds between two looks at the workers
USELESS = 3  # deaths in a row between which nothing was done or taken: another start would not help


@dataclass(slots=True)
class Crew:
    """The workers of one machine; a context manager that leaves none behind."""

    run_settings: RunSettings
    """How many there are, and what they are told."""

    report: Report
    """Called with a warning where a worker was killed."""

    stop: Callable[[], bool] = bool
    """Asked while they work; True tells them to end at the next unit."""

    _running: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    _deaths: int = 0
    _state: tuple[int, int] = (-1, -1)

    def __enter__(self) -> Crew:
        for index in range(1, self.run_settings.workers + 1):
            self._start(index)
        return self

    def __exit__(self, *error: object) -> None:
        """End the workers: each lets its unit go. They also end by themselves when this process
        is gone.
        """
        for child in self._running.values():
            child.terminate()
        until = time.monotonic() + PATIENCE
        for child in self._running.values():
            try:
                child.wait(max(0.0, until - time.monotonic()))
            except (
                subprocess.TimeoutExpired
            ):  # caught in what no signal ends, such as a server that does not answer
                child.kill()
                child.wait()
            _close_stdin(child)

    def wait(self, progress: Callable[[int], None]) -> None:
        """Wait until all workers have ended, and start again those that were killed.

        Parameters
        ----------
        progress
            Called with the number of units that are done or have failed.

        Raises
        ------
        RunError
            If a worker ends with an error of its own, or all are killed before they do
            anything.
        """
        told = False
        count = Counter(self.run_settings.batch)
        while self._running:
            time.sleep(POLL)
            if self.stop() and not told:
                told = True
                self._tell_to_stop()
            for index, child in list(self._running.items()):
                if (status := child.poll()) is not None:
                    del self._running[index]
                    _close_stdin(child)
                    self._ended(index, status, told)
            progress(count())

    def _ended(self, index: int, status: int, told: bool) -> None:
        if status >= 0:
            if status not in (0, 1, 75, 130, 143):
                do = ROOM if status == StorageError.status else ""
                raise RunError(
                    f"worker {index} ended with status {status}: {_last_line(self._log(index))}",
                    do=do,
                )
            return
        self.report(
            Warned(
                f"worker {index} was killed by signal {-status}"
                + ("" if told else ": started again")
            )
        )
        state = (
            count_done(self.run_settings.batch),
            len(list((self.run_settings.batch.ledger / "claims").glob("*/*"))),
        )
        self._deaths = self._deaths + 1 if state == self._state else 1
        self._state = state
        if self._deaths >= USELESS * self.run_settings.workers:
            raise RunError(
                f"the workers are killed before they do anything, the last by signal {-status}",
                do="look at the machine's memory, and at .ledger/log in the output folder",
            )
        if not told:
            self._start(index)

    def _start(self, index: int) -> None:
        log = self._log(index)
        log.parent.mkdir(exist_ok=True)
        with log.open("ab") as stream:
            self._running[index] = subprocess.Popen(  # noqa: S603 - this program itself
                [
                    sys.executable,
                    "-m",
                    "geoseg",
                    "batch",
                    *self.run_settings.arguments(index),
                    "--cancel-on-eof",
                ],
                stdin=subprocess.PIPE,
                stdout=stream,
                stderr=stream,
                env=self._environment(index),
                start_new_session=True,  # Ctrl-C is for this process, which tells them
            )

    def _environment(self, index: int) -> dict[str, str]:
        found = dict(os.environ)
        found["OMP_NUM_THREADS"] = str(max(1, cores() // self.run_settings.workers))
        if self.run_settings.devices:
            found["CUDA_VISIBLE_DEVICES"] = self.run_settings.devices[
                (index - 1) % len(self.run_settings.devices)
            ]
        return found

    def _tell_to_stop(self) -> None:
        import signal

        for child in self._running.values():
            child.send_signal(getattr(signal, "SIGUSR1", signal.SIGTERM))

    def _log(self, index: int) -> Path:
        return self.run_settings.batch.ledger / "log" / f"{self.run_settings.run}-{index}.txt"


def run_local(
    run_settings: RunSettings,
    report: Report,
    progress: Callable[[int], None],
    stop: Callable[[], bool],
) -> None:
    """Have the units done by processes of this machine.

    Parameters
    ----------
    run_settings
        How many workers, on which devices.
    report
        Called with a warning where a worker was killed.
    progress
        Called with the number of units that are done or have failed.
    stop
        Asked again and again; True ends the run at the next unit.

    Raises
    ------
    RunError
        If a worker ends with an error of its own, or all are killed before they do
        anything.
    """
    with Crew(run_settings, report, stop) as crew:
        crew.wait(progress)


def _close_stdin(child: subprocess.Popen[bytes]) -> None:
    if child.stdin:
        child.stdin.close()


def _last_line(path: Path) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
