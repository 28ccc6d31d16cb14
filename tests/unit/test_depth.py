"""The depth of objects: one plane more of a network, which blends as scores do and is no class."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
import torch
from batches import OPTIONS, do, planned, write_scene
from bundles import make_bundle
from rasters import write
from safetensors.torch import load_file, save_file

import geoseg
from geoseg.architectures import build
from geoseg.batches.plan import weights_of
from geoseg.core.card import (
    NODATA,
    DepthField,
    ModelCard,
    from_stac,
    read_card,
    to_stac,
    write_card,
)
from geoseg.core.errors import InputError, ModelError
from geoseg.core.job import Job
from geoseg.core.options import Options
from geoseg.models import Bundle, find_model, load_model
from geoseg.models.ensemble import find_models
from geoseg.models.export import export_model
from geoseg.prediction import run
from geoseg.prediction.pipeline import segment

NAMES = ("red", "green", "blue")
TRANSFORM = rasterio.Affine(1.0, 0, 4e5, 0, -1.0, 5e6)
THING = 3  # the place of the class that is a thing


def things(card: ModelCard, *places: int) -> ModelCard:
    """Return the card with some classes as things."""
    labels = (replace(label, is_thing=i in places) for i, label in enumerate(card.labels))
    return replace(card, labels=tuple(labels))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Six classes, the last of which is going to be a depth."""
    return find_model(str(make_bundle(tmp_path_factory.mktemp("plain"), labels=6)))


def with_depth(plain: Bundle, folder: Path) -> Bundle:
    """Write the same weights as those of five classes and a depth."""
    folder.mkdir(exist_ok=True)
    save_file(load_file(plain.weights), folder / "model.safetensors")
    card = replace(plain.card, labels=plain.card.labels[:5], depth=None)
    card = replace(things(card, THING), depth=DepthField(8.0))
    write_card(card, folder / "card.json")
    return find_model(str(folder))


@pytest.fixture(scope="module")
def bundle(plain: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return with_depth(plain, tmp_path_factory.mktemp("depth"))


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 200, (3, 5, 10)).repeat(20, 1).repeat(20, 2)
    found = (coarse + rng.integers(1, 50, coarse.shape)).astype(np.uint8)
    found[:, 40:70, 60:120] = 0
    return found


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, pixels: np.ndarray) -> str:
    folder = tmp_path_factory.mktemp("scene")
    return write(folder / "scene.tif", pixels, NAMES, TRANSFORM, nodata=0)


def read(path: str | Path) -> np.ndarray:
    with rasterio.open(path) as raster:
        return raster.read()


def percent(share: np.ndarray) -> np.ndarray:
    return np.floor(share.astype(np.float32) * np.float32(100) + np.float32(0.5)).clip(0, 100)


class TestCard:
    def test_the_item_keeps_it(self, bundle: Bundle) -> None:
        item = to_stac(bundle.card)
        assert from_stac(item) == bundle.card
        properties = item["properties"]
        assert properties["mlm:tasks"] == ["panoptic-segmentation"]
        assert properties["mlm:output"][0]["result"]["shape"][1] == bundle.card.planes == 6
        assert properties["geoseg:depth"] == {"limit": 8.0}

    def test_cards_without_one_are_what_they_were(self, plain: Bundle) -> None:
        text = str(to_stac(plain.card))
        assert "geoseg:depth" not in text
        assert "geoseg:thing" not in text
        assert plain.card.task == "semantic"
        assert plain.card.planes == 6

    def test_its_task_goes_by_the_stuff(self, bundle: Bundle) -> None:
        assert bundle.card.task == "panoptic"
        assert things(bundle.card, 0, 1, 2, 3).task == "instances"
        assert things(bundle.card, 0, 1, 2, 3, 4).task == "instances"

    def test_it_is_part_of_the_digest(self, bundle: Bundle) -> None:
        digests = {
            bundle.card.fingerprint,
            replace(bundle.card, depth=None).fingerprint,
            replace(bundle.card, depth=DepthField(9.0)).fingerprint,
            things(bundle.card, 1).fingerprint,
        }
        assert len(digests) == 4
        # things alone change nothing of the scores
        bare = replace(bundle.card, depth=None)
        assert bare.fingerprint == things(bare).fingerprint

    def test_a_depth_of_nothing_is_refused(self, bundle: Bundle) -> None:
        with pytest.raises(ValueError, match="no class that is a thing"):
            things(bundle.card)
        with pytest.raises(ValueError, match="limit 0"):
            DepthField(0)
        with pytest.raises(ValueError, match="limit inf"):
            DepthField(float("inf"))


