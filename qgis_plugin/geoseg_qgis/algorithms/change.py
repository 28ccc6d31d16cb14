"""Change between two maps: two class rasters in, polygons of what became what out."""

from __future__ import annotations

from typing import ClassVar

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorDestination,
)

from ..results import Results
from ..text import tr
from . import scene
from .base import GeosegAlgorithm, Values

BEFORE, AFTER, OUTPUT = "BEFORE", "AFTER", "OUTPUT"
RENAME, NEAREST, UNCHANGED = "RENAME", "NEAREST", "UNCHANGED"


class ChangeAlgorithm(GeosegAlgorithm):
    """`geoseg change` with layers."""

    NAME = "change"
    OPTIONS: ClassVar = {
        **scene.SHAPE,
        "--rename": RENAME,
        "--resample": NEAREST,
        "--unchanged": UNCHANGED,
        "--out": OUTPUT,
        "": scene.EXTRA,
    }

    def displayName(self) -> str:
        return tr("Change between two maps")

    def tags(self) -> list[str]:
        return tr("change detection,transition,from-to,land cover,difference,matrix").split(",")

    def shortDescription(self) -> str:
        return tr("Tells what became what between two class rasters, and where.")

    def shortHelpString(self) -> str:
        return tr(
            "Compares two class rasters of the same classes, geoseg's or any others, pixel by "
            "pixel, and draws what became what as polygons, with the columns “before” and "
            "“after”. The log shows the area of each class and of each transition.\n\n"
            "A pixel that is wrong in either map counts as change. For areas that can be relied "
            "on, write the raster of transitions (--raster), draw “Sample points for accuracy” "
            "on it, and run “Evaluate a map” with the sample."
        )

    def initAlgorithm(self, configuration: Values | None = None) -> None:
        self.add(QgsProcessingParameterRasterLayer(BEFORE, tr("Class raster before")))
        self.add(QgsProcessingParameterRasterLayer(AFTER, tr("Class raster after")))
        self.add(
            QgsProcessingParameterString(RENAME, tr("Classes of one name"), optional=True),
            tr("What either map calls A is the class B: A=B, or several as A=B; C=D."),
        )
        self.add(
            QgsProcessingParameterBoolean(
                NEAREST, tr("Resample the later map to the earlier one"), False
            ),
            tr(
                "By the nearest pixel. Without it maps on other pixels are refused, for they "
                "would show change along every border."
            ),
        )
        self.add(
            QgsProcessingParameterBoolean(
                UNCHANGED, tr("Polygons also of what did not change"), False
            )
        )
        scene.add_shape(self)
        scene.add_extra(self, "--raster change.tif")
        polygon = QgsProcessing.SourceType.TypeVectorPolygon
        self.add(QgsProcessingParameterVectorDestination(OUTPUT, tr("Change"), polygon))

    def problem(self, parameters: Values, context: QgsProcessingContext) -> str:
        wrong = next((pair for pair in self._renames(parameters, context) if "=" not in pair), "")
        if wrong:
            return tr("“{text}” does not say which class is which: write A=B.").format(text=wrong)
        found = [self.parameterAsRasterLayer(parameters, name, context) for name in (BEFORE, AFTER)]
        problem = scene.layers_problem(found) or scene.shape_problem(self, parameters, context)
        return problem or scene.extra_problem(self, parameters, context)

    def _renames(self, parameters: Values, context: QgsProcessingContext) -> list[str]:
        text = self.parameterAsString(parameters, RENAME, context)
        return [pair.strip() for pair in text.split(";") if pair.strip()]

    def take(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        found = [self.parameterAsRasterLayer(parameters, name, context) for name in (BEFORE, AFTER)]
        self._titles = [layer.name() for layer in found]
        self._placed = found[0].crs().isValid()
        self._rasters = scene.usable_paths(found, self.folder(), feedback)

    def work(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        output = self.parameterAsOutputLayer(parameters, OUTPUT, context)
        flags = {NEAREST: ["--resample", "nearest"], UNCHANGED: ["--unchanged"]}
        given = [
            part
            for name, words in flags.items()
            if self.parameterAsBoolean(parameters, name, context)
            for part in words
        ]
        arguments = [
            "change",
            *self._rasters,
            "--out",
            output,
            *(part for pair in self._renames(parameters, context) for part in ("--rename", pair)),
            *given,
            *scene.shape_arguments(self, parameters, context),
            *scene.extra_arguments(self, parameters, context),
            "--overwrite",
        ]
        # twice through the maps, before anything is drawn
        stages = {"compare": (0.0, 50.0), **scene.cleaning_stages(arguments, 50)}
        if not self.run_engine(arguments, feedback, stages, [output]):
            return {}
        scene.tell_layers(arguments, feedback)
        name = tr("Change from {before} to {after}").format(
            before=self._titles[0], after=self._titles[1]
        )
        self._results = Results((self.result(parameters, OUTPUT, output, name),), "", self._placed)
        return {OUTPUT: output}
