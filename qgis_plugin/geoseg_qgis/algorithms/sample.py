"""Sample points for accuracy: a map in, points at random in each class out, to be interpreted in
QGIS.
"""

from __future__ import annotations

from typing import ClassVar

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterVectorDestination,
)

from ..results import Results
from ..text import tr
from . import scene
from .base import GeosegAlgorithm, Values

INPUT, POINTS, ALLOCATION, MINIMUM, SEED = "INPUT", "POINTS", "ALLOCATION", "MINIMUM", "SEED"
BLIND, OUTPUT = "BLIND", "OUTPUT"


class SampleAlgorithm(GeosegAlgorithm):
    """`geoseg sample` with layers."""

    NAME = "sample"
    GROUP = "quality"
    OPTIONS: ClassVar = {
        "--points": POINTS,
        "--minimum": MINIMUM,
        "--seed": SEED,
        "--allocation": ALLOCATION,
        "--blind": BLIND,
        "--out": OUTPUT,
    }

    def displayName(self) -> str:
        return tr("Sample points for accuracy")

    def tags(self) -> list[str]:
        return tr(
            "accuracy,validation,stratified,random points,area estimation,interpretation"
        ).split(",")

    def shortDescription(self) -> str:
        return tr("Draws points at random in each class of a map, to be interpreted.")

    def shortHelpString(self) -> str:
        return tr(
            "Draws a stratified random sample of a map's pixels, each class being a stratum.\n\n"
            "Open the points over imagery, choose the true class of each in its column “truth” "
            "(QGIS shows a list of "
            "the classes), save, and run “Evaluate a map” with this layer as the sample: it "
            "gives the accuracy, and "
            "the area of each class with its 95 % interval.\n\n"
            "Keep the map's class hidden from who interprets, where you can."
        )

    def initAlgorithm(self, configuration: Values | None = None) -> None:
        self.add(QgsProcessingParameterRasterLayer(INPUT, tr("Class raster")))
        self.add_number("--points", POINTS, tr("How many points"), default=400)
        self.add(
            QgsProcessingParameterBoolean(BLIND, tr("Hide the map's class"), True),
            tr("From who interprets."),
        )
        words = {
            "proportional": tr("by the classes' areas"),
            "equal": tr("the same number in each class"),
            "neyman": tr("Neyman: by area and spread"),
        }
        ways = [words.get(way, way) for way in self.choices("--allocation")]
        self.add(
            QgsProcessingParameterEnum(ALLOCATION, tr("Shared out"), ways, False, 0), advanced=True
        )
        self.add_number("--minimum", MINIMUM, tr("Points in each class at least"), advanced=True)
        self.add_number(
            "--seed",
            SEED,
            tr("Seed"),
            tr("The same seed gives the same points; more of them only add to these."),
            advanced=True,
        )
        point = QgsProcessing.SourceType.TypeVectorPoint
        self.add(QgsProcessingParameterVectorDestination(OUTPUT, tr("Sample"), point))

    def problem(self, parameters: Values, context: QgsProcessingContext) -> str:
        output = self.target(parameters, OUTPUT, context)
        if output not in ("", QgsProcessing.TEMPORARY_OUTPUT) and not output.lower().endswith(
            ".gpkg"
        ):
            return tr("The sample is a GeoPackage: give it a name that ends in .gpkg.")
        return scene.layers_problem([self.parameterAsRasterLayer(parameters, INPUT, context)])

    def take(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        layer = self.parameterAsRasterLayer(parameters, INPUT, context)
        self._title = layer.name()
        self._placed = layer.crs().isValid()
        (self._map,) = scene.usable_paths([layer], self.folder(), feedback)

    def work(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        output = self.parameterAsOutputLayer(parameters, OUTPUT, context)
        allocation = self.choices("--allocation")[
            self.parameterAsEnum(parameters, ALLOCATION, context)
        ]
        numbers = {"--points": POINTS, "--minimum": MINIMUM, "--seed": SEED}
        given = {
            option: str(self.parameterAsInt(parameters, name, context))
            for option, name in numbers.items()
        }
        arguments = [
            "sample",
            self._map,
            "--out",
            output,
            *(part for pair in given.items() for part in pair),
            "--allocation",
            allocation,
            *(["--blind"] if self.parameterAsBoolean(parameters, BLIND, context) else []),
            "--overwrite",
        ]
        if not self.run_engine(arguments, feedback, outputs=[output]):
            return {}
        name = tr("Sample of {map}").format(map=self._title)
        self._results = Results((self.result(parameters, OUTPUT, output, name),), "", self._placed)
        return {OUTPUT: output}
