"""geoseg train: train a model on scenes and labels, and write its bundle."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from ..core.errors import InputError
from ..core.events import Noted, Report
from .command import Command
from .report import reporting, run_options

EXAMPLES = """\b
geoseg train config.toml --out my-model
geoseg train --scenes images/ --labels masks/ --classes "water=1:#0000ff,other=2" --out my-model
geoseg train --samples pairs.csv --classes "trees=1,grass=2,trees|grass=3" --out my-model
geoseg train --scenes s.tif --labels fields.gpkg --column crop --classes "wheat=1" --out my-model
geoseg train --workspace work --out my-model
geoseg train --from landcover-rgb --samples pairs.csv --out my-model
geoseg train config.toml --twin my-model --out my-model-of-all
torchrun --nproc-per-node 4 -m geoseg train config.toml --out my-model"""


@click.command(cls=Command, epilog=EXAMPLES)
@click.argument("config", required=False, type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder of the bundle (default: the model's name).",
)
@click.option(
    "--scenes",
    multiple=True,
    metavar="PATH",
    help="A scene, a folder, or a pattern with *; repeatable.",
)
@click.option(
    "--labels",
    multiple=True,
    metavar="PATH",
    help="Their labels, raster or vector, one for each --scenes.",
)
@click.option(
    "--things",
    metavar="NAME,...",
    help="Classes that are counted in objects, which the model learns to tell apart.",
)
@click.option(
    "--objects",
    multiple=True,
    metavar="PATH",
    help="Of things, beside labels that are rasters: a number for each object (raster), or a "
    "feature (vector).",
)
@click.option(
    "--samples",
    metavar="CSV",
    help="Instead of both: a table with scene, label, and perhaps place.",
)
@click.option(
    "--workspace",
    metavar="FOLDER",
    help="Instead of them: scenes, classes and sparse labels of geoseg label, and the model that "
    "it starts from.",
)
@click.option(
    "--classes",
    metavar="TEXT",
    help="NAME=VALUE[:#COLOUR[:SOURCE|SOURCE]],... : classes, and which labels "
    "mean them; NAME|NAME=SOURCE: a label that means one of several.",
)
@click.option("--column", help="Column of vector labels that holds the class.")
@click.option("--layer", help="Layer of vector labels.")
@click.option(
    "--ignore",
    metavar="V,V,...",
    help='Label values that mean unlabelled; "*": all that are no class.',
)
@click.option(
    "--bands", metavar="N,N,...", help="The scenes' bands to train on, from 1; default: all."
)
@click.option(
    "--validation",
    metavar="SHARE|PLACE,...",
    help="Places held out to validate, or their share; default 0.2.",
)
@click.option(
    "--test", metavar="SHARE|PLACE,...", help="Places held out for the final scores; default none."
)
@click.option(
    "--from",
    "start",
    metavar="MODEL",
    help="Start from this model; other classes and bands are fitted in.",
)
@click.option(
    "--twin",
    metavar="MODEL",
    help="Train on all, what is held out as well; the card has the scores of this model, which was "
    "trained alike without it.",
)
@click.option("--name", help="The model's name.")
@click.option(
    "--gsd", type=float, metavar="M", help="Pixel size in metres, where the scenes do not say."
)
@click.option("--architecture", help="Network; default unet.")
@click.option("--encoder", help="Its encoder; tu- and a name of timm, or one of smp's.")
@click.option(
    "--pretrained", metavar="FILE", help="The encoder's weights to begin with (.safetensors, .pth)."
)
@click.option(
    "--loss",
    metavar="NAME[=W],...",
    help="Sum of cross_entropy, dice, focal and binary; default cross_entropy.",
)
@click.option(
    "--crop", type=int, metavar="PX", help="Side of the crops that are learned from; default 256."
)
@click.option("--batch", type=int, metavar="N", help="Crops in one step; default 8.")
@click.option("--steps", type=int, metavar="N", help="Steps of the optimiser; default 2000.")
@click.option("--rate", type=float, help="Peak learning rate; default 0.001.")
@click.option(
    "--validate-every",
    type=int,
    metavar="N",
    help="Steps between validations, and checkpoints; default 250.",
)
@click.option(
    "--patience",
    type=int,
    metavar="N",
    help="End after so many validations without a better one; default 0: never.",
)
@click.option("--seed", type=int, help="Of everything drawn at random; default 1.")
@click.option(
    "--precision", help="auto (default: bfloat16 where a GPU has it), float32 or bfloat16."
)
@click.option(
    "--set",
    multiple=True,
    metavar="TABLE.KEY=VALUE",
    help="Any other key of a configuration, such as training.ema=0.99; repeatable.",
)
@click.option(
    "--device",
    default="auto",
    show_default=True,
    metavar="auto|cpu|cuda[:N]",
    help="Where to compute.",
)
@click.option("--resume", is_flag=True, help="Go on from the checkpoint in the folder.")
@click.option(
    "--overwrite",
    is_flag=True,
    help="Replace a model, or a training that was stopped, in the folder.",
)
@run_options
def train(  # numpydoc ignore=PR01
    config: Path | None,
    out: Path | None,
    workspace: str | None,
    start: str | None,
    twin: str | None,
    device: str,
    resume: bool,
    overwrite: bool,
    quiet: bool,
    events: bool,
    cancel_on_eof: bool,
    **options: Any,
) -> None:
    """Train a model on scenes and their labels, as CONFIG (TOML), options, or both say; options
    come first.

    What neither says is found in the scenes, or is a default; the folder's report.html shows how it
    went.
    """
    silent = quiet or os.environ.get("RANK", "0") != "0"
    with reporting(silent, events, cancel_on_eof) as report:
        from ..training.run import run_training

        if workspace is not None:
            told, start = _of_workspace(workspace, start, options, report)
            options |= told
        run_training(
            config,
            out,
            start,
            device,
            resume,
            overwrite,
            report,
            quiet or events,
            twin=twin,
            **options,
        )


def _of_workspace(
    folder: str, start: str | None, options: dict[str, Any], report: Report
) -> tuple[dict[str, Any], str | None]:
    """Return what a workspace says of a training, and the model to start from."""
    from ..labelling.training_set import training_set
    from ..labelling.workspace import open_workspace

    twice = [
        f"--{name}"
        for name in ("scenes", "labels", "objects", "samples", "classes", "column", "layer")
        if options[name]
    ]
    if twice:
        raise InputError(
            f"--workspace and {', '.join(twice)}", "one of them", "the workspace says these itself"
        )
    found = training_set(open_workspace(folder))
    if found.held_out:
        report(
            Noted(f"{found.held_out:,} labels are held out by the workspace, and not trained on")
        )
    return found.options, start or found.start
