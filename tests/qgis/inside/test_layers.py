"""Layers as QGIS has them, brought to the engine: each path is opened by the engine itself."""

from __future__ import annotations

import json
import os

import pytest
from geoseg_qgis import areas, engine, layers, vectors
from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameters,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)
from range_server import serve


def scene_line(path):
    """What the engine says a scene is."""
    found = engine.find("", os.environ)
    done = engine.ask(found, "models", "list", "--json", "--for", path)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["scene"]


def opened(layer, tmp_path):
    assert layer.isValid()
    assert layers.problem(layer) == ""
    return layers.usable(layer, tmp_path / "new")


def test_a_file_is_passed_as_it_is(qgis_app, data, tmp_path):
    found = opened(QgsRasterLayer(str(data / "s2.tif"), "s"), tmp_path)
    assert found == layers.Opened(str(data / "s2.tif"))
    assert not (tmp_path / "new").exists()


def test_a_virtual_raster(qgis_app, data, tmp_path):
    gdal.BuildVRT(str(tmp_path / "v.vrt"), [str(data / "rgb.tif")]).FlushCache()
    assert "3 bands" in scene_line(
        opened(QgsRasterLayer(str(tmp_path / "v.vrt"), "v"), tmp_path).path
    )


def test_a_subdataset(qgis_app, data, tmp_path):
    for table in ("one", "two"):
        gdal.Translate(
            str(tmp_path / "two.gpkg"),
            str(data / "rgb.tif"),
            format="GPKG",
            creationOptions=["APPEND_SUBDATASET=YES", f"RASTER_TABLE={table}"],
        )
    found = opened(QgsRasterLayer(f"GPKG:{tmp_path / 'two.gpkg'}:two", "t"), tmp_path)
    assert found.note == ""
    assert "bands" in scene_line(found.path)


def test_a_file_on_a_server(qgis_app, data, tmp_path):
    with serve(data) as server:
        layer = QgsRasterLayer(f"{server.url}/rgb.tif", "w")
        assert "3 bands" in scene_line(opened(layer, tmp_path).path)


def test_a_crs_set_in_qgis_counts(qgis_app, data, tmp_path):
    layer = QgsRasterLayer(str(data / "s2.tif"), "s")
    layer.setCrs(QgsCoordinateReferenceSystem("EPSG:32601"))
    found = opened(layer, tmp_path)
    assert "EPSG:32601" in found.note
    assert QgsRasterLayer(found.path, "v").crs().authid() == "EPSG:32601"
    assert "Sentinel-2" in scene_line(found.path)  # the bands' names are kept


def test_a_layer_in_memory_is_exported(qgis_app, data, tmp_path):
    gdal.Translate("/vsimem/rgb.tif", str(data / "rgb.tif")).FlushCache()
    found = opened(QgsRasterLayer("/vsimem/rgb.tif", "m"), tmp_path)
    assert "in memory" in found.note
    assert "3 bands" in scene_line(found.path)
    gdal.Unlink("/vsimem/rgb.tif")


def test_open_options_are_kept(qgis_app, data, tmp_path):
    found = opened(QgsRasterLayer(f"{data / 'rgb.tif'}|option:NUM_THREADS=2", "o"), tmp_path)
    assert "open options" in found.note
    assert "3 bands" in scene_line(found.path)


def test_two_layers_of_one_name_get_two_files(qgis_app, data, tmp_path):
    paths = []
    for _ in range(2):
        layer = QgsRasterLayer(str(data / "s2.tif"), "s")
        layer.setCrs(QgsCoordinateReferenceSystem("EPSG:32601"))
        paths.append(opened(layer, tmp_path).path)
    assert len(set(paths)) == 2


def test_a_service_is_refused_in_clear_words(qgis_app):
    url = "crs=EPSG:3857&format&type=xyz&url=http://127.0.0.1:9/%7Bz%7D/%7Bx%7D/%7By%7D.png&zmax=3&zmin=0"
    layer = QgsRasterLayer(url, "tiles", "wms")
    assert layer.isValid()
    assert "Save it as a GeoTIFF" in layers.problem(layer)


def test_other_layers_are_refused(qgis_app):
    assert "cannot be read" in layers.problem(None)
    assert "cannot be read" in layers.problem(QgsRasterLayer("missing.tif", "m"))
    assert "not a raster" in layers.problem(QgsVectorLayer("Polygon?crs=EPSG:4326", "v", "memory"))


