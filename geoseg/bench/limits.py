"""What the machine can do: matrix products and memory, measured beside each run."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from ..core.machine import cores
from ..core.threads import prefetch
from ..models.matrix_rate import matrix_rate

CACHE = Path("/sys/devices/system/cpu/cpu0/cache/index3/size")
LEAST = 64 << 20  # bytes of an array
MOST = 512 << 20
PASSES = 6


@dataclass(frozen=True, slots=True)
class Limits:
    """What the processor does in a second."""

    fp32: float
    """Operations of matrix products in float32."""
    bf16: float | None
    """Likewise in bfloat16; None where it has none."""
    bandwidth: float
    """Bytes from and to memory, all cores together."""

    def of(self, precision: str) -> float | None:
        """Return the operations in a precision.

        Parameters
        ----------
        precision
            One of PRECISIONS.

        Returns
        -------
        float | None
            Per second; None where it was not measured.
        """
        return {"fp32": self.fp32, "bf16": self.bf16}.get(precision)


def measure_limits() -> Limits:
    """Measure what the processor can do: two seconds.

    Returns
    -------
    Limits
        Of the fastest moments.
    """
    fp32 = matrix_rate("fp32")
    assert fp32 is not None  # every processor has it
    return Limits(fp32, matrix_rate("bf16"), bandwidth())


def bandwidth(size: int | None = None) -> float:
    """Measure how fast memory is read and written, by sums of two arrays (STREAM's `add`).

    Parameters
    ----------
    size
        Bytes of each of three arrays; None for more than the caches hold.

    Returns
    -------
    float
        Bytes per second, of the fastest pass; that a line of the cache is read before it is
        written is not counted.
    """
    length = (size or array_bytes()) // 8
    threads = cores()
    arrays = [np.ones(length) for _ in range(3)]
    edges = [length * i // threads for i in range(threads + 1)]
    parts = [slice(*pair) for pair in pairwise(edges)]
    best = 0.0
    for _ in range(PASSES):
        begun = time.perf_counter()
        for _ in prefetch(partial(_add, arrays), parts, threads, threads):
            pass
        best = max(best, 24 * length / (time.perf_counter() - begun))
    return best


def _add(arrays: list[Any], part: slice) -> None:
    one, other, result = (array[part] for array in arrays)
    np.add(one, other, out=result)


def array_bytes() -> int:
    """Return the size of an array that does not fit into the caches.

    Returns
    -------
    int
        Bytes: twice the last cache, where the system tells it.
    """
    try:
        text = CACHE.read_text(encoding="ascii").strip()
        cache = int(text.removesuffix("K")) << 10
    except (OSError, ValueError):
        cache = 0
    return min(MOST, max(LEAST, 2 * cache))
