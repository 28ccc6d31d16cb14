"""How far a batch is: counted from the names of files, so that it costs little however large the
batch.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .ledger import Ledger, read_claim
from .names import entries, shard_of
from .plan import Batch

RECENT = 3600.0  # seconds from which the speed is taken


@dataclass(frozen=True, slots=True)
class Failure:
    """A unit that could not be done."""

    name: str
    """Of the unit."""

    reason: str
    """Why, in a line."""

    tries: int
    """How often it was tried."""


@dataclass(frozen=True, slots=True)
class Status:
    """How far a batch is."""

    units: int
    """How many are planned."""

    done: int
    """How many are done."""

    failed: int
    """How many have failed."""

    running: int
    """How many living workers hold."""

    lost: int
    """How many were left by dead workers, or put back."""

    speed: float
    """Megapixels a second within the last hour, of all workers together."""

    seconds_left: float | None
    """None where nothing tells it: no unit was done lately, or none is being done."""

    failures: tuple[Failure, ...] = ()
    """Of the units that have failed, by name."""

    warned: int = 0
    """Units that were mapped with a warning, which the ledger's record and the report hold."""

    @property
    def left(self) -> int:
        """Units that are neither done nor failed, those being done among them."""
        return self.units - self.done - self.failed


def look(ledger: Ledger) -> Status:
    """Tell the state of a batch, now.

    Parameters
    ----------
    ledger
        Of the batch.

    Returns
    -------
    Status
        Counted from names of files; failures and claims are read.
    """
    batch = ledger.batch
    units = count_units(batch)
    done = sum(len(entries(path)) for path in _shards(batch.ledger / "done"))
    names = [
        name.removesuffix(".json")
        for path in _shards(batch.ledger / "failed")
        for name in entries(path)
    ]
    failures = tuple(
        sorted((found for name in names if (found := _failure(ledger, name))), key=lambda f: f.name)
    )
    running, lost = _claims(ledger)
    pixels, count, seconds = _lately(batch.ledger / "workers", time.time())
    left = units - done - len(failures)
    to_go = left * seconds / count if count and (running or not left) else None
    warned = len({line["name"] for line in _log(batch.ledger / "workers") if line.get("warnings")})
    return Status(
        units, done, len(failures), running, lost, pixels / seconds / 1e6, to_go, failures, warned
    )


def count_units(batch: Batch) -> int:
    """Count what is planned.

    Parameters
    ----------
    batch
        Whose plan is read.

    Returns
    -------
    int
        Units, each once.
    """
    files = (path for folder in _shards(batch.ledger / "units") for path in folder.iterdir())
    texts = (path.read_bytes() for path in files)
    return sum(text.count(b"\n") - text.count(b'"replaces": true') for text in texts)


def count_done(batch: Batch) -> int:
    """Count what is done or has failed: two listings a shard, and no file opened.

    Parameters
    ----------
    batch
        Whose ledger is looked at.

    Returns
    -------
    int
        Units.
    """
    return sum(
        len(entries(path)) for kind in ("done", "failed") for path in _shards(batch.ledger / kind)
    )


@dataclass(slots=True)
class Counter:
    """How many units are done, for progress: counting 10^6 names again and again would keep a
    file server busy.
    """

    batch: Batch
    """Whose ledger is looked at."""

    _found: int = 0
    _due: float = 0.0

    def __call__(self) -> int:
        """Count, or say what it was: counting takes a twentieth of the time at most.

        Returns
        -------
        int
            Units that are done or have failed.
        """
        begun = time.monotonic()
        if begun >= self._due:
            self._found = count_done(self.batch)
            ended = time.monotonic()
            self._due = ended + 20 * (ended - begun)
        return self._found


def _failure(ledger: Ledger, name: str) -> Failure | None:
    record = ledger.failure(name)
    if record is None or ledger.is_done(name):
        return None
    return Failure(name, str(record.get("reason", "")), int(record.get("tries", 0)))


def _claims(ledger: Ledger) -> tuple[int, int]:
    """Return how many units living workers hold, and how many were left by dead ones, or put
    back.
    """
    last: dict[str, int] = {}
    for path in _shards(ledger.batch.ledger / "claims"):
        for entry in entries(path):
            name, _, number = entry.rpartition(".")
            last[name] = max(last.get(name, 0), int(number))
    running = 0
    for name, latest in last.items():
        held = read_claim(ledger.batch.ledger / "claims" / shard_of(name) / f"{name}.{latest}")
        running += bool(held and not held.ended and ledger.alive(held))
    return running, len(last) - running


def _lately(folder: Path, now: float) -> tuple[int, int, float]:
    """Return pixels and units done within the last RECENT seconds, and in how many seconds."""
    lines = [line for line in _log(folder) if line["ended"] > now - RECENT]
    if not lines:
        return 0, 0, 1.0
    begun = max(min(line["begun"] for line in lines), now - RECENT)
    ended = max(line["ended"] for line in lines)
    return sum(line["pixels"] for line in lines), len(lines), max(ended - begun, 1e-3)


def _log(folder: Path) -> Iterator[dict[str, Any]]:
    for path in folder.glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                yield json.loads(line)
            except ValueError:
                continue  # cut off: its worker died while it wrote


def _shards(folder: Path) -> list[Path]:
    return [folder / name for name in sorted(entries(folder))]
