"""What a run tells while it works: JSON lines for programs, a progress bar for people."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from .bounded import bounded
from .redact import redact


def _fit_to_tell(event: object, *names: str) -> None:
    """Take what addresses keep secret, and endless names, out of an event that is being made."""
    for name in names:
        object.__setattr__(event, name, bounded(redact(getattr(event, name))))


@dataclass(frozen=True, slots=True)
class Noted:
    """Something was chosen or found that the user should know: one line."""

    text: str

    def __post_init__(self) -> None:
        _fit_to_tell(self, "text")


@dataclass(frozen=True, slots=True)
class Warned:
    """Something may spoil the result, and the run goes on: one line."""

    text: str

    def __post_init__(self) -> None:
        _fit_to_tell(self, "text")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one stage is: `done` of `total` pixels, after `seconds`."""

    stage: str
    done: int
    total: int
    seconds: float
    device: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run made: paths of its outputs, what ran, how long, and the share of each class.

    `pixels` counts the mapped ones (without nodata); `shares` are fractions of these.
    Of `seconds`, `started` is the share that went by before the first pixel was asked for
    (opening the scene, loading the model), `waited` the one in which the device waited for
    pixels to be read, `behind` the one in which it waited for the writer, or had done its part
    while the outputs were finished and traced. The device computed in the rest.
    `agreement` is the share of checked pixels to which a reduced `precision` gives the class of
    fp32; None for fp32 itself.
    """

    outputs: tuple[str, ...]
    model: str
    model_sha256: str
    device: str
    seconds: float
    pixels: int
    nodata_pixels: int
    polygons: int | None
    shares: dict[str, float]
    warnings: tuple[str, ...] = ()
    started: float = 0.0
    waited: float = 0.0
    behind: float = 0.0
    bound: str = "device-bound"
    engine: str = ""
    precision: str = "fp32"
    agreement: float | None = None


def bound(started: float, waited: float, behind: float) -> str:
    """Return what held a run up the longest once it had started: reading, writing or the device."""
    shares = {
        "device-bound": 1 - started - waited - behind,
        "reader-bound": waited,
        "writer-bound": behind,
    }
    return max(shares, key=lambda name: shares[name])


@dataclass(frozen=True, slots=True)
class Finished:
    """The run is complete and every output is in its place."""

    summary: Summary


@dataclass(frozen=True, slots=True)
class Failed:
    """The run ended without outputs; `status` is the exit status, `kind` the error's name."""

    kind: str
    found: str
    status: int
    expected: str = ""
    do: str = ""

    def __post_init__(self) -> None:
        _fit_to_tell(self, "found", "expected", "do")


Event = Noted | Warned | Progress | Finished | Failed
Report = Callable[[Event], None]
T = TypeVar("T")


def silent(event: Event) -> None:
    """Report to nobody."""


def to_line(event: Event) -> str:
    """Return the event as one line of JSON, in ASCII, with its kind under "event"."""
    data: dict[str, Any] = {"event": type(event).__name__.lower()}
    return json.dumps(data | asdict(event))


@dataclass(slots=True)
class Recorder:
    """Pass events on, and keep the warnings for the summary."""

    report: Report
    warnings: list[str] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        """Take one event."""
        if isinstance(event, Warned):
            self.warnings.append(event.text)
        self.report(event)


def watch(
    items: Iterable[T],
    size: Callable[[T], int],
    total: int,
    report: Report,
    stage: str,
    device: str = "",
) -> Iterator[T]:
    """Yield the items and report progress after each; `size` gives an item's pixels."""
    begun = time.monotonic()
    done = 0
    report(Progress(stage, 0, total, 0.0, device))
    for item in items:
        yield item
        done += size(item)
        report(Progress(stage, done, total, time.monotonic() - begun, device))