@pytest.mark.parametrize(
    ("crs", "start"), [("EPSG:32633", "SRID=32633;"), ("", "Polygon"), ("ESRI:54009", "SRID=4326;")]
)
def test_a_rectangle_becomes_wkt_in_a_crs_that_the_engine_knows(qgis_app, crs, start):
    text = areas.from_extent(
        QgsRectangle(0, 0, 1000, 1000), QgsCoordinateReferenceSystem(crs), QgsProject.instance()
    )
    assert text.startswith(start)


def test_a_long_area_becomes_a_file(qgis_app, tmp_path):
    layer = QgsVectorLayer("Polygon?crs=EPSG:32633", "many", "memory")
    for i in range(60):
        feature = QgsFeature()
        feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(i, 0, i + 0.5, 1)))
        layer.dataProvider().addFeature(feature)
    path = areas.from_features(layer, QgsProcessingContext(), tmp_path)
    written = QgsVectorLayer(path, "w")
    assert (written.featureCount(), written.crs().authid()) == (60, "EPSG:32633")


def test_curves_and_heights_become_plain_polygons(qgis_app):
    curve = QgsGeometry.fromWkt(
        "CurvePolygonZ (CircularStringZ (0 0 1, 1 1 1, 2 0 1, 1 -1 1, 0 0 1))"
    )
    text = areas.flat(curve).asWkt(3)
    assert text.startswith("Polygon (")


def test_an_empty_area_is_refused(qgis_app, tmp_path):
    layer = QgsVectorLayer("Polygon?crs=EPSG:32633", "none", "memory")
    with pytest.raises(ValueError, match="no features"):
        areas.from_features(layer, QgsProcessingContext(), tmp_path)


def test_selected_features_count_alone_where_that_is_asked_for(qgis_app, tmp_path):
    layer = QgsVectorLayer("Polygon?crs=EPSG:32633", "two", "memory")
    for left in (0, 10):
        feature = QgsFeature()
        feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(left, 0, left + 1, 1)))
        layer.dataProvider().addFeature(feature)
    layer.selectByIds([2])
    context = QgsProcessingContext()
    project = QgsProject()
    project.addMapLayer(layer)
    context.setProject(project)
    selected = {"AOI": QgsProcessingFeatureSourceDefinition(layer.id(), True)}
    definition = QgsProcessingParameterFeatureSource("AOI")
    source = QgsProcessingParameters.parameterAsSource(definition, selected, context)
    text = areas.from_features(source, context, tmp_path)
    assert QgsGeometry.fromWkt(text.partition(";")[2]).boundingBox() == QgsRectangle(10, 0, 11, 1)


def labelled(name="labels"):
    """Two saved polygons of classes."""
    layer = QgsVectorLayer("Polygon?crs=EPSG:32633&field=kind:string", name, "memory")
    for i, kind in enumerate(("water", "trees")):
        feature = QgsFeature(layer.fields())
        feature["kind"] = kind
        feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(i, 0, i + 1, 1)))
        layer.dataProvider().addFeature(feature)
    return layer


def test_vectors_are_passed_as_they_are_or_exported_as_qgis_shows_them(qgis_app, tmp_path):
    context = QgsProcessingContext()
    exported = vectors.usable(labelled(), context, tmp_path / "a")
    assert "exported" in exported.note
    saved = QgsVectorLayer(exported.path, "saved")
    assert vectors.usable(saved, context, tmp_path / "b") == layers.Opened(exported.path)
    saved.setSubsetString("kind = 'water'")
    filtered = vectors.usable(saved, context, tmp_path / "c")
    assert QgsVectorLayer(filtered.path, "f").featureCount() == 1
    saved.setSubsetString("")
    saved.startEditing()
    saved.deleteFeature(next(saved.getFeatures()).id())
    edited = vectors.usable(saved, context, tmp_path / "d")
    assert QgsVectorLayer(edited.path, "e").featureCount() == 1
    saved.rollBack()


def test_a_vector_layer_that_cannot_be_read(qgis_app):
    assert "cannot be read" in vectors.problem(QgsVectorLayer("missing.gpkg", "m"))
