"""Results in QGIS: named, with the engine's style, in a group at the top of the layer tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from qgis.core import (
    QgsColorRampShader,
    QgsCoordinateReferenceSystem,
    QgsField,
    QgsLayerTreeLayer,
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsProject,
    QgsRasterLayer,
    QgsRasterShader,
    QgsSingleBandPseudoColorRenderer,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from .text import tr

PLAIN = ("singleSymbol", "singlebandgray", "multibandcolor")  # renderers of QGIS's own choice


@dataclass(frozen=True)
class Result:
    """A file that a run made: its name as a layer, and what sets it apart.

    `given` is the name that the user or a model has given it, which stays; `ramp` the name in RAMPS
    of what is drawn over the map.
    """

    path: str
    name: str
    given: str = ""
    ramp: str = ""


@dataclass(frozen=True)
class Results:
    """What a run made, from the top of the layer tree to its bottom; `group` names it as a whole.

    `placed` is false where the map has no CRS: QGIS would call that of a GeoPackage “Undefined
    SRS”, and place it somewhere on the earth.
    """

    found: tuple[Result, ...] = ()
    group: str = ""
    placed: bool = True


class Dress(QgsProcessingLayerPostProcessorInterface):
    """Gives a layer its style and its place: Processing loads results without.

    `order` are the paths of the run's new layers from the top of the layer tree to its bottom.
    """

    # QGIS does not own it: without a reference it would be gone when it is called
    kept: ClassVar[list[Dress]] = []

    def __init__(self, results: Results, result: Result, order: list[str]) -> None:
        super().__init__()
        self._results = results
        self._result = result
        self._order = order

    def postProcessLayer(
        self, layer: QgsMapLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        put_on(layer)
        if self._result.ramp:
            draw_over(layer, RAMPS[self._result.ramp]())
        if not self._results.placed:
            layer.setCrs(QgsCoordinateReferenceSystem())
        gather(context.project() or QgsProject.instance(), self._order, self._results.group)
        if self in self.kept:
            self.kept.remove(self)


def put_on(layer: QgsMapLayer) -> None:
    """Give a layer its style: the one in it or beside it that QGIS finds, else a .qml of either
    name.
    """
    layer.loadDefaultStyle()
    for style in styles(_place(layer.source())):
        if layer.renderer() is not None and layer.renderer().type() not in PLAIN:
            break
        if style.is_file():
            layer.loadNamedStyle(str(style))
    if isinstance(layer, QgsVectorLayer):
        add_hectares(layer)
    layer.triggerRepaint()


def styles(path: str) -> list[Path]:
    """Return where the style of a file may lie."""
    return [Path(path).with_suffix(".qml"), Path(f"{path}.qml")]


def add_hectares(layer: QgsVectorLayer) -> None:
    """Show the areas in hectares as well, in a column that QGIS computes and the file lacks."""
    names = layer.fields().names()
    if "area_m2" in names and "area_ha" not in names:
        field = QgsField(layer.fields().field("area_m2"))
        field.setName("area_ha")
        layer.addExpressionField('"area_m2" / 10000', field)


Ramp = list[tuple[float, QColor, str]]


def doubt() -> Ramp:
    """Colour confidence: what is sure is transparent, what is not is pink."""
    return [
        (0, QColor(122, 1, 119, 255), tr("0 % (in doubt)")),
        (50, QColor(197, 27, 138, 200), "50 %"),
        (75, QColor(247, 104, 161, 110), "75 %"),
        (100, QColor(255, 255, 255, 0), tr("100 % (sure, transparent)")),
    ]


def unlike() -> Ramp:
    """Colour novelty: what is known is transparent, what is unlike it is orange."""
    return [
        (90, QColor(255, 255, 255, 0), tr("90 (known, transparent)")),
        (100, QColor(253, 190, 133, 150), tr("100 (1 % of known land is above)")),
        (150, QColor(230, 85, 13, 210), "150"),
        (254, QColor(127, 39, 4, 255), tr("254 (unlike all that is known)")),
    ]


RAMPS = {"confidence": doubt, "novelty": unlike}


def draw_over(layer: QgsMapLayer, ramp: Ramp) -> None:
    """Draw a raster over its map, in the colours of a ramp."""
    plain = isinstance(layer, QgsRasterLayer) and layer.renderer().type() in PLAIN
    if not plain:  # a style that somebody saved
        return
    item = QgsColorRampShader.ColorRampItem
    low, high = ramp[0][0], ramp[-1][0]
    shading = QgsColorRampShader(low, high)
    shading.setColorRampType(QgsColorRampShader.Type.Interpolated)
    shading.setColorRampItemList([item(*entry) for entry in ramp])
    shader = QgsRasterShader()
    shader.setRasterShaderFunction(shading)
    renderer = QgsSingleBandPseudoColorRenderer(layer.dataProvider(), 1, shader)
    renderer.setClassificationMin(low)  # what the legend shows
    renderer.setClassificationMax(high)
    layer.setRenderer(renderer)
    layer.triggerRepaint()


def dress(results: Results, context: QgsProcessingContext, there: Sequence[QgsMapLayer]) -> None:
    """Name the results that QGIS is going to load, and have them styled and placed.

    `there` are the project's layers of these files: they keep their names and places, which may
    be the user's.
    """
    shown = {_place(layer.source()): layer.name() for layer in there}
    loaded = [one for one in results.found if context.willLoadLayerOnCompletion(one.path)]
    order = [] if shown else [one.path for one in loaded]
    name_tables(context)
    for position, one in enumerate(loaded):
        details = context.layerToLoadOnCompletionDetails(table(one.path))
        details.name = shown.get(_place(one.path)) or one.given or one.name
        if hasattr(details, "layerSortKey"):  # QGIS 3.32 sorts by it: the least on top
            details.layerSortKey = position
            details.groupName = results.group if len(loaded) > 1 else ""
        dresser = Dress(results, one, order)
        Dress.kept.append(dresser)
        details.setPostProcessor(dresser)


def name_tables(context: QgsProcessingContext) -> None:
    """Have QGIS load the layers that were made: of a GeoPackage with several it takes the first."""
    waiting = context.layersToLoadOnCompletion()
    context.setLayersToLoadOnCompletion({table(path): details for path, details in waiting.items()})


def table(path: str) -> str:
    """Return where in a file the engine's layer lies: a GeoPackage, in which others stay, names
    it as the file.
    """
    if Path(path).suffix.lower() != ".gpkg":
        return path
    named = f"{path}|layername={Path(path).stem}"
    return named if QgsVectorLayer(named, "", "ogr").isValid() else path


def gather(project: QgsProject, order: list[str], group: str) -> None:
    """Bring the layers of these paths to the top, in this order, several of them in a group.

    Nothing is done before all of them are in the layer tree.
    """
    places = {_place(path): position for position, path in enumerate(order)}
    root = project.layerTreeRoot()
    nodes = [node for node in root.findLayers() if _position(node, places) is not None]
    if not nodes or len(nodes) != len(order):
        return
    wanted = sorted(nodes, key=lambda node: _position(node, places))
    parent = wanted[0].parent()
    copies = [node.clone() for node in wanted]
    target = parent.insertGroup(0, group) if group and len(copies) > 1 else parent
    target.insertChildNodes(0, copies)
    for node in nodes:
        node.parent().removeChildNode(node)


def _position(node: QgsLayerTreeLayer, places: dict[str, int]) -> int | None:
    layer = node.layer()
    return None if layer is None else places.get(_place(layer.source()))


def _place(source: str) -> str:
    """The file of a layer: QGIS writes the table's name behind a GeoPackage's path."""
    return str(Path(source.split("|", maxsplit=1)[0]))
