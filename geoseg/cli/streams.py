"""stdout and stderr that may be closed, from the start or from some moment on: nobody reads, and
the run goes on.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import TextIO

GONE = (
    errno.EPIPE,
    errno.EBADF,
    errno.EIO,
)  # of a pipe, of a descriptor, of a terminal that hung up


class Forgiving(io.FileIO):
    """A descriptor to write to; when its reader is gone, what is written goes nowhere."""

    def write(self, data: object) -> int:
        """Write bytes; those that nobody reads count as written.

        Parameters
        ----------
        data
            Bytes, or another buffer.

        Returns
        -------
        int
            How many bytes were written.

        Raises
        ------
        OSError
            Any other error, such as a disk that is full; it is told once.
        """
        try:
            return super().write(data)  # type: ignore[arg-type]  # a buffer, as the base class says
        except OSError as error:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())  # for libraries in C as well
            os.close(nowhere)
            if error.errno not in GONE:
                raise
            return super().write(data)  # type: ignore[arg-type]


def forgiving(descriptor: int, like: TextIO | None = None) -> TextIO:
    """Open a stream of text on a descriptor.

    Parameters
    ----------
    descriptor
        Where it writes; the stream closes it unless it takes the place of another stream.
    like
        The stream whose place it takes, with its encoding; None is UTF-8.

    Returns
    -------
    TextIO
        A stream whose reader may go at any time.
    """
    raw = Forgiving(descriptor, "w", closefd=like is None)
    buffer = io.BufferedWriter(raw)
    if like is None:
        return io.TextIOWrapper(buffer, encoding="utf-8", newline="\n")
    return io.TextIOWrapper(buffer, encoding=like.encoding, errors=like.errors, line_buffering=True)


def open_streams() -> None:
    """Make the standard streams usable, whatever the caller has closed.

    A descriptor that is closed would be the next file's that is opened: a map, into which then a
    library's message for the terminal is written.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(
                os.open(os.devnull, os.O_RDWR), True
            )  # it takes the lowest number that is free
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for the whole process
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        stream = getattr(sys, name)
        if stream is None:
            stream = open(descriptor, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - as above
        buffer = stream.buffer
        if type(getattr(buffer, "raw", buffer)) is io.FileIO:  # not the console of Windows
            setattr(sys, name, forgiving(descriptor, stream))
