"""Sampling, evaluating and training through Processing, with the real engine."""

from __future__ import annotations

import json

import processing
import pytest
from conftest import Feedback
from geoseg_qgis.algorithms import base
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProcessingException,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)


def test_points_are_sampled_interpreted_and_evaluated(provider, data, tmp_path, feedback, context):
    sample, page, numbers = (
        str(tmp_path / name) for name in ("sample.gpkg", "page.html", "numbers.json")
    )
    found = processing.run(
        "geoseg:sample",
        {"INPUT": str(data / "classes.tif"), "POINTS": 40, "BLIND": False, "OUTPUT": sample},
        feedback=feedback,
        context=context,
    )
    layer = QgsVectorLayer(found["OUTPUT"], "sample")
    assert layer.featureCount() == 40
    assert "truth" in layer.fields().names()
    mapped = next(name for name in ("class", "map", "map_class") if name in layer.fields().names())
    layer.startEditing()
    for feature in layer.getFeatures():
        layer.changeAttributeValue(feature.id(), layer.fields().indexOf("truth"), feature[mapped])
    with pytest.raises(QgsProcessingException, match="not saved"):
        processing.run("geoseg:evaluate", {"SAMPLE": layer, "NUMBERS": numbers})
    assert layer.commitChanges()
    processing.run(
        "geoseg:evaluate",
        {"SAMPLE": layer, "PAGE": page, "NUMBERS": numbers},
        feedback=feedback,
        context=context,
    )
    assert "<html" in (tmp_path / "page.html").read_text(encoding="utf-8").lower()
    assert json.loads((tmp_path / "numbers.json").read_text(encoding="utf-8"))


def test_a_sample_that_is_no_file_is_refused(provider, tmp_path):
    layer = QgsVectorLayer("Point?crs=EPSG:32633&field=truth:string", "points", "memory")
    with pytest.raises(QgsProcessingException, match="not a file"):
        processing.run("geoseg:evaluate", {"SAMPLE": layer, "NUMBERS": str(tmp_path / "n.json")})


def test_what_became_what_is_drawn(provider, data, tmp_path, feedback, context):
    classes = str(data / "classes.tif")
    out = str(tmp_path / "change.gpkg")
    found = processing.run(
        "geoseg:change",
        {"BEFORE": classes, "AFTER": classes, "UNCHANGED": True, "OUTPUT": out},
        feedback=feedback,
        context=context,
    )
    layer = QgsVectorLayer(found["OUTPUT"], "change")
    assert layer.featureCount() > 0
    assert all(feature["before"] == feature["after"] for feature in layer.getFeatures())
    with pytest.raises(QgsProcessingException, match="write A=B"):
        processing.run(
            "geoseg:change", {"BEFORE": classes, "AFTER": classes, "RENAME": "x", "OUTPUT": out}
        )


def test_a_map_is_compared_with_the_truth(provider, data, tmp_path, feedback, context):
    numbers = str(tmp_path / "numbers.json")
    processing.run(
        "geoseg:evaluate",
        {
            "MAP": str(data / "classes.tif"),
            "TRUTH": str(data / "classes.tif"),
            "NUMBERS": numbers,
            "PAGE": str(tmp_path / "p.html"),
        },
        feedback=feedback,
        context=context,
    )
    assert "accuracy" in feedback.text.lower()
    with pytest.raises(QgsProcessingException, match="Give a map and its truth"):
        processing.run("geoseg:evaluate", {"MAP": str(data / "classes.tif")})
    with pytest.raises(QgsProcessingException, match="Choose the column"):
        processing.run("geoseg:evaluate", {"MAP": str(data / "classes.tif"), "TRUTH": halves(data)})


def halves(data):
    """Labels in memory over a scene: its left half, its right half."""
    scene = QgsRasterLayer(str(data / "rgb.tif"), "s")
    extent = scene.extent()
    layer = QgsVectorLayer(
        f"Polygon?crs={scene.crs().authid()}&field=kind:string", "halves", "memory"
    )
    middle = extent.center().x()
    for kind, left, right in (
        ("west", extent.xMinimum(), middle),
        ("east", middle, extent.xMaximum()),
    ):
        feature = QgsFeature(layer.fields())
        feature["kind"] = kind
        feature.setGeometry(
            QgsGeometry.fromRect(QgsRectangle(left, extent.yMinimum(), right, extent.yMaximum()))
        )
        layer.dataProvider().addFeature(feature)
    return layer


def test_a_model_is_trained_from_layers(provider, data, tmp_path, feedback, context):
    found = processing.run(
        "geoseg:train",
        {
            "SCENES": [str(data / "rgb.tif")],
            "LABELS": halves(data),
            "COLUMN": "kind",
            "CLASSES": "west=1:#419bdf:west, east=2:#397d49:east",
            "STEPS": 2,
            "VALIDATION": 0,
            "CROP": 64,
            "BATCH": 2,
            "START": "landcover-rgb",
            "DEVICE": "cpu",
            "OUTPUT": str(tmp_path / "model"),
        },
        feedback=feedback,
        context=context,
    )
    card = json.loads((tmp_path / "model" / "card.json").read_text(encoding="utf-8"))
    assert [
        entry["name"] for entry in card["properties"]["mlm:output"][0]["classification:classes"]
    ] == [
        "west",
        "east",
    ]
    assert found["REPORT"].endswith("report.html")
    assert "exported as QGIS shows it" in feedback.text
    wrong = {
        "SCENES": [str(data / "rgb.tif")],
        "LABELS": halves(data),
        "COLUMN": "kind",
        "CLASSES": "one",
    }
    with pytest.raises(QgsProcessingException, match="Write two classes"):
        processing.run("geoseg:train", {**wrong, "OUTPUT": str(tmp_path / "m")})


def test_a_cancel_says_what_is_left(tmp_path):
    kept, new = tmp_path / "kept.tif", tmp_path / "folder"
    kept.write_text("before")
    new.mkdir()
    before = {str(path): base.stamp(str(path)) for path in (kept, new)}
    assert base.stamp(str(kept)) == before[str(kept)]
    assert "nothing was written" in base.cancelled([])
    (new / "checkpoint.pt").write_text("half way")
    written = [path for path, then in before.items() if base.stamp(path) != then]
    assert written == [str(new)]
    assert base.cancelled(written).endswith(f"written already: {new}")


def test_a_training_that_is_cancelled_names_its_checkpoint(provider, data, tmp_path, context):
    feedback = Feedback(cancel_at=0)
    wish = {
        "SCENES": [str(data / "rgb.tif")],
        "LABELS": str(data / "classes.tif"),
        "CLASSES": "a=0,b=1,c=2,d=3",
        "STEPS": 300,
        "CROP": 64,
        "BATCH": 2,
        "DEVICE": "cpu",
        "VALIDATION": 0,
        "START": "landcover-rgb",
    }
    processing.run(
        "geoseg:train",
        {**wish, "OUTPUT": str(tmp_path / "model")},
        feedback=feedback,
        context=context,
    )
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert ("written already" in feedback.text) == bool(files), files
    assert ("nothing was written" in feedback.text) == (not files)
