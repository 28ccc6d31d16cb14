"""What a training tells: the log as CSV, and the scores on the places held out."""

from __future__ import annotations

import csv
import math
import time
from pathlib import Path
from typing import Any

from ..evaluate import accuracy, mean_iou, scores
from .augment import convert
from .config import Config
from .learner import Learner
from .measure import confusion
from .samples import Pool

COLUMNS = ("step", "seconds", "loss", "validation_accuracy", "validation_mean_iou")


class Log:
    """The training's log: one line per validation, with the mean loss since the last one."""

    def __init__(self, path: Path, first: int) -> None:
        self._path, self._begun = path, time.monotonic()
        self._losses: list[float] = []
        if not (first and path.exists()):
            self._append(COLUMNS, "w")

    def add(self, loss: float) -> None:
        """Keep the loss of one step."""
        self._losses.append(loss)

    def write(self, step: int, accuracy: float, mean_iou: float) -> None:
        """Write one line."""
        loss = math.fsum(self._losses) / max(len(self._losses), 1)
        self._losses.clear()
        seconds = round(time.monotonic() - self._begun, 1)
        self._append((step, seconds, round(loss, 5), round(accuracy, 4), round(mean_iou, 4)), "a")

    def _append(self, row: tuple[Any, ...], mode: str) -> None:
        with self._path.open(mode, encoding="utf-8", newline="") as file:
            csv.writer(file).writerow(row)


def validate(learner: Learner, pool: Pool) -> tuple[float, float]:
    """Return accuracy and mean IoU on the validation part; NaN where there is none."""
    matrix = confusion(learner, pool).matrix
    return accuracy(matrix), mean_iou(matrix)


def test_scores(config: Config, learner: Learner, pool: Pool) -> dict[str, Any]:
    """Return the scores on the test part: of every scene as it is, and of every scene in each processing level."""
    if not pool.samples:
        return {}
    names = [label.name for label in config.classes]
    found: dict[str, Any] = {"held_out": scores(confusion(learner, pool).matrix, names)}
    levels = config.augment.levels
    for level in (levels.source, levels.to) if levels else ():
        changes = [None if s.level == level else convert(levels, s.level) for s in pool.samples] if levels else None
        found[f"held_out_as_{level}"] = scores(confusion(learner, pool, changes).matrix, names)
    return found | {"places": sorted({sample.place for sample in pool.samples})}
