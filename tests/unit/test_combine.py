"""Several models as one, and classes merged before the highest score decides."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from bundles import BANDS, make_bundle
from hypothesis import given
from hypothesis import strategies as st
from rasters import write

import geoseg
from geoseg.batches.plan import Recipe, cards_of, recipe_from_data, recipe_to_data, weights_of
from geoseg.cli import run
from geoseg.core.card import Label, Scaling, read_card, write_card
from geoseg.core.errors import InputError, ModelError
from geoseg.core.events import silent
from geoseg.core.job import Job
from geoseg.core.options import Options
from geoseg.models import Bundle, find_model
from geoseg.models.ensemble import combine, find_models
from geoseg.models.merging import MergingModel, merge_labels
from geoseg.models.protocol import Model
from geoseg.prediction.agreement import find_engine
from geoseg.prediction.pipeline import segment

NAMES = ("red", "green", "blue", "nir")
FOREST = {"forest": {"classes": ["class 3", "class 1"], "colour": "#228B22"}, "lake": "class 4"}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return find_model(str(make_bundle(tmp_path_factory.mktemp("first"))))


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Other bands in another order, another scaling, and the same classes in another order."""
    bands = (replace(BANDS[1], name="nir", common_name="nir", wavelength=0.84), BANDS[2])
    folder = make_bundle(tmp_path_factory.mktemp("second"), bands, tile=96, encoder="resnet18")
    card = read_card(folder / "card.json")
    labels = tuple(replace(card.labels[i], value=i + 10) for i in (2, 0, 1, 4, 3))
    bands = tuple(replace(band, mean=band.mean / 250, std=band.std / 250) for band in bands)
    bands = tuple(replace(band, low=0.0, high=1.0) for band in bands)
    changed = replace(
        card,
        name="other",
        labels=labels,
        bands=bands,
        scaling=Scaling(1 / 250),
        unit="part",
        fixed_tile=False,
    )
    write_card(changed, folder / "card.json")
    return find_model(str(folder))


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 200, (4, 9, 12)).repeat(20, 1).repeat(20, 2)
    return coarse + rng.integers(0, 50, coarse.shape)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, pixels: np.ndarray) -> str:
    folder = tmp_path_factory.mktemp("scene")
    transform = rasterio.Affine(1.0, 0, 4e5, 0, -1.0, 5e6)
    return write(
        folder / "scene.tif", pixels.astype(np.uint8), NAMES, transform, photometric="MINISBLACK"
    )


def scores_by_name(
    bundle: Bundle, pixels: np.ndarray, names: tuple[str, ...]
) -> dict[str, np.ndarray]:
    bands = [names.index(name) for name in bundle.card.band_names]
    found = geoseg.open_model(bundle.path, "cpu")(
        pixels[bands].astype(np.uint8), tile=96, overlap=24
    )
    return {label.name: found[i] for i, label in enumerate(bundle.card.labels)}


def test_an_ensemble_maps_the_mean_of_its_members_scores(
    first: Bundle, second: Bundle, scene: str, pixels: np.ndarray, tmp_path: Path
) -> None:
    out, confidence = tmp_path / "map.tif", tmp_path / "confidence.tif"
    found = geoseg.predict(
        scene,
        out,
        confidence=confidence,
        model=[first.path, second.path],
        weights=(3, 1),
        device="cpu",
        tile=96,
        overlap=24,
    )
    one, other = (scores_by_name(bundle, pixels, NAMES) for bundle in (first, second))
    names = [label.name for label in first.card.labels]
    mean = np.stack([0.75 * one[name] + 0.25 * other[name] for name in names])
    assert (found.classes == mean.argmax(0)).mean() > 0.9999
    assert (mean.argmax(0) != np.stack([one[name] for name in names]).argmax(0)).any()
    np.testing.assert_allclose(found.confidence, 100 * mean.max(0), atol=0.51)
    assert found.labels == first.card.labels
    assert found.model == found.card.name == "test-model-and-other"
    with rasterio.open(out) as raster:
        told = json.loads(raster.tags()["geoseg_models"])
        assert raster.tags()["geoseg_model_sha256"] == found.model_sha256
    assert [(item["sha256"], item["weight"]) for item in told] == [
        (first.sha256, 0.75),
        (second.sha256, 0.25),
    ]
    for region in ((0, 0, 71, 240), (71, 0, 180, 103), (71, 103, 180, 240)):
        part = str(tmp_path / f"{region[0]}-{region[1]}.tif")
        options = Options.of(device="cpu", tile=96, overlap=24, weights=(3, 1))
        models = (str(first.path), str(second.path))
        segment(Job((scene,), models, part, options=options, region=region))
        with rasterio.open(part) as raster:
            top, left, bottom, right = region
            np.testing.assert_array_equal(raster.read(1), found.classes[top:bottom, left:right])


