"""Train a model: scene layers and a layer of labels in, a model's folder out."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import ClassVar

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputFile,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterMapLayer,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
    QgsRasterLayer,
    QgsVectorLayer,
)

from .. import column_choice, vectors
from ..text import tr
from . import scene
from .base import GeosegAlgorithm, Values
from .scene import CHOICE

SCENES, LABELS, COLUMN, CLASSES, START = "SCENES", "LABELS", "COLUMN", "CLASSES", "START"
STEPS, VALIDATION, NAME, BANDS, CROP, BATCH = (
    "STEPS",
    "VALIDATION",
    "NAME",
    "BANDS",
    "CROP",
    "BATCH",
)
OUTPUT, REPORT = "OUTPUT", "REPORT"
CLASS = r"[^=,:]+=\d+(:#[0-9a-fA-F]{6}(:[^,]+)?)?"


class TrainAlgorithm(GeosegAlgorithm):
    """`geoseg train` with layers."""

    NAME = "train"
    GROUP = "models"
    OPTIONS: ClassVar = {
        "--scenes": SCENES,
        "--labels": LABELS,
        "--column": COLUMN,
        "--classes": CLASSES,
        "--from": START,
        "--steps": STEPS,
        "--validation": VALIDATION,
        "--name": "NAME",
        "--bands": BANDS,
        "--crop": CROP,
        "--batch": BATCH,
        "--device": scene.DEVICE,
        "--out": OUTPUT,
    }

    def displayName(self) -> str:
        return tr("Train a model")

    def tags(self) -> list[str]:
        return tr("training,fine-tuning,deep learning,labels,classes,model").split(",")

    def shortDescription(self) -> str:
        return tr("Trains a model of your own on scenes and a layer of labels.")

    def shortHelpString(self) -> str:
        return tr(
            "Trains a model on scenes and their labels: a polygon layer with a column for the "
            "class, or a class "
            "raster. Where nothing is labelled, nothing is learned. The scenes need the same "
            "bands.\n\n"
            "Classes are written as name=value, with a colour where you like, and with what the "
            "labels call them where "
            "that is not the value: water=1:#419bdf:river|lake, trees=2:#397d49:forest.\n\n"
            "Starting from a model that exists needs far fewer labels, and fewer steps. Without "
            "a GPU a training takes "
            "hours; the folder keeps a checkpoint, and its report.html shows how it went. Use "
            "the model by its folder "
            "in “Predict land cover”."
        )

    def initAlgorithm(self, configuration: Values | None = None) -> None:
        number, kind = QgsProcessingParameterNumber, QgsProcessing.SourceType.TypeRaster
        polygon = QgsProcessing.SourceType.TypeVectorPolygon
        self.add(QgsProcessingParameterMultipleLayers(SCENES, tr("Scenes"), kind))
        self.add(
            QgsProcessingParameterMapLayer(
                LABELS, tr("Labels (polygons or class raster)"), None, False, [polygon, kind]
            ),
            tr("One layer for all scenes."),
        )
        self.add(column_choice.parameter(COLUMN, tr("Column with the class"), LABELS))
        self.add(
            QgsProcessingParameterString(CLASSES, tr("Classes")),
            tr(
                "name=value:#colour:label|label, separated by commas; colour and labels may be "
                "left out."
            ),
        )
        start = QgsProcessingParameterString(START, tr("Start from this model"), optional=True)
        start.setMetadata({"widget_wrapper": {"class": CHOICE, "scene": ""}})
        self.add(
            start,
            tr("Its other classes and bands are fitted in. Empty: from the encoder's own weights."),
        )
        self.add(
            number(STEPS, tr("Steps"), scene.WHOLE, 1000, False, 1),
            tr("More is slower and better, up to a point."),
        )
        self.add(
            number(VALIDATION, tr("Share held out to validate"), scene.REAL, 0.2, False, 0, 0.8),
            tr(
                "Of the labelled places; the scores are measured there. 0 for labels too few to "
                "hold any out."
            ),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterString(NAME, tr("Name of the model"), optional=True),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterString(BANDS, tr("Scenes' band numbers"), optional=True),
            tr("Such as 1,2,3. Empty: all."),
            advanced=True,
        )
        self.add(
            number(CROP, tr("Side of the crops, in pixels"), scene.WHOLE, None, True, 32),
            advanced=True,
        )
        self.add(number(BATCH, tr("Crops in one step"), scene.WHOLE, None, True, 1), advanced=True)
        scene.add_device(self)
        self.add(QgsProcessingParameterFolderDestination(OUTPUT, tr("Folder of the model")))
        self.addOutput(QgsProcessingOutputFile(REPORT, tr("Report")))

    def problem(self, parameters: Values, context: QgsProcessingContext) -> str:
        classes = self._entries(parameters, context)
        if len(classes) < 2 or not all(re.fullmatch(CLASS, entry) for entry in classes):
            return tr("Write two classes or more, such as water=1:#419bdf:lake, trees=2.")
        labels = self.parameterAsLayer(parameters, LABELS, context)
        if isinstance(labels, QgsVectorLayer) and not parameters.get(COLUMN):
            return tr("Choose the column of the labels that holds the class.")
        bands = self.parameterAsString(parameters, BANDS, context)
        if bands and not re.fullmatch(r"\s*[1-9]\d*\s*(,\s*[1-9]\d*\s*)*", bands):
            return tr("“{bands}” are no band numbers: write them as 4,3,2, counted from 1.").format(
                bands=bands
            )
        wrong = (
            vectors.problem(labels)
            if isinstance(labels, QgsVectorLayer)
            else scene.layers_problem([labels])
        )
        scenes = self.parameterAsLayerList(parameters, SCENES, context)
        return (
            wrong
            or scene.layers_problem(scenes or [None])
            or scene.device_problem(self, parameters, context)
        )

    def _entries(self, parameters: Values, context: QgsProcessingContext) -> list[str]:
        text = self.parameterAsString(parameters, CLASSES, context)
        return [
            re.sub(r"\s*([=:])\s*", r"\1", entry.strip())
            for entry in text.split(",")
            if entry.strip()
        ]

    def take(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        scenes = self.parameterAsLayerList(parameters, SCENES, context)
        self._scenes = scene.usable_paths(scenes, self.folder(), feedback)
        labels = self.parameterAsLayer(parameters, LABELS, context)
        if isinstance(labels, QgsRasterLayer):
            (self._labels,) = scene.usable_paths([labels], self.folder(), feedback)
            return
        try:
            opened = vectors.usable(labels, context, self.folder())
        except OSError as error:
            raise QgsProcessingException(str(error)) from error
        if opened.note:
            feedback.pushInfo(opened.note)
        self._labels = opened.path

    def work(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        folder = self.parameterAsString(parameters, OUTPUT, context)
        arguments = [
            "train",
            *self._data(parameters, context),
            *self._options(parameters, context),
            "--out",
            folder,
        ]
        parts = [os.path.join(folder, name) for name in ("model.safetensors", "card.json")]  # noqa: PTH118
        if not self.run_engine([*arguments, "--overwrite"], feedback, outputs=parts):
            return {}
        return {OUTPUT: folder, REPORT: str(Path(folder) / "report.html")}

    def _data(self, parameters: Values, context: QgsProcessingContext) -> list[str]:
        column = (
            self.parameterAsString(parameters, COLUMN, context) if parameters.get(COLUMN) else ""
        )
        return [
            *(
                part
                for path in self._scenes
                for part in ("--scenes", path, "--labels", self._labels)
            ),
            *(["--column", column] if column else []),
            "--classes",
            ",".join(self._entries(parameters, context)),
        ]

    def _options(self, parameters: Values, context: QgsProcessingContext) -> list[str]:
        texts = {"--from": START, "--name": "NAME", "--bands": BANDS}
        given = {
            option: self.parameterAsString(parameters, name, context).strip()
            for option, name in texts.items()
        }
        numbers = {"--steps": STEPS, "--crop": CROP, "--batch": BATCH}
        given |= {
            option: str(self.parameterAsInt(parameters, name, context))
            for option, name in numbers.items()
            if parameters.get(name) is not None or name == STEPS
        }
        given["--validation"] = f"{self.parameterAsDouble(parameters, VALIDATION, context):.15g}"
        options = [part for option, value in given.items() if value for part in (option, value)]
        return options + scene.device_arguments(self, parameters, context)
