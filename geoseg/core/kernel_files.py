"""Where compiled kernels are kept: beside the package where that can be written, else in the user's
cache; and from whose hands they are taken.

What is kept is code. It is loaded from a folder only if nobody can write there but this user, the
system's administrator, and those who can write the package itself.
"""

from __future__ import annotations

import os
import platform
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from tempfile import mkstemp

from .cache import cache_folder
from .version import __version__

try:
    import fcntl
except ImportError:  # Windows has none
    fcntl = None  # type: ignore[assignment]

PACKAGE = Path(__file__).parents[1]
FOLDER = "kernels"
DIGEST = 32  # bytes of the checksum that a file begins with
CPUINFO = Path("/proc/cpuinfo")


def kernel_folders() -> list[Path]:
    """Return the folders that may hold compiled kernels, in the order in which they are looked
    into.

    Returns
    -------
    list
        $NUMBA_CACHE_DIR alone where that is set; else that of the installation, which `geoseg warm`
        fills, and that in the user's cache, if there is one. None of them has to be there.
    """
    if named := os.environ.get("NUMBA_CACHE_DIR"):
        return [Path(named) / f"geoseg-{__version__}"]
    cache = cache_folder()
    own = [] if cache is None else [cache / FOLDER / __version__]
    return [PACKAGE / "__pycache__" / FOLDER, *own]


def writable_folder() -> Path | None:
    """Return the first of the folders in which kernels can be kept; it is made if need be.

    Returns
    -------
    Path | None
        None where each process has to compile for itself.
    """
    for folder in kernel_folders():
        with suppress(OSError):
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
            if os.access(folder, os.W_OK | os.X_OK) and is_trusted(folder.stat()):
                return folder
    return None


def is_trusted(found: os.stat_result) -> bool:
    """Tell whether a file or folder can be written by nobody whose code would not run anyway.

    Parameters
    ----------
    found
        What the system says of it.

    Returns
    -------
    bool
        Whether its owner is this user, root, or the package's owner, and others may write it only
        where they may write the package. On Windows, whose folders of a user and of a program are
        closed to other users, always.
    """
    if not hasattr(os, "geteuid"):
        return True
    package = PACKAGE.stat()
    if found.st_uid not in {0, os.geteuid(), package.st_uid}:
        return False
    others = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    if found.st_gid != package.st_gid:
        return not others
    return not others & ~package.st_mode


def read_kernel(name: str) -> bytes | None:
    """Read a kept kernel.

    Parameters
    ----------
    name
        Of its file.

    Returns
    -------
    bytes | None
        What was given to `write_kernel`; None where there is none, or it is not to be trusted or
        not whole.
    """
    for folder in kernel_folders():
        with suppress(OSError), (folder / name).open("rb") as file:
            if is_trusted(folder.stat()) and is_trusted(os.fstat(file.fileno())):
                data = file.read()
                if sha256(data[DIGEST:]).digest() == data[:DIGEST]:
                    return data[DIGEST:]
    return None


def write_kernel(name: str, data: bytes) -> bool:
    """Keep a kernel; its file appears whole or not at all.

    Parameters
    ----------
    name
        Of its file.
    data
        What `read_kernel` is to return.

    Returns
    -------
    bool
        Whether it is kept: a disk that is full or may not be written is no reason to stop a run.
    """
    folder = writable_folder()
    if folder is None:
        return False
    try:
        descriptor, part = mkstemp(prefix=".part-", dir=folder)
    except OSError:
        return False
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(sha256(data).digest() + data)
        Path(part).chmod(0o644)  # other users of the installation read it
        Path(part).replace(folder / name)
    except OSError:
        return False
    finally:
        Path(part).unlink(missing_ok=True)
    return True


@contextmanager
def locked(name: str, wait: bool = True) -> Iterator[bool]:
    """Hold a lock among the processes that keep kernels in one folder: what one compiles, the
    others wait for.

    Parameters
    ----------
    name
        Of the lock.
    wait
        Whether to wait for a process that holds it.

    Yields
    ------
    bool
        False where another process holds it, and was not waited for. Where no lock can be had it is
        as if nobody else were there.
    """
    folder = writable_folder()
    if fcntl is None or folder is None:
        yield True
        return
    try:
        descriptor = os.open(folder / f"{name}.lock", os.O_CREAT | os.O_RDWR, 0o644)
    except OSError:
        yield True
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        except OSError:  # a file system without locks
            pass
        yield True
    finally:
        os.close(descriptor)  # which unlocks it, as the end of the process does


@lru_cache(1)
def processor() -> str:
    """Return what tells processors apart for which compiled code differs.

    Returns
    -------
    str
        Its model and features on Linux, what is at hand elsewhere. It is a hint: numba's own name
        of the processor is part of a kernel's.
    """
    told = [platform.machine(), os.environ.get("PROCESSOR_IDENTIFIER", "")]
    with suppress(OSError):
        first = CPUINFO.read_text(encoding="utf-8", errors="replace").partition("\n\n")[0]
        wanted = ("model name", "flags", "Features", "CPU part")
        told += [line for line in first.splitlines() if line.startswith(wanted)]
    return "\n".join(told)


class CompileTime:
    """How long this process has compiled kernels, or waited for another that compiled them."""

    seconds: float = 0.0
    _depth: int = 0

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count the time of the block, unless it is in one that is counted: a kernel may call
        another. numba's lock lets one thread at a time be here.
        """
        begun = time.monotonic()
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if not self._depth:
                self.seconds += time.monotonic() - begun


COMPILING = CompileTime()
