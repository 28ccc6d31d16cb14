"""geoseg train: train a model on scenes and labels, and write its bundle."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from ..errors import InputError, OutputError
from ..events import Noted, Report
from .reporting import reporting, run_options

EXAMPLES = """\b
geoseg train config.toml --out my-model
geoseg train --scenes images/ --labels masks/ --classes "water=1:#0000ff,other=2" --out my-model
geoseg train --samples pairs.csv --classes "trees=1,grass=2,trees|grass=3" --out my-model
geoseg train --scenes scene.tif --labels parcels.gpkg --column crop --classes "wheat=1,maize=2" --out my-model
geoseg train --from landcover-rgb --samples pairs.csv --out my-model
torchrun --nproc-per-node 4 -m geoseg train config.toml --out my-model"""
# option -> table and key of the configuration
KEYS = {
    "samples": ("data", "samples"), "scenes": ("data", "scenes"), "labels": ("data", "labels"),
    "column": ("data", "column"), "layer": ("data", "layer"), "ignore": ("data", "ignore"), "bands": ("data", "bands"),
    "validation": ("data", "validation"), "test": ("data", "test"), "name": ("card", "name"), "gsd": ("card", "gsd"),
    "architecture": ("network", "architecture"), "pretrained": ("network", "pretrained"),
    "crop": ("training", "crop"), "batch": ("training", "batch"), "steps": ("training", "steps"),
    "rate": ("training", "rate"), "validate_every": ("training", "validate_every"),
    "patience": ("training", "patience"), "seed": ("training", "seed"), "precision": ("training", "precision"),
}  # fmt: skip
# what a training writes in its folder
WRITTEN = ("card.json", "model.safetensors", "checkpoint.pt", "log.csv", "split.json", "report.html")
# without a configuration: changes that leave most scenes what they are
GENTLE = {"augment": {"zoom": 1.25, "gain": 0.2}}


@click.command(epilog=EXAMPLES)
@click.argument("config", required=False, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the bundle (default: the model's name).")
@click.option("--scenes", multiple=True, metavar="PATH", help="A scene, a folder, or a pattern with *; repeatable.")
@click.option("--labels", multiple=True, metavar="PATH", help="Their labels, raster or vector, one for each --scenes.")
@click.option("--samples", metavar="CSV", help="Instead of both: a table with scene, label, and perhaps place.")
@click.option("--classes", metavar="TEXT", help="NAME=VALUE[:#COLOUR[:SOURCE|SOURCE]],... : classes, and which labels "
              "mean them; NAME|NAME=SOURCE: a label that means one of several.")  # fmt: skip
@click.option("--column", help="Column of vector labels that holds the class.")
@click.option("--layer", help="Layer of vector labels.")
@click.option("--ignore", metavar="V,V,...", help='Label values that mean unlabelled; "*": all that are no class.')
@click.option("--bands", metavar="N,N,...", help="The scenes' bands to train on, from 1; default: all.")
@click.option("--validation", metavar="SHARE|PLACE,...", help="Places held out to validate, or their share; "
              "default 0.2.")  # fmt: skip
@click.option("--test", metavar="SHARE|PLACE,...", help="Places held out for the final scores; default none.")
@click.option("--from", "start", metavar="MODEL", help="Start from this model; other classes and bands are fitted in.")
@click.option("--name", help="The model's name.")
@click.option("--gsd", type=float, metavar="M", help="Pixel size in metres, where the scenes do not say.")
@click.option("--architecture", help="Network; default unet.")
@click.option("--encoder", help="Its encoder; tu- and a name of timm, or one of smp's.")
@click.option("--pretrained", metavar="FILE", help="The encoder's weights to begin with (.safetensors, .pth).")
@click.option("--loss", metavar="NAME[=W],...", help="Sum of cross_entropy, dice, focal and binary; default "
              "cross_entropy.")  # fmt: skip
@click.option("--crop", type=int, metavar="PX", help="Side of the crops that are learned from; default 256.")
@click.option("--batch", type=int, metavar="N", help="Crops in one step; default 8.")
@click.option("--steps", type=int, metavar="N", help="Steps of the optimiser; default 2000.")
@click.option("--rate", type=float, help="Peak learning rate; default 0.001.")
@click.option("--validate-every", type=int, metavar="N", help="Steps between validations, and checkpoints; "
              "default 250.")  # fmt: skip
@click.option("--patience", type=int, metavar="N", help="End after so many validations without a better "
              "one; default 0: never.")  # fmt: skip
@click.option("--seed", type=int, help="Of everything drawn at random; default 1.")
@click.option("--precision", help="auto (default: bfloat16 where a GPU has it), float32 or bfloat16.")
@click.option("--set", "others", multiple=True, metavar="TABLE.KEY=VALUE",
              help="Any other key of a configuration, such as training.ema=0.99; repeatable.")  # fmt: skip
@click.option("--device", default="auto", show_default=True, metavar="auto|cpu|cuda[:N]", help="Where to compute.")
@click.option("--resume", is_flag=True, help="Go on from the checkpoint in the folder.")
@click.option("--overwrite", is_flag=True, help="Replace a model, or a training that was stopped, in the folder.")
@run_options
def train(config: Path | None, out: Path | None, start: str | None, device: str, resume: bool, overwrite: bool,
          quiet: bool, events: bool, cancel_on_eof: bool, **options: Any) -> None:  # fmt: skip
    """Train a model on scenes and their labels, as CONFIG (TOML), options, or both say; options come first.

    What neither says is found in the scenes, or is a default; the folder's report.html shows how it went.
    """
    silent = quiet or os.environ.get("RANK", "0") != "0"
    with reporting(silent, events, cancel_on_eof) as report:
        settings = _settings(config, options)
        folder = out or Path(settings.card.name or "model")
        check_folder(folder, resume, overwrite)
        check_inputs(folder, settings, config, start)
        run(settings, folder, resume, start, device, report, quiet or events)


def _settings(config: Path | None, options: dict[str, Any]) -> Any:
    from ..training.parse import merge, parse, read_tables

    tables = read_tables(config) if config else GENTLE
    if config is None and not (options["scenes"] or options["samples"]):
        raise InputError("neither a configuration nor scenes are given", "CONFIG, --scenes with --labels, or --samples")
    told = absolute(to_tables(options, tables))
    return parse(merge(tables, told), config.resolve().parent if config else Path.cwd())


def run(settings: Any, folder: Path, resume: bool, start: str | None, device: str, report: Report, quiet: bool) -> None:
    """Train, and say what came of it; quiet shows no bar."""
    from ..models import find_model
    from ..training.loop import train as teach

    bundle = find_model(start) if start else None
    try:
        card = teach(settings, folder, resume, bundle, device, report, quiet)
    except KeyboardInterrupt as stopped:
        raise type(stopped)(_left(folder)) from None
    part = next((name for name in ("held_out", "validation") if name in card.scores), "")
    held = card.scores.get(part, {})
    where = "on places held out" if part == "held_out" else "on validation"
    said = f": accuracy {held['accuracy']:.3f}, mean IoU {held['mean_iou']:.3f} {where}" if held else ""
    written = f"{folder / 'card.json'} and its weights are written, report in {folder / 'report.html'}"
    report(Noted(written + said))


def _left(folder: Path) -> str:
    """Say what a training that was stopped leaves behind."""
    if (folder / "checkpoint.pt").exists():
        return f"no model was written; {folder / 'checkpoint.pt'} stays, from which --resume goes on"
    return f"no model was written, and it had no checkpoint yet ({folder})"


def to_tables(options: dict[str, Any], tables: dict[str, Any]) -> dict[str, Any]:
    """Return what the options say, as tables of a configuration; None says nothing."""
    from ..training.parse import merge, read_classes, read_loss, read_setting

    read = {
        "scenes": lambda given: list(given) or None, "labels": lambda given: list(given) or None,
        "ignore": _values, "bands": _numbers, "validation": _held, "test": _held,
    }  # fmt: skip
    told: dict[str, Any] = {}
    for option, (table, key) in KEYS.items():
        value = options.get(option)
        told.setdefault(table, {})[key] = None if value is None else read.get(option, lambda given: given)(value)
    if options["encoder"]:
        told["network"]["hyperparameters"] = {**_hyperparameters(tables), "encoder": options["encoder"]}
    told["loss"] = read_loss(options["loss"]) if options["loss"] else {}
    for setting in map(read_setting, options["others"]):
        told = merge(told, setting)
    if options["classes"]:
        told["classes"], legend = read_classes(options["classes"])
        told["data"]["legend"] = legend or told["data"].get("legend")
    steps = options.get("steps")
    if steps and "warmup" not in tables.get("training", {}):
        told["training"]["warmup"] = min(200, steps // 10)
    return told


def absolute(told: dict[str, Any]) -> dict[str, Any]:
    """Return the tables with paths that start here: those of a configuration start from its own folder."""
    from ..training.config import FILES

    def here(path: str) -> str:
        return path if path.startswith("/vsi") or "://" in path else str(Path.cwd() / path)

    data = told["data"]
    for key in ("scenes", "labels"):
        data[key] = [here(path) for path in data[key]] if data[key] else None
    data["samples"] = here(data["samples"]) if data["samples"] else None
    weights = told["network"]["pretrained"]
    told["network"]["pretrained"] = here(weights) if weights and weights.endswith(FILES) else weights
    return told


def check_folder(folder: Path, resume: bool, overwrite: bool) -> None:
    """Raise OutputError where a model or a stopped training would be lost."""
    if resume or overwrite:
        return
    for name, what in (("card.json", "a model"), ("checkpoint.pt", "a training that was stopped")):
        if (folder / name).exists():
            raise OutputError(f"{folder} holds {what}", do="--resume it, --overwrite it, or choose another --out")


def check_inputs(folder: Path, settings: Any, config: Path | None, start: str | None) -> None:
    """Raise OutputError where a file of the bundle is one that the training reads: configuration, table, model."""
    from ..models import find_model
    from ..raster import check_outputs

    data = settings.data
    named = [path for path in (*data.scenes, *data.labels, data.samples, settings.network.pretrained) if path]
    files = [path if "://" in path else str(settings.folder / path) for path in named]
    read = [path for path in files if not Path(path).is_dir()]  # what a folder gives is no file of a bundle
    outputs = [str(folder / name) for name in WRITTEN if (folder / name).exists()]
    read += [str(config)] if config else []
    check_outputs(outputs, [*read, str(find_model(start).path) if start else None], overwrite=True)


def _hyperparameters(tables: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = tables.get("network", {}).get("hyperparameters", {})
    return found


def _held(text: str) -> list[str] | float:
    """A share, or patterns of places."""
    try:
        return float(text)
    except ValueError:
        return [part.strip() for part in text.split(",") if part.strip()]


def _values(text: str) -> list[int | str]:
    from ..training.parse import whole_or_text

    return [whole_or_text(part.strip()) for part in text.split(",")]


def _numbers(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f"--bands {text}", "numbers that count from 1, such as 2,3,4") from None
