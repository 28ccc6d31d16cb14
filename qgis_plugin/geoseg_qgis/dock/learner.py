"""The worker that learns: `geoseg learn --watch`, and what it tells of its rounds, in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.PyQt.QtCore import QObject, pyqtSignal

from ..messages import translated
from ..text import tr
from .live import said
from .process import LineProcess


class Learner(QObject):
    """Learns in a workspace until it is stopped; it goes on by itself whenever labels change."""

    round = pyqtSignal(dict)  # a line of the history
    state = pyqtSignal(str)  # what it does, in words
    problem = pyqtSignal(str)
    ended = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: LineProcess | None = None
        self._told = ""

    @property
    def running(self) -> bool:
        """Whether it learns."""
        return self._process is not None

    @property
    def pid(self) -> int:
        """The worker's number; 0 where there is none."""
        return self._process.pid if self._process else 0

    def start(self, folder: Path) -> None:
        """Begin to learn in a workspace."""
        self.stop()
        self._told = ""
        self._process = LineProcess(["learn", str(folder), "--watch", "--json"], self)
        self._process.line.connect(self._take)
        self._process.ended.connect(self._ended)
        self._process.start()
        self.state.emit(tr("learning…"))

    def stop(self) -> None:
        """End the learning; the last round's model stays."""
        process, self._process = self._process, None
        if process is not None:
            process.stop()
            process.deleteLater()
            self.ended.emit()

    def _take(self, told: dict[str, Any]) -> None:
        event = told.get("event")
        if event == "round":
            self.round.emit(told)
        elif event == "stage":
            self.state.emit(tr("learning…"))
        elif event == "done":
            self.state.emit(tr("waiting for other labels"))
        elif event in ("noted", "warned"):
            self.state.emit(translated(str(told.get("text", ""))))
        elif event == "failed":
            self._told = said(told)

    def _ended(self, why: str) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.deleteLater()
        if self._told or why:
            self.problem.emit(self._told or why)
        self.ended.emit()


def round_text(told: dict[str, Any] | None) -> str:
    """Return a round of the history in a line."""
    if not told:
        return ""
    number = told.get("round", 0)
    score = told.get("mean_iou")
    if not isinstance(score, (int, float)):
        return tr("round {round}, {labels} labels; too few to be scored").format(
            round=number, labels=told.get("labels", 0)
        )
    line = tr("round {round}, {labels} labels: mean IoU {score}").format(
        round=number, labels=told.get("labels", 0), score=f"{score:.2f}"
    )
    weakest, note = told.get("weakest"), told.get("note")
    if weakest:
        line += "; " + tr("weakest: {name}").format(name=weakest)
    return f"{line}\n{translated(str(note))}" if note else line
