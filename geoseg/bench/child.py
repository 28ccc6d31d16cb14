"""The process that does one measurement: a task as JSON comes in, its result goes out as the
last line.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, replace
from importlib import import_module
from itertools import cycle, islice
from tempfile import TemporaryDirectory
from typing import Any

from ..core.events import silent
from ..core.grid import Window
from ..core.job import Job
from ..core.machine import peak_rss
from ..core.options import Options
from ..core.threads import Wait, write_in_background
from ..models import find_model
from ..models.protocol import Model
from ..prediction.infer import infer
from ..prediction.outputs import create_outputs
from ..prediction.pipeline import Run, predict_pieces, prepare
from ..prediction.stitch import strips
from ..scene.source import Source, open_raster
from .idle import Idle
from .task import Result, Task

PROGRAMS = {
    "geoseg": "geoseg.bench.child:measure",
    "omnicloudmask": "geoseg.bench.peers:omnicloudmask",
    "monai": "geoseg.bench.peers:monai",
    "geo-inference": "geoseg.bench.peers:geo_inference",
    "rasterio loop": "geoseg.bench.peers:rasterio_loop",
}
HELD = 4  # windows in memory for the bare forward pass: more would only fill it


def main() -> None:
    """Do the task that stands on stdin, and print the result."""
    data = json.load(sys.stdin)
    result = do(Task(**data | {"scene": tuple(data["scene"])}))
    print("\n" + json.dumps(asdict(result)), flush=True)  # noqa: T201 - what this process is for


def do(task: Task) -> Result:
    """Run the task's program in this process."""
    module, _, name = PROGRAMS[task.program].partition(":")
    run: Callable[[Task], Result] = getattr(import_module(module), name)
    return run(task)


def measure(task: Task) -> Result:
    """Map the scene with geoseg's own chain, and time the same windows' forward pass before and
    after.
    """
    bundle = find_model(task.model)
    options = Options.of(**task.options)
    begun = time.monotonic()
    with open_raster(task.scene, bundle.card, options) as source, TemporaryDirectory() as folder:
        opened = time.monotonic() - begun
        run = prepare(options, bundle, source, silent)
        if task.idle:
            idle: Any = Idle(run.model, len(bundle.card.labels))
            run = replace(run, model=idle)
        tiles = list(run.tiling.tiles())
        with closing(predict_pieces(run)) as first:
            next(first)  # whatever is compiled, loaded or fitted on first use
        forward = (
            Forward(run.model, source, tiles[:: -(-len(tiles) // HELD)], _batch(run))
            if task.bare
            else None
        )
        bare = forward(len(tiles) // 2) if forward else 0.0
        machinery, seconds = write_map(
            replace(run, wait=Wait()), Job(task.scene, task.model, f"{folder}/map.tif")
        )
        peak = peak_rss()
        bare += forward(len(tiles) - len(tiles) // 2) if forward else 0.0
    pixels = source.grid.height * source.grid.width
    per_tile = tiles[0].area
    return Result(
        opened + seconds,
        machinery,
        per_tile * len(tiles),
        pixels,
        peak,
        run.tiling.tile,
        run.tiling.overlap,
        run.model.device,
        bare if forward else None,
    )


def write_map(run: Run, job: Job) -> tuple[float, float]:
    """Write the class raster; return the seconds until all was computed, and until the file was
    whole.
    """
    begun = time.monotonic()
    bundle = find_model(job.model)
    paths = (str(job.classes), None)
    grid = run.source.grid
    with create_outputs(paths, grid, run.region, bundle, job, run.computed.tags) as outputs:
        with closing(predict_pieces(run)) as made:
            write_in_background(outputs.write, strips(made))
        machinery = time.monotonic() - begun
    return machinery, time.monotonic() - begun


class Forward:
    """The bare forward pass: windows of the scene that lie in memory, put through the model
    again and again.
    """

    def __init__(self, model: Model, source: Source, tiles: list[Window], batch: int) -> None:
        self._model = model
        self._batch = batch
        self._patches = [replace(patch, valid=None) for patch in map(source.read, tiles)]

    def __call__(self, count: int) -> float:
        """Put `count` windows through; return the seconds."""
        begun = time.monotonic()
        for patch in infer(self._model, islice(cycle(self._patches), count), self._batch):
            last = patch
        self._model.to_uint8(
            last.data[:1, :1]
        )  # a GPU may still be at work until something is brought back
        return time.monotonic() - begun


def _batch(run: Run) -> int:
    return run.options.tiles.batch or (1 if run.model.device.startswith("cpu") else 8)


if __name__ == "__main__":
    main()
