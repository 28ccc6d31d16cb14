"""A run told to people, on stderr: lines, a progress bar with its speed and device, and a summary at the end."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from ..bounded import shortened
from ..events import Event, Failed, Finished, Noted, Progress, Summary, Warned

if TYPE_CHECKING:
    from tqdm import tqdm

UNITS = {"batch": (1, "units")}  # stage -> how many make one on its bar, and their name; tqdm puts it behind the speed
PIXELS = (1e6, "Mpx")
BAR = "{desc} {percentage:3.0f} %|{bar}| {elapsed}<{remaining}, {rate_noinv_fmt}"


class PeopleReport:
    """Takes a run's events; a context manager that leaves the bar's line behind it. Quiet shows warnings alone."""

    def __init__(self, quiet: bool = False, stream: TextIO | None = None) -> None:
        self._quiet = quiet
        self._stream = stream or sys.stderr
        self._bar: tqdm[None] | None = None
        self._stage = ""

    def __call__(self, event: Event) -> None:
        """Show one event."""
        match event:
            case Warned(text):
                self._line(f"warning: {text}")
            case Noted(text) if not self._quiet:
                self._line(text)
            case Progress() if not self._quiet:
                self._progress(event)
            case Finished(summary):
                self._close()
                if not self._quiet:
                    self._line("\n".join(describe(summary)))
            case Failed():
                self._close()  # the error itself is said at the door

    def __enter__(self) -> PeopleReport:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _line(self, text: str) -> None:
        if self._bar is None:
            print(text, file=self._stream, flush=True)
        else:
            self._bar.write(text, file=self._stream)

    def _progress(self, event: Progress) -> None:
        if self._bar is None or event.stage != self._stage:
            self._close()
            self._bar, self._stage = self._open(event), event.stage
        size, _ = UNITS.get(event.stage, PIXELS)
        self._bar.update(event.done / size - self._bar.n)

    def _open(self, event: Progress) -> tqdm[None]:
        from tqdm import tqdm

        size, unit = UNITS.get(event.stage, PIXELS)
        return tqdm(
            total=max(event.total, 1) / size,
            desc=f"{event.stage} on {event.device}" if event.device else event.stage,
            unit=unit,
            bar_format=BAR,
            file=self._stream,
            dynamic_ncols=True,
            mininterval=0.1 if self._stream.isatty() else 10,  # a log file needs few lines
        )

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def describe(summary: Summary) -> list[str]:
    """Return what a run made, as lines: shares of the classes, model, speed, device, where the time went, outputs."""
    shares = sorted(((shortened(name), share) for name, share in summary.shares.items()), key=lambda item: -item[1])
    width = max((len(name) for name, _ in shares), default=0)
    speed = summary.pixels / 1e6 / max(summary.seconds, 1e-9)
    polygons = "" if summary.polygons is None else f" ({summary.polygons:,} polygons)"
    return [
        *(f"{name:{width}}  {share:7.2%}" for name, share in shares if share),
        f"{summary.pixels:,} px mapped, {summary.nodata_pixels:,} without data, by {summary.model}"
        f" in {summary.seconds:.1f} s: {speed:.2f} Mpx/s on {summary.device}{computed(summary)}",
        where_the_time_went(summary),
        f"written: {', '.join(summary.outputs)}{polygons}",
    ]


def computed(summary: Summary) -> str:
    """Return by which engine and how precisely, as the end of a sentence; nothing where that is not known."""
    agreed = "" if summary.agreement is None else f" (the class of fp32 on {summary.agreement:.3%} of those checked)"
    return f" by {summary.engine} in {summary.precision}{agreed}" if summary.engine else ""


def where_the_time_went(summary: Summary) -> str:
    """Return one line that tells whether reading, computing or writing held the run up."""
    computing = max(0.0, 1 - summary.started - summary.waited - summary.behind)
    after = "writing" if summary.polygons is None else "writing and tracing"
    return (
        f"of the time: {summary.started:.0%} starting, {summary.waited:.0%} waiting for pixels,"
        f" {computing:.0%} computing, {summary.behind:.0%} {after}: {summary.bound}"
    )
