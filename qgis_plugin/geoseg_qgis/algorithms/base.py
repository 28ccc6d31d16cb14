"""What all algorithms share: who they are in Processing, and how they run the engine and listen to it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingParameterDefinition,
    QgsProcessingUtils,
)
from qgis.PyQt.QtGui import QIcon

from .. import engine, settings, worker
from ..environment import child_environment, without_secrets
from ..text import tr

Values = dict[str, Any]
ADVANCED = QgsProcessingParameterDefinition.Flag.FlagAdvanced


class GeosegAlgorithm(QgsProcessingAlgorithm):
    """An algorithm whose work the engine does.

    A kind of it says `NAME` and `GROUP`, its texts and parameters, and does its job in `work`, with what
    `problem` has let pass and `take` has taken.
    """

    NAME = ""
    GROUP = "map"
    _refusal = ""

    def name(self) -> str:
        return self.NAME

    def groupId(self) -> str:
        return self.GROUP

    def group(self) -> str:
        return {"map": tr("Mapping"), "quality": tr("Quality"), "models": tr("Models"), "engine": tr("Engine")}[
            self.GROUP
        ]

    def createInstance(self) -> QgsProcessingAlgorithm:
        return type(self)()

    def icon(self) -> QIcon:
        return QIcon(str(engine.HERE / "icon.svg"))

    def svgIconPath(self) -> str:
        return str(engine.HERE / "icon.svg")

    def canExecute(self) -> tuple[bool, str]:
        try:
            engine.find(settings.engine_python())
        except engine.NoEngine as problem:
            return False, str(problem)
        return True, ""

    def add(self, parameter: QgsProcessingParameterDefinition, help_text: str = "", advanced: bool = False) -> None:
        """Add a parameter with its help, folded away where it is advanced."""
        parameter.setHelp(help_text)
        if advanced:
            parameter.setFlags(parameter.flags() | ADVANCED)
        self.addParameter(parameter)

    def checkParameterValues(self, parameters: Values, context: QgsProcessingContext) -> tuple[bool, str]:
        fine, said = super().checkParameterValues(parameters, context)
        problem = said if not fine else self.problem(parameters, context)
        return not problem, problem

    def problem(self, parameters: Values, context: QgsProcessingContext) -> str:
        """Return in the dialog's own words what is wrong with the values; empty where nothing is."""
        return ""

    def prepareAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        self._refusal = self.problem(parameters, context)  # batches and models do not call checkParameterValues
        try:
            if not self._refusal:
                self.take(parameters, context, feedback)
        except QgsProcessingException as error:
            self._refusal = str(error)
        return True

    def processAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        if self._refusal:  # only now: where preparing fails, QGIS 3.40 drops the rows of a batch that follow
            raise QgsProcessingException(self._refusal)
        return self.work(parameters, context, feedback)

    def work(self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> Values:
        """Do what the algorithm is for, with what `take` has taken, and return its outputs."""
        raise NotImplementedError

    def take(self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> None:
        """Take from the layers what the run needs: here, in the main thread, for layers belong to it."""

    def target(self, parameters: Values, name: str, context: QgsProcessingContext) -> str:
        """Return a layer's destination as it was given; empty where none was, which batches say with a definition."""
        value = parameters.get(name)
        if isinstance(value, QgsProcessingOutputLayerDefinition):
            value = value.sink.valueAsString(context.expressionContext())[0]
        return str(value or "")

    def folder(self) -> Path:
        """Return a folder for files that only this run needs; QGIS removes it with its own."""
        return Path(QgsProcessingUtils.generateTempFilename(f"geoseg_{self.NAME}"))

    def run_engine(
        self,
        arguments: Sequence[str],
        feedback: QgsProcessingFeedback,
        stages: dict[str, tuple[float, float]] | None = None,
        outputs: Sequence[str] = (),
    ) -> bool:
        """Run geoseg with the arguments and say in the log what it says; False where the user cancelled.

        `stages` gives for each stage the part of the progress bar it fills, in percent; `outputs` are
        the paths whose half-written parts go if the engine had to be killed.
        """
        found = self.engine(feedback)
        feedback.pushInfo(tr("The same job on a command line:"))
        feedback.pushCommandInfo(command_line(["geoseg", *arguments]))
        command = found.command(*arguments, "--events", "--cancel-on-eof")
        return run_command(command, feedback, Listener(feedback, stages or {}), outputs)

    def engine(self, feedback: QgsProcessingFeedback) -> engine.Engine:
        """Return the engine, and say which it is; QgsProcessingException where there is none that fits."""
        try:
            found = engine.ready(settings.engine_python())
            said = tr("Engine: geoseg {version} in {python} ({origin})")
            feedback.pushInfo(said.format(version=engine.version(found), python=found.python, origin=found.origin))
        except engine.NoEngine as problem:
            raise QgsProcessingException(str(problem)) from problem
        return found


def run_command(
    command: Sequence[str],
    feedback: QgsProcessingFeedback,
    listen: Callable[[worker.Event], None] | None = None,
    outputs: Sequence[str] = (),
    more: dict[str, str] | None = None,
    on_line: Callable[[], None] | None = None,
) -> bool:
    """Run any command to its end; False where the user cancelled, QgsProcessingException where it failed.

    `on_line` is called at each line that is no event.
    """

    def hear(line: str) -> None:
        if on_line:
            on_line()
        if not line.startswith("geoseg: error: "):  # the exception says it
            feedback.pushConsoleInfo(without_secrets(line))

    try:
        outcome = worker.run(
            command, listen or Listener(feedback, {}), hear, feedback.isCanceled, child_environment(more=more)
        )
    except worker.CannotStart as error:
        raise QgsProcessingException(str(error)) from error
    if outcome.cancelled or outcome.problem:
        remove_parts(outputs)
    if outcome.problem:
        raise QgsProcessingException(without_secrets(outcome.problem))
    if outcome.cancelled:
        feedback.pushInfo(tr("Cancelled: nothing was written."))
    return not outcome.cancelled


class Listener:
    """Passes the engine's events on to Processing's log and progress bar."""

    def __init__(self, feedback: QgsProcessingFeedback, stages: dict[str, tuple[float, float]]) -> None:
        self._feedback, self._stages, self._stage = feedback, stages, ""
        self._shown = 0.0  # percent: stages may run at once, and the bar never goes back

    def __call__(self, event: worker.Event) -> None:
        """Take one event; kinds of a newer engine are passed over."""
        kind = event["event"]
        if kind == "noted":
            self._feedback.pushInfo(event["text"])
        elif kind == "warned":
            warn(self._feedback, event["text"])
        elif kind == "progress":
            self._progress(event)
        elif kind == "finished":
            self._finished(event["summary"])

    def _progress(self, event: worker.Event) -> None:
        place = self._stages.get(event["stage"]) if self._stages else (0.0, 100.0)
        if place:  # a stage in between leaves the bar where it is
            share = event["done"] / max(event["total"], 1)
            self._show(place[0] + (place[1] - place[0]) * share)
        if event["stage"] != self._stage:
            self._stage = event["stage"]
            where = tr("{stage} on {device}") if event.get("device") else "{stage}"
            self._feedback.setProgressText(where.format(stage=event["stage"], device=event.get("device", "")))

    def _show(self, percent: float) -> None:
        self._shown = max(self._shown, percent)
        self._feedback.setProgress(self._shown)

    def _finished(self, summary: worker.Event) -> None:
        self._show(100.0)
        shares = sorted(summary["shares"].items(), key=lambda item: -item[1])
        for name, share in shares:
            if share:
                self._feedback.pushInfo(f"{share:8.2%}  {name}")
        speed = summary["pixels"] / 1e6 / max(summary["seconds"], 1e-9)
        said = tr("{pixels:,} pixels mapped, {empty:,} without data, by {model} in {seconds:.1f} s: "
                  "{speed:.3g} Mpx/s on {device}")  # fmt: skip
        self._feedback.pushInfo(said.format(pixels=summary["pixels"], empty=summary["nodata_pixels"],
                                            model=summary["model"], seconds=summary["seconds"], speed=speed,
                                            device=summary["device"]))  # fmt: skip


def warn(feedback: QgsProcessingFeedback, text: str) -> None:
    """Push a warning: QGIS before 3.16.2 has none, and a feedback made in Python may not either."""
    getattr(feedback, "pushWarning", feedback.pushInfo)(text)


def command_line(command: Sequence[str]) -> str:
    """Return a command as one types it in this system's shell."""
    return subprocess.list2cmdline(command) if os.name == "nt" else shlex.join(command)


def remove_parts(outputs: Sequence[str]) -> None:
    """Remove what a killed engine left half written beside its outputs; it names them .NAME.*.part."""
    for output in filter(None, outputs):
        path = Path(output)
        for part in path.parent.glob(f".{path.name}.*part"):
            if part.is_dir():
                shutil.rmtree(part, ignore_errors=True)
            else:
                part.unlink(missing_ok=True)
