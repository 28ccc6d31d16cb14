"""Polygons of objects by geoseg predict: those of the rasters that it writes, by objects.find."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from batches import OPTIONS, write_scene
from bundles import make_bundle

import geoseg
from geoseg.batches.master import _check_polygons
from geoseg.batches.plan import Recipe
from geoseg.core.card import DepthField, read_card, write_card
from geoseg.core.errors import InputError
from geoseg.core.options import Options
from geoseg.models import find_model
from geoseg.objects.find import Finding, objects
from geoseg.prediction.objects import task_of

THINGS = (1, 3)


def layer(path: Path) -> gpd.GeoDataFrame:
    return gpd.read_file(path, layer=path.stem)


def read(path: Path) -> np.ndarray:
    with rasterio.open(path) as raster:
        return raster.read()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scene, a model of five classes and a depth, two of which are things, and its rasters."""
    folder = tmp_path_factory.mktemp("home")
    make_bundle(folder / "model", labels=6)
    card = read_card(folder / "model/card.json")
    labels = tuple(replace(one, is_thing=i in THINGS) for i, one in enumerate(card.labels[:5]))
    write_card(replace(card, labels=labels, depth=DepthField(8.0)), folder / "model/card.json")
    write_scene(folder / "scene.tif", 90, 110, seed=3)
    made(folder, "plain.tif", confidence=folder / "sure.tif", depth=folder / "depth.tif")
    return folder


def made(home: Path, name: str, **how: object) -> Path:
    geoseg.predict(
        home / "scene.tif",
        home / name,
        model=home / "model",
        device="cpu",
        engine="torch",
        tile=64,
        overwrite=True,
        **how,
    )
    return home / name


def found(home: Path, name: str, **how: object) -> gpd.GeoDataFrame:
    rasters = home / "plain.tif", home / "depth.tif"
    objects(*rasters, home / name, confidence=home / "sure.tif", overwrite=True, **how)
    return layer(home / name)


def same(one: gpd.GeoDataFrame, other: gpd.GeoDataFrame) -> None:
    assert list(one.columns) == list(other.columns)
    assert one.drop(columns="geometry").equals(other.drop(columns="geometry"))
    assert one.geometry.geom_equals(other.geometry).all()


class TestObjects:
    def test_by_itself_the_card_says_what_the_polygons_are(self, home: Path) -> None:
        frame = layer(made(home, "auto.gpkg"))  # three classes of stuff: panoptic
        same(frame, found(home, "wanted.gpkg", finding=Finding(THINGS, stuff=True)))
        pixels = read(home / "plain.tif")
        assert frame["pixels"].sum() == pixels.size
        assert set(frame[frame["object"].notna()]["class_id"]) <= set(THINGS)
        assert not list(home.glob(".*"))

    def test_instances_are_of_things_alone(self, home: Path) -> None:
        frame = layer(made(home, "some.gpkg", task="instances", raster=home / "classes.tif"))
        same(frame, found(home, "wanted.gpkg", finding=Finding(THINGS)))
        assert set(frame["class_id"]) <= set(THINGS)
        np.testing.assert_array_equal(read(home / "classes.tif"), read(home / "plain.tif"))

    def test_those_that_are_small_or_unsure_are_left_out_and_borders_laid_out(
        self, home: Path
    ) -> None:
        how = {"min_area": 9.0, "min_score": 0.4, "simplify": 1.5}
        frame = layer(made(home, "few.gpkg", task="instances", **how))
        finding = Finding(THINGS, min_area=9.0, min_score=0.4)
        same(frame, found(home, "wanted.gpkg", finding=finding, simplify=1.5))
        every = layer(made(home, "all.gpkg", task="instances"))
        assert 0 < len(frame) < len(every)

    def test_classes_alone_are_the_map_of_a_model_without_depth(self, home: Path) -> None:
        frame = layer(made(home, "semantic.gpkg", task="semantic"))
        geoseg.vectorize(
            home / "plain.tif", home / "wanted.gpkg", confidence=home / "sure.tif", overwrite=True
        )
        assert len(frame) == len(layer(home / "wanted.gpkg"))
        assert "object" not in frame.columns


class TestRefusals:
    def test_what_is_done_to_classes_alone(self, home: Path) -> None:
        card = find_model(str(home / "model")).card
        for told in ({"majority": 3}, {"fill_holes": 5.0}, {"smooth": 2}, {"zonal": (1,)}):
            with pytest.raises(InputError, match="polygons of objects"):
                task_of(Options.of(**told), card)
            assert task_of(Options.of(task="semantic", **told), card) == "semantic"

    def test_a_model_that_tells_none_apart(self, home: Path) -> None:
        card = find_model(str(home / "model")).card
        bare = replace(card, depth=None)
        assert task_of(Options(), bare) == "semantic"
        with pytest.raises(InputError, match="tells no objects apart"):
            task_of(Options.of(task="panoptic"), bare)
        with pytest.raises(InputError, match="min-score"):
            task_of(Options.of(min_score=0.5), bare)

    def test_regions_of_a_batch(self, home: Path) -> None:
        recipe = Recipe(str(home / "model"), (), formats=("gpkg",), regions=64, options=OPTIONS)
        with pytest.raises(InputError, match="geoseg objects"):
            _check_polygons(recipe)
        _check_polygons(replace(recipe, options=OPTIONS.but(task="semantic")))
        _check_polygons(replace(recipe, regions=None))

    def test_a_map_in_memory_has_no_objects(self, home: Path) -> None:
        result = geoseg.predict(
            home / "scene.tif", model=home / "model", device="cpu", engine="torch", tile=64
        )
        with pytest.raises(InputError, match="objects"):
            len(result.polygons)
