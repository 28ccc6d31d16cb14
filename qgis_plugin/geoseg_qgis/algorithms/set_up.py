"""Set up the engine: a virtual environment in the user's data folder, made by a few commands
that are shown.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from pathlib import Path

from qgis.core import (
    Qgis,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterString,
)

from .. import busy, engine, installer, limits, settings
from ..environment import without_secrets
from ..text import tr
from .base import GeosegAlgorithm, Values, cancelled, command_line, run_command

BUILD, WHEELS, INDEX, PYTHON, ANEW, ENGINE = "BUILD", "WHEELS", "INDEX", "PYTHON", "ANEW", "ENGINE"
HALF_WAY = 80  # lines that pip and uv print until the bar is half through their step


class SetUpAlgorithm(GeosegAlgorithm):
    """Makes the managed environment."""

    NAME = "setup"
    GROUP = "engine"

    def displayName(self) -> str:
        return tr("Set up the engine")

    def tags(self) -> list[str]:
        return tr("install,environment,torch,cuda,gpu,offline,proxy").split(",")

    def shortDescription(self) -> str:
        return tr("Makes the Python environment in which geoseg works, apart from QGIS's own.")

    def shortHelpString(self) -> str:
        return tr(
            "Makes the environment that geoseg works in: a folder of its own in your data "
            "folder, apart from QGIS's "
            "Python, with geoseg and what it needs (about 1.5 GB; 6 GB with CUDA). Run it once; "
            "then everything else "
            "works.\n\n"
            "It runs a few commands, and shows each. QGIS's proxy is used. Without a network, "
            "name a folder that holds "
            "the wheels of geoseg and all it needs. To use an environment that you made "
            "yourself, name its Python in "
            "Settings > Options > Processing > Providers > geoseg.\n\n"
            "If it fails, the log holds all that a report of the problem needs."
        )

    def canExecute(self) -> tuple[bool, str]:
        return True, ""

    def initAlgorithm(self, configuration: Values | None = None) -> None:
        builds = [
            tr("NVIDIA GPU where there is one"),
            tr("the processor"),
            tr("NVIDIA GPU"),
        ]
        self.add(
            QgsProcessingParameterEnum(BUILD, tr("Compute on"), builds, False, 0),
            tr("Decides which build of torch is installed: for a GPU it is about 5 GB larger."),
        )
        self.add(QgsProcessingParameterBoolean(ANEW, tr("Make it anew"), False))
        behaviour = QgsProcessingParameterFile.Behavior
        self.add(
            QgsProcessingParameterFile(
                WHEELS, tr("Folder of wheels"), behaviour.Folder, "", None, True
            ),
            tr(
                "Without a network: nothing is fetched, everything comes from here. To fill it "
                "on a computer with the "
                "same system and Python: {command}"
            ).format(command=command_line(["pip", "download", "--dest", "FOLDER", self._wanted()])),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterString(INDEX, tr("Package index"), None, False, True),
            tr(
                "The address of an index of your own, or several with spaces between. Empty: "
                "that of the plugin's "
                "settings, else the public one."
            ),
            advanced=True,
        )
        every = (
            tr("All files") + " (*)"
        )  # QGIS's own *.* refuses names without a dot, as Pythons have
        self.add(
            QgsProcessingParameterFile(
                PYTHON, tr("Python to make it with"), behaviour.File, "", None, True, every
            ),
            tr("3.11 or newer. Empty: uv where it is installed, else the newest that is found."),
            advanced=True,
        )
        self.addOutput(QgsProcessingOutputString(ENGINE, tr("The engine's Python")))

    def take(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        self._proxy = settings.proxy()

    def work(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        with busy.alone(engine.lock_file()) as note:
            if note is None:
                raise QgsProcessingException(engine.not_there(os.environ))
            return self._make(
                self.parameterAsBoolean(parameters, ANEW, context),
                self._wish(parameters, context),
                feedback,
                note,
            )

    def _make(
        self,
        anew: bool,
        wish: installer.Wish,
        feedback: QgsProcessingFeedback,
        note: Callable[[float], None],
    ) -> Values:
        """Make an environment beside the one that works; that goes when the new one is whole."""
        old = next(iter(engine.environments(os.environ)), None)
        if old and not anew and installer.made_version(old) == engine.plugin_version():
            feedback.pushInfo(tr("It is there already: {folder}").format(folder=old))
            return {ENGINE: str(engine.python_in(old))}
        tell_system(feedback, self._proxy)
        folder = engine.new_folder()
        steps = (
            installer.plan_update(old, folder) if old and not anew and wish.build == "auto" else []
        )
        update = bool(steps)
        steps = steps or self._plan(wish, folder, feedback)
        installer.remove(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        done = False
        try:
            if update:
                installer.copy(old, folder)
            done = carry_out(steps, feedback, installer.scratch(folder), self._proxy, note)
        except QgsProcessingException:
            feedback.pushInfo(
                tr("What was half made is removed. To report this, copy the whole log.")
            )
            raise
        finally:
            if not done:
                installer.remove(folder)
        if not done:
            feedback.pushInfo(cancelled([]))
            return {}
        installer.finish(folder, steps)
        engine.version.cache_clear()
        limits.keep(engine.Engine(str(engine.python_in(folder)), ""))
        feedback.pushInfo(tr("The engine is ready: {folder}").format(folder=folder))
        return {ENGINE: str(engine.python_in(folder))}

    def _wanted(self) -> str:
        """What a folder of wheels is filled with."""
        try:
            return installer.goal(installer.Wish())
        except engine.NoEngine:  # this copy of the plugin came without it
            return f"geoseg-{engine.plugin_version()}.whl[{installer.EXTRAS}]"

    def _wish(self, parameters: Values, context: QgsProcessingContext) -> installer.Wish:
        return installer.Wish(
            build=installer.BUILDS[self.parameterAsEnum(parameters, BUILD, context)],
            wheels=self.parameterAsString(parameters, WHEELS, context),
            index=self.parameterAsString(parameters, INDEX, context) or settings.package_index(),
            python=self.parameterAsString(parameters, PYTHON, context),
        )

    def _plan(
        self, wish: installer.Wish, folder: Path, feedback: QgsProcessingFeedback
    ) -> list[installer.Step]:
        try:
            steps, notes = installer.plan(wish, folder)
        except engine.NoEngine as problem:
            raise QgsProcessingException(str(problem)) from problem
        for note in notes:
            feedback.pushInfo(without_secrets(note))
        return steps


def tell_system(feedback: QgsProcessingFeedback, proxy: dict[str, str]) -> None:
    """Say what a report of a problem must hold."""
    feedback.pushInfo(
        f"geoseg {engine.plugin_version()}, QGIS {Qgis.version()}, Python "
        f"{platform.python_version()}, "
        f"{platform.platform()}"
    )
    if proxy:
        feedback.pushInfo(
            tr("Proxy of QGIS: {proxy}").format(proxy=without_secrets(proxy["HTTPS_PROXY"]))
        )


def carry_out(
    steps: list[installer.Step],
    feedback: QgsProcessingFeedback,
    scratch: Path,
    proxy: dict[str, str],
    note: Callable[[float], None],
) -> bool:
    """Run the steps one after the other, each shown; False where the user cancelled.

    `note` is told the percent that are done.
    """
    whole, done = sum(step.weight for step in steps), 0.0
    more = {**proxy, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))}
    scratch.mkdir()
    for number, step in enumerate(steps):
        feedback.setProgressText(f"{number + 1}/{len(steps)}: {step.title}")
        feedback.pushCommandInfo(without_secrets(command_line(step.command)))
        creep = Creep(feedback, 100 * done / whole, 100 * (done + step.weight) / whole, note)
        if feedback.isCanceled() or not _run(step, feedback, more, creep):
            return False
        done += step.weight
    feedback.setProgress(100)
    return True


def _run(
    step: installer.Step, feedback: QgsProcessingFeedback, more: dict[str, str], creep: Creep
) -> bool:
    try:
        return run_command(step.command, feedback, more=more, on_line=creep)
    except QgsProcessingException as error:
        failed = tr("This step failed: {title}").format(title=step.title)
        parts = (
            failed,
            without_secrets(command_line(step.command)),
            str(error),
            installer.advice(str(error)),
        )
        raise QgsProcessingException("\n".join(filter(None, parts))) from error


class Creep:
    """Moves the progress bar by the lines that a command prints: nobody knows how many will
    come, so ever slower.
    """

    def __init__(
        self,
        feedback: QgsProcessingFeedback,
        start: float,
        end: float,
        note: Callable[[float], None],
    ) -> None:
        self._feedback = feedback
        self._start = start
        self._end = end
        self._lines = 0
        self._note = note
        self._show(0)

    def __call__(self) -> None:
        """Count a line."""
        self._lines += 1
        self._show(self._lines / (self._lines + HALF_WAY))

    def _show(self, share: float) -> None:
        percent = self._start + (self._end - self._start) * share
        self._feedback.setProgress(percent)
        self._note(percent)
