"""The training's log: CSV always, TensorBoard where it is installed."""

from __future__ import annotations

import csv
import math
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

COLUMNS = ("step", "seconds", "loss", "rate", "validation_accuracy", "validation_mean_iou")
Row = dict[str, float]


class Log:
    """One line per validation, with the mean loss since the last one; goes on where a run was
    stopped.

    Parameters
    ----------
    path
        The CSV file; TensorBoard's folder lies beside it.
    first
        Steps that were taken before, 0 in a new run: lines past them are dropped.
    """

    def __init__(self, path: Path, first: int) -> None:
        self._path = path
        self._begun = time.monotonic()
        kept = (
            [row for row in read_log(path) if row["step"] <= first]
            if first and path.exists()
            else []
        )
        self._before = kept[-1]["seconds"] if kept else 0.0
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(COLUMNS)
            table.writerows(
                [int(row["step"]), *(_text(row[name]) for name in COLUMNS[1:])] for row in kept
            )
        self._board = _open_board(path.parent, first)

    def write(self, step: int, loss: float, rate: float, accuracy: float, mean_iou: float) -> None:
        """Write one line; it is in the file when this returns.

        Parameters
        ----------
        step
            Steps taken so far.
        loss
            Mean over the steps since the last line.
        rate
            Learning rate of the last step.
        accuracy, mean_iou
            Of the validation part, 0 to 1; NaN where nothing validates.
        """
        seconds = self._before + time.monotonic() - self._begun
        row = (
            step,
            round(seconds, 1),
            round(loss, 5),
            f"{rate:.4g}",
            round(accuracy, 4),
            round(mean_iou, 4),
        )
        with self._path.open("a", encoding="utf-8", newline="") as file:
            csv.writer(file).writerow(row)
        if self._board is not None:
            for name, value in zip(COLUMNS[2:], (loss, rate, accuracy, mean_iou), strict=True):
                if math.isfinite(value):
                    self._board.add_scalar(name, value, step)

    def close(self) -> None:
        """Finish what TensorBoard still has to write."""
        if self._board is not None:
            self._board.close()


def read_log(path: Path) -> list[Row]:
    """Read the lines of a log; a last line that was cut off by a kill is left out.

    Parameters
    ----------
    path
        The CSV file.

    Returns
    -------
    list of dict
        Numbers by the names in COLUMNS, in the order of the steps.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        {name: float(row[name]) for name in COLUMNS}
        for row in rows
        if all(row.get(name) not in (None, "") for name in COLUMNS)
    ]


def _text(number: float) -> str:
    return f"{number:.6g}"


def _open_board(folder: Path, first: int) -> Any:
    """Return a writer for TensorBoard, None where it is not installed; it hides what was written
    past `first`.
    """
    if find_spec("tensorboard") is None:
        return None
    from torch.utils.tensorboard import SummaryWriter

    purge = first + 1 if first else None
    return SummaryWriter(str(folder / "tensorboard"), purge_step=purge)
