"""Whether what must be held at once fits into the memory that is left."""

from __future__ import annotations

from pathlib import Path

from ..errors import RunError

MEMINFO = Path("/proc/meminfo")
GROUP = Path("/sys/fs/cgroup")


def need_memory(size: int, what: str, do: str) -> None:
    """Raise RunError where fewer than `size` bytes are free; where that is not known, go on."""
    free = free_memory()
    if free is not None and size > free:
        raise RunError(f"{what} needs {size / 1e9:.1f} GB of memory, and {free / 1e9:.1f} GB are free", do=do)


def free_memory() -> int | None:
    """Return the bytes that the system, and the control group of the process, have left; None where neither tells."""
    found = [left for left in (_system(), _group()) if left is not None]
    return min(found, default=None)


def _system() -> int | None:
    try:
        lines = MEMINFO.read_text(encoding="ascii").splitlines()
    except OSError:  # another system than Linux
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)


def _group() -> int | None:
    """Return the room below the limit of a container, as cgroup v2 tells it; its cache counts as free."""
    try:
        limit = (GROUP / "memory.max").read_text(encoding="ascii").strip()
        used = int((GROUP / "memory.current").read_text(encoding="ascii"))
        cache = next(int(line.split()[1]) for line in (GROUP / "memory.stat").read_text(encoding="ascii").splitlines()
                     if line.startswith("file "))  # fmt: skip
    except (OSError, StopIteration, ValueError):
        return None
    return None if limit == "max" else max(0, int(limit) - used + cache)
