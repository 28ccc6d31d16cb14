"""Checkpoints: where a run goes on after it was stopped, when it has learned enough, and which
weights ship.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

# only to catch it: torch raises it for a file that is no checkpoint
from pickle import UnpicklingError
from typing import Any
from zipfile import is_zipfile

import torch

from ..core.atomic import atomic_output
from ..core.errors import InputError, ModelError
from .learner import Learner
from .prepare import Data


class Checkpointer:
    """Keeps the last state of a run and, where it may end early, the weights that validated
    best.

    Parameters
    ----------
    learner
        What is saved and resumed.
    data
        What it is trained on: a checkpoint of other data or another configuration is refused.
    path
        The checkpoint's file.
    """

    def __init__(self, learner: Learner, data: Data, path: Path) -> None:
        self._learner = learner
        self._path = path
        self._patience = data.config.training.patience if data.pools["validation"].pairs else 0
        self._digest = _digest(data)
        self._best: dict[str, torch.Tensor] = {}
        self._best_score = -math.inf
        self._best_step = 0
        self._stale = 0  # validations since the best

    @property
    def enough(self) -> bool:
        """Whether the run may end: `patience` validations in a row brought nothing better.

        Returns
        -------
        bool
            Never True without patience, or without a validation part.
        """
        return 0 < self._patience <= self._stale

    def keep(self, step: int, score: float) -> None:
        """Take the state after a validation; the first process writes it down.

        Parameters
        ----------
        step
            Steps taken so far.
        score
            What the weights are judged by, the more the better: mean IoU, 0 to 1.

        Raises
        ------
        RunError
            If the checkpoint cannot be written whole.
        """
        if self._patience and score > self._best_score:
            state = self._learner.average.state_dict()
            self._best = {name: tensor.detach().clone() for name, tensor in state.items()}
            self._best_score = score
            self._best_step = step
            self._stale = 0
        else:
            self._stale += 1
        if self._learner.ranks.first:
            extra = {
                "digest": self._digest,
                "best": self._best,
                "score": self._best_score,
                "at": self._best_step,
                "stale": self._stale,
            }
            write_checkpoint(self._path, self._learner, step, extra)

    def resume(self) -> int:
        """Put the checkpoint's state into the learner.

        Returns
        -------
        int
            The step to go on with: 0 where there is no checkpoint.

        Raises
        ------
        InputError
            If the checkpoint is of another configuration, or of other samples.
        ModelError
            If it is damaged, or of another network.
        """
        if not self._path.exists():
            return 0
        step, extra = read_checkpoint(self._path, self._learner)
        if extra["digest"] != self._digest:
            raise InputError(
                f"the checkpoint {self._path} is of a training with another configuration or "
                "other samples",
                "the same, to go on with",
                "train without --resume",
            )
        self._best = extra["best"]
        self._best_score = extra["score"]
        self._best_step = extra["at"]
        self._stale = extra["stale"]
        return step

    def restore_best(self) -> list[str]:
        """Put the weights that ship into the learner's average.

        Returns
        -------
        list of str
            A line that says which these are; none where they are the last.
        """
        if not self._best:
            return []
        self._learner.average.load_state_dict(self._best)
        return [
            f"kept the weights after step {self._best_step}, the best on validation: mean IoU "
            f"{self._best_score:.3f}"
        ]


def write_checkpoint(
    path: Path, learner: Learner, step: int, extra: Mapping[str, Any] | None = None
) -> None:
    """Write all that is needed to go on; the file appears whole or not at all.

    Parameters
    ----------
    path
        The file, which is replaced.
    learner
        Network, average and optimiser.
    step
        Steps taken so far.
    extra
        Numbers, texts and tensors to keep beside them.

    Raises
    ------
    RunError
        If it cannot be written whole.
    """
    state = {name: part.state_dict() for name, part in learner.parts.items()}
    with atomic_output(path, replace=True) as beside, beside.open("wb") as file:
        torch.save(state | {"step": step, "extra": dict(extra or {})}, file)
        os.fsync(file.fileno())


def read_checkpoint(path: Path, learner: Learner) -> tuple[int, dict[str, Any]]:
    """Read a checkpoint into a learner, as data only: nothing in it is executed.

    Parameters
    ----------
    path
        The file.
    learner
        Gets the state of network, average and optimiser.

    Returns
    -------
    tuple of int and dict
        The step to go on with, and what else was kept.

    Raises
    ------
    ModelError
        If the file is damaged, or of another network.
    """
    damaged = ModelError(
        f"the checkpoint {path} is of another network, or damaged", do="train without --resume"
    )
    # torch.load would take another file for an older format, and fail in many ways
    if not is_zipfile(path):
        raise damaged
    try:
        state = torch.load(path, map_location=learner.device, weights_only=True)
        for name, part in learner.parts.items():
            part.load_state_dict(state[name])
        return int(state["step"]), dict(state["extra"])
    except (KeyError, RuntimeError, ValueError, OSError, EOFError, UnpicklingError) as error:
        raise damaged from error


def _digest(data: Data) -> str:
    """Return what tells one training from another: configuration, samples and their parts; not
    how fast it runs.
    """
    config = replace(data.config, training=replace(data.config.training, readers=1, threads=0))
    shares = [(part, pair.share) for part, pool in data.pools.items() for pair in pool.pairs]
    return hashlib.sha256(repr((config, shares)).encode()).hexdigest()
