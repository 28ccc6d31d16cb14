"""Results in QGIS: named, with the engine's style, polygons above rasters."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from qgis.core import (
    QgsLayerTreeLayer,
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsProject,
)


class Dress(QgsProcessingLayerPostProcessorInterface):
    """Gives a layer the style that lies beside it or in it: Processing loads results without.

    `order` are the paths of the run's results from the top of the layer tree to its bottom.
    """

    kept: ClassVar[list[Dress]] = []  # QGIS does not own it: without a reference it would be gone when it is called

    def __init__(self, order: list[str]) -> None:
        super().__init__()
        self._order = order

    def postProcessLayer(
        self, layer: QgsMapLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        put_on(layer)
        sort_layers(context.project() or QgsProject.instance(), self._order)
        if self in self.kept:
            self.kept.remove(self)


PLAIN = ("singleSymbol", "singlebandgray", "multibandcolor")  # renderers of QGIS's own choice


def put_on(layer: QgsMapLayer) -> None:
    """Give a layer its style: the one in it or beside it that QGIS finds, else a .qml of either name."""
    layer.loadDefaultStyle()
    for style in styles(_place(layer.source())):
        if layer.renderer() is not None and layer.renderer().type() not in PLAIN:
            break
        if style.is_file():
            layer.loadNamedStyle(str(style))
    layer.triggerRepaint()


def styles(path: str) -> list[Path]:
    """Return where the style of a file may lie."""
    return [Path(path).with_suffix(".qml"), Path(f"{path}.qml")]


def dress(outputs: list[tuple[str, str]], context: QgsProcessingContext) -> None:
    """Name the results that QGIS is going to load, and have them styled; `outputs` are path and name, top first."""
    order = [path for path, _ in outputs]
    for position, (path, name) in enumerate(outputs):
        if not context.willLoadLayerOnCompletion(path):
            continue
        details = context.layerToLoadOnCompletionDetails(path)
        details.name = name
        if hasattr(details, "layerSortKey"):  # QGIS 3.32 sorts by it: the least on top
            details.layerSortKey = position
        dresser = Dress(order)
        Dress.kept.append(dresser)
        details.setPostProcessor(dresser)


def sort_layers(project: QgsProject, order: list[str]) -> None:
    """Bring the layers of these paths into this order in the layer tree, where they lie in one group."""
    places = {_place(path): position for position, path in enumerate(order)}
    nodes = [node for node in project.layerTreeRoot().findLayers() if _position(node, places) is not None]
    wanted = sorted(nodes, key=lambda node: _position(node, places))
    if nodes == wanted or len({id(node.parent()) for node in nodes}) != 1:
        return
    parent = nodes[0].parent()
    top = min(parent.children().index(node) for node in nodes)
    copies = [node.clone() for node in wanted]
    parent.insertChildNodes(top, copies)
    for node in nodes:
        parent.removeChildNode(node)


def _position(node: QgsLayerTreeLayer, places: dict[str, int]) -> int | None:
    layer = node.layer()
    return None if layer is None else places.get(_place(layer.source()))


def _place(source: str) -> str:
    """The file of a layer: QGIS writes the table's name behind a GeoPackage's path."""
    return str(Path(source.split("|", maxsplit=1)[0]))
