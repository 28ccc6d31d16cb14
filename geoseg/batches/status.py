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
    """A unit that could not be done, and why."""

    name: str
    reason: str
    tries: int


@dataclass(frozen=True, slots=True)
class Status:
    """How many units there are, are done, have failed, are being done by how many workers; speed
    and time to go.

    `speed` is in megapixels a second, of all workers together; `seconds_left` is None where
    nothing tells it: no unit was done lately, or none is being done. `warned` units were mapped
    with a warning, which the ledger's record and the report hold.
    """

    units: int
    done: int
    failed: int
    running: int
    lost: int
    speed: float
    seconds_left: float | None
    failures: tuple[Failure, ...] = ()
    warned: int = 0

    @property
    def left(self) -> int:
        """Units that are neither done nor failed, those being done among them."""
        return self.units - self.done - self.failed


def look(ledger: Ledger) -> Status:
    """Return the state of a batch, now."""
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
    """Return how many units are planned."""
    files = (path for folder in _shards(batch.ledger / "units") for path in folder.iterdir())
    texts = (path.read_bytes() for path in files)
    return sum(text.count(b"\n") - text.count(b'"replaces": true') for text in texts)


def count_done(batch: Batch) -> int:
    """Return how many units are done or have failed: two listings a shard, and no file opened."""
    return sum(
        len(entries(path)) for kind in ("done", "failed") for path in _shards(batch.ledger / kind)
    )


@dataclass(slots=True)
class Counter:
    """How many units are done, for progress: counting 10^6 names again and again would keep a
    file server busy.
    """

    batch: Batch
    _found: int = 0
    _due: float = 0.0

    def __call__(self) -> int:
        """Return count_done(), or what it was: counting takes a twentieth of the time at most."""
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
