"""The user's cache folder: what is costly to make and can be made again at any time."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp


def cache_folder() -> Path | None:
    """Return where geoseg keeps files that can be made again.

    Returns
    -------
    Path | None
        $GEOSEG_CACHE, else by the system's rule, whether it is there or not; None where the
        variable is empty or the process has no home.

    Notes
    -----
    On Linux the rule is the XDG Base Directory Specification's.
    """
    named = os.environ.get("GEOSEG_CACHE")
    if named is not None:
        return Path(named) if named else None
    try:
        home = Path.home()
    except RuntimeError:  # a process without a home
        return None
    rules = {
        "win32": ("LOCALAPPDATA", home / "AppData/Local"),
        "darwin": ("", home / "Library/Caches"),
    }
    variable, usual = rules.get(sys.platform, ("XDG_CACHE_HOME", home / ".cache"))
    return Path(os.environ.get(variable) or usual) / "geoseg"


def keep(folder: Path, write: Callable[[Path], object]) -> bool:
    """Make a folder that appears whole or not at all.

    Parameters
    ----------
    folder
        Where it is to be.
    write
        What fills it; it is given another folder, which is then renamed.

    Returns
    -------
    bool
        Whether the folder is there now: a disk that is full or may not be written is no reason to
        stop a run.
    """
    part = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(mkdtemp(prefix=".part-", dir=folder.parent))
        write(part)
        part.replace(folder)  # fails where another process was first: the same files
    except OSError:
        return folder.is_dir()
    finally:
        if part is not None:
            rmtree(part, ignore_errors=True)
    return True
