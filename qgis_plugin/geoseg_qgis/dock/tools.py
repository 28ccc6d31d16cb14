"""What the mouse does on the canvas: a brush, and a click on a segment or on a patch of the map."""

from __future__ import annotations

from qgis.core import QgsGeometry, QgsPointXY, QgsWkbTypes
from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool, QgsRubberBand
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor

CORNERS = 6  # of a quarter of the brush's round end


class Brush(QgsMapTool):
    """Paints a stroke as wide as the brush, in pixels of the screen."""

    painted = pyqtSignal(object)  # QgsGeometry, in the canvas's CRS

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self.width = 24
        self._points: list[QgsPointXY] = []
        self._band = QgsRubberBand(canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
        self._band.setWidth(1)
        self.set_colour("#888888")
        self.setCursor(Qt.CursorShape.CrossCursor)

    def set_colour(self, colour: str) -> None:
        """Show the stroke in a class's colour."""
        fill = QColor(colour)
        fill.setAlpha(120)
        self._band.setFillColor(fill)
        self._band.setStrokeColor(QColor(colour))

    def canvasPressEvent(self, event: QgsMapMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._points = [event.mapPoint()]
            self._show()

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:
        if self._points:
            self._points.append(event.mapPoint())
            self._show()

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        if not self._points or event.button() != Qt.MouseButton.LeftButton:
            return
        stroke = self._stroke()
        self._points = []
        self._band.reset(QgsWkbTypes.GeometryType.PolygonGeometry)
        self.painted.emit(stroke)

    def keyPressEvent(self, event: object) -> None:
        if event.key() == Qt.Key.Key_Escape and self._points:
            self._points = []
            self._band.reset(QgsWkbTypes.GeometryType.PolygonGeometry)
            event.accept()

    def deactivate(self) -> None:
        self._points = []
        self._band.reset(QgsWkbTypes.GeometryType.PolygonGeometry)
        super().deactivate()

    def _stroke(self) -> QgsGeometry:
        pixel = self.canvas().mapUnitsPerPixel()
        line = QgsGeometry.fromPolylineXY(
            self._points if len(self._points) > 1 else [self._points[0], self._points[0]]
        ).simplify(pixel / 2)
        if line.isEmpty() or line.length() == 0:
            line = QgsGeometry.fromPointXY(self._points[0])
        return line.buffer(self.width / 2 * pixel, CORNERS)

    def _show(self) -> None:
        self._band.setToGeometry(self._stroke(), None)


class Click(QgsMapTool):
    """A click that tells its place, its button, and whether Shift was held."""

    clicked = pyqtSignal(object, bool, bool)  # QgsPointXY in the canvas's CRS; left; with Shift

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            left = event.button() == Qt.MouseButton.LeftButton
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.clicked.emit(event.mapPoint(), left, shift)
