"""What became of each unit of a batch, in files that many machines write at once without locks.

Everything rests on two things that shared file systems keep: a file is made by one of those
that try (O_EXCL), and a rename shows the old file or the new one, whole.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from ..core.errors import InputError, RunError
from ..core.redact import redact
from ..core.worker_id import WorkerId, myself, read_worker_id
from .names import entries, shard_of
from .plan import Batch, Unit

BEAT = 20.0  # seconds between two signs of life; fewer where a worker counts as dead sooner
MOST_LOST = 1e7  # seconds, four months
# seconds without one after which a worker counts as dead; NFS shows a sign up to a minute late
LOST = 300.0


ROOM = "free some space, and run the same again"


class StorageError(RunError):
    """The folder of the maps cannot be written: no unit could be done, or said to be."""

    status = 74  # EX_IOERR


def check_lost_after(seconds: float) -> None:
    """See to it that a worker can count as dead, and does not always.

    Parameters
    ----------
    seconds
        Without a sign of life.

    Raises
    ------
    InputError
        If it could never, or always would.
    """
    if not 1 <= seconds <= MOST_LOST:
        raise InputError(f"--lost-after {seconds}", f"seconds, from 1 to {MOST_LOST:g}")


@dataclass(frozen=True, slots=True)
class Claim:
    """A unit that is ours to do."""

    unit: Unit
    """What is done."""

    number: int
    """The how many-th try of anybody's it is, from 1."""

    path: Path
    """The file that says so."""


@dataclass(frozen=True, slots=True)
class Spent:
    """A unit that was tried as often as it may be."""

    unit: Unit
    """What was tried."""

    tries: int
    """How often."""

    reason: str
    """Why the last try ended."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a claim's file says."""

    worker_id: WorkerId | None
    """By whom it is held; None where the file does not say, or not yet."""

    seen: float
    """When it was last refreshed, in seconds of the epoch by the file system's clock."""

    ended: str = ""
    """Why it was given up; "" where it was not."""


