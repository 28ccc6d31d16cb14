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
    """One line, without secrets."""

    def __post_init__(self) -> None:
        _fit_to_tell(self, "text")


@dataclass(frozen=True, slots=True)
class Warned:
    """Something may spoil the result, and the run goes on: one line."""

    text: str
    """One line, without secrets."""

    def __post_init__(self) -> None:
        _fit_to_tell(self, "text")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one stage is."""

    stage: str
    """Its name, such as "map" or "trace"."""
    done: int
    """Pixels that are through; of some stages others, as `UNITS` of the command line has it."""
    total: int
    """How many there are; 0 where nobody knows."""
    seconds: float
    """Since the stage began."""
    device: str = ""
    """What computes, where something does."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run made."""

    outputs: tuple[str, ...]
    """Paths, polygons first."""
    model: str
    """The name on the model's card."""
    model_sha256: str
    """The digest of the model's weights, in hexadecimal."""
    device: str
    """What computed, such as "cpu (8 threads)"."""
    seconds: float
    """From the beginning of the run to its last output."""
    pixels: int
    """Those that were mapped, without nodata."""
    nodata_pixels: int
    """Those without data, or outside of the area of interest."""
    polygons: int | None
    """How many were written; None where none were asked for."""
    shares: dict[str, float]
    """By class name, the fraction of `pixels`."""
    warnings: tuple[str, ...] = ()
    """What was warned of meanwhile."""
    started: float = 0.0
    """Of `seconds`, the share before the first pixel was asked for: opening, loading."""
    waited: float = 0.0
    """The share in which the device waited for pixels to be read."""
    behind: float = 0.0
    """The share in which it waited for the writer, or was through while outputs were finished. In
    the rest it computed.
    """
    compiled: float = 0.0
    """The share in which kernels were compiled that later runs find: it is part of those above."""
    bound: str = "device-bound"
    """What held the run up the longest, as `bound` says it."""
    engine: str = ""
    """What ran the network, one of `options.ENGINES`."""
    precision: str = "fp32"
    """Of the network's numbers, one of `options.PRECISIONS`."""
    agreement: float | None = None
    """The share of checked pixels to which a reduced `precision` gives the class of fp32; None for
    fp32 itself.
    """
    tta: str = "none"
    """In how many ways each tile was seen, whose scores were averaged; one of `options.TURNS`."""
    masked: str = ""
    """What was left out by the product's own mask, such as "clouds by QA_PIXEL"; "" is nothing."""
    masked_pixels: int = 0
    """How many of `nodata_pixels` hold data and were left out by that mask."""
    tile: int = 0
    """Side in pixels of the tiles; 0 where the map was put together from parts."""
    memory_asked: int = 0
    """Bytes that the run was to take at most; 0 where nothing limits it."""
    memory_planned: int = 0
    """Bytes that its plan came to."""
    memory_peak: int = 0
    """Bytes that the process held at most until its end, the system's libraries included."""
    slower: float = 1.0
    """How many times as much was computed, by the plan, as without the limit."""
    numbers: dict[str, dict[str, float]] = field(default_factory=dict)
    """Of a model of numbers (regression): min, mean, max, std and percentiles (p5 to p95) of each,
    by its name."""


def bound(started: float, waited: float, behind: float, compiled: float = 0.0) -> str:
    """Return what held a run up the longest once it had started.

    Parameters
    ----------
    started, waited, behind, compiled
        Shares of its time, as in `Summary`.

    Returns
    -------
    str
        "reader-bound", "writer-bound", "device-bound", or "compiler-bound".
    """
    tracing = min(compiled, behind)  # the tracer's kernel is the largest, and the writer waits
    shares = {
        "device-bound": 1 - started - waited - behind - (compiled - tracing),
        "reader-bound": waited,
        "writer-bound": behind - tracing,
        "compiler-bound": compiled,
    }
    return max(shares, key=lambda name: shares[name])


@dataclass(frozen=True, slots=True)
class Finished:
    """The run is complete and every output is in its place."""

    summary: Summary
    """What it made."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The run ended without outputs."""

    kind: str
    """The name of the error's class."""
    found: str
    """What was found."""
    status: int
    """The exit status of the command."""
    expected: str = ""
    """What was expected in its place, or ""."""
    do: str = ""
    """What the user may do, or ""."""

    def __post_init__(self) -> None:
        _fit_to_tell(self, "found", "expected", "do")


