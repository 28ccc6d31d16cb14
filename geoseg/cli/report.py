"""What a run tells, to people a bar and lines on stderr, to programs JSON lines on stdout; and how
it ends: by an error, a signal, or the end of stdin.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from ..core.bounded import bounded, shortened
from ..core.disk import FREE, FULL
from ..core.errors import GeosegError
from ..core.events import (
    Event,
    Failed,
    Finished,
    Noted,
    Progress,
    Report,
    Round,
    Summary,
    Warned,
    to_line,
)
from ..core.redact import redact
from .defaults import blaming, told
from .libraries import telling
from .parameters import RENAMED
from .streams import forgiving

if TYPE_CHECKING:
    from tqdm import tqdm

C = TypeVar("C", bound=Callable[..., Any])
# stage -> how many make one on its bar, and their name; tqdm puts it behind the speed
UNITS = {
    "batch": (1, "units"),
    "copy": (1, "polygons"),
    "merge": (1, "scenes"),
    "import": (1, "labels"),
    "train": (1, "steps"),
    "learn": (1, "s"),
}
PIXELS = (1e6, "Mpx")
COUNT = "{desc} {n:.6g} {unit}, {elapsed}, {rate_noinv_fmt}"  # of what has no end that is known
BAR = "{desc} {percentage:3.0f} %|{bar}| {elapsed}<{remaining}, {rate_noinv_fmt}"
NOTHING = "nothing was written"  # unless who was stopped says what was
INTERRUPTED = 130  # 128 + the signal's number, as shells count
TERMINATED = 143
HUNG_UP = 129
LOOK = 0.5  # seconds between two looks at whether the exception is still on its way
PATIENCE = 60.0  # seconds for clearing up; then whoever still waits for the end gets it
STOPPING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # those of them that the system has


OPTIONS = (
    click.option("--quiet", is_flag=True, help="Show warnings and errors only."),
    click.option(
        "--events",
        is_flag=True,
        help="Write JSON lines to stdout, for programs, and nothing else there.",
    ),
    click.option(
        "--cancel-on-eof", is_flag=True, hidden=True, help="Cancel when stdin, a pipe, ends."
    ),
)


def run_options(command: C) -> C:
    """Add --quiet, --events and --cancel-on-eof to a command, which passes them to `reporting`.

    Parameters
    ----------
    command
        The function of the command.

    Returns
    -------
    Callable
        The same, with three more parameters.
    """
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@contextmanager
def reporting(quiet: bool, events: bool, cancel_on_eof: bool) -> Iterator[Report]:
    """Open the report of a run as the options ask for it, and watch stdin for its end where they
    do.

    Parameters
    ----------
    quiet
        Whether people see warnings alone.
    events
        Whether JSON lines go to stdout, for programs, instead of text to stderr.
    cancel_on_eof
        Whether the end of stdin, a pipe, cancels the run.

    Yields
    ------
    Report
        To be called with each event; what libraries warn of goes there as well until the block
        ends.
    """
    with event_lines() if events else PeopleReport(quiet, sys.stderr) as report:
        if cancel_on_eof:
            watch_stdin()
        tell_former_names(report)
        if taken := told(click.get_current_context(silent=True)):
            report(Noted(taken))
        with telling(report), blaming():
            yield report


def tell_former_names(report: Report) -> None:
    """Warn of options that were given by their former names.

    Parameters
    ----------
    report
        Is told of each.
    """
    for text in untold(click.get_current_context(silent=True)):
        report(Warned(text))


def untold(context: click.Context | None) -> list[str]:
    """Take the warnings of former names that nobody has been told yet.

    Parameters
    ----------
    context
        Click's; None where there is none.

    Returns
    -------
    list of str
        Each is handed out once.
    """
    return list(context.meta.pop(RENAMED, ())) if context else []


def say(lines: Iterable[str], report: Report, events: bool) -> None:
    """Show the lines of a command's result: on stdout to people, as notes to programs.

    Parameters
    ----------
    lines
        Lines without their ends; secrets in them are left out.
    report
        Is told of them where programs listen.
    events
        Whether these do.
    """
    for line in lines:
        if events:
            report(Noted(line))
        else:
            click.echo(bounded(redact(line)))


class PeopleReport:
    """Takes a run's events; a context manager that leaves the bar's line behind it.

    Parameters
    ----------
    quiet
        Whether warnings alone are shown.
    stream
        Where the lines go; None is stderr.
    """

    def __init__(self, quiet: bool = False, stream: TextIO | None = None) -> None:
        self._quiet = quiet
        self._stream = stream or sys.stderr
        self._bar: tqdm[None] | None = None
        self._stage = ""

    def __call__(self, event: Event) -> None:
        """Show one event.

        Parameters
        ----------
        event
            What happened; an error is said at the door instead.
        """
        match event:
            case Warned(text):
                self._line(f"warning: {text}")
            case Noted(text) if not self._quiet:
                self._line(text)
            case Progress() if not self._quiet:
                self._progress(event)
            case Round() if not self._quiet:
                self._line(describe_round(event))
            case Finished(summary):
                self._close()
                if over := memory_exceeded(summary):
                    self._line(f"warning: {over}")
                if not self._quiet:
                    self._line("\n".join(describe(summary)))
            case Failed():
                self._close()  # the error itself is said at the door

    def __enter__(self) -> PeopleReport:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
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
            self._bar = self._open(event)
            self._stage = event.stage
        size, _ = UNITS.get(event.stage, PIXELS)
        self._bar.n = event.done / size  # sums of fractions may end a little above the total
        self._bar.update(0)

    def _open(self, event: Progress) -> tqdm[None]:
        from tqdm import tqdm

        size, unit = UNITS.get(event.stage, PIXELS)
        return tqdm(
            total=event.total / size or None,
            desc=f"{event.stage} on {event.device}" if event.device else event.stage,
            unit=unit,
            bar_format=BAR if event.total else COUNT,
            file=self._stream,
            dynamic_ncols=True,
            mininterval=0.1 if self._stream.isatty() else 10,  # a log file needs few lines
        )

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def describe(summary: Summary) -> list[str]:
    """Return what a run made, for people.

    Parameters
    ----------
    summary
        Of a run that is done.

    Returns
    -------
    list
        Lines: shares of the classes, size and speed, where the time went, outputs.
    """
    shares = sorted(
        ((shortened(name), share) for name, share in summary.shares.items()),
        key=lambda item: -item[1],
    )
    width = max((len(name) for name, _ in shares), default=0)
    speed = summary.pixels / 1e6 / max(summary.seconds, 1e-9)
    polygons = "" if summary.polygons is None else f" ({summary.polygons:,} polygons)"
    held = summary.pixels + summary.masked_pixels
    masked = f"{summary.masked_pixels / max(1, held):.2%} masked ({summary.masked})"
    return [
        *(f"{name:{width}}  {share:7.2%}" for name, share in shares if share),
        *(f"{shortened(name)}: {spread_text(each)}" for name, each in summary.numbers.items()),
        *([masked] if summary.masked else []),
        f"{summary.pixels:,} px mapped, {summary.nodata_pixels:,} without data, by {summary.model}"
        f" in {summary.seconds:.1f} s: {speed:.2f} Mpx/s on {summary.device}{computed(summary)}",
        where_the_time_went(summary),
        *([memory_taken(summary)] if summary.memory_peak else []),
        f"written: {', '.join(summary.outputs)}{polygons}",
    ]


def describe_round(told: Round) -> str:
    """Return what a round of learning found, for people.

    Parameters
    ----------
    told
        The round.

    Returns
    -------
    str
        One line.
    """
    stage = "last layer" if told.stage == "head" else "whole network"
    text = f"round {told.round} ({stage}, {told.seconds:.0f} s, {told.labels} labels)"
    if told.mean_iou is not None:
        text += f": mean IoU {told.mean_iou:.2f} in {told.held_out_places} places held out"
    if told.weakest is not None:
        text += f", weakest {told.weakest} {told.iou[told.weakest]:.2f}"
    return shortened(f"{text}; {told.note}" if told.note else text, 400)


def spread_text(numbers: Mapping[str, float]) -> str:
    """Return how the numbers of a map lie.

    Parameters
    ----------
    numbers
        Of one band, as of `Summary.numbers`.

    Returns
    -------
    str
        Part of a line.
    """
    return ", ".join(f"{name} {value:.4g}" for name, value in numbers.items())


def computed(summary: Summary) -> str:
    """Return by which engine and how precisely a map was computed.

    Parameters
    ----------
    summary
        Of a run that is done.

    Returns
    -------
    str
        The end of a sentence; empty where the engine is not known.
    """
    agreed = (
        ""
        if summary.agreement is None
        else f" (the class of fp32 on {summary.agreement:.3%} of those checked)"
    )
    seen = "" if summary.tta == "none" else f", each tile seen in more than one way ({summary.tta})"
    return f" by {summary.engine} in {summary.precision}{agreed}{seen}" if summary.engine else ""


def memory_taken(summary: Summary) -> str:
    """Say how much memory a run took, beside what it was to take.

    Parameters
    ----------
    summary
        Its summary.

    Returns
    -------
    str
        A line.
    """
    text = f"memory: {summary.memory_peak / 1e6:,.0f} MB at most"
    if summary.memory_asked:
        text += f" of {summary.memory_asked / 1e6:,.0f} MB"
    text += f", tiles of {summary.tile:,} px" if summary.tile else ""
    if summary.slower > 1.005:
        text += f": {summary.slower:.3g} times the computing of a run without a limit"
    return text


def memory_exceeded(summary: Summary) -> str:
    """Say where a run took more memory than it was to take.

    Parameters
    ----------
    summary
        Its summary.

    Returns
    -------
    str
        A line; "" where it did not.
    """
    if not summary.memory_asked or summary.memory_peak <= summary.memory_asked:
        return ""
    return (
        f"memory: {summary.memory_peak / 1e6:,.0f} MB were taken, more than the "
        f"{summary.memory_asked / 1e6:,.0f} MB of --max-memory"
    )


def where_the_time_went(summary: Summary) -> str:
    """Return whether reading, computing or writing held the run up.

    Parameters
    ----------
    summary
        Of a run that is done.

    Returns
    -------
    str
        One line with the shares of the time.
    """
    computing = max(0.0, 1 - summary.started - summary.waited - summary.behind)
    after = "writing" if summary.polygons is None else "writing and tracing"
    seconds = summary.compiled * summary.seconds
    compiling = f"; {seconds:.1f} s of it compiling, once" if seconds >= 0.1 else ""
    return (
        f"of the time: {summary.started:.0%} starting, {summary.waited:.0%} waiting for pixels,"
        f" {computing:.0%} computing, {summary.behind:.0%} {after}: {summary.bound}{compiling}"
    )


@contextmanager
def event_lines() -> Iterator[Report]:
    """Open the report of a run that writes JSON lines to the real stdout.

    Descriptor 1 is pointed at stderr meanwhile, so that no library's print can spoil the stream. An
    error becomes a last line, Failed, and goes on.

    Yields
    ------
    Report
        Writes each event as a line, at once.
    """
    with lines_out() as line:

        def report(event: Event) -> None:
            line(to_line(event))

        try:
            yield report
        except (Exception, KeyboardInterrupt) as error:
            report(to_failed(error))
            raise


@contextmanager
def json_lines() -> Iterator[Callable[[Mapping[str, Any]], None]]:
    """Write JSON objects to the real stdout, as `lines_out` does.

    Yields
    ------
    Callable
        Writes an object as a line, at once.
    """
    with lines_out() as line:
        yield lambda told: line(json.dumps(told, ensure_ascii=False))


@contextmanager
def lines_out() -> Iterator[Callable[[str], None]]:
    """Write lines to the real stdout; descriptor 1 is pointed at stderr meanwhile, so that no
    library's print can spoil the stream.

    Yields
    ------
    Callable
        Writes a line, which is given without its end, at once.
    """
    sys.stdout.flush()
    with forgiving(os.dup(1)) as stream:
        os.dup2(2, 1)

        def line(text: str) -> None:
            stream.write(text + "\n")
            stream.flush()

        try:
            yield line
        finally:
            sys.stdout.flush()
            os.dup2(stream.fileno(), 1)


def to_failed(error: BaseException) -> Failed:
    """Return what to say about an error.

    Parameters
    ----------
    error
        Any; one that is neither geoseg's nor click's nor the system's is an internal error.

    Returns
    -------
    Failed
        With the status to exit with: 1 failure, 2 input, 128 + n signal n.
    """
    found = f"internal error: {type(error).__name__}: {_line(str(error))}"
    unknown = Failed(type(error).__name__, found, 1, do="run with --debug for the traceback")
    return _expected(error) or _stopped(error) or _system(error) or unknown


def _expected(error: BaseException) -> Failed | None:
    kind = type(error).__name__
    match error:
        case GeosegError():
            return Failed(
                kind, _line(error.found), error.status, _line(error.expected), _line(error.do)
            )
        case click.UsageError():
            command = error.ctx.command_path if error.ctx else "geoseg"
            return Failed(
                kind, _line(error.format_message()).rstrip("."), 2, do=f"see `{command} --help`"
            )
        case click.ClickException():
            return Failed(kind, _line(error.format_message()), error.exit_code)
    return None


def _stopped(error: BaseException) -> Failed | None:
    match error:
        case Terminated():
            return Failed("Terminated", f"terminated: {_line(str(error)) or NOTHING}", TERMINATED)
        case HungUp():
            return Failed("HungUp", f"the session is gone: {_line(str(error)) or NOTHING}", HUNG_UP)
        case KeyboardInterrupt() | click.Abort():
            return Failed("Cancelled", f"cancelled: {_line(str(error)) or NOTHING}", INTERRUPTED)
        case BrokenPipeError():
            return Failed("Cancelled", "cancelled: nobody reads the output any more", 1)
    return None


def _system(error: BaseException) -> Failed | None:
    kind = type(error).__name__
    match error:
        case MemoryError():
            return Failed(kind, "memory ran out", 1, do="use a smaller --tile or --batch")
        case OSError() if error.errno in FULL:
            return Failed(kind, f"disk full{_where(error)}", 1, do=FREE)
        case UnicodeEncodeError(
            reason="surrogates not allowed"
        ):  # how Python holds bytes that are no text
            bad = ascii(error.object[:200])
            return Failed(
                kind,
                f"the name {bad} is not in UTF-8",
                2,
                do="rename it, or run with LC_ALL=C.UTF-8",
            )
        case OSError() if error.filename and error.strerror:
            return Failed(kind, f"{error.filename}: {error.strerror}", 1)
    return None


def _where(error: OSError) -> str:
    return f" at {error.filename}" if error.filename else ""


def _line(text: str) -> str:
    """An error is one line, whatever a library put into its message."""
    return " ".join(text.split())


class Interrupted(KeyboardInterrupt):
    """The user has pressed Ctrl-C, or what does the same."""


class Terminated(KeyboardInterrupt):
    """The process was told to end by SIGTERM."""


class HungUp(KeyboardInterrupt):
    """The terminal, or the session, is gone."""


KINDS: dict[str, type[KeyboardInterrupt]] = {"SIGTERM": Terminated, "SIGHUP": HungUp}


@dataclass(slots=True)
class Stopping:
    """Handles the signals that stop a program: raises an exception, and sees to it that it reaches
    the door.

    Python drops what is raised in a function that C calls (a callback of GDAL, a finaliser). So the
    exception is looked after: where it is gone, and `arrived` was not called, it is raised again.
    While it is on its way, further signals would only disturb the clearing up.
    """

    _raised: weakref.ref[KeyboardInterrupt] | None = None
    _number: int = signal.SIGINT
    _begun: float = 0.0
    _arrived: bool = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal: an exception for the first, and the end of the process where clearing up
        takes too long.

        Parameters
        ----------
        number
            The signal's.
        frame
            Where it came, which is of no interest.
        """
        if self._arrived or self._on_its_way():
            if self._begun and time.monotonic() - self._begun > PATIENCE:
                os._exit(128 + number)
            return
        if self._raised is None:
            self._number, self._begun = number, time.monotonic()
            threading.Thread(target=self._look_after, daemon=True, name="geoseg-stop").start()
        raise self._made()  # no name for it here: a frame of its own traceback would keep it

    def arrived(self) -> None:
        """Say that the exception has reached the door, or that it is none: nothing is raised any
        more.
        """
        self._arrived = True

    def _on_its_way(self) -> bool:
        return self._raised is not None and self._raised() is not None

    def _made(self) -> KeyboardInterrupt:
        error = KINDS.get(signal.Signals(self._number).name, Interrupted)()
        self._raised = weakref.ref(error)
        return error

    def _look_after(self) -> None:
        while not self._arrived:
            time.sleep(LOOK)
            gc.collect()  # what was dropped may still lie in a cycle
            if not self._arrived and not self._on_its_way():
                _signal_main_thread(self._number)


