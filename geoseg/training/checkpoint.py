"""Checkpoints: where a run goes on after it was stopped, when it has learned enough, and which
weights ship.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace
from pathlib import Path

import torch

from ..core.errors import InputError
from .learner import Learner
from .prepare import Data


class Checkpointer:
    """Keeps the last state of a run and, where it may end early, the weights that validated
    best.
    """

    def __init__(self, learner: Learner, data: Data, path: Path) -> None:
        self._learner = learner
        self._path = path
        self._patience = data.config.training.patience if data.pools["validation"].pairs else 0
        self._digest = digest(data)
        self._best: dict[str, torch.Tensor] = {}
        self._score = -math.inf
        self._at = 0
        self._stale = 0

    @property
    def enough(self) -> bool:
        """Whether `patience` validations in a row brought nothing better."""
        return 0 < self._patience <= self._stale

    def keep(self, step: int, score: float) -> None:
        """Take the state after a validation; the first process writes it down."""
        if self._patience and score > self._score:
            state = self._learner.average.state_dict()
            self._best = {name: tensor.detach().clone() for name, tensor in state.items()}
            self._score = score
            self._at = step
            self._stale = 0
        else:
            self._stale += 1
        if self._learner.world.first:
            extra = {
                "digest": self._digest,
                "best": self._best,
                "score": self._score,
                "at": self._at,
                "stale": self._stale,
            }
            self._learner.save(self._path, step, extra)

    def resume(self) -> int:
        """Return the step to go on with: 0 where there is no checkpoint."""
        if not self._path.exists():
            return 0
        step, extra = self._learner.load(self._path)
        if extra["digest"] != self._digest:
            raise InputError(
                f"the checkpoint {self._path} is of a training with another configuration or "
                "other samples",
                "the same, to go on with",
                "train without --resume",
            )
        self._best = extra["best"]
        self._score = extra["score"]
        self._at = extra["at"]
        self._stale = extra["stale"]
        return step

    def choose(self) -> list[str]:
        """Put the weights that ship into the learner's average; say which they are, where it is
        not the last.
        """
        if not self._best:
            return []
        self._learner.average.load_state_dict(self._best)
        return [
            f"kept the weights after step {self._at}, the best on validation: mean IoU "
            f"{self._score:.3f}"
        ]


def digest(data: Data) -> str:
    """Return what tells one training from another: configuration, samples and their parts; not
    how fast it runs.
    """
    config = replace(data.config, training=replace(data.config.training, readers=1, threads=0))
    shares = [(part, pair.share) for part, pool in data.pools.items() for pair in pool.pairs]
    return hashlib.sha256(repr((config, shares)).encode()).hexdigest()
