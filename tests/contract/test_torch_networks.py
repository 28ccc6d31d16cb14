"""TorchScript and torch.export of every shape: each engine gives what the bare network gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from foreign_scores import SCALING, expected_scores
from torch.nn import functional
from torch_networks import SAVERS, SIDE, Shape, digest, make_foreign, make_network, save_program

from geoseg.core.errors import ModelError
from geoseg.core.events import Event
from geoseg.core.interface import Interface
from geoseg.core.options import Options
from geoseg.models import Bundle, openvino, own_engine
from geoseg.models.engine import EngineError
from geoseg.models.trust import forget_unused, trusting
from geoseg.prediction.agreement import find_engine

pytest.importorskip("openvino", reason="pip install 'geoseg[openvino]'")

CASES = {
    "logits": (Shape(), Interface()),
    "probabilities": (Shape(end="softmax"), Interface(result="probabilities")),
    "channels last": (
        Shape(channels_last=True, end="softmax"),
        Interface(input_axes="NHWC", output_axes="NHWC", result="probabilities"),
    ),
    "fixed, one tile at a time": (Shape(fixed=True), Interface(one_by_one=True)),
    "bytes": (Shape(bytes=True), Interface(input_type="uint8")),
    "one sigmoid": (
        Shape(scores=1, end="sigmoid"),
        Interface(one_score=True, result="probabilities", threshold=0.3),
    ),
    "one logit, no axis": (
        Shape(scores=1, flat=True),
        Interface(one_score=True, output_axes="NHW"),
    ),
    "valid convolutions": (Shape(valid=True), Interface(margin=2)),
    "valid convolutions, fixed": (
        Shape(valid=True, fixed=True),
        Interface(margin=2, one_by_one=True),
    ),
    "a quarter": (Shape(stride=4), Interface(output_stride=4)),
    "one of a tuple": (Shape(outputs="tuple"), Interface(output="1")),
    "one of a dictionary": (Shape(outputs="dict"), Interface(output="out")),
    "class indices": (
        Shape(end="argmax", flat=True),
        Interface(result="classes", output_axes="NHW"),
    ),
    "clipped": (Shape(), Interface(clip=((20.0, 200.0), (None, 180.0), (None, None)))),
}


@pytest.fixture(scope="module", autouse=True)
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GEOSEG_MODELS", str(tmp_path_factory.mktemp("models")))
        patch.setenv("GEOSEG_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


# what is done behind the network is done alike for both: programs, which take longer to export, are
# tried where their own graph differs
PROGRAMS = (
    *("logits", "channels last", "fixed, one tile at a time", "bytes", "one logit, no axis"),
    *("valid convolutions", "one of a tuple", "one of a dictionary", "class indices"),
)
TRIED = [("model.pt", case) for case in CASES] + [("model.pt2", case) for case in PROGRAMS]


@pytest.fixture(scope="module", params=TRIED, ids=" ".join)
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Shape, Bundle]]:
    kind, case = request.param
    shape, interface = CASES[case]
    interface = replace(interface, artifact=kind)
    bundle = make_foreign(tmp_path_factory.mktemp("foreign"), shape, interface)
    with trusting(digest(bundle.weights)):
        yield shape, bundle


@pytest.mark.parametrize("name", ["openvino", "torch"])
def test_an_engine_gives_what_the_network_gives(made: tuple[Shape, Bundle], name: str) -> None:
    shape, bundle = made
    if name == "openvino" and shape.outputs == "dict" and bundle.format == "model.pt":
        with pytest.raises(EngineError, match="cannot convert"):  # PyTorch computes such maps
            openvino.engine(bundle, SCALING)
        return
    engine = (
        openvino.engine(bundle, SCALING)
        if name == "openvino"
        else own_engine(bundle, SCALING, "cpu")
    )
    assert engine.name == name
    pixels = np.random.default_rng(1).integers(0, 256, (2, 3, SIDE, SIDE), np.uint8)
    found = engine.load("fp32", ())(pixels, np.ones((2, SIDE, SIDE), bool))
    network = make_network(shape)

    def bare(values: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            given = network(torch.from_numpy(values))
        if shape.outputs:
            given = given[1] if shape.outputs == "tuple" else given["out"]
        return np.asarray(given.numpy())

    expected = expected_scores(bundle.card, pixels, bare)
    assert found.dtype == np.float32
    assert found.shape == expected.shape
    if shape.end == "argmax":  # an index may change where two logits are alike but for rounding
        assert (found == expected).mean() > 0.999
    else:
        np.testing.assert_allclose(found, expected, atol=2e-5)
    assert len(set(found.argmax(1).ravel())) > 1  # or nothing was compared


@pytest.mark.parametrize("kind", SAVERS)
def test_a_free_size_is_free(tmp_path: Path, kind: str) -> None:
    bundle = make_foreign(tmp_path, Shape(), Interface(artifact=kind))
    pixels = np.random.default_rng(1).integers(0, 256, (1, 3, 96, 128), np.uint8)
    valid = np.ones((1, 96, 128), bool)
    with trusting(digest(bundle.weights)):
        one = own_engine(bundle, SCALING, "cpu").load("fp32", ())(pixels, valid)
        other = openvino.engine(bundle, SCALING).load("fp32", ())(pixels, valid)
    np.testing.assert_allclose(one, other, atol=2e-5)


class Coarse(torch.nn.Module):
    """Asks for its size, which a tracer of what was exported takes for a constant."""

    def __init__(self) -> None:
        super().__init__()
        self.network = make_network()

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        small = functional.avg_pool2d(values, 4)
        size = values.shape[2:]
        rest = functional.interpolate(small, size=size, mode="bilinear").reshape(-1, 3, *size)
        return torch.as_tensor(self.network(values + rest))


def test_what_openvino_takes_for_a_constant_is_left_to_pytorch(tmp_path: Path) -> None:
    bundle = make_foreign(tmp_path, Shape(), Interface(artifact="model.pt2"))
    save_program(bundle.weights, network=Coarse().eval())
    said: list[Event] = []
    with trusting(digest(bundle.weights)):
        engine = find_engine(bundle, SCALING, Options.of(device="cpu"), said.append)
        model = engine.load("fp32", ())
        for side in (SIDE, 96):
            pixels = np.random.default_rng(1).integers(0, 256, (1, 3, side, side), np.uint8)
            found = model(pixels, np.ones((1, side, side), bool))
            own = own_engine(bundle, SCALING, "cpu").load("fp32", ())
            expected = own(pixels, np.ones((1, side, side), bool))
            np.testing.assert_allclose(found, expected, atol=2e-5)
    assert engine.name == "torch"
    assert "PyTorch computes the map" in str(said)


@pytest.mark.parametrize("kind", SAVERS)
def test_batches_give_the_same_bytes_however_often(tmp_path: Path, kind: str) -> None:
    """TorchScript's executor would compute the third batch otherwise than the first."""
    bundle = make_foreign(tmp_path, Shape(), Interface(artifact=kind))
    pixels = np.random.default_rng(1).integers(0, 256, (2, 3, SIDE, SIDE), np.uint8)
    with trusting(digest(bundle.weights)):
        model = own_engine(bundle, SCALING, "cpu").load("fp32", ())
    scores = [model(pixels, np.ones((2, SIDE, SIDE), bool)) for _ in range(4)]
    assert all((each == scores[0]).all() for each in scores)


