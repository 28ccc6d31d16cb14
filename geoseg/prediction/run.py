"""What one run works with, opened and checked before any pixel is mapped: scene, model, tiling."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..core.card import ModelCard
from ..core.embedding import SQUARE
from ..core.errors import InputError, ModelError
from ..core.events import Noted, Recorder, Report, Warned, silent
from ..core.grid import Grid, Patch, Tiling, Window
from ..core.job import Job
from ..core.options import Options
from ..core.provenance import Provenance
from ..core.threads import crew_of
from ..core.tiling import WIDEST, ColumnBand, column_bands
from ..features.aoi import Aoi, load_aoi
from ..models import Bundle, list_models
from ..models.embedding import judge_features
from ..models.ensemble import Combined, combine, find_models, members_of
from ..models.protocol import Model
from ..raster.handles import CACHE_LIMIT, cache_limit
from ..raster.input_files import check_outputs
from ..raster.provenance import checked_inputs, versions
from ..scene.describe import SceneInfo
from ..scene.fit import Fit, say_more
from ..scene.item_metadata import options_of
from ..scene.masks import check_mask
from ..scene.mosaic import describe_for, mosaic_files
from ..scene.products import choose_granule, files_read
from ..scene.source import Source
from ..scene.values import Areas
from ..vector.trace.tracer import OUTPUT_VERTICES
from ..vector.vectorize import building_values
from ..vector.writers.geopackage import class_layers
from ..vector.writers.layer import check_crs
from ..vector.zonal import Means, find_band, open_means
from .agreement import ComputeInfo, Loaded, choose_engine, load_ahead, sample_windows
from .choose import choose
from .class_sets import check_sets
from .clock import Clock
from .infer import TakesFeatures, batch_on
from .joint import fit_all, open_for, pixels_for, scaled_for
from .masked import Masked, mask_text, open_masked
from .memory_plan import MemoryPlan
from .memory_work import plan_tiling, tell_of_plan
from .novelty import NoveltyMap
from .planes import Planes
from .provenance import decisions, files_of_scene, models_used, plain_options, scene_named
from .score_maps import check_scores, planes_of
from .stac_scene import item_note, names_item, read_scene
from .warm import compile_ahead

FEW = 4  # windows whose features are looked at before a run
SUMS_BUDGET = 64 << 20  # bytes of open sums, without a plan; a wider scene is cut into bands


@dataclass(frozen=True, slots=True)
class OwnGrid:
    """The grid of a scene that was resampled, to which its map goes back."""

    grid: Grid
    """Of the scene."""
    region: Window
    """Its pixels that are written."""
    area: Aoi | None
    """The area of interest on it; None is everywhere."""


@dataclass(frozen=True, slots=True)
class Run:
    """What the stages of one run share: the open scene, the loaded model, the tiles between
    them.
    """

    job: Job
    """What is mapped, by what, and where the results go."""
    bundle: Bundle
    """The model on disk."""
    source: Source
    """The open scene."""
    tiling: Tiling
    """The tiles over the whole scene."""
    area: Aoi | None
    """The area of interest; None is everywhere."""
    region: Window
    """The pixels that are mapped."""
    model: Model
    """The loaded model."""
    computed: ComputeInfo
    """What computes, and how precisely."""
    report: Recorder
    """Takes the events, and keeps the warnings."""
    means: Means | None = None
    """The bands whose means become columns of the polygons."""
    replaced: frozenset[str] = frozenset()
    """The outputs that may be replaced."""
    clock: Clock = field(default_factory=Clock)
    """How long all takes."""
    constants: Areas = field(default_factory=Areas)
    """What holds nothing but one value, as far as the scene is read."""
    masked: Masked | None = None
    """What is left out by the product's own mask; None where nothing is."""
    novelty: NoveltyMap | None = None
    """How unlike what the model knows it is, as far as it is read; None where nobody asks."""
    planes: Planes = field(default_factory=Planes)
    """What the planes of the map's pieces hold."""
    own: OwnGrid | None = None
    """Where the map goes back to the scene's own grid from another one."""
    provenance: Provenance | None = None
    """What the outputs say of how they were made; None where nobody asks."""
    plan: MemoryPlan | None = None
    """What it takes of the memory; None where a GPU computes."""

    @property
    def written(self) -> tuple[Grid, Window]:
        """The grid on which the outputs lie, and the pixels of it that they hold."""
        return (self.own.grid, self.own.region) if self.own else (self.source.grid, self.region)

    @property
    def card(self) -> ModelCard:
        """What the model expects and what its scores mean."""
        return self.bundle.card

    @property
    def options(self) -> Options:
        """How the job is to be done."""
        return self.job.options

    @property
    def batch(self) -> int:
        """How many tiles go through the network at once."""
        return self.options.tiles.batch or batch_on(self.model.device)

    @property
    def depth(self) -> int:
        """How many tiles of pixels are read, or wait to be computed, at a time."""
        return self.plan.depth if self.plan else self.options.compute.read_threads + self.batch

    @property
    def together(self) -> int:
        """Vertices of polygons that go from thread to thread at once."""
        return self.plan.together if self.plan else OUTPUT_VERTICES

    @property
    def column_bands(self) -> list[ColumnBand]:
        """The region, cut into columns where it is too wide to be stitched in one go."""
        if self.plan:
            return column_bands(self.region, self.tiling, min(self.plan.band, WIDEST))
        width = SUMS_BUDGET // (4 * self.card.planes * max(1, self.tiling.overlap))
        return column_bands(self.region, self.tiling, min(width, WIDEST))

    @property
    def tags(self) -> dict[str, str]:
        """What of the map depends on the machine: the tiles, and what computed them."""
        tile = self.tiling.tile
        overlap = self.tiling.overlap
        tags = {"geoseg_windows": f"{tile} px, overlap {overlap} px", **self.computed.tags}
        tags |= self.bundle.tags if isinstance(self.bundle, Combined) else {}
        masked = mask_text(self.source.info, self.options)
        return tags | ({"geoseg_mask": masked} if masked else {})

    def tiles(self, band: ColumnBand) -> Iterator[Window]:
        """List the tiles of a column band in which there is something to map.

        Parameters
        ----------
        band
            One of `column_bands`.

        Returns
        -------
        Iterator
            Windows of the scene, row by row.
        """
        tiles = band.tiles(self.tiling)
        return (tile for tile in tiles if self.area is None or self.area.touches(tile))

    def watched(self, patches: Iterable[Patch]) -> Iterator[Patch]:
        """Pass patches on; count how long they are waited for, and what in them is constant.

        Parameters
        ----------
        patches
            Pixels, as they are read.

        Yields
        ------
        Patch
            The same patches.
        """
        for patch in self.clock.reading(patches):
            self.constants.add(patch)
            if self.novelty:
                self.novelty.add(patch)
            yield patch

    @property
    def takes(self) -> TakesFeatures | None:
        """What wants the network's features of each tile; None where nobody does."""
        return self.novelty.add_features if self.novelty else None

    def inside(self, piece: Patch) -> npt.NDArray[np.bool_] | None:
        """Find what of a piece is mapped: the area of interest, without what is masked.

        Parameters
        ----------
        piece
            A piece of the map, each of which comes once: what is masked of it is counted.

        Returns
        -------
        ndarray or None
            Where it is, bool [row, column]; None is everywhere.
        """
        area = self.area.mask(piece.window) if self.area else None
        return self.masked.clear(piece, area) if self.masked else area


