"""Where a label is worth most: the suggestions of the last round, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsGeometry,
    QgsProject,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.gui import QgsMapCanvas, QgsRubberBand
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor

ROOM = 6.0  # how many times its own size is shown around a suggestion


@dataclass(frozen=True)
class Suggestion:
    """A place, what the model thinks it is, and why it is worth a label."""

    shape: QgsGeometry
    crs: QgsCoordinateReferenceSystem
    name: str
    reason: str


class Suggestions:
    """The list, the one that is looked at, and its outline on the canvas."""

    def __init__(self, canvas: QgsMapCanvas) -> None:
        self._canvas = canvas
        self._all: list[Suggestion] = []
        self._place = -1
        self._band = QgsRubberBand(canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
        self._band.setColor(QColor("#ffcc00"))
        self._band.setFillColor(QColor(0, 0, 0, 0))
        self._band.setWidth(3)
        self._band.setLineStyle(Qt.PenStyle.DashLine)

    def __len__(self) -> int:
        return len(self._all)

    @property
    def number(self) -> int:
        """Of the one that is looked at, from 1; 0 where none is."""
        return self._place + 1

    @property
    def current(self) -> Suggestion | None:
        """The one that is looked at."""
        return self._all[self._place] if 0 <= self._place < len(self._all) else None

    def load(self, path: Path, settled: Callable[[Suggestion], bool]) -> None:
        """Read the layer anew, without what is settled; the one that is looked at stays in it."""
        here = self.current
        self._all = [each for each in read(path) if not settled(each)]
        self._place = -1
        if here is not None:
            same = [each.shape.equals(here.shape) for each in self._all]
            if not any(same):
                self._all.insert(0, here)
            self._place = same.index(True) if any(same) else 0

    def clear(self) -> None:
        """Forget all."""
        self._all = []
        self._place = -1
        self._band.reset(QgsWkbTypes.GeometryType.PolygonGeometry)

    def step(self, by: int = 1) -> Suggestion | None:
        """Go to the next one, or back, and show it; from the last one to the first."""
        if not self._all:
            self.clear()
            return None
        self._place = (self._place + by) % len(self._all) if self._place >= 0 else 0
        here = self._all[self._place]
        shape = QgsGeometry(here.shape)
        crs = self._canvas.mapSettings().destinationCrs()
        if crs.isValid() and here.crs.isValid():
            shape.transform(QgsCoordinateTransform(here.crs, crs, QgsProject.instance()))
        self._band.setToGeometry(shape, None)
        box = shape.boundingBox()
        box.scale(ROOM)
        self._canvas.setExtent(box)
        self._canvas.refresh()
        return here

    def drop(self) -> None:
        """Take the one that is looked at off the list: it is settled."""
        if self.current is not None:
            del self._all[self._place]
            self._place -= 1
            self._band.reset(QgsWkbTypes.GeometryType.PolygonGeometry)

    def remove(self) -> None:
        """Let go of the canvas."""
        self.clear()
        self._canvas.scene().removeItem(self._band)


def read(path: Path) -> list[Suggestion]:
    """Read suggestions in the order of their rank; none where there is no such file.

    The file is replaced with each round: it is read and let go.
    """
    if not path.is_file():
        return []
    layer = QgsVectorLayer(f"{path}|layername=suggestions", "suggestions", "ogr")
    if not layer.isValid():
        return []
    names = layer.fields().names()

    def text(feature: object, name: str) -> str:
        return str(feature[name] or "") if name in names else ""

    def rank(feature: object) -> int:
        value = feature["rank"] if "rank" in names else None
        return value if isinstance(value, int) else len(names) + 10**6

    found = sorted(
        (rank(feature), feature.id(), feature)
        for feature in layer.getFeatures()
        if feature.hasGeometry()
    )
    return [
        Suggestion(
            QgsGeometry(feature.geometry()),
            layer.crs(),
            text(feature, "class"),
            text(feature, "reason"),
        )
        for *_, feature in found
    ]
