"""Evaluate a map: compared with a truth layer, or by an interpreted sample; a page and numbers
out.
"""

from __future__ import annotations

import re
from typing import ClassVar

from qgis.core import (
    QgsMapLayer,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterMapLayer,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorLayer,
    QgsRasterLayer,
    QgsVectorLayer,
)

from .. import column_choice, vectors
from ..text import tr
from . import scene
from .base import GeosegAlgorithm, Values

MAP, TRUTH, COLUMN, SAMPLE, CONFIDENCE = "MAP", "TRUTH", "COLUMN", "SAMPLE", "CONFIDENCE"
RENAME, IGNORE, MISSING, BOUNDARY, PAGE, NUMBERS = (
    "RENAME",
    "IGNORE",
    "MISSING",
    "BOUNDARY",
    "PAGE",
    "NUMBERS",
)


class EvaluateAlgorithm(GeosegAlgorithm):
    """`geoseg evaluate` with layers."""

    NAME = "evaluate"
    GROUP = "quality"
    OPTIONS: ClassVar = {
        "--truth-column": COLUMN,
        "--areas": SAMPLE,
        "--confidence": CONFIDENCE,
        "--rename": RENAME,
        "--ignore": IGNORE,
        "--missing": MISSING,
        "--boundary": BOUNDARY,
        "--report": PAGE,
        "--json": NUMBERS,
    }

    def displayName(self) -> str:
        return tr("Evaluate a map")

    def tags(self) -> list[str]:
        return tr("accuracy,confusion matrix,IoU,F1,area estimation,truth,validation").split(",")

    def shortDescription(self) -> str:
        return tr(
            "Compares a map with the truth, or tells its accuracy from an interpreted sample."
        )

    def shortHelpString(self) -> str:
        return tr(
            "Either compares a map with a truth layer, raster or vector, in any CRS: confusion "
            "matrix, accuracy, IoU "
            "and F1 of each class, agreement of the borders, and how reliable the confidence "
            "is.\n\n"
            "Or takes an interpreted sample of “Sample points for accuracy” alone, and gives "
            "accuracies and the area "
            "of each class with 95 % intervals.\n\n"
            "The result is a page with tables and pictures, and a JSON file with all numbers."
        )

    def initAlgorithm(self, configuration: Values | None = None) -> None:
        self.add(QgsProcessingParameterRasterLayer(MAP, tr("Map (class raster)"), None, True))
        source = QgsProcessing.SourceType
        either = [source.TypeVectorAnyGeometry, source.TypeRaster]
        self.add(
            QgsProcessingParameterMapLayer(
                TRUTH, tr("Truth (raster or vector)"), None, True, either
            )
        )
        self.add(column_choice.parameter(COLUMN, tr("The truth's column of classes"), TRUTH))
        kind = [QgsProcessing.SourceType.TypeVectorPoint]
        self.add(
            QgsProcessingParameterVectorLayer(
                SAMPLE, tr("Or: an interpreted sample"), kind, None, True
            ),
            tr("Points of “Sample points for accuracy” with their column truth filled in."),
        )
        self.add(
            QgsProcessingParameterRasterLayer(CONFIDENCE, tr("Confidence of the map"), None, True),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterString(RENAME, tr("Truth's names on the map"), optional=True),
            tr("What the truth calls the map's classes, such as 5=water, forest=trees."),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterString(IGNORE, tr("Truth's unlabelled classes"), optional=True),
            tr("Classes of the truth that count as unlabelled, such as 0, unknown."),
            advanced=True,
        )
        words = {
            "error": tr("are an error"),
            "count": tr("count as wrong pixels"),
            "ignore": tr("count as unlabelled"),
        }
        ways = [words.get(way, way) for way in self.choices("--missing")]
        self.add(
            QgsProcessingParameterEnum(
                MISSING, tr("Classes of the truth that the map lacks"), ways, False, 0
            ),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterString(BOUNDARY, tr("How far apart borders may lie"), "2px"),
            tr("Such as 2px or 15m; off leaves the borders out."),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterFileDestination(PAGE, tr("Page"), "HTML (*.html)", None, True)
        )
        self.add(
            QgsProcessingParameterFileDestination(
                NUMBERS, tr("Numbers"), "JSON (*.json)", None, True, False
            )
        )

    def problem(self, parameters: Values, context: QgsProcessingContext) -> str:
        pair, sample = [parameters.get(MAP), parameters.get(TRUTH)], parameters.get(SAMPLE)
        if bool(sample) == any(pair) or (not sample and not all(pair)):
            return tr("Give a map and its truth, or a sample alone.")
        boundary = self.parameterAsString(parameters, BOUNDARY, context).replace(" ", "")
        if not re.fullmatch(r"off|\d+(\.\d+)?(px|m)", boundary):
            return tr("“{text}” is no distance of borders: write it as 2px, 15m or off.").format(
                text=boundary
            )
        if any("=" not in entry for entry in self._entries(parameters, RENAME, context)):
            return tr(
                "Write the names as 5=water, forest=trees: the truth's class, then the map's."
            )
        if sample:
            return vectors.file_problem(self.parameterAsVectorLayer(parameters, SAMPLE, context))
        truth = self.parameterAsLayer(parameters, TRUTH, context)
        if isinstance(truth, QgsVectorLayer) and not parameters.get(COLUMN):
            return tr("Choose the column of the truth that holds the class.")
        wrong = (
            vectors.problem(truth)
            if isinstance(truth, QgsVectorLayer)
            else scene.layers_problem([truth])
        )
        names = [MAP, CONFIDENCE] if parameters.get(CONFIDENCE) else [MAP]
        return wrong or scene.layers_problem(
            [self.parameterAsRasterLayer(parameters, name, context) for name in names]
        )

    def _entries(self, parameters: Values, name: str, context: QgsProcessingContext) -> list[str]:
        text = self.parameterAsString(parameters, name, context)
        return [entry.strip() for entry in text.split(",") if entry.strip()]

    def take(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        if parameters.get(SAMPLE):
            layer = self.parameterAsVectorLayer(parameters, SAMPLE, context)
            self._files = ["--areas", vectors.own_file(layer)]
            return
        truth = self.parameterAsLayer(parameters, TRUTH, context)
        rasters = [self.parameterAsRasterLayer(parameters, MAP, context)]
        if parameters.get(CONFIDENCE):
            rasters.append(self.parameterAsRasterLayer(parameters, CONFIDENCE, context))
        mapped, *confidence = scene.usable_paths(rasters, self.folder(), feedback)
        self._files = [mapped, self._truth(truth, context, feedback)]
        self._files += ["--confidence", confidence[0]] if confidence else []

    def _truth(
        self, truth: QgsMapLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> str:
        if isinstance(truth, QgsRasterLayer):
            return scene.usable_paths([truth], self.folder(), feedback)[0]
        try:
            opened = vectors.usable(truth, context, self.folder())
        except OSError as error:
            raise QgsProcessingException(str(error)) from error
        if opened.note:
            feedback.pushInfo(opened.note)
        return opened.path

    def work(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        written = {
            name: self.parameterAsFileOutput(parameters, name, context)
            for name in (PAGE, NUMBERS)
            if parameters.get(name)
        }
        options = {PAGE: "--report", NUMBERS: "--json"}
        targets = [part for name, path in written.items() for part in (options[name], path)]
        how = [] if parameters.get(SAMPLE) else self._how(parameters, context)
        arguments = ["evaluate", *self._files, *how, *targets, "--overwrite"]
        return (
            written if self.run_engine(arguments, feedback, outputs=list(written.values())) else {}
        )

    def _how(self, parameters: Values, context: QgsProcessingContext) -> list[str]:
        column = (
            self.parameterAsString(parameters, COLUMN, context) if parameters.get(COLUMN) else ""
        )
        missing = self.choices("--missing")[self.parameterAsEnum(parameters, MISSING, context)]
        return [
            *(["--truth-column", column] if column else []),
            *(
                part
                for entry in self._entries(parameters, RENAME, context)
                for part in ("--rename", entry)
            ),
            *(
                part
                for entry in self._entries(parameters, IGNORE, context)
                for part in ("--ignore", entry)
            ),
            "--missing",
            missing,
            "--boundary",
            self.parameterAsString(parameters, BOUNDARY, context).replace(" ", ""),
        ]
