"""Parameters that several algorithms share, and what becomes of them: scene layers, area,
numbers, advanced options.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from qgis.core import (
    QgsFeatureSource,
    QgsMapLayer,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterCrs,
    QgsProcessingParameterEnum,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsRasterLayer,
    QgsVectorLayer,
)

from .. import areas, layers
from ..text import tr
from .base import GeosegAlgorithm, Values

INPUT, MORE, MODEL = "INPUT", "MORE_BANDS", "MODEL"
PRODUCT = "PRODUCT"
BANDS, SCALE, OFFSET = "BANDS", "SCALE", "OFFSET"
GSD, CRS, MOSAIC, GRANULE = "GSD", "CRS", "MOSAIC", "GRANULE"
AOI, EXTENT, DEVICE = "AOI", "EXTENT", "DEVICE"
MIN_AREA, SIMPLIFY, SMOOTH = "MIN_AREA", "SIMPLIFY", "SMOOTH"
MAJORITY, FILL_HOLES, EXTRA = "MAJORITY", "FILL_HOLES", "EXTRA"
# what parameters say already, or what the plugin itself needs to be as it is
TAKEN = frozenset(
    {
        "--out",
        "--raster",
        "--confidence",
        "--novelty",
        "--aoi",
        "--mask",
        "--overwrite",
        "--events",
        "--quiet",
        "--cancel-on-eof",
        "--help",
        "-h",
    }
)
WHOLE, REAL = QgsProcessingParameterNumber.Type.Integer, QgsProcessingParameterNumber.Type.Double


# Processing imports it when a dialog opens
CHOICE = f"{__package__.rpartition('.')[0]}.model_choice.ModelList"
NUMBERS = re.compile(r"\s*[1-9]\d*\s*(,\s*[1-9]\d*\s*)*")
READING = {
    "--model": MODEL,
    "--bands": BANDS,
    "--scale": SCALE,
    "--offset": OFFSET,
    "--gsd": GSD,
    "--crs": CRS,
    "--mosaic": MOSAIC,
    "--granule": GRANULE,
}
SHAPE = {
    "--simplify": SIMPLIFY,
    "--min-area": MIN_AREA,
    "--fill-holes": FILL_HOLES,
    "--smooth": SMOOTH,
    "--majority": MAJORITY,
}


def add_scene(algorithm: GeosegAlgorithm, model_help: str) -> None:
    """Add the layers of a scene, and the model."""
    algorithm.add(
        QgsProcessingParameterRasterLayer(INPUT, tr("Scene"), optional=True),
        tr("A raster layer with the scene's bands."),
    )
    kind = QgsProcessing.SourceType.TypeRaster
    algorithm.add(
        QgsProcessingParameterMultipleLayers(
            MORE, tr("Layers with more of its bands"), kind, optional=True
        ),
        tr("Where each band is a layer. They may be of other pixel sizes; the finest counts."),
    )
    product = QgsProcessingParameterFile(PRODUCT, tr("Or a satellite product"), optional=True)
    product.setFileFilter("(*)")  # QGIS's own refuses folders without a dot
    algorithm.add(
        product,
        tr(
            "As it was downloaded: its zip or tar file, or the metadata in its folder: "
            "MTD_*.xml of Sentinel-2, *_MTL.txt of Landsat. The path of the folder itself, such as "
            "one that ends in .SAFE, may be written as well."
        ),
    )
    model = QgsProcessingParameterString(MODEL, tr("Model"), "auto")
    model.setMetadata({"widget_wrapper": {"class": CHOICE}})
    algorithm.add(model, model_help)


def add_reading(algorithm: GeosegAlgorithm) -> None:
    """Add how a scene is read where it does not tell itself, folded away."""
    algorithm.add(
        QgsProcessingParameterString(BANDS, tr("Numbers of the bands"), optional=True),
        tr("In the model's order, such as 4,3,2; only where the names of the bands do not tell."),
        advanced=True,
    )
    algorithm.add_number(
        "--scale",
        SCALE,
        tr("Scale"),
        tr("value = number * scale + offset; only where the scene does not say so itself."),
        advanced=True,
    )
    algorithm.add_number("--offset", OFFSET, tr("Offset"), advanced=True)
    algorithm.add(
        QgsProcessingParameterString(GSD, tr("Pixel size of the map"), optional=True),
        tr(
            "Metres, or model, or native for the scene's own. Empty: the scene's own where the "
            "model knows such pixels (of this size, square, with north up), else the model's."
        ),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterCrs(CRS, tr("CRS of the map"), optional=True),
        tr("A projected one. Empty: the scene's own, or a UTM zone where that is in degrees."),
        advanced=True,
    )
    words = {
        "first": tr("the first in the list"),
        "newest": tr("the newest"),
        "least-cloudy": tr("the least cloudy"),
    }
    rules = [words.get(name, name) for name in algorithm.choices("--mosaic")]
    algorithm.add(
        QgsProcessingParameterEnum(
            MOSAIC, tr("The layers are neighbours; where they overlap, take"), rules, optional=True
        ),
        tr("Empty: the layers hold the bands of one scene."),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterString(GRANULE, tr("Granule of the product"), optional=True),
        tr(
            "Its name, or its tile such as 33TUL; only for Sentinel-2 products of several "
            "granules, from before December 2016."
        ),
        advanced=True,
    )


def reading_arguments(
    algorithm: GeosegAlgorithm, parameters: Values, context: QgsProcessingContext
) -> list[str]:
    """Return the model, and how the scene is read, as the engine's options."""
    model = algorithm.parameterAsString(parameters, MODEL, context).strip() or "auto"
    bands = algorithm.parameterAsString(parameters, BANDS, context).replace(" ", "")
    found = [] if model == "auto" else ["--model", model]
    found += ["--bands", bands] if bands else []
    for name in (SCALE, OFFSET):
        if parameters.get(name) is not None:
            value = algorithm.parameterAsDouble(parameters, name, context)
            found += [f"--{name.lower()}", repr(value)]
    size = algorithm.parameterAsString(parameters, GSD, context).strip()
    found += ["--gsd", size] if size else []
    if parameters.get(CRS):
        crs = algorithm.parameterAsCrs(parameters, CRS, context)
        found += ["--crs", crs.authid() or crs.toWkt(crs.WktVariant.WKT2_2019)]
    if parameters.get(MOSAIC) not in (None, ""):
        rule = algorithm.parameterAsEnum(parameters, MOSAIC, context)
        found += ["--mosaic", algorithm.choices("--mosaic")[rule]]
    granule = algorithm.parameterAsString(parameters, GRANULE, context).strip()
    return found + (["--granule", granule] if granule else [])


