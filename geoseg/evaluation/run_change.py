"""What `geoseg change` does, from names of files to a raster, polygons and a table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..core.errors import InputError
from ..core.events import Finished, Noted, Report, silent
from ..core.job import RASTER_SUFFIXES, VECTOR_SUFFIXES, check_layers, plan, split_layer
from ..core.options import Options
from ..core.provenance import TAG, Provenance
from ..raster.class_raster import open_maps
from ..raster.input_files import check_outputs
from ..raster.provenance import checked_inputs, versions
from ..report.page import Rows
from ..vector.clean.cleaning import Tracing
from ..vector.vectorize import write_polygons
from ..vector.writers.formats import writer
from .change import (
    Change,
    ChangeSettings,
    Transition,
    TwoMaps,
    check_many,
    measure_change,
    write_change,
)
from .text import percent, table

MOST_SHOWN = 20  # transitions that the terminal shows


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where the transitions go."""

    polygons: str | None = None
    """A vector file, or None."""
    raster: str | None = None
    """A GeoTIFF, or None."""
    layer: str | None = None
    """The name of the layer of polygons; None is the file's own."""


def read_outputs(out: str | None, raster: str | None) -> Outputs:
    """Tell from suffixes where polygons and raster go.

    Parameters
    ----------
    out
        A vector file, perhaps FILE.gpkg|layername=NAME, or a GeoTIFF; None for nowhere.
    raster
        A GeoTIFF beside polygons; None for nowhere.

    Returns
    -------
    Outputs
        Of known formats.

    Raises
    ------
    InputError
        If a suffix is of no format, or both are rasters.
    """
    if raster and Path(raster).suffix.lower() not in RASTER_SUFFIXES:
        raise InputError(
            f"--raster {raster}", f"a name that ends in {' or '.join(RASTER_SUFFIXES)}"
        )
    if out is None:
        return Outputs(raster=raster)
    name, layer = split_layer(out)
    suffix = Path(name).suffix.lower()
    if suffix in VECTOR_SUFFIXES:
        return Outputs(name, raster, layer)
    if suffix not in RASTER_SUFFIXES or layer:
        known = ", ".join(VECTOR_SUFFIXES + RASTER_SUFFIXES)
        raise InputError(f"--out {out}", f"a name that ends in one of {known}")
    if raster:
        raise InputError(
            f"--out {out} and --raster {raster} both name a raster",
            "one of them, or --out with the name of a vector file",
        )
    return Outputs(raster=name)


def run_change(
    before: str,
    after: str,
    report: Report = silent,
    *,
    out: str | None = None,
    raster: str | None = None,
    model: str | None = None,
    options: Mapping[str, Any] | None = None,
    settings: ChangeSettings | None = None,
    tracing: Tracing | None = None,
    unchanged: bool = False,
    overwrite: bool = False,
) -> Change:
    """Tell what became what between two class rasters, or two scenes that a model maps first.

    Parameters
    ----------
    before, after
        The earlier and the later one.
    report
        Called with each event.
    out
        Polygons or raster of the transitions, by its suffix; None for none.
    raster
        The raster beside polygons; None for none.
    model
        The files are scenes, which this model maps first; None where they are maps.
    options
        Of these runs, by the names that `geoseg.Options` has.
    settings
        How they are compared; None for the defaults.
    tracing
        How the raster becomes polygons; None is every component as it is.
    unchanged
        Whether there are polygons of what did not change as well; the raster always has it.
    overwrite
        Whether files that exist are replaced.

    Returns
    -------
    Change
        What is to be written is written.

    Raises
    ------
    InputError
        If what is given does not go together, or cannot be compared.
    OutputError
        If a file that is to be written exists, or is read.
    RunError
        If a file is damaged, or cannot be written.
    """
    to = read_outputs(out, raster)
    settings = settings or ChangeSettings()
    tracing = tracing or Tracing()
    if options and not model:
        raise InputError(
            f"--{next(iter(options))} without --model", "--model, where the files are scenes"
        )
    if to.polygons:
        writer(Path(to.polygons), tracing.layers)
        check_layers(tracing.layers, to.polygons, to.layer)
    read = [before, after, (options or {}).get("aoi"), model and str(Path(model))]
    by_class = () if tracing.layers == "class" else None
    outputs = (to.polygons, to.raster)
    replaced = check_outputs(outputs, read, overwrite, to.layer, by_class)
    with _mapped((before, after), model, options or {}, report) as (files, names):
        maps = TwoMaps(*files, settings, report)
        found = replace(measure_change(maps, report), before=names[0], after=names[1])
        if not any(outputs):
            return found
        check_many(found)
        told = _provenance(names, settings, tracing, model, options or {}, unchanged)
        with ExitStack() as stack:
            path = to.raster
            if path is None:
                folder = stack.enter_context(TemporaryDirectory(prefix="geoseg-"))
                path = f"{folder}/change.tif"
            write_change(maps, found, path, {TAG: told}, path in replaced, report)
            if to.polygons:
                count = _polygons(found, path, to, tracing, unchanged, replaced, told, report)
                report(Noted(f"{count} polygons in {to.polygons}"))
    return found