def test_engines_give_the_scores_of_the_classes_and_a_sigmoid(
    plain: Bundle, bundle: Bundle, pixels: np.ndarray
) -> None:
    openvino = pytest.importorskip("geoseg.models.openvino")
    cool = replace(bundle.card, temperature=1.7)
    write_card(cool, bundle.path / "card.json")
    try:
        found = find_model(str(bundle.path))
        given = pixels[None, :, :64, 136:]
        valid = np.ones((1, 64, 64), bool)
        network = build("unet", 3, 6, plain.card.hyperparameters).eval()
        network.load_state_dict(
            {
                k: v.float() if v.is_floating_point() else v
                for k, v in load_file(plain.weights).items()
            }
        )
        means = np.array([band.mean for band in plain.card.bands], np.float32)[:, None, None]
        stds = np.array([band.std for band in plain.card.bands], np.float32)[:, None, None]
        with torch.inference_mode():
            logits = network(torch.from_numpy((given - means) / stds).float())
        scores = torch.softmax(logits[:, :5] / 1.7, 1)
        expected = torch.cat([scores, torch.sigmoid(logits[:, 5:])], 1).numpy()
        torch_model = load_model(found, found.card.scaling, "cpu")
        np.testing.assert_allclose(torch_model(given, valid), expected, atol=2e-3)
        fast = openvino.engine(found, found.card.scaling).load("fp32", ())
        np.testing.assert_allclose(fast(given, valid), torch_model(given, valid), atol=1e-3)
    finally:
        write_card(bundle.card, bundle.path / "card.json")


@pytest.mark.parametrize("engine", ["torch", "openvino"])
def test_depth_is_the_blend_of_the_plane_and_changes_no_class(
    bundle: Bundle, scene: str, pixels: np.ndarray, tmp_path: Path, engine: str
) -> None:
    valid = (pixels > 0).any(0)
    how = {"model": bundle.path, "device": "cpu", "engine": engine}
    geoseg.predict(
        scene,
        tmp_path / "plain.tif",
        confidence=tmp_path / "sure.tif",
        scores=tmp_path / "scores.tif",
        **how,
    )
    geoseg.predict(
        scene,
        tmp_path / "map.tif",
        confidence=tmp_path / "confidence.tif",
        depth=tmp_path / "depth.tif",
        margin=tmp_path / "margin.tif",
        scores=tmp_path / "all.tif",
        **how,
    )
    for one, other in (("plain", "map"), ("sure", "confidence"), ("scores", "all")):
        assert (read(tmp_path / f"{one}.tif") == read(tmp_path / f"{other}.tif")).all()
    assert len(read(tmp_path / "all.tif")) == 5
    # the same by one tile as large as the scene: of the middle of the map the two hardly differ
    found = read(tmp_path / "depth.tif")
    assert found.shape == (1, *valid.shape)
    assert (found[0][~valid] == NODATA).all()
    assert (found[0][valid] <= 100).all()
    assert len(np.unique(found[0][valid])) > 10
    with rasterio.open(tmp_path / "depth.tif") as raster:
        assert "depth" in str(raster.tags())


