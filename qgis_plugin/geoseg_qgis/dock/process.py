"""A worker of the engine that speaks JSON lines in both directions, without anybody waiting."""

from __future__ import annotations

import json
from collections import deque
from typing import Any

from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, pyqtSignal

from .. import engine, settings
from ..environment import child_environment
from ..messages import ERROR, spoken
from ..text import tr
from ..worker import describe_status

GRACE = 3000  # milliseconds in which a worker that was told to end may clean up
REMEMBERED = 15  # lines of stderr


class LineProcess(QObject):
    """A command of geoseg; its stdin is held open, and its end tells it to end."""

    line = pyqtSignal(dict)  # each object that it prints
    ended = pyqtSignal(str)  # why, in words; empty where all is well

    def __init__(self, arguments: list[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._arguments = arguments
        self._process: QProcess | None = None
        self._rest = b""
        self._said: deque[str] = deque(maxlen=REMEMBERED)

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None

    @property
    def pid(self) -> int:
        """Its number; 0 where it does not run."""
        return 0 if self._process is None else int(self._process.processId())

    def start(self) -> None:
        """Start it; where there is no engine `ended` says so, later."""
        try:
            found = engine.find(settings.engine_python())
        except engine.NoEngine as problem:
            why = str(problem)
            QTimer.singleShot(0, lambda: self.ended.emit(why))
            return
        process = QProcess()  # no child of this object: it may have to outlive it
        variables = QProcessEnvironment()
        for name, value in child_environment().items():
            variables.insert(name, value)
        process.setProcessEnvironment(variables)
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(self._listen)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._failed)
        self._process = process
        program, *arguments = found.command(*self._arguments)
        process.start(program, arguments)

    def send(self, told: dict[str, Any]) -> None:
        """Write an object to its stdin; it is buffered until it is read."""
        if self._process is not None:
            self._process.write(json.dumps(told).encode() + b"\n")

    def stop(self) -> None:
        """Tell it to end. Nobody waits: it is killed where it takes too long, and goes by itself
        where QGIS ends before.
        """
        process, self._process = self._process, None
        if process is None or sip.isdeleted(process):
            return
        for signal in (
            process.readyReadStandardOutput,
            process.readyReadStandardError,
            process.finished,
            process.errorOccurred,
        ):
            signal.disconnect()
        process.finished.connect(process.deleteLater)
        sip.transferto(process, None)  # or Python would kill it in the middle of its clearing up
        process.closeWriteChannel()
        QTimer.singleShot(GRACE, lambda: _kill(process))

    def _read(self) -> None:
        if self._process is None:
            return
        *lines, self._rest = (self._rest + bytes(self._process.readAllStandardOutput())).split(
            b"\n"
        )
        for line in lines:
            try:
                told = json.loads(line)
            except ValueError:
                continue
            if isinstance(told, dict):
                self.line.emit(told)

    def _listen(self) -> None:
        if self._process is not None:
            text = bytes(self._process.readAllStandardError()).decode("utf-8", "replace")
            self._said.extend(line for line in text.splitlines() if line.strip())

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            why = self._process.errorString()
            self._process = None
            self.ended.emit(why)

    def _finished(self, status: int, how: QProcess.ExitStatus) -> None:
        self._read()
        self._listen()
        process, self._process = self._process, None
        if process is None:
            return
        process.deleteLater()
        if how == QProcess.ExitStatus.CrashExit:
            self.ended.emit(tr("The engine's worker was ended from outside, or crashed."))
        elif status:
            last = self._said[-1] if self._said else ""
            known = spoken(last[len(ERROR) :]) if last.startswith(ERROR) else ""
            self.ended.emit(known or last or describe_status(status))
        else:
            self.ended.emit("")


def _kill(process: QProcess) -> None:
    if not sip.isdeleted(process) and process.state() != QProcess.ProcessState.NotRunning:
        process.kill()
