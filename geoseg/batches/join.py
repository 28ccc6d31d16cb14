"""The maps of a scene's regions become the scene's: rasters by streaming, polygons by tracing
these.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from ..core.errors import RunError
from ..core.events import Report, Summary, Warned, watch
from ..core.grid import Grid, Window
from ..core.job import Job
from ..core.provenance import KIND_TAG, TAG, Provenance, read_provenance
from ..core.style import CLASSES_TAG, SEVERAL_TAG
from ..models import Bundle
from ..models.ensemble import members_of
from ..prediction.outputs import (
    Rasters,
    asked_rasters,
    create_rasters,
    map_tags,
    raster_paths,
    trace_rasters,
)
from ..prediction.planes import Planes
from ..prediction.run import check_targets, fit_scene, pick_model
from ..prediction.score_maps import planes_of
from ..prediction.summary import improbable
from ..raster.mosaic import Pieces, mosaic, tags_of
from ..scene.describe import SceneInfo
from ..scene.source import open_described
from ..vector.zonal import Zonal, open_means
from .ledger import Ledger
from .plan import Unit, job_of, part_name

OWN = (
    CLASSES_TAG,
    KIND_TAG,
    SEVERAL_TAG,
    "geoseg_model",
    "geoseg_model_sha256",
    "geoseg_version",
    TAG,
)  # every output has them


def join(ledger: Ledger, unit: Unit, job: Job, report: Report) -> Summary:
    """Write the outputs of a scene from those of its regions, to the bytes that one run over
    all of it gives.

    Parameters
    ----------
    ledger
        Holds the records of the regions, all of which are done.
    unit
        The scene, with its regions.
    job
        Where the outputs are written.
    report
        Called with progress and warnings.

    Returns
    -------
    Summary
        Of the whole scene; its seconds are those of all regions and of joining.

    Raises
    ------
    RunError
        If the regions were not computed alike.
    OutputError
        If an output cannot be written.
    """
    begun = time.monotonic()
    bundle, fits = pick_model(job, report)
    parts = _parts(ledger, unit)
    planes = planes_of(job, bundle.card)
    pieces = _pieces(parts, planes)
    tags, provenance = common_tags(pieces, bundle)
    found, *_ = fits or fit_scene(job, bundle)
    replaced = check_targets(job, bundle)
    polygons = None
    told = map_tags(bundle, provenance, tags)
    made_of = found.grid, _around(pieces), bundle.card, job, told, replaced
    with raster_paths(job, planes) as paths:
        places = planes.laid_out(asked_rasters(next(iter(parts.values()))))
        with create_rasters(planes, paths, *made_of, places) as outputs:
            _stream(pieces, found.grid, outputs, report)
        if job.polygons:
            with _means(job, bundle, found.info, _around(pieces)) as zonal:
                old = job.polygons in replaced
                text = provenance.text() if provenance else ""
                how = report, zonal, old, text
                polygons = trace_rasters(planes, paths, job, bundle.card, *how)
    summary = _summary(ledger, unit, job, bundle, outputs, polygons)
    if (text := improbable(summary.shares, bundle.card)) and text not in summary.warnings:
        report(Warned(text))
        summary = replace(summary, warnings=(*summary.warnings, text))
    return replace(summary, seconds=summary.seconds + time.monotonic() - begun)


@contextmanager
def _means(job: Job, bundle: Bundle, info: SceneInfo, region: Window) -> Iterator[Zonal | None]:
    """Open the bands of the scene whose means are wanted, if any are."""
    if not job.options.outputs.zonal:
        yield None
        return
    with (
        open_described(info, members_of(bundle)[0].card, job.options) as source,
        open_means(source, job.options.outputs.zonal) as means,
    ):
        yield means.over(region) if means else None


def _parts(ledger: Ledger, unit: Unit) -> dict[Window, Job]:
    """Say what was run for each region."""
    batch = ledger.batch
    found = {}
    for region in unit.regions:
        part = Unit(
            part_name(unit.name, region),
            unit.scene,
            region,
            tile=unit.tile,
            item_metadata=unit.item_metadata,
        )
        found[Window(*region)] = job_of(batch.folder, batch.recipe, part)
    return found


def _pieces(parts: Mapping[Window, Job], planes: Planes) -> Pieces:
    return {
        window: {path: planes.types[name] for name, path in asked_rasters(part).items()}
        for window, part in parts.items()
    }


def common_tags(pieces: Pieces, bundle: Bundle) -> tuple[dict[str, str], Provenance | None]:
    """Return what all parts say of how they were computed.

    Parameters
    ----------
    pieces
        Rasters by the region that they hold.
    bundle
        The model that they are to be of.

    Returns
    -------
    tuple
        Metadata of GeoTIFF without those that every output writes itself; and how the whole is
        made: as one run over all of it would say it. None where the parts do not say it.

    Raises
    ------
    RunError
        If the parts differ, or are of other weights: they are not one map.
    """
    tags: dict[str, str] = {}
    whole: Provenance | None = None
    first = ""
    for files in pieces.values():
        one = next(iter(files))
        found = tags_of(one)
        if not first:
            first = one
            tags = found
            whole = _of_part(found, first)
        differing = [
            key for key in sorted({*tags, *found} - {TAG}) if tags.get(key) != found.get(key)
        ]
        part = _of_part(found, one)
        if whole and part and part.inputs != whole.inputs:
            differing.append(TAG)
        if differing:
            texts = "; ".join(f"{key}: {tags.get(key)} and {found.get(key)}" for key in differing)
            raise RunError(
                f"{Path(first).name} and {Path(one).name} are not computed alike: {texts}",
                "one engine and precision on all machines",
                "set both with --engine and --precision, and map into another --out-dir",
            )
    if tags.get("geoseg_model_sha256") != bundle.sha256:
        raise RunError(
            f"the parts were not computed by the weights of {bundle.card.name} that are here"
        )
    return {key: value for key, value in tags.items() if key not in OWN}, whole


def _of_part(tags: Mapping[str, str], name: str) -> Provenance | None:
    """How a part was made, without the region that it is."""
    found = read_provenance(tags[TAG], name) if TAG in tags else None
    return replace(found, region=None) if found else None


def _around(pieces: Pieces) -> Window:
    first = min(pieces)
    last = max(pieces)
    return Window(first.top, first.left, last.bottom, last.right)


def _stream(pieces: Pieces, grid: Grid, outputs: Rasters, report: Report) -> None:
    total = grid.crop(_around(pieces)).extent.area
    for patch in watch(mosaic(pieces), lambda patch: patch.window.area, total, report, "join"):
        outputs.write(patch)


def _summary(
    ledger: Ledger, unit: Unit, job: Job, bundle: Bundle, outputs: Rasters, polygons: int | None
) -> Summary:
    records = [found for part in unit.parts if (found := ledger.success(part))]
    made: list[Mapping[str, Any]] = [record["summary"] for record in records]
    warnings = dict.fromkeys(
        text for summary in made for text in summary["warnings"] if "is empty" not in text
    )
    return Summary(
        outputs=job.outputs,
        model=bundle.card.name,
        model_sha256=bundle.sha256,
        device=", ".join(sorted({summary["device"] for summary in made})),
        seconds=sum(summary["seconds"] for summary in made),
        pixels=outputs.tally.pixels,
        nodata_pixels=outputs.tally.nodata,
        polygons=polygons,
        shares=outputs.tally.shares,
        numbers=outputs.tally.numbers,
        warnings=tuple(warnings),
        engine=made[0]["engine"],
        precision=made[0]["precision"],
        agreement=made[0]["agreement"],
        tta=made[0].get("tta", "none"),
        masked=made[0].get("masked", ""),
        masked_pixels=sum(summary.get("masked_pixels", 0) for summary in made),
    )


def drop_parts(ledger: Ledger, unit: Unit) -> None:
    """Remove the rasters of a scene's regions, with their side files: the whole is recorded,
    and holds all of them.

    Parameters
    ----------
    ledger
        In whose folder they lie.
    unit
        The scene, with its regions.
    """
    files = (asked_rasters(part).values() for part in _parts(ledger, unit).values())
    for path in map(Path, chain.from_iterable(files)):
        for beside in (path, path.with_suffix(".qml"), Path(f"{path}.aux.xml")):
            beside.unlink(missing_ok=True)
