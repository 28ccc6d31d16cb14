"""Models of other programs: what is said, what is guessed, what is refused, and that they run."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import torch
from bundles import make_bundle
from cards import RGB
from range_server import serve
from rasters import reflectances, write
from torch_networks import SAVERS, digest, make_network

onnx = pytest.importorskip("onnx", reason="onnx is not installed: pip install 'geoseg[onnx]'")
onnxruntime = pytest.importorskip("onnxruntime", reason="pip install 'geoseg[onnx]'")
pytest.importorskip("openvino", reason="pip install 'geoseg[onnx]'")
from onnx_graphs import Graph, save_graph  # noqa: E402

from geoseg.cli import run  # noqa: E402
from geoseg.cli.models_add import facts_of  # noqa: E402
from geoseg.core.card import ModelCard, write_card  # noqa: E402
from geoseg.core.errors import InputError, ModelError, OutputError  # noqa: E402
from geoseg.core.interface import ARTIFACTS  # noqa: E402
from geoseg.models import Bundle, find_model, list_added, list_models, openvino  # noqa: E402
from geoseg.models.affine import gain_and_bias, limits  # noqa: E402
from geoseg.models.library import add, open_source, remove  # noqa: E402

SOFTMAX = Graph(side=64, batch=1, scores=2, end="Softmax")
UTM = (10.0, 0, 500_000, 0, -10.0, 5_000_000)
SAID = {"bands": "red,green,blue"}  # Deepness' keys never say it
ALL = {
    **SAID,
    "classes": "water,trees,crops,built",
    "gsd": "10",
    "scale": "0.0001",
    "mean": "0",
    "std": "1",
    "dtype": "uint16",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GEOSEG_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


def added(source: Path, **told: str) -> Bundle:
    with open_source(str(source), facts_of(told)) as offer:
        return add(offer)


def runs(bundle: Bundle, shared: bool = True) -> np.ndarray:
    card = bundle.card
    rng = np.random.default_rng(2)
    pixels = rng.integers(0, 256, (1, len(card.bands), card.tile, card.tile)).astype(card.dtypes[0])
    valid = np.ones((1, card.tile, card.tile), bool)
    scores = openvino.engine(bundle, card.scaling).load("fp32", ())(pixels, valid)
    assert scores.shape == (1, len(card.labels), card.tile, card.tile)
    assert np.isfinite(scores).all()
    assert scores.min() >= 0
    if shared:
        np.testing.assert_allclose(scores.sum(1), 1, atol=1e-5)
    return scores


def deepness(classes: Any = ("no", "road"), **keys: Any) -> dict[str, str]:
    names = classes if isinstance(classes, list) else {str(i): c for i, c in enumerate(classes)}
    usual = {"model_type": "Segmentor", "class_names": names, "resolution": 100, "tiles_size": 64}
    return {key: json.dumps(value) for key, value in (usual | keys).items()}


TWO = [{"0": "no", "1": "road"}, {"0": "no", "1": "roof"}]
# the shapes of the format: what is told, the classes of the map or why it is refused
SHAPES: dict[str, tuple[Graph, dict[str, str], dict[str, str], tuple[str, ...] | str]] = {
    "softmax of two": (SOFTMAX, deepness(), {}, ("no", "road")),
    "one sigmoid, free batch": (
        Graph(side=64, scores=1, end="Sigmoid"),
        deepness(["road"], seg_thresh=0.4, class_names={"0": "road"}),
        {},
        ("not road", "road"),
    ),
    "one sigmoid without an axis": (
        Graph(side=64, scores=1, end="Sigmoid", flat=True),
        deepness(),
        {},
        ("no", "road"),
    ),
    "two masks, one chosen": (
        Graph(side=64, batch=1, scores=1, end="Sigmoid", outputs=2),
        deepness(TWO),
        {"output": "scores1"},
        ("no", "roof"),
    ),
    "two masks without an axis, one chosen": (
        Graph(side=64, batch=1, scores=1, end="Sigmoid", flat=True, outputs=2),
        deepness(TWO),
        {"output": "scores0"},
        ("no", "road"),
    ),
    "two maps, one chosen": (
        Graph(side=64, batch=1, scores=2, end="Softmax", outputs=2),
        deepness(TWO),
        {"output": "scores1"},
        ("no", "roof"),
    ),
    "two maps, none chosen": (
        Graph(side=64, batch=1, scores=2, end="Softmax", outputs=2),
        deepness(TWO),
        {},
        "has 2 outputs.*--output",
    ),
    "free sizes, axes named anything": (
        Graph(side="whatever", batch="b7", scores=2, end="Softmax"),
        deepness(),
        {},
        ("no", "road"),
    ),
    "valid convolutions": (
        Graph(side=64, batch=1, scores=2, end="Softmax", valid=True),
        deepness(),
        {},
        ("no", "road"),
    ),
    "old names in Python": (
        SOFTMAX,
        {"names": "{0: 'no', 1: 'road'}", "resolution": "50", "tile_size": "64"},
        {},
        ("no", "road"),
    ),
    "bytes": (
        Graph(side=64, scores=2, end="Softmax", input_type=2),
        deepness(model_type="segmentor"),  # the plugin takes either case
        {"scale": "1"},
        ("no", "road"),
    ),
    "bytes of a scale that rounding leaves nothing of": (
        Graph(side=64, scores=2, end="Softmax", input_type=2),
        deepness(),
        {},
        "whole numbers.*about 1 are left.*--scale",
    ),
    "opset 9": (Graph(side=64, scores=2, end="Sigmoid", opset=9), deepness(), {}, ("no", "road")),
    "opset 21": (Graph(side=64, scores=2, end="Softmax", opset=21), deepness(), {}, ("no", "road")),
    "half": (Graph(side=64, scores=2, end="Softmax", half=True), deepness(), {}, ("no", "road")),
    "regressor": (
        Graph(side=64, batch=1, scores=1),
        deepness(model_type="Regressor", reg_output_scaling=25),
        {},
        ("number",),
    ),
    "two numbers of one output": (
        Graph(side=64, batch=1, scores=2),
        deepness(("height", "age"), model_type="Regressor"),
        {},
        ("height", "age"),
    ),
    "two numbers": (
        Graph(side=64, batch=1, scores=1, outputs=2),
        deepness(model_type="Regressor"),
        {},
        "has 2 outputs.*--output",
    ),
    "two numbers, one chosen": (
        Graph(side=64, batch=1, scores=1, outputs=2),
        deepness(model_type="Regressor"),
        {"output": "scores1"},
        ("number",),
    ),
    "detector": (SOFTMAX, deepness(model_type="Detector"), {}, "Detector.*boxes"),
    "recognition": (SOFTMAX, deepness(model_type="Recognition"), {}, "Recognition"),
    "superresolution": (SOFTMAX, deepness(model_type="Superresolution"), {}, "larger images"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_deepness_runs_or_is_refused(tmp_path: Path, shape: str) -> None:
    graph, metadata, told, expected = SHAPES[shape]
    path = save_graph(tmp_path / "roads.onnx", graph, metadata)
    if isinstance(expected, str):
        with pytest.raises(ModelError, match=expected):
            added(path, **SAID, **told)
        return
    bundle = added(path, **SAID, **told)
    assert tuple(label.name for label in bundle.card.labels) == expected
    assert bundle.card.scaling.scale == pytest.approx(float(told.get("scale", 1 / 255)))
    assert bundle.card.maps_numbers == ("Regressor" in metadata.get("model_type", ""))
    if bundle.card.maps_numbers:
        scale = json.loads(metadata.get("reg_output_scaling", "1"))
        assert bundle.card.interface.output_scale == scale  # type: ignore[union-attr]
        return
    runs(bundle, graph.end == "Softmax" or graph.scores == 1)


MASK = Graph(side=64, scores=2, end="ArgMax", flat=True)


@pytest.mark.parametrize(
    ("graph", "keys", "told", "said"),
    [
        (SOFTMAX, {"class_names": {"0": "a", "2": "b"}}, {}, "numbers 0, 2.*--classes"),
        (SOFTMAX, {"class_names": {"0": "", "1": "b"}}, {}, "not empty.*--classes"),
        (SOFTMAX, {"class_names": {"a": "b", "b": "c"}}, {}, "no numbers.*--classes"),
        (SOFTMAX, {"class_names": "ab"}, {}, "no texts.*--classes"),
        (SOFTMAX, {"resolution": 0}, {}, "--gsd"),
        (SOFTMAX, {}, {"threshold": "0.4"}, "2 classes; expected a threshold of a single score"),
        (SOFTMAX, {}, {"scale": "0"}, "makes no card: scale"),
        (MASK, {"class_names": {"0": "road"}}, {}, "'not road,road'"),
        (MASK, {}, {"classes": "road"}, "'not road,road'"),
    ],
)
def test_keys_that_leave_a_class_or_a_size_open(
    tmp_path: Path, graph: Graph, keys: dict[str, Any], told: dict[str, str], said: str
) -> None:
    path = save_graph(tmp_path / "roads.onnx", graph, deepness(**keys))
    with pytest.raises(ModelError, match=said):
        added(path, **SAID, **told)


def test_names_of_a_mask_are_of_its_numbers(tmp_path: Path) -> None:
    keys = deepness(class_names={"1": "road"})
    card = added(save_graph(tmp_path / "mask.onnx", MASK, keys), **SAID).card
    assert [(each.value, each.name) for each in card.labels] == [(0, "not named 0"), (1, "road")]


def test_a_threshold_of_several_scores_is_none_of_geosegs(tmp_path: Path) -> None:
    path = save_graph(tmp_path / "roads.onnx", SOFTMAX, deepness(seg_thresh=0))
    interface = added(path, **SAID).card.interface
    assert interface is not None
    assert interface.threshold == 0.5


def test_a_logit_that_happens_to_be_a_share_of_noise_is_a_logit(tmp_path: Path) -> None:
    """(red + green + blue) / 5 of noise from 0 to 1 is 0 to 0.6."""
    path = tmp_path / "sum.onnx"
    weights = onnx.numpy_helper.from_array(np.full((1, 3, 1, 1), 0.2, np.float32), "w")
    make = onnx.helper
    shape = ["n", 3, "rows", "columns"]
    graph = make.make_graph(
        [make.make_node("Conv", ["pixels", "w"], ["scores"])],
        "sum",
        [make.make_tensor_value_info("pixels", 1, shape)],
        [make.make_tensor_value_info("scores", 1, ["n", 1, "rows", "columns"])],
        [weights],
    )
    opset = [make.make_opsetid("", 17)]
    onnx.save(make.make_model(graph, opset_imports=opset, ir_version=8), path)
    with open_source(str(path), facts_of(ALL | {"classes": "road"})) as offer:
        assert offer.card.interface is not None
        assert offer.card.interface.result == "logits"


def test_a_file_beside_a_card_is_no_file_of_that_model(tmp_path: Path, folder: Path) -> None:
    added(save_graph(tmp_path / "roads.onnx", SOFTMAX, deepness()), **SAID)
    own = folder / "roads"
    assert find_model(str(own / "model.onnx")).card.name == "roads"
    assert find_model(str(own / "card.json")).card.name == "roads"
    save_graph(own / "other.ONNX", SOFTMAX, deepness(("no", "roof")))
    with pytest.raises(ModelError, match=r"models add .*other.ONNX.*--bands"):
        find_model(str(own / "other.ONNX"))
    (own / "notes.txt").write_text("of roads", encoding="utf-8")
    with pytest.raises(InputError, match=r"notes.txt is no model"):
        find_model(str(own / "notes.txt"))


def test_two_outputs_of_a_file_are_two_models(tmp_path: Path) -> None:
    path = save_graph(
        tmp_path / "both.onnx",
        Graph(side=64, batch=1, scores=1, end="Sigmoid", outputs=2),
        deepness(TWO),
    )
    found = []
    for output, name in (("scores0", "roads"), ("scores1", "roofs")):
        told = facts_of(SAID | {"output": output})
        with open_source(str(path), told) as offer:
            found.append(add(offer, name))
    assert [each.card.labels[1].name for each in found] == ["road", "roof"]
    assert {each.card.name for each in list_added()} == {"roads", "roofs"}
    assert found[0].sha256 == found[1].sha256
    assert np.abs(runs(found[0]) - runs(found[1])).max() > 0.01  # the one is not the other


def test_what_deepness_says_stands_on_the_card(tmp_path: Path) -> None:
    keys = deepness(
        tiles_overlap=25,
        standardization_mean=[0.1, 0.2, 0.3],
        standardization_std=[0.4, 0.5, 0.6],
        resolution=30,
    )
    card = added(save_graph(tmp_path / "roads.onnx", SOFTMAX, keys), **SAID).card
    assert [band.mean for band in card.bands] == [0.1, 0.2, 0.3]
    assert [band.std for band in card.bands] == [0.4, 0.5, 0.6]
    assert (card.gsd, card.tile, card.overlap, card.dtypes) == (0.3, 64, 16, ("uint8",))


@pytest.mark.parametrize("lacking", ALL)
def test_nothing_that_matters_is_guessed(tmp_path: Path, lacking: str) -> None:
    path = save_graph(tmp_path / "clouds.onnx")
    told = {name: value for name, value in ALL.items() if name != lacking}
    with pytest.raises(ModelError, match=f"--{lacking}"):
        added(path, **told)
    assert list_added() == []


def test_a_network_alone_with_all_that_is_to_be_said(tmp_path: Path, folder: Path) -> None:
    bundle = added(save_graph(tmp_path / "my clouds.onnx", Graph(stride=4)), **ALL)
    runs(bundle)
    assert bundle.card.interface is not None
    assert bundle.card.interface.output_stride == 4
    assert bundle.path == folder / "my-clouds"
    assert [each.card.name for each in list_added()] == ["my-clouds"]
    assert "my-clouds" not in {each.card.name for each in list_models()}  # auto never takes it
    assert find_model("my-clouds").sha256 == bundle.sha256
    with pytest.raises(OutputError, match="there is a model my-clouds already"):
        added(tmp_path / "my clouds.onnx", **ALL)
    remove("my-clouds")
    assert list(folder.iterdir()) == []
    with pytest.raises(ModelError, match="no model 'my-clouds' was added"):
        remove("my-clouds")


def test_of_two_that_add_at_once_one_is_told(tmp_path: Path) -> None:
    path = save_graph(tmp_path / "roads.onnx", SOFTMAX, deepness())

    def meanwhile(bundle: Bundle) -> ModelCard:
        assert added(path, **SAID).card.name == "roads"
        return bundle.card

    with (
        open_source(str(path), facts_of(SAID)) as offer,
        pytest.raises(OutputError, match="a model roads already"),
    ):
        add(offer, finish=meanwhile)


def test_a_model_whose_card_is_damaged_can_be_removed(tmp_path: Path, folder: Path) -> None:
    added(save_graph(tmp_path / "roads.onnx", SOFTMAX, deepness()), **SAID)
    (folder / "roads" / "card.json").write_text("{", encoding="utf-8")
    assert not list_added()
    remove("roads")
    assert not (folder / "roads").exists()
    for name in ("roads", "../models", "", "."):
        with pytest.raises(ModelError, match="was added"):
            remove(name)


def test_no_model_is_called_auto(tmp_path: Path) -> None:
    path = save_graph(tmp_path / "roads.onnx", SOFTMAX, deepness())
    with (
        open_source(str(path), facts_of(SAID)) as offer,
        pytest.raises(InputError, match="called auto"),
    ):
        add(offer, "auto")


def test_a_name_that_ships_is_not_taken(tmp_path: Path) -> None:
    path = save_graph(tmp_path / "landcover-s2.onnx")
    with pytest.raises(OutputError, match="ships with geoseg"):
        added(path, **ALL)


def test_numbers_beside_the_network_come_along(tmp_path: Path) -> None:
    path = save_graph(tmp_path / "clouds.onnx")
    onnx.save(
        onnx.load(path), path, save_as_external_data=True, location="clouds.bin", size_threshold=0
    )
    bundle = added(path, **ALL)
    assert [file.name for file in bundle.files] == ["model.onnx", "clouds.bin"]
    runs(bundle)
    before = bundle.sha256
    numbers = bundle.path / "clouds.bin"
    numbers.write_bytes(numbers.read_bytes()[::-1])
    assert bundle.sha256 != before


def test_a_bundle_is_taken_as_it_is(tmp_path: Path) -> None:
    source = make_bundle(tmp_path / "own")
    bundle = added(source)
    assert bundle.card == find_model(str(source)).card
    assert bundle.sha256 == find_model(str(source)).sha256
    with pytest.raises(ModelError, match="says all"), open_source(str(source), facts_of(ALL)):
        pass


def item(**changes: Any) -> dict[str, Any]:
    """What the extension asks of an item, little more."""
    entry = {
        "name": "pixels",
        "bands": ["red", "green", "blue"],
        "input": {
            "shape": [-1, 3, 64, 64],
            "dim_order": ["batch", "bands", "height", "width"],
            "data_type": "float32",
        },
        "value_scaling": [
            {"type": "z-score", "mean": 1200.0 + i, "stddev": 500.0} for i in range(3)
        ],
        "resize_type": None,
    } | changes.pop("input", {})
    output = {
        "name": "classes",
        "tasks": ["semantic-segmentation"],
        "result": {"shape": [-1, 4, 64, 64], "dim_order": [], "data_type": "float32"},
        "classification:classes": [
            {"value": i, "name": f"c{i}", "color_hint": "FF00AA"} for i in range(4)
        ],
    } | changes.pop("output", {})
    properties = {
        "mlm:name": "a model",
        "mlm:architecture": "U-Net",
        "mlm:tasks": ["semantic-segmentation"],
        "mlm:input": [entry],
        "mlm:output": [output],
        "gsd": 10,
        "license": "MIT",
        **changes,
    }
    asset = {"href": "net.onnx", "roles": ["mlm:model"], "mlm:artifact_type": "onnx"}
    return {"type": "Feature", "properties": properties, "assets": {"model": asset}}


def classes_of(*values: float) -> list[dict[str, Any]]:
    return [{"value": value, "name": f"c{value}", "color_hint": "none"} for value in values]


def item_at(folder: Path, **changes: Any) -> Path:
    save_graph(folder / "net.onnx", Graph(side=64))
    path = folder / "item.json"
    path.write_text(json.dumps(item(**changes)), encoding="utf-8")
    return path


def test_an_item_says_what_it_says(tmp_path: Path) -> None:
    card = added(item_at(tmp_path), dtype="uint16").card
    assert card.name == "a-model"
    assert (card.licence, card.gsd, card.scaling.scale) == ("MIT", 10, 1)
    assert [band.mean for band in card.bands] == [1200, 1201, 1202]
    assert [label.colour for label in card.labels] == ["#ff00aa"] * 4
    runs(find_model("a-model"))


def test_an_item_for_regression_gives_numbers(tmp_path: Path) -> None:
    numbers = {"mlm:tasks": ["regression"]}
    output = {"tasks": ["regression"], "classification:classes": None}
    card = added(item_at(tmp_path, output=output, **numbers), dtype="uint16").card
    assert card.maps_numbers
    assert [label.name for label in card.labels] == [f"number {i}" for i in range(1, 5)]
    assert card.interface == replace(card.interface, result="numbers", one_score=False)  # type: ignore[type-var]
    with pytest.raises(ModelError, match="behind the network"):
        added(
            item_at(tmp_path, output={**output, "post_processing_function": "exp"}, **numbers),
            dtype="uint16",
        )


def test_numbers_of_a_network_that_says_nothing(tmp_path: Path) -> None:
    path = save_graph(tmp_path / "heights.onnx", Graph(scores=1, flat=True))
    told = {**ALL, "classes": "canopy height", "result": "numbers"}
    card = added(path, **told, output_scale="40", output_unit="m").card
    assert [label.name for label in card.labels] == ["canopy height"]
    assert card.interface is not None
    assert (card.interface.output_scale, card.interface.output_unit) == (40, "m")
    assert card.interface.output_axes == "NHW"
    assert find_model("heights").card == card
    assert run(["models", "check", "heights"]) == 0
    with pytest.raises(ModelError, match="for numbers alone"):
        added(save_graph(tmp_path / "clouds.onnx"), **ALL, output_unit="m")


@pytest.mark.parametrize(
    ("listed", "ordered"),
    [
        ((3, 0, 2, 1), [0, 1, 2, 3]),
        ((1, 2, 3, 4), [1, 2, 3, 4]),
        ((0, 10, 20, 30), [0, 10, 20, 30]),
    ],
)
def test_a_class_is_the_score_that_its_value_counts(
    tmp_path: Path, listed: tuple[int, ...], ordered: list[int]
) -> None:
    path = item_at(tmp_path, output={"classification:classes": classes_of(*listed)})
    with open_source(str(path), facts_of({"dtype": "uint16"})) as offer:
        labels = offer.card.labels
    assert [(label.value, label.name) for label in labels] == [(i, f"c{i}") for i in ordered]


def test_the_file_that_an_item_points_at_is_the_one_it_was_written_for(tmp_path: Path) -> None:
    path = item_at(tmp_path)
    told = json.loads(path.read_text(encoding="utf-8"))
    known = hashlib.sha256((tmp_path / "net.onnx").read_bytes()).hexdigest()
    for said in (known, "0" * 64):
        told["assets"]["model"]["file:checksum"] = f"1220{said}"
        path.write_text(json.dumps(told), encoding="utf-8")
        if said == known:
            assert added(path, dtype="uint16")
            continue
        with pytest.raises(ModelError, match=f"{known}; expected {said}"):
            added(path, dtype="uint16")


# (data - minimum) / (maximum - minimum), (data - mean) / stddev, min(max(data, minimum), maximum),
# data - value, data / value: what the extension's table says of 10, 100 and 250
SCALINGS: dict[str, tuple[Any, list[float]]] = {
    "min-max": ({"type": "min-max", "minimum": 50, "maximum": 250}, [-0.2, 0.25, 1.0]),
    "z-score": ({"type": "z-score", "mean": 100, "stddev": 50}, [-1.8, 0.0, 3.0]),
    "clip": ({"type": "clip", "minimum": 20, "maximum": 200}, [20.0, 100.0, 200.0]),
    "clip-min": ({"type": "clip-min", "minimum": 20}, [20.0, 100.0, 250.0]),
    "clip-max": ({"type": "clip-max", "maximum": 200}, [10.0, 100.0, 200.0]),
    "offset": ({"type": "offset", "value": 100}, [-90.0, 0.0, 150.0]),
    "scale": ({"type": "scale", "value": 250}, [0.04, 0.4, 1.0]),
}


@pytest.mark.parametrize("kind", SCALINGS)
@pytest.mark.parametrize("form", ["one object", "one for all bands", "one a band"])
def test_each_scaling_of_an_item(tmp_path: Path, kind: str, form: str) -> None:
    step, expected = SCALINGS[kind]
    forms = {"one object": step, "one for all bands": [step], "one a band": [step] * 3}
    path = item_at(tmp_path, input={"value_scaling": forms[form]})
    with open_source(str(path), facts_of({"dtype": "uint8"})) as offer:
        card = offer.card
    gain, bias = gain_and_bias(card.bands, card.scaling)
    fed = np.array([10, 100, 250], np.float32).reshape(1, 1, 1, 3) * gain + bias
    for low, high in filter(None, [limits(card)]):
        fed = fed.clip(low, high)
    for band in fed[0]:
        np.testing.assert_allclose(band[0], expected, rtol=1e-6)


def test_bands_may_be_scaled_each_in_its_way(tmp_path: Path) -> None:
    steps = [SCALINGS["offset"][0], {"type": None}, SCALINGS["clip-max"][0]]
    path = item_at(tmp_path, input={"value_scaling": steps})
    with open_source(str(path), facts_of({"dtype": "uint8"})) as offer:
        card = offer.card
    assert [(band.mean, band.std) for band in card.bands] == [(100, 1), (0, 1), (0, 1)]
    assert card.interface is not None
    assert card.interface.clip == ((None, None), (None, None), (None, 200))


def test_values_that_are_not_scaled(tmp_path: Path) -> None:
    """Null says so; an item that forgets it does not."""
    path = item_at(tmp_path, input={"value_scaling": None})
    with open_source(str(path), facts_of({"dtype": "uint16", "scale": "0.0001"})) as offer:
        assert {(band.mean, band.std) for band in offer.card.bands} == {(0, 1)}
    told = json.loads(path.read_text(encoding="utf-8"))
    del told["properties"]["mlm:input"][0]["value_scaling"]
    path.write_text(json.dumps(told), encoding="utf-8")
    with (
        pytest.raises(ModelError, match=r"--mean.*--std"),
        open_source(str(path), facts_of({"dtype": "uint16", "scale": "0.0001"})),
    ):
        pass


@pytest.mark.parametrize("resized", [None, "crop", "pad"])
def test_what_changes_no_pixels_size_leaves_it_certain(tmp_path: Path, resized: str | None) -> None:
    path = item_at(tmp_path, input={"resize_type": resized})
    with open_source(str(path), facts_of({"dtype": "uint16"})) as offer:
        assert offer.card.gsd == 10


@pytest.mark.parametrize(
    ("accelerator", "constrained", "said"),
    [
        (None, True, ""),
        ("cuda", False, "made for cuda, and not for that alone"),
        ("amd64", True, "--device cpu"),
        ("xla", True, "nothing but xla"),
        ("macos-arm", True, "nothing but macos-arm"),
    ],
)
def test_what_an_item_was_made_for_is_heeded(
    tmp_path: Path, accelerator: str | None, constrained: bool, said: str
) -> None:
    told = {"mlm:accelerator": accelerator, "mlm:accelerator_constrained": constrained}
    path = item_at(tmp_path, **told)
    if said.startswith("nothing"):
        with (
            pytest.raises(ModelError, match=said),
            open_source(str(path), facts_of({"dtype": "uint16"})),
        ):
            pass
        return
    with open_source(str(path), facts_of({"dtype": "uint16"})) as offer:
        notes = " ".join(offer.found.notes)
    assert said in notes
    assert bool(notes) == bool(said)


def test_what_an_asset_says_comes_before_its_item(tmp_path: Path) -> None:
    path = item_at(tmp_path, input={"bands": ["B4", "B3", "B2"]}, gsd=None)
    told = json.loads(path.read_text(encoding="utf-8"))
    names = {"B4": "red", "B3": "green", "B2": "blue"}
    told["assets"]["model"] |= {
        "eo:bands": [{"name": name, "common_name": common} for name, common in names.items()],
        "raster:bands": [{"name": name, "spatial_resolution": 10} for name in names],
        "mlm:accelerator": "xla",
    }
    path.write_text(json.dumps(told), encoding="utf-8")
    with open_source(str(path), facts_of({"dtype": "uint16", "gsd": "10"})) as offer:
        assert offer.card.band_names == ("red", "green", "blue")
        assert "xla" in " ".join(offer.found.notes)


# what the extension's own examples are like, and why none of them is a map that can be made
EXAMPLES: dict[str, tuple[dict[str, Any], str]] = {
    "a classification of whole images": ({"mlm:tasks": ["classification"]}, "for classification"),
    "several inputs": ({"mlm:input": [{}, {}, {}]}, "takes 3 inputs"),
    "a band of an expression": (
        {"input": {"bands": ["red", {"name": "NDVI", "format": "rio-calc", "expression": "n/r"}]}},
        "NDVI.*of others",
    ),
    "two dates in one input": (
        {"input": {"bands": ["red", "green", "red"]}},
        "two bands of the same name",
    ),
    "an output of two numbers a batch": (
        {"output": {"classification:classes": [{"value": 0, "name": "class_0"}]}},
        "4: the network gives so many scores",
    ),
    "masks and their inverse": (
        {"mlm:output": [{"name": "mask"}, {"name": "inverse"}]},
        "2 outputs",
    ),
}


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_extensions_own_examples_are_refused_with_the_reason(
    tmp_path: Path, example: str
) -> None:
    changes, said = EXAMPLES[example]
    with pytest.raises(ModelError, match=said):
        added(item_at(tmp_path, **changes), dtype="uint16")


def test_faults_that_published_items_have(tmp_path: Path) -> None:
    classes = [{"value": i, "name": "same", "color_hint": [1, 2, 255]} for i in range(4)]
    wrong = {"classification:classes": None, "classification_classes": classes}
    shape = {"shape": [0, 3, 224, 224], "dim_order": [], "data_type": "uint8"}
    path = item_at(tmp_path, output=wrong, input={"input": shape})
    card = added(path).card
    assert card.labels[1].name == "same 1"
    assert (card.labels[0].colour, card.tile, card.dtypes) == ("#0102ff", 64, ("uint8",))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"input": {"pre_processing_function": {"format": "python", "expression": "m:f"}}}, "m:f"),
        ({"input": {"value_scaling": {"type": "processing", "expression": "x"}}}, "processing"),
        ({"input": {"bands": [{"name": "ndvi", "expression": "b-a"}] * 3}}, "of others"),
        ({"input": {"resize_type": "interpolation-linear"}}, "--gsd"),
        ({"input": {"bands": []}}, "--bands"),
        ({"input": {"bands": ["B1", "B2", "B3"]}}, "another one of each satellite"),
        ({"input": {"value_scaling": {"type": "z-score", "mean": 0.2, "stddev": 0.1}}}, "--scale"),
        ({"mlm:tasks": ["object-detection"]}, "object-detection"),
        ({"mlm:input": 3}, "no item of MLM"),
        ({"mlm:output": [{}, {}]}, "2 outputs"),
        ({"input": {"value_scaling": {"minimum": 0, "maximum": 3000}}}, "no type"),
        ({"output": {"classification:classes": classes_of(30, 10, 20, 0)}}, "--classes"),
        ({"output": {"classification:classes": classes_of(0.5, 1, 2, 3)}}, "no whole number"),
    ],
)
def test_what_an_item_leaves_open_is_asked_for(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(ModelError, match=said):
        added(item_at(tmp_path, **changes), dtype="uint16")


def test_an_item_that_says_all_is_run_where_it_lies(tmp_path: Path) -> None:
    bundle = find_model(str(item_at(tmp_path, input={"input": {"data_type": "uint16"}})))
    runs(bundle)
    assert bundle.weights == tmp_path / "net.onnx"
    alone = save_graph(tmp_path / "alone.onnx")
    with pytest.raises(ModelError, match=r"add it first: geoseg models add .*--bands"):
        find_model(str(alone))


def code_item(folder: Path, artifact: str, network: str, **more: Any) -> Path:
    """An item that points at a file that can hold code, and at others."""
    written = item(input={"input": {"data_type": "uint16"}})
    asset = {"href": network, "roles": ["mlm:model"], "mlm:artifact_type": artifact}
    written["assets"] = {"model": asset, **more}
    path = folder / "item.json"
    path.write_text(json.dumps(written), encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", SAVERS)
def test_an_item_that_points_at_code_is_added_by_its_digest(tmp_path: Path, kind: str) -> None:
    network = SAVERS[kind](tmp_path / kind)
    known = digest(network)
    path = code_item(tmp_path, ARTIFACTS[kind], kind)
    with pytest.raises(ModelError, match=f"can hold code.*--trust {known}"):
        added(path)
    with open_source(str(path), {}, trust=known) as offer:
        bundle = add(offer)
    assert (bundle.format, bundle.card.interface.artifact) == (kind, kind)  # type: ignore[union-attr]
    runs(bundle)
    runs(find_model(str(path)))  # where it lies, since that very file is trusted
    remove(bundle.card.name)
    path.touch()
    with pytest.raises(ModelError, match="can hold code"):
        find_model(str(path))


def test_of_an_items_files_what_is_data_comes_first(tmp_path: Path) -> None:
    save_graph(tmp_path / "net.onnx", Graph(side=64))
    SAVERS["model.pt"](tmp_path / "net.pt")
    data = {"href": "net.onnx", "roles": ["mlm:model"], "mlm:artifact_type": "onnx"}
    path = code_item(tmp_path, "torch.jit.save", "net.pt", other=data)
    assert added(path).format == "model.onnx"


def test_an_item_that_points_at_a_pickle_is_refused(tmp_path: Path) -> None:
    path = code_item(tmp_path, "torch.save", "net.pt")
    torch.save(make_network(), tmp_path / "net.pt")
    with pytest.raises(ModelError, match=r"pickled objects.*torch\.export"):
        added(path)
    torch.save(make_network().state_dict(), tmp_path / "net.pt")
    with pytest.raises(ModelError, match=r"weights without their network"):
        added(path)
    (tmp_path / "net.pt").unlink()
    with pytest.raises(ModelError, match=r"torch\.save.*net\.pt"):
        added(path)


def test_a_map_by_a_name_that_was_added_is_what_the_file_gives(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wherever a single tile lies."""
    source = save_graph(tmp_path / "clouds.onnx", Graph(side=64, batch=1))
    options = [text for name, value in ALL.items() for text in (f"--{name}", value)]
    assert run(["models", "add", str(source), *options, "--name", "fitted"]) == 0
    assert "overlap   32 px" in capsys.readouterr().out  # a border reaches 2 px: the least
    assert run(["models", "check", "fitted", "--json"]) == 0
    checked = json.loads(capsys.readouterr().out)
    assert (checked["reach"], checked["tile"], checked["classes"]) == (8, 64, 4)
    assert run(["models", "add", str(source), *options, "--overlap", "16"]) == 0
    pixels = reflectances(3, 150, 150)
    write(tmp_path / "scene.tif", pixels, ("red", "green", "blue"), UTM)
    model = ["--model", "clouds", "--engine", "openvino", "--quiet"]
    target = tmp_path / "map.tif"
    assert run(["predict", str(tmp_path / "scene.tif"), "--out", str(target), *model]) == 0
    with rasterio.open(target) as file:
        found = file.read(1)
    session = onnxruntime.InferenceSession(str(source), providers=["CPUExecutionProvider"])
    values = (pixels * 0.0001).astype(np.float32)
    for top, left in ((0, 0), (43, 43), (86, 86)):  # tiles of 64 px that overlap by 21
        tile = values[None, :, top : top + 64, left : left + 64]
        direct = session.run(None, {"pixels": tile})[0][0].argmax(0)
        inner = slice(22, 42)  # no other tile's
        same = found[top : top + 64, left : left + 64][inner, inner] == direct[inner, inner]
        assert same.mean() > 0.999


