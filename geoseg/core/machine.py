"""What the machine gives this process: how many cores, and whether a GPU may be there."""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from math import ceil, inf
from pathlib import Path

from .errors import RunError
from .version import __version__

CGROUPS = Path("/sys/fs/cgroup")
DRIVER = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
AMD = Path("/dev/kfd")  # through which ROCm reaches a GPU; torch calls it cuda as well


def cores() -> int:
    """Return how many threads should compute: OMP_NUM_THREADS, else the physical cores that this
    process may use.

    Containers are given less than the machine has, by a quota of processor time or by affinity.
    """
    asked = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    if asked.isdecimal() and int(asked):
        return int(asked)
    allowed = (
        os.sched_getaffinity(0) if sys.platform == "linux" else set(range(os.cpu_count() or 1))
    )
    return max(1, min(len({_siblings(cpu) for cpu in allowed}), ceil(min(quota(CGROUPS), 1e6))))


def _siblings(cpu: int) -> str:
    """Two threads of one core share its arithmetic units: they count once."""
    try:
        return Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list").read_text()
    except OSError:
        return str(cpu)


def quota(root: Path, own: Path = Path("/proc/self/cgroup")) -> float:
    """Return how many processors' time the control group (version 2, else 1) and those above it
    allow.
    """
    try:
        line = next(line for line in own.read_text().splitlines() if line.startswith("0::"))
    except (OSError, StopIteration):
        line = "0::/"
    group = root / line.removeprefix("0::").lstrip("/")
    limits = [
        _cpu_limit(folder / "cpu.max")
        for folder in (group, *group.parents)
        if folder.is_relative_to(root)
    ]
    return min([*limits, _cpu_limit(root / "cpu/cpu.cfs_quota_us", root / "cpu/cpu.cfs_period_us")])


def _cpu_limit(*files: Path) -> float:
    """Return quota / period; files without a limit say "max" or -1."""
    try:
        allowed, period = " ".join(file.read_text() for file in files).split()
        return float(allowed) / float(period) if float(allowed) > 0 else inf
    except (OSError, ValueError):
        return inf


def has_bf16() -> bool:
    """Return whether the processor computes in bfloat16; elsewhere it is emulated, and slower
    than float32.
    """
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:  # not Linux: where no one can ask, the slow way is not taken
        return False
    return any(flag in flags for flag in ("avx512_bf16", "amx_bf16"))


def may_have_gpu() -> bool:
    """Return False only where surely no GPU is: no driver. To know it is worth it, for torch
    alone takes 500 MB.
    """
    try:
        ctypes.CDLL(DRIVER)
    except OSError:
        return AMD.exists()
    return True


LIMITS = (
    "/sys/fs/cgroup/memory.max",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes",
)  # a container's, on Linux


def memory() -> int | None:
    """Return the bytes of memory that this process may hope for; None where the system does not
    tell.
    """
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return None
    return min([total, *filter(None, map(_memory_limit, LIMITS))])


def _memory_limit(path: str) -> int | None:
    try:
        return int(Path(path).read_text(encoding="ascii"))
    except (OSError, ValueError):  # no such file, or "max"
        return None


MEMINFO = Path("/proc/meminfo")
GROUP = Path("/sys/fs/cgroup")


def need_memory(size: int, what: str, do: str) -> None:
    """Raise RunError where fewer than `size` bytes are free; where that is not known, go on."""
    free = free_memory()
    if free is not None and size > free:
        raise RunError(
            f"{what} needs {size / 1e9:.1f} GB of memory, and {free / 1e9:.1f} GB are free", do=do
        )


def free_memory() -> int | None:
    """Return the bytes that the system, and the control group of the process, have left; None
    where neither tells.
    """
    found = [left for left in (_system(), _group()) if left is not None]
    return min(found, default=None)


def _system() -> int | None:
    try:
        lines = MEMINFO.read_text(encoding="ascii").splitlines()
    except OSError:  # another system than Linux
        return None
    return next(
        (int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None
    )


def _group() -> int | None:
    """Return the room below the limit of a container, as cgroup v2 tells it; its cache counts as
    free.
    """
    try:
        limit = (GROUP / "memory.max").read_text(encoding="ascii").strip()
        used = int((GROUP / "memory.current").read_text(encoding="ascii"))
        cache = next(
            int(line.split()[1])
            for line in (GROUP / "memory.stat").read_text(encoding="ascii").splitlines()
            if line.startswith("file ")
        )
    except (OSError, StopIteration, ValueError):
        return None
    return None if limit == "max" else max(0, int(limit) - used + cache)


# <malloc.h> of glibc: the parameters' numbers are part of its ABI
M_TRIM_THRESHOLD = -1
M_TOP_PAD = -2
M_MMAP_MAX = -4


def keep_memory() -> bool:
    """Reuse freed memory instead of handing each large tensor's pages back to the system.

    Fresh pages cost a fault each: measured 1.5 to 2.9 times slower inference on a processor.
    Only glibc knows these settings; elsewhere nothing happens, and False is returned.
    """
    if platform.system() != "Linux" or platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    settings = {M_MMAP_MAX: 0, M_TRIM_THRESHOLD: 2**31 - 1, M_TOP_PAD: 64 << 20}
    return all(mallopt(parameter, value) == 1 for parameter, value in settings.items())


PACKAGES = ("torch", "numpy", "rasterio", "openvino")


def machine_line() -> str:
    """Return processor, cores, memory, load, versions and date."""
    versions = [f"{name} {found}" for name in PACKAGES if (found := _version(name))]
    parts = [
        f"{datetime.now(UTC):%Y-%m-%d}",
        f"{_processor()}, {_cores()} cores",
        f"load {_load()}",
        f"{platform.system()} {platform.machine()}",
        f"Python {platform.python_version()}",
        f"geoseg {__version__}",
        *versions,
    ]
    return " · ".join(parts)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def peak_rss() -> float:
    """Return this process's peak of resident memory in MB so far, its predecessor's before exec
    left out.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(
            line
            for line in status.read_text(encoding="ascii").splitlines()
            if line.startswith("VmHWM")
        )
        return int(line.split()[1]) * 1024 / 1e6
    import resource
    import sys

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1e6 if sys.platform == "darwin" else 1e3
    )
