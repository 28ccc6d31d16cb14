"""The machine that a measurement ran on, in one line: without it no figure means anything."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .. import __version__

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


def computes_in_bfloat16() -> bool:
    """Return whether the processor has instructions for bfloat16; without them it is slower than float32."""
    info = Path("/proc/cpuinfo")
    flags = info.read_text(encoding="utf-8", errors="replace") if info.exists() else ""
    return "avx512_bf16" in flags or "amx_bf16" in flags


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
    """Return this process's peak of resident memory in MB so far, its predecessor's before exec left out."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    import resource
    import sys

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
