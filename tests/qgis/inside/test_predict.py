"""Mapping, vectorizing, describing and checking through Processing, with the real engine on real
pixels.
"""

from __future__ import annotations

import shlex

import processing
import pytest
from conftest import Feedback
from geoseg_qgis import engine
from processing.gui.Postprocessing import handleAlgorithmResults
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProcessingException,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
    QgsProcessingModelParameter,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingParameterRasterLayer,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QCoreApplication, QTranslator


def outputs(folder):
    return {
        name: str(folder / file)
        for name, file in (
            ("POLYGONS", "landcover.gpkg"),
            ("CLASSES", "classes.tif"),
            ("CONFIDENCE", "confidence.tif"),
            ("NOVELTY", "novelty.tif"),
        )
    }


def test_a_scene_is_mapped_and_loads_named_and_styled_in_a_group_on_top(
    provider, data, tmp_path, feedback, context, project
):
    scene = QgsRasterLayer(str(data / "s2.tif"), "my scene")
    project.addMapLayer(scene)
    algorithm = provider.algorithm("predict").create()
    targets = {
        name: QgsProcessingOutputLayerDefinition(path, project)
        for name, path in outputs(tmp_path).items()
    }
    parameters = {"INPUT": scene.id(), "MIN_AREA": 500, "STRICT": True, **targets}
    found, fine = algorithm.run(parameters, context, feedback)
    assert fine, feedback.text
    assert found == outputs(tmp_path)
    handleAlgorithmResults(algorithm, context, feedback, parameters=parameters)

    tree = [node.layer() for node in project.layerTreeRoot().findLayers()]
    names = ["Confidence of my scene", "Land cover of my scene", "Classes of my scene", "my scene"]
    names = ["Unlike what is known in my scene", *names]
    assert [layer.name() for layer in tree] == names
    group = project.layerTreeRoot().findGroup("Map of my scene")
    assert [node.name() for node in group.findLayers()] == names[:4]
    assert project.layerTreeRoot().children()[0] == group
    novelty, confidence, polygons, classes = tree[:4]
    assert novelty.renderer().classificationMax() == 254
    assert novelty.width() < classes.width()
    ramp = confidence.renderer().shader().rasterShaderFunction().colorRampItemList()
    assert (ramp[0].color.alpha(), ramp[-1].color.alpha()) == (255, 0)
    assert (
        confidence.renderer().classificationMin(),
        confidence.renderer().classificationMax(),
    ) == (0, 100)
    feature = next(polygons.getFeatures())
    assert feature["area_ha"] == pytest.approx(feature["area_m2"] / 10_000)
    assert polygons.featureCount() > 0
    assert polygons.renderer().type() == "categorizedSymbol"
    assert {"class", "area_m2", "confidence"} <= set(polygons.fields().names())
    assert classes.renderer().type() == "paletted"
    assert [entry.label for entry in classes.renderer().classes()][:2] == ["water", "trees"]

    assert "model landcover-s2: " in feedback.text
    assert "Mpx/s on cpu" in feedback.text
    command = next(line for line in feedback.said if line.startswith("geoseg predict "))
    assert "--strict" in shlex.split(command)
    assert shlex.split(command)[2:5] == [str(data / "s2.tif"), "--out", found["POLYGONS"]]
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".part")]


def test_layers_of_one_band_each_and_an_area(provider, data, tmp_path, feedback, context, project):
    layers = [QgsRasterLayer(str(path), path.stem) for path in sorted(data.glob("bands/*.tif"))]
    project.addMapLayers(layers)
    area = square(layers[0].extent(), "EPSG:32632" if False else layers[0].crs().authid())
    project.addMapLayer(area)
    found = processing.run(
        "geoseg:predict",
        {
            "INPUT": layers[0],
            "MORE_BANDS": layers[1:],
            "AOI": area,
            "CLASSES": str(tmp_path / "c.tif"),
        },
        feedback=feedback,
        context=context,
    )
    classes = QgsRasterLayer(found["CLASSES"], "c")
    assert classes.width() < layers[0].width()
    assert "AOI in EPSG:" in feedback.text
    assert "unsaved edits" in feedback.text


def square(extent, crs):
    """A layer in memory with one polygon that is not saved: the scene's middle."""
    layer = QgsVectorLayer(f"Polygon?crs={crs}", "area", "memory")
    layer.startEditing()
    feature = QgsFeature()
    middle = extent.buffered(-min(extent.width(), extent.height()) / 3)
    feature.setGeometry(QgsGeometry.fromRect(middle))
    layer.addFeature(feature)
    return layer


