"""`geoseg label`: workspaces of sparse labels."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..core.errors import InputError
from ..core.events import Noted, Warned
from .command import Command
from .parameters import Number
from .report import reporting, run_options, say

if TYPE_CHECKING:
    from ..core.events import Report
    from ..labelling.agreement import Pair

EXAMPLES = """\b
geoseg label scene.tif --classes "water,trees=#228833,built" --out work
geoseg label a.tif b.tif --classes landcover-rgb --start landcover-rgb --out work
geoseg label work
geoseg label work --import fields.gpkg --column crop --map "Weizen=wheat" --map "Weg="
geoseg label work --import cvat.zip --images chips/
geoseg label work --merge other-work
geoseg label work --export work.zip --with-scenes
geoseg label work.zip --out work"""


@click.command(cls=Command, epilog=EXAMPLES)
@click.argument("inputs", nargs=-1, required=True, metavar="SCENE...|FOLDER|ZIP")
@click.option(
    "--classes",
    metavar="NAMES|MODEL|FILE.toml",
    help='The classes of a new workspace: "water,trees=#228833", those of a model, or those of a '
    "configuration of geoseg train.",
)
@click.option("--out", metavar="FOLDER", help="The folder of a new workspace.")
@click.option("--start", metavar="NAME|FOLDER", help="The model that learning starts from.")
@click.option(
    "--scene",
    "moved",
    multiple=True,
    metavar="NAME=PATH",
    help="Where a scene of the workspace lies now; may be repeated.",
)
@click.option(
    "--import",
    "source",
    metavar="FILE",
    help="Add the labels of a file: GeoJSON, GeoPackage, FlatGeobuf or a shapefile; COCO; Label "
    "Studio's JSON; CVAT for images 1.1 (XML, or its zip).",
)
@click.option("--column", default="", help="The column of the file that holds the class.")
@click.option("--layer", default="", help="The layer of the file.")
@click.option(
    "--map",
    "names",
    multiple=True,
    metavar="THEIRS=OURS",
    help="What a class of the file is called here; nothing after = leaves it out; may be repeated.",
)
@click.option(
    "--images",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Where the chips lie that were drawn on (default: beside the file).",
)
@click.option(
    "--width", type=Number(min=0), metavar="METRES", help="Of lines and points that tell none."
)
@click.option("--author", metavar="NAME", help="Who drew what is added.")
@click.option(
    "--merge",
    "other",
    metavar="FOLDER|ZIP",
    help="Add the labels of another workspace, with their names and times, and write where people "
    "say different classes into disagreement.gpkg.",
)
@click.option(
    "--export",
    "target",
    type=click.Path(path_type=Path),
    metavar="FILE.zip",
    help="Write labels, model of the moment, history and suggestions for another desk.",
)
@click.option("--with-scenes", is_flag=True, help="With --export: the scenes as well.")
@click.option("--overwrite", is_flag=True, help="Replace the file of --export.")
@click.option("--json", "as_json", is_flag=True, help="Say what the workspace holds as JSON.")
@run_options
def label(  # numpydoc ignore=PR01
    inputs: tuple[str, ...],
    classes: str | None,
    out: str | None,
    start: str | None,
    moved: tuple[str, ...],
    source: str | None,
    column: str,
    layer: str,
    names: tuple[str, ...],
    images: Path | None,
    width: float | None,
    author: str | None,
    other: str | None,
    target: Path | None,
    with_scenes: bool,
    overwrite: bool,
    as_json: bool,
    quiet: bool,
    events: bool,
    cancel_on_eof: bool,
) -> None:
    """Make a workspace of scenes and classes, or say what one holds.

    A workspace is a folder; labels are drawn into its labels.gpkg, with QGIS or any other program,
    and geoseg learn learns from them.
    """
    with reporting(quiet, events, cancel_on_eof) as report:
        if out is not None or classes is not None:
            _make(inputs, classes, out, start, report)
            folder = str(out)
        else:
            folder = _one_folder(inputs)
            _refuse_beside("a workspace that is there", start=start)
        if moved:
            _move(folder, moved)
        named = _pairs(names, "--map")
        if source is None:
            _refuse_beside("no --import", column=column, layer=layer, images=images, width=width)
        else:
            how = {"column": column, "layer": layer, "images": images}
            _import(folder, source, named, author, width, report, **how)
        pairs: Sequence[Pair] = ()
        if other is not None:
            pairs = _merge(folder, other, named, author, report)
        elif source is None:
            _refuse_beside("neither --import nor --merge", map=names, author=author)
        if target is None:
            _refuse_beside("no --export", with_scenes=with_scenes, overwrite=overwrite)
        else:
            _export(folder, target, with_scenes, overwrite, report)
        _tell(folder, pairs, as_json, quiet, report, events)


def _make(
    inputs: tuple[str, ...],
    classes: str | None,
    out: str | None,
    start: str | None,
    report: Report,
) -> None:
    packed = len(inputs) == 1 and Path(inputs[0]).suffix.lower() == ".zip"
    if packed and classes is None and out is not None:
        _refuse_beside("a workspace in a zip", start=start)
        _unpack(inputs[0], out, report)
        return
    from ..labelling.classes import FORMS, read_class_list
    from ..labelling.workspace import create_workspace

    if out is None or classes is None:
        raise InputError(
            f"a new workspace without {'--out' if out is None else '--classes'}",
            "--out FOLDER" if out is None else f"--classes: {FORMS}",
        )
    create_workspace(out, inputs, read_class_list(classes), start)


def _unpack(source: str, out: str, report: Report) -> None:
    from ..labelling.carry import unpack_workspace

    made = unpack_workspace(Path(source), Path(out))
    for scene in made.scenes:
        if scene.missing:
            report(
                Warned(
                    f"the scene {scene.name} is not in {source}: say where it lies with "
                    f"geoseg label {out} --scene {scene.name}=PATH"
                )
            )


def _one_folder(inputs: tuple[str, ...]) -> str:
    if len(inputs) == 1:
        return inputs[0]
    raise InputError(
        f"{len(inputs)} folders of workspaces",
        "one; or scenes, with --classes and --out",
    )


def _refuse_beside(what: str, **options: object) -> None:
    """Refuse options that have no meaning there."""
    given = [f"--{name.replace('_', '-')}" for name, value in options.items() if value]
    if given:
        raise InputError(f"{', '.join(given)} with {what}", "none of them")


def _import(
    folder: str,
    source: str,
    names: dict[str, str],
    author: str | None,
    width: float | None,
    report: Report,
    **how: Any,
) -> None:
    from ..labelling.imports.run import Naming, import_labels
    from ..labelling.workspace import open_workspace

    found = import_labels(
        open_workspace(folder), source, Naming(names, author, width), report=report, **how
    )
    counts = ", ".join(f"{name} {count:,}" for name, count in found.labels.items())
    report(Noted(f"labels added from {source} ({found.kind}): {counts or 'none'}"))
    if found.known:
        report(Noted(f"left out: {found.known:,} that were there already, exactly so"))
    for reason, count in found.left_out.items():
        report(Warned(f"left out: {count:,} {reason}"))


def _merge(
    folder: str, other: str, names: dict[str, str], author: str | None, report: Report
) -> Sequence[Pair]:
    from ..labelling.merge import merge_labels
    from ..labelling.workspace import open_workspace

    found = merge_labels(open_workspace(folder), other, names, author, report)
    counts = ", ".join(f"{name} {count:,}" for name, count in found.labels.items())
    report(Noted(f"labels added from {other}: {counts or 'none'}"))
    if found.known:
        report(Noted(f"left out: {found.known:,} that were there already, exactly so"))
    for reason, count in found.left_out.items():
        report(Warned(f"left out: {count:,} {reason}"))
    report(
        Noted(
            f"people differ in {found.areas:,} areas: {Path(folder) / 'disagreement.gpkg'}"
            if found.areas
            else "nobody says another class than somebody else"
        )
    )
    return found.pairs


def _export(folder: str, target: Path, with_scenes: bool, overwrite: bool, report: Report) -> None:
    from ..labelling.carry import pack_workspace
    from ..labelling.workspace import open_workspace

    found = open_workspace(folder, scenes=with_scenes)
    without = pack_workspace(found, target, with_scenes, overwrite)
    size = target.stat().st_size / 1e6
    told = f"; not in it: the scenes {', '.join(without)} (--with-scenes)" if without else ""
    report(Noted(f"{target}: {size:,.1f} MB{told}"))


def _pairs(texts: tuple[str, ...], option: str) -> dict[str, str]:
    pairs = {}
    for text in texts:
        name, equals, value = text.rpartition("=")
        if not (name and equals):
            raise InputError(f"{option} {text!r}", 'two names with = between, such as "Wald=trees"')
        pairs[name] = value
    return pairs


def _move(folder: str, moved: tuple[str, ...]) -> None:
    from ..labelling.workspace import open_workspace, save_workspace

    places = {}
    for text in moved:
        name, equals, path = text.partition("=")
        if not (name and equals and path):
            raise InputError(f"--scene {text!r}", "NAME=PATH, such as north=/data/north.tif")
        places[name] = path
    save_workspace(open_workspace(folder, moved=places))


def _tell(
    folder: str, pairs: Sequence[Pair], as_json: bool, quiet: bool, report: Report, events: bool
) -> None:
    from ..labelling.summary import summarise
    from ..labelling.workspace import open_workspace

    found = summarise(open_workspace(folder, scenes=False))
    if as_json:
        if pairs:
            found["agreement"] = [_as_json(pair) for pair in pairs]
        say([json.dumps(found, ensure_ascii=False)], report, events)
    elif not quiet:
        say([*_lines(found), *_agreement(pairs)], report, events)


def _as_json(pair: Pair) -> dict[str, Any]:
    numbers = {"agreement": pair.agreement, "kappa": pair.kappa}
    plain = {name: None if math.isnan(value) else value for name, value in numbers.items()}
    return {"authors": list(pair.authors), "pixels": pair.pixels, **plain}


def _agreement(pairs: Sequence[Pair]) -> list[str]:
    from ..evaluation.text import percent, table

    rows: list[tuple[str, ...]] = [("who", "and who", "pixels of both", "agreement", "kappa")]
    rows += [
        (*pair.authors, f"{pair.pixels:,}", percent(pair.agreement), _number(pair.kappa))
        for pair in pairs
    ]
    return list(table(rows)) if pairs else []


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"


def _lines(found: dict[str, Any]) -> list[str]:
    from ..evaluation.text import table

    rows: list[tuple[str, ...]] = [("class", "value", "colour", "labels")]
    rows += [
        (one["name"], str(one["value"]), one["colour"], f"{one['labels']:,}")
        for one in found["classes"]
    ]
    scenes = [
        f"scene {one['name']}: {one['path']}" + (" (missing)" if one["missing"] else "")
        for one in found["scenes"]
    ]
    authors = [f"{name or '(no name)'} {count:,}" for name, count in found["authors"].items()]
    lines = [f"workspace {found['folder']}", *scenes, *table(rows)]
    if authors and found["authors"].keys() != {""}:
        lines.append(f"labels by author: {', '.join(authors)}")
    lines.append(f"labels are drawn into {Path(found['folder']) / 'labels.gpkg'}")
    if found["model"]:
        score = found["score"]
        told = f", mean IoU {score:.3f}" if isinstance(score, float) else ""
        lines.append(f"rounds {found['rounds']:,}, model of the moment {found['model']}{told}")
    return lines
