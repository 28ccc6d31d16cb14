"""The dialog: the list of models is filled by the engine, and marks what fits the layer."""

from __future__ import annotations

import processing
import pytest
import qgis.utils
from conftest import wait_until
from qgis.core import QgsApplication, QgsProcessingModelAlgorithm, QgsRasterLayer
from qgis.gui import QgsBrowserGuiModel


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


@pytest.mark.parametrize("name", ["predict", "vectorize", "evaluate", "sample", "train", "describe", "setup", "check"])
def test_every_dialog_opens(provider, iface, name, tmp_path):
    dialog = processing.createAlgorithmDialog(f"geoseg:{name}")
    dialog.show()
    assert dialog.grab().save(str(tmp_path / "dialog.png"))
    dialog.close()


def test_a_batch_has_plain_fields(provider, iface):
    from processing.gui.BatchAlgorithmDialog import BatchAlgorithmDialog

    dialog = BatchAlgorithmDialog(QgsApplication.processingRegistry().createAlgorithmById("geoseg:predict"), None)
    assert begins_with_the_scene(dialog.mainWidget().wrappers[0])
    dialog.close()


def test_the_model_designer_has_plain_fields_that_inputs_can_fill(provider, iface):
    from processing.modeler.ModelerParametersDialog import ModelerParametersDialog

    model = QgsProcessingModelAlgorithm("a model", "tests")
    dialog = ModelerParametersDialog(QgsApplication.processingRegistry().createAlgorithmById("geoseg:predict"), model)
    assert dialog is not None
    dialog.close()


def begins_with_the_scene(wrappers):
    return [wrapper.parameterDefinition().name() for wrapper in wrappers if wrapper is not None][:2] == [
        "INPUT",
        "MORE_BANDS",
    ]
