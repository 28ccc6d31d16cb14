"""What the options of `geoseg train` say, as a configuration; and a training from it, with what
must not be lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from ..core.card import ModelCard
from ..core.errors import InputError, OutputError
from ..core.events import Noted, Report
from ..core.options import plain
from ..models import find_model
from ..raster.input_files import check_outputs
from .config import FILES, Config
from .parse import merge, parse, read_classes, read_loss, read_setting, read_tables, whole_or_text

# option -> table and key of the configuration
KEYS = {
    "samples": ("data", "samples"),
    "scenes": ("data", "scenes"),
    "labels": ("data", "labels"),
    "column": ("data", "column"),
    "layer": ("data", "layer"),
    "ignore": ("data", "ignore"),
    "bands": ("data", "bands"),
    "validation": ("data", "validation"),
    "test": ("data", "test"),
    "name": ("card", "name"),
    "gsd": ("card", "gsd"),
    "architecture": ("network", "architecture"),
    "pretrained": ("network", "pretrained"),
    "crop": ("training", "crop"),
    "batch": ("training", "batch"),
    "steps": ("training", "steps"),
    "rate": ("training", "rate"),
    "validate_every": ("training", "validate_every"),
    "patience": ("training", "patience"),
    "seed": ("training", "seed"),
    "precision": ("training", "precision"),
}
# what a training writes in its folder
WRITTEN = (
    "card.json",
    "model.safetensors",
    "checkpoint.pt",
    "log.csv",
    "split.json",
    "report.html",
)
# without a configuration: changes that leave most scenes what they are
GENTLE = {"augment": {"zoom": 1.25, "gain": 0.2}}


def run_training(
    config: Path | None,
    out: Path | None,
    start: str | None,
    device: str,
    resume: bool,
    overwrite: bool,
    report: Report,
    quiet: bool,
    **options: Any,
) -> ModelCard:
    """Train as a configuration (TOML), options, or both say; options come first. Return the model's
    card.

    Parameters
    ----------
    config
        A TOML file; None where the options say all.
    out
        The bundle's folder; None is the model's name.
    start
        A model to begin with.
    device, resume, overwrite
        As of the command.
    report
        Called with each event.
    quiet
        Whether no bar is shown.
    **options
        By the names in KEYS, and `encoder`, `loss`, `classes`, `set`.

    Raises
    ------
    InputError, OutputError
        For what was given.
    RunError
        For what failed on the way.
    """
    known = {*KEYS, "encoder", "loss", "classes", "set"}
    if unknown := sorted(set(options) - known):
        raise InputError(
            f"unknown option: {', '.join(unknown)}", f"one of {', '.join(sorted(known))}"
        )
    options = {name: plain(value) for name, value in options.items()}
    settings = read_options(config, options)
    folder = out or Path(settings.card.name or "model")
    check_folder(folder, resume, overwrite)
    check_inputs(folder, settings, config, start)
    return run(settings, folder, resume, start, device, report, quiet)


def read_options(config: Path | None, options: Mapping[str, Any]) -> Config:
    """Return the configuration that a file and options give; InputError where neither names
    scenes.
    """
    tables = read_tables(config) if config else GENTLE
    if config is None and not (options.get("scenes") or options.get("samples")):
        raise InputError(
            "neither a configuration nor scenes are given",
            "CONFIG, --scenes with --labels, or --samples",
        )
    told = absolute(to_tables(options, tables))
    return parse(merge(tables, told), config.resolve().parent if config else Path.cwd())


def run(
    settings: Config,
    folder: Path,
    resume: bool,
    start: str | None,
    device: str,
    report: Report,
    quiet: bool,
) -> ModelCard:
    """Train, and say what came of it; quiet shows no bar."""
    from .loop import train as teach

    bundle = find_model(start) if start else None
    try:
        card = teach(settings, folder, resume, bundle, device, report, quiet)
    except KeyboardInterrupt as stopped:
        raise type(stopped)(_left(folder)) from None
    part = next((name for name in ("held_out", "validation") if name in card.scores), "")
    held = card.scores.get(part, {})
    where = "on places held out" if part == "held_out" else "on validation"
    said = (
        f": accuracy {held['accuracy']:.3f}, mean IoU {held['mean_iou']:.3f} {where}"
        if held
        else ""
    )
    written = (
        f"{folder / 'card.json'} and its weights are written, report in {folder / 'report.html'}"
    )
    report(Noted(written + said))
    return card


def _left(folder: Path) -> str:
    """Say what a training that was stopped leaves behind."""
    if (folder / "checkpoint.pt").exists():
        return (
            f"no model was written; {folder / 'checkpoint.pt'} stays, from which --resume goes on"
        )
    return f"no model was written, and it had no checkpoint yet ({folder})"


def to_tables(options: Mapping[str, Any], tables: dict[str, Any]) -> dict[str, Any]:
    """Return what the options say, as tables of a configuration; None says nothing."""
    read: dict[str, Callable[[Any], Any]] = {
        "scenes": _paths,
        "labels": _paths,
        "ignore": _values,
        "bands": _numbers,
        "validation": _held,
        "test": _held,
    }
    told: dict[str, Any] = {}
    for option, (table, key) in KEYS.items():
        value = options.get(option)
        told.setdefault(table, {})[key] = (
            None if value is None else read.get(option, lambda given: given)(value)
        )
    if options.get("encoder"):
        told["network"]["hyperparameters"] = {
            **_hyperparameters(tables),
            "encoder": options["encoder"],
        }
    told["loss"] = read_loss(options["loss"]) if options.get("loss") else {}
    for setting in map(read_setting, options.get("set", ())):
        told = merge(told, setting)
    if options.get("classes"):
        told["classes"], legend = read_classes(options["classes"])
        told["data"]["legend"] = legend or told["data"].get("legend")
    steps = options.get("steps")
    if steps and "warmup" not in tables.get("training", {}):
        told["training"]["warmup"] = min(200, steps // 10)
    return told


def absolute(told: dict[str, Any]) -> dict[str, Any]:
    """Return the tables with paths that start here: those of a configuration start from its own
    folder.
    """

    def here(path: str) -> str:
        return path if path.startswith("/vsi") or "://" in path else str(Path.cwd() / path)

    data = told["data"]
    for key in ("scenes", "labels"):
        data[key] = [here(path) for path in data[key]] if data[key] else None
    data["samples"] = here(data["samples"]) if data["samples"] else None
    weights = told["network"]["pretrained"]
    told["network"]["pretrained"] = (
        here(weights) if weights and weights.endswith(FILES) else weights
    )
    return told


def check_folder(folder: Path, resume: bool, overwrite: bool) -> None:
    """Raise OutputError where a model or a stopped training would be lost."""
    if resume or overwrite:
        return
    for name, what in (("card.json", "a model"), ("checkpoint.pt", "a training that was stopped")):
        if (folder / name).exists():
            raise OutputError(
                f"{folder} holds {what}", do="--resume it, --overwrite it, or choose another --out"
            )


def check_inputs(folder: Path, settings: Config, config: Path | None, start: str | None) -> None:
    """Raise OutputError where a file of the bundle is one that the training reads:
    configuration, table, model.
    """
    data = settings.data
    named = [
        path
        for path in (*data.scenes, *data.labels, data.samples, settings.network.pretrained)
        if path
    ]
    files = [path if "://" in path else str(settings.folder / path) for path in named]
    read = [
        path for path in files if not Path(path).is_dir()
    ]  # what a folder gives is no file of a bundle
    outputs = [str(folder / name) for name in WRITTEN if (folder / name).exists()]
    read += [str(config)] if config else []
    check_outputs(outputs, [*read, str(find_model(start).path) if start else None], overwrite=True)


def _hyperparameters(tables: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = tables.get("network", {}).get("hyperparameters", {})
    return found


def _held(text: Any) -> Any:
    """Return a share, or patterns of places."""
    if not isinstance(text, str):
        return text if isinstance(text, float) else list(text)
    try:
        return float(text)
    except ValueError:
        return [part.strip() for part in text.split(",") if part.strip()]


def _paths(given: str | Sequence[str | PathLike[str]]) -> list[str] | None:
    return [given] if isinstance(given, str) else [fspath(path) for path in given] or None


def _values(text: str | Sequence[int | str]) -> list[int | str]:
    if not isinstance(text, str):
        return list(text)
    return [whole_or_text(part.strip()) for part in text.split(",")]


def _numbers(text: str | Sequence[int]) -> list[int]:
    if not isinstance(text, str):
        return list(text)
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f"--bands {text}", "numbers that count from 1, such as 2,3,4") from None
