"""What all algorithms share: who they are in Processing, and how they run the engine and listen
to it.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from qgis.core import (
    QgsMapLayer,
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterNumber,
    QgsProcessingUtils,
)
from qgis.PyQt.QtGui import QIcon

from .. import engine, help_page, limits, open_layers, settings, worker
from ..environment import child_environment, without_secrets
from ..messages import ERROR, translated
from ..results import Result, Results, dress
from ..text import tr
from ..wording import in_fields

Values = dict[str, Any]
TEMPORARY = QgsProcessing.TEMPORARY_OUTPUT
ADVANCED = QgsProcessingParameterDefinition.Flag.FlagAdvanced


class GeosegAlgorithm(QgsProcessingAlgorithm):
    """An algorithm whose work the engine does.

    A kind of it says `NAME` and `GROUP`, its texts and parameters, and does its job in `work`, with
    what `problem` has let pass and `take` has taken.
    """

    NAME = ""
    GROUP = "map"
    _refusal = ""
    _hold: open_layers.Hold | None = None
    _targets: tuple[str, ...] = ()
    _results = Results()
    OPTIONS: ClassVar[
        dict[str, str]
    ] = {}  # the engine's options, and the parameters that give them

    def name(self) -> str:
        return self.NAME

    def groupId(self) -> str:
        return self.GROUP

    def group(self) -> str:
        return {
            "map": tr("Mapping"),
            "quality": tr("Quality"),
            "models": tr("Models"),
            "engine": tr("Engine"),
        }[self.GROUP]

    def createInstance(self) -> QgsProcessingAlgorithm:
        return type(self)()

    def icon(self) -> QIcon:
        return QIcon(str(engine.HERE / "icon.svg"))

    def svgIconPath(self) -> str:
        return str(engine.HERE / "icon.svg")

    def helpUrl(self) -> str:
        return help_page.write(self)  # QGIS opens it where its Help button is pressed

    def fields(self) -> dict[str, str]:
        """Return the label of the field that gives each option of the engine; see
        wording.in_fields.
        """
        labels = {one.name(): one.description() for one in self.parameterDefinitions()}
        return {option: labels[name] for option, name in self.OPTIONS.items() if name in labels}

    def canExecute(self) -> tuple[bool, str]:
        try:
            engine.find(settings.engine_python())
        except engine.NoEngine as problem:
            return False, str(problem)
        return True, ""

    def add(
        self,
        parameter: QgsProcessingParameterDefinition,
        help_text: str = "",
        advanced: bool = False,
    ) -> None:
        """Add a parameter with its help, folded away where it is advanced."""
        parameter.setHelp(help_text)
        if advanced:
            parameter.setFlags(parameter.flags() | ADVANCED)
        self.addParameter(parameter)

    def facts(self, option: str) -> limits.Facts:
        """Return what the engine says of an option of this algorithm's command."""
        return limits.facts(self.NAME, option, settings.engine_python())

    def add_number(
        self,
        option: str,
        name: str,
        label: str,
        help_text: str = "",
        advanced: bool = False,
        **own: Any,
    ) -> None:
        """Add the number of an option, with the engine's limits and default; `own` has others."""
        facts = {**self.facts(option), **own}
        kinds = QgsProcessingParameterNumber.Type
        parameter = QgsProcessingParameterNumber(
            name,
            label,
            kinds.Integer if facts["type"] == "integer" else kinds.Double,
            facts.get("default"),
            "default" not in facts,
        )
        if "minimum" in facts:
            parameter.setMinimum(facts["minimum"])
        if "maximum" in facts:
            parameter.setMaximum(facts["maximum"])
        self.add(parameter, help_text, advanced)

    def choices(self, option: str) -> list[str]:
        """Return what an option of this algorithm's command may be, as the engine says it."""
        return list(self.facts(option)["choices"])

    def checkParameterValues(
        self, parameters: Values, context: QgsProcessingContext
    ) -> tuple[bool, str]:
        fine, said = super().checkParameterValues(parameters, context)
        problem = said if not fine else self._whole_problem(parameters, context)
        return not problem, problem

    def _whole_problem(self, parameters: Values, context: QgsProcessingContext) -> str:
        """What is wrong with the values, or with the files that they name as outputs."""
        targets = self.targets(parameters, context)
        return self.problem(parameters, context) or open_layers.problem(
            context.project(), targets, self._sources(parameters, context)
        )

    def problem(self, parameters: Values, context: QgsProcessingContext) -> str:
        """Return in the dialog's own words what is wrong with the values; empty where nothing
        is.
        """
        return ""

    def prepareAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        # batches and models do not call checkParameterValues
        self._refusal = self._whole_problem(parameters, context)
        try:
            if not self._refusal:
                self.take(parameters, context, feedback)
                self._targets = self.targets(parameters, context)
                self._hold = open_layers.Hold(context.project(), self._targets)
        except QgsProcessingException as error:
            self._refusal = str(error)
        return True

    def processAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        if (
            self._refusal
        ):  # only now: where preparing fails, QGIS 3.40 drops the rows of a batch that follow
            raise QgsProcessingException(self._refusal)
        try:
            return self.work(parameters, context, feedback)
        finally:
            if self._hold is not None:
                self._hold.ended.emit()

    def postProcessAlgorithm(
        self, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        there = open_layers.renew(context.project(), self._targets)
        for layer in there:
            feedback.pushInfo(tr("“{layer}” shows its file anew.").format(layer=layer.name()))
        dress(self._results, context, there)
        return {}

    def work(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        """Do what the algorithm is for, with what `take` has taken, and return its outputs."""
        raise NotImplementedError

    def take(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Take from the layers what the run needs: here, in the main thread, for layers belong
        to it.
        """

    def target(self, parameters: Values, name: str, context: QgsProcessingContext) -> str:
        """Return a layer's destination as it was given; empty where none was, which batches say
        with a definition.
        """
        value = parameters.get(name)
        if isinstance(value, QgsProcessingOutputLayerDefinition):
            value = value.sink.valueAsString(context.expressionContext())[0]
        return str(value or "")

    def result(
        self, parameters: Values, output: str, path: str, name: str, ramp: str = ""
    ) -> Result:
        """Return an output as a layer to be: with the name that the user or a model has given
        it.
        """
        value = parameters.get(output)
        named = isinstance(value, QgsProcessingOutputLayerDefinition)
        return Result(path, name, value.destinationName if named else "", ramp)

    def targets(self, parameters: Values, context: QgsProcessingContext) -> tuple[str, ...]:
        """Return the files that the values name as outputs; none for those that QGIS names
        itself.
        """
        names = [definition.name() for definition in self.destinationParameterDefinitions()]
        found = (self.target(parameters, name, context).split("|")[0] for name in names)
        return tuple(path for path in found if path not in ("", TEMPORARY))

    def _sources(self, parameters: Values, context: QgsProcessingContext) -> list[QgsMapLayer]:
        """The layers that the values name as inputs."""
        found = []
        for definition in self.parameterDefinitions():
            name, kind = definition.name(), definition.type()
            if parameters.get(name) and kind == "multilayer":
                found += self.parameterAsLayerList(parameters, name, context)
            elif parameters.get(name) and kind == "source":
                found.append(self.parameterAsVectorLayer(parameters, name, context))
            elif parameters.get(name) and kind in ("raster", "vector", "layer"):
                found.append(self.parameterAsLayer(parameters, name, context))
        return [layer for layer in found if layer is not None]

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
        """Run geoseg with the arguments and say in the log what it says; False where the user
        cancelled.

        `stages` gives for each stage the part of the progress bar it fills, in percent; `outputs`
        are the paths whose half-written parts go if the engine had to be killed.
        """
        found = self.engine(feedback)
        feedback.pushInfo(tr("The same job on a command line:"))
        feedback.pushCommandInfo(command_line(["geoseg", *arguments]))
        command = found.command(*arguments, "--events", "--cancel-on-eof")
        listen = Listener(feedback, stages or {}, self.fields())
        before = {path: stamp(path) for path in {*outputs, *self._targets} if path}
        try:
            done = run_command(command, feedback, listen, outputs, fields=self.fields())
        finally:
            written = [path for path, then in before.items() if stamp(path) != then]
        if not done:
            feedback.pushInfo(cancelled(written))
        return done

    def engine(self, feedback: QgsProcessingFeedback) -> engine.Engine:
        """Return the engine, and say which it is; QgsProcessingException where there is none
        that fits.
        """
        try:
            found = engine.ready(settings.engine_python())
            limits.keep(found)
            said = tr("Engine: geoseg {version} in {python} ({origin})")
            feedback.pushInfo(
                said.format(version=engine.version(found), python=found.python, origin=found.origin)
            )
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
    fields: Mapping[str, str] | None = None,
) -> bool:
    """Run any command to its end; False where the user cancelled, QgsProcessingException where it
    failed.

    `on_line` is called at each line that is no event; `fields` are those of wording.in_fields.
    """

    def hear(line: str) -> None:
        if on_line:
            on_line()
        if not line.startswith(ERROR):  # the exception says it
            feedback.pushConsoleInfo(without_secrets(line))

    try:
        outcome = worker.run(
            command,
            listen or Listener(feedback, {}),
            hear,
            feedback.isCanceled,
            child_environment(more=more),
        )
    except worker.CannotStart as error:
        raise QgsProcessingException(str(error)) from error
    if outcome.cancelled or outcome.problem:
        remove_parts(outputs)
    if outcome.problem:
        raise QgsProcessingException(in_fields(without_secrets(outcome.problem), fields or {}))
    return not outcome.cancelled


class Listener:
    """Passes the engine's events on to Processing's log and progress bar."""

    def __init__(
        self,
        feedback: QgsProcessingFeedback,
        stages: dict[str, tuple[float, float]],
        fields: Mapping[str, str] | None = None,
    ) -> None:
        self._fields = fields or {}
        self._feedback, self._stages, self._stage = feedback, stages, ""
        self._shown = 0.0  # percent: stages may run at once, and the bar never goes back

    def __call__(self, event: worker.Event) -> None:
        """Take one event; kinds of a newer engine are passed over."""
        kind = event["event"]
        if kind == "noted":
            self._feedback.pushInfo(in_fields(translated(event["text"]), self._fields))
        elif kind == "warned":
            warn(self._feedback, in_fields(translated(event["text"]), self._fields))
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
            stage = stage_name(event["stage"])
            self._feedback.setProgressText(
                where.format(stage=stage, device=event.get("device", ""))
            )

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
        said = tr(
            "{pixels:,} pixels mapped, {empty:,} without data, by {model} in {seconds:.1f} s: "
            "{speed:.3g} Mpx/s on {device}"
        )
        self._feedback.pushInfo(
            said.format(
                pixels=summary["pixels"],
                empty=summary["nodata_pixels"],
                model=summary["model"],
                seconds=summary["seconds"],
                speed=speed,
                device=summary["device"],
            )
        )


def stage_name(stage: str) -> str:
    """Return a stage of the engine's work in QGIS's language; one of a newer engine as it is."""
    known = {
        "segment": tr("segment"),
        "majority": tr("majority filter"),
        "holes": tr("fill holes"),
        "sieve": tr("merge small areas"),
        "trace": tr("trace polygons"),
        "compare": tr("compare"),
        "train": tr("train"),
    }
    return known.get(stage, stage)


def warn(feedback: QgsProcessingFeedback, text: str) -> None:
    """Push a warning: QGIS before 3.16.2 has none, and a feedback made in Python may not either."""
    getattr(feedback, "pushWarning", feedback.pushInfo)(text)


def stamp(path: str) -> tuple[object, ...]:
    """Return what tells whether a file, or one in a folder, was written since."""
    place = Path(path)
    found = [place, *(place.iterdir() if place.is_dir() else [])]
    return tuple(
        (one.name, one.stat().st_ino, one.stat().st_mtime_ns) for one in found if one.is_file()
    )


def cancelled(written: Sequence[str]) -> str:
    """Return in words what a run left that the user cancelled."""
    if not written:
        return tr("Cancelled: nothing was written.")
    return tr("Cancelled; written already: {paths}").format(paths=", ".join(written))


def command_line(command: Sequence[str]) -> str:
    """Return a command as one types it in this system's shell."""
    return subprocess.list2cmdline(command) if os.name == "nt" else shlex.join(command)


def remove_parts(outputs: Sequence[str]) -> None:
    """Remove what a killed engine left half written beside its outputs; it names them
    .NAME.*.part.
    """
    for output in filter(None, outputs):
        path = Path(output)
        for part in path.parent.glob(f".{path.name}.*part"):
            if part.is_dir():
                shutil.rmtree(part, ignore_errors=True)
            else:
                part.unlink(missing_ok=True)
