"""Files that users name: what waits for ever, or never ends, is refused before it is opened."""

from __future__ import annotations

import csv
import io
import os
import stat
from pathlib import Path, PurePath

from .errors import InputError

_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}

LISTS = (".txt", ".csv")
COLUMNS = ("scene", "path", "file", "href", "url")  # of a CSV: the first of these that it has
# how the names of files end that come beside others
SIDECARS = (
    ".xml",
    ".qml",
    ".ovr",
    ".msk",
    ".tfw",
    ".jgw",
    ".pgw",
    ".wld",
    ".prj",
    ".dbf",
    ".shx",
    ".cpg",
    ".json",
    ".txt",
    ".csv",
    ".md",
)


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


def is_data(file: str) -> bool:
    """Return whether a file may hold pixels: it is none of those that come beside others.

    Parameters
    ----------
    file
        Its path.

    Returns
    -------
    bool
        By its suffix alone; False for a folder, or for nothing.
    """
    return os.path.isfile(file) and not file.lower().endswith(SIDECARS)  # noqa: PTH113


def read_list(path: Path) -> list[str]:
    """Read the lines of a list of files that say something.

    Parameters
    ----------
    path
        Text, a line for each, or CSV with one of COLUMNS.

    Returns
    -------
    list
        As they are written, without comments (#); at least one.

    Raises
    ------
    InputError
        If it cannot be read, is empty, or has no such column.
    """
    check_regular(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the list {path} cannot be read: {error}") from error
    rows = _rows(path, text) if path.suffix.lower() == ".csv" else text.splitlines()
    lines = [line.strip() for line in rows if line.strip() and not line.lstrip().startswith("#")]
    if not lines:
        raise InputError(f"the list {path} is empty", "the path of a scene on each line")
    return lines


def _rows(path: Path, text: str) -> list[str]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        names = {name.strip().lower(): name for name in reader.fieldnames or ()}
        rows = list(reader)
    except csv.Error as error:
        raise InputError(
            f"the list {path} is not CSV: {error} (line {reader.line_num})",
            f"one of {', '.join(COLUMNS)}",
        ) from error
    column = next((names[name] for name in COLUMNS if name in names), None)
    if column is None:
        raise InputError(
            f"the list {path} has the columns {', '.join(names) or 'none'}",
            f"one of {', '.join(COLUMNS)}",
        )
    return [row[column] or "" for row in rows]


def beside(path: str, folder: Path) -> str:
    """Say how a file is called from a folder.

    Parameters
    ----------
    path
        Of the file.
    folder
        From which it is called.

    Returns
    -------
    str
        Relative, with slashes.
    """
    return PurePath(os.path.relpath(path, folder)).as_posix()
