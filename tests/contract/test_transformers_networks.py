"""Networks of the library transformers: what it gives itself, geoseg gives; what is refused."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import torch
from rasters import write

transformers = pytest.importorskip("transformers", reason="pip install 'geoseg[transformers]'")
pytest.importorskip("scipy", reason="pip install 'geoseg[transformers]'")
from hf_networks import KINDS, NAMES, SIDE, change, save_network  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402

from geoseg.cli import run  # noqa: E402
from geoseg.cli.models_add import facts_of  # noqa: E402
from geoseg.core.errors import ModelError  # noqa: E402
from geoseg.models import Bundle, find_model, own_engine  # noqa: E402
from geoseg.models.library import add, open_source  # noqa: E402

SAID = {"bands": "red,green,blue", "gsd": "2"}
PIXELS = np.random.default_rng(1).integers(0, 256, (2, 3, SIDE, SIDE), np.uint8)
QUERIES = ("maskformer", "mask2former", "eomt")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GEOSEG_MODELS", str(tmp_path / "models"))
    return tmp_path / "source"


def added(folder: Path, **changes: str) -> Bundle:
    with open_source(str(folder), facts_of({**SAID, "tile": str(SIDE), **changes})) as offer:
        return add(offer)


def scores_of(bundle: Bundle, pixels: np.ndarray = PIXELS) -> np.ndarray:
    valid = np.ones((len(pixels), *pixels.shape[2:]), bool)
    return own_engine(bundle, bundle.card.scaling, "cpu").load("fp32", ())(pixels, valid)


def values(pixels: np.ndarray = PIXELS) -> torch.Tensor:
    mean, std = (torch.tensor(each).view(1, 3, 1, 1) for each in ([0.4, 0.5, 0.3], [0.2, 0.1, 0.3]))
    return (torch.from_numpy(pixels).float() / 255 - mean) / std


def direct(network: Any) -> np.ndarray:
    """The library's own scores: softmax of enlarged logits, or the sum over the queries."""
    with torch.inference_mode():
        given = network(pixel_values=values())
    if "logits" in given:
        enlarged = torch.nn.functional.interpolate(given.logits, (SIDE, SIDE), mode="bilinear")
        return enlarged.softmax(1).numpy()
    masks = given.masks_queries_logits.double()
    classes = given.class_queries_logits.double().softmax(-1)

    def sized(found: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.interpolate(found, (SIDE, SIDE), mode="bilinear")

    early = network.config.model_type != "maskformer"
    masks = sized(masks).sigmoid() if early else masks.sigmoid()
    scores = sum(
        classes[:, q, : len(NAMES), None, None] * masks[:, q, None] for q in range(masks.shape[1])
    )
    scores = scores if early else sized(scores)
    return (scores / scores.sum(1, keepdim=True)).numpy()


@pytest.mark.parametrize("kind", KINDS)
def test_a_network_gives_what_the_library_gives(folder: Path, kind: str) -> None:
    network = save_network(folder, kind)
    bundle = added(folder)
    assert bundle.format == "transformers.safetensors"
    assert tuple(label.name for label in bundle.card.labels) == NAMES
    found = scores_of(bundle)
    # masks of random queries are steep: a rounding shows where one ends
    close = 5e-4 if kind in QUERIES else 5e-5
    np.testing.assert_allclose(found, direct(network), atol=close)
    np.testing.assert_allclose(found.sum(1), 1, atol=1e-5)
    assert found.std(axis=(0, 2, 3)).max() > 1e-3  # or nothing was compared


@pytest.mark.parametrize("kind", ["maskformer", "mask2former"])
def test_queries_are_mapped_as_the_librarys_own_post_processing_does(
    folder: Path, kind: str
) -> None:
    """Whose masks of Mask2Former are of 384 px, whatever its picture is."""
    network = save_network(folder, kind)
    pixels = np.random.default_rng(2).integers(0, 256, (1, 3, 384, 384), np.uint8)
    found = scores_of(added(folder, tile="384"), pixels)[0].argmax(0)
    name = {"maskformer": "MaskFormer", "mask2former": "Mask2Former"}[kind]
    processor = getattr(transformers, f"{name}ImageProcessor")()
    with torch.inference_mode():
        given = network(pixel_values=values(pixels))
        (expected,) = processor.post_process_semantic_segmentation(given, [(384, 384)])
    assert (found == expected.numpy()).mean() > 0.9999


def test_a_network_of_one_size_gets_tiles_of_that_size(folder: Path) -> None:
    save_network(folder, "data2vec-vision")
    with open_source(str(folder), facts_of(SAID)) as offer:
        assert (offer.card.tile, offer.card.stride, offer.card.fixed_tile) == (SIDE, SIDE, True)
    with pytest.raises(ModelError, match=r"takes tiles of 64 px alone; leave --tile 128 out"):
        added(folder, tile="128")


def test_a_map_of_a_real_scene_is_what_the_library_gives(
    folder: Path, shared_data: Path, tmp_path: Path
) -> None:
    """In the middle of tiles, where no other tile has a say."""
    network = save_network(folder)
    bundle = added(folder, overlap="16", gsd="5")
    place = rasterio.windows.Window(250, 150, 160, 160)
    with rasterio.open(shared_data / "scenes" / "naip_rgbn_nd_20170827.tif") as file:
        pixels = file.read((1, 2, 3), window=place)
        where = file.transform @ rasterio.Affine.translation(place.col_off, place.row_off)
        scene = write(tmp_path / "s.tif", pixels, ("red", "green", "blue"), where, file.crs)
    target = tmp_path / "map.tif"
    model = ["--model", bundle.card.name, "--engine", "torch", "--precision", "fp32"]
    assert run(["predict", scene, "--out", str(target), *model, "--quiet"]) == 0
    with rasterio.open(target) as file:
        found = file.read(1)
    assert len(np.unique(found)) > 1
    inner = slice(18, 46)
    for top, left in ((0, 0), (48, 48), (96, 48)):  # tiles of 64 px that overlap by 16
        rows, columns = slice(top, top + SIDE), slice(left, left + SIDE)
        with torch.inference_mode():
            logits = network(pixel_values=values(pixels[None, :, rows, columns])).logits
        expected = torch.nn.functional.interpolate(logits, (SIDE, SIDE), mode="bilinear").argmax(1)
        same = found[rows, columns][inner, inner] == expected[0, inner, inner].numpy()
        assert same.mean() > 0.999


def test_what_a_folder_says_stands_on_the_card(folder: Path) -> None:
    save_network(folder)
    (folder / "README.md").write_text("---\nlicense: apache-2.0\ntags: []\n---\n# A network\n")
    with open_source(str(folder), facts_of(SAID)) as offer:
        card = offer.card
    assert [band.mean for band in card.bands] == [0.4, 0.5, 0.3]
    assert [band.std for band in card.bands] == [0.2, 0.1, 0.3]
    assert (card.scaling.scale, card.dtypes, card.licence) == (1 / 255, ("uint8",), "apache-2.0")
    assert (card.tile, card.stride, card.fixed_tile) == (512, 32, True)
    assert card.interface
    assert card.interface.output_stride == 4
    assert card.architecture == "SegformerForSemanticSegmentation"


def test_shards_are_one_network(folder: Path) -> None:
    network = save_network(folder, max_shard_size="20KB")
    assert not (folder / "model.safetensors").exists()
    bundle = added(folder)
    assert len(bundle.files) > 3
    np.testing.assert_allclose(scores_of(bundle), direct(network), atol=5e-5)
    (folder / sorted(file.name for file in folder.glob("*-of-*"))[1]).unlink()
    with pytest.raises(ModelError, match=r"lacks model-00002-of-"):
        added(folder)


def test_an_item_that_says_all_runs_where_it_lies(folder: Path) -> None:
    save_network(folder)
    with open_source(str(folder), facts_of({**SAID, "tile": str(SIDE)})) as offer:
        card = offer.card
    with pytest.raises(ModelError, match=r"add it first: geoseg models add .*--bands.*--gsd"):
        find_model(str(folder))
    (folder / "item.json").write_text(json.dumps(mlm(card)))
    bundle = find_model(str(folder / "item.json"))
    assert bundle.weights == folder / "model.safetensors"
    assert scores_of(bundle).shape == (2, 3, SIDE, SIDE)


def test_the_added_model_is_meant_beside_the_folder_that_it_came_from(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_network(folder)
    bundle = added(folder)
    monkeypatch.chdir(folder.parent)
    assert find_model("source").path == bundle.path


@pytest.mark.parametrize("kind", ["segformer"])
def test_openvino_gives_the_same_for_several_tiles(
    folder: Path, monkeypatch: pytest.MonkeyPatch, kind: str, capfd: pytest.CaptureFixture[str]
) -> None:
    openvino = pytest.importorskip("geoseg.models.openvino")
    monkeypatch.setenv("GEOSEG_CACHE", "")
    save_network(folder, kind)
    bundle = added(folder)
    capfd.readouterr()
    model = openvino.engine(bundle, bundle.card.scaling).load("fp32", ())
    found = model(PIXELS, np.ones((2, SIDE, SIDE), bool))
    np.testing.assert_allclose(found, scores_of(bundle), atol=1e-4)
    assert capfd.readouterr() == ("", "")


def mlm(card: Any) -> dict[str, Any]:
    entry = {
        "bands": list(card.band_names),
        "input": {"data_type": "uint8"},
        "value_scaling": [
            {"type": "z-score", "mean": 100 + i, "stddev": 50} for i in range(len(card.bands))
        ],
    }
    output = {"tasks": ["semantic-segmentation"], "result": {}}
    properties = {"mlm:name": "item", "mlm:input": [entry], "mlm:output": [output], "gsd": 2}
    asset = {"href": "model.safetensors", "roles": ["mlm:model"]}
    return {"properties": properties, "assets": {"model": asset}}


PROCESSORS: dict[str, tuple[dict[str, Any], dict[str, str], str]] = {
    # as nvidia's SegFormers have it: what is not said is the class's own default
    "old": (
        {"feature_extractor_type": "SegformerFeatureExtractor", "image_processor_type": None,
         "do_rescale": None, "rescale_factor": None, "size": 512, "reduce_labels": True},
        {}, "",
    ),
    "no scaling said": (
        {"image_processor_type": None, "do_rescale": None}, {}, "--scale.*--dtype",
    ),
    "not rescaled": ({"do_rescale": False}, {"dtype": "uint16"}, ""),
    "not normalised": ({"do_normalize": False}, {}, ""),
    "of another range": ({"rescale_factor": 0.0001}, {}, "--dtype.*Guessed.*uint16"),
    "unknown step": ({"do_equalize": True}, {}, "says do_equalize"),
    "no number": ({"rescale_factor": "1/255"}, {}, "rescale_factor '1/255'"),
    "own code": ({"image_processor_type": "MyImageProcessor"}, {}, "MyImageProcessor"),
}  # fmt: skip


@pytest.mark.parametrize("case", PROCESSORS)
def test_each_way_of_scaling(folder: Path, case: str) -> None:
    changes, told, refused = PROCESSORS[case]
    save_network(folder)
    change(folder / "preprocessor_config.json", **changes)
    if refused:
        with pytest.raises(ModelError, match=refused):
            added(folder, **told)
        return
    card = added(folder, **told).card
    assert card.scaling.scale == (1.0 if case == "not rescaled" else pytest.approx(1 / 255))
    plain = case == "not normalised"
    assert [band.mean for band in card.bands] == ([0, 0, 0] if plain else [0.4, 0.5, 0.3])


def test_the_order_that_a_processor_turns_to_is_the_one_that_is_shown(folder: Path) -> None:
    save_network(folder)
    change(folder / "preprocessor_config.json", do_flip_channel_order=True)
    with (
        pytest.raises(ModelError, match=r"Guessed.*--bands blue,green,red"),
        open_source(str(folder), facts_of({"gsd": "2"})),
    ):
        pass


def test_classes_without_names_are_asked_for(folder: Path) -> None:
    save_network(folder, config={"id2label": {0: "LABEL_0", 1: "LABEL_1"}})
    with pytest.raises(ModelError, match=r"--classes.*Guessed.*--classes LABEL_0,LABEL_1"):
        added(folder)
    assert len(added(folder, classes="land,water").card.labels) == 2


HOSTILE: dict[str, tuple[dict[str, Any], str]] = {
    "own code": ({"auto_map": {"AutoModel": "code.Net"}}, "auto_map.*code of its own"),
    "no such kind": ({"model_type": "bert"}, "model_type 'bert'"),
    "huge": ({"decoder_hidden_size": 10**9}, "decoder_hidden_size 1000000000"),
    "larger than its weights": ({"decoder_hidden_size": 10**6}, "asks for a network of more than"),
    "endless layers": ({"depths": [10**6] * 4}, r"depths 1000000; expected at most 1,024"),
    "too many layers": ({"depths": [500] * 4}, "more than 10,000 layers|asks for a network"),
    "long lists": ({"hidden_sizes": [8] * 10**5}, "hidden_sizes"),
    "deep": ({"depths": {"a": {"b": 1}}}, "depths"),
    "of another shape": ({"decoder_hidden_size": 24}, "have another shape for decode_head"),
    "fewer classes": ({"id2label": {"0": "a", "1": "b"}}, "have another shape for"),
    "no network": ({"depths": "many"}, "transformers cannot build"),
    "quantised": ({"quantization_config": {"quant_method": "awq"}}, "quantization_config"),
    "a backbone elsewhere": ({"backbone": "some/one"}, "backbone 'some/one'"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_a_stranger_writes_is_refused_in_one_line(folder: Path, case: str) -> None:
    changes, said = HOSTILE[case]
    save_network(folder)
    change(folder / "config.json", **changes)
    with pytest.raises(ModelError, match=said) as caught:
        added(folder)
    assert "\n" not in str(caught.value)


def test_what_would_run_or_fetch_something_is_left_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = save_network(folder)
    kernels = {"attn_implementation": "some/kernels", "_attn_implementation": "some/kernels"}
    change(folder / "config.json", **kernels, transformers_weights="pytorch_model.bin", to_dict=3)
    monkeypatch.setattr("socket.socket.connect", None)
    with open_source(str(folder), facts_of({**SAID, "tile": str(SIDE)})) as offer:
        assert "transformers_weights" in " ".join(offer.found.notes)
        bundle = add(offer)
    np.testing.assert_allclose(scores_of(bundle), direct(network), atol=5e-5)


@pytest.mark.parametrize("change_of", ["lack", "hold"])
def test_weights_that_are_not_the_networks_are_refused(folder: Path, change_of: str) -> None:
    save_network(folder)
    weights = load_file(folder / "model.safetensors")
    if change_of == "lack":
        del weights["decode_head.classifier.bias"]
    else:
        weights["decode_head.more"] = torch.zeros(3)
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelError, match=f"{change_of}.*decode_head"):
        added(folder)


def test_the_extra_that_is_missing_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_network(folder)
    bundle = added(folder)
    monkeypatch.setitem(sys.modules, "transformers", None)
    for use in (lambda: added(folder), lambda: own_engine(bundle, bundle.card.scaling, "cpu")):
        with pytest.raises(ModelError, match=r"pip install 'geoseg\[transformers\]'"):
            use()


def test_counts_that_old_files_hold_are_no_weights(folder: Path) -> None:
    network = save_network(folder)
    weights = load_file(folder / "model.safetensors") | {"position_ids": torch.arange(3)}
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    np.testing.assert_allclose(scores_of(added(folder)), direct(network), atol=5e-5)


def test_a_pickle_is_refused_and_never_opened(folder: Path, tmp_path: Path) -> None:
    save_network(folder)
    (folder / "model.safetensors").unlink()
    payload = f"cos\nsystem\n(S'touch {tmp_path}/exploded'\ntR."
    (folder / "pytorch_model.bin").write_text(payload)
    with pytest.raises(ModelError, match=r"pickle alone \(pytorch_model\.bin\)"):
        added(folder)
    assert not (tmp_path / "exploded").exists()
