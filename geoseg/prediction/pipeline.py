"""The whole of segmentation, in order: read, infer, stitch, classify; write and trace at the
same time.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from ..core.card import NODATA, ModelCard
from ..core.errors import InputError
from ..core.events import Finished, Noted, Recorder, Report, Summary, Warned, bound, silent, watch
from ..core.grid import Patch, Tiling, Window
from ..core.job import Job
from ..core.options import Options
from ..core.threads import Wait, prefetch, write_in_background
from ..core.tiling import WIDEST, ColumnBand, choose_tiling, column_bands
from ..features.aoi import Aoi, load_aoi
from ..models import Bundle, find_model, list_models
from ..models.protocol import Model
from ..raster.input_files import check_outputs
from ..scene.describe import describe
from ..scene.source import Source, open_raster
from ..scene.values import Areas, constant_warning
from ..vector.vectorize import built
from ..vector.writers.layer import check_crs
from ..vector.zonal import open_means
from .agreement import ComputeInfo, choose_engine, sample_windows
from .choose import choose
from .infer import batch_on, infer
from .outputs import Outputs, create_outputs, create_polygons, improbable
from .stitch import SeamBuffer, classify, stitch, strips

SUMS_BUDGET = 64 << 20  # bytes of open sums; a wider scene is cut into parts of fewer columns


def segment(job: Job, report: Report = silent) -> Summary:
    """Segment one scene: read, infer, stitch, classify, write; and trace the polygons.

    Every output of the job is whole and in its place when this returns. Raises a
    GeosegError that says what was found, what was expected and what to do.
    """
    begun = time.monotonic()
    report = Recorder(report)
    bundle = pick_model(job, report)
    replaced = look_at_outputs(job, bundle)
    if job.options.outputs.square:
        built(bundle.card)  # or it is refused, before anything runs
    with (
        open_raster(job.scene, bundle.card, job.options) as source,
        open_means(source, job.options.outputs.zonal if job.polygons else None) as means,
    ):
        if job.polygons:
            check_crs(Path(job.polygons), source.grid.crs)
        tell(source, report)
        run = prepare(job.options, bundle, source, report, job.region)
        times = Times(begun, time.monotonic())
        narrow = len(run.column_bands) == 1
        with (
            create_polygons(
                job, run.card, source.grid, run.region, means, narrow, report, replaced
            ) as polygons,
            create_outputs(
                polygons.rasters, source.grid, run.region, bundle, job, run.tags, replaced
            ) as outputs,
            closing(
                predict_pieces(run)
            ) as made,  # whatever fails, nothing reads the scene any more when it is closed
        ):
            pieces = watch(
                made,
                lambda piece: piece.window.area,
                run.region.area,
                report,
                "segment",
                run.model.device,
            )
            write_in_background(
                outputs.write, polygons.fed(strips(pieces), times.behind), wait=times.behind
            )
            times.computed = time.monotonic()
    summary = summarise(job, bundle, run, outputs, polygons.count, times, report)
    report(Finished(summary))
    return summary


def look_at_outputs(job: Job, bundle: Bundle) -> frozenset[str]:
    """Return the outputs that may be replaced; OutputError where one is an input, or exists and
    may not.
    """
    inputs = (*job.scene, job.options.reading.aoi, str(bundle.path))
    return check_outputs(job.outputs, inputs, job.options.outputs.overwrite, job.layer)


@dataclass(slots=True)
class Times:
    """When a run began, when its first pixel was asked for, when the last was computed; and how
    long it was held up.
    """

    begun: float
    started: float
    computed: float = 0.0
    behind: Wait = field(default_factory=Wait)

    def shares(self, reading: Wait, ended: float) -> dict[str, Any]:
        """Return the time fields of the summary of a run that has just ended."""
        seconds = max(ended - self.begun, 1e-9)
        behind = self.behind.seconds + ended - self.computed
        shares = {"started": self.started - self.begun, "waited": reading.seconds, "behind": behind}
        shares = {name: share / seconds for name, share in shares.items()}
        return {"seconds": seconds, **shares, "bound": bound(**shares)}


@dataclass(frozen=True, slots=True)
class Run:
    """What the stages of one run share: the opened scene, the loaded model, and the tiles
    between them.
    """

    card: ModelCard
    options: Options
    source: Source
    model: Model
    tiling: Tiling
    area: Aoi | None
    region: Window  # the pixels that are mapped
    wait: Wait
    computed: ComputeInfo = field(default_factory=ComputeInfo)
    areas: Areas = field(
        default_factory=Areas
    )  # that hold nothing but a constant, as far as they are read

    @property
    def column_bands(self) -> list[ColumnBand]:
        """The region, cut into columns where it is too wide to be stitched in one go."""
        width = SUMS_BUDGET // (4 * len(self.card.labels) * max(1, self.tiling.overlap))
        return column_bands(self.region, self.tiling, min(width, WIDEST))

    @property
    def tags(self) -> dict[str, str]:
        """What of the map depends on the machine: the windows, and what computed them."""
        tile = self.tiling.tile
        overlap = self.tiling.overlap
        return {"geoseg_windows": f"{tile} px, overlap {overlap} px", **self.computed.tags}


def prepare(
    options: Options,
    bundle: Bundle,
    source: Source,
    report: Report,
    region: tuple[int, ...] | None = None,
) -> Run:
    """Check what can be checked without the network, then load it: torch comes last, for it
    takes a second.
    """
    tiling = choose_tiling(source.grid, bundle.card, options)
    area = load_aoi(options.reading.aoi, source.grid) if options.reading.aoi else None
    if area:
        report(Noted(area.note))
    window = mapped(tiling.extent, area, region)
    windows = partial(sample_windows, source.read, tiling, bundle.card)
    model, computed = choose_engine(bundle, source.scaling, options, windows, report)
    return Run(bundle.card, options, source, model, tiling, area, window, Wait(), computed)


def mapped(extent: Window, area: Aoi | None, region: tuple[int, ...] | None) -> Window:
    """Return the pixels to map: those of the region around the area of interest, where either is
    given.
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


