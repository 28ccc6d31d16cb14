"""The user's own folders: the cache, of what can be made again at any time, added models, and the
file of defaults.
"""

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
    return _user_folder(
        "GEOSEG_CACHE",
        {"win32": ("LOCALAPPDATA", "AppData/Local"), "darwin": ("", "Library/Caches")},
        ("XDG_CACHE_HOME", ".cache"),
    )


def models_folder() -> Path | None:
    """Return where the models lie that a user has added.

    Returns
    -------
    Path | None
        $GEOSEG_MODELS, else by the system's rule, as `cache_folder`.
    """
    folder = _user_folder(
        "GEOSEG_MODELS",
        {"win32": ("LOCALAPPDATA", "AppData/Local"), "darwin": ("", "Library/Application Support")},
        ("XDG_DATA_HOME", ".local/share"),
    )
    return folder if folder is None or os.environ.get("GEOSEG_MODELS") else folder / "models"


def config_file() -> Path | None:
    """Return the file in which a user keeps defaults for options.

    Returns
    -------
    Path | None
        $GEOSEG_CONFIG, else by the system's rule, whether it is there or not; None where the
        variable is empty or the process has no home.
    """
    named = os.environ.get("GEOSEG_CONFIG")
    if named is not None:
        return Path(named) if named else None
    folder = _user_folder(
        "",
        {"win32": ("LOCALAPPDATA", "AppData/Local"), "darwin": ("", "Library/Application Support")},
        ("XDG_CONFIG_HOME", ".config"),
    )
    return None if folder is None else folder / "config.toml"


def _user_folder(
    variable: str, rules: dict[str, tuple[str, str]], usual: tuple[str, str]
) -> Path | None:
    named = os.environ.get(variable)
    if named is not None:
        return Path(named) if named else None
    try:
        home = Path.home()
    except RuntimeError:  # a process without a home
        return None
    base, below = rules.get(sys.platform, usual)
    return Path(os.environ.get(base) or home / below) / "geoseg"


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
        # whoever may read what lies beside it may read it: a cache is filled for others as well
        part.chmod(folder.parent.stat().st_mode & 0o777)
        part.replace(folder)  # fails where another process was first: the same files
    except OSError:
        return folder.is_dir()
    finally:
        if part is not None:
            rmtree(part, ignore_errors=True)
    return True
