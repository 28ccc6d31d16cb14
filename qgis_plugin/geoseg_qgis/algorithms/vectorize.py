"""Vectorize classes: a class raster in, polygons out."""

from __future__ import annotations

import re
from typing import ClassVar

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorDestination,
)

from ..results import Results
from ..text import tr
from . import scene
from .base import GeosegAlgorithm, Values

INPUT, CONFIDENCE, ONLY, OUTPUT = "INPUT", "CONFIDENCE", "ONLY", "OUTPUT"


class VectorizeAlgorithm(GeosegAlgorithm):
    """`geoseg vectorize` with layers."""

    NAME = "vectorize"
    OPTIONS: ClassVar = {
        **scene.SHAPE,
        "--classes": ONLY,
        "--confidence": CONFIDENCE,
        "--mask": scene.AOI,
        "--out": OUTPUT,
        "": scene.EXTRA,
    }

    def displayName(self) -> str:
        return tr("Vectorize classes")

    def tags(self) -> list[str]:
        return tr("polygonize,raster to vector,land cover,classes,simplify,sieve").split(",")

    def shortDescription(self) -> str:
        return tr("Traces the regions of a class raster as polygons without seams or gaps.")

    def shortHelpString(self) -> str:
        return tr(
            "Traces the regions of a class raster, geoseg's or any other of whole numbers, as "
            "polygons: exact, valid, "
            "and without seams or gaps, also after simplification. Names and colours of the "
            "classes are the "
            "raster's.\n\n"
            "The polygons carry class, area and perimeter on the ellipsoid and, with a "
            "confidence raster, its mean."
        )

    def initAlgorithm(self, configuration: Values | None = None) -> None:
        self.add(
            QgsProcessingParameterRasterLayer(INPUT, tr("Class raster")),
            tr("Whole numbers; what the file says is no data is left out."),
        )
        self.add(
            QgsProcessingParameterRasterLayer(CONFIDENCE, tr("Confidence raster"), optional=True),
            tr(
                "In percent, on the same pixels: gives each polygon its mean and its least "
                "confidence."
            ),
        )
        self.add(
            QgsProcessingParameterString(ONLY, tr("Only these classes"), optional=True),
            tr("Their values, such as 0,1,6. Empty: all."),
        )
        scene.add_area(self)
        scene.add_shape(self)
        scene.add_extra(self, "--connectivity 8")
        polygon = QgsProcessing.SourceType.TypeVectorPolygon
        self.add(QgsProcessingParameterVectorDestination(OUTPUT, tr("Polygons"), polygon))

    def problem(self, parameters: Values, context: QgsProcessingContext) -> str:
        only = self.parameterAsString(parameters, ONLY, context)
        if only and not re.fullmatch(r"\s*-?\d+\s*(,\s*-?\d+\s*)*", only):
            return tr("“{only}” are no classes: write their values as 0,1,6.").format(only=only)
        found = [
            self.parameterAsRasterLayer(parameters, name, context)
            for name in self._given(parameters)
        ]
        wrong = scene.layers_problem(found) or scene.area_problem(parameters)
        wrong = wrong or scene.shape_problem(self, parameters, context)
        return wrong or scene.extra_problem(self, parameters, context)

    def _given(self, parameters: Values) -> list[str]:
        return [INPUT, CONFIDENCE] if parameters.get(CONFIDENCE) else [INPUT]

    def take(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        found = [
            self.parameterAsRasterLayer(parameters, name, context)
            for name in self._given(parameters)
        ]
        self._title = found[0].name() if found[0] is not None else ""
        self._placed = found[0] is not None and found[0].crs().isValid()
        self._rasters = scene.usable_paths(found, self.folder(), feedback)
        self._area = scene.area_arguments(self, parameters, context, feedback, "--mask")

    def work(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        output = self.parameterAsOutputLayer(parameters, OUTPUT, context)
        only = self.parameterAsString(parameters, ONLY, context).replace(" ", "")
        arguments = [
            "vectorize",
            self._rasters[0],
            "--out",
            output,
            *(["--confidence", self._rasters[1]] if self._rasters[1:] else []),
            *(["--classes", only] if only else []),
            *scene.shape_arguments(self, parameters, context),
            *self._area,
            *scene.extra_arguments(self, parameters, context),
            "--overwrite",
        ]
        if not self.run_engine(arguments, feedback, scene.cleaning_stages(arguments, 0), [output]):
            return {}
        scene.tell_layers(arguments, feedback)
        name = tr("Polygons of {classes}").format(classes=self._title)
        self._results = Results((self.result(parameters, OUTPUT, output, name),), "", self._placed)
        return {OUTPUT: output}