def bands_problem(
    algorithm: GeosegAlgorithm, parameters: Values, context: QgsProcessingContext
) -> str:
    """Return what is wrong with the numbers of the bands; empty where nothing is."""
    bands = algorithm.parameterAsString(parameters, BANDS, context)
    if bands and not NUMBERS.fullmatch(bands):
        return tr("“{bands}” are no band numbers: write them as 4,3,2, counted from 1.").format(
            bands=bands
        )
    return ""


def scene_problem(
    algorithm: GeosegAlgorithm, parameters: Values, context: QgsProcessingContext
) -> str:
    """Return what is wrong with the layers or the product of a scene; empty where nothing is."""
    product = algorithm.parameterAsString(parameters, PRODUCT, context)
    if product and (parameters.get(INPUT) or parameters.get(MORE)):
        return tr("Give the layers of a scene or a satellite product, not both.")
    if product:
        return "" if Path(product).exists() else tr("{path} does not exist.").format(path=product)
    if not parameters.get(INPUT):
        return tr("Pick the layer of a scene, or name a satellite product.")
    return layers_problem(scene_layers(algorithm, parameters, context))


def scene_paths(
    algorithm: GeosegAlgorithm,
    parameters: Values,
    context: QgsProcessingContext,
    feedback: QgsProcessingFeedback,
) -> list[str]:
    """Return the paths of the scene for the engine: its product, or its layers."""
    product = algorithm.parameterAsString(parameters, PRODUCT, context)
    if product:
        return [product]
    found = scene_layers(algorithm, parameters, context)
    return usable_paths(found, algorithm.folder(), feedback)


def scene_layers(
    algorithm: GeosegAlgorithm, parameters: Values, context: QgsProcessingContext
) -> list[QgsMapLayer | None]:
    """Return the scene's layers, each once, the one that was picked first."""
    first = algorithm.parameterAsRasterLayer(parameters, INPUT, context)
    given = parameters.get(MORE)
    more = algorithm.parameterAsLayerList(parameters, MORE, context) if given else []
    return [first, *(layer for layer in more if first is None or layer.source() != first.source())]


