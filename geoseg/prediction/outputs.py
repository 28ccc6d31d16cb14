"""Where a run's results go: rasters and polygons under temporary names, and the count of
classes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..core.atomic import part_folder, staged_output
from ..core.card import NODATA, ModelCard
from ..core.disk import failures
from ..core.events import Event, Meter, Progress, watch
from ..core.grid import Grid, Patch, Window
from ..core.job import Job
from ..core.provenance import TAG, Provenance
from ..core.threads import BoundedQueue, Wait, background_consumer, write_in_background
from ..core.version import __version__
from ..models import Bundle
from ..raster.class_raster import Live
from ..raster.sink import Kind, Sink, create_raster
from ..vector.vectorize import draw, tell_of_pixels, trace, tracing_of
from ..vector.zonal import Zonal
from .back import open_map_file, rows_on
from .clock import Clock
from .novelty import written
from .run import Run
from .score_maps import FIRST, create_score_maps, write_planes
from .stitch import strips

Paths = tuple[str | None, str | None]
"""Of the class raster and of the confidence."""
Takes = Callable[[Patch], None]
KINDS: tuple[Kind, Kind] = ("classes", "confidence")


@dataclass(slots=True)
class Outputs:
    """All that one run writes."""

    rasters: Rasters
    """Classes and confidence, as far as they are written, and the count of classes."""
    polygons: Polygons
    """What is traced, as the map is made or from its rasters."""
    meter: Meter
    """How much is made."""
    clock: Clock
    """How long it takes."""
    takes: Takes
    """Takes the map's rows: the rasters, or what keeps them until they go back to another grid."""

    def write(self, pieces: Iterable[Patch]) -> None:
        """Write the pieces of one column band on threads, while they are made on this one.

        Parameters
        ----------
        pieces
            uint8 [plane, row, column]: classes, confidence in percent, and what else there is; tile
            by tile, from top to bottom.

        Raises
        ------
        OutputError
            If one cannot be written. An error in the making of a piece is raised as it is.
        """
        waiting = self.clock.writing
        made = self.meter.passing(pieces, lambda piece: piece.window.area)
        rows = self.polygons.fed(strips(made), waiting)
        write_in_background(self.takes, rows, wait=waiting)
        self.clock.compute()


@contextmanager
def open_outputs(run: Run) -> Iterator[Outputs]:
    """Create the outputs of a run; they take their names when the block ends without an error.

    Where polygons need more than the map's rows as they come, they are traced when the block ends.

    Parameters
    ----------
    run
        What is mapped, and where to.

    Yields
    ------
    Outputs
        What takes the map.

    Raises
    ------
    OutputError
        If one cannot be written.
    """
    job = run.job
    tags = map_tags(run.bundle, run.provenance, run.tags)
    with (
        _open_polygons(run) as polygons,
        create_score_maps(run.maps, *run.written, run.card, job, tags, run.replaced) as more,
        create_rasters(
            polygons.rasters, *run.written, run.card, job, tags, run.replaced, more
        ) as rasters,
        written(run.novelty, run.source.grid, run.region, run.card, job, tags, run.replaced),
        _brought_back(run, rasters) as takes,
    ):
        run.clock.start()
        meter = Meter("segment", run.region.area, run.report, run.model.device)
        yield Outputs(rasters, polygons, meter, run.clock, takes)


@contextmanager
def _brought_back(run: Run, rasters: Rasters) -> Iterator[Takes]:
    """Yield what takes the map; where it goes back to the scene's own grid, its rasters are
    written when the block ends.
    """
    if run.own is None:
        yield rasters.write
        return
    planes = FIRST + (run.maps.count if run.maps else 0)
    with open_map_file(run.region, Path(run.job.outputs[0]).resolve().parent, planes) as file:
        yield file.write
        region = run.own.region
        rows = rows_on(run.own.grid, region, run.source.grid, file)
        for patch in watch(rows, lambda patch: patch.window.area, region.area, run.report, "back"):
            if run.own.area:
                patch.data[:, ~run.own.area.mask(patch.window)] = NODATA
            rasters.write(patch)


@contextmanager
def raster_paths(job: Job) -> Iterator[tuple[str, str | None]]:
    """Choose where the rasters of a map are written; those not asked for go when the block ends.

    Parameters
    ----------
    job
        What is asked for. For polygons that are traced from both rasters both are made, in a
        hidden folder beside them.

    Yields
    ------
    tuple
        The paths of the class raster and of the confidence, None where this is not made.
    """
    if not job.polygons or (job.classes and job.confidence):
        yield str(job.classes), job.confidence
        return
    target = Path(job.polygons)
    with part_folder(target) as folder:
        yield job.classes or f"{folder}/classes.tif", job.confidence or f"{folder}/confidence.tif"


@dataclass(slots=True)
class Rasters:
    """The rasters of one map."""

    classes: Sink | None
    """Takes classes; None where they are not asked for."""
    confidence: Sink | None
    """Takes confidence; None where it is not asked for."""
    counts: npt.NDArray[np.int64]
    """Pixels of each class by its value, and at NODATA of those without one."""
    more: list[tuple[slice, Sink]] = field(default_factory=list)
    """What takes the other planes, each with which these are."""

    def write(self, patch: Patch) -> None:
        """Write classes and confidence together, and count the classes.

        Parameters
        ----------
        patch
            uint8 [plane, row, column]: classes, confidence in percent, and what else there is;
            from top to bottom.

        Raises
        ------
        OutputError
            If a raster cannot be written.
        """
        if self.classes:
            self.classes.write(Patch(patch.window, patch.data[:1]))
        if self.confidence:
            self.confidence.write(Patch(patch.window, patch.data[1:2]))
        write_planes(self.more, patch)
        self.counts += np.bincount(patch.data[0].ravel(), minlength=NODATA + 1)

    def shares(self, card: ModelCard) -> dict[str, float]:
        """Return each class's share of the mapped pixels.

        Parameters
        ----------
        card
            Whose classes are on the map.

        Returns
        -------
        dict
            Fractions, 0 to 1, by the name of the class.
        """
        mapped = max(1, int(self.counts[:NODATA].sum()))
        return {label.name: float(self.counts[label.value] / mapped) for label in card.labels}


