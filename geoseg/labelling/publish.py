"""What a round leaves in the workspace: a model, whole or not there; a line; the model of the
moment.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from ..core.atomic import part_folder
from ..core.card import ModelCard
from ..core.disk import failures
from ..core.events import Round
from ..models.safetensors import write_bundle
from .workspace import Workspace, add_to_history, set_current_model

LAST = 5  # models that are kept beside the one of the moment
SEEN = "learned.json"  # which labels a round's network has learned from
ROUND = re.compile(r"round-(\d{4,})")


def next_round(workspace: Workspace) -> int:
    """Return the number of the next round: above all that were told or written.

    Parameters
    ----------
    workspace
        Whose.

    Returns
    -------
    int
        From 1.
    """
    told = [line.get("round") for line in workspace.history()]
    numbers = [number for number in told if isinstance(number, int)]
    return max([0, *numbers, *rounds(workspace)]) + 1


def rounds(workspace: Workspace) -> dict[int, Path]:
    """Return the models that are there.

    Parameters
    ----------
    workspace
        Whose.

    Returns
    -------
    dict
        Folders by the number of their round, in order.
    """
    found = {}
    if workspace.models_path.is_dir():
        for path in sorted(workspace.models_path.iterdir()):
            match = ROUND.fullmatch(path.name)
            if match and (path / "card.json").is_file():
                found[int(match[1])] = path
    return found


def round_folder(workspace: Workspace, number: int) -> Path:
    """Return where a round's model lies.

    Parameters
    ----------
    workspace
        Whose.
    number
        The round's.

    Returns
    -------
    Path
        It need not be there.
    """
    return workspace.models_path / f"round-{number:04d}"


def publish(
    workspace: Workspace,
    told: Round,
    card: ModelCard,
    state: Mapping[str, torch.Tensor],
    seen: Mapping[str, Any],
    best: bool,
) -> None:
    """Write a round's model, then its line, then make it the one of the moment where it is best.

    Whoever is killed in between leaves a model more than lines, or a line more than models, and
    either is as good as nothing.

    Parameters
    ----------
    workspace
        Whose.
    told
        The round.
    card
        Of the model.
    state
        Its weights.
    seen
        Which labels its network has learned from.
    best
        Whether it is the model of the moment.

    Raises
    ------
    RunError
        If something cannot be written.
    """
    folder = round_folder(workspace, told.round)
    with failures(folder):
        workspace.models_path.mkdir(exist_ok=True)
        with part_folder(folder) as hidden:
            inner = hidden / "model"
            write_bundle(inner, card, state)
            (inner / SEEN).write_text(json.dumps(seen) + "\n", encoding="utf-8")
            if folder.exists():  # without a card: no model
                shutil.rmtree(folder)
            inner.rename(folder)
    add_to_history(workspace, asdict(told))
    if best:
        set_current_model(workspace, folder)
    thin_out(workspace)


def thin_out(workspace: Workspace) -> None:
    """Remove old models; that of the moment and the last few stay.

    Parameters
    ----------
    workspace
        Whose.
    """
    current = workspace.current_model()
    there = rounds(workspace)
    for number in list(there)[:-LAST]:
        if current is None or there[number].name != current.name:
            shutil.rmtree(there[number], ignore_errors=True)
