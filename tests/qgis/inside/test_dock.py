"""The panel *geoseg Label* in a window: drawn, painted, clicked, mapped, suggested, undone; and what
comes between: layers that go, projects that change, workers that are killed.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
from pathlib import Path

import processing
import pytest
import qgis.utils
from conftest import wait_until
from geoseg_qgis.dock import workspace as workspaces
from geoseg_qgis.dock.panel import LabelPanel
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeature,
    QgsGeometry,
    QgsMapLayer,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsVectorFileWriter,
    QgsVectorLayer,
)
from qgis.gui import QgsBrowserGuiModel
from qgis.PyQt.QtCore import QEvent, QPoint, QPointF, Qt
from qgis.PyQt.QtGui import QMouseEvent
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QAction, QApplication

NAMES = "water=#0055aa,trees=#228833,it's=#cc3311"


@pytest.fixture(scope="module")
def made(tmp_path_factory, qgis_app):
    """A workspace, made by the engine once: tests work on copies."""
    return tmp_path_factory.mktemp("made")


@pytest.fixture
def scene(data, tmp_path):
    shutil.copy(data / "s2.tif", tmp_path / "s2.tif")
    return tmp_path / "s2.tif"


@pytest.fixture
def panel(provider, qgis_iface, qgis_canvas, project, scene, monkeypatch):
    adding = QAction("add", qgis_iface.mainWindow())
    browser = QgsBrowserGuiModel()
    active = []
    for name, value in {
        "actionAddFeature": lambda: adding,
        "browserModel": lambda: browser,
        "setActiveLayer": active.append,
        "activeLayer": lambda: active[-1] if active else None,
        "removeDockWidget": lambda _: None,
    }.items():
        monkeypatch.setattr(qgis_iface, name, value, raising=False)
    monkeypatch.setattr(qgis.utils, "iface", qgis_iface)
    layer = QgsRasterLayer(str(scene), "scene")
    project.addMapLayer(layer)
    qgis_canvas.setDestinationCrs(layer.crs())
    qgis_canvas.resize(400, 300)
    qgis_canvas.show()
    for _ in range(
        30
    ):  # QGIS takes its time before it draws in another size; hidden, it never does
        if not qgis_canvas.isVisible() or qgis_canvas.mapSettings().outputSize().width() > 300:
            break
        QTest.qWait(100)
    qgis_canvas.setExtent(layer.extent())
    found = LabelPanel(qgis_iface)
    found.form.scene.setLayer(layer)
    found.show()
    yield found
    found.remove()


@pytest.fixture
def workspace(panel, made, scene, tmp_path):
    """The panel with a workspace; its folder."""
    folder = tmp_path / "work"
    if not (made / "work").exists():
        panel.new(str(folder), workspaces.classes_text(NAMES))
        wait_until(lambda: panel._making is None)
        assert panel.workspace is not None, panel.form.message.text()
        shutil.copytree(folder, made / "work")
    else:
        shutil.copytree(made / "work", folder)
        assert panel.open(folder)
    return folder


def square(panel, size=20):
    """A square in the middle of the canvas."""
    middle = panel._canvas.extent().center()
    half = size * panel._canvas.mapUnitsPerPixel() / 2
    return QgsGeometry.fromPointXY(middle).buffer(half, 1).boundingBox()


def stored(folder):
    """The classes of the labels that are in the file."""
    layer = QgsVectorLayer(f"{folder / 'labels.gpkg'}|layername=labels", "look", "ogr")
    return sorted(feature["class"] for feature in layer.getFeatures())


def test_a_new_workspace_and_its_classes(panel, workspace):
    form = panel.form
    assert [form.classes.list.item(i).text() for i in range(3)] == ["water", "trees", "it's"]
    assert panel.workspace.scene_of(form.scene.currentLayer().source())
    panel.add_class("bare")
    assert form.classes.current == "bare"
    panel.add_class("bare")
    assert "already" in form.message.text()
    panel.recolour_class("bare", "#123456")
    panel.add_label(QgsGeometry.fromRect(square(panel)), panel._crs(), "it's")
    panel.rename_class("it's", "houses")
    told = json.loads((workspace / "workspace.json").read_text(encoding="utf-8"))
    assert [each["name"] for each in told["classes"]] == ["water", "trees", "houses", "bare"]
    assert told["classes"][3]["colour"] == "#123456"
    assert stored(workspace) == ["houses"]
    panel.close_workspace()
    assert not form.learn.isEnabled()
    assert panel.open(workspace)
    assert panel.workspace.classes[3].name == "bare"


def test_labels_are_drawn_painted_and_undone(panel, workspace):
    panel.form.classes.choose("it's")
    panel.form.draw.click()
    assert panel.labels.layer.isEditable()
    index = panel.labels.layer.fields().indexOf("class")
    assert panel.labels.layer.defaultValue(index) == "it's"  # what QGIS's own tool draws
    panel.form.brush.click()
    assert panel._canvas.mapTool() is panel.brush
    stroke(panel, (100, 100), (200, 120), (220, 200))
    stroke(panel, (50, 50))
    assert panel.labels.count("it's") == 2
    areas = [feature.geometry().area() for feature in panel.labels.layer.getFeatures()]
    pixel = panel._canvas.mapUnitsPerPixel()
    dot = 3.1416 * (panel.brush.width / 2 * pixel) ** 2
    assert 0.9 * dot < min(areas) < 1.01 * dot < max(areas)
    panel.undo()
    assert panel.labels.count() == 1
    assert stored(workspace) == []
    panel.save()
    assert stored(workspace) == ["it's"]
    panel.undo()  # of what was saved
    assert panel.labels.count() == 0
    panel.save()
    assert stored(workspace) == []
    panel.undo()
    assert "nothing" in panel.form.message.text()


def stroke(panel, *places):
    """Paint with the mouse."""
    view = panel._canvas.viewport()
    first, *more = (QPoint(*place) for place in places)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, first)
    for place in more:
        moved = QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(place),
            Qt.MouseButton.LeftButton,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(view, moved)
    last = more[-1] if more else first
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, last)


def middle(panel):
    """The middle of the canvas in its pixels."""
    size = panel._canvas.mapSettings().outputSize()
    return QPoint(size.width() // 2, size.height() // 2)


def test_the_view_is_mapped_judged_and_followed(panel, workspace):
    form = panel.form
    form.segment.click()
    QTest.mouseClick(panel._canvas.viewport(), Qt.MouseButton.LeftButton, pos=middle(panel))
    wait_until(lambda: panel.labels.count("water") or form.message.text())
    assert panel.labels.count("water") == 1, form.message.text()
    (label,) = panel.labels.layer.getFeatures()
    place = middle(panel)
    clicked = panel._canvas.getCoordinateTransform().toMapCoordinates(place.x(), place.y())
    assert label.geometry().contains(clicked)
    form.preview.click()
    assert "no model yet" in form.shown.text()
    form.model.setEditText("landcover-s2")
    answers = []
    panel.preview.answered.connect(answers.append)
    panel._show_preview()
    wait_until(lambda: answers or form.message.text())
    assert answers, form.message.text()
    image = panel.preview.overlay.image
    size = panel._canvas.mapSettings().outputSize()
    assert (image.width(), image.height()) == (size.width(), size.height())
    form.opacity.setValue(25)
    assert panel.preview.overlay.opacity() == 0.25
    for _ in range(3):  # the last view counts
        panel._canvas.zoomByFactor(0.8)
    wait_until(lambda: len(answers) > 1)
    east = panel._canvas.mapSettings().visibleExtent().xMaximum()
    assert abs(answers[-1]["bounds"][2] - east) < 1e-6
    shaded = len(answers)
    form.shade.click()
    wait_until(lambda: len(answers) > shaded)
    panel.add_class("crops")
    names = {label["name"] for label in answers[-1]["labels"] if label["share"]}
    for name in names - {each.name for each in panel.workspace.classes}:
        panel.add_class(name)
    before = panel.labels.count()
    form.judge.click()
    QTest.mouseClick(panel._canvas.viewport(), Qt.MouseButton.LeftButton, pos=middle(panel))
    wait_until(lambda: panel.labels.count() > before or form.message.text())
    assert panel.labels.count() > before, form.message.text()
    # a worker that is killed is told of, and comes back with the next question
    os.kill(panel.worker.pid, signal.SIGKILL)
    wait_until(lambda: panel.worker.pid == 0)
    count = len(answers)
    panel._canvas.zoomByFactor(1.1)
    wait_until(lambda: len(answers) > count)
    # the scene goes while it is mapped
    panel._canvas.zoomByFactor(0.9)
    QgsProject.instance().removeMapLayer(form.scene.currentLayer().id())
    wait_until(lambda: panel.preview.overlay.image is None)


def test_suggestions_are_stepped_through_and_settled(panel, workspace):
    crs = panel.labels.layer.crs()
    write_suggestions(workspace, crs, [("trees", square(panel, 30)), ("water", square(panel, 10))])
    panel._load_suggestions()
    assert "2" in panel.form.suggestion.text()
    panel.form.next.click()
    assert "trees" in panel.form.suggestion.text()
    assert "why trees" in panel.form.suggestion.text()
    # another round: what is looked at stays, and can be settled
    write_suggestions(workspace, crs, [("water", square(panel, 3))])
    panel._load_suggestions()
    assert panel.suggestions.current.name == "trees"
    assert panel.form.accept.isEnabled()
    panel.form.accept.click()
    assert panel.labels.count("trees") == 1
    assert "water" in panel.form.suggestion.text()
    panel.form.reject.click()  # the class that is chosen is the model's
    assert panel.labels.count() == 1
    panel.form.classes.choose("it's")
    panel.form.reject.click()
    assert panel.labels.count("it's") == 1
    assert not panel.form.accept.isEnabled()
    panel._load_suggestions()  # of a round that does not know these labels yet
    assert len(panel.suggestions) == 0


def write_suggestions(folder, crs, places):
    fields = "field=rank:integer&field=class:string&field=reason:string"
    layer = QgsVectorLayer(f"Polygon?crs={crs.authid()}&{fields}", "suggestions", "memory")
    for rank, (name, box) in reversed(list(enumerate(places, 1))):
        feature = QgsFeature(layer.fields())
        feature.setAttributes([rank, name, f"why {name}"])
        feature.setGeometry(QgsGeometry.fromRect(box))
        layer.dataProvider().addFeature(feature)
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName = "GPKG", "suggestions"
    path = str(folder / "suggestions.gpkg")
    context = QgsProject.instance().transformContext()
    assert QgsVectorFileWriter.writeAsVectorFormatV3(layer, path, context, options)[0] == 0


def test_what_was_drawn_is_saved_when_the_workspace_is_closed(panel, workspace):
    panel.add_label(QgsGeometry.fromRect(square(panel)), panel._crs(), "water")
    panel.close_workspace()
    assert stored(workspace) == ["water"]


def test_layers_that_go_and_projects_that_change(panel, workspace, scene):
    QgsProject.instance().removeMapLayer(panel.labels.layer.id())
    assert (panel.workspace, panel.labels) == (None, None)
    assert not panel.form.brush.isEnabled()
    assert panel.open(workspace)
    panel.form.brush.click()
    QgsProject.instance().clear()
    assert (panel.workspace, panel.labels) == (None, None)
    assert panel._canvas.mapTool() is not panel.brush
    assert panel.open(workspace)  # its scene comes with it
    (raster,) = (
        layer
        for layer in QgsProject.instance().mapLayers().values()
        if layer.type() == QgsMapLayer.LayerType.RasterLayer
    )
    assert Path(raster.source()) == scene


def test_what_is_no_workspace_is_told(panel, tmp_path, workspace):
    assert not panel.open(tmp_path)
    assert "no workspace" in panel.form.message.text()
    (workspace / "workspace.json").write_text("{")
    assert not panel.open(workspace)
    assert "damaged" in panel.form.message.text()
    panel.new(str(tmp_path / "s2.tif"), workspaces.classes_text(NAMES))
    wait_until(lambda: panel._making is None)
    assert "exists" in panel.form.message.text()


def test_everything_is_handed_to_predict_and_the_cluster(panel, workspace, monkeypatch):
    given = []
    monkeypatch.setattr(processing, "createAlgorithmDialog", lambda *told: given.append(told))
    panel.form.whole.click()
    name, parameters = given[-1]
    assert (name, parameters["MODEL"]) == ("geoseg:predict", "auto")
    panel.form.area.click()
    assert len(given) == 1
    assert "Select" in panel.form.message.text()
    panel.add_label(QgsGeometry.fromRect(square(panel)), panel._crs(), "water")
    panel.save()
    panel.labels.layer.selectAll()
    panel.form.area.click()
    assert given[-1][1]["AOI"].selectedFeaturesOnly
    panel.form.cluster.click()
    command = QApplication.clipboard().text()
    assert command.startswith("geoseg batch ")
    assert str(panel.workspace.scenes[0][0]) in command


def test_labels_of_another_crs_are_placed(panel, workspace):
    degrees = QgsCoordinateReferenceSystem("EPSG:4326")
    middle = panel._canvas.extent().center()
    crs = panel._crs()
    there = QgsCoordinateTransform(crs, degrees, QgsProject.instance()).transform(middle)
    shape = QgsGeometry.fromPointXY(QgsPointXY(there)).buffer(0.001, 8)
    assert panel.add_label(shape, degrees, "water")
    (label,) = panel.labels.layer.getFeatures()
    assert label.geometry().contains(middle)