def map_tags(
    bundle: Bundle, provenance: Provenance | None, computed: Mapping[str, str]
) -> dict[str, str]:
    """Return what a raster says about how it was made.

    Parameters
    ----------
    bundle
        The model.
    provenance
        Of what, by what and how it is made; None is not said.
    computed
        Further tags: what computed the map, and how precisely.

    Returns
    -------
    dict
        Tags, without the secrets of addresses.
    """
    return {
        "geoseg_model": bundle.card.name,
        "geoseg_model_sha256": bundle.sha256,
        "geoseg_version": __version__,
        **({TAG: provenance.text()} if provenance else {}),
        **computed,
    }


@contextmanager
def create_rasters(
    paths: Paths,
    grid: Grid,
    region: Window,
    card: ModelCard,
    job: Job,
    tags: Mapping[str, str],
    replaced: frozenset[str] = frozenset(),
    more: list[tuple[slice, Sink]] | None = None,
) -> Iterator[Rasters]:
    """Create the rasters that have a path; they take their names when the block ends without an
    error.

    Parameters
    ----------
    paths
        Of classes and confidence.
    grid
        The scene's.
    region
        The pixels of the scene that the rasters hold.
    card
        The model's.
    job
        One of its options says how they are compressed.
    tags
        What they say about how they were made: `map_tags`.
    replaced
        The outputs that may be replaced.
    more
        What takes other planes than those of classes and confidence; None for nothing.

    Yields
    ------
    Rasters
        What takes the map.

    Raises
    ------
    OutputError
        If one cannot be written.
    """
    counts = np.zeros(NODATA + 1, np.int64)
    with ExitStack() as opened:
        sinks = [
            opened.enter_context(
                create_raster(
                    path,
                    grid,
                    region,
                    card,
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
        yield Rasters(sinks[0], sinks[1], counts, more or [])


@dataclass(slots=True)
class Polygons:
    """The polygons of one run."""

    rasters: Paths
    """The rasters that are to be written: those asked for, and those to trace from."""
    feed: BoundedQueue[Patch, int] | None = None
    """Takes the map where it is traced as it is made."""
    count: int | None = None
    """How many there are, once they are traced; None where none are wanted."""

    def fed(self, rows: Iterator[Patch], wait: Wait) -> Iterator[Patch]:
        """Yield rows of the map, and have them traced if they can be as they come.

        Parameters
        ----------
        rows
            uint8 [2, row, column], of the region's whole width where they are traced.
        wait
            Adds up how long the tracer was waited for.

        Returns
        -------
        Iterator
            The same rows.
        """
        return self.feed.put_each(rows, wait) if self.feed else rows


@contextmanager
def _open_polygons(run: Run) -> Iterator[Polygons]:
    """Have the polygons of a run traced, if it wants any; their file appears when the block has
    ended.

    Where the map is made in rows of its whole width and no option needs more than these, they are
    traced as they come, and no raster is made but those asked for.
    """
    job = run.job
    asked = job.classes, job.confidence
    if not job.polygons:
        yield Polygons(asked)
        return
    zonal = run.means.over(run.written[1]) if run.means else None
    streams = tracing_of(job.options, run.card).streams and run.own is None
    if len(run.column_bands) == 1 and streams:
        with _traced_live(run, job.polygons, zonal) as polygons:
            yield polygons
        return
    with raster_paths(job) as paths:
        polygons = Polygons(paths)
        yield polygons
        polygons.count = trace(
            *paths,
            job.polygons,
            run.card,
            job.options,
            run.report,
            zonal,
            job.polygons in run.replaced,
            job.layer or "",
            _text(run),
        )


def _text(run: Run) -> str:
    return run.provenance.text() if run.provenance else ""


@contextmanager
def _traced_live(run: Run, target: str, zonal: Zonal | None) -> Iterator[Polygons]:
    """Trace what is fed on another thread; what it reports comes at the end, for reports come from
    one thread.

    Its progress is that of the map until the last row, so only its end is told.
    """
    job = run.job
    layer = job.layer or ""
    grid = run.source.grid.crop(run.region)
    tracing = tracing_of(job.options, run.card)
    if grid.crs:  # of a scene without one this is known already
        tell_of_pixels(target, grid, run.report)
    told: list[Event] = []

    def work(patches: Iterator[Patch]) -> int:
        live = Live(target, grid, ((patch.data[0], patch.data[1]) for patch in patches))
        with failures(Path(target)):
            return draw(live, path, run.card, tracing, told.append, zonal, layer, _text(run))

    with staged_output(Path(target), target in run.replaced, bool(layer)) as path:
        with background_consumer(work) as feed:
            polygons = Polygons((job.classes, job.confidence), feed)
            yield polygons
        polygons.count = feed.results[0]
    for event in told:
        if not isinstance(event, Progress) or event.done == event.total:
            run.report(event)
