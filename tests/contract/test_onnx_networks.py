"""ONNX networks of every shape: each engine gives what the file gives in its own runtime."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from foreign_scores import SCALING, Run, expected_scores

from geoseg.core.errors import InputError, ModelError
from geoseg.core.events import Event
from geoseg.core.interface import Interface
from geoseg.core.job import SCORE_MAPS, Job
from geoseg.core.options import Options
from geoseg.models import Bundle, openvino, own_engine
from geoseg.models.engine import EngineError
from geoseg.models.ensemble import combine
from geoseg.prediction.agreement import find_engine
from geoseg.prediction.score_maps import check_scores

onnx = pytest.importorskip("onnx", reason="onnx is not installed: pip install 'geoseg[onnx]'")
onnxruntime = pytest.importorskip("onnxruntime", reason="pip install 'geoseg[onnx]'")
pytest.importorskip("openvino", reason="pip install 'geoseg[onnx]'")
from onnx_graphs import SIDE, Graph, make_foreign  # noqa: E402

CASES = {
    "logits": (Graph(), Interface()),
    "probabilities": (Graph(end="Softmax"), Interface(result="probabilities")),
    "channels last": (
        Graph(channels_last=True, side=SIDE, end="Softmax"),
        Interface(input_axes="NHWC", output_axes="NHWC", result="probabilities"),
    ),
    "fixed, one tile at a time": (Graph(side=SIDE, batch=1), Interface(one_by_one=True)),
    "bytes": (Graph(input_type=2), Interface(input_type="uint8")),
    "half": (Graph(half=True), Interface()),
    "one sigmoid": (
        Graph(scores=1, end="Sigmoid"),
        Interface(one_score=True, result="probabilities", threshold=0.3),
    ),
    "one logit, no axis": (
        Graph(scores=1, flat=True),
        Interface(one_score=True, output_axes="NHW"),
    ),
    "valid convolutions": (Graph(valid=True), Interface(margin=2)),
    "valid convolutions, fixed": (
        Graph(valid=True, side=SIDE + 4, batch=1),
        Interface(margin=2, one_by_one=True),
    ),
    "a quarter": (Graph(stride=4), Interface(output_stride=4)),
    "one of two outputs": (Graph(outputs=2), Interface(output="scores1")),
    "class indices": (
        Graph(end="ArgMax", flat=True),
        Interface(result="classes", output_axes="NHW"),
    ),
    "numbers": (Graph(scores=2), Interface(result="numbers", output_scale=-20.0)),
    "one number, no axis, at a stride": (
        Graph(scores=1, flat=True, stride=4),
        Interface(result="numbers", output_axes="NHW", output_stride=4),
    ),
    "clipped": (Graph(), Interface(clip=((20.0, 200.0), (None, 180.0), (None, None)))),
}


def bare(bundle: Bundle) -> Run:
    """The file in ONNX Runtime."""
    session = onnxruntime.InferenceSession(str(bundle.weights), providers=["CPUExecutionProvider"])
    interface = bundle.card.interface
    assert interface
    name = interface.output or session.get_outputs()[0].name
    return lambda values: np.asarray(session.run([name], {"pixels": values})[0])


@pytest.fixture(scope="module", params=CASES)
def bundle(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return make_foreign(tmp_path_factory.mktemp("foreign"), *CASES[request.param])


@pytest.mark.parametrize("name", ["openvino", "onnxruntime"])
def test_an_engine_gives_what_the_file_gives(bundle: Bundle, name: str) -> None:
    engine = (
        openvino.engine(bundle, SCALING)
        if name == "openvino"
        else own_engine(bundle, SCALING, "cpu")
    )
    assert engine.name == name
    pixels = np.random.default_rng(1).integers(0, 256, (2, 3, SIDE, SIDE), np.uint8)
    found = engine.load("fp32", ())(pixels, np.ones((2, SIDE, SIDE), bool))
    expected = expected_scores(bundle.card, pixels, bare(bundle))
    assert found.dtype == np.float32
    assert found.shape == expected.shape
    classes = bundle.card.interface.result == "classes"  # type: ignore[union-attr]
    # an index may change where two logits are alike but for rounding
    if classes:
        assert (found == expected).mean() > 0.999
    else:
        unit = max(1.0, float(np.abs(expected).max()))
        np.testing.assert_allclose(found, expected, atol=2e-5 * unit)
    assert found.std() > 0.01  # or nothing was compared
    assert len(set(found.argmax(1).ravel())) > 1 or found.shape[1] == 1


def test_a_network_that_openvino_computes_otherwise_is_left_to_its_own_runtime(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Dynamic World, whose map would be another one on a tenth of the pixels."""
    monkeypatch.setenv("GEOSEG_CACHE", str(tmp_path / "cache"))
    graph = Graph(smoothed=True, opset=18)
    bundle = make_foreign(tmp_path / "model", graph, Interface())
    with pytest.raises(EngineError, match="differ from the network's own runtime's"):
        openvino.engine(bundle, SCALING)
    said: list[Event] = []
    found = find_engine(bundle, SCALING, Options(), said.append)
    assert found.name == "onnxruntime"
    assert "ONNX Runtime computes the map" in str(said)
    other = make_foreign(tmp_path / "other", Graph(), Interface())
    assert find_engine(other, SCALING, Options(), said.append).name == "openvino"
    assert list((tmp_path / "cache" / "openvino").glob("*-agrees"))


