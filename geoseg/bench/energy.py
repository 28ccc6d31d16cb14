"""The energy that the processor takes, where it tells it: the counters of RAPL by way of Linux's
power capping (docs.kernel.org/power/powercap/powercap.html).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ..core.threads import every

POWERCAP = Path("/sys/class/powercap")
PACKAGE = re.compile(r"intel-rapl:\d+")  # AMD's as well; with two numbers they are parts of one
OFTEN = 10.0  # seconds between looks: a counter of 262 kJ begins anew every 20 minutes at 200 W


@dataclass(slots=True)
class Counter:
    """The energy counter of one processor package."""

    path: Path
    """Its folder."""
    range: int
    """Microjoules at which it begins anew."""
    last: int
    """What it said last, in microjoules."""
    used: int = 0
    """Microjoules since it was first read."""

    def look(self) -> None:
        """Read it, and add what has been used since it was read last."""
        now = _number(self.path / "energy_uj")
        self.used += now - self.last if now >= self.last else now + self.range - self.last
        self.last = now


@dataclass(slots=True)
class Energy:
    """What all packages have taken, all that runs on the machine together."""

    counters: list[Counter] = field(default_factory=list)
    """One for each package; none where the machine has none, or they may not be read."""

    def look(self) -> None:
        """Read all counters; where one cannot be read any more, nothing is known."""
        try:
            for counter in self.counters:
                counter.look()
        except (OSError, ValueError):
            self.counters.clear()

    @property
    def joules(self) -> float | None:
        """Joules so far; None where nothing is known."""
        if not self.counters:
            return None
        return sum(counter.used for counter in self.counters) / 1e6


def find_counters(folder: Path = POWERCAP) -> list[Counter]:
    """Find the energy counters of the processor packages.

    Parameters
    ----------
    folder
        Where Linux shows them.

    Returns
    -------
    list[Counter]
        Read once; none where there are none, or they are for root alone, as on most machines.
    """
    try:
        zones = sorted(zone for zone in folder.iterdir() if PACKAGE.fullmatch(zone.name))
        return [
            Counter(zone, _number(zone / "max_energy_range_uj"), _number(zone / "energy_uj"))
            for zone in zones
            if (zone / "name").read_text(encoding="ascii").startswith("package")
        ]
    except (OSError, ValueError):
        return []


@contextmanager
def energy_used(folder: Path = POWERCAP, seconds: float = OFTEN) -> Iterator[Energy]:
    """Measure the energy that is taken while the block runs.

    Parameters
    ----------
    folder
        Where Linux shows the counters.
    seconds
        Between two looks: shorter than a counter takes to its end.

    Yields
    ------
    Energy
        Whole after the block.
    """
    energy = Energy(find_counters(folder))
    if energy.counters:
        with every(seconds, energy.look):
            yield energy
    else:
        yield energy
    energy.look()


def _number(file: Path) -> int:
    return int(file.read_text(encoding="ascii"))
