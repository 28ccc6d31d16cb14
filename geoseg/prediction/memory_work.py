"""What a run is going to hold, as its plan of the memory wants to know it: from headers, the card
and the network's graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ..core.events import Noted, Report, Warned
from ..core.grid import Tiling, Window
from ..core.job import SCORE_MAPS, Job
from ..core.machine import default_memory
from ..core.options import Options
from ..core.tiling import choose_tiling
from ..models import Bundle
from ..models.engine import EngineError
from ..models.ensemble import members_of
from ..raster.band_info import BandInfo
from ..raster.handles import cache_bytes
from ..scene.fit import Fit
from .agreement import on_cpu
from .memory_plan import MemoryPlan, Work, plan_memory, size_text
from .planes import Planes

# bytes of row groups of GeoParquet: one is gathered while one is written
GATHERED = {".parquet": 40 * 10**6}
ONNX = 45 * 10**6  # bytes: the package onnx, which looks at a network's file
UNKNOWN = 2000.0  # bytes per pixel of a tile, of a network whose graph nobody can read
_known: dict[tuple[str, str], float] = {}  # of networks, by their digests
TORCH = 2.2  # times as much as OpenVINO takes


def plan_run(
    job: Job, bundle: Bundle, found: Sequence[Fit], mapped: Window | None, planes: Planes
) -> MemoryPlan | None:
    """Plan the memory of a run.

    Parameters
    ----------
    job
        Its options and outputs.
    bundle
        The model, or several as one.
    found
        How the scene feeds each.
    mapped
        The pixels that are mapped; None is all.
    planes
        What the pieces of the map hold.

    Returns
    -------
    MemoryPlan or None
        None where a GPU computes and nobody asks for a size.

    Raises
    ------
    InputError
        If too little is asked for. ModelError, if a model cannot be read.
    """
    compute = job.options.compute
    tiles = job.options.tiles
    asked = compute.max_memory
    assert not isinstance(asked, str)  # the options have read it
    if asked is None and not on_cpu(compute.device):
        return None
    work = work_of(job, bundle, found, mapped, planes)
    size = default_memory() if asked is None else asked
    return plan_memory(work, size, asked is not None, tiles.tile, tiles.max_tile)


def plan_tiling(
    job: Job,
    bundle: Bundle,
    found: Sequence[Fit],
    mapped: Window | None = None,
    planes: Planes | None = None,
) -> tuple[MemoryPlan | None, Tiling]:
    """Plan the memory of a run, and choose its tiles by it.

    Parameters
    ----------
    job, bundle, found, mapped
        As of `plan_run`.
    planes
        What the pieces of the map hold; None is class and confidence.

    Returns
    -------
    tuple
        The plan as of `plan_run`, and the tiles over the whole scene.

    Raises
    ------
    InputError
        If too little is asked for, or the tiles that the user wants cannot be. ModelError, if a
        model cannot be read.
    """
    plan = plan_run(job, bundle, found, mapped, planes or Planes())
    planned = plan.tile if plan else None
    return plan, choose_tiling(found[0].grid, bundle.card, job.options, mapped, planned)


def work_of(
    job: Job, bundle: Bundle, found: Sequence[Fit], mapped: Window | None, planes: Planes
) -> Work:
    """Tell what a run is going to hold.

    Parameters
    ----------
    job, bundle, found, mapped, planes
        As of `plan_run`.

    Returns
    -------
    Work
        No pixel was read.

    Raises
    ------
    ModelError
        If a model cannot be read.
    """
    options = job.options
    grid = found[0].grid
    layers = [layer for fit in found for layer in fit.match.layers]
    members = members_of(bundle)
    costs = [_network(member, options) for member in members]
    rasters = [
        name for name in ("classes", "confidence", "novelty", *SCORE_MAPS) if getattr(job, name)
    ]
    written = sum(planes.count if name == "scores" else 1 for name in rasters)
    overlap = options.tiles.overlap
    return Work(
        grid.extent,
        mapped or grid.extent,
        bundle.card,
        bundle.card.overlap if overlap is None else overlap,
        sum(cost for cost, _ in costs),
        sum(file.stat().st_size for member in members for file in member.files),
        sum(np.dtype(layer.dtype).itemsize for layer in layers),
        max(member.card.planes for member in members),
        planes.count,
        max(written, 2 if job.polygons else 1),
        bool(job.polygons),
        options.compute.precision != "fp32",
        # NNCF, which makes int8, brings PyTorch along
        options.compute.precision == "int8" or any(torch for _, torch in costs),
        overlap is not None,
        options.tiles.batch or 1,
        options.compute.read_threads,
        partial(cache_of, tuple(layers)),
        GATHERED.get(Path(job.polygons or "").suffix.lower(), 0),
        ONNX * any(member.weights.suffix == ".onnx" for member in members)
        + sum({layer.path: layer.packed for layer in layers}.values()),
    )


def cache_of(layers: Sequence[BandInfo], rows: int, columns: int) -> int:
    """Return how large GDAL's cache must be for each block to be decoded once.

    Parameters
    ----------
    layers
        The bands that are read.
    rows, columns
        Pixels of the finest of them: of a row of tiles.

    Returns
    -------
    int
        Bytes.
    """
    finest = max(layer.grid.height for layer in layers)
    files: dict[str, list[BandInfo]] = {}
    for layer in layers:
        files.setdefault(layer.path, []).append(layer)
    total = 0
    for bands in files.values():
        one = bands[0]
        scale = one.grid.height / finest
        size = max(one.together, len(bands)) * np.dtype(one.dtype).itemsize
        total += cache_bytes(one.grid.extent.shape, one.block, size, rows * scale, columns * scale)
    return total


def plan_text(plan: MemoryPlan, tile: int) -> str:
    """Say what was planned.

    Parameters
    ----------
    plan
        The plan.
    tile
        Side in pixels of the tiles that are taken.

    Returns
    -------
    str
        A line.
    """
    text = (
        f"memory: {size_text(plan.planned)} planned of {size_text(plan.asked)}, tiles of {tile} px"
    )
    if plan.slower > 1.005:
        text += f" instead of {plan.free_tile:,}" if plan.free_tile != tile else ""
        text += f": {plan.slower:.2g} times the computing of a run without a limit"
    return text


def tell_of_plan(plan: MemoryPlan, tile: int, report: Report) -> None:
    """Say what was planned, and where the plan cannot be kept.

    Parameters
    ----------
    plan
        The plan.
    tile
        Side in pixels of the tiles that are taken.
    report
        Takes it.
    """
    report(Noted(plan_text(plan, tile)))
    if plan.planned > plan.asked:
        report(
            Warned(
                f"memory: {size_text(plan.planned)} may be taken, more than the "
                f"{size_text(plan.asked)} of --max-memory: the least for these tiles"
            )
        )


def _network(bundle: Bundle, options: Options) -> tuple[float, bool]:
    """Return what a pixel of a tile takes in the network, and whether PyTorch computes it."""
    try:
        if not find_spec("openvino"):
            return UNKNOWN, True
        cost = _per_pixel(bundle)
    except EngineError:
        return UNKNOWN, True
    torch = options.compute.engine in ("torch", "torch.compile", "onnxruntime")
    return cost * (TORCH if torch else 1), torch


def _per_pixel(bundle: Bundle) -> float:
    from ..models.openvino import memory_per_pixel

    key = bundle.sha256, bundle.card_sha256  # a file may change under its name
    if key not in _known:
        _known[key] = memory_per_pixel(bundle)
    return _known[key]
