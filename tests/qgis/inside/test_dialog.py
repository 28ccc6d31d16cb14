"""The dialog: the list of models is filled by the engine, and marks what fits the layer."""

from __future__ import annotations

import processing
import pytest
import qgis.utils
from conftest import wait_until
from geoseg_qgis import engine
from qgis.core import (
    QgsApplication,
    QgsMeshLayer,
    QgsProcessingContext,
    QgsProcessingModelAlgorithm,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.gui import QgsBrowserGuiModel, QgsCollapsibleGroupBoxBasic
from qgis.PyQt.QtCore import QCoreApplication, QTranslator
from qgis.PyQt.QtWidgets import QApplication, QLabel, QScrollArea


@pytest.fixture
def iface(qgis_iface, monkeypatch):
    model = QgsBrowserGuiModel()
    monkeypatch.setattr(qgis_iface, "browserModel", lambda: model, raising=False)
    monkeypatch.setattr(qgis.utils, "iface", qgis_iface)
    return qgis_iface


def wrapper_of(dialog, name):
    return dialog.mainWidget().wrappers[name]


def test_the_models_that_fit_are_marked(provider, iface, data, project):
    scene = QgsRasterLayer(str(data / "s2.tif"), "scene")
    project.addMapLayer(scene)
    dialog = processing.createAlgorithmDialog("geoseg:predict", {"INPUT": scene.id()})
    choice = wrapper_of(dialog, "MODEL")
    assert choice.parameterValue() == "auto"
    combo = choice._combo
    wait_until(lambda: combo.count() > 1)
    wait_until(lambda: any("fits this layer" in combo.itemText(i) for i in range(combo.count())))
    lines = {combo.itemData(i): combo.itemText(i) for i in range(combo.count())}
    assert lines["landcover-s2"].startswith("✓")
    assert "does not fit" in lines["landcover-rgb"]
    combo.setCurrentIndex(combo.findData("landcover-s2"))
    assert choice.parameterValue() == "landcover-s2"
    combo.setEditText("/a/folder")
    assert choice.parameterValue() == "/a/folder"
    dialog.close()


NAMES = [
    "predict",
    "vectorize",
    "change",
    "evaluate",
    "sample",
    "train",
    "describe",
    "setup",
    "check",
]
LAYERS = {
    "raster": lambda data: QgsRasterLayer(str(data / "s2.tif"), "raster"),
    "vector": lambda _: QgsVectorLayer("Polygon?crs=EPSG:32633&field=kind:string", "v", "memory"),
    "mesh": lambda _: QgsMeshLayer("0, 0\n9, 0\n0, 9\n---\n0, 1, 2", "mesh", "mesh_memory"),
    "none": lambda _: None,
}


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("name", NAMES)
def test_every_dialog_opens_whatever_layer_is_active(
    provider, iface, project, data, name, kind, tmp_path, monkeypatch
):
    layer = LAYERS[kind](data)
    if layer is not None:
        assert layer.isValid()
        project.addMapLayer(layer)
    monkeypatch.setattr(iface, "activeLayer", lambda: layer)
    dialog = processing.createAlgorithmDialog(f"geoseg:{name}")
    dialog.show()
    for wrapper in dialog.mainWidget().wrappers.values():
        if layer is not None and wrapper.parameterDefinition().type() == "layer":
            wrapper.setParameterValue(layer.id(), QgsProcessingContext())  # another layer is chosen
    QApplication.processEvents()
    assert dialog.grab().save(str(tmp_path / "dialog.png"))
    dialog.close()


@pytest.mark.parametrize(("name", "layer"), [("train", "LABELS"), ("evaluate", "TRUTH")])
def test_the_columns_are_those_of_the_layer_that_is_chosen(
    provider, iface, project, data, name, layer
):
    made = {kind: make(data) for kind, make in LAYERS.items() if kind in ("vector", "raster")}
    project.addMapLayers(list(made.values()))
    dialog = processing.createAlgorithmDialog(f"geoseg:{name}")
    choice = wrapper_of(dialog, "COLUMN")
    for kind, columns in (("vector", ["kind"]), ("raster", []), ("vector", ["kind"])):
        chosen = wrapper_of(dialog, layer)
        chosen.setParameterValue(made[kind].id(), QgsProcessingContext())
        assert [choice._combo.itemText(i) for i in range(choice._combo.count())] == columns
        choice.setParameterValue("kind", QgsProcessingContext())
        assert choice.parameterValue() == "kind"
    wrapper_of(dialog, layer).setParameterValue(made["raster"].id(), QgsProcessingContext())
    assert choice.parameterValue() == ""  # a column of the layer before is none of this one
    dialog.close()


def test_no_parameter_is_a_field_of_a_layer_of_any_kind(provider):
    for algorithm in provider.algorithms():
        assert "field" not in [one.type() for one in algorithm.parameterDefinitions()]


@pytest.mark.parametrize("language", ["", "ko"])
@pytest.mark.parametrize("name", NAMES)
def test_no_label_pushes_the_buttons_out_of_the_dialog(provider, iface, name, language):
    translator = QTranslator()
    if language:
        assert translator.load(str(engine.HERE / "i18n" / f"geoseg_{language}.qm"))
        QCoreApplication.installTranslator(translator)
    dialog = processing.createAlgorithmDialog(f"geoseg:{name}")
    QCoreApplication.removeTranslator(translator)
    dialog.show()
    QApplication.processEvents()  # a box that is shown first takes the state it had last
    for box in dialog.findChildren(QgsCollapsibleGroupBoxBasic):
        box.setCollapsed(False)
        assert not box.isCollapsed()
    QApplication.processEvents()
    (area, *_) = dialog.mainWidget().findChildren(QScrollArea)
    own = QLabel(
        "Open output file after running algorithm and more"
    )  # QGIS's longest, and a margin
    room = max(area.viewport().width(), own.minimumSizeHint().width())
    assert area.widget().minimumSizeHint().width() <= room
    dialog.close()


def test_a_batch_has_plain_fields(provider, iface):
    from processing.gui.BatchAlgorithmDialog import BatchAlgorithmDialog

    dialog = BatchAlgorithmDialog(
        QgsApplication.processingRegistry().createAlgorithmById("geoseg:predict"), None
    )
    assert begins_with_the_scene(dialog.mainWidget().wrappers[0])
    dialog.close()


def test_the_model_designer_has_plain_fields_that_inputs_can_fill(provider, iface):
    from processing.modeler.ModelerParametersDialog import ModelerParametersDialog

    model = QgsProcessingModelAlgorithm("a model", "tests")
    dialog = ModelerParametersDialog(
        QgsApplication.processingRegistry().createAlgorithmById("geoseg:predict"), model
    )
    assert dialog is not None
    dialog.close()


def begins_with_the_scene(wrappers):
    return [wrapper.parameterDefinition().name() for wrapper in wrappers if wrapper is not None][
        :2
    ] == [
        "INPUT",
        "MORE_BANDS",
    ]
