"""The devices that models can run on here, as PyTorch sees them."""

from __future__ import annotations

import os
import platform

import torch


def list_devices() -> list[str]:
    """Return the devices that models can run on here.

    Returns
    -------
    list of str
        A line each: the processor first, then every CUDA device that torch can use.
    """
    build = f"CUDA {torch.version.cuda}" if torch.version.cuda else "no CUDA"
    threads = f"{torch.get_num_threads()} threads, {_capability()}"
    processor = f"cpu: {platform.machine()}, {threads} (torch with {build})"
    return [processor, *(f"cuda:{i}: {_card(i)}" for i in range(torch.cuda.device_count()))]


def visible_devices() -> tuple[str, ...]:
    """Return the CUDA devices that this process may use.

    Returns
    -------
    tuple of str
        As CUDA_VISIBLE_DEVICES names them, so that a child process can be given one.
    """
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    count = torch.cuda.device_count()
    return tuple(named.split(",")[:count]) if named else tuple(map(str, range(count)))


def _capability() -> str:
    return str(torch.backends.cpu.get_cpu_capability())


def _card(index: int) -> str:
    found = torch.cuda.get_device_properties(index)
    return f"{found.name}, {found.total_memory / 2**30:.0f} GiB"