@dataclass(frozen=True, slots=True)
class Stage:
    """What a learning in a workspace does now."""

    stage: str
    """"learn" while the network takes steps, "look" while the last layer is fitted and scored."""


@dataclass(frozen=True, slots=True)
class Round:
    """A round of learning in a workspace: a line of its history."""

    round: int
    """Its number, from 1."""
    time: str
    """When it was through, ISO 8601 in UTC."""
    seconds: float
    """Since these labels are learned from."""
    labels: int
    """How many there are."""
    stage: str
    """"head" where the last layer alone was fitted, "network" where all of it has learned."""
    mean_iou: float | None
    """By labels held out by place, over the classes that have such; None where none is held out."""
    iou: dict[str, float]
    """Of each of these classes, by its name."""
    held_out_places: int
    """In how many places these labels lie."""
    weakest: str | None
    """The class of the lowest IoU."""
    model: str
    """The folder of the round's model, in the workspace's."""
    compared: float | None = None
    """The mean IoU on the part that no network is shown, by which stages are compared."""
    note: str = ""
    """How far the score can be trusted; "" where it can."""


@dataclass(frozen=True, slots=True)
class Done:
    """All rounds on these labels have been taken."""


Event = Noted | Warned | Progress | Stage | Round | Done | Finished | Failed
Report = Callable[[Event], None]
T = TypeVar("T")


def silent(event: Event) -> None:
    """Report to nobody.

    Parameters
    ----------
    event
        Anything.
    """


def to_line(event: Event) -> str:
    """Return an event as programs read it.

    Parameters
    ----------
    event
        Anything that a run tells.

    Returns
    -------
    str
        One line of JSON in ASCII, with the kind of the event under "event".
    """
    data: dict[str, Any] = {"event": type(event).__name__.lower()}
    return json.dumps(data | asdict(event))


@dataclass(slots=True)
class Recorder:
    """Pass events on, and keep the warnings for the summary."""

    report: Report
    """What gets all events."""
    warnings: list[str] = field(default_factory=list)
    """Their texts, in order."""

    def __call__(self, event: Event) -> None:
        """Take one event.

        Parameters
        ----------
        event
            It is passed on in any case.
        """
        if isinstance(event, Warned):
            self.warnings.append(event.text)
        self.report(event)


@dataclass(slots=True)
class Meter:
    """Reports how much of a stage is done, in however many parts its items come."""

    stage: str
    """What people read before the numbers."""
    total: int
    """Pixels of all items; 0 where nobody knows."""
    report: Report
    """Takes the events; one of no pixels comes before the first item."""
    device: str = ""
    """What computes, where something does."""
    done: int = 0
    """Pixels that are done."""
    begun: float = field(default_factory=time.monotonic)
    """When the stage began, in seconds of `time.monotonic`."""

    def passing(self, items: Iterable[T], size: Callable[[T], int]) -> Iterator[T]:
        """Yield items, and report after each has been taken.

        Parameters
        ----------
        items
            Some of those that the stage works on.
        size
            Gives an item's pixels.

        Yields
        ------
        T
            The same items.
        """
        if not self.done:
            self._tell(0.0)
        for item in items:
            yield item
            self.done += size(item)
            self._tell(time.monotonic() - self.begun)

    def _tell(self, seconds: float) -> None:
        self.report(Progress(self.stage, self.done, self.total, seconds, self.device))


def watch(
    items: Iterable[T],
    size: Callable[[T], int],
    total: int,
    report: Report,
    stage: str,
    device: str = "",
) -> Iterator[T]:
    """Yield items and report progress after each.

    Parameters
    ----------
    items
        Whatever a stage works on.
    size
        Gives an item's pixels.
    total
        Pixels of all items.
    report
        What gets the events; one of no pixels comes before the first item.
    stage
        What people read before the numbers.
    device
        What computes, where something does.

    Yields
    ------
    T
        Each item, as it is asked for.
    """
    yield from Meter(stage, total, report, device).passing(items, size)
