"""`geoseg models add`, `check`, `remove` and `path`: networks of other programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..core.card import DTYPES, Label, ModelCard
from ..core.errors import InputError
from ..core.options import spoken
from .command import Command
from .parameters import Number, options, split_numbers
from .report import reporting

if TYPE_CHECKING:
    from ..models import Bundle
    from ..models.library import Offer
    from ..models.sources import Fact

MOST_METRES = 1e6
EXAMPLES = """\b
geoseg models add building.onnx --bands red,green,blue
geoseg models add clouds.onnx --card card.json
geoseg models add item.json --dtype uint16 --gsd 10"""


@click.command(cls=Command, epilog=EXAMPLES)
@click.argument("source")
@click.option("--name", metavar="NAME", help="What it is called from now on.")
@click.option(
    "--card",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A card (JSON) that says all of a network which says nothing itself.",
)
@click.option("--bands", metavar="NAMES", help="Its bands, such as red,green,blue or B02,B03.")
@click.option("--sensor", metavar="NAME", help="Of its scenes, such as Sentinel-2.")
@click.option(
    "--classes", metavar="NAMES", help="Its classes in their order, such as water=#419bdf,land."
)
@click.option("--gsd", metavar="METRES", help="The size of its pixels, such as 10 or 8-20.")
@click.option("--scale", metavar="FACTOR", help="Value = DN x FACTOR + offset.")
@click.option("--offset", metavar="NUMBER", help="Value = DN x scale + NUMBER.")
@click.option("--mean", metavar="NUMBERS", help="Taken off the values; one, or one a band.")
@click.option("--std", metavar="NUMBERS", help="What they are divided by; one, or one a band.")
@click.option("--unit", metavar="WORD", help="Of the values, such as reflectance.")
@click.option("--dtype", metavar="TYPES", help="Of the scenes' files, such as uint8.")
@click.option("--activation", type=click.Choice(("softmax", "sigmoid")), help="Of its scores.")
@click.option(
    "--result",
    type=click.Choice(("logits", "probabilities", "classes", "numbers")),
    help="What its output holds; numbers are mapped as they are (regression).",
)
@click.option(
    "--output-scale", metavar="FACTOR", help="With --result numbers: what they are multiplied by."
)
@click.option("--output-unit", metavar="WORD", help="Of such numbers, such as m.")
@click.option("--output", metavar="NAME", help="Which of several outputs is mapped.")
@click.option(
    "--threshold",
    type=Number(min=0, max=1, min_open=True, max_open=True),
    metavar="SHARE",
    help="Of a single score, above which a pixel is of the class.",
)
@click.option("--tile", type=Number(min=1, max=16384), metavar="PX", help="Pixels of a tile.")
@click.option("--overlap", type=Number(min=0, max=16383), metavar="PX", help="Of tiles.")
@click.option("--licence", metavar="SPDX", help="Under which its maker gives it.")
@click.option(
    "--trust",
    metavar="SHA256",
    help="Of a file that can hold code: you know who made it, and that it is this very one.",
)
@click.option("--overwrite", is_flag=True, help="Replace a model of that name.")
@click.option("--json", "as_json", is_flag=True, help="Print the same for programs, as one object.")
def add(  # numpydoc ignore=PR01
    source: str,
    name: str | None,
    card: Path | None,
    trust: str | None,
    overwrite: bool,
    as_json: bool,
    **told: Any,
) -> None:
    """Add a model that somebody else made to those that --model takes by name.

    SOURCE is a file, folder, address or hf://OWNER/NAME: a bundle of geoseg's, a STAC MLM item, an
    ONNX file, with Deepness' keys or without, TorchScript, a program of torch.export, a package of
    ArcGIS (.dlpk), or a folder of transformers or segmentation-models-pytorch. What it does not
    say for certain is asked for, and never guessed. What can hold code is refused, unless --trust
    names its digest.
    """
    from ..models.library import add as put
    from ..models.library import open_source

    with open_source(source, facts_of(told), card, trust or "") as offer:
        if not as_json:
            click.echo("\n".join(describe(offer)))
        is_told = "overlap" in offer.facts or not offer.facts  # a card says all
        bundle = put(offer, name, overwrite, partial(_fitted, is_told))
    if as_json:
        click.echo(json.dumps(facts_told(offer, bundle), indent=1, ensure_ascii=False))
    else:
        click.echo("\n".join(_told(bundle)))


def _fitted(is_told: bool, bundle: Bundle) -> ModelCard:
    """Try a model before it is added, and give its card the overlap that nobody told."""
    from ..core.events import silent
    from ..core.options import Options
    from ..prediction.trial import fit_overlap

    fitted = fit_overlap(bundle, Options(), silent)
    return bundle.card if is_told else fitted


@click.command(cls=Command)
@click.argument("name", metavar="NAME|FOLDER")
@options("engine", "device")
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON.")
def check(name: str, as_json: bool, **chosen: Any) -> None:  # numpydoc ignore=PR01
    """Try a model on a synthetic scene: that it runs, what overlap it needs, how fast it is."""
    from ..core.options import Options
    from ..models import find_model
    from ..prediction.trial import try_model

    bundle = find_model(name)
    with reporting(quiet=True, events=False, cancel_on_eof=False) as report:
        found = try_model(bundle, Options.of(**chosen), report)
    if as_json:
        click.echo(json.dumps(asdict(found) | {"overlap": found.overlap}, indent=1))
        return
    card = bundle.card
    many = found.classes > 1 or len(card.labels) == 1
    alone = "" if many else "; one alone: see whether its values are scaled as it expects"
    shown = f"classes of a synthetic scene: {found.classes} of {len(card.labels)}{alone}"
    reach = "its whole tile" if found.reach is None else f"{found.reach} px"
    click.echo(
        "\n".join(
            [
                f"{card.name} runs in {found.engine} on {found.device}: {found.speed / 1e6:.3g} "
                f"Mpx/s in tiles of {found.tile} px",
                *([] if card.maps_numbers else [shown]),
                f"a tile's border reaches {reach}: an overlap of {found.overlap} px hides it; the "
                f"card says {card.overlap} px",
            ]
        )
    )


@click.command(cls=Command)
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print the folder for programs.")
def remove(name: str, as_json: bool) -> None:  # numpydoc ignore=PR01
    """Remove a model that was added."""
    from ..models.library import remove as take_out

    gone = str(take_out(name))
    click.echo(json.dumps({"removed": gone}) if as_json else f"{gone} is removed")


@click.command(cls=Command)
@click.option("--json", "as_json", is_flag=True, help="Print it for programs.")
def path(as_json: bool) -> None:  # numpydoc ignore=PR01
    """Say where the models lie that were added; GEOSEG_MODELS names another folder."""
    from ..models.library import added_folder

    folder = str(added_folder())
    click.echo(json.dumps({"folder": folder}) if as_json else folder)


def facts_of(told: Mapping[str, Any]) -> dict[str, Fact]:
    """Read what the user says of a model.

    Parameters
    ----------
    told
        The options' texts, by name; None where one was not given.

    Returns
    -------
    dict
        Facts by name.

    Raises
    ------
    InputError
        If a text is not what its option takes.
    """
    from ..models.sources import Fact
    from ..models.sources.settle import parse_labels

    given = {name: value for name, value in told.items() if value is not None}
    found: dict[str, Any] = {
        name: value
        for name, value in given.items()
        if name in ("sensor", "unit", "activation", "result", "output", "output_unit", "licence")
    }
    found |= {name: int(given[name]) for name in ("tile", "overlap") if name in given}
    if "threshold" in given:
        found["threshold"] = float(given["threshold"])
    if "bands" in given:
        found["bands"] = tuple(part.strip() for part in given["bands"].split(","))
    if "classes" in given:
        labels: tuple[Label, ...] = parse_labels(given["classes"])
        found["classes"] = labels
    for name in ("mean", "std"):
        if name in given:
            found[name] = _numbers(name, given[name])
    for name in ("scale", "offset", "output_scale"):
        if name in given:
            found[name] = _numbers(spoken(name).removeprefix("--"), given[name], 1)[0]
    if "gsd" in given:
        found |= _gsd(given["gsd"])
    if "dtype" in given:
        found["dtypes"] = _dtypes(given["dtype"])
    return {name: Fact(value, spoken(name)) for name, value in found.items()}


def _numbers(name: str, text: str, most: int = 1000) -> tuple[float, ...]:
    from math import isfinite

    found = split_numbers(text, float)
    if not 0 < len(found) <= most or not all(map(isfinite, found)):
        raise InputError(f"--{name} {text}", "a number" if most == 1 else "numbers between commas")
    return found


def _gsd(text: str) -> dict[str, Any]:
    low, dash, high = text.partition("-")
    sizes = _numbers("gsd", f"{low},{high}" if dash else low)
    if min(sizes) <= 0 or max(sizes) > MOST_METRES or list(sizes) != sorted(sizes):
        raise InputError(f"--gsd {text}", "metres, such as 10 or 8-20")
    if not dash:
        return {"gsd": sizes[0]}
    return {"gsd": (sizes[0] * sizes[1]) ** 0.5, "gsd_range": sizes}


def _dtypes(text: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in text.split(","))
    if not set(found) <= set(DTYPES):
        raise InputError(f"--dtype {text}", f"some of {', '.join(DTYPES)}")
    return found


def describe(offer: Offer) -> list[str]:
    """Return what is known of a model before it is added, and how.

    Parameters
    ----------
    offer
        The model.

    Returns
    -------
    list
        Lines.
    """
    from ..models.sources.settle import text_of

    card = offer.card
    lines = [f"{offer.found.kind}: {card.name}"]
    lines += [f"  licence   {card.licence or 'not told: ask its maker before you use it'}"]
    lines += [f"  bands     {', '.join(card.band_names)}"]
    what = "numbers" if card.maps_numbers else "classes"
    lines += [f"  {what}   {', '.join(label.name for label in card.labels)}"]
    low, high = card.gsd_range
    lines += [f"  pixels    {low:g} to {high:g} m"]
    lines += [f"  tile      {card.tile} px"]
    guessed = {name: fact for name, fact in offer.facts.items() if not fact.certain}
    lines += [
        f"  guessed   {name} {text_of(name, fact.value)}, by {fact.source}"
        for name, fact in sorted(guessed.items())
        if name != "name"
    ]
    return [*lines, *(f"  {note}" for note in offer.found.notes)]


def facts_told(offer: Offer, bundle: Bundle) -> dict[str, Any]:
    """Return what is known of a model that was added, for programs.

    Parameters
    ----------
    offer
        What was known of it before.
    bundle
        As it lies there.

    Returns
    -------
    dict
        In JSON's types.
    """
    from ..models.sources.settle import text_of

    card = bundle.card
    guessed = {name: fact for name, fact in offer.facts.items() if not fact.certain}
    return {
        "name": card.name,
        "folder": str(bundle.path),
        "sha256": bundle.sha256,
        "bytes": _size(bundle),
        "kind": offer.found.kind,
        "licence": card.licence or None,
        "bands": list(card.band_names),
        "classes": [label.name for label in card.labels],
        "gsd_range": list(card.gsd_range),
        "tile": card.tile,
        "overlap": card.overlap,
        "guessed": {
            name: {"value": text_of(name, fact.value), "by": fact.source}
            for name, fact in sorted(guessed.items())
        },
        "notes": list(offer.found.notes),
    }


def _size(bundle: Bundle) -> int:
    return sum(file.stat().st_size for file in bundle.files)


def _told(bundle: Bundle) -> list[str]:
    size = _size(bundle)
    return [
        f"  size      {size / 1e6:,.1f} MB",
        f"  overlap   {bundle.card.overlap} px",
        f"  sha256    {bundle.sha256}",
        f"added as {bundle.card.name}, in {bundle.path}",
        f"use it with: geoseg predict SCENE --model {bundle.card.name}",
    ]