@contextmanager
def open_run(job: Job | Run, report: Report = silent) -> Iterator[Run]:
    """Check a job and open all that it needs; the network comes last, for it takes a second.

    Parameters
    ----------
    job
        What is to be done; a run that is open already is handed on.
    report
        Takes the events.

    Yields
    ------
    Run
        Its files are closed when the block ends.

    Raises
    ------
    InputError
        If scene, area of interest or options are not what they should be. ModelError, if the model
        cannot be loaded, or does not fit the scene; OutputError, if an output is an input, or
        exists and may not be replaced.
    """
    if isinstance(job, Run):
        yield job
        return
    clock = Clock()
    report = Recorder(report)
    asked = job
    job = with_files(job, report)
    compile_ahead(job)
    bundle, fits = pick_model(job, report)
    check_scores(job, bundle)
    planes = planes_of(job, bundle.card)
    if job.options.outputs.calibration:
        check_sets(job.options, bundle)
    replaced = check_targets(job, bundle)
    if job.options.outputs.square:
        building_values(bundle.card)  # or it is refused, before anything runs
    fits = fits or fit_scene(job, bundle, report)
    found = fits[0]
    own = _own_grid(job, found)
    area = _area(job, found.grid, found.info, found.map_grid is not None)
    mapped = area.window if area else None
    plan, tiling = plan_tiling(job, bundle, fits, mapped, planes)
    if plan:
        tell_of_plan(plan, tiling.tile, report)
    zonal = job.options.outputs.zonal if job.polygons else None
    with crew_of(1, "geoseg-load") as crew:  # while the scene's values are looked at
        bands, dtype = pixels_for(fits, job.options)
        most = plan.side_by_side if plan else None
        pixels = bands, np.dtype(dtype)
        ahead = scaled_for(bundle, fits), found.scaling, job.options, tiling, pixels, most
        loading = crew.submit(load_ahead, *ahead)
        opened, bundle = open_for(fits, bundle, job.options, tiling.tile, mapped)
        with ExitStack() as unless_loaded:
            unless_loaded.enter_context(opened)
            loaded = loading.result()
            unless_loaded.pop_all()
    with (
        cache_limit(plan.cache if plan else CACHE_LIMIT),
        opened as source,
        open_means(source, zonal, resampled=not own) as means,
        open_masked(source.info, source.grid, job.options) as masked,
    ):
        if job.polygons:
            check_crs(Path(job.polygons), (own.grid if own else source.grid).crs)
        files = files_read_by(asked, job, source, zonal)
        with crew_of(1, "geoseg-digest") as crew:  # while the network is loaded
            digests = crew.submit(checked_inputs, files, ("scene",) if asked.in_memory else ())
            run = load_run(job, bundle, source, tiling, report, plan, loaded)
            inputs = digests.result()
        provenance = Provenance(
            "predict",
            scene_named(asked, job),
            inputs,
            models_used(bundle, asked.model),
            plain_options(asked.options),
            decisions(run.computed, tiling, run.model.device, mask_text(source.info, job.options)),
            versions(run.computed.engine),
            asked.region,
        )
        if text := mask_text(source.info, job.options):
            report(Noted(f"masked: {text}"))
        yield replace(
            run,
            means=means,
            replaced=replaced,
            clock=clock,
            masked=masked,
            own=own,
            planes=planes,
            provenance=provenance,
        )


