"""Where a run's rasters go: classes and confidence under temporary names, and the count of
classes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..core.atomic import failures, part_folder, staged_output
from ..core.card import NODATA, ModelCard
from ..core.events import Event, Progress, Report
from ..core.grid import Grid, Patch, Window
from ..core.job import Job
from ..core.redact import redact
from ..core.threads import BoundedQueue, Wait, background_consumer
from ..core.version import __version__
from ..models import Bundle
from ..raster.class_raster import Live
from ..raster.sink import Kind, Sink, create_raster
from ..vector.vectorize import draw, tell_of_pixels, trace, tracing_of
from ..vector.zonal import Means, Zonal

Paths = tuple[str | None, str | None]  # of the class raster and of the confidence
# shares: of a class that fills nearly all of a map, of one that a model hardly knows
ALL = 0.9
HARDLY = 0.02
KINDS: tuple[Kind, Kind] = ("classes", "confidence")


@contextmanager
def raster_paths(job: Job) -> Iterator[tuple[str, str | None]]:
    """Yield the paths of the class and the confidence raster; those not asked for go when the block
    ends.

    For polygons that are traced from both, both are made, in a hidden folder beside them.
    """
    if not job.polygons or (job.classes and job.confidence):
        yield str(job.classes), job.confidence
        return
    target = Path(job.polygons)
    with part_folder(target) as folder:
        yield job.classes or f"{folder}/classes.tif", job.confidence or f"{folder}/confidence.tif"


@dataclass(slots=True)
class Outputs:
    """The rasters of one run; write() takes labels and confidence together, top to bottom."""

    classes: Sink | None
    confidence: Sink | None
    counts: npt.NDArray[np.int64]

    def write(self, patch: Patch) -> None:
        """Write uint8 [2, row, column]: labels, then confidence in percent."""
        if self.classes:
            self.classes.write(Patch(patch.window, patch.data[:1]))
        if self.confidence:
            self.confidence.write(Patch(patch.window, patch.data[1:]))
        self.counts += np.bincount(patch.data[0].ravel(), minlength=NODATA + 1)

    def shares(self, card: ModelCard) -> dict[str, float]:
        """Return each class's fraction of the mapped pixels."""
        mapped = max(1, int(self.counts[:NODATA].sum()))
        return {label.name: float(self.counts[label.value] / mapped) for label in card.labels}


def improbable(shares: Mapping[str, float], card: ModelCard) -> str:
    """Return a warning where one class fills nearly all of a map that the model's own data hardly
    hold, else "".

    What these hold is told by the pixels of each class among those that the model was measured on.
    """
    known = card.scores.get("held_out") or card.scores.get("validation") or {}
    pixels = {name: found.get("pixels", 0) for name, found in known.get("classes", {}).items()}
    total = sum(pixels.values())
    name = max(shares, key=lambda name: shares[name], default="")
    if not total or name not in pixels or shares[name] < ALL or pixels[name] >= HARDLY * total:
        return ""
    return (
        f"{shares[name]:.0%} of the map is {name}, which is {pixels[name] / total:.1%} of the "
        f"pixels that {card.name}"
        " was measured on: look whether the scene's numbers mean what was said above"
    )


@contextmanager
def create_outputs(
    paths: Paths,
    grid: Grid,
    region: Window,
    bundle: Bundle,
    job: Job,
    computed: Mapping[str, str],
    replaced: frozenset[str] = frozenset(),
) -> Iterator[Outputs]:
    """Open the rasters that have a path; they take their final names when the block ends without an
    error.

    `computed` are further tags: what computed the map, and how precisely; `replaced` the outputs
    that may be replaced.
    """
    options = job.options.flat()
    del options["overwrite"]  # no part of the map
    tags = {
        "geoseg_model": bundle.card.name,
        "geoseg_model_sha256": bundle.sha256,
        "geoseg_version": __version__,
        "geoseg_options": redact(json.dumps(options, sort_keys=True)),
        **computed,
    }
    counts = np.zeros(NODATA + 1, np.int64)
    with ExitStack() as opened:
        sinks = [
            opened.enter_context(
                create_raster(
                    path,
                    grid,
                    region,
                    bundle.card,
                    tags,
                    path in replaced,
                    kind,
                    job.options.outputs.compress,
                )
            )
            if path
            else None
            for path, kind in zip(paths, KINDS, strict=True)
        ]
        yield Outputs(sinks[0], sinks[1], counts)


@dataclass(slots=True)
class Polygons:
    """The polygons of one run: which `rasters` are to be written, and at the end how many
    polygons there are.
    """

    rasters: Paths
    feed: BoundedQueue[Patch, int] | None = None
    count: int | None = None

    def fed(self, strips: Iterator[Patch], wait: Wait) -> Iterator[Patch]:
        """Yield the strips, uint8 [2, row, column] of the region's whole width; they are traced
        if they can be.
        """
        return self.feed.passing(strips, wait) if self.feed else strips


@contextmanager
def create_polygons(
    job: Job,
    card: ModelCard,
    grid: Grid,
    region: Window,
    means: Means | None,
    narrow: bool,
    report: Report,
    replaced: frozenset[str] = frozenset(),
) -> Iterator[Polygons]:
    """Have the polygons of a region traced, if the job wants any; their file appears when the block
    has ended.

    Where the map is made in strips of its whole width (`narrow`) and no option needs more than
    these, they are traced as they come, and no raster is made but those asked for. `replaced` are
    the outputs that may be replaced.
    """
    if not job.polygons:
        yield Polygons((job.classes, job.confidence))
    elif narrow and tracing_of(job.options, card).streams:
        zonal = means.over(region) if means else None
        with _drawn(
            job, job.polygons, card, grid.crop(region), zonal, report, replaced
        ) as polygons:
            yield polygons
    else:
        with raster_paths(job) as paths:
            polygons = Polygons(paths)
            yield polygons
            zonal = means.over(region) if means else None
            polygons.count = trace(
                *paths,
                job.polygons,
                card,
                job.options,
                report,
                zonal,
                job.polygons in replaced,
                job.layer or "",
            )


@contextmanager
def _drawn(
    job: Job,
    target: str,
    card: ModelCard,
    grid: Grid,
    zonal: Zonal | None,
    report: Report,
    replaced: frozenset[str],
) -> Iterator[Polygons]:
    """Trace what is fed on another thread; what it reports comes at the end, for reports come from
    one thread.

    Its progress is that of the map until the last strip, so only its end is told.
    """
    if grid.crs:  # of a scene without one this is known already
        tell_of_pixels(target, grid, report)
    told: list[Event] = []

    def work(patches: Iterator[Patch]) -> int:
        maps = Live(target, grid, ((patch.data[0], patch.data[1]) for patch in patches))
        with failures(Path(target)):
            return draw(
                maps, path, card, tracing_of(job.options, card), told.append, zonal, job.layer or ""
            )

    with staged_output(Path(target), target in replaced, bool(job.layer)) as path:
        with background_consumer(work) as feed:
            polygons = Polygons((job.classes, job.confidence), feed)
            yield polygons
        polygons.count = feed.results[0]
    for event in told:
        if not isinstance(event, Progress) or event.done == event.total:
            report(event)
