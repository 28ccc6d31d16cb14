"""What Processing shows of the provider."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from configparser import ConfigParser
from html import escape
from pathlib import Path

import pytest
from geoseg_qgis import engine
from geoseg_qgis.text import tr
from qgis.core import QgsApplication, QgsProcessingModelAlgorithm, QgsProcessingModelChildAlgorithm
from qgis.PyQt.QtCore import QCoreApplication, QTranslator, QUrl

EXPECTED = {
    "predict",
    "checkscene",
    "vectorize",
    "change",
    "evaluate",
    "sample",
    "train",
    "describe",
    "setup",
    "check",
}


def test_the_algorithms_are_listed(provider):
    assert {algorithm.name() for algorithm in provider.algorithms()} == EXPECTED
    assert all(
        QgsApplication.processingRegistry().algorithmById(f"geoseg:{name}") for name in EXPECTED
    )
    assert not provider.icon().isNull()
    assert not provider.icon().pixmap(32, 32).isNull()


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_each_algorithm_explains_itself(provider, name):
    algorithm = provider.algorithm(name)
    assert len(algorithm.shortHelpString()) > 100
    assert algorithm.shortDescription()
    assert algorithm.tags()
    assert algorithm.group()
    assert algorithm.canExecute() == (True, "")
    copy = algorithm.create()
    assert (copy.id(), type(copy)) == (algorithm.id(), type(algorithm))
    page = Path(QUrl(algorithm.helpUrl()).toLocalFile()).read_text(encoding="utf-8")
    for parameter in algorithm.parameterDefinitions():
        assert parameter.description()
        assert escape(parameter.description()) in page
    assert set(type(algorithm).OPTIONS.values()) <= {
        parameter.name() for parameter in algorithm.parameterDefinitions()
    }


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_each_algorithm_can_be_part_of_a_model(provider, name):
    model = QgsProcessingModelAlgorithm("a model", "tests")
    child = QgsProcessingModelChildAlgorithm(f"geoseg:{name}")
    assert child.algorithm() is not None
    identity = model.addChildAlgorithm(child)
    copy = QgsProcessingModelAlgorithm()
    assert copy.loadVariant(model.toVariant())
    assert copy.childAlgorithm(identity).algorithmId() == f"geoseg:{name}"


def test_without_an_engine_the_algorithms_say_what_to_do(provider, monkeypatch, tmp_path):
    monkeypatch.delenv(engine.VARIABLE)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    fine, why = provider.algorithm("predict").canExecute()
    assert not fine
    assert "Set up the engine" in why
    assert provider.algorithm("setup").canExecute()[0]


def test_the_metadata_is_complete():
    metadata = ConfigParser(interpolation=None)
    metadata.read(engine.HERE / "metadata.txt", encoding="utf-8")
    general = metadata["general"]
    for key in (
        "name",
        "description",
        "about",
        "version",
        "author",
        "tags",
        "license",
        "changelog",
    ):
        assert general[key], key
    assert (general["hasProcessingProvider"], general["supportsQt6"]) == ("yes", "True")
    assert (engine.HERE / general["icon"]).is_file()
    assert "example.org" not in "".join(general.values())
    assert "GNU GENERAL PUBLIC LICENSE" in (engine.HERE / "LICENSE").read_text()


def test_the_icon_is_well_formed():
    assert ET.parse(engine.HERE / "icon.svg").getroot().tag.endswith("svg")


def test_korean_is_what_its_source_says(qgis_app):
    import translate

    known = translate.translations(engine.HERE / "i18n" / "geoseg_ko.ts")
    translator = QTranslator()
    assert translator.load(str(engine.HERE / "i18n" / "geoseg_ko.qm"))
    QCoreApplication.installTranslator(translator)
    shown = {text: tr(text) for text in known}
    QCoreApplication.removeTranslator(translator)
    assert shown == known
    assert known["Predict land cover"] == "토지 피복 예측"
