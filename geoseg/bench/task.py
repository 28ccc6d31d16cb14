"""One measurement: what is run, on what, how; to and from the fresh process that does it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ..core.errors import RunError
from .limits import Limits

CHILD = ("-m", "geoseg.bench.child")


@dataclass(frozen=True, slots=True)
class Task:
    """What a child process measures."""

    program: str
    """`geoseg`, or the name of a program that is compared with it."""

    scene: tuple[str, ...]
    """The files of the scene that is mapped."""

    model: str
    """Name or folder of the model."""

    options: Mapping[str, Any] = field(default_factory=dict)
    """Fields of Options; other programs look at tile, overlap and device."""

    idle: bool = False
    """Whether something that costs next to nothing stands in for the network, so that the
    machinery alone is measured."""

    bare: bool = False
    """Whether the forward pass of the same tiles is timed by itself as well."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a child process measured, imports and loading the model left out."""

    seconds: float
    """From opening the scene to the whole map."""

    machinery: float
    """The part of `seconds` until the last pixel was computed and handed to the writer."""

    forward: int
    """Pixels that went through the network: those of overlaps count as often as they did."""

    pixels: int
    """Pixels of the scene."""

    peak: float
    """Peak resident memory of the process, in MB."""

    tile: int
    """Side of a tile, in pixels."""

    overlap: int
    """What neighbouring tiles share, in pixels."""

    device: str
    """Where the network ran, such as `cpu` or `cuda:0`."""

    bare: float | None = None
    """Seconds of the forward pass alone, of as many tiles; None where it was not asked for."""

    precision: str = ""
    """What the network computed in, such as fp32; "" where nobody says."""

    operations: float | None = None
    """Multiplications and additions of the network's convolutions and matrix products for all
    tiles together; None where they were not counted."""

    joules: float | None = None
    """What the machine's processors took in `seconds`; None where they do not tell."""

    limits: Limits | None = None
    """What the processor can do, measured right after; None where that was not asked for."""


def run_task(
    task: Task, child: Sequence[str] = CHILD, environment: Mapping[str, str] | None = None
) -> Result:
    """Run a task in a process of its own.

    Parameters
    ----------
    task
        What is measured.
    child
        What Python is given to run: a program that ends with `child.answer`.
    environment
        Variables that the process gets beside this one's; None for no others.

    Returns
    -------
    Result
        What the process measured.

    Raises
    ------
    RunError
        With the last words of the process, if it fails.
    """
    done = subprocess.run(  # noqa: S603 - a program of ours
        [sys.executable, *child],
        input=json.dumps(asdict(task)),
        env=os.environ | (environment or {}),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        words = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        raise RunError(f"the measurement of {task.program} failed: {words}")
    fields = json.loads(done.stdout.splitlines()[-1])
    return Result(**fields | {"limits": fields["limits"] and Limits(**fields["limits"])})