_stopping = Stopping()


@contextmanager
def stop_on_signals() -> Iterator[None]:
    """Turn the first signal that stops a program into an exception while the block runs."""
    global _stopping  # noqa: PLW0603 - handlers of signals belong to the whole process
    _stopping = Stopping()
    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():  # Python's own rule for signal.signal
        for number in (getattr(signal, name) for name in STOPPING if hasattr(signal, name)):
            # what was told to outlive its terminal (nohup) does
            if number == signal.SIGINT or signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, _stopping)
    try:
        yield
    finally:
        _stopping.arrived()
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


def arrived() -> None:
    """Say that the exception of a signal has been taken notice of: it is not raised again."""
    _stopping.arrived()


def told_by_usr1() -> Callable[[], bool]:
    """Take note of SIGUSR1, with which schedulers tell that the time is nearly up.

    Returns
    -------
    Callable
        Returns whether it came.
    """
    came: list[int] = []
    if hasattr(signal, "SIGUSR1"):
        signal.signal(signal.SIGUSR1, lambda number, frame: came.append(number))
    return lambda: bool(came)


def watch_stdin(descriptor: int = 0) -> None:
    """Watch a pipe in the background: its end means that the run is cancelled.

    It works the same on every system, and when the parent was killed too. A run that is caught in
    what no signal ends, such as a server that does not answer, is given up after a while: whoever
    wanted it is gone.

    Parameters
    ----------
    descriptor
        Of the pipe, stdin by default.
    """
    threading.Thread(
        target=_wait_for_eof, args=(descriptor,), daemon=True, name="geoseg-stdin"
    ).start()


def _wait_for_eof(descriptor: int) -> None:
    try:
        while os.read(descriptor, 4096):
            pass
    except OSError:
        pass  # a descriptor that is not open has ended, too
    _signal_main_thread(signal.SIGINT)
    time.sleep(PATIENCE)
    os._exit(128 + signal.SIGINT)


def _signal_main_thread(number: int) -> None:
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, number)  # wakes it from a system call as well
    else:
        signal.raise_signal(number)