def files_read_by(
    asked: Job, job: Job, source: Source, zonal: Sequence[str | int] | None
) -> list[tuple[str, str]]:
    """List the files that a run reads.

    Parameters
    ----------
    asked
        The job as the user gave it.
    job
        The same, of rasters.
    source
        The open scene.
    zonal
        Further bands that are read; None is none.

    Returns
    -------
    list
        As `provenance.files_of_scene` gives them.
    """
    more = [find_band(source.info, band) for band in zonal or ()]
    return files_of_scene(job, asked, source.info, [*source.indices, *more])


def _area(job: Job, grid: Grid, info: SceneInfo, resampled: bool) -> Aoi | None:
    """The area of interest on the grid of the map. Where the map goes back to the scene's own grid
    it is cut there, and here a pixel wider: what of it is wanted lies in pixels around its edge.
    """
    if not job.options.reading.aoi:
        return None
    area = load_aoi(job.options.reading.aoi, grid, info.grid.crs)
    back = resampled and job.options.outputs.on == "scene"
    return area.widened(grid.extent) if back else area


def _own_grid(job: Job, found: Fit) -> OwnGrid | None:
    """The scene's own grid, and the part of it to map, where a map is to go back there."""
    if job.options.outputs.on != "scene" or found.map_grid is None:
        return None
    if points := next((layer.points for layer in found.match.layers if layer.points), None):
        raise InputError(
            f"--on scene, and the scene is placed by {points.kind} only",
            "a scene that lies on a grid of its own",
            "leave --on scene out",
        )
    if job.region is not None:
        raise InputError("--on scene with regions of a scene", "one of the two")
    grid = found.info.grid
    aoi = job.options.reading.aoi
    area = load_aoi(aoi, grid) if aoi else None
    return OwnGrid(grid, area.window if area else grid.extent, area)


