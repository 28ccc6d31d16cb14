"""A worker: takes units in turn until none is left, beginning with its own share, ending with
what others left.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from ..core.errors import InputError
from ..models.kept import networks_kept
from .ledger import Ledger, mark
from .names import entries, shard_of
from .plan import Unit
from .run import Outcome, Worker

SHORTEST_WAIT = 0.2  # seconds between two looks at what others are doing, which grow
LONGEST_WAIT = 30.0

LONGEST = 20  # characters of I/N


@dataclass(frozen=True, slots=True)
class Share:
    """Where a worker begins, so that they do not meet at once."""

    index: int = 1
    """The how many-th worker it is, from 1."""

    count: int = 1
    """How many there are."""

    def __post_init__(self) -> None:
        if not 1 <= self.index <= self.count:
            raise InputError(
                f"--part {self.index}/{self.count}", "i/n with i from 1 to n, such as 3/8"
            )


def read_share(text: str) -> Share:
    """Read a share such as 3/8.

    Parameters
    ----------
    text
        Of --part.

    Returns
    -------
    Share
        The third of eight.

    Raises
    ------
    InputError
        If it is something else.
    """
    index, _, count = text.partition("/")
    if not (index.isdecimal() and count.isdecimal() and len(text) < LONGEST):
        raise InputError(f"--part {text}", "i/n with i from 1 to n, such as 3/8")
    return Share(int(index), int(count))


@dataclass(slots=True)
class Tally:
    """What one worker did."""

    done: int = 0
    """Units."""

    failed: int = 0
    """Units."""

    stopped: bool = False
    """Whether it was told to stop before everything was done."""


@dataclass(slots=True)
class Left:
    """What is left to do for one run, shard by shard."""

    ledger: Ledger
    """Of the batch."""

    share: Share = field(default_factory=Share)
    """With which it begins."""

    _again: dict[str, set[str]] = field(default_factory=dict)  # failures of earlier runs, by shard

    def units(self) -> Iterator[Unit]:
        """List the units that are neither done nor failed.

        Yields
        ------
        Unit
            Shard by shard, those last that join others.
        """
        for shard, units in self._shards(self.ledger.complete()):
            yield from self._open(shard, units)

    def settle(self, unit: Unit) -> None:
        """Take note that a unit was done, or has failed again.

        Parameters
        ----------
        unit
            That was tried in this run.
        """
        self._old(unit.shard).discard(unit.name)

    def blocked(self, unit: Unit) -> bool:
        """Say whether a unit can never be done in this run, because one of its regions has
        failed.

        Parameters
        ----------
        unit
            One that joins others, or any.

        Returns
        -------
        bool
            False for a unit that joins none.
        """
        return any(
            self.ledger.failure(part)
            and (part not in self._old(shard_of(part)) or self._settled(part))
            for part in unit.parts
        )

    def _shards(self, complete: set[str]) -> Iterator[tuple[str, list[Unit]]]:
        """Yield the shards that are not complete with their units, in this worker's order."""
        batch = self.ledger.batch
        shards = batch.shards()
        marked = {entry.partition("-")[0] for entry in complete}
        position = (self.share.index - 1) / self.share.count * len(shards)
        for shard in (*shards[int(position) :], *shards[: int(position)]):
            # the plan is read only where the mark cannot be right: units that are added make
            # another file
            if shard in marked and len(entries(batch.ledger / "units" / shard)) == 1:
                continue
            units = list(batch.units(shard).values())
            if mark(shard, len(units)) not in complete:
                begin = int(position % 1 * len(units))
                yield shard, units[begin:] + units[:begin]

    def _open(self, shard: str, units: list[Unit]) -> list[Unit]:
        old = self._old(shard)
        done = self.ledger.done(shard)
        failed = self.ledger.failed(shard)
        failed = {name for name in failed if name not in old or self._settled(name)}
        left = [unit for unit in units if unit.name not in done and unit.name not in failed]
        if not left and not failed:
            self.ledger.mark_complete(shard, len(units))
        return sorted(left, key=lambda unit: bool(unit.regions))

    def _old(self, shard: str) -> set[str]:
        """Return what had failed in earlier runs when this one came upon the shard."""
        if shard not in self._again:
            self._again[shard] = self.ledger.old_failures(shard)
        return self._again[shard]

    def _settled(self, name: str) -> bool:
        """Whether a unit has failed in this run."""
        record = self.ledger.failure(name)
        return record is not None and record.get("run") == self.ledger.run


@dataclass(slots=True)
class Round:
    """One look at everything that is left."""

    open: int = 0
    """Units that were left to others, or to a later round."""

    progress: int = 0
    """Units of which something became in this round."""

    def add(self, outcome: Outcome, unit: Unit, left: Left) -> None:
        """Take what became of a unit.

        Parameters
        ----------
        outcome
            Of the try.
        unit
            That was tried.
        left
            Is told of what is settled.
        """
        if outcome in ("done", "failed"):
            left.settle(unit)
            self.progress += 1
        elif not left.blocked(unit):
            self.open += 1
            self.progress += outcome == "again"


@dataclass(slots=True)
class Work:
    """A worker's way through a batch."""

    worker: Worker
    """Does the units."""

    share: Share
    """With which it begins."""

    stop: Callable[[], bool] = bool
    """Asked between two units; True ends the work."""

    tally: Tally = field(default_factory=Tally)
    """What it did."""

    def __call__(self) -> Tally:
        """Work until nothing is left that anybody could do.

        Returns
        -------
        Tally
            What was done here.

        Raises
        ------
        StorageError
            If the folder of the maps cannot be written.
        """
        left = Left(self.worker.ledger, self.share)
        with networks_kept():
            self.tally.stopped = rounds(
                partial(self._round, left), self.stop, self.worker.ledger.lost_after
            )
        return self.tally

    def _round(self, left: Left) -> Round:
        found = Round()
        for unit in left.units():
            if self.stop():
                break
            outcome = self.worker.attempt(unit)
            self.tally.done += outcome == "done"
            self.tally.failed += outcome == "failed"
            found.add(outcome, unit, left)
        return found


def rounds(work: Callable[[], Round], stop: Callable[[], bool], longest: float) -> bool:
    """Go round until nothing is left open. Longer waits follow idle rounds.

    Parameters
    ----------
    work
        One round.
    stop
        Asked again and again; True ends it.
    longest
        Seconds of a wait at most.

    Returns
    -------
    bool
        Whether it was stopped before.
    """
    wait = SHORTEST_WAIT
    while not stop():
        found = work()
        if not found.open and not stop():
            return False
        if found.progress:
            wait = SHORTEST_WAIT
            continue
        until = time.monotonic() + wait
        while not stop() and time.monotonic() < until:
            time.sleep(SHORTEST_WAIT)
        wait = min(2 * wait, LONGEST_WAIT, longest)
    return True
