"""Areas of interest as QGIS has them, as what the engine's --aoi takes: WKT where it is short,
else a file.
"""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeature,
    QgsFeatureSource,
    QgsFields,
    QgsGeometry,
    QgsProcessingContext,
    QgsProject,
    QgsRectangle,
    QgsVectorFileWriter,
    QgsWkbTypes,
)

from .text import tr

LONGEST = 1500  # characters of WKT on a command line that is still good to copy


def from_features(source: QgsFeatureSource, context: QgsProcessingContext, folder: Path) -> str:
    """Return the area of a layer's features, or of the selected ones alone, with unsaved edits,
    in the layer's CRS.
    """
    shapes = [flat(feature.geometry()) for feature in source.getFeatures() if feature.hasGeometry()]
    if not shapes:
        raise ValueError(tr("The layer with the area of interest has no features with a geometry."))
    crs = source.sourceCrs()
    text = _wkt(shapes, crs)
    return text if text and len(text) <= LONGEST else _file(shapes, crs, context, folder)


def from_extent(
    extent: QgsRectangle, crs: QgsCoordinateReferenceSystem, project: QgsProject
) -> str:
    """Return the area of a rectangle, such as the canvas shows; `crs` is the rectangle's."""
    if not crs.isValid() or _code(crs):
        return _prefix(crs) + QgsGeometry.fromRect(extent).asWkt(9)
    degrees = QgsCoordinateReferenceSystem("EPSG:4326")
    area = QgsGeometry.fromRect(extent).densifyByCount(20)
    area.transform(QgsCoordinateTransform(crs, degrees, project))
    return _prefix(degrees) + area.asWkt(9)


def flat(geometry: QgsGeometry) -> QgsGeometry:
    """Return a geometry of straight edges, without heights."""
    plain = QgsGeometry(geometry.constGet().segmentize())
    if not plain.isNull():
        plain.get().dropZValue()
        plain.get().dropMValue()
    return plain


def _wkt(shapes: list[QgsGeometry], crs: QgsCoordinateReferenceSystem) -> str:
    if len(shapes) > 20 or (crs.isValid() and not _code(crs)):
        return ""
    return _prefix(crs) + QgsGeometry.collectGeometry(shapes).asWkt(9)


def _code(crs: QgsCoordinateReferenceSystem) -> str:
    authority, _, code = crs.authid().partition(":")
    return code if authority == "EPSG" else ""


def _prefix(crs: QgsCoordinateReferenceSystem) -> str:
    return f"SRID={_code(crs)};" if crs.isValid() else ""


def _file(
    shapes: list[QgsGeometry],
    crs: QgsCoordinateReferenceSystem,
    context: QgsProcessingContext,
    folder: Path,
) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    path = str(folder / "area_of_interest.gpkg")
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName = "GPKG"
    kind = QgsWkbTypes.Type.MultiPolygon
    writer = QgsVectorFileWriter.create(
        path, QgsFields(), kind, crs, context.transformContext(), options
    )
    for shape in shapes:
        feature = QgsFeature()
        shape.convertToMultiType()
        feature.setGeometry(shape)
        if not writer.addFeature(feature):
            raise OSError(writer.errorMessage())
    del writer  # closes the file
    return path
