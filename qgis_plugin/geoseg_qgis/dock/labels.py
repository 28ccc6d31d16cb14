"""The labels of a workspace as an editable layer: drawn, added, undone in QGIS's edit buffer."""

from __future__ import annotations

import contextlib

from qgis.core import (
    QgsApplication,
    QgsCategorizedSymbolRenderer,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsDefaultValue,
    QgsEditFormConfig,
    QgsExpression,
    QgsFeature,
    QgsFeatureRequest,
    QgsFillSymbol,
    QgsGeometry,
    QgsProject,
    QgsRendererCategory,
    QgsVectorLayer,
    QgsVectorLayerUtils,
)
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QColor

from ..text import tr
from .workspace import ClassEntry, Workspace

LAYER = "labels"
IDLE = 2000  # milliseconds without a change after which labels are saved while something learns
OPACITY = 90  # of 255, of a label's area


class Labels(QObject):
    """The layer of polygons of labels.gpkg."""

    gone = pyqtSignal()  # the layer was removed
    saved = pyqtSignal()
    changed = pyqtSignal()  # in the edit buffer

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        source = f"{workspace.labels}|layername={LAYER}|geometrytype=Polygon"
        self.layer = QgsVectorLayer(
            source, tr("Labels of {name}").format(name=workspace.name), "ogr"
        )
        if not self.layer.isValid():
            raise OSError(tr("{path} cannot be opened.").format(path=workspace.labels))
        self._added: list[int] = []  # features of the panel's that were saved, the latest last
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.save)
        self.saves_itself = False
        form = self.layer.editFormConfig()
        form.setSuppress(QgsEditFormConfig.FeatureFormSuppress.SuppressOn)
        self.layer.setEditFormConfig(form)
        self.show_classes(workspace.classes)
        self.layer.willBeDeleted.connect(self.gone)
        self.layer.committedFeaturesAdded.connect(self._committed)
        for signal in (
            self.layer.featureAdded,
            self.layer.featureDeleted,
            self.layer.geometryChanged,
            self.layer.attributeValueChanged,
        ):
            signal.connect(self._touched)
        self._default("author", f"'{_quoted(QgsApplication.userFullName())}'")
        QgsProject.instance().addMapLayer(self.layer)

    @property
    def alive(self) -> bool:
        """Whether the layer is still there."""
        return not sip.isdeleted(self.layer)

    def show_classes(self, classes: tuple[ClassEntry, ...]) -> None:
        """Draw each class in its colour."""
        categories = [
            QgsRendererCategory(each.name, _symbol(each.colour), each.name) for each in classes
        ]
        self.layer.setRenderer(QgsCategorizedSymbolRenderer("class", categories))
        self.layer.triggerRepaint()

    def draw_as(self, name: str) -> None:
        """Give a class to what is drawn from now on with QGIS's own tools."""
        self._default("class", f"'{_quoted(name)}'")

    def _default(self, field: str, expression: str) -> None:
        index = self.layer.fields().indexOf(field)
        self.layer.setDefaultValueDefinition(index, QgsDefaultValue(expression))

    def edit(self) -> bool:
        """Have the layer in edit mode; whether it is."""
        return self.layer.isEditable() or self.layer.startEditing()

    def add(
        self, shape: QgsGeometry, crs: QgsCoordinateReferenceSystem, name: str, note: str = ""
    ) -> int:
        """Add a label, one step that can be undone; how many polygons it became."""
        placed = QgsGeometry(shape)
        if crs.isValid() and self.layer.crs().isValid() and crs != self.layer.crs():
            placed.transform(QgsCoordinateTransform(crs, self.layer.crs(), QgsProject.instance()))
        parts = [
            part
            for part in placed.makeValid().asGeometryCollection() or [placed]
            if part.type() == self.layer.geometryType() and part.area() > 0
        ]
        if not parts or not self.edit():
            return 0
        self.layer.beginEditCommand(tr("label {name}").format(name=name))
        values = {self.layer.fields().indexOf("class"): name}
        if note:
            values[self.layer.fields().indexOf("note")] = note
        for part in parts:
            part.convertToSingleType()
            feature = QgsVectorLayerUtils.createFeature(self.layer, part, dict(values))
            self.layer.addFeature(feature)
        self.layer.endEditCommand()
        self.layer.triggerRepaint()
        return len(parts)

    def undo(self) -> bool:
        """Take the last change back: in the edit buffer, else the last label of this session that
        was saved. Whether there was one.
        """
        if self.layer.isEditable() and self.layer.undoStack().canUndo():
            self.layer.undoStack().undo()
            self.layer.triggerRepaint()
            return True
        while self._added:
            last = self._added.pop()
            if self.layer.getFeature(last).isValid() and self.edit():
                self.layer.beginEditCommand(tr("undo a label that was saved"))
                self.layer.deleteFeature(last)
                self.layer.endEditCommand()
                self.save()  # as the label was; the next undo takes back the one before it
                self.layer.triggerRepaint()
                return True
        return False

    def save(self) -> bool:
        """Write what was drawn, and go on editing; whether all is written now."""
        self._timer.stop()
        if not self.alive or not self.layer.isEditable() or not self.layer.isModified():
            return self.alive
        done = self.layer.commitChanges(False)
        if done:
            self.saved.emit()
        return bool(done)

    def rename(self, old: str, new: str) -> bool:
        """Give the labels of a class its new name, and save them; whether that went well."""
        if not self.edit():
            return False
        index = self.layer.fields().indexOf("class")
        self.layer.beginEditCommand(tr("rename {old} to {new}").format(old=old, new=new))
        wanted = QgsExpression.createFieldEqualityExpression("class", old)
        for feature in self.layer.getFeatures(wanted):
            self.layer.changeAttributeValue(feature.id(), index, new)
        self.layer.endEditCommand()
        return self.save() and bool(self.layer.commitErrors() is not None)

    def count(self, name: str = "") -> int:
        """How many labels there are, or of a class, with those not saved."""
        wanted = QgsExpression.createFieldEqualityExpression("class", name) if name else "true"
        return sum(1 for _ in self.layer.getFeatures(wanted))

    def cover(self, shape: QgsGeometry, crs: QgsCoordinateReferenceSystem) -> bool:
        """Whether a label, saved or not, lies on the inner point of a shape."""
        point = shape.pointOnSurface()
        if crs.isValid() and self.layer.crs().isValid() and crs != self.layer.crs():
            point.transform(QgsCoordinateTransform(crs, self.layer.crs(), QgsProject.instance()))
        near = QgsFeatureRequest().setFilterRect(point.boundingBox())
        return any(each.geometry().intersects(point) for each in self.layer.getFeatures(near))

    def remove(self) -> None:
        """Take the layer out of the project, saved before where it can be."""
        if self.alive:
            self.save()
            with contextlib.suppress(TypeError):
                self.layer.willBeDeleted.disconnect(self.gone)
            QgsProject.instance().removeMapLayer(self.layer.id())

    def _committed(self, _: str, features: list[QgsFeature]) -> None:
        self._added += [feature.id() for feature in features]

    def _touched(self, *_: object) -> None:
        self.changed.emit()
        if self.saves_itself:
            self._timer.start(IDLE)


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _symbol(colour: str) -> QgsFillSymbol:
    area = QColor(colour)
    area.setAlpha(OPACITY)
    edge = QColor(colour).darker(130)
    return QgsFillSymbol.createSimple(
        {
            "color": f"{area.red()},{area.green()},{area.blue()},{area.alpha()}",
            "outline_color": f"{edge.red()},{edge.green()},{edge.blue()},255",
            "outline_width": "0.5",
        }
    )
