"""What went wrong, for people and for programs: any exception as a Failed event with its exit status."""

from __future__ import annotations

import click

from ..disk import FREE, FULL
from ..errors import GeosegError
from ..events import Failed
from .signals import HungUp, Terminated

NOTHING = "nothing was written"  # unless who was stopped says what was
INTERRUPTED = 130  # 128 + the signal's number, as shells count
TERMINATED = 143
HUNG_UP = 129


def to_failed(error: BaseException) -> Failed:
    """Return what to say about the error, and the status to exit with: 1 failure, 2 input, 128 + n signal n."""
    found = f"internal error: {type(error).__name__}: {_line(str(error))}"
    unknown = Failed(type(error).__name__, found, 1, do="run with --debug for the traceback")
    return _expected(error) or _stopped(error) or _system(error) or unknown


def _expected(error: BaseException) -> Failed | None:
    kind = type(error).__name__
    match error:
        case GeosegError():
            return Failed(kind, _line(error.found), error.status, _line(error.expected), _line(error.do))
        case click.UsageError():
            command = error.ctx.command_path if error.ctx else "geoseg"
            return Failed(kind, _line(error.format_message()).rstrip("."), 2, do=f"see `{command} --help`")
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
        case UnicodeEncodeError(reason="surrogates not allowed"):  # how Python holds bytes that are no text
            bad = ascii(error.object[:200])
            return Failed(kind, f"the name {bad} is not in UTF-8", 2, do="rename it, or run with LC_ALL=C.UTF-8")
        case OSError() if error.filename and error.strerror:
            return Failed(kind, f"{error.filename}: {error.strerror}", 1)
    return None


def _where(error: OSError) -> str:
    return f" at {error.filename}" if error.filename else ""


def _line(text: str) -> str:
    """An error is one line, whatever a library put into its message."""
    return " ".join(text.split())