def predict_pieces(run: Run) -> Generator[Patch, None, None]:
    """Yield classes and confidence of the region, uint8 [2, row, column], piece by piece."""
    with SeamBuffer() as border:
        for part in run.column_bands:
            yield from band_pieces(run, part, border)


def band_pieces(run: Run, part: ColumnBand, border: SeamBuffer) -> Iterator[Patch]:
    """Yield classes and confidence of one part, from top to bottom."""
    batch = run.options.tiles.batch or batch_on(run.model.device)
    tiles = (tile for tile in part.tiles(run.tiling) if run.area is None or run.area.touches(tile))
    labels = len(run.card.labels)
    model = run.model
    with (
        closing(
            prefetch(
                run.source.read,
                tiles,
                run.options.compute.read_threads,
                run.options.compute.read_threads + batch,
            )
        ) as pixels,
        closing(infer(model, noticed(run.wait(pixels), run.areas), batch)) as scores,
    ):
        for piece in stitch(
            scores, run.tiling, part, labels, border, model.asarray, model.to_uint8
        ):
            yield classify(piece, run.card, run.area.mask(piece.window) if run.area else None)


def noticed(patches: Iterator[Patch], areas: Areas) -> Iterator[Patch]:
    """Yield the patches, and count in them what nothing was measured in."""
    for patch in patches:
        areas.add(patch)
        yield patch


def pick_model(job: Job, report: Report) -> Bundle:
    """Return the model that the job names; for auto, the one that fits the scene, and say why."""
    if job.model != "auto":
        return find_model(job.model)
    bundles = {bundle.card.name: bundle for bundle in list_models()}
    card, reason = choose(
        describe(job.scene), [bundle.card for bundle in bundles.values()], job.options
    )
    report(Noted(f"model {card.name}: {reason}"))
    return bundles[card.name]


def tell(source: Source, report: Report) -> None:
    """Pass on what was found out about the scene."""
    for text in source.notes:
        report(Noted(text))
    for text in source.warnings:
        report(Warned(text))


def summarise(
    job: Job,
    bundle: Bundle,
    run: Run,
    outputs: Outputs,
    polygons: int | None,
    times: Times,
    report: Recorder,
) -> Summary:
    """Return what the run made, and warn where it made nothing."""
    mapped = int(outputs.counts[:NODATA].sum())
    if not mapped:
        report(Warned("no pixel of the scene is valid: the map is empty"))
    for value, share in run.areas.shares.items():
        if value not in run.source.constants:  # else it was said before the run
            report(Warned(constant_warning(value, share)))
    if text := improbable(outputs.shares(bundle.card), bundle.card):
        report(Warned(text))
    return Summary(
        outputs=job.outputs,
        model=bundle.card.name,
        model_sha256=bundle.sha256,
        device=run.model.device,
        pixels=mapped,
        nodata_pixels=int(outputs.counts[NODATA]),
        polygons=polygons,
        shares=outputs.shares(bundle.card),
        warnings=tuple(report.warnings),
        engine=run.computed.engine,
        precision=run.computed.precision,
        agreement=run.computed.agreement,
        **times.shares(run.wait, time.monotonic()),
    )
