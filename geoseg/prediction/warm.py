"""Kernels compiled before a run needs them: by processes beside it, while scene and network are
opened, or once and for all by `geoseg warm`.

    python -m geoseg.prediction.warm GROUP...

compiles groups of kernels, of which each works on a few pixels. A run that needs a kernel sooner
than it is there waits for it. What is compiled is kept as `core.kernel_files` says.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from hashlib import sha256
from tempfile import TemporaryFile
from types import SimpleNamespace
from typing import Any

from ..core.errors import RunError
from ..core.events import Noted, Report, silent
from ..core.job import Job
from ..core.kernel_files import (
    PACKAGE,
    kernel_folders,
    locked,
    processor,
    read_kernel,
    writable_folder,
    write_kernel,
)
from ..core.machine import cores
from ..core.options import Cleaning
from ..core.version import __version__, installed

# all that the kernels are made of: see `_stamp`
SOURCES = (
    "core/jit.py",
    "core/raw.py",
    "objects/*.py",
    "prediction/blend_rows.py",
    "prediction/warm.py",
    "raster/overviews.py",
    "scene/warp.py",
    "vector/**/*.py",
)
_started: list[subprocess.Popen[bytes]] = []  # nobody waits for them: they end by themselves
_begun: set[str] = set()  # groups that were given to one of them


def compile_ahead(job: Job) -> None:
    """Begin to compile what a job will need and is not kept yet, in processes beside this one.

    Parameters
    ----------
    job
        What is to be done.
    """
    groups = ["stitch"]
    if job.polygons:
        groups += ["polygons", "files"]
    if set(job.outputs) - {job.polygons}:
        groups.append("overviews")
    if job.polygons and (job.options.cleaning != Cleaning() or job.options.outputs.square):
        groups.append("cleaning")
    # the tracer takes as long as all others
    start_compiling(groups, ["trace"] if job.polygons else [])


def start_compiling(*shares: Sequence[str]) -> None:
    """Start a process for each share of the groups, unless all in it is kept already.

    Where nothing can be kept, or there is but one core, it is left to this process.

    Parameters
    ----------
    *shares
        Names of `GROUPS`.
    """
    shares = tuple([g for g in share if g not in _begun and not is_warm(g)] for share in shares)
    missing = [groups for groups in shares if groups]
    if not missing or writable_folder() is None or cores() < 2 or not sys.executable:
        return
    _started[:] = [process for process in _started if process.poll() is None]
    for groups in missing:
        try:  # -P: what lies in the working directory is none of ours
            process = subprocess.Popen(  # noqa: S603 - this very Python, and names from a table
                [sys.executable, "-P", "-m", __spec__.name, *groups],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows alone has it
            )
        except OSError:
            return
        _started.append(process)
        _begun.update(groups)


def is_warm(group: str) -> bool:
    """Tell whether the kernels of a group were compiled for this machine, and are kept.

    Parameters
    ----------
    group
        A name of `GROUPS`.

    Returns
    -------
    bool
        Looked up in a millisecond or two: numba is not imported.
    """
    return read_kernel(f"{group}-{_stamp()}") is not None


@lru_cache(1)
def _stamp() -> str:
    """Digest all that decides whether compiled kernels are of use."""
    versions = (sys.version, *map(installed, ("numba", "llvmlite", "numpy")))
    told = sha256(repr((__version__, versions, processor())).encode())
    for pattern in SOURCES:
        for path in sorted(PACKAGE.glob(pattern)):
            told.update(path.read_bytes())
    return told.hexdigest()[:32]


def warm(group: str) -> None:
    """Compile the kernels of a group, unless another process is at it or they are kept.

    Parameters
    ----------
    group
        A name of `GROUPS`.
    """
    name = f"{group}-{_stamp()}"
    with locked(name, wait=False) as alone:
        if alone and not is_warm(group):
            GROUPS[group]()
            write_kernel(name, b"")


def warm_up(models: str = "all", report: Report = silent) -> list[str]:
    """Compile all kernels, and convert models for OpenVINO.

    Parameters
    ----------
    models
        Names with commas between, all, or none.
    report
        Told what is under way.

    Returns
    -------
    list
        Lines: what was done, how long it took, and where it is kept.

    Raises
    ------
    RunError
        If compiled code cannot be kept. ModelError, if there is no such model.
    """
    folder = writable_folder()
    lacking = [group for group in GROUPS if not is_warm(group)]
    if lacking and folder is None:
        raise RunError(
            f"compiled code cannot be kept in {' or '.join(map(str, kernel_folders()))}",
            do="set GEOSEG_CACHE to a folder that this user may write, and others may not",
        )
    begun = time.monotonic()
    if lacking:
        report(Noted(f"compiling {', '.join(lacking)}"))
    tracers = ["trace", "trace-objects"]
    start_compiling([group for group in GROUPS if group not in tracers], tracers)
    lines = list(_converted(models, report))  # meanwhile
    while _started:
        _started.pop().wait()
    for group in lacking:
        warm(group)  # those that no process had
    seconds = f"{len(lacking)} of {len(GROUPS)} groups of kernels, {time.monotonic() - begun:.1f} s"
    done = f"compiled {seconds}, kept in {folder}" if lacking else "all kernels were compiled"
    return [done, *lines]


def _converted(models: str, report: Report) -> Iterator[str]:
    from ..core.cache import cache_folder
    from ..models import find_model, list_models

    names = [bundle.card.name for bundle in list_models()] if models == "all" else models.split(",")
    bundles = [find_model(name) for name in names] if models != "none" else []
    if not bundles:
        return
    if not installed("openvino"):
        yield "no models converted: OpenVINO is not installed"
        return
    from ..models.openvino import is_converted, read_network

    begun = time.monotonic()
    names = []
    for bundle in bundles:
        if cache_folder() is None or not is_converted(bundle):
            names.append(bundle.card.name)
            report(Noted(f"converting {bundle.card.name}"))
        read_network(bundle)  # what is kept may be damaged
    if not names:
        yield "all models were converted"
        return
    where = cache_folder()
    kept = f"kept in {where}" if where else "NOT kept: GEOSEG_CACHE is empty"
    yield f"converted {', '.join(names)} for OpenVINO, {time.monotonic() - begun:.1f} s, {kept}"


def _stitch() -> None:
    import numpy as np

    from .blend_rows import finish_rows

    share = np.ones(2, np.float32)
    sums = np.zeros((4, 1, 2, 2), np.float32)
    lines = np.zeros((3, 2), np.float32)
    out = np.zeros((2, 2, 2), np.uint8)
    scores, above, left, means = sums
    finish_rows(scores, share, share, above, left, 0, 2, 0, 2, 0, 0, 0, lines, out, means, 1)


def _overviews() -> None:
    import numpy as np

    from ..raster.overviews import mean, mode

    for halve in (mode, mean):
        halve(np.zeros((2, 2), np.uint8))


def _trace() -> None:
    _traced("CLASSES", confidence=True)


def _trace_objects() -> None:
    _traced("OBJECTS", confidence=False)


def _traced(kind: str, confidence: bool) -> None:
    import numpy as np

    from ..core.grid import Grid
    from ..vector import pixel_values
    from ..vector.trace.tracer import Tracer

    ones = np.ones(2)
    # geodesic's PixelAreas takes as long to import as a kernel to compile
    ground: Any = SimpleNamespace(grid=Grid(2, 2), step=1, ends=lambda _: (ones, ones))
    values = getattr(pixel_values, kind)
    tracer = Tracer(ground, confidence, values=values)
    percent = np.zeros((2, 2), np.uint8) if confidence else None
    for found in (tracer.feed(np.eye(2, dtype=values.dtype), percent), tracer.finish()):
        list(found)


def _polygons() -> None:
    import numpy as np

    from ..vector.perimeters import MetricGrid, perimeters
    from ..vector.trace import state
    from ..vector.trace.rings import outlines, signed_areas2
    from ..vector.writers.wkb import wkb

    shapes = outlines(_pixel())
    signed_areas2(shapes)
    perimeters(shapes, MetricGrid(1.0, 1.0, *np.ones((3, 3, 3))))
    wkb(shapes, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0))
    state.pack_rings(
        state.first_line(2).labels,
        np.empty(0, np.uint8),
        state.vertex_pool(4),
        state.component_pool(2, 0),
        state.ring_pool(2),
        np.zeros(state.COUNTERS, np.int64),
    )


def _files() -> None:
    import numpy as np

    from ..vector.writers.packed_rtree import PackedTree, Roots
    from ..vector.writers.sqlite_pages import BLOB, ROW_ID, PageFile, Rows, Table, plant
    from ..vector.writers.wkb import bounds

    size, count = 512, 64  # bytes of a page, and rows: more than one page holds
    places = np.arange(count + 1, dtype=np.int32)
    given = np.zeros(count, np.uint8)
    boxes = np.zeros((4, count))
    bounds(places[:1], given, boxes[:, :0].copy())
    numbers = np.zeros((2, count), np.int64)
    kinds = np.array([ROW_ID, BLOB], np.uint8)
    present = np.ones(numbers.shape, np.uint8)
    heads = np.zeros((count, 1), np.uint8)
    with TemporaryFile() as file:
        pages = PageFile(file, size, 4)
        table = Table(pages)
        table.add(Rows(kinds, numbers, present, places, given, heads, places, given))
        plant(pages, 1, [table])
        index = PackedTree(pages, Roots(1, 2, 3, size))
        index.add(boxes)
        index.finish()


def _cleaning() -> None:
    import numpy as np

    from ..core.grid import Grid
    from ..vector.borders.right_angles import Squarer
    from ..vector.borders.simplify import simplify
    from ..vector.borders.smooth import smooth
    from ..vector.clean.holes import fill_holes
    from ..vector.clean.majority import majority
    from ..vector.clean.sieve import sieve
    from ..vector.clean.temp_file import RasterTempFile
    from ..vector.geodesic import PixelAreas
    from ..vector.trace.rings import grouped, outlines

    ground = PixelAreas(Grid(4, 4))
    pixels = np.zeros((4, 4), np.uint8)
    pixels[1:3, 1:3] = np.eye(2)
    file = RasterTempFile(iter([pixels]), 4, None)
    try:
        for step in (majority(file, 3), fill_holes(file, ground, 2.0), sieve(file, ground, 2.0)):
            list(step)
        kinds = simplify(file, pixels.shape, np.ones(5))
    finally:
        file.close()
    closed = _pixel()
    plain = grouped(outlines(closed))
    chosen = np.ones(256, np.uint8)
    Squarer(ground, chosen, 4)(closed, plain, smooth(plain, kinds, 1, 4))


def _superpixels() -> None:
    import numpy as np

    from ..vector.superpixels import superpixels

    superpixels(np.zeros((1, 4, 4), np.float32), 2)


def _objects() -> None:
    import numpy as np

    from ..core.grid import Grid
    from ..objects.links import Levels, linked
    from ..objects.numbers import Labels, label_all, numbered
    from ..raster.overviews import mode_of_numbers

    ones = np.ones(2)
    ground: Any = SimpleNamespace(grid=Grid(2, 2), step=1, ends=lambda _: (ones, ones))
    pixels = np.ones((2, 2), np.uint8)
    chosen = np.ones(256, np.uint8)
    labels = Labels(ground, confidence=True)
    found = linked([(pixels, pixels, pixels)], Levels(), chosen, chosen)
    links = list(label_all(found, labels))
    for numbers in numbered(lambda: iter(links), 2, labels.finish().label):
        mode_of_numbers(numbers)


def _pixel() -> Any:
    """Return one finished component of one pixel, whose ring says that it may touch itself: or it
    is not looked at.
    """
    import numpy as np

    from ..vector.trace import state

    closed = state.closed_pool(4, 1, 1)
    closed.x[:] = np.array([0, 1, 1, 0]) * 4
    closed.y[:] = 0, 0, 1, 1
    closed.start[:] = 0, 4
    closed.first[:] = 0, 1
    for ones in (closed.self_touching, closed.pixels, closed.area, closed.value):
        ones[:] = 1
    return closed


GROUPS: dict[str, Callable[[], None]] = {
    "stitch": _stitch,
    "overviews": _overviews,
    "trace": _trace,
    "polygons": _polygons,
    "files": _files,
    "cleaning": _cleaning,
    "superpixels": _superpixels,
    "objects": _objects,
    "trace-objects": _trace_objects,
}


def main(groups: Sequence[str]) -> None:
    """Compile groups of kernels, one after the other.

    Parameters
    ----------
    groups
        Names of `GROUPS`.
    """
    for group in groups:
        warm(group)


if __name__ == "__main__":
    main(sys.argv[1:])