def with_files(job: Job, report: Report) -> Job:
    """Put the files of a STAC item in its place, and what it says of them into the options; of a
    mosaic find the files, once for the whole run.

    Parameters
    ----------
    job
        What is to be mapped; one of a single scene's files is handed back.
    report
        Takes what of the item is read.

    Returns
    -------
    Job
        Of rasters.

    Raises
    ------
    ModelError
        If there is no such model. InputError, if the item cannot be read, or its scene not mapped.
    """
    if not names_item(job.scene):
        mosaic = job.options.reading.mosaic
        return replace(job, scene=mosaic_files(job.scene)) if mosaic else job
    bundles = list_models() if job.model == "auto" else [find_models(job.model, job.options)]
    cards = [bundle.card for bundle in bundles]
    scene = read_scene(job.scene[0], cards, job.options)
    report(Noted(item_note(scene)))
    return replace(job, scene=scene.paths, options=options_of(job.options, scene.item_metadata))


def pick_model(job: Job, report: Report) -> tuple[Bundle, tuple[Fit, ...] | None]:
    """Find the model that a job names; for auto, choose the one that fits the scene, and say why.

    Parameters
    ----------
    job
        What is to be mapped, and by what.
    report
        Takes the reason.

    Returns
    -------
    tuple
        The model, and how the scene feeds it, as of `fit_scene`; None where the scene was not
        looked at, because the model is named.

    Raises
    ------
    ModelError
        If there is no such model, or not one that fits. InputError, if the scene cannot be read.
    """
    if job.model != "auto":
        return find_models(job.model, job.options), None
    bundles = {bundle.card.name: bundle for bundle in list_models()}
    cards = [bundle.card for bundle in bundles.values()]
    info = _describe(job)
    with _telling_more(info, cards, job, report):
        choice = choose(info, cards, job.options)
    report(Noted(f"model {choice.card.name}: {choice.reason}"))
    return combine([bundles[choice.card.name]], job.options), (choice.fit,)


def fit_scene(job: Job, bundle: Bundle, report: Report = silent) -> tuple[Fit, ...]:
    """Describe the scene of a job, and find how it feeds a model, or each of several.

    Parameters
    ----------
    job
        Names the files, and how they are read.
    bundle
        The model, or several as one.
    report
        Takes what keeps the model from the scene beside the error.

    Returns
    -------
    tuple
        As of `fit_all`.

    Raises
    ------
    InputError
        If the scene cannot be read. ModelError, if it does not fit.
    """
    info = _describe(job)
    with _telling_more(info, [one.card for one in members_of(bundle)], job, report):
        return fit_all(info, bundle, job.options)


def grid_of_map(job: Job) -> Grid:
    """Find on which grid the map of a job lies, from the headers of its scene.

    Parameters
    ----------
    job
        Names scene and model, and how the scene is read.

    Returns
    -------
    Grid
        Of the whole scene.

    Raises
    ------
    InputError
        If the scene cannot be read. ModelError, if it does not fit.
    """
    bundle, fits = pick_model(job, silent)
    found, *_ = fits or fit_scene(job, bundle)
    own = _own_grid(job, found)
    return own.grid if own else found.grid


@contextmanager
def _telling_more(
    info: SceneInfo, cards: Sequence[ModelCard], job: Job, report: Report
) -> Iterator[None]:
    """Tell all that keeps the models from a scene, where the block is refused for the first."""
    try:
        yield
    except ModelError:
        for text in info.notes:
            report(Noted(text))
        for text in (text for card in cards for text in say_more(info, card, job.options)):
            report(Noted(text))
        raise


def _describe(job: Job) -> SceneInfo:
    info = describe_for(job.scene, job.options.reading)
    for part in info.parts or (info,):
        check_mask(part.mask, part.product, job.options)
    return info


