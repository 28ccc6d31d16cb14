"""`geoseg dataset`: public data sets as labels to train on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from ..core.errors import InputError
from ..core.events import Noted, Warned
from .command import Command
from .report import reporting, run_options, say

if TYPE_CHECKING:
    from ..core.events import Report
    from ..datasets.convert import Converted

EXAMPLES = """\b
geoseg dataset coco/ --out work --classes "person,car" --rest other
geoseg dataset annotations/panoptic_val2017.json --images val2017/ --out work
geoseg dataset cityscapes/ --out work --map "rider=person" --map "sky="
geoseg dataset ADEChallengeData2016/ --out work
geoseg dataset fields/data.yaml --out work --rest background
geoseg train work/train.toml --gsd 1 --out my-model"""


@click.command(cls=Command, epilog=EXAMPLES)
@click.argument("source", metavar="FOLDER|FILE")
@click.option("--out", required=True, metavar="FOLDER", help="A new folder for the labels.")
@click.option(
    "--format",
    "format_",
    default="",
    metavar="NAME",
    help="coco, coco-panoptic, yolo, cityscapes, ade20k, ade20k-scene-parsing, oxford-pet or voc "
    "(default: the layout that it has).",
)
@click.option(
    "--images",
    metavar="FOLDER",
    help="Where COCO's pictures lie, if not where it has them.",
)
@click.option(
    "--classes", default="", metavar="NAME,...", help="The classes to learn; default: all."
)
@click.option(
    "--map",
    "names",
    multiple=True,
    metavar="THEIRS=OURS",
    help="What a class is called here; several of one name become one, nothing after = leaves it "
    "unlabelled; may be repeated.",
)
@click.option(
    "--rest",
    default="",
    metavar="NAME",
    help="A class for what is known to be none of these: other classes, and ground without objects "
    "where all objects are drawn; default: unlabelled.",
)
@click.option("--json", "as_json", is_flag=True, help="Say what was made as JSON.")
@run_options
def dataset(  # numpydoc ignore=PR01
    source: str,
    out: str,
    format_: str,
    images: str | None,
    classes: str,
    names: tuple[str, ...],
    rest: str,
    as_json: bool,
    quiet: bool,
    events: bool,
    cancel_on_eof: bool,
) -> None:
    """Make labels to train on of a public data set, in the layout that its makers gave it.

    The folder gets a class raster for each picture, a raster of object numbers where the data set
    tells objects apart, a table of samples, and a configuration of geoseg train.
    """
    with reporting(quiet, events, cancel_on_eof) as report:
        from ..datasets.convert import convert

        only = [name.strip() for name in classes.split(",") if name.strip()]
        found = convert(source, out, format_, images, only, _pairs(names), rest.strip(), report)
        if as_json and not events:
            click.echo(json.dumps(_facts(found), ensure_ascii=False, indent=1))
            return
        if not quiet:
            say(_table(found), report, events)
        _tell(found, out, report)


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in given:
        theirs, mark, ours = (part.strip() for part in text.partition("="))
        if not (mark and theirs):
            raise InputError(f"--map {text}", "THEIRS=OURS")
        if found.setdefault(theirs, ours) != ours:
            raise InputError(f"--map calls {theirs!r} both {found[theirs]!r} and {ours!r}", "one")
    return found


def _facts(found: Converted) -> dict[str, Any]:
    return {
        "format": found.kind,
        "pictures": found.pictures,
        "parts": dict(found.parts),
        "classes": [
            {"value": label.value, "name": label.name, "pixels": found.pixels[label.name]}
            for label in found.chosen.labels
        ],
        "unlabelled": found.unlabelled,
        "things": list(found.chosen.things),
        "objects": found.objects,
        "overlaps": found.overlaps,
        "skipped": dict(found.skipped),
    }


def _table(found: Converted) -> list[str]:
    from ..evaluation.text import table

    total = sum(found.pixels.values()) + found.unlabelled
    rows: list[tuple[str, ...]] = [("class", "value", "pixels", "share")]
    for label in found.chosen.labels:
        pixels = found.pixels[label.name]
        rows.append((label.name, str(label.value), f"{pixels:,}", f"{pixels / total:.2%}"))
    rows.append(("unlabelled", "", f"{found.unlabelled:,}", f"{found.unlabelled / total:.2%}"))
    return table(rows)


def _tell(found: Converted, out: str, report: Report) -> None:
    parts = ", ".join(f"{count:,} of {part}" for part, count in found.parts.items())
    objects = f", {found.objects:,} objects" if found.chosen.things else ""
    report(Noted(f"{found.kind}: {found.pictures:,} pictures ({parts}){objects}"))
    if found.overlaps:
        report(
            Warned(
                f"objects overlap on {found.overlaps:,} pixels; there, the smaller one counts, of "
                "two of one size the later in the file"
            )
        )
    for reason, count in found.skipped.items():
        report(Warned(f"left out: {count:,} {reason}"))
    empty = [name for name, pixels in found.pixels.items() if not pixels]
    if empty:
        report(Warned(f"no pixel is of {', '.join(empty)}"))
    if len(found.chosen.labels) == 1:
        report(
            Warned(
                "there is one class, and training takes two or more: name with --rest what all "
                "else is, where the data set tells it"
            )
        )
    things = ",".join(found.chosen.things)
    if found.objects:
        report(Noted(f'objects are told apart with: geoseg train ... --things "{things}"'))
    if found.are_placed:
        report(Noted(f"then: geoseg train {out}/train.toml --out MODEL"))
    else:
        report(
            Noted(
                f"then: geoseg train {out}/train.toml --gsd METRES --out MODEL; photographs have "
                "no metres: with --gsd 1 a pixel is the unit"
            )
        )