def test_a_model_twice_is_the_model(first: Bundle, scene: str) -> None:
    alone, twice = (
        geoseg.predict(scene, model=model, device="cpu", bands=(1, 2, 3))
        for model in (first.path, [first.path, first.path])
    )
    np.testing.assert_array_equal(alone.classes, twice.classes)
    np.testing.assert_array_equal(alone.confidence, twice.confidence)


@pytest.mark.parametrize("engine", ["torch", "openvino"])
def test_each_engine_averages(first: Bundle, second: Bundle, engine: str) -> None:
    if engine == "openvino":
        pytest.importorskip("openvino")
    options = Options.of(engine=engine, device="cpu")
    both = combine([first, second], options)
    rng = np.random.default_rng(1)
    batch = rng.integers(0, 255, (2, 5, 64, 64)).astype(np.uint8)
    valid = rng.random((2, 64, 64)) > 0.1
    one, other, mean = (
        find_engine(bundle, bundle.card.scaling, options, silent).load("fp32", ())
        for bundle in (first, second, both)
    )
    order = [[label.name for label in second.card.labels].index(f"class {i}") for i in range(5)]
    wanted = (one(batch[:, :3].copy(), valid) + other(batch[:, 3:].copy(), valid)[:, order]) / 2
    np.testing.assert_allclose(mean(batch, valid), wanted, atol=1e-6)


def test_models_of_other_classes_are_refused_and_the_difference_named(
    first: Bundle, second: Bundle, tmp_path: Path
) -> None:
    labels = (*second.card.labels[:4], Label(99, "wetland", "#000000"))
    other = replace(second, card=replace(second.card, labels=labels))
    with pytest.raises(ModelError, match="alone has class 3; other alone has wetland"):
        combine([first, other], Options())
    sigmoid = replace(second, card=replace(second.card, activation="sigmoid"))
    with pytest.raises(ModelError, match="softmax, those of other of sigmoid"):
        combine([first, sigmoid], Options())
    with pytest.raises(InputError, match="--weights 1 for 2 models"):
        combine([first, second], Options.of(weights=(1,)))
    with pytest.raises(InputError, match="--weights 0,0"):
        combine([first, second], Options.of(weights=(0, 0)))
    with pytest.raises(InputError, match="--weights 1,1 for 1 models"):
        combine([first], Options.of(weights=(1, 1)))


def test_what_the_user_says_of_bands_and_values_must_hold_for_all(
    first: Bundle, second: Bundle, scene: str
) -> None:
    models = [first.path, second.path]
    with pytest.raises(InputError, match="--bands 1,2,3 for models of other bands"):
        geoseg.predict(scene, model=models, bands=(1, 2, 3))
    with pytest.raises(InputError, match="--scale for models of other units"):
        geoseg.predict(scene, model=models, scale=0.5)


class Given(Model):
    """Gives what it is fed as scores."""

    device = "cpu (1 threads)"

    def __call__(self, pixels: np.ndarray, valid: np.ndarray) -> np.ndarray:
        return pixels


@given(st.lists(st.integers(0, 3), min_size=1, max_size=8), st.integers(0, 99))
def test_scores_of_merged_classes_add_up(parts: list[int], seed: int) -> None:
    """The oracle: the sum by group of numpy's add.at."""
    labels = [Label(i, f"old {i}", "#000000") for i in range(len(parts))]
    groups = {
        f"new {part}": [f"old {i}" for i, one in enumerate(parts) if one == part]
        for part in set(parts)
    }
    merged = merge_labels(labels, json.dumps(groups))
    assert sorted(i for group in merged.groups for i in group) == list(range(len(parts)))
    scores = np.random.default_rng(seed).random((2, len(parts), 3, 4)).astype(np.float32)
    wanted = np.zeros((2, len(merged.labels), 3, 4))
    places = [[label.name for label in merged.labels].index(f"new {part}") for part in parts]
    np.add.at(wanted, (slice(None), places), scores)
    found = MergingModel(Given(), merged.groups)(scores, np.ones((2, 3, 4), bool))
    np.testing.assert_allclose(found, wanted, rtol=1e-6)
    highest = MergingModel(Given(), merged.groups, "sigmoid")(scores, np.ones((2, 3, 4), bool))
    for place, group in enumerate(merged.groups):
        np.testing.assert_array_equal(highest[:, place], scores[:, list(group)].max(1))


