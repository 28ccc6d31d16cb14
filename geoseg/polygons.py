"""A run's polygons: traced from the strips of the map while these are made, or from its rasters afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .card import ModelCard
from .events import Event, Progress, Report
from .flow import Feed, Wait, feeding
from .grid import Grid, Window
from .job import Job
from .outputs import Paths, raster_paths
from .stitch import Patch
from .vector import Live, Means, Zonal, draw, failures, staged, tell_of_pixels, trace, tracing_of


@dataclass(slots=True)
class Polygons:
    """The polygons of one run: which `rasters` are to be written, and at the end how many polygons there are."""

    rasters: Paths
    feed: Feed[Patch, int] | None = None
    count: int | None = None

    def fed(self, strips: Iterator[Patch], wait: Wait) -> Iterator[Patch]:
        """Yield the strips, uint8 [2, row, column] of the region's whole width; they are traced if they can be."""
        return self.feed.passing(strips, wait) if self.feed else strips


@contextmanager
def create_polygons(
    job: Job, card: ModelCard, grid: Grid, region: Window, means: Means | None, narrow: bool, report: Report,
    replaced: frozenset[str] = frozenset(),
) -> Iterator[Polygons]:  # fmt: skip
    """Have the polygons of a region traced, if the job wants any; their file appears when the block has ended.

    Where the map is made in strips of its whole width (`narrow`) and no option needs more than
    these, they are traced as they come, and no raster is made but those asked for. `replaced` are the
    outputs that may be replaced.
    """
    if not job.polygons:
        yield Polygons((job.classes, job.confidence))
    elif narrow and tracing_of(job.options, card).streams:
        zonal = means.over(region) if means else None
        with _drawn(job, job.polygons, card, grid.crop(region), zonal, report, replaced) as polygons:
            yield polygons
    else:
        with raster_paths(job) as paths:
            polygons = Polygons(paths)
            yield polygons
            zonal = means.over(region) if means else None
            polygons.count = trace(*paths, job.polygons, card, job.options, report, zonal,
                                   job.polygons in replaced, job.layer or "")  # fmt: skip


@contextmanager
def _drawn(
    job: Job, target: str, card: ModelCard, grid: Grid, zonal: Zonal | None, report: Report, replaced: frozenset[str]
) -> Iterator[Polygons]:
    """Trace what is fed on another thread; what it reports comes at the end, for reports come from one thread.

    Its progress is that of the map until the last strip, so only its end is told.
    """
    if grid.crs:  # of a scene without one this is known already
        tell_of_pixels(target, grid, report)
    told: list[Event] = []

    def work(patches: Iterator[Patch]) -> int:
        maps = Live(target, grid, ((patch.data[0], patch.data[1]) for patch in patches))
        with failures(Path(target)):
            return draw(maps, path, card, tracing_of(job.options, card), told.append, zonal, job.layer or "")

    with staged(Path(target), target in replaced, bool(job.layer)) as path:
        with feeding(work) as feed:
            polygons = Polygons((job.classes, job.confidence), feed)
            yield polygons
        polygons.count = feed.results[0]
    for event in told:
        if not isinstance(event, Progress) or event.done == event.total:
            report(event)
