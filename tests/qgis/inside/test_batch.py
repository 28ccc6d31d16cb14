"""Batches: QGIS's own dialog, filled with rows of real scenes, and run."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest
import qgis.utils
from conftest import wait_until
from processing.gui import BatchAlgorithmDialog
from qgis.core import QgsApplication, QgsRasterLayer
from qgis.gui import QgsBrowserGuiModel
from qgis.PyQt import sip
from qgis.PyQt.QtWidgets import QTextEdit

ENDS = ("Batch execution completed", "Execution canceled")


@pytest.fixture
def batch(qgis_iface, monkeypatch, project):
    """Run an algorithm by the batch dialog and return what its log says."""
    model = QgsBrowserGuiModel()
    monkeypatch.setattr(qgis_iface, "browserModel", lambda: model, raising=False)
    monkeypatch.setattr(qgis.utils, "iface", qgis_iface)
    # QGIS 3.22's bar in its main window: the dialog leaves its task unfinished, for which QGIS then
    # waits at its end
    task = SimpleNamespace(setProgress=print)
    monkeypatch.setattr(
        BatchAlgorithmDialog, "QgsScopedProxyProgressTask", lambda _: task, raising=False
    )

    def run(name, *rows):
        algorithm = QgsApplication.processingRegistry().createAlgorithmById(f"geoseg:{name}")
        dialog = BatchAlgorithmDialog.BatchAlgorithmDialog(algorithm, None)
        fill(dialog, rows)
        dialog.mainWidget().checkLoadLayersOnCompletion.setChecked(True)
        dialog.show()  # a dialog that nobody sees deletes itself at its last row
        dialog.runAlgorithm()
        wait_until(
            lambda: any(end in log(dialog) for end in ENDS)
        )  # QGIS 3.28 and newer run it in the background
        picture(dialog, name)
        said = log(dialog)
        sip.delete(dialog)
        return said

    return run


def fill(dialog, rows):
    panel = dialog.mainWidget()
    for _ in rows[1:]:
        panel.addRow()
    for number, row in enumerate(rows):
        for name, value in row.items():
            column = panel.parameter_to_column[name]
            wrapper = panel.wrappers[number][column]
            if wrapper is None:  # a destination; the table's first row is that of the buttons
                panel.tblParameters.cellWidget(number + 1, column).setValue(value)
            else:
                wrapper.setParameterValue(value, panel.processing_context)


def log(dialog):
    return "\n".join(field.toPlainText() for field in dialog.findChildren(QTextEdit))


def picture(dialog, name):
    """Keep pictures of the dialog where somebody wants to look at them."""
    folder = os.environ.get("GEOSEG_TEST_PICTURES")
    if folder:
        dialog.resize(1500, 500)
        for page in ("log", "parameters"):
            (dialog.showLog if page == "log" else dialog.showParameters)()
            dialog.grab().save(f"{folder}/batch_{name}_{page}.png")


def test_scenes_are_mapped_and_vectorized_in_batches(provider, data, tmp_path, project, batch):
    scenes = {"s2": "landcover-s2", "rgb": "landcover-rgb"}
    rows = [
        {
            "INPUT": str(data / f"{name}.tif"),
            "MIN_AREA": 200,
            "POLYGONS": str(tmp_path / f"{name}.gpkg"),
            "CLASSES": str(tmp_path / f"{name}.tif"),
        }
        for name in scenes
    ]
    refused = {"INPUT": str(data / "bands" / "B02.tif"), "CLASSES": str(tmp_path / "refused.tif")}
    nowhere = {"INPUT": str(data / "rgb.tif")}
    said = batch("predict", rows[0], refused, nowhere, rows[1])
    assert "Batch execution completed" in said
    assert "no model fits the scene" in said
    assert "Choose where the land cover goes" in said
    for name, model in scenes.items():
        assert f"model {model}: " in said
        assert f"geoseg predict {data / name}.tif --out {tmp_path / name}.gpkg --raster" in said

    tree = layers_of(project)
    assert [file_of(layer) for layer in tree] == ["rgb.gpkg", "rgb.tif", "s2.gpkg", "s2.tif"]
    rgb, _, s2, _ = styles = [colours(layer) for layer in tree]
    assert styles[0] == styles[1]
    assert styles[2] == styles[3]
    assert rgb.keys() != s2.keys()  # each scene has the classes of its own model
    assert not (tmp_path / "refused.tif").exists()

    project.clear()
    files = [
        {"INPUT": str(tmp_path / f"{name}.tif"), "OUTPUT": str(tmp_path / f"{name}.fgb")}
        for name in scenes
    ]
    batch("vectorize", *({"SIMPLIFY": 5, **row} for row in files))
    tree = layers_of(project)
    assert [file_of(layer) for layer in tree] == ["rgb.fgb", "s2.fgb"]
    assert all(layer.featureCount() > 0 for layer in tree)
    assert [colours(layer) for layer in tree] == [rgb, s2]
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".part")]


def layers_of(project):
    return [node.layer() for node in project.layerTreeRoot().findLayers()]


def file_of(layer):
    """The file's name: the layer's own is the file's or ours, as QGIS's options say."""
    return Path(layer.source().split("|")[0]).name


def colours(layer):
    """The colour of each class in a layer's style."""
    if isinstance(layer, QgsRasterLayer):
        assert layer.renderer().type() == "paletted"
        return {entry.label: entry.color.name() for entry in layer.renderer().classes()}
    assert layer.renderer().type() == "categorizedSymbol"
    return {entry.label(): entry.symbol().color().name() for entry in layer.renderer().categories()}
