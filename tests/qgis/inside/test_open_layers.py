"""Outputs that are open in QGIS: shown anew after a run, and never replaced while edited or
read.
"""

from __future__ import annotations

import pytest
from geoseg_qgis import open_layers
from osgeo import gdal
from processing.gui.Postprocessing import handleAlgorithmResults
from qgis.core import (
    QgsCoordinateTransformContext,
    QgsProcessingOutputLayerDefinition,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorFileWriter,
    QgsVectorLayer,
)


@pytest.fixture
def trace(provider, data, feedback, context, project):
    """Vectorize a part of a class raster as a dialog does, and return the project's new layers."""
    scene = QgsRasterLayer(str(data / "classes.tif"), "classes")
    project.addMapLayer(scene)

    def run(share, target, **more):
        area = QgsRectangle(scene.extent())
        area.scale(share)
        corners = (area.xMinimum(), area.xMaximum(), area.yMinimum(), area.yMaximum())
        extent = f"{','.join(map(str, corners))} [{scene.crs().authid()}]"
        algorithm = provider.algorithm("vectorize").create()
        output = QgsProcessingOutputLayerDefinition(str(target), project)
        output.destinationName = more.pop("named", "")
        parameters = {"INPUT": scene.id(), "EXTENT": extent, "OUTPUT": output, **more}
        _, fine = algorithm.run(parameters, context, feedback)
        assert fine, feedback.text
        handleAlgorithmResults(algorithm, context, feedback, parameters=parameters)
        context.setLayersToLoadOnCompletion({})
        return [node.layer() for node in project.layerTreeRoot().findLayers()]

    return run


@pytest.mark.parametrize("suffix", ["gpkg", "fgb", "shp"])
def test_a_layer_shows_the_new_result(trace, tmp_path, suffix):
    polygons, _ = trace(0.3, tmp_path / f"a.{suffix}")
    polygons.setName("my name of it")
    before = polygons.extent()
    count = polygons.featureCount()
    link = QgsVectorLayer(str(tmp_path / f"a.{suffix}"), "a second one")
    same, *_ = trace(0.9, tmp_path / f"a.{suffix}")
    assert same == polygons
    assert polygons.name() == "my name of it"
    assert polygons.featureCount() > count
    assert polygons.extent().width() > 2 * before.width()
    assert polygons.renderer().type() == "categorizedSymbol"
    fresh = QgsVectorLayer(str(tmp_path / f"a.{suffix}"), "fresh")
    assert polygons.extent() == fresh.extent()
    assert len(list(polygons.getFeatures())) == fresh.featureCount()
    assert link.isValid()


def test_a_layer_through_a_link_shows_the_new_result_too(trace, tmp_path, project):
    trace(0.3, tmp_path / "a.gpkg")
    (tmp_path / "link.gpkg").symlink_to(tmp_path / "a.gpkg")
    linked = QgsVectorLayer(str(tmp_path / "link.gpkg"), "linked")
    project.addMapLayer(linked)
    count = linked.featureCount()
    trace(0.9, tmp_path / "a.gpkg")
    assert linked.featureCount() > count


def test_a_result_lies_above_the_map_and_keeps_the_name_it_was_given(trace, tmp_path):
    tree = trace(0.3, tmp_path / "a.gpkg", named="what the model calls it")
    assert [layer.name() for layer in tree] == ["what the model calls it", "classes"]


def test_a_layer_that_is_edited_is_not_replaced(trace, tmp_path):
    polygons, _ = trace(0.3, tmp_path / "a.gpkg")
    count = polygons.featureCount()
    polygons.startEditing()
    polygons.deleteFeature(next(polygons.getFeatures()).id())
    with pytest.raises(AssertionError, match="is being edited"):
        trace(0.9, tmp_path / "a.gpkg")
    assert polygons.commitChanges()
    assert QgsVectorLayer(str(tmp_path / "a.gpkg"), "fresh").featureCount() == count - 1


def test_no_edit_begins_while_the_file_is_written(trace, tmp_path, project):
    polygons, _ = trace(0.3, tmp_path / "a.gpkg")
    hold = open_layers.Hold(project, [str(tmp_path / "a.gpkg")])
    assert not polygons.startEditing()
    hold.ended.emit()
    assert polygons.startEditing()
    polygons.rollBack()


@pytest.mark.parametrize("way", ["path", "link"])
def test_an_area_of_interest_is_not_replaced_by_its_own_result(trace, tmp_path, project, way):
    polygons, _ = trace(0.3, tmp_path / "a.gpkg")
    target = tmp_path / "a.gpkg"
    if way == "link":
        target = tmp_path / "link.gpkg"
        target.symlink_to(tmp_path / "a.gpkg")
    before = (tmp_path / "a.gpkg").read_bytes()
    with pytest.raises(AssertionError, match="which this run reads"):
        trace(0.9, target, EXTENT=None, AOI=polygons.id())
    assert (tmp_path / "a.gpkg").read_bytes() == before


def test_a_scene_without_crs_gives_a_layer_without_crs(provider, data, tmp_path, trace, project):
    plain = str(tmp_path / "plain.tif")
    source = gdal.Open(str(data / "classes.tif"))
    written = gdal.GetDriverByName("GTiff").Create(plain, 64, 64, 1)
    written.SetGeoTransform(source.GetGeoTransform())
    written.GetRasterBand(1).WriteRaster(0, 0, 64, 64, source.ReadRaster(0, 0, 64, 64))
    del written  # writes the file
    layer = QgsRasterLayer(plain, "plain")
    assert not layer.crs().isValid()
    project.addMapLayer(layer)
    made = trace(1, tmp_path / "a.gpkg", INPUT=layer.id(), EXTENT=None)[0]
    assert not made.crs().isValid()
    assert made.extent().intersects(layer.extent())


def test_other_layers_of_a_geopackage_stay_and_the_new_one_is_shown(trace, tmp_path):
    target = tmp_path / "a.gpkg"
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName = "GPKG", "mine"
    mine = QgsVectorLayer("Point?crs=EPSG:4326&field=x:integer", "mine", "memory")
    QgsVectorFileWriter.writeAsVectorFormatV3(
        mine, str(target), QgsCoordinateTransformContext(), options
    )
    polygons, _ = trace(0.3, target)
    assert polygons.source() == f"{target}|layername=a"
    assert polygons.renderer().type() == "categorizedSymbol"
    assert QgsVectorLayer(f"{target}|layername=mine", "mine").isValid()