def _polygons(
    found: Change,
    raster: str,
    to: Outputs,
    tracing: Tracing,
    unchanged: bool,
    replaced: frozenset[str],
    told: str,
    report: Report,
) -> int:
    assert to.polygons is not None
    if not unchanged:
        kept = tuple(value for value, one in enumerate(found.transitions) if one.changed)
        tracing = replace(tracing, classes=kept)
    return write_polygons(
        open_maps(raster, None, report=report),
        Path(to.polygons),
        found.legend,
        tracing,
        report,
        None,
        to.polygons in replaced,
        to.layer or "",
        told,
        texts=found.columns,
    )


@contextmanager
def _mapped(
    files: tuple[str, str], model: str | None, options: Mapping[str, Any], report: Report
) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """Map both scenes first, where a model is named; give the maps, and what people call them."""
    if model is None:
        yield files, files
        return
    from ..prediction.pipeline import segment

    with TemporaryDirectory(prefix="geoseg-") as folder:
        made = f"{folder}/before.tif", f"{folder}/after.tif"
        for scene, path in zip(files, made, strict=True):
            report(Noted(f"mapping {scene}"))
            job = plan((scene,), path, model=model, raster=None, options=Options.of(**options))
            # its summary would be taken for the end of this command
            segment(job, lambda event: None if isinstance(event, Finished) else report(event))
        yield made, (f"{files[0]} mapped by {model}", f"{files[1]} mapped by {model}")


def _provenance(
    files: tuple[str, str],
    settings: ChangeSettings,
    tracing: Tracing,
    model: str | None,
    options: Mapping[str, Any],
    unchanged: bool,
) -> str:
    """How the transitions are made, as files hold it."""
    more = {"model": model, "unchanged": unchanged, **options}
    told = asdict(settings) | asdict(tracing) | more
    plain: dict[str, Any] = json.loads(json.dumps(told, default=str))
    here = [name.removesuffix(f" mapped by {model}") for name in files]
    inputs = checked_inputs([(path, "scene" if model else "classes") for path in here])
    return Provenance("change", tuple(here), inputs, (), plain, {}, versions()).text()


def to_json(found: Change) -> dict[str, Any]:
    """Return what was found as nested JSON.

    Parameters
    ----------
    found
        Of two maps.

    Returns
    -------
    dict
        Areas in square metres as `area_m2`, or in pixels as `area_px`.
    """
    unit = "area_m2" if found.metric else "area_px"
    return {
        "before": found.before,
        "after": found.after,
        "classes": list(found.names),
        unit: found.area,
        f"changed_{unit}": found.changed,
        "changed_share": found.changed / found.area if found.area else None,
        "unknown_before_px": found.unknown_before,
        "unknown_after_px": found.unknown_after,
        "pixels": found.matrix().tolist(),
        f"matrix_{unit}": found.areas().tolist(),
        "transitions": [
            {
                "value": value,
                "name": one.name,
                "before": one.before,
                "after": one.after,
                "pixels": one.pixels,
                unit: one.area,
            }
            for value, one in enumerate(found.transitions)
        ],
        "notes": list(found.notes),
    }


def describe(found: Change) -> list[str]:
    """Return what was found as lines of a terminal.

    Parameters
    ----------
    found
        Of two maps.

    Returns
    -------
    list of str
        How much changed, each class before and after, and the largest transitions.
    """
    unit = "ha" if found.metric else "pixels"
    total = found.area or 1.0
    lines = [
        f"{percent(found.changed / total)} changed: {_amount(found, found.changed)} of "
        f"{_amount(found, found.area)} {unit}",
    ]
    for pixels, which in ((found.unknown_before, "later"), (found.unknown_after, "earlier")):
        if pixels:
            lines.append(f"{pixels:,} pixels that only the {which} map knows do not count")
    areas = found.areas()
    rows: Rows = [("class", f"before, {unit}", f"after, {unit}", "lost", "gained", "net")]
    for i, name in enumerate(found.names):
        was, now, stayed = areas[i].sum(), areas[:, i].sum(), areas[i, i]
        numbers = (was, now, was - stayed, now - stayed)
        net = _amount(found, abs(now - was))
        rows.append(
            (name, *(_amount(found, x) for x in numbers), f"{'-' if now < was else '+'}{net}")
        )
    lines += ["", *table(rows)]
    changes = sorted((t for t in found.transitions if t.changed), key=_size, reverse=True)
    if changes:
        heads = ("transition", unit, "of all", "of the class before")
        shown: Rows = [heads]
        for one in changes[:MOST_SHOWN]:
            was = areas[found.names.index(one.before)].sum()
            shown.append(
                (
                    one.name,
                    _amount(found, one.area),
                    percent(one.area / total),
                    percent(one.area / was if was else None),
                )
            )
        lines += ["", *table(shown)]
        if len(changes) > MOST_SHOWN:
            lines.append(f"and {len(changes) - MOST_SHOWN} smaller ones")
    return lines


def _size(one: Transition) -> float:
    return one.area


def _amount(found: Change, area: float) -> str:
    return f"{area / 1e4:,.2f}" if found.metric else f"{area:,.0f}"