BAD = [
    ({"BANDS": "1,two"}, "are no band numbers"),
    ({"DEVICE": "abacus"}, "is no device"),
    ({"EXTRA": "--out other.tif"}, "leave it out"),
    ({"EXTRA": "--zonal 'B04"}, "quotation mark"),
    ({"EXTRA": "B04"}, "is no option"),
    ({"CLASSES": ""}, "Choose where the land cover goes"),
    ({"EXTENT": "0,1,0,1", "AOI": "area"}, "not both"),
    ({"INPUT": "no-such-file.tif"}, "INPUT"),
    ({"INPUT": None}, "Pick the layer of a scene"),
    ({"INPUT": None, "PRODUCT": "no-such.SAFE"}, "does not exist"),
    ({"PRODUCT": "/tmp"}, "not both"),
]


@pytest.mark.parametrize(("more", "said"), BAD, ids=lambda value: str(value)[:30])
def test_what_cannot_be_is_said_before_the_run(provider, data, tmp_path, project, more, said):
    scene = QgsRasterLayer(str(data / "s2.tif"), "s")
    area = square(scene.extent(), scene.crs().authid())
    project.addMapLayers([scene, area])
    if "AOI" in more:
        more = {**more, "AOI": area}
    with pytest.raises(QgsProcessingException, match=said):
        processing.run(
            "geoseg:predict", {"INPUT": scene, "CLASSES": str(tmp_path / "c.tif"), **more}
        )
    assert list(tmp_path.iterdir()) == []


def test_a_product_is_mapped_without_its_clouds(provider, data, tmp_path, feedback, context):
    (safe,) = (data / "products").glob("*.SAFE")
    made = {}
    for name, more in (("plain", {}), ("masked", {"MASK": [0, 1]})):
        out = str(tmp_path / f"{name}.tif")
        wish = {"PRODUCT": str(safe / "MTD_MSIL2A.xml"), "CLASSES": out, **more}
        processing.run("geoseg:predict", wish, feedback=feedback, context=context)
        layer = QgsRasterLayer(out)
        block = layer.dataProvider().block(1, layer.extent(), 480, 480)
        made[name] = sum(block.isNoData(i) for i in range(480 * 480))
    assert made["masked"] > made["plain"] + 1000
    assert "masked: clouds, shadows by scene classification (SCL)" in feedback.text


def test_a_model_of_the_designer_runs(provider, data, tmp_path, feedback, context):
    source = QgsProcessingModelChildParameterSource
    model = QgsProcessingModelAlgorithm("map and dissolve", "tests")
    model.addModelParameter(
        QgsProcessingParameterRasterLayer("scene", "Scene"), QgsProcessingModelParameter("scene")
    )
    mapped = QgsProcessingModelChildAlgorithm("geoseg:predict")
    mapped.addParameterSources("INPUT", [source.fromModelParameter("scene")])
    mapped.addParameterSources("MIN_AREA", [source.fromStaticValue(1000)])
    mapped = model.addChildAlgorithm(mapped)
    dissolved = QgsProcessingModelChildAlgorithm("native:dissolve")
    dissolved.setChildId("last")
    dissolved.addParameterSources("INPUT", [source.fromChildOutput(mapped, "POLYGONS")])
    dissolved.addParameterSources("FIELD", [source.fromStaticValue("class")])
    output = QgsProcessingModelOutput("dissolved", "Dissolved")
    output.setChildId("last")
    output.setChildOutputName("OUTPUT")
    dissolved.setModelOutputs({"dissolved": output})
    model.addChildAlgorithm(dissolved)
    model.updateDestinationParameters()
    assert model.toFile(str(tmp_path / "m.model3"))
    again = QgsProcessingModelAlgorithm()
    assert again.fromFile(str(tmp_path / "m.model3"))
    target = {again.destinationParameterDefinitions()[0].name(): str(tmp_path / "dissolved.gpkg")}
    processing.run(
        again, {"scene": str(data / "s2.tif"), **target}, feedback=feedback, context=context
    )
    classes = [
        feature["class"]
        for feature in QgsVectorLayer(str(tmp_path / "dissolved.gpkg"), "d").getFeatures()
    ]
    assert len(classes) > 1
    assert len(classes) == len(set(classes))


def test_more_options_reach_the_engine_and_formats_without_a_style_of_their_own_are_styled(
    provider, data, tmp_path, feedback, context, project
):
    target = QgsProcessingOutputLayerDefinition(str(tmp_path / "landcover.fgb"), project)
    algorithm = provider.algorithm("predict").create()
    parameters = {
        "INPUT": str(data / "s2.tif"),
        "EXTRA": "--zonal B04,8",
        "MIN_AREA": 500,
        "POLYGONS": target,
    }
    _, fine = algorithm.run(parameters, context, feedback)
    assert fine, feedback.text
    handleAlgorithmResults(algorithm, context, feedback, parameters=parameters)
    (layer,) = project.mapLayers().values()
    assert layer.renderer().type() == "categorizedSymbol"
    assert len([name for name in layer.fields().names() if "B04" in name or "B11" in name]) == 2
    assert feedback.progress() == 100


