"""Vector layers as QGIS has them, as files that the engine can open."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    QgsMapLayer,
    QgsProcessingContext,
    QgsProviderRegistry,
    QgsVectorFileWriter,
    QgsVectorLayer,
)

from .layers import Opened
from .text import tr


def problem(layer: QgsMapLayer | None) -> str:
    """Return in words why the engine cannot use a vector layer; empty where it can."""
    if layer is None or not layer.isValid() or not isinstance(layer, QgsVectorLayer):
        return tr("The vector layer cannot be read.")
    return ""


def file_problem(layer: QgsMapLayer | None) -> str:
    """Return in words why a layer will not do whose whole file the engine needs, as it was
    saved.
    """
    if problem(layer):
        return problem(layer)
    if not own_file(layer):
        return tr("“{layer}” is not a file: the engine needs the sample's own GeoPackage.").format(
            layer=layer.name()
        )
    if layer.isEditable() and layer.isModified():
        return tr("“{layer}” has edits that are not saved: save them first.").format(
            layer=layer.name()
        )
    return ""


def usable(layer: QgsVectorLayer, context: QgsProcessingContext, folder: Path) -> Opened:
    """Return a file with the features as QGIS shows them: unsaved edits, filter, joins, a CRS that
    was set in QGIS.

    A plain file is passed as it is, where it holds that layer alone.
    """
    own = own_file(layer)
    if own and not _differs(layer):
        return Opened(own)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{_name(layer)}.gpkg"
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName = "GPKG", _name(layer)
    failed, said, *_ = QgsVectorFileWriter.writeAsVectorFormatV3(
        layer, str(path), context.transformContext(), options
    )
    if failed:
        raise OSError(said)
    return Opened(
        str(path),
        tr("“{layer}” is exported as QGIS shows it: {path}").format(layer=layer.name(), path=path),
    )


def own_file(layer: QgsVectorLayer) -> str:
    """Return the file that the layer is of; empty where it is of a service, a database or
    memory.
    """
    if layer.providerType() != "ogr":
        return ""
    path = QgsProviderRegistry.instance().decodeUri("ogr", layer.source()).get("path") or ""
    return path if Path(path).is_file() else ""


def _differs(layer: QgsVectorLayer) -> bool:
    """Whether the engine would see something else in the file than QGIS shows."""
    parts = QgsProviderRegistry.instance().decodeUri("ogr", layer.source())
    edited = layer.isEditable() and layer.isModified()
    tables = len(layer.dataProvider().subLayers())
    return bool(
        edited
        or layer.subsetString()
        or layer.vectorJoins()
        or parts.get("subset")
        or tables > 1
        or layer.crs() != layer.dataProvider().crs()
    )


def _name(layer: QgsVectorLayer) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in layer.name()) or "layer"