def test_an_index_that_is_no_class_is_no_score(tmp_path: Path) -> None:
    graph = Graph(end="ArgMax", flat=True)
    bundle = make_foreign(tmp_path, graph, Interface(result="classes", output_axes="NHW"))
    fewer = replace(bundle, card=replace(bundle.card, labels=bundle.card.labels[:2]))
    pixels = np.random.default_rng(1).integers(0, 256, (1, 3, SIDE, SIDE), np.uint8)
    for engine in (openvino.engine(fewer, SCALING), own_engine(fewer, SCALING, "cpu")):
        scores = engine.load("fp32", ())(pixels, np.ones((1, SIDE, SIDE), bool))
        assert np.isnan(scores).any()


@pytest.mark.parametrize("name", SCORE_MAPS)
def test_of_indices_of_classes_no_scores_are_written(tmp_path: Path, name: str) -> None:
    graph = Graph(end="ArgMax", flat=True)
    votes = make_foreign(tmp_path / "votes", graph, Interface(result="classes", output_axes="NHW"))
    other = make_foreign(tmp_path / "other", Graph(), Interface())
    options = Options.of(calibration="c.json") if name == "sets" else Options()
    job = Job(("a.tif",), classes="b.tif", options=options, **{name: "c.tif"})
    check_scores(job, other)
    for bundle in (votes, combine([other, votes], Options())):
        with pytest.raises(InputError, match=f"--{name} with foreign, whose network gives classes"):
            check_scores(job, bundle)
    check_scores(Job(("a.tif",), classes="b.tif", confidence="c.tif"), votes)


@pytest.mark.parametrize(
    ("graph", "interface", "labels"),
    [
        (Graph(), Interface(), 3),
        (Graph(), Interface(margin=2), 4),
        (Graph(), Interface(output_stride=2), 4),
        (Graph(valid=True), Interface(), 4),
        (Graph(bands=4), Interface(), 4),
        (Graph(side=96), Interface(), 4),
        (Graph(outputs=2), Interface(), 4),
        (Graph(), Interface(output="others"), 4),
    ],
)
def test_a_card_that_does_not_fit_is_refused(
    tmp_path: Path, graph: Graph, interface: Interface, labels: int
) -> None:
    bundle = make_foreign(tmp_path, graph, interface)
    card = replace(bundle.card, labels=bundle.card.labels[:labels], tile=SIDE)
    other = replace(bundle, card=card)
    pixels = np.zeros((1, 3, SIDE, SIDE), np.uint8)
    valid = np.ones((1, SIDE, SIDE), bool)
    with pytest.raises(ModelError):
        openvino.engine(other, SCALING).load("fp32", ())(pixels, valid)
    with pytest.raises(ModelError):
        own_engine(other, SCALING, "cpu").load("fp32", ())(pixels, valid)
