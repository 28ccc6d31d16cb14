"""The errors a user can meet: what was found, what was expected, what to do."""

from __future__ import annotations

from .bounded import bounded
from .redact import redact


class GeosegError(Exception):
    """Root of all errors that geoseg raises on purpose; the command line exits with `status`.

    Each carries up to three sentences, without the secrets of addresses, and with the middle of
    endless names left out.

    Parameters
    ----------
    found
        What was found, as the beginning of a sentence.
    expected
        What was expected in its place, after "expected"; "" where that is plain.
    do
        What the user may do; "" where nothing can be said.
    """

    status = 1

    def __init__(self, found: str, expected: str = "", do: str = "") -> None:
        self.found = bounded(redact(found))
        self.expected = bounded(redact(expected))
        self.do = bounded(redact(do))
        super().__init__(self.found, self.expected, self.do)

    def __str__(self) -> str:
        parts = [self.found]
        if self.expected:
            parts.append(f"expected {self.expected}")
        if self.do:
            parts.append(self.do)
        return "; ".join(parts)


class InputError(GeosegError):
    """The scene, an option or a file given by the user cannot be used as it is."""

    status = 2


class ModelError(InputError):
    """The model bundle is missing, damaged, or does not fit the scene."""


class OutputError(InputError):
    """The output cannot be created: it exists, or its folder cannot be written."""


class RunError(GeosegError):
    """The work failed after it had begun: a read error, a full disk, no memory."""
