"""What the machine gives this process: how many cores, and whether a GPU may be there."""

from __future__ import annotations

import ctypes
import os
import sys
from math import ceil, inf
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
DRIVER = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
AMD = Path("/dev/kfd")  # through which ROCm reaches a GPU; torch calls it cuda as well


def cores() -> int:
    """Return how many threads should compute: OMP_NUM_THREADS, else the physical cores that this process may use.

    Containers are given less than the machine has, by a quota of processor time or by affinity.
    """
    asked = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    if asked.isdecimal() and int(asked):
        return int(asked)
    allowed = os.sched_getaffinity(0) if sys.platform == "linux" else set(range(os.cpu_count() or 1))
    return max(1, min(len({_siblings(cpu) for cpu in allowed}), ceil(min(quota(CGROUPS), 1e6))))


def _siblings(cpu: int) -> str:
    """Two threads of one core share its arithmetic units: they count once."""
    try:
        return Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list").read_text()
    except OSError:
        return str(cpu)


def quota(root: Path, own: Path = Path("/proc/self/cgroup")) -> float:
    """Return how many processors' time the control group (version 2, else 1) and those above it allow."""
    try:
        line = next(line for line in own.read_text().splitlines() if line.startswith("0::"))
    except (OSError, StopIteration):
        line = "0::/"
    group = root / line.removeprefix("0::").lstrip("/")
    limits = [_limit(folder / "cpu.max") for folder in (group, *group.parents) if folder.is_relative_to(root)]
    return min([*limits, _limit(root / "cpu/cpu.cfs_quota_us", root / "cpu/cpu.cfs_period_us")])


def _limit(*files: Path) -> float:
    """Return quota / period; files without a limit say "max" or -1."""
    try:
        allowed, period = " ".join(file.read_text() for file in files).split()
        return float(allowed) / float(period) if float(allowed) > 0 else inf
    except (OSError, ValueError):
        return inf


def has_bf16() -> bool:
    """Return whether the processor computes in bfloat16; elsewhere it is emulated, and slower than float32."""
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:  # not Linux: where no one can ask, the slow way is not taken
        return False
    return any(flag in flags for flag in ("avx512_bf16", "amx_bf16"))


def may_have_gpu() -> bool:
    """Return False only where surely no GPU is: no driver. To know it is worth it, for torch alone takes 500 MB."""
    try:
        ctypes.CDLL(DRIVER)
    except OSError:
        return AMD.exists()
    return True
