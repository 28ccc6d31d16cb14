"""What the machine gives this process: cores, memory, a GPU, and how glibc keeps memory."""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from math import ceil, inf
from pathlib import Path

import psutil

from .errors import RunError
from .version import __version__, installed

CGROUPS = Path("/sys/fs/cgroup")
OWN_CGROUP = Path("/proc/self/cgroup")
DRIVER = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
AMD = Path("/dev/kfd")  # through which ROCm reaches a GPU; torch calls it cuda as well
DEFAULT_MEMORY = 2 * 10**9  # bytes: what a run takes at most where nobody says so
PACKAGES = ("torch", "numpy", "rasterio", "openvino")


def cores() -> int:
    """Return how many threads should compute.

    That is OMP_NUM_THREADS where it is set, else the number of physical cores that this process may
    use: containers are given less than the machine has, by a quota of processor time or by
    affinity.

    Returns
    -------
    int
        At least 1.
    """
    asked = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    if asked.isdecimal() and int(asked):
        return int(asked)
    physical = psutil.cpu_count(logical=False) or psutil.cpu_count() or 1
    return max(1, min(physical, _allowed_cores(), ceil(min(quota(), 1e6))))


def _allowed_cores() -> int:
    """Count the cores that the affinity leaves; two threads of one share its arithmetic units."""
    process = psutil.Process()
    if not hasattr(process, "cpu_affinity"):  # macOS has none
        return psutil.cpu_count() or 1
    return len({_siblings(cpu) for cpu in process.cpu_affinity()})


def _siblings(cpu: int) -> str:
    try:
        return Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list").read_text()
    except OSError:
        return str(cpu)


def quota() -> float:
    """Return how many processors' time the control groups (version 2, else 1) of this process
    allow.

    Returns
    -------
    float
        Processors, such as 1.5; infinite where nothing limits them.
    """
    limits = [_cpu_limit(group / "cpu.max") for group in _control_groups()]
    old = (CGROUPS / "cpu/cpu.cfs_quota_us", CGROUPS / "cpu/cpu.cfs_period_us")
    return min([*limits, _cpu_limit(*old)])


def _control_groups() -> Iterator[Path]:
    """Yield the folders of this process's control group (version 2) and of those above it.

    https://docs.kernel.org/admin-guide/cgroup-v2.html
    """
    try:
        lines = OWN_CGROUP.read_text(encoding="utf-8").splitlines()
    except OSError:  # another system than Linux
        lines = []
    own = next((line for line in lines if line.startswith("0::")), "0::/")
    group = CGROUPS / own.removeprefix("0::").lstrip("/")
    for folder in (group, *group.parents):
        if folder.is_relative_to(CGROUPS):
            yield folder


def _cpu_limit(*files: Path) -> float:
    """Return quota / period; files without a limit say "max" or -1."""
    try:
        allowed, period = " ".join(file.read_text() for file in files).split()
        return float(allowed) / float(period) if float(allowed) > 0 else inf
    except (OSError, ValueError):
        return inf


def memory() -> int:
    """Return how much memory this process may hope for.

    Returns
    -------
    int
        Bytes: the machine's, or the least limit of the process's control groups.
    """
    limits = [_bytes_in(group / "memory.max") for group in _control_groups()]
    limits.append(_bytes_in(CGROUPS / "memory/memory.limit_in_bytes"))
    return min([int(psutil.virtual_memory().total), *(limit for limit in limits if limit)])


def allowed_memory() -> int:
    """Return how much memory a run may count on, which is the same at all times of a machine, a
    container or a job.

    Returns
    -------
    int
        Bytes: as `memory`, or what Slurm gives the job on this node where that is less.
    """
    megabytes = _whole_number("SLURM_MEM_PER_NODE")  # 0 is all of the node
    if not megabytes:
        megabytes = _whole_number("SLURM_MEM_PER_CPU") * _whole_number("SLURM_CPUS_ON_NODE")
    return min([memory(), *([megabytes << 20] if megabytes else [])])


