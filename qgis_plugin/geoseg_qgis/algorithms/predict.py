"""Predict land cover: a scene's layers in, polygons, class raster and confidence out."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterVectorDestination,
)

from ..results import Results
from ..text import tr
from . import scene
from .base import GeosegAlgorithm, Values

TILE, OVERLAP, BATCH, FORCE = "TILE", "OVERLAP", "BATCH", "FORCE"
PRECISION, TTA, SQUARE, MASK = "PRECISION", "TTA", "SQUARE", "MASK"
STRICT = "STRICT"
POLYGONS, CLASSES, CONFIDENCE = "POLYGONS", "CLASSES", "CONFIDENCE"
NOVELTY = "NOVELTY"
RAMPS = {CONFIDENCE: "confidence", NOVELTY: "novelty"}
SEGMENTED = 85.0  # percent of the progress bar when the network has done its part


class PredictAlgorithm(GeosegAlgorithm):
    """`geoseg predict` with layers."""

    NAME = "predict"
    OPTIONS: ClassVar = {
        **scene.SHAPE,
        **scene.READING,
        "--tile": TILE,
        "--overlap": OVERLAP,
        "--batch": BATCH,
        "--precision": PRECISION,
        "--tta": TTA,
        "--square": SQUARE,
        "--mask": MASK,
        "--force": FORCE,
        "--strict": STRICT,
        "--device": scene.DEVICE,
        "--aoi": scene.AOI,
        "--out": POLYGONS,
        "--raster": CLASSES,
        "--confidence": CONFIDENCE,
        "--novelty": NOVELTY,
        "": scene.EXTRA,
    }

    def displayName(self) -> str:
        return tr("Predict land cover")

    def tags(self) -> list[str]:
        return tr(
            "land cover,classification,segmentation,deep learning,map,sentinel-2,aerial"
        ).split(",")

    def shortDescription(self) -> str:
        return tr("Maps a scene: polygons, class raster and confidence, coloured and named.")

    def shortHelpString(self) -> str:
        return tr(
            "Maps the land cover of a scene with a model, and loads the result with its colours "
            "and names.\n\n"
            "Pick the scene's layer, or name a satellite product, and run: the model is chosen by "
            "what the scene is (names of its bands, data type, pixel size). A scene that no model "
            "fits is refused with the reason. Where a "
            "scene's bands are layers of "
            "their own, such as the files of a Sentinel-2 product, pick one of them and add the "
            "others.\n\n"
            "The polygons carry class, area, perimeter and mean confidence. The confidence "
            "raster is in percent.\n\n"
            "The log shows the model and why it was chosen, the device, the speed, and the same "
            "job as a command line. "
            "“Describe a model” tells how far a model can be trusted."
        )

    def initAlgorithm(self, configuration: Values | None = None) -> None:
        scene.add_scene(
            self,
            tr(
                "auto takes the one that fits the scene; or a name, or the folder of a model of "
                "your own."
            ),
        )
        scene.add_area(self)
        scene.add_shape(self)
        self._add_advanced()
        polygon = QgsProcessing.SourceType.TypeVectorPolygon
        self.add(
            QgsProcessingParameterVectorDestination(
                POLYGONS, tr("Land cover polygons"), polygon, None, True
            )
        )
        self.add(QgsProcessingParameterRasterDestination(CLASSES, tr("Class raster"), None, True))
        self.add(
            QgsProcessingParameterRasterDestination(
                CONFIDENCE, tr("Confidence raster"), None, True, False
            )
        )
        self.add(
            QgsProcessingParameterRasterDestination(
                NOVELTY, tr("How unlike what the model knows"), None, True, False
            ),
            tr(
                "A number for each 32 x 32 pixels of the scene: 1 % of the land that the model "
                "knows is above 100."
            ),
        )

    def _add_advanced(self) -> None:
        scene.add_device(self)
        scene.add_reading(self)
        words = {"clouds": tr("clouds"), "shadows": tr("shadows"), "snow": tr("snow")}
        masks = [words.get(name, name) for name in self._masks()]
        self.add(
            QgsProcessingParameterEnum(MASK, tr("Mask of the product"), masks, True, optional=True),
            tr("What a satellite product tells of its pixels is left out of the map: nodata."),
            advanced=True,
        )
        self.add_number("--tile", TILE, tr("Window of the network, in pixels"), advanced=True)
        self.add_number(
            "--overlap", OVERLAP, tr("Overlap of the windows, in pixels"), advanced=True
        )
        self.add_number("--batch", BATCH, tr("Windows at a time"), advanced=True)
        self._add_choice(
            "--precision",
            PRECISION,
            tr("Precision"),
            tr(
                "fp32 gives the same classes on every machine; auto is the fastest that the "
                "device has."
            ),
        )
        self._add_choice(
            "--tta",
            TTA,
            tr("Test-time augmentation"),
            tr(
                "The network sees each window several ways, and their scores are averaged: flips "
                "takes 4 times as long, d4 8 times."
            ),
        )
        self.add(
            QgsProcessingParameterBoolean(SQUARE, tr("Give buildings right angles"), False),
            tr(
                "Polygons of built classes alone; they then may leave gaps or overlaps of about "
                "a pixel."
            ),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterBoolean(FORCE, tr("Go on outside the model's range"), False),
            tr("Where values or pixel size are others than the model was trained on."),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterBoolean(
                STRICT, tr("Refuse a scene unlike what the model knows"), False
            ),
            tr("Else it is mapped, and the log warns."),
            advanced=True,
        )
        scene.add_extra(self, "--zonal B04,B08")

    def _add_choice(self, option: str, name: str, title: str, text: str) -> None:
        choices = self.choices(option)
        usual = choices.index(self.facts(option)["default"])
        self.add(
            QgsProcessingParameterEnum(name, title, choices, False, usual), text, advanced=True
        )

    def _masks(self) -> list[str]:
        """Return what can be masked; what has no data is always left out."""
        return [name for name in self.choices("--mask") if name != "nodata"]

    def problem(self, parameters: Values, context: QgsProcessingContext) -> str:
        if problem := scene.bands_problem(self, parameters, context):
            return problem
        if not any(self.target(parameters, name, context) for name in (POLYGONS, CLASSES)):
            return tr("Choose where the land cover goes: polygons, classes, or both.")
        return (
            scene.scene_problem(self, parameters, context)
            or scene.area_problem(parameters)
            or scene.shape_problem(self, parameters, context)
            or scene.device_problem(self, parameters, context)
            or scene.extra_problem(self, parameters, context)
        )

    def take(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        self._scene = scene.scene_paths(self, parameters, context, feedback)
        layer = self.parameterAsRasterLayer(parameters, scene.INPUT, context)
        self._title = Path(self._scene[0]).stem if layer is None else layer.name()
        self._placed = layer is None or layer.crs().isValid()
        self._area = scene.area_arguments(self, parameters, context, feedback)

    def work(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        given = {
            name: bool(self.target(parameters, name, context))
            for name in (POLYGONS, CLASSES, CONFIDENCE, NOVELTY)
        }
        outputs = {
            name: self.parameterAsOutputLayer(parameters, name, context) if there else ""
            for name, there in given.items()
        }
        arguments = [
            "predict",
            *self._scene,
            *_targets(outputs),
            *self._options(parameters, context),
            *self._area,
        ]
        made = scene.cleaning_stages(arguments, SEGMENTED) if outputs[POLYGONS] else {}
        stages = {"segment": (0.0, SEGMENTED), **made} if made else {}
        if not self.run_engine(arguments, feedback, stages, list(outputs.values())):
            return {}
        scene.tell_layers(arguments, feedback)
        names = {
            NOVELTY: tr("Unlike what is known in {scene}"),
            CONFIDENCE: tr("Confidence of {scene}"),
            POLYGONS: tr("Land cover of {scene}"),
            CLASSES: tr("Classes of {scene}"),
        }
        written = {name: path for name, path in outputs.items() if path}
        found = [
            self.result(
                parameters,
                output,
                written[output],
                name.format(scene=self._title),
                ramp=RAMPS.get(output, ""),
            )
            for output, name in names.items()
            if output in written
        ]
        group = tr("Map of {scene}").format(scene=self._title)
        self._results = Results(tuple(found), group, self._placed)
        return written

    def _options(self, parameters: Values, context: QgsProcessingContext) -> list[str]:
        force, square, strict = (
            self.parameterAsBoolean(parameters, name, context) for name in (FORCE, SQUARE, STRICT)
        )
        # QGIS takes the first choice where none is given
        given = parameters.get(MASK) not in (None, "", [])
        masked = self.parameterAsEnums(parameters, MASK, context) if given else []
        return [
            *scene.reading_arguments(self, parameters, context),
            *self._numbers(parameters, context),
            *scene.shape_arguments(self, parameters, context),
            *scene.device_arguments(self, parameters, context),
            *self._chosen("--precision", PRECISION, parameters, context),
            *self._chosen("--tta", TTA, parameters, context),
            *(["--mask", ",".join(self._masks()[i] for i in masked)] if masked else []),
            *(["--square"] if square else []),
            *(["--force"] if force else []),
            *(["--strict"] if strict else []),
            *scene.extra_arguments(self, parameters, context),
            "--overwrite",  # Processing's dialogs have asked
        ]

    def _chosen(
        self, option: str, name: str, parameters: Values, context: QgsProcessingContext
    ) -> list[str]:
        """Return an option that takes one of a few values, where it is not the usual one."""
        chosen = self.choices(option)[self.parameterAsEnum(parameters, name, context)]
        return [] if chosen == self.facts(option)["default"] else [option, chosen]

    def _numbers(self, parameters: Values, context: QgsProcessingContext) -> list[str]:
        given = [name for name in (TILE, OVERLAP, BATCH) if parameters.get(name) is not None]
        return [
            part
            for name in given
            for part in (f"--{name.lower()}", str(self.parameterAsInt(parameters, name, context)))
        ]


def _targets(outputs: dict[str, str]) -> list[str]:
    """Return --out and the options of the other outputs."""
    polygons, classes = outputs[POLYGONS], outputs[CLASSES]
    found = ["--out", polygons or classes]
    found += ["--raster", classes] if polygons and classes else []
    more = {"--confidence": outputs[CONFIDENCE], "--novelty": outputs[NOVELTY]}
    return found + [part for option, path in more.items() if path for part in (option, path)]