def test_the_engines_refusal_comes_through(provider, data, tmp_path):
    with pytest.raises(QgsProcessingException, match=r"no model fits the scene"):
        processing.run(
            "geoseg:predict",
            {"INPUT": str(data / "bands" / "B02.tif"), "CLASSES": str(tmp_path / "c.tif")},
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "more", [{}, {"MAJORITY": 3}, {"SIMPLIFY": 15}], ids=["live", "cleaned", "simplified"]
)
def test_polygons_and_raster_of_one_stem_have_their_colours_and_the_bar_its_end(
    provider, data, tmp_path, feedback, context, more
):
    told = []
    feedback.setProgress = told.append
    wanted = {"POLYGONS": str(tmp_path / "map.fgb"), "CLASSES": str(tmp_path / "map.tif")}
    found = processing.run(
        "geoseg:predict",
        {"INPUT": str(data / "s2.tif"), **wanted, **more},
        feedback=feedback,
        context=context,
    )
    assert told == sorted(told)
    assert told[-1] == 100
    polygons, classes = (
        QgsVectorLayer(found["POLYGONS"], "p"),
        QgsRasterLayer(found["CLASSES"], "c"),
    )
    assert polygons.renderer().type() == "categorizedSymbol"
    assert classes.renderer().type() == "paletted"
    colours = {entry.value: entry.color.name() for entry in classes.renderer().classes()}
    assert {
        int(c.value()): c.symbol().color().name() for c in polygons.renderer().categories()
    } == colours


def test_cancel_leaves_nothing(provider, data, tmp_path, context):
    feedback = Feedback(cancel_at=0.5)
    found = processing.run(
        "geoseg:predict",
        {"INPUT": str(data / "s2.tif"), "TILE": 64, "OVERLAP": 48, **outputs(tmp_path)},
        feedback=feedback,
        context=context,
    )
    print(f"cancelled, and back after {feedback.since_cancel():.2f} s")
    assert found == {}
    assert "Cancelled" in feedback.text
    assert list(tmp_path.iterdir()) == []


def test_a_class_raster_becomes_polygons(provider, data, tmp_path, feedback, context):
    found = processing.run(
        "geoseg:vectorize",
        {
            "INPUT": str(data / "classes.tif"),
            "OUTPUT": str(tmp_path / "p.gpkg"),
            "ONLY": "1, 2",
            "SIMPLIFY": 15,
        },
        feedback=feedback,
        context=context,
    )
    layer = QgsVectorLayer(found["OUTPUT"], "p")
    assert {feature["class_id"] for feature in layer.getFeatures()} == {1, 2}
    assert layer.renderer().type() == "categorizedSymbol"


def test_a_model_is_described(provider, tmp_path, feedback, context):
    found = processing.run(
        "geoseg:describe",
        {"MODEL": "landcover-rgb", "OUTPUT": str(tmp_path / "card.html")},
        feedback=feedback,
        context=context,
    )
    page = (tmp_path / "card.html").read_text(encoding="utf-8")
    assert found["OUTPUT"] == str(tmp_path / "card.html")
    assert "<h1>landcover-rgb</h1>" in page
    assert "building" in page
    assert "classes" in feedback.text
    with pytest.raises(QgsProcessingException, match="no model 'nothing'"):
        processing.run("geoseg:describe", {"MODEL": "nothing"})


def test_the_engine_is_checked(provider, feedback, context):
    found = processing.run("geoseg:check", {"DEVICE": "cpu"}, feedback=feedback, context=context)
    assert set(found) == {"VERSION", "PYTHON"}
    assert "everything works" in feedback.text
    assert "(GEOSEG_PYTHON)" in feedback.text


def test_what_the_engine_says_comes_in_qgis_s_language_with_fields_for_options(
    provider, data, tmp_path, feedback
):
    translator = QTranslator()
    assert translator.load(str(engine.HERE / "i18n" / "geoseg_ko.qm"))
    QCoreApplication.installTranslator(translator)
    try:
        korean = type(provider.algorithm("predict"))()  # its labels are made now
        korean.initAlgorithm()
        wish = {"INPUT": str(data / "rgb.tif"), "MODEL": "landcover-rgb", "BANDS": "1,1,2"}
        with pytest.raises(QgsProcessingException) as caught:
            processing.run(korean, {**wish, "CLASSES": str(tmp_path / "c.tif")}, feedback=feedback)
    finally:
        QCoreApplication.removeTranslator(translator)
    assert "“밴드 번호” 1,1,2에 한 밴드가 두 번 있습니다" in str(caught.value)
    assert "필요한 것: " in str(caught.value)