def add_area(algorithm: GeosegAlgorithm) -> None:
    """Add the two ways of naming an area of interest."""
    kind = [QgsProcessing.SourceType.TypeVectorPolygon]
    algorithm.add(
        QgsProcessingParameterFeatureSource(
            AOI, tr("Only in this layer's polygons"), kind, optional=True
        ),
        tr("Selected features count alone where that is ticked; unsaved edits count as well."),
    )
    algorithm.add(
        QgsProcessingParameterExtent(EXTENT, tr("Only in this rectangle"), optional=True),
        tr("Such as the canvas shows."),
    )


def area_problem(parameters: Values) -> str:
    """Return what is wrong with the area; empty where nothing is."""
    if parameters.get(AOI) and parameters.get(EXTENT):
        return tr("Give a polygon layer or a rectangle as the area, not both.")
    return ""


def area_arguments(
    algorithm: GeosegAlgorithm,
    parameters: Values,
    context: QgsProcessingContext,
    feedback: QgsProcessingFeedback,
    option: str = "--aoi",
) -> list[str]:
    """Return the area as the engine's option."""
    if parameters.get(AOI):
        source: QgsFeatureSource = algorithm.parameterAsSource(parameters, AOI, context)
        if source is None:
            raise QgsProcessingException(algorithm.invalidSourceError(parameters, AOI))
        _tell_edits(algorithm.parameterAsVectorLayer(parameters, AOI, context), feedback)
        try:
            return [option, areas.from_features(source, context, algorithm.folder())]
        except ValueError as error:
            raise QgsProcessingException(str(error)) from error
    if parameters.get(EXTENT):
        extent = algorithm.parameterAsExtent(parameters, EXTENT, context)
        crs = algorithm.parameterAsExtentCrs(parameters, EXTENT, context)
        return [option, areas.from_extent(extent, crs, context.project())]
    return []


def _tell_edits(layer: QgsVectorLayer | None, feedback: QgsProcessingFeedback) -> None:
    if layer is not None and layer.isEditable() and layer.isModified():
        feedback.pushInfo(
            tr("“{layer}” is used as it is shown, with its unsaved edits.").format(
                layer=layer.name()
            )
        )


def add_shape(algorithm: GeosegAlgorithm) -> None:
    """Add what is done to the polygons, in the order in which it is done; the rarer ones folded
    away.
    """
    algorithm.add_number(
        "--min-area",
        MIN_AREA,
        tr("Smallest area of a polygon, in m²"),
        tr(
            "Smaller ones are merged into their largest neighbour. Square metres whatever the "
            "CRS is."
        ),
    )
    algorithm.add_number(
        "--simplify",
        SIMPLIFY,
        tr("Simplify the borders, in metres"),
        tr(
            "All at once, so that neighbours keep touching: vertices go whose triangle is below "
            "this length squared."
        ),
    )
    algorithm.add_number(
        "--smooth",
        SMOOTH,
        tr("Round the corners, in rounds"),
        tr("Chaikin's corner cutting, all borders at once."),
        advanced=True,
    )
    algorithm.add_number(
        "--majority",
        MAJORITY,
        tr("Majority filter first, in pixels"),
        tr(
            "Each pixel gets the class most frequent in a square of so many pixels around it; "
            "odd, 1 for none."
        ),
        advanced=True,
        default=1,
        minimum=1,
    )
    algorithm.add_number(
        "--fill-holes",
        FILL_HOLES,
        tr("Fill holes below this area, in m²"),
        tr("Regions that lie wholly within one other region get its class."),
        advanced=True,
    )


def shape_problem(
    algorithm: GeosegAlgorithm, parameters: Values, context: QgsProcessingContext
) -> str:
    """Return what is wrong with the majority filter; empty where nothing is."""
    side = algorithm.parameterAsInt(parameters, MAJORITY, context)
    return (
        "" if side % 2 else tr("The majority filter needs an odd number of pixels, such as 3 or 5.")
    )


def shape_arguments(
    algorithm: GeosegAlgorithm, parameters: Values, context: QgsProcessingContext
) -> list[str]:
    """Return what is done to the polygons as the engine's options."""
    found = []
    for option, name in SHAPE.items():
        if name == MAJORITY:
            continue
        value = algorithm.parameterAsDouble(parameters, name, context)
        found += [option, f"{value:.15g}"] if value else []
    side = algorithm.parameterAsInt(parameters, MAJORITY, context)
    return found + (["--majority", str(side)] if side > 1 else [])


