"""A training as a user asks for it: settled, kept from what must not be lost, run, and told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..core.card import ModelCard
from ..core.errors import OutputError
from ..core.events import Noted, Report
from ..models import find_model
from ..raster.input_files import check_outputs
from .config import Config
from .keywords import read_options
from .loop import train

# what a training writes in its folder
WRITTEN = (
    "card.json",
    "model.safetensors",
    "checkpoint.pt",
    "log.csv",
    "split.json",
    "report.html",
)


def run_training(
    config: Path | None,
    out: Path | None,
    start: str | None,
    device: str,
    resume: bool,
    overwrite: bool,
    report: Report,
    quiet: bool,
    twin: str | None = None,
    **options: Any,
) -> ModelCard:
    """Train as a configuration (TOML), options, or both say; options come first.

    Parameters
    ----------
    config
        A TOML file; None where the options say all.
    out
        The bundle's folder; None is the model's name, in the current folder.
    start
        Name or folder of a model to begin with; None begins fresh.
    device
        "auto", "cpu", "cuda" or "cuda:1".
    resume
        Go on from the checkpoint in the folder, where there is one.
    overwrite
        Replace a model, or a training that was stopped, in the folder.
    report
        Called with each event.
    quiet
        Whether no bar is shown; each step is then an event.
    twin
        Name or folder of a model trained alike that held places out: all is trained on now, and the
        scores are the twin's. None holds out what the configuration says.
    **options
        By the names in `keywords.KEYS`, and `encoder`, `loss`, `classes`, `set`.

    Returns
    -------
    ModelCard
        The card of the bundle that was written.

    Raises
    ------
    InputError
        If options, configuration, scenes or labels cannot be trained on.
    ModelError
        If the weights to begin with, or the checkpoint, cannot be used.
    OutputError
        If a model, a stopped training or an input would be lost, or the folder cannot be written.
    RunError
        If it failed on the way: the loss is no number, the disk is full.
    """
    settings = read_options(config, options)
    folder = out or Path(settings.card.name or "model")
    if not (resume or overwrite):
        _check_folder(folder)
    _check_inputs(folder, settings, config, (start, twin))
    bundle = find_model(start) if start else None
    other = find_model(twin) if twin else None
    try:
        card = train(settings, folder, resume, bundle, device, report, quiet, other)
    except KeyboardInterrupt as stopped:
        raise type(stopped)(_left(folder)) from None
    _tell(card, folder, report)
    return card


def _check_folder(folder: Path) -> None:
    """Raise OutputError where a model or a stopped training would be lost."""
    for name, what in (("card.json", "a model"), ("checkpoint.pt", "a training that was stopped")):
        if (folder / name).exists():
            raise OutputError(
                f"{folder} holds {what}", do="--resume it, --overwrite it, or choose another --out"
            )


def _check_inputs(
    folder: Path, settings: Config, config: Path | None, models: Sequence[str | None]
) -> None:
    """Raise OutputError where a file of the bundle is one that the training reads:
    configuration, table, models.
    """
    data = settings.data
    named = [
        path
        for path in (*data.scenes, *data.labels, data.samples, settings.network.pretrained)
        if path
    ]
    files = [path if "://" in path else str(settings.folder / path) for path in named]
    # what a folder gives is no file of a bundle
    read = [path for path in files if not Path(path).is_dir()]
    outputs = [str(folder / name) for name in WRITTEN if (folder / name).exists()]
    read += [str(config)] if config else []
    read += [str(find_model(model).path) for model in models if model]
    check_outputs(outputs, read, overwrite=True)


def _left(folder: Path) -> str:
    """Say what a training that was stopped leaves behind."""
    if (folder / "checkpoint.pt").exists():
        return (
            f"no model was written; {folder / 'checkpoint.pt'} stays, from which --resume goes on"
        )
    return f"no model was written, and it had no checkpoint yet ({folder})"


def _tell(card: ModelCard, folder: Path, report: Report) -> None:
    """Say where the model is, and how good."""
    part = next((name for name in ("held_out", "validation") if name in card.scores), "")
    held = card.scores.get(part, {})
    where = "on places held out" if part == "held_out" else "on validation"
    where += " from its twin" if card.scores_from else ""
    said = (
        f": accuracy {held['accuracy']:.3f}, mean IoU {held['mean_iou']:.3f} {where}"
        if held
        else ""
    )
    written = (
        f"{folder / 'card.json'} and its weights are written, report in {folder / 'report.html'}"
    )
    report(Noted(written + said))