def test_a_single_tile_has_the_sigmoid_of_its_logits(bundle: Bundle, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    pixels = rng.integers(1, 255, (3, 64, 64)).astype(np.uint8)
    scene = write(tmp_path / "scene.tif", pixels, NAMES, TRANSFORM)
    geoseg.predict(
        scene,
        tmp_path / "map.tif",
        depth=tmp_path / "depth.tif",
        model=bundle.path,
        device="cpu",
        engine="torch",
        tile=64,
    )
    model = load_model(bundle, bundle.card.scaling, "cpu")
    expected = model(pixels[None], np.ones((1, 64, 64), bool))[0, 5]
    np.testing.assert_array_equal(read(tmp_path / "depth.tif")[0], percent(expected))


@pytest.mark.parametrize("policy", ["blend", "crop"])
def test_the_same_bytes_in_columns_and_in_regions(
    bundle: Bundle, scene: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, policy: str
) -> None:
    options = Options.of(device="cpu", overlap_policy=policy)

    def mapped(name: str, region: tuple[int, ...] | None) -> np.ndarray:
        (tmp_path / name).mkdir()
        depth = str(tmp_path / name / "depth.tif")
        out = str(tmp_path / name / "map.tif")
        segment(Job((scene,), str(bundle.path), out, options=options, region=region, depth=depth))
        return np.concatenate([read(out), read(depth)])

    whole = mapped("whole", None)
    monkeypatch.setattr(run, "WIDEST", 80)
    for top, left, bottom, right in ((0, 0, 51, 200), (51, 0, 100, 103), (51, 103, 100, 200)):
        found = mapped(f"{top}-{left}", (top, left, bottom, right))
        np.testing.assert_array_equal(found, whole[:, top:bottom, left:right])


def test_regions_of_a_batch_give_the_file_of_one_run(plain: Bundle, tmp_path: Path) -> None:
    scene = write_scene(tmp_path / "big.tif", 80, 150, seed=9)
    model = str(with_depth(plain, tmp_path / "model").path)
    (tmp_path / "single").mkdir()
    out = str(tmp_path / "single/big.tif")
    depth = str(tmp_path / "single/big.depth.tif")
    options = OPTIONS.but(engine="torch")
    segment(Job((str(scene),), model, out, options=options, depth=depth))
    batch = planned(
        tmp_path,
        tmp_path / "out",
        str(scene),
        model=model,
        models=weights_of(model),
        regions=100,
        formats=("tif",),
        maps=("depth",),
        options=options,
    )
    assert do(batch).failed == 0
    for path in (out, depth):
        assert (tmp_path / "out" / Path(path).name).read_bytes() == Path(path).read_bytes()


def test_turned_views_and_several_models_have_a_depth_as_well(
    bundle: Bundle, plain: Bundle, scene: str, tmp_path: Path
) -> None:
    twin = with_depth(plain, tmp_path / "twin")
    how = {"device": "cpu", "engine": "torch"}
    geoseg.predict(scene, tmp_path / "one.tif", depth=tmp_path / "d1.tif", model=bundle.path, **how)
    both = [bundle.path, twin.path]
    geoseg.predict(scene, tmp_path / "two.tif", depth=tmp_path / "d2.tif", model=both, **how)
    np.testing.assert_array_equal(read(tmp_path / "d1.tif"), read(tmp_path / "d2.tif"))
    geoseg.predict(
        scene,
        tmp_path / "tta.tif",
        depth=tmp_path / "d3.tif",
        model=bundle.path,
        tta="flips",
        **how,
    )
    assert (read(tmp_path / "d3.tif") != read(tmp_path / "d1.tif")).any()
    write_card(replace(twin.card, depth=DepthField(9.0)), twin.path / "card.json")
    with pytest.raises(ModelError, match="other objects"):
        find_models((str(bundle.path), str(twin.path)), Options())


def test_merged_classes_keep_the_depth_and_mix_no_things_with_stuff(
    bundle: Bundle, scene: str, tmp_path: Path
) -> None:
    how = {"model": bundle.path, "device": "cpu", "engine": "torch"}
    geoseg.predict(scene, tmp_path / "one.tif", depth=tmp_path / "d1.tif", **how)
    geoseg.predict(
        scene,
        tmp_path / "two.tif",
        depth=tmp_path / "d2.tif",
        rename_classes='{"rest": ["class 0", "class 1"]}',
        **how,
    )
    np.testing.assert_array_equal(read(tmp_path / "d1.tif"), read(tmp_path / "d2.tif"))
    with pytest.raises(InputError, match="only some in objects"):
        geoseg.predict(
            scene, tmp_path / "no.tif", rename_classes='{"rest": ["class 0", "class 3"]}', **how
        )


def test_a_model_without_depth_gives_none(plain: Bundle, scene: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="tells no objects apart"):
        geoseg.predict(scene, tmp_path / "map.tif", depth=tmp_path / "d.tif", model=plain.path)


def test_weights_that_are_not_those_of_the_card_are_refused(
    plain: Bundle, bundle: Bundle, tmp_path: Path
) -> None:
    """What knows no depth reads a card of five classes, and finds six planes."""
    for card in (
        replace(bundle.card, depth=None),
        replace(plain.card, labels=plain.card.labels[:4]),
    ):
        folder = tmp_path / str(len(card.labels))
        folder.mkdir()
        (folder / "model.safetensors").write_bytes(plain.weights.read_bytes())
        write_card(card, folder / "card.json")
        with pytest.raises(ModelError, match="do not fit"):
            load_model(find_model(str(folder)), card.scaling, "cpu")
    assert read_card(bundle.path / "card.json").depth == DepthField(8.0)


def test_scores_of_arrays_are_those_of_the_classes(bundle: Bundle, pixels: np.ndarray) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of noise, which is no picture
        scores = geoseg.open_model(bundle.path, "cpu")(pixels[:, :64, 136:], force=True)
    np.testing.assert_allclose(scores.sum(0), 1, atol=1e-5)
    assert len(scores) == 5


def test_other_programs_get_no_depth_as_a_class(bundle: Bundle, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="take for a class"):
        export_model(bundle, "torchscript", tmp_path / "model.pt")
