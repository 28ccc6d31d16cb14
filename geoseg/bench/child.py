"""The process that does one measurement: a task as JSON comes in, its result goes out as the
last line.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from itertools import cycle, islice
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from ..core.arrays import Array, Bytes
from ..core.events import silent
from ..core.grid import Window
from ..core.job import Job
from ..core.machine import peak_rss
from ..core.options import Options
from ..models import find_model
from ..models.protocol import Model
from ..prediction.clock import Clock
from ..prediction.infer import infer
from ..prediction.joint import open_for
from ..prediction.memory_work import plan_tiling
from ..prediction.pipeline import segment
from ..prediction.run import Run, fit_scene, load_run
from ..scene.source import Source
from .energy import energy_used
from .limits import measure_limits
from .task import Result, Task

T = TypeVar("T", bound=Task)
HELD = 4  # tiles in memory for the bare forward pass: more would only fill it


def answer(work: Callable[[T], Result], kind: type[T]) -> None:
    """Do the task that stands on stdin, and print the result: all that a child process is for.

    Parameters
    ----------
    work
        Does the task in this process.
    kind
        The class of the task, whose fields stand on stdin as one JSON object.
    """
    fields = json.load(sys.stdin)
    result = work(kind(**fields | {"scene": tuple(fields["scene"])}))
    print("\n" + json.dumps(asdict(result)), flush=True)  # noqa: T201 - what this process is for


def measure(task: Task) -> Result:
    """Map the scene with geoseg's own chain, and time the same tiles' forward pass before and
    after.

    Parameters
    ----------
    task
        What is measured; its program is geoseg.

    Returns
    -------
    Result
        Its times leave out the import of libraries, loading the model, and a first tile that
        compiles what is compiled.
    """
    bundle = find_model(task.model)
    options = Options.of(**task.options)
    job = Job(task.scene, task.model, "map.tif", options=options)
    begun = time.monotonic()
    fits = fit_scene(job, bundle)
    fitted = time.monotonic()
    plan, tiling = plan_tiling(job, bundle, fits)  # reads the network
    planned = time.monotonic()
    source, bundle = open_for(fits, bundle, options, tiling.tile)
    opened = time.monotonic() - planned + fitted - begun
    with TemporaryDirectory() as folder, source:
        job = replace(job, classes=f"{folder}/map.tif")
        run = load_run(job, bundle, source, tiling, silent, plan)
        if task.idle:
            idle: Any = IdleModel(run.model, bundle.card.planes)
            run = replace(run, model=idle)
        tiles = list(run.tiling.tiles())
        write_map(warm_up(run))
        forward = (
            Forward(run.model, source, tiles[:: -(-len(tiles) // HELD)], run.batch)
            if task.bare
            else None
        )
        bare = forward(len(tiles) // 2) if forward else 0.0
        with energy_used() as energy:
            machinery, seconds = write_map(run)
        peak = peak_rss()
        bare += forward(len(tiles) - len(tiles) // 2) if forward else 0.0
        operations = forward.operations(len(tiles)) if forward else None
        on_processor = run.model.device.startswith("cpu")
        limits = measure_limits() if forward and on_processor else None
    return Result(
        seconds=opened + seconds,
        machinery=machinery,
        forward=tiles[0].area * len(tiles),
        pixels=source.grid.height * source.grid.width,
        peak=peak,
        tile=run.tiling.tile,
        overlap=run.tiling.overlap,
        device=run.model.device,
        bare=bare if forward else None,
        precision=run.computed.precision,
        operations=operations,
        joules=energy.joules,
        limits=limits,
    )


def warm_up(run: Run) -> Run:
    """Return the run for its first tile alone: whatever is compiled or fitted on first use is.

    Parameters
    ----------
    run
        Of the whole scene.

    Returns
    -------
    Run
        With a class raster of its own.
    """
    first = next(run.tiling.tiles()).clip(run.region)
    return replace(run, region=first, job=replace(run.job, classes=f"{run.job.classes}.first.tif"))


def write_map(run: Run) -> tuple[float, float]:
    """Write the class raster of a run.

    Parameters
    ----------
    run
        Scene, model and tiling; its job says where the raster goes.

    Returns
    -------
    tuple
        Seconds until all was computed, and until the file was whole.
    """
    clock = Clock()
    segment(replace(run, clock=clock))
    return clock.computed - clock.begun, time.monotonic() - clock.begun


class Forward:
    """The bare forward pass: tiles of the scene that lie in memory, put through the model again
    and again.

    Parameters
    ----------
    model
        Computes the scores.
    source
        From which the tiles are read once.
    tiles
        Those that are held in memory, and taken in turn.
    batch
        How many go through at once.
    """

    def __init__(self, model: Model, source: Source, tiles: list[Window], batch: int) -> None:
        self._model = model
        self._batch = batch
        self._patches = [replace(patch, valid=None) for patch in map(source.read, tiles)]

    def __call__(self, count: int) -> float:
        """Put tiles through.

        Parameters
        ----------
        count
            How many.

        Returns
        -------
        float
            Seconds, until the last one's scores are there.
        """
        if count == 0:  # half of the single tile of a small scene
            return 0.0
        begun = time.monotonic()
        for patch in infer(self._model, islice(cycle(self._patches), count), self._batch):
            last = patch
        # a GPU may still be at work until something is brought back
        self._model.to_uint8(last.data[:1, :1])
        return time.monotonic() - begun

    def operations(self, count: int) -> float | None:
        """Count what the network computes.

        Parameters
        ----------
        count
            For so many tiles.

        Returns
        -------
        float | None
            Multiplications and additions; None where the model cannot tell.
        """
        data = self._patches[0].data
        one = self._model.operations((1, *data.shape), data.dtype)
        return None if one is None else float(one * count)


class IdleModel(Model):
    """Stands in for a model, in its kind of array and on its device, and computes nothing: what
    is timed is the machinery around it.

    Parameters
    ----------
    model
        Whose kind of array and device it has.
    labels
        How many classes.
    """

    def __init__(self, model: Model, labels: int) -> None:
        self._labels = labels
        self._scores: dict[tuple[int, ...], Array] = {}
        self.device = model.device
        self._model = model

    def __call__(self, pixels: npt.NDArray[Any], valid: npt.NDArray[np.bool_]) -> Array:
        """Return the same probabilities for all tiles of a shape: columns of labels, 1 px
        wide.

        Parameters
        ----------
        pixels
            Tiles, [n, band, row, column]; only their shape counts.
        valid
            Not looked at.

        Returns
        -------
        Array
            Probabilities, float32 [n, label, row, column].
        """
        del valid
        shape = len(pixels), self._labels, *pixels.shape[2:]
        if shape not in self._scores:
            which = np.arange(shape[3]) % self._labels
            scores = np.full(shape, 0.5 / max(1, self._labels - 1), np.float32)
            scores[:, which, :, np.arange(shape[3])] = 0.5
            self._scores[shape] = self.asarray(scores)
        return self._scores[shape]

    def asarray(self, array: npt.NDArray[Any]) -> Array:
        """Return an array where the model's scores are.

        Parameters
        ----------
        array
            Of numpy.

        Returns
        -------
        Array
            In the model's kind of array, on its device.
        """
        return self._model.asarray(array)

    def to_uint8(self, array: Array) -> Bytes:
        """Bring whole numbers back as the model does.

        Parameters
        ----------
        array
            In the model's kind of array, of numbers from 0 to 255.

        Returns
        -------
        Bytes
            uint8, of the same shape.
        """
        return self._model.to_uint8(array)


if __name__ == "__main__":
    answer(measure, Task)