def cleaning_stages(arguments: Sequence[str], start: float) -> dict[str, tuple[float, float]]:
    """Return the part of the progress bar, from `start` on, of each stage in which polygons are
    made.
    """
    stages = {"--majority": "majority", "--fill-holes": "holes", "--min-area": "sieve"}
    found = [stage for option, stage in stages.items() if option in arguments]
    if not found and not {"--simplify", "--smooth"} & set(
        arguments
    ):  # traced while the map is made, or alone
        return {}
    share = (100 - start) / (len(found) + 2)  # tracing is the longest
    places = {stage: (start + i * share, start + (i + 1) * share) for i, stage in enumerate(found)}
    return {**places, "trace": (100 - 2 * share, 100.0)}


def add_extra(algorithm: GeosegAlgorithm, example: str) -> None:
    """Add a field for options of the engine that have no parameter of their own."""
    algorithm.add(
        QgsProcessingParameterString(EXTRA, tr("More command-line options"), optional=True),
        tr(
            "What has no field here, such as {example}; `geoseg {command} --help` lists all."
        ).format(example=example, command=algorithm.NAME),
        advanced=True,
    )


def extra_problem(
    algorithm: GeosegAlgorithm, parameters: Values, context: QgsProcessingContext
) -> str:
    """Return what is wrong with the options that were written; empty where nothing is."""
    try:
        words = extra_arguments(algorithm, parameters, context)
    except ValueError:
        return tr("A quotation mark is missing in the options of the command line.")
    if words and not words[0].startswith("-"):
        return tr("“{word}” is no option: options begin with --, such as --zonal B04,B08.").format(
            word=words[0]
        )
    taken = next((word for word in words if word.partition("=")[0] in TAKEN), "")
    return (
        tr("{option} is given by the fields above; leave it out.").format(option=taken)
        if taken
        else ""
    )


def extra_arguments(
    algorithm: GeosegAlgorithm, parameters: Values, context: QgsProcessingContext
) -> list[str]:
    """Return the options that were written, as a shell would take them apart."""
    return shlex.split(algorithm.parameterAsString(parameters, EXTRA, context))


def tell_layers(arguments: Sequence[str], feedback: QgsProcessingFeedback) -> None:
    """Say that Processing loads one layer of a file only, where each class has its own."""
    if {"--layers", "class"} <= set(arguments) or "--layers=class" in arguments:
        feedback.pushInfo(
            tr(
                "Each class is a layer of its own in the file; QGIS opens the first of them "
                "here, and all of them "
                "where you drag the file from the browser."
            )
        )


def add_device(algorithm: GeosegAlgorithm) -> None:
    """Add the device."""
    algorithm.add(
        QgsProcessingParameterString(DEVICE, tr("Device"), "auto"),
        tr("auto takes an NVIDIA GPU where there is one; cpu, cuda or cuda:1 name one."),
        advanced=True,
    )


def device_problem(
    algorithm: GeosegAlgorithm, parameters: Values, context: QgsProcessingContext
) -> str:
    """Return what is wrong with the device's name; empty where nothing is."""
    name = algorithm.parameterAsString(parameters, DEVICE, context)
    kind, _, number = name.partition(":")
    if kind in ("", "auto", "cpu", "cuda") and (
        not number or (kind == "cuda" and number.isdigit())
    ):
        return ""
    return tr("“{name}” is no device: use auto, cpu, cuda or cuda:1.").format(name=name)


def device_arguments(
    algorithm: GeosegAlgorithm, parameters: Values, context: QgsProcessingContext
) -> list[str]:
    """Return the device as the engine's option."""
    name = algorithm.parameterAsString(parameters, DEVICE, context) or "auto"
    return [] if name == "auto" else ["--device", name]


def layers_problem(found: Sequence[QgsMapLayer | None]) -> str:
    """Return what is wrong with the first of the layers that the engine cannot use; empty where
    all can be.
    """
    return next(filter(None, map(layers.problem, found)), "")


def usable_paths(
    found: Sequence[QgsRasterLayer], folder: Path, feedback: QgsProcessingFeedback
) -> list[str]:
    """Return the paths of the layers for the engine, and say where one is not the layer's own."""
    paths = []
    for layer in found:
        if layers.problem(layer):
            raise QgsProcessingException(layers.problem(layer))
        try:
            opened = layers.usable(layer, folder)
        except (OSError, RuntimeError) as error:
            raise QgsProcessingException(str(error)) from error
        if opened.note:
            feedback.pushInfo(opened.note)
        paths.append(opened.path)
    return paths