@pytest.mark.process
def test_a_model_at_an_address_is_brought_here(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "web").mkdir()
    item_at(tmp_path / "web")
    stranger = item()
    stranger["assets"]["model"]["href"] = "file:///etc/passwd"
    (tmp_path / "web" / "stranger.json").write_text(json.dumps(stranger), encoding="utf-8")
    (tmp_path / "web" / "half.onnx").write_bytes((tmp_path / "web" / "net.onnx").read_bytes()[:999])
    with serve(tmp_path / "web") as server:
        with open_source(f"{server.address}/item.json", facts_of({"dtype": "uint16"})) as offer:
            bundle = add(offer)
        with pytest.raises(ModelError, match="points at file:///etc/passwd"):
            open_source(f"{server.address}/stranger.json", {}).__enter__()
        with pytest.raises(ModelError, match="cannot be read as ONNX"):
            open_source(f"{server.address}/half.onnx", facts_of(ALL)).__enter__()
    runs(bundle)
    assert [each.name for each in folder.iterdir()] == ["a-model"]


def test_a_digest_is_compared_though_nobody_has_to_trust_the_file(tmp_path: Path) -> None:
    path = save_graph(tmp_path / "net.onnx", Graph(side=64))
    with (
        pytest.raises(ModelError, match=f"{digest(path)}.*another file"),
        open_source(str(path), facts_of(ALL), trust="0" * 64),
    ):
        pass
    with open_source(str(path), facts_of(ALL), trust=digest(path)) as offer:
        runs(add(offer))
    assert not list(tmp_path.glob("models/.trusted/*"))


def test_a_card_by_itself_is_taken_with_the_file_that_it_points_at(tmp_path: Path) -> None:
    own = make_bundle(tmp_path / "own")
    (own / "card.json").rename(own / "published.json")
    bundle = added(own / "published.json")
    assert bundle.card.name == "test-model"
    assert bundle.weights.read_bytes() == (own / "model.safetensors").read_bytes()


def test_a_card_for_a_network_that_says_nothing(tmp_path: Path) -> None:
    written = tmp_path / "my.json"
    write_card(replace(RGB, labels=RGB.labels[:4]), written)
    source = save_graph(tmp_path / "clouds.onnx", Graph(side=64, end="Softmax"))
    with open_source(str(source), {}, written) as offer:
        bundle = add(offer, "carded")
    assert bundle.card.interface is not None
    assert bundle.card.interface.result == "probabilities"
    assert (bundle.card.tile, bundle.card.bands) == (64, RGB.bands)
    runs(bundle)
