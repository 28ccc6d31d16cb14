"""Models for other programs: each kind computes what the model does, or is not written."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import stac_schemas
import torch
from bundles import BANDS, COLOURS
from commands import ROOT
from jsonschema import Draft7Validator
from rasters import colours, write
from safetensors.torch import save_file

onnx = pytest.importorskip("onnx", reason="onnx is not installed: pip install 'geoseg[export]'")
onnxruntime = pytest.importorskip("onnxruntime", reason="pip install 'geoseg[export]'")
ov = pytest.importorskip("openvino", reason="pip install 'geoseg[export]'")
pytest.importorskip("onnxscript", reason="pip install 'geoseg[export]'")
import rasterio  # noqa: E402
import segmentation_models_pytorch as smp  # noqa: E402
from onnx_graphs import Graph, make_foreign, save_graph  # noqa: E402

from geoseg.architectures import build  # noqa: E402
from geoseg.cli import run  # noqa: E402
from geoseg.cli.models_add import facts_of  # noqa: E402
from geoseg.core.card import Label, ModelCard, Scaling, from_stac, write_card  # noqa: E402
from geoseg.core.errors import InputError, ModelError, OutputError  # noqa: E402
from geoseg.core.interface import Interface  # noqa: E402
from geoseg.models import Bundle, find_model, load_model, torch_network  # noqa: E402
from geoseg.models.export import EXPORTS, Written, export_model  # noqa: E402
from geoseg.models.export.plan import plans  # noqa: E402
from geoseg.models.export.wish import Wish  # noqa: E402
from geoseg.models.library import add, open_source  # noqa: E402
from geoseg.models.openvino import compile_for_cpu  # noqa: E402

TILE = 64
TEMPERATURE = 0.7
UTM = (1.0, 0, 500_000, 0, -1.0, 5_000_000)  # pixels of 1 m
INSIDE = Wish("inside", "inside")
OUTSIDE = Wish("outside", "outside")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A small network of geoseg's own, of random weights, for reflectances x 10000."""
    folder = tmp_path_factory.mktemp("own")
    shape = {"width": 8, "blocks": 2, "stem_width": 8, "context_blocks": 1, "squash": False}
    torch.manual_seed(3)
    network = build("halfsize", 3, 4, shape)
    with torch.no_grad():
        network.head.weight.mul_(20)
    save_file(
        {name: value.half() if value.is_floating_point() else value
         for name, value in network.state_dict().items()},
        folder / "model.safetensors",
    )  # fmt: skip
    bands = tuple(
        replace(band, mean=0.1 + i / 50, std=0.05 + i / 50, low=0.0, high=0.6)
        for i, band in enumerate(BANDS)
    )
    card = ModelCard(
        name="small-model",
        description="Random weights, for tests",
        architecture="halfsize",
        hyperparameters=shape,
        sensor="any",
        bands=bands,
        unit="reflectance",
        scaling=Scaling(0.0001, -0.01),
        dtypes=("uint16",),
        labels=tuple(Label(i, f"class {i}", COLOURS[i]) for i in range(4)),
        gsd=10.0,
        gsd_range=(8.0, 20.0),
        tile=TILE,
        overlap=16,
        stride=8,
        fixed_tile=False,
        temperature=TEMPERATURE,
    )
    write_card(card, folder / "card.json")
    return find_model(str(folder))


@pytest.fixture(scope="module")
def exported(
    bundle: Bundle, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, Wish], tuple[Path, Written]]:
    """Each export once: the file, alone in its folder but for what belongs to it."""

    @cache
    def made(kind: str, wish: Wish) -> tuple[Path, Written]:
        target = tmp_path_factory.mktemp(kind) / f"net{EXPORTS[kind].suffix}"
        return target, export_model(bundle, kind, target, wish)

    return made


def numbers(count: int = 2, rows: int = 40, columns: int = 72) -> np.ndarray:
    rng = np.random.default_rng(5)
    return rng.integers(100, 6000, (count, 3, rows, columns)).astype(np.uint16)


def normalised(bundle: Bundle, pixels: np.ndarray) -> np.ndarray:
    card = bundle.card
    mean, std = (
        np.array([getattr(band, name) for band in card.bands]).reshape(1, -1, 1, 1)
        for name in ("mean", "std")
    )
    values = pixels * card.scaling.scale + card.scaling.offset
    return ((values - mean) / std).astype(np.float32)


