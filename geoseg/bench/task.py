"""One measurement: what is run, on what, how; to and from the fresh process that does it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from typing import Any

from ..core.errors import RunError

# what allocator.keep_memory() tells glibc, given from outside to a program that does not
ALLOCATOR = {
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": str(2**31 - 1),
    "MALLOC_TOP_PAD_": str(64 << 20),
}


PEERS = {
    "omnicloudmask": "omnicloudmask",
    "monai": "monai",
    "geo-inference": "geo_inference",
    "rasterio loop": "rasterio",
}  # and what each imports


def installed() -> list[str]:
    """Return the peers that can be imported here."""
    return [name for name, package in PEERS.items() if find_spec(package) is not None]


@dataclass(frozen=True, slots=True)
class Task:
    """What a child process measures.

    `program` is one of child.PROGRAMS; `options` are fields of Options for geoseg, `tile` and
    `overlap` among them for all; `idle` puts in the place of the network one that gives
    scores at once, so that the machinery alone is measured; `bare` times the forward pass
    by itself as well; `tuned` gives a peer what its user could set by hand.
    """

    program: str
    scene: tuple[str, ...]
    model: str
    options: Mapping[str, Any] = field(default_factory=dict)
    idle: bool = False
    bare: bool = False
    tuned: bool = False
    allocator: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """Seconds from opening the scene to the whole map, imports and loading the model left out.

    `machinery` is the part of them until the last pixel was computed and handed to the
    writer; `bare` the seconds of the same windows' forward pass alone; `forward` and
    `pixels` count the network's pixels and the scene's.
    """

    seconds: float
    machinery: float
    forward: int
    pixels: int
    peak: float
    tile: int
    overlap: int
    device: str
    bare: float | None = None


def run_task(task: Task) -> Result:
    """Run the task in a process of its own; RunError, with its last words, where it fails."""
    environment = os.environ | (ALLOCATOR if task.allocator else {})
    done = subprocess.run(
        [sys.executable, "-m", "geoseg.bench.child"],
        input=json.dumps(asdict(task)),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        words = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        raise RunError(f"the measurement of {task.program} failed: {words}")
    return Result(**json.loads(done.stdout.splitlines()[-1]))
