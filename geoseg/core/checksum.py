"""Digests of files, by which one is known again: of all bytes, or of samples if these are many."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from .errors import InputError
from .files import check_regular

WHOLE = "sha256"
SAMPLED = "sha256-sampled"
MOST = 1 << 30  # bytes of several files that are all read: 1 to 4 seconds of a processor
PIECE = 1 << 16  # bytes of a sample
PIECES = 16  # samples of a file, the first and the last bytes among them
BLOCK = 1 << 20


def digest_files(paths: Sequence[str]) -> list[tuple[int, str]]:
    """Return size and digest of files of this machine.

    Parameters
    ----------
    paths
        Of the files.

    Returns
    -------
    list
        Of each its bytes, and `sha256:` and the digest of them; where all files together have more
        than MOST, `sha256-sampled:` and that of the size and of evenly spread samples, which tells
        files that were written anew, and not that a few bytes were changed in place.

    Raises
    ------
    InputError
        If one cannot be read.
    """
    states = [_state(path) for path in paths]
    kind = WHOLE if sum(size for size, _ in states) <= MOST else SAMPLED
    return [(size, digest_file(path, kind)) for path, (size, _) in zip(paths, states, strict=True)]


def digest_file(path: str, kind: str = WHOLE) -> str:
    """Return the digest of a file.

    Parameters
    ----------
    path
        On this machine.
    kind
        WHOLE or SAMPLED; a small file is read whole in any case.

    Returns
    -------
    str
        The kind, a colon, and the digest as hexadecimal.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    return _digest(os.path.abspath(path), kind, *_state(path))  # noqa: PTH100 - links stay


def _state(path: str) -> tuple[int, int]:
    check_regular(path)
    try:
        found = os.stat(path)  # noqa: PTH116
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    return found.st_size, found.st_mtime_ns


@lru_cache(4096)  # the regions of a scene have the same inputs
def _digest(path: str, kind: str, size: int, _: int) -> str:
    found = hashlib.sha256()
    try:
        with Path(path).open("rb") as file:
            if kind == SAMPLED and size > PIECE * PIECES:
                found.update(f"{size}\n".encode())
                for number in range(PIECES):
                    file.seek((size - PIECE) * number // (PIECES - 1))
                    found.update(file.read(PIECE))
                return f"{SAMPLED}:{found.hexdigest()}"
            while block := file.read(BLOCK):
                found.update(block)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    return f"{WHOLE}:{found.hexdigest()}"