@pytest.mark.parametrize("kind", SAVERS)
@pytest.mark.parametrize("name", ["openvino", "torch", "auto"])
def test_no_engine_loads_what_is_not_trusted_or_has_changed(
    tmp_path: Path, kind: str, name: str
) -> None:
    bundle = make_foreign(tmp_path, Shape(), Interface(artifact=kind))
    known = digest(bundle.weights)
    options = Options.of(engine=name, device="cpu")
    said: list[Event] = []
    with pytest.raises(ModelError, match=f"--trust {known}"):
        find_engine(bundle, SCALING, options, said.append)
    with trusting(known):
        find_engine(bundle, SCALING, options, said.append)
        bundle.weights.write_bytes(bundle.weights.read_bytes() + b"\0")
        with pytest.raises(ModelError, match=f"--trust {digest(bundle.weights)}"):
            find_engine(bundle, SCALING, options, said.append)
        bundle.weights.write_bytes(bundle.weights.read_bytes()[:-1])
        find_engine(bundle, SCALING, options, said.append)
    with pytest.raises(ModelError, match=f"--trust {known}"):  # though it was converted before
        find_engine(bundle, SCALING, options, said.append)
    forget_unused(known)


@pytest.mark.parametrize(
    ("kind", "shape", "interface", "labels"),
    [
        ("model.pt", Shape(), Interface(), 3),
        ("model.pt", Shape(), Interface(output_stride=2), 4),
        ("model.pt", Shape(valid=True), Interface(), 4),
        ("model.pt", Shape(bands=4), Interface(), 4),
        ("model.pt", Shape(outputs="dict"), Interface(), 4),
        ("model.pt", Shape(outputs="tuple"), Interface(output="2"), 4),
        ("model.pt2", Shape(fixed=True, bands=4), Interface(), 4),
        ("model.pt2", Shape(fixed=True, outputs="tuple"), Interface(output="2"), 4),
    ],
)
def test_a_card_that_does_not_fit_is_refused(
    tmp_path: Path, kind: str, shape: Shape, interface: Interface, labels: int
) -> None:
    bundle = make_foreign(tmp_path, shape, replace(interface, artifact=kind))
    other = replace(bundle, card=replace(bundle.card, labels=bundle.card.labels[:labels]))
    pixels = np.zeros((1, 3, SIDE, SIDE), np.uint8)
    valid = np.ones((1, SIDE, SIDE), bool)
    with trusting(digest(bundle.weights)):
        with pytest.raises(ModelError):
            openvino.engine(other, SCALING).load("fp32", ())(pixels, valid)
        with pytest.raises(ModelError):
            own_engine(other, SCALING, "cpu").load("fp32", ())(pixels, valid)
