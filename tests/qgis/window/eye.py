"""What a QGIS with a window runs at its start: it opens the panel with a workspace, and writes down
again and again what is to be seen and where on the screen, for a test that has but a mouse.
"""

import json
import os
import traceback
from pathlib import Path

import qgis.utils
from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QApplication

LOOK = 200  # milliseconds
FOLDER = Path(os.environ["EYE_FOLDER"])
SCENE = os.environ["EYE_SCENE"]
WORKSPACE = os.environ["EYE_WORKSPACE"]
BUTTONS = ("draw", "learn", "next", "accept", "undo")


def begin():
    iface = qgis.utils.iface
    layer = QgsRasterLayer(SCENE, "scene")
    QgsProject.instance().addMapLayer(layer)
    iface.mapCanvas().setDestinationCrs(layer.crs())
    iface.mapCanvas().setExtent(layer.extent())
    panel = qgis.utils.plugins["geoseg_qgis"].show_panel()
    panel.open(WORKSPACE)
    timer = QTimer(panel)
    timer.timeout.connect(lambda: look(panel))
    timer.start(LOOK)


def place(widget, x=None, y=None):
    """A point of a widget on the screen; its middle where none is named."""
    point = widget.rect().center()
    if x is not None:
        point.setX(round(x * widget.width()))
        point.setY(round(y * widget.height()))
    found = widget.mapToGlobal(point)
    return [found.x(), found.y()]


def on_screen(listed, item):
    """The middle of an entry of a list."""
    found = listed.viewport().mapToGlobal(listed.visualItemRect(item).center())
    return [found.x(), found.y()]


def look(panel):
    form = panel.form
    classes = form.classes.list
    items = [classes.item(row) for row in range(classes.count())]
    view = panel._canvas.viewport()
    told = {
        "labels": panel.labels.count() if panel.labels else None,
        "class": form.classes.current,
        "drawing": form.draw.isChecked(),
        "map": panel.preview.overlay.image is not None,
        "above": panel.above.picture.image is not None,
        "suggestions": len(panel.suggestions),
        "current": panel.suggestions.current.name if panel.suggestions.current else None,
        "message": form.message.text(),
        "learned": form.learned.text(),
        "learning": form.learn.isChecked(),
        "enabled": [name for name in BUTTONS if getattr(form, name).isEnabled()],
        "places": {name: place(getattr(form, name)) for name in BUTTONS},
        "classes": {item.text(): on_screen(classes, item) for item in items},
        "canvas": [place(view, x, y) for x, y in ((0.4, 0.4), (0.5, 0.4), (0.5, 0.5), (0.4, 0.5))],
        "dialog": QApplication.activeModalWidget() is not None,
    }
    part = FOLDER / "seen.part"
    part.write_text(json.dumps(told))
    part.replace(FOLDER / "seen.json")
    if (FOLDER / "picture.png.wanted").exists():
        (FOLDER / "picture.png.wanted").unlink()
        QApplication.primaryScreen().grabWindow(0).save(str(FOLDER / "picture.png"))


def careful():
    try:
        begin()
    except Exception:  # noqa: BLE001 - QGIS would show it in a dialog that nobody sees
        (FOLDER / "failed.txt").write_text(traceback.format_exc())


QTimer.singleShot(1000, careful)
