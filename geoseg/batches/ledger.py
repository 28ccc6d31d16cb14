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
    """Raise InputError where a worker could never count as dead, or always would."""
    if not 1 <= seconds <= MOST_LOST:
        raise InputError(f"--lost-after {seconds}", f"seconds, from 1 to {MOST_LOST:g}")


@dataclass(frozen=True, slots=True)
class Claim:
    """A unit that is ours to do: the `number`-th time that anybody tries."""

    unit: Unit
    number: int
    path: Path


@dataclass(frozen=True, slots=True)
class Spent:
    """A unit that was tried as often as it may be, and why the last try ended."""

    unit: Unit
    tries: int
    reason: str


@dataclass(frozen=True, slots=True)
class Held:
    """What a claim's file says: by whom, when it was last refreshed, and why it was given up, if
    it was.
    """

    worker_id: WorkerId | None
    seen: float
    ended: str = ""


@dataclass(slots=True)
class Ledger:
    """The state of a batch, as one worker sees and changes it.

    `run` names the run to which the worker belongs: what failed in an earlier one is tried again.
    """

    batch: Batch
    run: str
    lost_after: float = LOST
    token: str = field(default_factory=lambda: uuid4().hex)

    def done(self, shard: str) -> set[str]:
        """Return the names of the units of a shard that are done."""
        return _names(self.batch.ledger / "done" / shard)

    def failed(self, shard: str) -> set[str]:
        """Return the names of the units of a shard that have failed."""
        return _names(self.batch.ledger / "failed" / shard)

    def is_done(self, name: str) -> bool:
        """Whether a unit is done."""
        return self._file("done", name).exists()

    def failure(self, name: str) -> dict[str, Any] | None:
        """Return the record of a failed unit, None where it has not failed."""
        return read_record(self._file("failed", name))

    def success(self, name: str) -> dict[str, Any] | None:
        """Return the record of a unit that is done, None where it is not."""
        return read_record(self._file("done", name))

    def claim(self, unit: Unit, tries: int) -> Claim | Spent | None:
        """Take a unit; None where a living worker has it, or it was finished meanwhile.

        Claims are numbered files. Who takes over from a dead worker makes the next number:
        so one alone can, and their number tells how often the unit was tried.
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
        """Whether the worker that holds a claim may still be at work."""
        if held.worker_id and held.worker_id.died:
            return False
        return self.now() - held.seen < self.lost_after

    @property
    def pause(self) -> float:
        """Seconds between two signs of life: of several, none may be missed by mere slowness."""
        return min(BEAT, self.lost_after / 5)

    def beat(self, claim: Claim) -> None:
        """Give a sign of life."""
        with suppress(OSError):  # a file server that is away for a while ends no work
            os.utime(claim.path)

    def release(self, claim: Claim) -> None:
        """Let a unit go, as if it had never been claimed."""
        claim.path.unlink(missing_ok=True)

    def put_back(self, claim: Claim, reason: str) -> None:
        """Let a unit go that could not be done, and may be tried again."""
        self._write(claim.path, {**asdict(myself()), "ended": reason})

    def finish(self, claim: Claim, record: Mapping[str, Any]) -> None:
        """Record that a unit is done, then let it go."""
        name = claim.unit.name
        self._write(self._file("done", name), {"name": name, **record})
        self._file("failed", name).unlink(missing_ok=True)
        self._forget(name, claim.number)

    def forget(self, unit: Unit) -> None:
        """Take a unit, and its regions, for not done: their maps are gone."""
        for name in (*unit.parts, unit.name):
            self._file("done", name).unlink(missing_ok=True)
            for found in self.complete():
                if found.startswith(f"{shard_of(name)}-"):
                    (self.batch.ledger / "complete" / found).unlink(missing_ok=True)

    def fail(self, unit: Unit, number: int, reason: str) -> None:
        """Record that a unit has failed for good, as far as this run goes, then let it go."""
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
        """Return the failed units of a shard that an earlier run has given up."""
        found = {name: self.failure(name) for name in self.failed(shard)}
        return {name for name, record in found.items() if record and record.get("run") != self.run}

    def note(self, line: Mapping[str, Any]) -> None:
        """Add a line to this worker's own log, from which speed is told without opening a file
        per unit.
        """
        log = self.batch.ledger / "workers" / f"{self.token}.jsonl"
        with (
            suppress(OSError),
            log.open("a", encoding="utf-8") as stream,
        ):  # the unit is done, whatever is noted of it
            stream.write(f"{redact(json.dumps(line))}\n")

    def complete(self) -> set[str]:
        """Return the marks of shards of which all units are done: one listing tells what needs
        no other.
        """
        return set(entries(self.batch.ledger / "complete"))

    def mark_complete(self, shard: str, units: int) -> None:
        """Mark a shard as done; the mark holds as long as no unit is added."""
        with suppress(OSError):  # on a full disk: it only saves others a look
            (self.batch.ledger / "complete" / mark(shard, units)).touch()

    def now(self) -> float:
        """Return the time by the file system's clock, the one by which claims age."""
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
    """Return the name of the mark that a shard of so many units is complete."""
    return f"{shard}-{units}"


def read_claim(path: Path) -> Held | None:
    """Return what a claim says, None where it is gone; one that was just made may still be
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
    """Return a record of the ledger, None where it is not there; records appear whole."""
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
