"""geoseg train: train a model as a TOML file says, and write its bundle."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the bundle (default: the model's name).")
@click.option("--resume", is_flag=True, help="Go on from the checkpoint in the folder.")
def train(config: Path, out: Path | None, resume: bool) -> None:
    """Train a model as CONFIG (TOML) says; the examples folder has two."""
    from ..training.config import read_config
    from ..training.loop import train as run

    settings = read_config(config)
    folder = out or Path(settings.card.name)
    card = run(settings, folder, resume)
    held = card.scores.get("held_out", {})
    said = f": accuracy {held['accuracy']:.3f}, mean IoU {held['mean_iou']:.3f} on places held out" if held else ""
    click.echo(f"{folder / 'card.json'} and its weights are written{said}", err=True)
