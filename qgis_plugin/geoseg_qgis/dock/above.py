"""The labels over the map of the view: that lies over all layers, and would hide what was drawn."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsMapRendererParallelJob, QgsMapSettings, QgsRectangle, QgsVectorLayer
from qgis.gui import QgsMapCanvas, QgsMapCanvasItem
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, QRectF, Qt, QTimer
from qgis.PyQt.QtGui import QColor, QImage, QPainter

PAUSE = 50  # milliseconds without a change after which they are drawn anew


class Picture(QgsMapCanvasItem):
    """A layer's picture that lies on the ground, over the map of the view."""

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self.image: QImage | None = None
        self._extent = QgsRectangle()
        self.setZValue(2)

    def put(self, image: QImage | None, extent: QgsRectangle) -> None:
        """Show a picture in its place; None shows nothing."""
        self.image, self._extent = image, extent
        self.updatePosition()
        self.update()

    def updatePosition(self) -> None:
        if not self._extent.isEmpty():
            self.setRect(self._extent)

    def paint(self, painter: QPainter, *_: Any) -> None:
        if self.image is not None:
            painter.drawImage(self.boundingRect(), self.image, QRectF(self.image.rect()))


class Above(QObject):
    """Draws a layer once more, over the map of the view, while that is shown."""

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._layer: QgsVectorLayer | None = None
        self._shown = False
        self._job: QgsMapRendererParallelJob | None = None
        self.picture = Picture(canvas)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._draw)
        canvas.extentsChanged.connect(self._changed)
        canvas.destinationCrsChanged.connect(self._changed)

    def follow(self, layer: QgsVectorLayer | None) -> None:
        """Draw this layer from now on; None draws nothing."""
        old, self._layer = self._layer, layer
        if old is not None and not sip.isdeleted(old):
            old.repaintRequested.disconnect(self._changed)
            old.layerModified.disconnect(self._changed)
        if layer is not None:
            layer.repaintRequested.connect(self._changed)
            layer.layerModified.connect(self._changed)
        self._changed()

    def show(self, on: bool) -> None:
        """Draw it, or take the picture away."""
        if on != self._shown:
            self._shown = on
            self._changed()

    def remove(self) -> None:
        """Let go of the canvas."""
        self.follow(None)
        self._timer.stop()
        self._stop()
        for signal in (self._canvas.extentsChanged, self._canvas.destinationCrsChanged):
            signal.disconnect(self._changed)
        if not sip.isdeleted(self.picture):
            self._canvas.scene().removeItem(self.picture)
        self.deleteLater()

    def _changed(self, *_: object) -> None:
        self._timer.start(PAUSE)

    def _draw(self) -> None:
        self._stop()
        layer = self._layer
        if not self._shown or layer is None or sip.isdeleted(layer):
            self.picture.put(None, QgsRectangle())
            return
        asked = QgsMapSettings(self._canvas.mapSettings())
        asked.setLayers([layer])
        asked.setBackgroundColor(QColor(Qt.GlobalColor.transparent))
        self._job = QgsMapRendererParallelJob(asked)
        self._job.finished.connect(self._take)
        self._job.start()

    def _take(self) -> None:
        job, self._job = self._job, None
        if job is not None and self._shown:
            self.picture.put(job.renderedImage(), job.mapSettings().visibleExtent())

    def _stop(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.finished.disconnect(self._take)
            job.cancel()
