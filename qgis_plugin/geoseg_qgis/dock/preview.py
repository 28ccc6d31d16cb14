"""The map of what the canvas shows, over it: asked for anew whenever the view moves."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsRectangle
from qgis.gui import QgsMapCanvas, QgsMapCanvasItem
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, QRectF, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QImage, QPainter

from .live import LiveWorker

PAUSE = 150  # milliseconds without a movement after which the view is mapped


class Overlay(QgsMapCanvasItem):
    """A picture that lies on the ground, between the map and what is drawn just now."""

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self._image: QImage | None = None
        self._extent = QgsRectangle()
        self.setZValue(1)

    @property
    def image(self) -> QImage | None:
        """What is shown; None is nothing."""
        return self._image

    def put(self, image: QImage | None, extent: QgsRectangle) -> None:
        """Show a picture in its place."""
        self._image = image
        self._extent = extent
        self.updatePosition()
        self.update()

    def updatePosition(self) -> None:
        if not self._extent.isEmpty():
            self.setRect(self._extent)

    def paint(self, painter: QPainter, *_: Any) -> None:
        if self._image is not None:
            painter.drawImage(self.boundingRect(), self._image, QRectF(self._image.rect()))


class Preview(QObject):
    """Follows a canvas with a model's map; `question` tells what is to be mapped, None for
    nothing.
    """

    state = pyqtSignal(str)  # "mapping", "shown", or "" where there is nothing
    problem = pyqtSignal(str)
    answered = pyqtSignal(dict)

    def __init__(self, canvas: QgsMapCanvas, worker: LiveWorker) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._worker = worker
        self._question: dict[str, Any] | None = None
        self._number = 0
        self._pending = False  # whether an answer is waited for
        self._again = False  # whether it is asked again then
        self.overlay = Overlay(canvas)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._ask)
        canvas.extentsChanged.connect(self._moved)
        canvas.destinationCrsChanged.connect(self._moved)

    def show(self, question: dict[str, Any] | None) -> None:
        """Map by this from now on: scene, model, shade; None takes the picture away."""
        self._question = question
        if question is None:
            self._timer.stop()
            self._pending = self._again = False
            self._worker.cancel(self._number)
            self.overlay.put(None, QgsRectangle())
            self.state.emit("")
        else:
            self._timer.start(0)

    def renew(self, question: dict[str, Any] | None) -> None:
        """Map by this once the map in the making is there: rounds may come faster than maps."""
        if question is None or not self._pending:
            self.show(question)
        else:
            self._question = question
            self._again = True

    def set_opacity(self, share: float) -> None:
        """Set how much of the picture is seen, 0 to 1."""
        self.overlay.setOpacity(share)

    def remove(self) -> None:
        """Let go of the canvas."""
        self.show(None)
        for signal in (self._canvas.extentsChanged, self._canvas.destinationCrsChanged):
            signal.disconnect(self._moved)
        if not sip.isdeleted(self.overlay):
            self._canvas.scene().removeItem(self.overlay)
        self.deleteLater()

    def view(self) -> dict[str, Any]:
        """Return what the canvas shows, as the worker takes it."""
        return view_of(self._canvas)

    def _moved(self) -> None:
        if self._question is not None:
            self._timer.start(PAUSE)

    def _ask(self) -> None:
        if self._question is None:
            return
        self.state.emit("mapping")
        self._pending, self._again = True, False
        self._number = self._worker.ask("map", self._take, **self._question, **self.view())

    def _take(self, told: dict[str, Any], problem: str) -> None:
        self._pending = False
        if self._question is None:
            return
        if self._again:
            self._timer.start(0)
        if problem:
            self.overlay.put(None, QgsRectangle())
            self.state.emit("")
            self.problem.emit(problem)
            return
        image = QImage(told["png"])
        west, south, east, north = told["bounds"]
        self.overlay.put(image, QgsRectangle(west, south, east, north))
        self.state.emit("shown")
        self.answered.emit(told)


def view_of(canvas: QgsMapCanvas) -> dict[str, Any]:
    """Return a canvas's extent, CRS and size in pixels, as the worker takes it."""
    extent = canvas.mapSettings().visibleExtent()
    crs = canvas.mapSettings().destinationCrs()
    size = canvas.mapSettings().outputSize()  # a window that was resized is drawn a moment later
    return {
        "bounds": [extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum()],
        "crs": (crs.authid() if crs.authid().startswith("EPSG:") else crs.toWkt())
        if crs.isValid()
        else None,
        "height": max(1, size.height()),
        "width": max(1, size.width()),
    }
