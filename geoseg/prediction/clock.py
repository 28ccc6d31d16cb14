"""How long a run took, and what held it up: kept away from the stages themselves."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from ..core.events import bound
from ..core.kernel_files import COMPILING
from ..core.threads import Wait


@dataclass(slots=True)
class Clock:
    """When a run began, when its first pixel was asked for, when the last was computed; and how
    long it was held up. Seconds of `time.monotonic`.
    """

    begun: float = field(default_factory=time.monotonic)
    """When the scene and the model were to be opened."""
    started: float = 0.0
    """When both were, and the outputs as well."""
    computed: float = 0.0
    """When the last piece was handed to the outputs."""
    reading: Wait = field(default_factory=Wait)
    """How long the device waited for pixels."""
    writing: Wait = field(default_factory=Wait)
    """How long the device waited for the outputs."""
    compiled: float = field(default_factory=lambda: COMPILING.seconds)
    """What this process had spent on compiling kernels before."""

    def start(self) -> None:
        """Say that all is open, and that pixels are asked for."""
        self.started = self.computed = time.monotonic()

    def compute(self) -> None:
        """Say that what there is so far is computed."""
        self.computed = time.monotonic()

    def shares(self) -> dict[str, Any]:
        """Sum up a run that has just ended.

        Returns
        -------
        dict
            The time fields of a Summary: seconds, shares of them, and what held the run up.
        """
        ended = time.monotonic()
        seconds = max(ended - self.begun, 1e-9)
        shares = {
            "started": (self.started - self.begun) / seconds,
            "waited": self.reading.seconds / seconds,
            "behind": (self.writing.seconds + ended - self.computed) / seconds,
            "compiled": min(1.0, (COMPILING.seconds - self.compiled) / seconds),
        }
        return {"seconds": seconds, **shares, "bound": bound(**shares)}
