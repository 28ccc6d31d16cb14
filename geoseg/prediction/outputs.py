"""Where a run's results go: rasters and polygons under temporary names, and the count of
classes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..core.arrays import from_planes
from ..core.atomic import part_folder, staged_output
from ..core.card import NODATA, ModelCard
from ..core.disk import failures
from ..core.events import Event, Meter, Progress, Report, watch
from ..core.grid import Grid, Patch, Window
from ..core.job import SCORE_MAPS, Job
from ..core.provenance import TAG, Provenance
from ..core.threads import BoundedQueue, Wait, background_consumer, write_in_background
from ..core.version import __version__
from ..models import Bundle
from ..raster.class_raster import Live
from ..raster.sink import Kind, Sink, create_raster
from ..vector.several import trace_several
from ..vector.trace.tracer import OUTPUT_VERTICES
from ..vector.vectorize import draw, tell_of_pixels, trace, tracing_of
from ..vector.zonal import Zonal
from .back import open_map_file, rows_on
from .clock import Clock
from .novelty import written
from .objects import task_of, write_polygons
from .planes import Planes
from .run import Run
from .stitch import strips
from .tally import NumberTally, Tally

Paths = Mapping[Kind, str]
"""Of the rasters that are written, by what they are."""
Takes = Callable[[Patch], None]


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
        create_rasters(
            run.planes, polygons.rasters, *run.written, run.card, job, tags, run.replaced
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
    folder = Path(run.job.outputs[0]).resolve().parent
    with open_map_file(run.region, folder, run.planes.count) as file:
        yield file.write
        region = run.own.region
        rows = rows_on(run.own.grid, region, run.source.grid, file)
        for patch in watch(rows, lambda patch: patch.window.area, region.area, run.report, "back"):
            if run.own.area:
                patch.data[:, ~run.own.area.mask(patch.window)] = NODATA
            rasters.write(patch)


def asked_rasters(job: Job) -> dict[Kind, str]:
    """Name the rasters that a job asks for.

    Parameters
    ----------
    job
        Names their files.

    Returns
    -------
    dict
        The path of each, by its name.
    """
    names: tuple[Kind, ...] = ("classes", "confidence", *SCORE_MAPS)
    return {name: path for name in names if (path := getattr(job, name))}


@contextmanager
def raster_paths(job: Job, planes: Planes) -> Iterator[Paths]:
    """Choose where the rasters of a map are written; those not asked for go when the block ends.

    Parameters
    ----------
    job
        What is asked for. For polygons that are traced from classes and confidence both are made,
        in a hidden folder beside them; for objects the depth as well.
    planes
        What the map's pieces hold.

    Yields
    ------
    Paths
        Of all rasters.
    """
    asked = asked_rasters(job)
    needed: list[Kind] = ["classes", "confidence"]
    if planes.fields:
        needed.append("depth")
    if not job.polygons or all(name in asked for name in needed):
        yield asked
        return
    with part_folder(Path(job.polygons)) as folder:
        yield {name: f"{folder}/{name}.tif" for name in needed} | asked


@dataclass(slots=True)
class Rasters:
    """The rasters of one map."""

    places: Mapping[Kind, slice]
    """Which planes are of which raster, and of the classes in any case."""
    sinks: Mapping[Kind, Sink]
    """What takes each of them."""
    tally: Tally | NumberTally
    """What is counted of it."""

    def write(self, patch: Patch) -> None:
        """Write a part of the map, each plane to its raster, and count the classes.

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
        for name, sink in self.sinks.items():
            data = from_planes(patch.data[self.places[name]], sink.dtype)
            sink.write(Patch(patch.window, data))
        self.tally.add(patch.data[self.places["classes"]])


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
    planes: Planes,
    paths: Paths,
    grid: Grid,
    region: Window,
    card: ModelCard,
    job: Job,
    tags: Mapping[str, str],
    replaced: frozenset[str] = frozenset(),
    places: Mapping[Kind, slice] | None = None,
) -> Iterator[Rasters]:
    """Create the rasters that have a path; they take their names when the block ends without an
    error.

    Parameters
    ----------
    planes
        Of the map's pieces.
    paths
        Of the rasters.
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
    places
        Which planes are of which raster in what is written; None as `planes` says.

    Yields
    ------
    Rasters
        What takes the map.

    Raises
    ------
    OutputError
        If one cannot be written.
    """
    how = job.options.outputs.compress
    sinks = {}
    with ExitStack() as opened:
        for name, path in paths.items():
            old = path in replaced
            what = name, how, planes.types[name], name in planes.by_class
            raster = create_raster(path, grid, region, card, tags, old, *what)
            sinks[name] = opened.enter_context(raster)
        tally = NumberTally(card.labels) if planes.numbers else Tally(card.labels, planes.several)
        yield Rasters(places or planes.places, sinks, tally)


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
    if not job.polygons:
        yield Polygons(asked_rasters(job))
        return
    zonal = run.means.over(run.written[1]) if run.means else None
    streams = tracing_of(job.options, run.card).streams and run.own is None
    streams = streams and task_of(job.options, run.card) == "semantic"
    if len(run.column_bands) == 1 and streams and not run.planes.several:
        with _traced_live(run, job.polygons, zonal) as polygons:
            yield polygons
        return
    with raster_paths(job, run.planes) as paths:
        polygons = Polygons(paths)
        yield polygons
        polygons.count = trace_rasters(
            run.planes,
            paths,
            job,
            run.card,
            run.report,
            zonal,
            job.polygons in run.replaced,
            _text(run),
            run.together,
        )


def _text(run: Run) -> str:
    return run.provenance.text() if run.provenance else ""


def trace_rasters(
    planes: Planes,
    paths: Paths,
    job: Job,
    card: ModelCard,
    report: Report,
    zonal: Zonal | None,
    replace: bool,
    provenance: str,
    together: int = OUTPUT_VERTICES,
) -> int:
    """Trace the polygons of a map from its rasters: of its classes, or of the objects in it.

    Parameters
    ----------
    planes
        Of the map.
    paths
        Of its rasters.
    job
        Names the file of polygons, and says how they are made.
    card
        Names, colours and marks of the classes.
    report
        Told how far each step is.
    zonal
        Bands whose means become columns.
    replace
        Whether a file that exists is replaced.
    provenance
        What the file says of how it was made.
    together
        See `vectorize.trace`.

    Returns
    -------
    int
        How many there are.

    Raises
    ------
    GeosegError
        See `vectorize.trace`.
    """
    follow = trace_several if planes.several else trace
    layer = job.layer or ""
    target = str(job.polygons)
    if (task := task_of(job.options, card)) != "semantic":
        how = card, job.options, report, replace, layer, provenance
        return write_polygons(task, paths, target, *how)
    both = paths["classes"], paths["confidence"]
    return follow(
        *both, target, card, job.options, report, zonal, replace, layer, provenance, together
    )


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
            return draw(
                live,
                path,
                run.card,
                tracing,
                told.append,
                zonal,
                layer,
                _text(run),
                run.together,
            )

    with staged_output(Path(target), target in run.replaced, bool(layer)) as path:
        with background_consumer(work) as feed:
            polygons = Polygons(asked_rasters(job), feed)
            yield polygons
        polygons.count = feed.results[0]
    for event in told:
        if not isinstance(event, Progress) or event.done == event.total:
            run.report(event)