def test_merged_classes_on_a_map(
    first: Bundle, scene: str, pixels: np.ndarray, tmp_path: Path
) -> None:
    path = tmp_path / "classes.json"
    path.write_text(json.dumps(FOREST))
    found = geoseg.predict(
        scene,
        tmp_path / "map.tif",
        model=first.path,
        device="cpu",
        tile=96,
        overlap=24,
        rename_classes=path,
    )
    scores = scores_by_name(first, pixels, NAMES)
    parts = (("class 0",), ("class 1", "class 3"), ("class 2",), ("class 4",))
    summed = np.stack([sum(scores[name] for name in group) for group in parts])
    values = np.array([0, 1, 2, 4])
    assert (found.classes == values[summed.argmax(0)]).mean() > 0.9999
    old = np.array([0, 1, 2, 1, 4])[np.stack(list(scores.values())).argmax(0)]
    assert (found.classes != old).any()  # what relabelling the finished map would give
    assert [(label.name, label.value) for label in found.labels] == [
        ("class 0", 0),
        ("forest", 1),
        ("class 2", 2),
        ("lake", 4),
    ]
    assert found.labels[1].colour == "#228b22"
    assert "forest is class 1 + class 3 of test-model" in found.card.limits
    assert found.card.scores == {}
    assert set(found.shares) == {"class 0", "forest", "class 2", "lake"}
    with rasterio.open(tmp_path / "map.tif") as raster:
        assert json.loads(raster.tags()["geoseg_merged"])["forest"] == ["class 1", "class 3"]
        assert json.loads(raster.tags()["geoseg_classes"])["1"] == "forest"
        assert raster.colormap(1)[1] == (0x22, 0x8B, 0x22, 255)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ({"forest": ["conifer"]}, "'conifer', which is no class of the model"),
        ({"a": ["class 0"], "b": ["class 0"]}, "class 0 is named for a and for b"),
        ({"a": ["class 0", "class 0"]}, "class 0 is named for a and for a"),
        ({"class 1": ["class 0"]}, "two classes named class 1"),
        ({"a": {"classes": ["class 0"], "colour": "red"}}, "must read #rrggbb"),
        ({"a": []}, "'a' has"),
        ({"a": {"colour": "#000000"}}, "'a' has"),
        ({}, "holds no names"),
        ('{"a": "class 0", "a": "class 1"}', "a name stands in it twice"),
        ("{", "is no JSON"),
        ("nothing.json", "there is no such file"),
    ],
)
def test_what_cannot_be_merged_is_refused(first: Bundle, text: object, said: str) -> None:
    words = text if isinstance(text, str) else json.dumps(text)
    with pytest.raises(InputError, match=said):
        combine([first], Options.of(rename_classes=words))


def test_a_batch_keeps_the_models_and_the_classes(first: Bundle, second: Bundle) -> None:
    models = (str(first.path), str(second.path))
    options = Options.of(rename_classes=json.dumps(FOREST))
    recipe = Recipe(models, weights_of(models, options), ("tif",), options=options)
    assert recipe_from_data(json.loads(json.dumps(recipe_to_data(recipe)))) == recipe
    [card] = cards_of(models, options)
    assert card.name == "test-model-and-other"
    assert "forest" in [label.name for label in card.labels]
    assert weights_of(models) != weights_of(models, Options.of(weights=(2, 1)))
    assert find_models(models, options).card == card
    assert {one.name for one in cards_of("auto", options)} == set()


def test_the_command_takes_several_models(
    first: Bundle, second: Bundle, scene: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    usual = ["predict", scene, "--model", str(first.path), "--model", str(second.path)]
    assert run([*usual, "--weights", "x,1", "--out", str(tmp_path / "x.tif")]) == 2
    assert "--weights x,1" in capfd.readouterr().err
    path = tmp_path / "classes.json"
    path.write_text(json.dumps({"forest": ["class 1", "class 3"]}))
    lost = [*usual, "--rename-classes", str(path), "--out", str(tmp_path / "map.tif")]
    assert run([*lost, "--weights", "2,1", "--device", "cpu"]) == 0
    assert "forest" in capfd.readouterr().err
    with rasterio.open(tmp_path / "map.tif") as raster:
        assert json.loads(raster.tags()["geoseg_provenance"])["options"]["weights"] == [2.0, 1.0]