def check_targets(job: Job, bundle: Bundle) -> frozenset[str]:
    """Look at the outputs before anything is computed.

    Parameters
    ----------
    job
        Names the outputs, and says whether they may be replaced; as `with_files` gives it.
    bundle
        The model, which is an input as the scene and the area of interest are.

    Returns
    -------
    frozenset
        The outputs that may be replaced.

    Raises
    ------
    OutputError
        If one is an input, or exists and may not be replaced.
    """
    reading = job.options.reading
    scene = choose_granule(job.scene, reading.granule)
    models = (str(one.path) for one in members_of(bundle))
    classes = job.options.outputs.rename_classes
    sets = job.options.outputs.calibration
    inputs = (*files_read(scene), reading.aoi, classes, sets, *models)
    by_class = job.polygons and job.options.outputs.layers == "class"
    layers = class_layers(bundle.card) if by_class else None
    return check_outputs(job.outputs, inputs, job.options.outputs.overwrite, job.layer, layers)


def load_run(
    job: Job,
    bundle: Bundle,
    source: Source,
    tiling: Tiling,
    report: Report,
    plan: MemoryPlan | None = None,
    loaded: Loaded | None = None,
) -> Run:
    """Tell what was found out about the scene, and load the model.

    Parameters
    ----------
    job
        Its options, area of interest and region.
    bundle
        The model on disk.
    source
        The open scene, which stays the caller's to close.
    tiling
        The tiles over it.
    report
        Takes the events.
    plan
        What it takes of the memory; None is as much as it likes.
    loaded
        The model, where it was loaded before; None is loaded here.

    Returns
    -------
    Run
        Without columns of means, and with no output that may be replaced.

    Raises
    ------
    InputError
        If the area of interest or the region do not fit the scene. ModelError, if the model cannot
        be loaded.
    """
    for text in source.notes:
        report(Noted(text))
    for text in source.warnings:
        report(Warned(text))
    area = _area(job, source.grid, source.info, source.resampled)
    if area:
        report(Noted(area.note))
    region = mapped_window(tiling.extent, area, job.region)
    novelty = NoveltyMap(tiling, region, bundle.card, source.scaling) if job.novelty else None
    model, computed = choose_engine(
        bundle, source.scaling, job.options, tiling, source.read, region.area, report, loaded
    )
    if plan:
        model.keep_to(plan.side_by_side)
    if novelty or job.options.reading.strict:
        _check_features(model, bundle.card, source, tiling, job.options, report)
    recorder = report if isinstance(report, Recorder) else Recorder(report)
    return Run(
        job,
        bundle,
        source,
        tiling,
        area,
        region,
        model,
        computed,
        recorder,
        novelty=novelty,
        plan=plan,
    )


def _check_features(
    model: Model,
    card: ModelCard,
    source: Source,
    tiling: Tiling,
    options: Options,
    report: Report,
) -> None:
    """Warn of a scene of which the network makes what it makes of nothing that it knows, or refuse
    it. A run that nobody asked for this pays nothing.
    """
    if card.embedding is None or not model.average_features(SQUARE):
        return
    side = tiling.tile if card.fixed_tile else min(tiling.tile, card.tile)
    patches = sample_windows(source.read, tiling, side, FEW, options.compute.read_threads)
    unlike = judge_features(model, patches, card, card.embedding)
    if unlike and options.reading.strict:
        raise unlike
    if unlike:
        report(Warned(str(unlike)))


def mapped_window(extent: Window, area: Aoi | None, region: tuple[int, ...] | None) -> Window:
    """Find the pixels to map.

    Parameters
    ----------
    extent
        All pixels of the scene.
    area
        The area of interest, if there is one.
    region
        Top, left, bottom and right of the part that is wanted, in pixels; None is all.

    Returns
    -------
    Window
        The region's pixels around the area of interest.

    Raises
    ------
    InputError
        If the region is not the scene's, or holds nothing of the area.
    """
    around = area.window if area else extent
    if region is None:
        return around
    wanted = Window(*region)
    if wanted.bottom > extent.bottom or wanted.right > extent.right:
        raise InputError(
            f"region {region}", f"pixels of the scene, which has {extent.shape} rows and columns"
        )
    if not wanted.intersects(around):
        raise InputError(f"region {region} holds nothing of the area of interest")
    return wanted.clip(around)
