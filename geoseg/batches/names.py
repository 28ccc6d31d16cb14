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
    """Return the names in a folder, none where there is no such folder."""
    try:
        return os.listdir(folder)  # noqa: PTH208 - a Path for each of 10^6 names takes ten times as long
    except FileNotFoundError:
        return []


def shard_of(name: str) -> str:
    """Return the shard of a unit of that name: two hexadecimal digits."""
    return hashlib.sha256(name.encode()).hexdigest()[:2]


def safe(text: str) -> str:
    """Return the text as a file's name: letters, digits, and -_. inside it."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", text).strip("._-")[:120] or "scene"


def names(label: str, paths: Sequence[str]) -> tuple[str, str]:
    """Return what a scene is called: its label, or this with a digest where another scene has
    it.
    """
    name = safe(label)
    return name, f"{name}-{hashlib.sha256(chr(0).join(paths).encode()).hexdigest()[:12]}"


def put_new(beside: Path, target: Path, text: str) -> bool:
    """Make a file, whole at once; return whether it is ours, and not one that was there before.

    It is written in the folder `beside`, on the same file system. What holds secrets of
    addresses is for its owner alone.
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
    """Write a text file that appears, or is replaced, whole; RunError where the system refuses
    it.
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
