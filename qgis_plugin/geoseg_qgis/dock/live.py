"""The worker that maps what the canvas shows: questions, and who waits for their answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qgis.PyQt.QtCore import QObject

from ..messages import translated
from ..text import tr
from .process import LineProcess

Answer = Callable[[dict[str, Any], str], None]  # the answer, and what went wrong in its place


class LiveWorker(QObject):
    """`geoseg live`, started with the first question, and again with the next one after it was
    lost.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: LineProcess | None = None
        self._waiting: dict[int, Answer] = {}
        self._count = 0

    @property
    def pid(self) -> int:
        """The worker's number; 0 where there is none."""
        return self._process.pid if self._process else 0

    def ask(self, kind: str, answer: Answer, **request: Any) -> int:
        """Ask, and call `answer` later; never where a newer question of its kind made this one
        needless. Return the question's number.
        """
        if self._process is None:
            self._process = LineProcess(["live"], self)
            self._process.line.connect(self._take)
            self._process.ended.connect(self._lost)
            self._process.start()
        self._count += 1
        self._waiting[self._count] = answer
        self._process.send({"id": self._count, "kind": kind, **request})
        return self._count

    def cancel(self, number: int) -> None:
        """Take a question back; nobody is called for it any more."""
        if self._waiting.pop(number, None) and self._process is not None:
            self._process.send({"cancel": number})

    def stop(self) -> None:
        """End the worker; nobody is called any more."""
        self._waiting.clear()
        process, self._process = self._process, None
        if process is not None:
            process.stop()
            process.deleteLater()

    def _take(self, told: dict[str, Any]) -> None:
        answer = self._waiting.pop(told.get("id", 0), None)
        if answer is None or told.get("cancelled"):
            return
        if "error" in told:
            answer({}, said(told["error"]))
        else:
            answer(told, "")

    def _lost(self, why: str) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.deleteLater()
        waiting, self._waiting = self._waiting, {}
        for answer in waiting.values():
            answer({}, why or tr("The engine's worker has ended."))


def said(error: dict[str, Any]) -> str:
    """Return an error of the engine in QGIS's language."""
    found, what, do = (translated(str(error.get(part, ""))) for part in ("found", "expected", "do"))
    expected = tr("expected {what}").format(what=what) if what else ""
    return "; ".join(part for part in (found, expected, do) if part)
