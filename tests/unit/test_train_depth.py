"""What is learned of objects: numbers of pixels, and how deep inside its object each lies."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
import torch
from draws import more
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rasters import write
from scipy.ndimage import distance_transform_edt

import geoseg
from geoseg.core.card import NODATA, DepthField
from geoseg.core.errors import InputError
from geoseg.core.events import silent
from geoseg.core.grid import Grid, Window
from geoseg.features.coding import Coding
from geoseg.features.objects import ObjectLabels, open_objects
from geoseg.training.augment import Augment, turn
from geoseg.training.depth import UNKNOWN, WHOLE, code_depth, depth_loss, measure_depth
from geoseg.training.keywords import read_options
from geoseg.training.loop import batches
from geoseg.training.prepare import prepare
from geoseg.training.scene_label import Crop, blend, extend, join, resize

NUMBERS = arrays(
    np.uint32,
    st.tuples(st.integers(1, 24), st.integers(1, 24)),
    elements=st.sampled_from([0, 1, 2, 7]),
    fill=st.just(1),
)


def whole(numbers: np.ndarray, reach: float) -> np.ndarray:
    """The definition, object by object, by scipy's distances."""
    padded = np.pad(numbers, 1, mode="edge")
    rows, columns = numbers.shape
    border = np.zeros(numbers.shape, bool)
    for row in range(3):
        for column in range(3):
            border |= padded[row : row + rows, column : column + columns] != numbers
    far = distance_transform_edt(~border) if border.any() else np.full(numbers.shape, np.inf)
    return np.where(numbers > 0, np.minimum(far + 0.5, reach), 0)


@given(NUMBERS, st.sampled_from([0.5, 1.0, 2.5, 4.0, 8.0]))
def test_depths_are_distances(numbers: np.ndarray, reach: float) -> None:
    np.testing.assert_allclose(measure_depth(numbers, reach), whole(numbers, reach), rtol=1e-6)


@settings(more(2))
@given(NUMBERS, st.data())
def test_a_window_has_the_depths_of_the_whole(numbers: np.ndarray, data: st.DataObject) -> None:
    reach = data.draw(st.sampled_from([1.0, 2.5, 5.0]))
    rows, columns = numbers.shape
    top = data.draw(st.integers(0, rows - 1))
    left = data.draw(st.integers(0, columns - 1))
    bottom = data.draw(st.integers(top + 1, rows))
    right = data.draw(st.integers(left + 1, columns))
    around = int(np.ceil(reach)) + 1
    extent = Window(0, 0, rows, columns)
    window = Window(top, left, bottom, right)
    wider = Window(top - around, left - around, bottom + around, right + around).clip(extent)
    part = measure_depth(numbers[wider.within(extent)], reach)[window.within(wider)]
    expected = measure_depth(numbers, reach)[window.within(extent)]
    np.testing.assert_array_equal(part, expected)


def test_touching_objects_are_shallow_between_them_and_the_edge_of_a_scene_is_no_border() -> None:
    numbers = np.repeat(np.array([[1] * 6 + [2] * 6], np.uint32), 3, 0)
    depth = measure_depth(numbers, 4.0)
    np.testing.assert_array_equal(depth[1], [4, 4, 3.5, 2.5, 1.5, 0.5, 0.5, 1.5, 2.5, 3.5, 4, 4])


