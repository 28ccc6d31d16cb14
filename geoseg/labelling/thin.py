"""What a workspace can make again takes no more of the disk than is worth it: the least recently
used of it goes.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path


def use(path: Path) -> None:
    """Note that a file or folder is wanted still.

    Parameters
    ----------
    path
        Its time is that of the last use from now on, where it may be written.
    """
    with suppress(OSError):
        os.utime(path)


def thin_files(folder: Path, pattern: str, most: int) -> None:
    """Remove the least recently used files of a folder.

    Parameters
    ----------
    folder
        With all folders below it; it need not be there.
    pattern
        Of the files' names; no others are looked at.
    most
        Bytes that all of them may take.
    """
    found = []
    for path in folder.rglob(pattern):
        with suppress(OSError):  # another process has just removed it
            status = path.lstat()
            found.append((status.st_mtime_ns, status.st_size, path))
    left = sum(size for _, size, _ in found)
    for _, size, path in sorted(found):
        if left <= most:
            return
        with suppress(OSError):
            path.unlink()
        left -= size


def thin_folders(folder: Path, holds: str, most: int) -> None:
    """Remove the least recently used folders in a folder.

    Parameters
    ----------
    folder
        It need not be there.
    holds
        The name of a file that each of them has; no others are looked at.
    most
        How many stay.
    """
    found = []
    for path in folder.glob(f"*/{holds}"):
        with suppress(OSError):
            found.append((path.parent.lstat().st_mtime_ns, path.parent))
    for _, path in sorted(found, reverse=True)[most:]:
        (path / holds).unlink(missing_ok=True)  # first: without it, it is none any more
        shutil.rmtree(path, ignore_errors=True)
