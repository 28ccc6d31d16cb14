"""`geoseg check`: what a scene is, which models fit it, and what would settle what does not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..core.errors import InputError
from ..core.options import Options
from .cards import table
from .command import Command
from .parameters import options
from .report import reporting, run_options, say

if TYPE_CHECKING:
    from ..prediction.check import ModelFit, SceneCheck

EXAMPLES = """\b
geoseg check scene.tif
geoseg check B02.jp2 B03.jp2 B04.jp2 B08.jp2 --model landcover-s2-rgbn
geoseg check scene.tif --json --quicklook scene.png"""


@click.command(cls=Command, epilog=EXAMPLES)
@click.argument("scene", nargs=-1, required=True)
@click.option(
    "--model",
    default="auto",
    show_default=True,
    metavar="NAME|FOLDER",
    help="Try this one alone: a name of `geoseg models list`, or a bundle's folder.",
)
@options(
    *("bands", "scale", "offset", "nodata", "mask", "mosaic", "granule"),
    *("gsd", "crs", "force", "strict"),
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print what was found for programs, as one object."
)
@click.option("--quicklook", metavar="FILE.png", help="Draw the scene as well.")
@click.option("--overwrite", is_flag=True, help="Replace a picture that exists.")
@run_options
def check(  # numpydoc ignore=PR01
    scene: tuple[str, ...],
    model: str,
    as_json: bool,
    quicklook: str | None,
    overwrite: bool,
    quiet: bool,
    events: bool,
    cancel_on_eof: bool,
    **chosen: Any,
) -> None:
    """Say what a scene is and which models fit it, without mapping it.

    SCENE is a raster, or several that hold the bands of one scene, as of `predict`. For
    each model: what fits, what does not, and what would settle it. The exit status is 0
    where a model fits, else that of `predict`.
    """
    with reporting(quiet, events, cancel_on_eof) as report:
        how = Options.of(**chosen)
        if quicklook:
            _check_picture(quicklook, scene, overwrite, how.reading.granule)
        from ..models import find_model, list_models
        from ..prediction.check import check_scene

        auto = model == "auto"
        bundles = list_models() if auto else [find_model(model)]
        found = check_scene(scene, [bundle.card for bundle in bundles], how, auto)
        if as_json and not events:
            click.echo(json.dumps(found.to_dict(), indent=1, ensure_ascii=False))
        elif not quiet:
            say([*scene_lines(found), *model_lines(found)], report, events)
        if quicklook:
            _draw(found, quicklook, overwrite)
        if found.error is not None:
            raise found.error


def _check_picture(
    picture: str, scene: tuple[str, ...], overwrite: bool, granule: str | None
) -> None:
    if Path(picture).suffix.lower() != ".png":
        raise InputError(f"--quicklook {picture}", "a name that ends in .png")
    from ..raster.input_files import check_outputs
    from ..scene.products import choose_granule, files_read

    check_outputs([picture], files_read(choose_granule(scene, granule)), overwrite)


def _draw(found: SceneCheck, picture: str, overwrite: bool) -> None:
    from ..core.atomic import atomic_output
    from ..scene.picture import scene_picture

    with atomic_output(Path(picture), overwrite) as part:
        part.write_bytes(scene_picture(found.scene)[0])


def scene_lines(found: SceneCheck) -> list[str]:
    """Return what the scene is, a line each.

    Parameters
    ----------
    found
        What was found.

    Returns
    -------
    list
        Its name, facts, and a table of its bands.
    """
    facts = found.to_dict()["scene"]
    rows = [(name, text) for name, text in _facts(found, facts) if text]
    width = max(len(name) for name, _ in rows)
    return [
        facts["files"][0] if len(facts["files"]) == 1 else f"{len(facts['files'])} files",
        *(f"  {name:{width}}  {text}" for name, text in rows),
        *(f"  {line}" for line in table([HEAD, *map(_band, facts["bands"])])),
    ]


HEAD = ("band", "is", "wavelength", "type", "nodata", "pixels", "called")


def _band(band: dict[str, Any]) -> tuple[str, ...]:
    name, common = band["name"], band["common_name"]
    return (
        str(band["number"]),
        "alpha" if band["colour"] == "alpha" else _named(name, common),
        f"{band['wavelength']} nm" if band["wavelength"] else "",
        band["dtype"],
        "" if band["nodata"] is None else f"{band['nodata']}".removesuffix(".0"),
        "" if band["pixel_size"] is None else f"{band['pixel_size']:.3g} m",
        " ".join((band["description"] or Path(band["file"]).name).split()),  # one line
    )


def _named(name: str | None, common: str | None) -> str:
    return " ".join(dict.fromkeys(filter(None, (name, common)))) or "not known"


def _facts(found: SceneCheck, facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    info = found.scene
    yield "product", facts["product"] or "not known"
    yield "sensor", facts["sensor"] or "not known"
    size = f"{facts['height']:,} x {facts['width']:,} px"
    if facts["pixel_size"]:
        high, wide = facts["pixel_size"]
        square = abs(high - wide) <= 0.01 * max(high, wide)
        size += f" of {wide:.3g} m" if square else f" of {high:.3g} x {wide:.3g} m"
    yield "size", f"{size} (rows x columns)"
    unplaced = next((layer.unplaced for layer in info.layers if layer.unplaced), "")
    yield (
        "CRS",
        _crs(facts["crs"])
        or (f"{unplaced}, but nothing places the pixels in it" if unplaced else "none"),
    )
    if facts["bbox"]:
        west, south, east, north = facts["bbox"]
        yield "lies in", f"longitude {west:.4f} to {east:.4f}, latitude {south:.4f} to {north:.4f}"
    notes = list(facts["notes"])
    if info.parts:
        yield "mosaic", notes.pop()  # what the product says of the first file comes before it
    yield "scaling", _scaling(facts, notes)
    if facts["clouds"] is not None:
        yield "clouds", f"{facts['clouds']:.3g} %, as the product says"
    if mask := facts["mask"]:
        share = "" if mask["masked"] is None else f"; {mask['masked']:.1%} of what was looked at"
        yield "mask", f"{', '.join(mask['tells'])}, by {mask['is']}{share}"
    if facts["valid"] is not None:
        yield "holds data", f"{facts['valid']:.1%} of what was looked at"
    for constant in facts["constants"]:
        yield (
            "constant",
            f"{constant['value']:g} in all bands of about {constant['share']:.1%}, not marked as "
            "nodata",
        )


def _crs(crs: str | None) -> str:
    """The CRS's code, else its name."""
    if crs is None or len(crs) < 40:
        return crs or ""
    return crs.split('"')[1] if '"' in crs else crs[:40]