def test_codes_keep_what_is_unknown() -> None:
    depth = np.array([[0, 2, 4, 9, np.nan]], np.float16)
    np.testing.assert_array_equal(code_depth(depth, 4.0), [[0, WHOLE // 2, WHOLE, WHOLE, UNKNOWN]])


class TestLoss:
    def test_it_is_0_where_all_is_met_and_ignores_the_rest(self) -> None:
        coded = torch.tensor([[[0, 127, WHOLE, UNKNOWN, 64]]], dtype=torch.uint8)
        weight = torch.tensor([[[1.0, 1, 1, 1, 0]]])
        logits = torch.logit(coded.float() / WHOLE, eps=1e-7)
        logits[..., 3:] = 50  # unknown, and left out
        assert float(depth_loss(logits, coded, weight)) == pytest.approx(0, abs=1e-5)
        assert float(depth_loss(logits + 1, coded, weight)) > 0.02

    def test_nothing_known_costs_nothing(self) -> None:
        coded = torch.full((1, 2, 2), UNKNOWN, dtype=torch.uint8)
        logits = torch.ones(1, 2, 2, requires_grad=True)
        loss = depth_loss(logits, coded, torch.ones(1, 2, 2))
        loss.backward()
        assert float(loss.detach()) == 0
        assert (logits.grad == 0).all()

    def test_objects_and_the_ground_count_half_each(self) -> None:
        coded = torch.zeros((1, 1, 100), dtype=torch.uint8)
        coded[..., 0] = WHOLE
        loss = depth_loss(torch.zeros(1, 1, 100), coded, torch.ones(1, 1, 100))
        assert float(loss) == pytest.approx(np.log(2), rel=1e-5)
        right = torch.full((1, 1, 100), -50.0)
        half = depth_loss(right, coded, torch.ones(1, 1, 100))
        assert float(half) == pytest.approx(25, rel=1e-3)


def crop(side: int = 16) -> Crop:
    numbers = np.zeros((side, side), np.uint32)
    numbers[2:10, 3:15] = 5
    target = np.where(numbers[None] > 0, np.uint8(255), np.uint8(0))
    target = np.concatenate([255 - target, target])
    depth = measure_depth(numbers, 100).astype(np.float16)
    return Crop(np.ones((1, side, side)), np.ones((side, side), bool), target, depth)


class TestChanges:
    @pytest.mark.parametrize("way", range(8))
    def test_turns_take_the_depth_along(self, way: int) -> None:
        one = crop()
        turned = turn(one, way)
        numbers = (turned.target[1] > 0).astype(np.uint32)
        np.testing.assert_array_equal(turned.depth, measure_depth(numbers, 100).astype(np.float16))

    @pytest.mark.parametrize("size", [8, 32, 48])
    def test_depths_are_in_pixels_of_the_crop(self, size: int) -> None:
        grown = resize(crop(), size)
        numbers = (grown.target[1] > 0).astype(np.uint32)
        expected = measure_depth(numbers, 100)
        # what was half a pixel wide is now half of so many
        assert np.abs(grown.depth - expected).max() <= max(1.0, size / 16)
        assert grown.depth.max() == pytest.approx(expected.max(), abs=max(1.0, size / 32))

    def test_what_hangs_over_is_unknown(self) -> None:
        found = extend(crop(), Window(0, 0, 16, 16), Window(-3, 0, 13, 16))
        assert np.isnan(found.depth[:3]).all()
        np.testing.assert_array_equal(found.depth[3:], crop().depth[:13])

    def test_four_together_and_two_over_one_another(self) -> None:
        one = crop()
        np.testing.assert_array_equal(join([one] * 4).depth[16:, 16:], one.depth)
        np.testing.assert_allclose(
            blend(one, turn(one, 2), 0.25).depth,
            0.25 * one.depth + 0.75 * turn(one, 2).depth,
            atol=1e-2,
        )


GRID = Grid(20, 30, (1.0, 0, 4e5, 0, -1.0, 5e6), rasterio.crs.CRS.from_epsg(32633).to_wkt())
HOUSES = Coding({"house": 1, "tree": 0, "ground": 0})


def polygons(path: Path) -> str:
    """Two houses that touch, one of two parts, and a tree over one of them."""

    def box(left: int, top: int, right: int, bottom: int) -> shapely.Geometry:
        return shapely.box(4e5 + left, 5e6 - bottom, 4e5 + right, 5e6 - top)

    both = shapely.MultiPolygon([box(2, 2, 8, 8), box(20, 2, 24, 6)])
    shapes = [both, box(8, 2, 14, 8), box(0, 0, 4, 4)]
    frame = gpd.GeoDataFrame({"class": ["house", "house", "tree"]}, geometry=shapes, crs=32633)
    frame.to_file(path)
    return str(path)


def settings_for(folder: Path, things: bool = True) -> dict[str, object]:
    """Write a scene of bright houses, some of which touch, and return what a training is told."""
    rng = np.random.default_rng(5)
    side = 160
    shapes = []
    pixels = rng.integers(20, 90, (3, side, side))
    for top in range(4, side - 20, 20):
        for left in range(4, side - 24, 24):
            # every second touches the one at its left
            west = left - 12 if left % 48 > 24 else left
            shapes.append(shapely.box(4e5 + west, 5e6 - top - 10, 4e5 + left + 12, 5e6 - top))
            pixels[:, top : top + 10, west : left + 12] += 120 if left % 48 > 24 else 60
    frame = gpd.GeoDataFrame({"class": ["house"] * len(shapes)}, geometry=shapes, crs=32633)
    ground = gpd.GeoDataFrame(
        {"class": ["ground"]}, geometry=[shapely.box(4e5, 5e6 - side, 4e5 + side, 5e6)], crs=32633
    )
    pd.concat([ground, frame]).to_file(folder / "houses.gpkg")
    place = rasterio.Affine(1.0, 0, 4e5, 0, -1.0, 5e6)
    write(folder / "scene.tif", pixels.astype(np.uint8), ("red", "green", "blue"), place)
    return {
        "scenes": [str(folder / "scene.tif")],
        "labels": [str(folder / "houses.gpkg")],
        "classes": "ground=0,house=1",
        "things": ["house"] if things else None,
        "crop": 64,
        "batch": 2,
        "steps": 3,
        "validate_every": 3,
        "architecture": "unet",
        "set": (
            "network.hyperparameters={encoder='small', decoder_channels=[16, 8, 8, 8, 8]}",
            "card.tile=64",
            "card.overlap=16",
            "augment.zoom=1.5",
            "augment.mix=0.3",
            "augment.blend=0.3",
        ),
    }


class TestTraining:
    def test_features_become_a_model_with_a_depth(self, tmp_path: Path) -> None:
        told = settings_for(tmp_path)
        card = geoseg.train(out=tmp_path / "model", device="cpu", **told)
        assert card.depth == DepthField(8.0)
        assert [label.is_thing for label in card.labels] == [False, True]
        assert card.task == "instances"
        scene = str(tmp_path / "scene.tif")
        geoseg.predict(
            scene,
            tmp_path / "map.tif",
            depth=tmp_path / "depth.tif",
            model=tmp_path / "model",
            device="cpu",
            engine="torch",
        )
        with rasterio.open(tmp_path / "depth.tif") as raster:
            assert raster.read(1).max() <= 100
        # and goes on from there, with the same things
        told |= {"things": None, "classes": None, "architecture": None}
        told["set"] = told["set"][1:]
        again = geoseg.train(out=tmp_path / "more", start=tmp_path / "model", device="cpu", **told)
        assert (again.depth, again.labels) == (card.depth, card.labels)

    def test_what_is_learned_is_the_depth_of_the_whole_scene(self, tmp_path: Path) -> None:
        told = settings_for(tmp_path)
        config = read_options(None, told)
        data = prepare(config, tmp_path, None, silent)
        pair = data.pools["training"].pairs[0]
        extent = pair.grid.extent
        objects = open_objects(told["labels"][0], pair.grid, HOUSES)
        numbers = objects.read(extent)
        objects.close()
        numbers[numbers == numbers[0, 0]] = 0  # the ground, a feature as well
        assert len(np.unique(numbers)) > 20
        expected = measure_depth(numbers, 8.0 * 1.5).astype(np.float16)
        labels = pair.objects(extent)
        own = labels.classes != NODATA
        np.testing.assert_array_equal(labels.numbers[own], numbers[own])
        seen = ~np.isnan(pair.read(extent).depth)
        assert seen.sum() > 5000
        for window in (extent, Window(10, 20, 74, 84), Window(96, 90, 160, 154)):
            found = pair.read(window).depth
            mine = seen[window.within(extent)]
            np.testing.assert_array_equal(found[mine], expected[window.within(extent)][mine])
        augment = Augment(data.config.augment, data.config.bands, data.config.scaling)
        *_, target = next(batches(data.config, data.pools["training"], augment, 0))
        assert target.shape == (2, 3, 64, 64)
        inside = (target[:, 1] > 127) & (target[:, 2] != UNKNOWN)
        assert (target[:, 2][inside] > 0).any()

    def test_rasters_of_classes_tell_no_objects(self, tmp_path: Path) -> None:
        told = settings_for(tmp_path)
        classes = np.ones((1, 160, 160), np.uint8)
        classes[:, :80] = 0
        place = rasterio.Affine(1.0, 0, 4e5, 0, -1.0, 5e6)
        path = write(tmp_path / "classes.tif", classes, (), place)
        with pytest.raises(InputError, match="not of which object"):
            geoseg.train(out=tmp_path / "model", device="cpu", **told | {"labels": [path]})
        with pytest.raises(InputError, match="names 'shed', which is no class"):
            geoseg.train(out=tmp_path / "model", device="cpu", **told | {"things": ["shed"]})
        numbers = (classes * np.arange(1, 161)).astype(np.uint16)
        objects = write(tmp_path / "numbers.tif", numbers, (), place)
        config = read_options(None, told | {"labels": [path], "objects": [objects]})
        data = prepare(config, tmp_path, None, silent)
        found = data.pools["training"].pairs[0].objects(Window(80, 0, 81, 160))
        known = found.classes[0] == 1
        np.testing.assert_array_equal(found.numbers[0][known], np.arange(1, 161)[known])
        with pytest.raises(InputError, match="without data"):
            read_options(None, told | {"things": None, "objects": [objects]})


class TestNumbers:
    @pytest.mark.parametrize("suffix", [".gpkg", ".geojson"])
    def test_each_feature_is_an_object_whatever_window_is_read(
        self, tmp_path: Path, suffix: str
    ) -> None:
        path = polygons(tmp_path / f"houses{suffix}")
        objects = open_objects(path, GRID, HOUSES)
        found = objects.read(GRID.extent)
        one, two, tree = found[5, 5], found[5, 10], found[1, 1]
        assert len({one, two, tree, 0}) == 4
        assert found[3, 22] == one  # its other part
        assert found[3, 3] == tree  # which lies on top
        assert found[19, 29] == 0
        for window in GRID.extent.blocks(7, 11):
            np.testing.assert_array_equal(objects.read(window), found[window.within(GRID.extent)])
        objects.close()

    @pytest.mark.parametrize("dtype", ["uint16", "uint32", "int32"])
    def test_a_raster_of_numbers(self, tmp_path: Path, dtype: str) -> None:
        numbers = np.arange(600).reshape(20, 30) % 500
        path = write(
            tmp_path / "n.tif",
            numbers[None].astype(dtype),
            ("n",),
            rasterio.Affine(*GRID.transform),
            nodata=7,
        )
        objects = open_objects(path, GRID, HOUSES)
        found = objects.read(GRID.extent)
        assert found.dtype == np.uint32
        np.testing.assert_array_equal(found, np.where(numbers == 7, 0, numbers))
        objects.close()

    def test_what_holds_no_numbers_is_refused(self, tmp_path: Path) -> None:
        place = rasterio.Affine(*GRID.transform)
        floats = write(tmp_path / "f.tif", np.ones((1, 20, 30), "float32"), ("n",), place)
        with pytest.raises(InputError, match="1 bands of float32"):
            open_objects(floats, GRID, HOUSES)
        below = write(tmp_path / "b.tif", np.full((1, 20, 30), -1, "int16"), ("n",), place)
        objects = open_objects(below, GRID, HOUSES)
        with pytest.raises(InputError, match="holds -1"):
            objects.read(GRID.extent)
        objects.close()

    def test_classes_and_numbers_go_together(self) -> None:
        with pytest.raises(ValueError, match="numbers"):
            ObjectLabels(np.zeros((2, 2), np.uint8), np.zeros((2, 3), np.uint32))
