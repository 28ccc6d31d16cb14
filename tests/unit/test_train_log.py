"""The log of a training: one line per validation, whatever a kill cut off; TensorBoard where it
is installed.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from geoseg.training.log import Log, read_log


def fill(log: Log, steps: range) -> None:
    for step in steps:
        log.write(step, 1 / step, 1e-3, 0.5, 0.25)
    log.close()


def test_a_resumed_log_has_every_step_once(tmp_path: Path) -> None:
    """What was written after the checkpoint goes, and so does a line that a kill cut off."""
    path = tmp_path / "log.csv"
    fill(Log(path, 0), range(1, 4))
    with path.open("a", encoding="utf-8") as file:
        file.write("4,9.1,0.2")
    fill(Log(path, 2), range(3, 6))
    rows = read_log(path)
    assert [row["step"] for row in rows] == [1, 2, 3, 4, 5]
    assert [row["loss"] for row in rows] == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4, 1 / 5], abs=1e-5)
    assert all(a["seconds"] <= b["seconds"] for a, b in itertools.pairwise(rows))


def test_a_log_from_the_start_forgets_another(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    fill(Log(path, 0), range(1, 4))
    fill(Log(path, 0), range(1, 2))
    assert len(read_log(path)) == 1


def test_tensorboard_shows_what_the_table_holds(tmp_path: Path) -> None:
    """Resumed, it shows each step once."""
    pytest.importorskip(
        "tensorboard", reason="TensorBoard is not installed: pip install tensorboard"
    )
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    fill(Log(tmp_path / "log.csv", 0), range(1, 4))
    fill(Log(tmp_path / "log.csv", 2), range(3, 5))
    shown = EventAccumulator(str(tmp_path / "tensorboard"))
    shown.Reload()
    assert sorted(shown.Tags()["scalars"]) == [
        "loss",
        "rate",
        "validation_accuracy",
        "validation_mean_iou",
    ]
    losses = shown.Scalars("loss")
    assert [event.step for event in losses] == [1, 2, 3, 4]
    assert [event.value for event in losses] == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4])
