"""Describe a model: its card as text in the log, and as a page."""

from __future__ import annotations

import json
from pathlib import Path

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterString,
)

from .. import engine
from ..messages import ERROR, spoken
from ..page import page
from ..text import tr
from .base import GeosegAlgorithm, Values
from .scene import CHOICE

MODEL, OUTPUT = "MODEL", "OUTPUT"


class DescribeAlgorithm(GeosegAlgorithm):
    """`geoseg models show`."""

    NAME = "describe"
    GROUP = "models"

    def displayName(self) -> str:
        return tr("Describe a model")

    def tags(self) -> list[str]:
        return tr("model,card,classes,bands,accuracy,scores,limits,licence").split(",")

    def shortDescription(self) -> str:
        return tr(
            "Shows what a model expects of a scene, how good it is, and what it has not seen."
        )

    def shortHelpString(self) -> str:
        return tr(
            "Shows a model's card: bands, data types, pixel size, classes with their colours, "
            "the scores measured on "
            "places held out, the limits, licence and credits. In the log, and as a page in the "
            "Results Viewer.\n\n"
            "Read the limits before you trust a map."
        )

    def initAlgorithm(self, configuration: Values | None = None) -> None:
        model = QgsProcessingParameterString(MODEL, tr("Model"), "landcover-s2")
        model.setMetadata({"widget_wrapper": {"class": CHOICE, "scene": ""}})
        self.add(model, tr("A name, or the folder of a model of your own."))
        html = QgsProcessingParameterFileDestination(
            OUTPUT, tr("Page"), "HTML (*.html)", None, True
        )
        self.add(html)

    def problem(self, parameters: Values, context: QgsProcessingContext) -> str:
        if self.parameterAsString(parameters, MODEL, context).strip() in ("", "auto"):
            return tr("Name a model: auto means another one for each scene.")
        return ""

    def work(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        model = self.parameterAsString(parameters, MODEL, context).strip()
        found = self.engine(feedback)
        for line in _asked(found, "models", "show", model).splitlines():
            feedback.pushInfo(line)
        if not parameters.get(OUTPUT):
            return {}
        output = self.parameterAsFileOutput(parameters, OUTPUT, context)
        card = json.loads(_asked(found, "models", "show", model, "--json"))
        Path(output).write_text(page(card), encoding="utf-8")
        return {OUTPUT: output}


def _asked(found: engine.Engine, *arguments: str) -> str:
    try:
        done = engine.ask(found, *arguments)
    except engine.NoEngine as problem:
        raise QgsProcessingException(str(problem)) from problem
    if done.returncode:
        raise QgsProcessingException(
            spoken(done.stderr.strip().splitlines()[-1].replace(ERROR, ""))
        )
    return done.stdout