def default_memory(runs: int = 1) -> int:
    """Return how much memory a run takes where nobody says so.

    Parameters
    ----------
    runs
        How many are under way on this machine at a time.

    Returns
    -------
    int
        Bytes: a quarter of what is allowed, at most 2 GB, and together with the others a half.
    """
    allowed = allowed_memory()
    return min(allowed // 4, allowed // (2 * max(1, runs)), DEFAULT_MEMORY)


def _whole_number(variable: str) -> int:
    text = os.environ.get(variable, "")
    return int(text) if text.isascii() and text.isdecimal() else 0


def free_memory() -> int:
    """Return how much memory the system, and the control groups of this process, have left.

    Returns
    -------
    int
        Bytes; what caches hold counts as free.
    """
    left = (_left_in(group) for group in _control_groups())
    available = int(psutil.virtual_memory().available)
    return min([available, *(size for size in left if size is not None)])


def _left_in(group: Path) -> int | None:
    """Return the room below the limit of a control group (version 2); None where it sets none."""
    limit = _bytes_in(group / "memory.max")
    used = _bytes_in(group / "memory.current")
    if limit is None or used is None:
        return None
    return max(0, limit - used + _cached_in(group))


def _cached_in(group: Path) -> int:
    try:
        lines = (group / "memory.stat").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("file "))
    except (OSError, StopIteration, ValueError):
        return 0


def _bytes_in(file: Path) -> int | None:
    try:
        return int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):  # no such file, or "max"
        return None


def need_memory(size: int, what: str, do: str) -> None:
    """Refuse work for which the memory does not suffice.

    Parameters
    ----------
    size
        Bytes that the work takes.
    what
        The work, as the subject of the message.
    do
        What the user may do about it.

    Raises
    ------
    RunError
        If fewer bytes are free.
    """
    free = free_memory()
    if size > free:
        raise RunError(
            f"{what} needs {size / 1e9:.1f} GB of memory, and {free / 1e9:.1f} GB are free", do=do
        )


def has_bf16() -> bool:
    """Return whether the processor computes in bfloat16.

    Returns
    -------
    bool
        False where it is emulated, and slower than float32, and where no one can ask.
    """
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:  # not Linux
        return False
    return any(flag in flags for flag in ("avx512_bf16", "amx_bf16"))


def may_have_gpu() -> bool:
    """Look for the driver of a GPU, before torch is asked, which alone takes 500 MB.

    Returns
    -------
    bool
        False only where surely no GPU is.
    """
    try:
        ctypes.CDLL(DRIVER)
    except OSError:
        return AMD.exists()
    return True


# <malloc.h> of glibc: the parameters' numbers are part of its ABI
M_TRIM_THRESHOLD = -1
M_TOP_PAD = -2
M_MMAP_MAX = -4


def keep_memory() -> bool:
    """Reuse freed memory instead of handing each large tensor's pages back to the system.

    Fresh pages cost a fault each: measured 1.5 to 2.9 times slower inference on a processor.

    Returns
    -------
    bool
        Whether it is so now: only glibc knows these settings.
    """
    if platform.system() != "Linux" or platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    settings = {M_MMAP_MAX: 0, M_TRIM_THRESHOLD: 2**31 - 1, M_TOP_PAD: 64 << 20}
    return all(mallopt(parameter, value) == 1 for parameter, value in settings.items())


def machine_line() -> str:
    """Return what stands over measurements: on which machine, and with what, they were made.

    Returns
    -------
    str
        Date, processor, cores, load and versions, in one line.
    """
    versions = [f"{name} {found}" for name in PACKAGES if (found := installed(name))]
    parts = [
        f"{datetime.now(UTC):%Y-%m-%d}",
        f"{_processor()}, {cores()} cores",
        f"load {psutil.getloadavg()[0]:.1f}",
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


def peak_rss() -> float:
    """Return this process's peak of resident memory so far.

    Returns
    -------
    float
        MB of 10^6 bytes; on Linux without that of its predecessor before exec.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text(encoding="ascii").splitlines()
        line = next(line for line in lines if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    import resource

    unit = 1e6 if sys.platform == "darwin" else 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
