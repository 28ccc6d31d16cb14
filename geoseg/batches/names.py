"""Names of units, the shards that they fall into, and files that are made once, whole."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from ..core.errors import RunError
from ..core.redact import redact


def entries(folder: Path) -> list[str]:
    """List a folder.

    Parameters
    ----------
    folder
        Need not exist.

    Returns
    -------
    list of str
        Names, in no order; none where there is no such folder.
    """
    try:
        return os.listdir(folder)  # noqa: PTH208 - 10^6 Paths take ten times as long
    except FileNotFoundError:
        return []


def shard_of(name: str) -> str:
    """Say into which shard a unit falls.

    Parameters
    ----------
    name
        Of the unit.

    Returns
    -------
    str
        Two hexadecimal digits.
    """
    return hashlib.sha256(name.encode()).hexdigest()[:2]


def safe(text: str) -> str:
    """Turn a text into a file's name.

    Parameters
    ----------
    text
        Any.

    Returns
    -------
    str
        Letters, digits, and -_. inside it, 120 at most; `scene` where nothing is left.
    """
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", text).strip("._-")[:120] or "scene"


def names(label: str, paths: Sequence[str]) -> tuple[str, str]:
    """Say what a scene may be called.

    Parameters
    ----------
    label
        What it would like to be called.
    paths
        Its files.

    Returns
    -------
    tuple
        The label, and the label with a digest of the paths, for where another scene has it.
    """
    name = safe(label)
    return name, f"{name}-{hashlib.sha256(chr(0).join(paths).encode()).hexdigest()[:12]}"


def put_new(beside: Path, target: Path, text: str) -> bool:
    """Make a file, whole at once. What holds secrets of addresses is for its owner alone.

    Parameters
    ----------
    beside
        Folder in which it is written first, on the same file system.
    target
        Of the file.
    text
        What it holds.

    Returns
    -------
    bool
        Whether it is ours, and not one that was there before.
    """
    part = beside / uuid4().hex
    part.touch(mode=0o600 if redact(text) != text else 0o666)
    part.write_text(text, encoding="utf-8")
    try:
        os.link(part, target)  # unlike a rename it fails where the target exists, on NFS as well
    except FileExistsError:
        return part.stat().st_nlink == 2  # NFS may have lost the answer to a link that was made
    finally:
        part.unlink()
    return True


def put(target: Path, text: str) -> None:
    """Write a text file that appears, or is replaced, whole.

    Parameters
    ----------
    target
        Of the file.
    text
        What it holds.

    Raises
    ------
    RunError
        If the system refuses it.
    """
    part = target.with_name(f".{target.name}.{uuid4().hex[:8]}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(target)
    except OSError as error:
        raise RunError(
            f"writing {target} failed: {error.strerror}", do="see to the disk and the folder"
        ) from error
    finally:
        part.unlink(missing_ok=True)
