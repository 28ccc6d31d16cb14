"""Files that users name: what waits for ever, or never ends, is refused before it is opened."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from .errors import InputError

_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def check_regular(path: str | Path, expected: str = "a file") -> None:
    """Refuse what waits for ever, or never ends, before it is opened.

    Parameters
    ----------
    path
        What the user names; what does not exist, or is a folder, passes.
    expected
        What is meant, for the message.

    Raises
    ------
    InputError
        If it is a pipe, a socket or a device.
    """
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - GDAL's names are not all paths
    except (OSError, ValueError):
        return
    if kind := _KINDS.get(stat.S_IFMT(mode)):
        raise InputError(f"{path} is {kind}", expected, "write what it gives into a file first")
