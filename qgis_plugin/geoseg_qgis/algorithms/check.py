"""Check the engine: versions, devices, and every model on a small scene whose answer is known."""

from __future__ import annotations

from typing import ClassVar

from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProcessingOutputString

from .. import engine, settings
from ..text import tr
from . import scene
from .base import GeosegAlgorithm, Values

VERSION, PYTHON = "VERSION", "PYTHON"


class CheckAlgorithm(GeosegAlgorithm):
    """`geoseg doctor`."""

    NAME = "check"
    GROUP = "engine"
    OPTIONS: ClassVar = {"--device": scene.DEVICE}

    def displayName(self) -> str:
        return tr("Check the engine")

    def tags(self) -> list[str]:
        return tr("doctor,version,device,gpu,install,test").split(",")

    def shortDescription(self) -> str:
        return tr("Tells whether the engine works here, and what it has.")

    def shortHelpString(self) -> str:
        return tr(
            "Tells which engine is used and where it comes from, its version and those of its "
            "libraries, the devices "
            "it can compute on, and the models it has; then runs every model on a small scene "
            "whose answer is known. "
            "The log can be copied into a report of a problem."
        )

    def initAlgorithm(self, configuration: Values | None = None) -> None:
        scene.add_device(self)
        self.addOutput(QgsProcessingOutputString(VERSION, tr("Version of the engine")))
        self.addOutput(QgsProcessingOutputString(PYTHON, tr("The engine's Python")))

    def problem(self, parameters: Values, context: QgsProcessingContext) -> str:
        return scene.device_problem(self, parameters, context)

    def work(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        feedback.pushInfo(tr("Plugin: geoseg {version}").format(version=engine.plugin_version()))
        arguments = ["doctor", *scene.device_arguments(self, parameters, context)]
        if not self.run_engine(arguments, feedback):
            return {}
        found = engine.ready(settings.engine_python())
        return {VERSION: engine.version(found), PYTHON: found.python}
