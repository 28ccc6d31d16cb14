"""Every engine is the same Model: one contract, whatever computes and how precisely."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from bundles import make_bundle
from commands import environment

from geoseg.core.arrays import Array
from geoseg.core.card import Scaling
from geoseg.core.grid import Patch, Window
from geoseg.core.machine import has_bf16
from geoseg.models import Bundle, find_model, openvino, own_engine
from geoseg.models.engine import Engine
from geoseg.models.protocol import Model
from geoseg.models.safetensors import build_network
from geoseg.models.torch_model import Normalise
from geoseg.prediction.infer import infer

pytest.importorskip("openvino", reason="OpenVINO is not installed: pip install 'geoseg[openvino]'")
SCALING = Scaling(0.9, 3.0)
ENGINES = ("torch", "openvino")
MODELS = [
    ("torch", "fp32"),
    ("torch", "bf16"),
    ("openvino", "fp32"),
    ("openvino", "int8"),
    ("cuda", "fp32"),
    ("cuda", "bf16"),
    ("cuda", "fp16"),
]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return find_model(str(make_bundle(tmp_path_factory.mktemp("bundle"))))


@pytest.fixture(scope="module")
def engines(bundle: Bundle) -> dict[str, Engine]:
    found = {
        "torch": own_engine(bundle, SCALING, "cpu"),
        "openvino": openvino.engine(bundle, SCALING),
    }
    if torch.cuda.is_available():
        found["cuda"] = own_engine(bundle, SCALING, "cuda")
    return found


def pixels_of(
    seed: int, count: int = 1, height: int = 96, width: int = 128, dtype: str = "uint8"
) -> np.ndarray:
    """Blobs and noise, as a scene has them."""
    rng = np.random.default_rng(seed)
    blobs = rng.integers(0, 200, (count, 3, height // 16, width // 16)).repeat(16, 2).repeat(16, 3)
    return (blobs + rng.integers(0, 55, (count, 3, height, width))).astype(dtype)


def everywhere(pixels: np.ndarray) -> np.ndarray:
    return np.ones((len(pixels), *pixels.shape[2:]), bool)


def scores_of(model: Model, pixels: np.ndarray, valid: np.ndarray | None = None) -> np.ndarray:
    return numpy(model(pixels, everywhere(pixels) if valid is None else valid))


def numpy(scores: Array) -> np.ndarray:
    return scores.cpu().numpy() if isinstance(scores, torch.Tensor) else scores


@pytest.fixture(scope="module", params=MODELS, ids="-".join)
def model(request: pytest.FixtureRequest, engines: dict[str, Engine]) -> Model:
    engine, precision = request.param
    if engine not in engines:
        pytest.skip("no CUDA device is here")
    if precision not in engines[engine].able:
        pytest.skip(f"{engine} has no {precision} here: int8 needs pip install 'geoseg[int8]'")
    patches = [Patch(Window(0, 0, 96, 128), pixels_of(seed)[0]) for seed in range(4)]
    return engines[engine].load(precision, patches)


def by_hand(bundle: Bundle, pixels: np.ndarray, valid: np.ndarray) -> np.ndarray:
    network = build_network(bundle)
    values = Normalise(bundle.card.bands, SCALING)(
        torch.from_numpy(pixels), torch.from_numpy(valid)
    )
    with torch.inference_mode():
        features = network.decoder(network.encoder(values)).numpy()
    return features.reshape(*features.shape[:2], 3, 32, 4, 32).mean(axis=(3, 5))


class TestModel:
    """What models.protocol.Model promises."""

    def test_probabilities(self, model: Model) -> None:
        found = scores_of(model, pixels_of(1, count=2))
        assert found.shape == (2, 5, 96, 128)
        assert found.dtype == np.float32
        assert found.min() >= 0
        np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)

    def test_the_same_pixels_give_the_same_bytes(self, model: Model) -> None:
        one, other = pixels_of(1), pixels_of(2, height=64, width=64)
        first = scores_of(model, one)
        scores_of(model, other)  # another size between: nothing of it stays
        np.testing.assert_array_equal(scores_of(model, one), first)

    @pytest.mark.parametrize("brief", [False, True])
    def test_a_model_made_ready_gives_the_same_bytes(self, model: Model, brief: bool) -> None:
        one, other = pixels_of(1), pixels_of(2, height=64, width=64)
        first = scores_of(model, one)
        scores_of(model, other)  # it is ready for another shape
        model.prepare(one.shape, one.dtype, brief)
        scores_of(model, other)
        np.testing.assert_array_equal(scores_of(model, one), first)

    def test_a_batch_gives_what_single_windows_give(self, model: Model) -> None:
        both = pixels_of(3, count=2)
        single = np.concatenate([scores_of(model, each[None]) for each in both])
        np.testing.assert_allclose(
            scores_of(model, both), single, atol=0.05 if model_is_reduced(model) else 1e-5
        )

    def test_its_last_features_are_averaged_over_squares(
        self, model: Model, bundle: Bundle
    ) -> None:
        """As PyTorch gives them, layer by layer; and the scores stay what they are."""
        pixels = pixels_of(5, count=2)
        valid = everywhere(pixels)
        valid[:, :40, :50] = False
        before = scores_of(model, pixels, valid)
        assert model.average_features(32)
        np.testing.assert_allclose(scores_of(model, pixels, valid), before, atol=1e-6)
        found = model.features()
        assert found is not None
        assert found.dtype == np.float32
        expected = by_hand(bundle, pixels, valid)
        assert found.shape == expected.shape == (2, 8, 3, 4)
        off = 0.2 if model_is_reduced(model) else 1e-3
        np.testing.assert_allclose(found, expected, atol=off * np.abs(expected).max())

    def test_scores_stay_when_the_next_window_comes(self, model: Model) -> None:
        pixels = pixels_of(1)
        kept = model(pixels, everywhere(pixels))
        copy = numpy(kept).copy()
        scores_of(model, pixels_of(9))
        np.testing.assert_array_equal(numpy(kept), copy)

    def test_pixels_without_data_count_as_the_mean(self, model: Model) -> None:
        one, other = pixels_of(4), pixels_of(4)
        valid = everywhere(one)
        valid[:, 10:40, 20:70] = False
        other[:, :, 10:40, 20:70] = 255
        found = scores_of(model, one, valid)
        np.testing.assert_array_equal(found, scores_of(model, other, valid))
        assert not np.array_equal(found, scores_of(model, one))

    def test_not_a_number_where_nothing_is_valid_spoils_nothing(self, model: Model) -> None:
        pixels = pixels_of(5, dtype="float32")
        valid = everywhere(pixels)
        valid[:, 30:60] = False
        pixels[:, :, 30:60] = np.nan
        assert np.isfinite(scores_of(model, pixels, valid)).all()

    @pytest.mark.parametrize("dtype", ["uint16", "int16", "int32", "uint32", "float32", "float64"])
    def test_the_type_of_the_numbers_does_not_matter(self, model: Model, dtype: str) -> None:
        pixels = pixels_of(6, height=32, width=64)
        np.testing.assert_allclose(
            scores_of(model, pixels.astype(dtype)), scores_of(model, pixels), atol=1e-6
        )

    def test_arrays_of_the_models_own_kind(self, model: Model) -> None:
        pixels = pixels_of(7)
        scores = model(pixels, everywhere(pixels))
        total = scores * model.asarray(np.full((96, 128), 0.5, np.float32))
        assert type(model.asarray(np.zeros(3))) is type(scores) is type(total)
        labels = model.to_uint8(scores.argmax(1))
        assert labels.dtype == np.uint8
        np.testing.assert_array_equal(labels, numpy(scores).argmax(1))

    def test_the_device_is_named(self, model: Model) -> None:
        assert model.device.startswith(("cpu (", "cuda ("))


@pytest.mark.parametrize(
    ("precision", "hint"), [("fp32", "f32"), ("int8", "f32"), ("bf16", "bf16")]
)
def test_a_compiled_network_computes_in_the_precision_that_is_stated(
    precision: str, hint: str
) -> None:
    network = openvino.read_network(find_model("landcover-s2"))
    if precision == "bf16" and not has_bf16():
        pytest.skip("this processor has no bf16")
    compiled = openvino.compile_for_cpu(network, precision, threads=1)
    assert compiled.get_property("INFERENCE_PRECISION_HINT").to_string() == hint


def test_windows_under_way_at_once_have_each_its_own_scores(engines: dict[str, Engine]) -> None:
    model, pixels = engines["openvino"].load("fp32", ()), [pixels_of(seed) for seed in range(5)]
    assert model.ahead == 1
    alone = [scores_of(model, each) for each in pixels]
    fetches = [model.launch(each, everywhere(each)) for each in pixels[:2]]
    together = [fetch() for fetch in fetches[::-1]][::-1]
    patches = (Patch(Window(0, 0, *each.shape[2:]), each[0]) for each in pixels)
    together += [patch.data[None] for patch in infer(model, patches, 1)]
    for found, expected in zip(together, alone[:2] + alone, strict=True):
        np.testing.assert_array_equal(found, expected)


def model_is_reduced(model: Model) -> bool:
    """Whether the sums depend so much on their order that a batch may differ."""
    return (
        getattr(model, "_precision", "fp32") != "fp32"
        or getattr(model, "_dtype", torch.float32) != torch.float32
    )


@pytest.mark.parametrize("name", ENGINES)
def test_sigmoid_scores_each_class_by_itself(
    name: str, bundle: Bundle, engines: dict[str, Engine]
) -> None:
    """The odds of each class, over those of all, are what softmax makes of the same logits."""
    sigmoid = replace(bundle, card=replace(bundle.card, activation="sigmoid", temperature=2.0))
    engine = (
        own_engine(sigmoid, SCALING, "cpu")
        if name == "torch"
        else openvino.engine(sigmoid, SCALING)
    )
    pixels = pixels_of(5)
    scores = scores_of(engine.load("fp32", []), pixels).astype(np.float64)
    odds = (scores / (1 - scores)) ** 2  # squared: without the temperature
    expected = scores_of(engines[name].load("fp32", []), pixels)
    assert np.allclose(odds / odds.sum(axis=1, keepdims=True), expected, atol=2e-3)
    assert not np.allclose(scores.sum(axis=1), 1, atol=0.1)


def test_both_engines_make_the_same_map(engines: dict[str, Engine]) -> None:
    plain, other = (engines[name].load("fp32", ()) for name in ENGINES)
    pixels = pixels_of(11, count=4, height=256, width=224)
    expected, found = scores_of(plain, pixels), scores_of(other, pixels)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert (found.argmax(1) == expected.argmax(1)).mean() >= 0.99999


CACHED = """
import sys, numpy as np
from geoseg.models import find_model
from geoseg.models.openvino import engine
bundle = find_model(sys.argv[1])
model = engine(bundle, bundle.card.scaling).load("fp32", ())
print(float(model(np.full((1, 3, 64, 64), 99, np.uint8), np.ones((1, 64, 64), bool)).sum()), "torch" in sys.modules)
"""


@pytest.mark.process
def test_a_converted_network_is_kept_and_needs_no_torch(
    engines: dict[str, Engine], bundle: Bundle
) -> None:
    assert engines["openvino"]  # by which it was converted
    command = [sys.executable, "-c", CACHED, str(bundle.path)]
    total, with_torch = subprocess.check_output(command, text=True, env=environment()).split()
    assert float(total) == pytest.approx(64 * 64, rel=1e-4)
    assert with_torch == "False"


def test_a_network_damaged_in_the_cache_is_made_anew(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEOSEG_CACHE", str(tmp_path))
    (tmp_path / "openvino" / openvino.key(bundle)).mkdir(parents=True)
    kept = tmp_path / "openvino" / openvino.key(bundle) / "network.xml"
    kept.write_text("<net")  # as a crash of the system may leave it
    openvino.read_network(bundle)
    assert kept.stat().st_size > 1000
    assert [file.name for file in tmp_path.rglob("*.bin")] == ["network.bin"]


def test_a_network_is_compiled_once_for_the_windows_of_checks(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept gives the same bytes; what is damaged is made anew; another scaling is not kept,
    for scenes of it may be as many as there are scalings.
    """
    monkeypatch.setenv("GEOSEG_CACHE", str(tmp_path))
    pixels = pixels_of(3)

    def scores(scaling: Scaling, brief: bool = True) -> np.ndarray:
        model = openvino.engine(bundle, scaling).load("fp32", ())
        model.prepare(pixels.shape, pixels.dtype, brief)
        return scores_of(model, pixels)

    expected = scores(bundle.card.scaling, brief=False)
    assert not list(tmp_path.rglob("*.blob"))
    np.testing.assert_array_equal(scores(bundle.card.scaling), expected)
    (file,) = tmp_path.rglob("*.blob")
    whole = file.read_bytes()
    made = file.stat().st_mtime_ns
    np.testing.assert_array_equal(scores(bundle.card.scaling), expected)
    assert file.stat().st_mtime_ns == made
    for damaged in (b"", whole[:1000], whole[:-1], whole[:5000] + b"?" + whole[5001:]):
        file.write_bytes(damaged)
        np.testing.assert_array_equal(scores(bundle.card.scaling), expected)
        made = file.stat().st_mtime_ns  # made anew: it differs from the first by a few bytes
        assert file.read_bytes() != damaged
        np.testing.assert_array_equal(scores(bundle.card.scaling), expected)
        assert file.stat().st_mtime_ns == made
    assert not np.array_equal(scores(Scaling(0.5, 7.0)), expected)
    assert [*tmp_path.rglob("*.blob")] == [file]


@pytest.mark.process
def test_importing_openvino_reports_to_nobody() -> None:
    code = "from geoseg.models.openvino import load_openvino\nload_openvino().convert_model\nimport sys, json\n"
    code += "print(sys.modules['openvino_telemetry'])"
    assert (
        subprocess.check_output([sys.executable, "-c", code], text=True, env=environment()).strip()
        == "None"
    )