def logits(bundle: Bundle, pixels: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        return torch_network(bundle)(torch.from_numpy(normalised(bundle, pixels))).numpy()


def probabilities(bundle: Bundle, pixels: np.ndarray) -> np.ndarray:
    return torch.softmax(torch.from_numpy(logits(bundle, pixels)) / TEMPERATURE, 1).numpy()


def in_its_runtime(file: Path, values: np.ndarray) -> np.ndarray:
    """What a program without geoseg makes of it."""
    match file.suffix:
        case ".onnx":
            session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
            return session.run(None, {"pixels": values})[0]
        case ".pt":
            return torch.jit.load(file)(torch.from_numpy(values)).detach().numpy()
        case ".pt2":
            return torch.export.load(file).module()(torch.from_numpy(values)).detach().numpy()
        case ".xml":
            return compile_for_cpu(ov.Core().read_model(file), "fp32")(values)[0]
    item = json.loads(file.read_text(encoding="utf-8"))
    return in_its_runtime(file.parent / item["assets"]["model"]["href"], values)


@pytest.mark.filterwarnings("ignore:.*torch.jit.*")  # it is on its way out
@pytest.mark.parametrize("kind", EXPORTS)
class TestEachKind:
    """What every way of handing a model on has to hold."""

    def test_it_computes_what_the_model_does(
        self, bundle: Bundle, exported: Any, kind: str
    ) -> None:
        """With all of it inside the graph, or nothing; on a size that nobody traced."""
        pixels = numbers()
        target, written = exported(kind, INSIDE)
        assert written.difference <= 1e-4
        assert len(written.windows) == 3
        assert len({shape[0] for shape in written.windows}) == 2
        assert len({shape[2:] for shape in written.windows}) == 3
        found = in_its_runtime(target, pixels.astype(np.float32))
        np.testing.assert_allclose(found, probabilities(bundle, pixels), atol=1e-4)
        assert len(set(found.argmax(1).ravel())) > 1  # or nothing was compared
        for file, (size, digest) in written.files.items():
            assert file.stat().st_size == size
            assert sha256(file.read_bytes()).hexdigest() == digest
        assert sorted(written.files) == sorted(target.parent.iterdir())
        bare, _ = exported(kind, OUTSIDE)
        found = in_its_runtime(bare, normalised(bundle, pixels))
        np.testing.assert_allclose(found, logits(bundle, pixels), atol=1e-3)

    def test_nothing_that_exists_is_replaced_untold(
        self, bundle: Bundle, kind: str, tmp_path: Path
    ) -> None:
        target = tmp_path / f"net{EXPORTS[kind].suffix}"
        other = tmp_path / "net.json"
        other.write_text("mine", encoding="utf-8")
        with pytest.raises(OutputError, match="exists"):
            export_model(bundle, kind, target)
        assert [file.read_text(encoding="utf-8") for file in tmp_path.iterdir()] == ["mine"]

    def test_a_file_called_otherwise_is_refused(
        self, bundle: Bundle, kind: str, tmp_path: Path
    ) -> None:
        with pytest.raises(InputError, match=rf"ends in \{EXPORTS[kind].suffix}"):
            export_model(bundle, kind, tmp_path / "net.bin")
        assert not list(tmp_path.iterdir())


# each that ships, once; the U-Nets are dear to export
@pytest.mark.filterwarnings("ignore:.*torch.jit.*")  # it is on its way out
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("landcover-s2", "onnx"),
        ("landcover-s2-rgb", "pt2"),
        ("landcover-s2-rgbn", "openvino"),
        ("landcover-rgb", "torchscript"),
        ("landcover-rgbn", "pt2"),
        ("clouds-s2", "torchscript"),
    ],
)
def test_each_model_that_ships(name: str, kind: str, tmp_path: Path) -> None:
    shipped = find_model(name)
    small = replace(shipped, card=replace(shipped.card, tile=96, overlap=32))
    written = export_model(small, kind, tmp_path / f"net{EXPORTS[kind].suffix}")
    assert written.difference <= 1e-4
    assert "of any size" in written.sizes


def test_the_card_travels(bundle: Bundle, exported: Any) -> None:
    target, _ = exported("onnx", INSIDE)
    beside = json.loads(target.with_suffix(".json").read_text(encoding="utf-8"))
    held = {each.key: each.value for each in onnx.load(target).metadata_props}
    card = from_stac(json.loads(held["geoseg:card"]))
    assert card == from_stac(beside)
    assert card.labels == bundle.card.labels
    assert (card.gsd, card.overlap, card.dtypes) == (10.0, 16, ("uint16",))
    # nothing of the machine that wrote it
    assert str(ROOT).encode() not in target.read_bytes()
    assert b"site-packages" not in target.read_bytes()