@dataclass(slots=True)
class Ledger:
    """The state of a batch, as one worker sees and changes it."""

    batch: Batch
    """Whose state it is."""

    run: str
    """The run to which the worker belongs: what failed in an earlier one is tried again."""

    lost_after: float = LOST
    """Seconds without a sign of life after which a worker counts as dead."""

    token: str = field(default_factory=lambda: uuid4().hex)
    """Name of the worker's own log."""

    def done(self, shard: str) -> set[str]:
        """List the units of a shard that are done.

        Parameters
        ----------
        shard
            Two hexadecimal digits.

        Returns
        -------
        set
            Their names; one listing of a folder.
        """
        return _names(self.batch.ledger / "done" / shard)

    def failed(self, shard: str) -> set[str]:
        """List the units of a shard that have failed, in whatever run.

        Parameters
        ----------
        shard
            Two hexadecimal digits.

        Returns
        -------
        set
            Their names; one listing of a folder.
        """
        return _names(self.batch.ledger / "failed" / shard)

    def is_done(self, name: str) -> bool:
        """Say whether a unit is done.

        Parameters
        ----------
        name
            Of the unit.

        Returns
        -------
        bool
            True from the moment its record is there.
        """
        return self._file("done", name).exists()

    def failure(self, name: str) -> dict[str, Any] | None:
        """Read why a unit failed.

        Parameters
        ----------
        name
            Of the unit.

        Returns
        -------
        dict
            Its record; None where it has not failed.
        """
        return read_record(self._file("failed", name))

    def success(self, name: str) -> dict[str, Any] | None:
        """Read what a unit made.

        Parameters
        ----------
        name
            Of the unit.

        Returns
        -------
        dict
            Its record; None where it is not done.
        """
        return read_record(self._file("done", name))

    def claim(self, unit: Unit, tries: int) -> Claim | Spent | None:
        """Take a unit.

        Claims are numbered files: who takes over from a dead worker makes the next number,
        so that one alone can, and the number tells how often the unit was tried.

        Parameters
        ----------
        unit
            What is to be done.
        tries
            How often it may be tried, by all workers together.

        Returns
        -------
        Claim or Spent or None
            None where a living worker has it, or it was finished meanwhile.
        """
        reason = ""
        for number in range(1, tries + 1):
            path = self._claim(unit.name, number)
            if _make(path, json.dumps(asdict(myself()))):
                claim = Claim(unit, number, path)
                return claim if self._open(claim) else None
            held = read_claim(path)
            if held is None:
                return None  # it was let go, or finished, just now
            if not held.ended and self.alive(held):
                return None
            reason = held.ended or f"its worker died ({held.worker_id or 'an unknown one'})"
        return Spent(unit, tries, reason)

    def _open(self, claim: Claim) -> bool:
        """Whether the unit was not finished just before it was claimed; lets it go if so, or if
        interrupted.
        """
        wanted = False
        try:
            wanted = not self.is_done(claim.unit.name) and not self._failed_now(claim.unit.name)
        finally:
            if not wanted:
                self.release(claim)
        return wanted

    def alive(self, held: Held) -> bool:
        """Say whether the worker that holds a claim may still be at work.

        Parameters
        ----------
        held
            What the claim says.

        Returns
        -------
        bool
            False where its process is known to have ended, or gave no sign of life for
            `lost_after`.
        """
        if held.worker_id and held.worker_id.died:
            return False
        return self.now() - held.seen < self.lost_after

    @property
    def pause(self) -> float:
        """Seconds between two signs of life: of several, none may be missed by mere slowness."""
        return min(BEAT, self.lost_after / 5)

    def beat(self, claim: Claim) -> None:
        """Give a sign of life; a file server that is away for a while ends no work.

        Parameters
        ----------
        claim
            Of the unit that is being done.
        """
        with suppress(OSError):  # a file server that is away for a while ends no work
            os.utime(claim.path)

    def release(self, claim: Claim) -> None:
        """Let a unit go, as if it had never been claimed.

        Parameters
        ----------
        claim
            Ours.
        """
        claim.path.unlink(missing_ok=True)

    def put_back(self, claim: Claim, reason: str) -> None:
        """Let a unit go that could not be done, and may be tried again.

        Parameters
        ----------
        claim
            Ours.
        reason
            Why, in a line.
        """
        self._write(claim.path, {**asdict(myself()), "ended": reason})

    def finish(self, claim: Claim, record: Mapping[str, Any]) -> None:
        """Record that a unit is done, then let it go.

        Parameters
        ----------
        claim
            Ours.
        record
            What the unit made, as JSON can hold it.
        """
        name = claim.unit.name
        self._write(self._file("done", name), {"name": name, **record})
        self._file("failed", name).unlink(missing_ok=True)
        self._forget(name, claim.number)

    def forget(self, unit: Unit) -> None:
        """Take a unit, and its regions, for not done: their maps are gone.

        Parameters
        ----------
        unit
            What is to be done again.
        """
        for name in (*unit.parts, unit.name):
            self._file("done", name).unlink(missing_ok=True)
            for found in self.complete():
                if found.startswith(f"{shard_of(name)}-"):
                    (self.batch.ledger / "complete" / found).unlink(missing_ok=True)

    def fail(self, unit: Unit, number: int, reason: str) -> None:
        """Record that a unit has failed for good, as far as this run goes, then let it go.

        Parameters
        ----------
        unit
            What failed.
        number
            How often it was tried.
        reason
            Why the last try ended.
        """
        record = {
            "name": unit.name,
            "scene": unit.scene,
            "reason": reason,
            "run": self.run,
            "tries": number,
            "ended": time.time(),
            "worker": str(myself()),
        }
        self._write(self._file("failed", unit.name), record)
        self._forget(unit.name, number)

    def old_failures(self, shard: str) -> set[str]:
        """List the units of a shard that an earlier run has given up.

        Parameters
        ----------
        shard
            Two hexadecimal digits.

        Returns
        -------
        set
            Their names; each record is read.
        """
        found = {name: self.failure(name) for name in self.failed(shard)}
        return {name for name, record in found.items() if record and record.get("run") != self.run}

    def note(self, line: Mapping[str, Any]) -> None:
        """Add a line to this worker's own log, from which speed is told without opening a
        file per unit.

        Parameters
        ----------
        line
            As JSON can hold it; lost where it cannot be written, for the unit is done.
        """
        log = self.batch.ledger / "workers" / f"{self.token}.jsonl"
        with (
            suppress(OSError),
            log.open("a", encoding="utf-8") as stream,
        ):  # the unit is done, whatever is noted of it
            stream.write(f"{redact(json.dumps(line))}\n")

    def complete(self) -> set[str]:
        """List the marks of shards of which all units are done: it tells what needs no
        listing of its own.

        Returns
        -------
        set
            As `mark` names them.
        """
        return set(entries(self.batch.ledger / "complete"))

    def mark_complete(self, shard: str, units: int) -> None:
        """Mark a shard as done; the mark holds as long as no unit is added.

        Parameters
        ----------
        shard
            Two hexadecimal digits.
        units
            How many it holds.
        """
        with suppress(OSError):  # on a full disk: it only saves others a look
            (self.batch.ledger / "complete" / mark(shard, units)).touch()

    def now(self) -> float:
        """Tell the time by the file system's clock, the one by which claims age.

        Returns
        -------
        float
            Seconds of the epoch; by this machine's clock where nothing can be written.
        """
        clock = self.batch.ledger / "new" / uuid4().hex
        try:
            clock.touch()
            return clock.stat().st_mtime
        except OSError:  # who may only read, or has no room, looks by the clock of this machine
            return time.time()
        finally:
            with suppress(OSError):
                clock.unlink()

    def _failed_now(self, name: str) -> bool:
        """Whether another worker of this run has just given the unit up."""
        record = self.failure(name)
        return record is not None and record.get("run") == self.run

    def _file(self, kind: str, name: str) -> Path:
        return self.batch.ledger / kind / shard_of(name) / f"{name}.json"

    def _claim(self, name: str, number: int) -> Path:
        return self.batch.ledger / "claims" / shard_of(name) / f"{name}.{number}"

    def _forget(self, name: str, number: int) -> None:
        """Remove the claims from the first on: one that is left over would only be found stale."""
        for i in range(1, number + 1):
            self._claim(name, i).unlink(missing_ok=True)

    def _write(self, path: Path, data: Mapping[str, Any]) -> None:
        part = self.batch.ledger / "new" / uuid4().hex
        try:
            part.write_text(redact(json.dumps(data)), encoding="utf-8")
            path.parent.mkdir(exist_ok=True)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def mark(shard: str, units: int) -> str:
    """Name the mark that says that a shard is complete.

    Parameters
    ----------
    shard
        Two hexadecimal digits.
    units
        How many it holds.

    Returns
    -------
    str
        Another one where a unit is added.
    """
    return f"{shard}-{units}"


def read_claim(path: Path) -> Held | None:
    """Read a claim's file.

    Parameters
    ----------
    path
        Of the file.

    Returns
    -------
    Held
        None where the file is gone; without a worker where it was just made, and is still
        empty.
    """
    try:
        seen = path.stat().st_mtime
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        data = json.loads(text)
        return Held(read_worker_id(data), seen, str(data.get("ended", "")))
    except (ValueError, KeyError, TypeError, AttributeError):
        return Held(None, seen)


def read_record(path: Path) -> dict[str, Any] | None:
    """Read a record of the ledger; records appear whole.

    Parameters
    ----------
    path
        Of the file.

    Returns
    -------
    dict
        None where the file is not there, {} where it holds something else.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _names(folder: Path) -> set[str]:
    return {name.removesuffix(".json") for name in entries(folder)}


def _make(path: Path, text: str) -> bool:
    """Make a file with a text; False where it exists."""
    path.parent.mkdir(exist_ok=True)
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
    except FileExistsError:
        return False
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError:  # the disk is full: a claim that names nobody would only be in the way
        path.unlink(missing_ok=True)
        raise
    return True
