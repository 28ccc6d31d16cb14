"""`geoseg models`: which models there are, what each expects, and how far to trust it."""

from __future__ import annotations

import json

import click

from ..card import ModelCard
from ..stac import to_stac
from .cards import describe, headline, table


@click.group(invoke_without_command=True)
@click.pass_context
def models(context: click.Context) -> None:
    """List the models, or show what one expects and how good it is."""
    if context.invoked_subcommand is None:
        context.invoke(list_)


@models.command("list")
def list_() -> None:
    """List the models that ship with geoseg."""
    from ..models import list_models

    cards = [bundle.card for bundle in list_models()]
    rows = [("model", "sensor", "bands", "pixels", "classes", "score"), *map(_row, cards)]
    click.echo("\n".join(table(rows)))


def _row(card: ModelCard) -> tuple[str, ...]:
    low, high = card.gsd_range
    bands = " ".join(card.band_names)
    return card.name, card.sensor, bands, f"{low:g} to {high:g} m", str(len(card.labels)), headline(card.scores)


@models.command()
@click.argument("name", metavar="NAME|FOLDER")
@click.option("--json", "as_json", is_flag=True, help="Print the card as it is: a STAC item with the MLM extension.")
def show(name: str, as_json: bool) -> None:
    """Show a model's card: bands, scaling, pixel size, classes, scores, limits, credits."""
    from ..models import find_model

    bundle = find_model(name)
    if as_json:
        click.echo(json.dumps(to_stac(bundle.card), indent=1, ensure_ascii=False))
    else:
        click.echo("\n".join(describe(bundle.card, bundle.sha256)))