@pytest.mark.parametrize("wish", [INSIDE, OUTSIDE], ids=["inside", "outside"])
def test_an_item_is_valid_and_runs_again(
    bundle: Bundle,
    exported: Any,
    wish: Wish,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GEOSEG_MODELS", str(tmp_path / "models"))
    path, _ = exported("mlm", wish)
    item = json.loads(path.read_text(encoding="utf-8"))
    stac_schemas.core().validate(item)
    Draft7Validator(stac_schemas.CARD).validate(item)
    with open_source(str(path), {}) as offer:
        again = add(offer, "again")
    pixels = numbers(2, TILE, TILE)
    valid = np.ones((2, TILE, TILE), bool)
    found = load_model(again, again.card.scaling, "cpu")(pixels, valid)
    np.testing.assert_allclose(found, probabilities(bundle, pixels), atol=1e-4)
    # with normalised values what is no data is the mean, as in the model itself
    if wish != INSIDE:
        valid[:, :20] = False
        expected = load_model(bundle, bundle.card.scaling, "cpu")(pixels, valid)
        found = load_model(again, again.card.scaling, "cpu")(pixels, valid)
        np.testing.assert_allclose(found, expected, atol=1e-4)
    alone = find_model(str(path.with_suffix(".onnx")))  # which says all as well
    assert replace(alone.card, name="again") == again.card


def test_the_makers_of_mlm_read_the_item(bundle: Bundle, exported: Any) -> None:
    schema = pytest.importorskip("stac_model.schema", reason="pip install stac-model")
    path, _ = exported("mlm", OUTSIDE)
    told = json.loads(path.read_text(encoding="utf-8"))["properties"]
    for entry in told["mlm:output"][0]["classification:classes"]:
        del entry["title"]  # of classification v2, which pystac does not know yet
    read = schema.MLModelProperties(**told)
    assert [each.name for each in read.input] == ["pixels"]
    assert read.input[0].value_scaling[0].stddev == bundle.card.bands[0].std


def test_an_item_says_how_values_are_scaled_unless_told_otherwise(bundle: Bundle) -> None:
    usual = {kind: next(plans(bundle, kind, "model.onnx", Wish(), "")) for kind in ("mlm", "onnx")}
    assert usual["mlm"].wish == Wish("outside", "inside")
    assert usual["onnx"].wish == Wish("inside", "inside")


def test_another_file_than_the_item_was_written_for_is_refused(
    exported: Any, tmp_path: Path
) -> None:
    path, _ = exported("mlm", INSIDE)
    copied = Path(shutil.copy(path, tmp_path))
    save_graph(tmp_path / "net.onnx")
    with pytest.raises(ModelError, match="SHA-256"), open_source(str(copied), {}):
        pass


@pytest.mark.filterwarnings("ignore:.*torch.jit.*")
@pytest.mark.parametrize("kind", ["torchscript", "pt2"])
def test_what_can_hold_code_runs_again_where_it_is_trusted(
    bundle: Bundle, exported: Any, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEOSEG_MODELS", str(tmp_path / "models"))
    target, written = exported(kind, OUTSIDE)
    item = str(target.with_suffix(".json"))
    with pytest.raises(ModelError, match="--trust"), open_source(item, {}):
        pass
    with open_source(item, {}, trust=written.files[target][1]) as offer:
        again = add(offer, "again")
    with open_source(str(target), {}, trust=written.files[target][1]) as offer:
        assert replace(offer.card, name="again") == again.card  # it says all by itself
    if kind == "pt2":  # which no tracer reads
        return
    once_more = tmp_path / "more.pt"
    export_model(again, "torchscript", once_more)
    found = in_its_runtime(once_more, numbers(2, TILE, TILE).astype(np.float32))
    np.testing.assert_allclose(found, probabilities(bundle, numbers(2, TILE, TILE)), atol=1e-4)
    card = from_stac(json.loads(once_more.with_suffix(".json").read_text(encoding="utf-8")))
    assert card.interface == Interface("model.pt", result="probabilities")
    pixels = numbers(2, TILE, TILE)
    found = load_model(again, again.card.scaling, "cpu")(pixels, np.ones((2, TILE, TILE), bool))
    np.testing.assert_allclose(found, probabilities(bundle, pixels), atol=1e-4)


def test_an_item_of_openvinos_is_refused_in_words(exported: Any) -> None:
    path, _ = exported("openvino", INSIDE)
    with (
        pytest.raises(ModelError, match=r"openvino.*does not read.*--to onnx"),
        open_source(str(path.with_suffix(".json")), {}),
    ):
        pass


@pytest.mark.parametrize("scaling", ["inside", "outside"])
def test_deepness_maps_what_the_model_does(bundle: Bundle, scaling: str, tmp_path: Path) -> None:
    """By what the plugin does: x 1/255, mean and deviation, a threshold, the highest score."""
    target = tmp_path / "net.onnx"
    export_model(bundle, "onnx", target, Wish(scaling, deepness=True))
    session = onnxruntime.InferenceSession(str(target), providers=["CPUExecutionProvider"])
    told = session.get_modelmeta().custom_metadata_map
    keys = {key: json.loads(text) for key, text in told.items() if key != "geoseg:card"}
    assert keys["model_type"] == "Segmentor"
    assert keys["class_names"] == {str(i): f"class {i}" for i in range(4)}
    assert (keys["resolution"], keys["tile_size"], keys["tiles_overlap"]) == (1000, TILE, 25)
    assert session.get_inputs()[0].shape[1:] == [3, TILE, TILE]
    assert session.get_outputs()[0].shape[1:] == [4, TILE, TILE]
    pixels = numbers(2, TILE, TILE)
    mean, std = (
        np.array(keys[f"standardization_{name}"]).reshape(1, -1, 1, 1) for name in ("mean", "std")
    )
    fed = ((np.float32(pixels * (1.0 / 255.0)) - mean) / std).astype(np.float32)
    scores = session.run(None, {"pixels": fed})[0]
    expected = probabilities(bundle, pixels)
    np.testing.assert_allclose(scores, expected, atol=1e-4)
    scores[scores < keys["seg_thresh"]] = 0
    assert (scores.argmax(1) == expected.argmax(1)).mean() > 0.999
    # and geoseg reads it again as what it is
    again = find_model(str(target))
    found = load_model(again, again.card.scaling, "cpu")(pixels, np.ones((2, TILE, TILE), bool))
    np.testing.assert_allclose(found, expected, atol=1e-4)


@pytest.mark.parametrize(
    ("kind", "wish", "said"),
    [
        ("onnx", Wish("inside", "outside", True), "threshold"),
        ("pt2", Wish(deepness=True), "--to onnx"),
        ("keras", Wish(), "one of onnx"),
    ],
)
def test_what_cannot_be_said_is_refused(
    bundle: Bundle, kind: str, wish: Wish, said: str, tmp_path: Path
) -> None:
    suffix = EXPORTS[kind].suffix if kind in EXPORTS else ".h5"
    with pytest.raises(InputError, match=said):
        export_model(bundle, kind, tmp_path / f"net{suffix}", wish)
    assert not list(tmp_path.iterdir())


def test_a_network_of_one_size_keeps_it(bundle: Bundle, tmp_path: Path) -> None:
    fixed = replace(bundle, card=replace(bundle.card, fixed_tile=True, stride=TILE))
    written = export_model(fixed, "openvino", tmp_path / "net.xml")
    assert written.sizes == f"any number of tiles of {TILE} x {TILE} px"
    shape = ov.Core().read_model(tmp_path / "net.xml").inputs[0].get_partial_shape()
    assert str(shape) == f"[?,3,{TILE},{TILE}]"


FOREIGN = {
    "one score, smaller output": (
        Graph(side=68, batch=1, scores=1, end="Sigmoid", valid=True),
        Interface(result="probabilities", one_score=True, margin=2, one_by_one=True, threshold=0.3),
    ),
    "last axis, stride": (
        Graph(side=TILE, channels_last=True, stride=4),
        Interface(input_axes="NHWC", output_axes="NHWC", output_stride=4),
    ),
    "bytes, clipped": (
        Graph(input_type=onnx.TensorProto.UINT8),
        Interface(input_type="uint8", clip=((10, 200),) * 3),
    ),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_a_network_of_somebody_else_is_handed_on(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it is with an item, the same map for the same bytes; or with what reads it, to
    OpenVINO.
    """
    monkeypatch.setenv("GEOSEG_MODELS", str(tmp_path / "models"))
    foreign = make_foreign(tmp_path / "foreign", *FOREIGN[case])
    export_model(foreign, "mlm", tmp_path / "net.json")
    item = json.loads((tmp_path / "net.json").read_text(encoding="utf-8"))
    Draft7Validator(stac_schemas.CARD).validate(item)
    entry = item["properties"]["mlm:input"][0]["input"]
    graph = onnx.load(tmp_path / "net.onnx").graph.input[0].type.tensor_type.shape.dim
    for told, axis in zip(entry["shape"], graph, strict=True):
        assert told in (axis.dim_value, -1) or not axis.dim_value
    with open_source(str(tmp_path / "net.json"), {}) as offer:
        again = add(offer, "again")
    write(tmp_path / "scene.tif", colours(90, 90), ("red", "green", "blue"), UTM)
    maps = []
    for model in (str(foreign.path), again.card.name):
        target = tmp_path / f"{Path(model).name}.tif"
        command = ["predict", str(tmp_path / "scene.tif"), "--model", model, "--quiet"]
        assert run([*command, "--out", str(target)]) == 0
        with rasterio.open(target) as map_:
            maps.append(map_.read())
    np.testing.assert_array_equal(*maps)
    written = export_model(foreign, "openvino", tmp_path / "ov.xml")
    pixels = np.random.default_rng(1).integers(0, 256, (1, 3, TILE, TILE)).astype(np.uint8)
    found = in_its_runtime(tmp_path / "ov.xml", pixels.astype(np.float32))
    valid = np.ones((1, TILE, TILE), bool)
    expected = load_model(foreign, foreign.card.scaling, "cpu")(pixels, valid)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert ("one tile" in written.sizes) == foreign.card.interface.one_by_one  # type: ignore[union-attr]


@pytest.mark.filterwarnings("ignore:.*torch.jit.*")
def test_a_network_of_pytorchs_goes_with_what_reads_its_scores(tmp_path: Path) -> None:
    """One score in, two classes out, above the threshold that the card says."""
    torch.manual_seed(3)
    network = smp.Unet(
        "mobilenet_v2",
        encoder_weights=None,
        in_channels=3,
        classes=1,
        decoder_channels=(16, 16, 8, 8, 8),
    )
    with torch.no_grad():
        network.segmentation_head[0].weight.mul_(30)
    network.save_pretrained(tmp_path / "smp")
    told = {"bands": "red,green,blue", "classes": "road", "gsd": "1", "scale": "1", "mean": "127"}
    told |= {"std": "70", "dtype": "uint8", "tile": str(TILE), "threshold": "0.4"}
    with open_source(str(tmp_path / "smp"), facts_of(told)) as offer:
        (weights, *_) = offer.found.files.values()
        foreign = Bundle(weights.parent, weights, offer.card)
        written = export_model(foreign, "torchscript", tmp_path / "net.pt", INSIDE)
        with pytest.raises(ModelError, match="--activation inside"):
            export_model(foreign, "torchscript", tmp_path / "other.pt", OUTSIDE)
    assert len({shape[2:] for shape in written.windows}) == 3
    pixels = np.random.default_rng(1).integers(0, 256, (1, 3, TILE, TILE)).astype(np.float32)
    found = in_its_runtime(tmp_path / "net.pt", pixels)
    with torch.inference_mode():
        sure = torch.sigmoid(network.eval()(torch.from_numpy((pixels - 127) / 70))).numpy()[:, 0]
    assert found.shape == (1, 2, TILE, TILE)
    assert ((found[:, 1] > 0.5) == (sure > 0.4)).mean() > 0.999
    assert 0 < (sure > 0.4).mean() < 1


@pytest.mark.parametrize("kind", ["onnx", "torchscript", "pt2"])
def test_an_onnx_file_is_not_made_again(kind: str, tmp_path: Path) -> None:
    foreign = make_foreign(tmp_path / "foreign", Graph(), Interface())
    with pytest.raises(ModelError, match="--to mlm or openvino"):
        export_model(foreign, kind, tmp_path / f"net{EXPORTS[kind].suffix}")
    with pytest.raises(ModelError, match="handed on as it is"):
        export_model(foreign, "mlm", tmp_path / "net.json", OUTSIDE)


def test_what_does_not_agree_is_not_written(tmp_path: Path) -> None:
    """OpenVINO leaves the antialias of a Resize out, and computes another map."""
    foreign = make_foreign(tmp_path / "foreign", Graph(smoothed=True, opset=18), Interface())
    with pytest.raises(ModelError, match="differs from foreign"):
        export_model(foreign, "openvino", tmp_path / "net.xml")
    assert [file.name for file in tmp_path.iterdir()] == ["foreign"]


def test_the_command_says_what_it_wrote(
    bundle: Bundle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "net.pt"
    command = ["models", "export", str(bundle.path), "--to", "torchscript", "--out", str(target)]
    assert run(command) == 0
    told = capsys.readouterr().err
    assert f"{target} is written" in told
    assert "sha256" in told
    assert "differs from the model by at most" in told
    assert run(command) != 0
    assert "--overwrite" in capsys.readouterr().err
    assert run([*command, "--overwrite", "--quiet"]) == 0