def _scaling(facts: dict[str, Any], notes: Sequence[str]) -> str:
    if notes:
        return "; ".join(notes)
    headers = {(band["scale"], band["offset"]) for band in facts["bands"]}
    if headers == {(1.0, 0.0)}:
        return "neither file nor product says what the numbers mean"
    return "by the header: " + ", ".join(f"DN x {s:.7g} {o:+g}" for s, o in sorted(headers))


def model_lines(found: SceneCheck) -> list[str]:
    """Return for each model what fits and what does not, a line each.

    Parameters
    ----------
    found
        What was found.

    Returns
    -------
    list
        Its verdict, its findings, and what a run would warn of.
    """
    lines = [line for fit in found.models for line in _model(fit)]
    if not found.chosen:
        return lines
    takes = "would take" if found.chosen not in found.fitting else "takes"
    return [*lines, "", f"auto {takes} {found.chosen}: {found.reason}"]


def _model(fit: ModelFit) -> Iterator[str]:
    yield ""
    yield f"{fit.model}: {'fits' if fit.fits else 'does not fit'}"
    for found in fit.findings:
        if found.error is not None:
            yield f"  no   {found.aspect}: {found.error}"
        else:
            text = found.text.removeprefix("bands ")
            yield f"  yes  {found.aspect}{f': {text}' if text else ''}"
    yield from (f"  warning: {text}" for text in fit.warnings)
