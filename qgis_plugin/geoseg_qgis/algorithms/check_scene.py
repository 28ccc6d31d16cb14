"""Check a scene: what it is, which models fit it, and what would settle what does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, ClassVar

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputString,
)

from .. import engine
from ..messages import ERROR, spoken, translated
from ..text import tr
from ..wording import in_fields
from . import scene
from .base import GeosegAlgorithm, Values, command_line, warn

FITTING, AUTO, RESULT = "FITTING", "AUTO", "RESULT"


class CheckSceneAlgorithm(GeosegAlgorithm):
    """`geoseg check`."""

    NAME = "checkscene"
    OPTIONS: ClassVar = scene.READING

    def displayName(self) -> str:
        return tr("Check a scene")

    def tags(self) -> list[str]:
        return tr("scene,bands,wavelength,scale,nodata,pixel size,product,fits,model").split(",")

    def shortDescription(self) -> str:
        return tr("Tells what a scene is, which models fit it, and what to do where none does.")

    def shortHelpString(self) -> str:
        return tr(
            "Tells what a scene is: product, sensor, bands with their wavelengths, pixel size, "
            "CRS, and how much of it holds data. For each model it says what fits and what does "
            "not, and which field would settle that. Nothing is mapped, and it takes a second "
            "or two.\n\n"
            "“Predict land cover” refuses a scene for the same reasons, in the same words."
        )

    def initAlgorithm(self, configuration: Values | None = None) -> None:
        scene.add_scene(
            self, tr("auto tries all; or a name, or the folder of a model of your own.")
        )
        scene.add_reading(self)
        self.addOutput(QgsProcessingOutputString(FITTING, tr("The models that fit")))
        self.addOutput(QgsProcessingOutputString(AUTO, tr("The model that auto takes")))
        self.addOutput(QgsProcessingOutputString(RESULT, tr("All that was found, as JSON")))

    def problem(self, parameters: Values, context: QgsProcessingContext) -> str:
        return scene.bands_problem(self, parameters, context) or scene.scene_problem(
            self, parameters, context
        )

    def take(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        self._scene = scene.scene_paths(self, parameters, context, feedback)

    def work(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        arguments = ["check", *self._scene, *scene.reading_arguments(self, parameters, context)]
        found = self.engine(feedback)
        feedback.pushInfo(tr("The same job on a command line:"))
        feedback.pushCommandInfo(command_line(["geoseg", *arguments]))
        try:
            done = engine.ask(found, *arguments, "--json")
        except engine.NoEngine as problem:
            raise QgsProcessingException(str(problem)) from problem
        if not done.stdout.startswith("{"):  # the scene itself cannot be read
            said = spoken(done.stderr.strip().splitlines()[-1].replace(ERROR, ""))
            raise QgsProcessingException(in_fields(said, self.fields()))
        told = json.loads(done.stdout)
        for line in scene_lines(told["scene"]):
            feedback.pushInfo(line)
        for model in told["models"]:
            self._tell(model, feedback)
        auto = told["auto"]["model"] if told["auto"] else ""
        return {FITTING: ",".join(told["fitting"]), AUTO: auto, RESULT: done.stdout}

    def _tell(self, model: dict[str, Any], feedback: QgsProcessingFeedback) -> None:
        verdict = tr("{model} fits.") if model["fits"] else tr("{model} does not fit:")
        feedback.pushInfo("\n" + verdict.format(model=model["model"]))
        for finding in model["findings"]:
            if not finding["fits"]:
                parts = [translated(finding["found"])]
                if finding["expected"]:
                    expected = translated(finding["expected"])
                    parts.append(tr("expected {what}").format(what=expected))
                parts += [translated(finding["do"])] if finding["do"] else []
                said = in_fields("; ".join(parts), self.fields())
                feedback.pushInfo(f"  {aspect_name(finding['aspect'])}: {said}")
        for text in model["warnings"]:
            warn(feedback, in_fields(translated(text), self.fields()))


def scene_lines(found: dict[str, Any]) -> Iterator[str]:
    """Return what the scene is in QGIS's language, a line each."""
    unknown = tr("not known")
    yield tr("Product: {product}").format(product=found["product"] or unknown)
    yield tr("Sensor: {sensor}").format(sensor=found["sensor"] or unknown)
    yield tr("Size: {height} rows, {width} columns").format(**found)
    if found["pixel_size"]:
        height, width = found["pixel_size"]
        yield tr("Pixels: {height:.4g} x {width:.4g} m").format(height=height, width=width)
    if found["crs"]:
        yield tr("CRS: {crs}").format(crs=found["crs"][:60])
    for note in found["notes"]:
        yield translated(note)
    if found["clouds"] is not None:
        yield tr("Clouds: {share:.3g} %, as the product says").format(share=found["clouds"])
    for band in found["bands"]:
        name = " ".join(dict.fromkeys(filter(None, (band["name"], band["common_name"]))))
        wavelength = f", {band['wavelength']} nm" if band["wavelength"] else ""
        nodata = "" if band["nodata"] is None else f", nodata {band['nodata']}"
        yield tr("Band {number}: {name}").format(
            number=band["number"], name=f"{name or unknown}{wavelength}, {band['dtype']}{nodata}"
        )
    if found.get("mask"):
        yield tr("Its own mask tells: {names}").format(names=", ".join(found["mask"]["tells"]))
    if found["valid"] is not None:
        yield tr("Holds data: {share:.1%} of what was looked at").format(share=found["valid"])


def aspect_name(aspect: str) -> str:
    """Return a side of a scene in QGIS's language; one of a newer engine as it is."""
    known = {
        "sensor": tr("sensor"),
        "bands": tr("bands"),
        "data type": tr("data type"),
        "scaling": tr("scaling"),
        "pixel size": tr("pixel size"),
        "values": tr("values"),
    }
    return known.get(aspect, aspect)
