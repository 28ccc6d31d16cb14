"""Checking a scene through Processing, with the real engine."""

from __future__ import annotations

import json

import processing
import pytest
from qgis.core import QgsProcessingException


def test_a_scene_is_told_with_the_models_that_fit(provider, data, feedback, context):
    found = processing.run(
        "geoseg:checkscene",
        {"INPUT": str(data / "s2.tif")},
        feedback=feedback,
        context=context,
    )
    assert found["AUTO"] == "landcover-s2"
    assert "landcover-s2" in found["FITTING"].split(",")
    assert json.loads(found["RESULT"])["scene"]["sensor"] == "Sentinel-2"
    assert "Sensor: Sentinel-2" in feedback.said
    assert any("665 nm" in line for line in feedback.said)
    assert any("landcover-s2 fits." in line for line in feedback.said)
    assert any("landcover-rgb does not fit:" in line for line in feedback.said)
    assert any(line.startswith("  pixel size: ") for line in feedback.said)


def test_a_product_is_named_by_its_folder_its_metadata_or_its_zip(
    provider, data, feedback, context
):
    (safe,) = (data / "products").glob("*.SAFE")
    (packed,) = (data / "products").glob("*.zip")
    for path in (safe, safe / "MTD_MSIL2A.xml", packed):
        found = processing.run(
            "geoseg:checkscene", {"PRODUCT": str(path)}, feedback=feedback, context=context
        )
        told = json.loads(found["RESULT"])["scene"]
        assert told["product"] == "Sentinel-2 L2A N0509"
        assert told["mask"]["tells"] == ["clouds", "shadows", "snow"]
        assert found["AUTO"] == "landcover-s2"
    assert "Its own mask tells: clouds, shadows, snow" in feedback.said
    assert any("CRS: EPSG:" in line for line in feedback.said)
    assert any("reflectance = (DN -1000) / 10000" in line for line in feedback.said)


def test_what_would_settle_it_is_said_in_fields(provider, data, feedback, context):
    found = processing.run(
        "geoseg:checkscene",
        {"INPUT": str(data / "s2.tif"), "MODEL": "landcover-rgb"},
        feedback=feedback,
        context=context,
    )
    assert (found["FITTING"], found["AUTO"]) == ("", "")
    assert "“Scale”" in feedback.text
    told = processing.run(
        "geoseg:checkscene",
        {"INPUT": str(data / "rgb.tif"), "MODEL": "landcover-rgb", "BANDS": "1, 2, 3"},
        feedback=feedback,
        context=context,
    )
    assert "pixel size" in json.loads(told["RESULT"])["models"][0]["findings"][-2]["aspect"]


def test_the_grid_of_the_map_is_a_field(provider, data, feedback, context):
    scene = {"INPUT": str(data / "s2.tif"), "MODEL": "landcover-s2", "GSD": "12", "MOSAIC": 0}
    found = processing.run("geoseg:checkscene", scene, feedback=feedback, context=context)
    command = next(line for line in feedback.said if line.startswith("geoseg check"))
    assert "--gsd 12" in command
    assert "--mosaic first" in command
    (model,) = json.loads(found["RESULT"])["models"]
    texts = [finding["found"] for finding in model["findings"]]
    assert any("10 m -> 12 m" in text for text in texts)


def test_a_granule_is_named_to_the_engine(provider, data, feedback, context):
    scene = {"INPUT": str(data / "s2.tif"), "GRANULE": " 33TUL "}
    with pytest.raises(QgsProcessingException, match="holds no product of granules"):
        processing.run("geoseg:checkscene", scene, feedback=feedback, context=context)
    command = next(line for line in feedback.said if line.startswith("geoseg check"))
    assert "--granule 33TUL" in command


def test_wrong_values_are_refused_in_the_dialogs_words(provider, data):
    with pytest.raises(QgsProcessingException, match="band numbers"):
        processing.run("geoseg:checkscene", {"INPUT": str(data / "s2.tif"), "BANDS": "x"})
    with pytest.raises(QgsProcessingException, match="no-such-model"):
        processing.run(
            "geoseg:checkscene", {"INPUT": str(data / "s2.tif"), "MODEL": "no-such-model"}
        )
