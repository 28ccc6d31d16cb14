"""Why something could not be written: that the disk is full is said where it is, and nowhere
else.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import disk_usage

from .errors import RunError

FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))  # Windows has no quotas of that name
SAID = (
    "no space left on device",
    "database or disk is full",
    "disk quota exceeded",
)  # by libraries that keep no errno
SPARE = 1 << 20  # bytes of free disk below which it counts as full
FREE = "free some space, or write elsewhere"


@contextmanager
def failures(
    path: Path, refusals: tuple[type[Exception], ...] = (OSError, RuntimeError, sqlite3.Error)
) -> Iterator[None]:
    """Turn what the operating system or a library refuses in the block into one clear error.

    Parameters
    ----------
    path
        What is being written.
    refusals
        How the libraries say so; pyogrio's errors are RuntimeErrors.

    Raises
    ------
    RunError
        What went wrong, and what may help against that.
    """
    try:
        yield
    except refusals as error:
        raise write_error(path, error) from error


def need_room(path: Path, size: int) -> None:
    """Look for room before something is written: GDAL tells late of a full disk, or not at all.

    Parameters
    ----------
    path
        What is to be written.
    size
        Bytes that it takes.

    Raises
    ------
    RunError
        If the disk has no room for them.
    """
    if disk_usage(path.absolute().parent).free < size + SPARE:
        raise disk_full(path)


def disk_full(path: Path) -> RunError:
    """Return the error to raise when the disk is full.

    Parameters
    ----------
    path
        What could not be written.

    Returns
    -------
    RunError
        The same words wherever it happens.
    """
    return RunError(f"the disk is full: {path} could not be written", do=FREE)


def write_error(path: Path, error: BaseException) -> RunError:
    """Return the error to raise after a failed write.

    Parameters
    ----------
    path
        What could not be written.
    error
        What the system or a library raised; its causes are looked at as well.

    Returns
    -------
    RunError
        What went wrong, and what may help against that; of a full disk only where it is full.
    """
    told = list(_chain(error))
    if too_large(told):
        return RunError(
            f"{path} could not be written whole: it is larger than files may be here",
            do="raise the limit on the size of files (ulimit -f), or write elsewhere",
        )
    if any(map(_says_full, told)):
        return disk_full(path)
    with suppress(OSError):  # the folder may be gone
        if disk_usage(path.absolute().parent).free < SPARE:
            return disk_full(path)
    if not path.absolute().parent.is_dir():
        return RunError(
            f"{path} could not be written: its folder is gone", do="write to a folder that stays"
        )
    advice = (
        "a limit on the size of files is set here: see whether it is too low (ulimit -f)"
        if _limited()
        else ""
    )
    return RunError(f"{path} could not be written: {reason(error)}", do=advice)


def reason(error: BaseException) -> str:
    """Return in one line what a library or the system said.

    Parameters
    ----------
    error
        Its cause, where it has one, says it.

    Returns
    -------
    str
        At least the error's type.
    """
    cause = error.__cause__ or error
    said = getattr(cause, "strerror", None) or str(cause).strip() or type(cause).__name__
    return str(said).splitlines()[0]


def too_large(errors: list[BaseException]) -> bool:
    """Return whether a limit on the size of files stopped the writing.

    Parameters
    ----------
    errors
        An error and its causes. Of this, too, SQLite says that the disk is full.

    Returns
    -------
    bool
        True only where such a limit is set, or the system named it.
    """
    if any(
        getattr(error, "errno", None) == errno.EFBIG or "file too large" in str(error).lower()
        for error in errors
    ):
        return True
    return _limited() and any("disk is full" in str(error).lower() for error in errors)


def _limited() -> bool:
    try:
        import resource
    except ImportError:  # Windows knows no such limit
        return False
    return resource.getrlimit(resource.RLIMIT_FSIZE)[0] != resource.RLIM_INFINITY


def _says_full(error: BaseException) -> bool:
    return getattr(error, "errno", None) in FULL or any(text in str(error).lower() for text in SAID)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
