"""How fast this machine multiplies matrices: what no network exceeds by much."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

from ..core.machine import has_bf16
from .openvino import AHEAD, compile_for_cpu, load_openvino

SIDE = 1024  # of the matrices: their three take 12 MB, and more are not multiplied faster
SLICE = 0.08  # seconds that are timed together


def matrix_rate(precision: str, seconds: float = 0.4) -> float | None:
    """Measure how fast the processor multiplies matrices.

    OpenVINO multiplies, with the threads and streams that networks have; numpy where it is not
    installed.

    Parameters
    ----------
    precision
        fp32 or bf16.
    seconds
        How long.

    Returns
    -------
    float | None
        Operations per second, of the fastest moment; None in bf16 where the processor has none, or
        OpenVINO is not there.
    """
    openvino_there = find_spec("openvino") is not None
    if precision == "bf16" and not (has_bf16() and openvino_there):
        return None
    multiply = _by_openvino(precision) if openvino_there else _by_numpy()
    multiply()  # warms up
    best = 0.0
    end = time.perf_counter() + seconds
    while (begun := time.perf_counter()) < end:
        products = 0
        while (taken := time.perf_counter() - begun) < SLICE:
            products += multiply()
        best = max(best, products * 2 * SIDE**3 / taken)
    return best


def _matrix() -> Any:
    return np.random.default_rng(0).random((SIDE, SIDE), np.float32)


def _by_openvino(precision: str) -> Callable[[], int]:
    ov = load_openvino()
    from openvino import opset13 as ops

    given = ops.parameter([SIDE, SIDE], ov.Type.f32)
    model = ov.Model([ops.matmul(given, ops.constant(_matrix()), False, False)], [given])
    compiled = compile_for_cpu(model, precision)
    requests = [compiled.create_infer_request() for _ in range(AHEAD)]
    other = _matrix()

    def multiply() -> int:
        for request in requests:
            request.start_async([other], share_inputs=True)
        for request in requests:
            request.wait()
        return len(requests)

    return multiply


def _by_numpy() -> Callable[[], int]:
    one = _matrix()
    other = _matrix()
    result = np.empty_like(one)

    def multiply() -> int:
        np.matmul(one, other, out=result)
        return 1

    return multiply
