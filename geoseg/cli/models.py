"""`geoseg models`: which models there are, what each expects, and how far to trust it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..core.card import ModelCard, to_stac
from ..core.errors import InputError
from ..core.options import Options
from .cards import brief, describe, headline, table
from .command import Group
from .models_add import add, check, path, remove
from .models_export import export
from .parameters import options
from .report import reporting, run_options

if TYPE_CHECKING:
    from ..models import Bundle


@click.group(cls=Group, invoke_without_command=True)
@click.pass_context
def models(context: click.Context) -> None:  # numpydoc ignore=PR01
    """List the models, or show what one expects and how good it is."""
    if context.invoked_subcommand is None:
        context.invoke(list_, scene=(), as_json=False)


for command in (add, check, export, path, remove):
    models.add_command(command)


@models.command("list")
@click.option(
    "--for",
    "scene",
    multiple=True,
    metavar="SCENE",
    help="Say which of them fit this scene; once for each of its files.",
)
@options("bands", "scale", "offset")
@click.option("--json", "as_json", is_flag=True, help="Print what programs want to know of them.")
def list_(scene: tuple[str, ...], as_json: bool, **chosen: Any) -> None:  # numpydoc ignore=PR01
    """List the models that ship with geoseg or were added, and which of them fit a scene.

    --bands, --scale and --offset are for --for, as in predict.
    """
    from ..models import list_added, list_masks, list_models

    bundles = [*list_models(), *list_masks(), *list_added()]
    line, lacking = (
        _survey(scene, [bundle.card for bundle in bundles], Options.of(**chosen))
        if scene
        else ("", {})
    )
    if as_json:
        found = [_facts(bundle) | _fit(bundle.card, lacking) for bundle in bundles]
        click.echo(
            json.dumps({"scene": line, "models": found} if scene else {"models": found}, indent=1)
        )
        return
    rows = [
        ("model", "sensor", "bands", "pixels", "classes", "score"),
        *(_row(bundle.card) for bundle in bundles),
    ]
    click.echo("\n".join([*table(rows), *_verdict(line, lacking)]))


def _survey(
    scene: tuple[str, ...], cards: list[ModelCard], options: Options
) -> tuple[str, dict[str, InputError | None]]:
    from ..prediction.choose import scene_line, survey
    from ..scene.describe import describe as describe_scene

    info = describe_scene(scene)
    return scene_line(info), survey(info, cards, options)


def _facts(bundle: Bundle) -> dict[str, Any]:
    card = bundle.card
    return {
        "name": card.name,
        "description": card.description,
        "sensor": card.sensor,
        "bands": list(card.band_names),
        "gsd_range": list(card.gsd_range),
        "classes": [
            {"value": label.value, "name": label.name, "colour": label.colour}
            for label in card.labels
        ],
        "score": headline(card.scores),
        "scores_from": card.scores_from,
        "good_for": card.good_for,
        "sha256": bundle.sha256,
    }


def _fit(card: ModelCard, lacking: dict[str, InputError | None]) -> dict[str, Any]:
    if card.name not in lacking:
        return {}
    error = lacking[card.name]
    return {"fits": error is None, "why_not": "" if error is None else str(error)}


def _verdict(line: str, lacking: dict[str, InputError | None]) -> list[str]:
    if not lacking:
        return []
    verdicts = [
        f"{name}: {'fits' if error is None else f'does not fit: {error}'}"
        for name, error in lacking.items()
    ]
    return ["", f"the scene: {line}", *verdicts]


def _row(card: ModelCard) -> tuple[str, ...]:
    low, high = card.gsd_range
    bands = " ".join(card.band_names)
    return (
        card.name,
        card.sensor,
        bands,
        f"{low:g} to {high:g} m",
        str(len(card.labels)),
        headline(card.scores) + (", its twin's" if card.scores_from else ""),
    )


@models.command()
@click.argument("name", metavar="NAME|FOLDER")
@click.option("--full", is_flag=True, help="Print all of the card, not the short form.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print the card as it is: a STAC item with the MLM extension.",
)
def show(name: str, full: bool, as_json: bool) -> None:  # numpydoc ignore=PR01
    """Show a model's card: for whom it is good enough, what it takes, how good it is, its limits.

    --full adds the network, the scores by place, class and whatever else parts them, and credits.
    """
    from ..models import find_model

    bundle = find_model(name)
    if as_json:
        click.echo(card_text(bundle.card))
        return
    lines = describe(bundle.card, bundle.sha256) if full else brief(bundle.card)
    click.echo("\n".join(lines))
    if bundle.failures:
        click.echo(f"\nwhat it confuses most, as a picture: {bundle.failures}")
    if not full:
        click.echo(f"\nall of the card: geoseg models show {name} --full")


@models.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("config", type=click.Path(path_type=Path))
@click.option(
    "--device",
    default="auto",
    show_default=True,
    metavar="auto|cpu|cuda[:N]",
    help="Where to compute.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the card then, as show does.")
@run_options
def measure(  # numpydoc ignore=PR01
    folder: Path,
    config: Path,
    device: str,
    as_json: bool,
    quiet: bool,
    events: bool,
    cancel_on_eof: bool,
) -> None:
    """Measure a model again on what CONFIG holds out, and write its card anew.

    CONFIG (TOML) is what it was trained with; the weights stay as they are.
    """
    with reporting(quiet, events, cancel_on_eof) as report:
        from ..training.remeasure import measure_bundle

        card = measure_bundle(_own_bundle(folder), config, device, report)
    if as_json and not events:
        click.echo(card_text(card))
    elif not (quiet or events):
        click.echo("\n".join(brief(card)))


@models.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("config", type=click.Path(path_type=Path))
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="TABLE.KEY=VALUE",
    help="Any key of the configuration, as in train; repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the card then, as show does.")
@run_options
def novelty(  # numpydoc ignore=PR01
    folder: Path,
    config: Path,
    changes: tuple[str, ...],
    as_json: bool,
    quiet: bool,
    events: bool,
    cancel_on_eof: bool,
) -> None:
    """Measure again what a model knows, on the scenes of its training, and write it on its card.

    FOLDER is the bundle, CONFIG the configuration (TOML) that it was trained with. `geoseg train`
    does the same at its end; what predict and check say of scenes that are unlike goes by it.
    """
    with reporting(quiet, events, cancel_on_eof) as report:
        from ..core.events import Noted
        from ..training.known import know_again

        bundle = _own_bundle(folder)
        card = know_again(bundle, config, changes, report)
        report(Noted(f"{bundle.path / 'card.json'} is written"))
    if as_json and not events:
        click.echo(card_text(card))


def card_text(card: ModelCard) -> str:
    """Return a card for programs.

    Parameters
    ----------
    card
        Of any model.

    Returns
    -------
    str
        A STAC item with the MLM extension, as JSON.
    """
    return json.dumps(to_stac(card), indent=1, ensure_ascii=False)


def _own_bundle(folder: Path) -> Bundle:
    """Return a bundle whose card is written anew: no model that ships, which a name would find."""
    from ..models import find_model

    if not (folder / "card.json").is_file():
        raise InputError(
            f"{folder} is no folder of a model",
            "one with card.json, which is written anew",
            "to measure a model that ships, copy its folder first",
        )
    return find_model(str(folder))
