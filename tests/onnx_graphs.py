"""Small ONNX networks of random weights, of every shape that published files have."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from bundles import BANDS, COLOURS
from onnx import TensorProto, helper, numpy_helper

from geoseg.core.card import Label, ModelCard, Scaling, write_card
from geoseg.core.interface import Interface
from geoseg.models import Bundle, find_model

SIDE = 64  # pixels of a tile

Length = int | str | None


@dataclass(frozen=True)
class Graph:
    """What a network is to look like."""

    bands: int = 3
    side: Length = "side"
    """Rows and columns of its input; a name is any."""
    batch: Length = "batch"
    scores: int = 4
    hidden: int = 8
    channels_last: bool = False
    input_type: int = TensorProto.FLOAT
    end: str = ""
    """Softmax, Sigmoid or ArgMax; "" for logits."""
    flat: bool = False
    """Whether the output has no axis of classes."""
    valid: bool = False
    """Whether its convolutions cut off a pixel each, two in all, on each side."""
    stride: int = 1
    """Of the last convolution."""
    outputs: int = 1
    smoothed: bool = False
    """Whether it is made smaller with antialias, which OpenVINO leaves out, and larger again."""
    half: bool = False
    """Whether its numbers are of 16 bits."""
    opset: int = 17


def save_graph(path: Path, graph: Graph = Graph(), metadata: dict[str, str] | None = None) -> Path:
    """Write a network of two convolutions; return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(make_graph(graph, metadata), path)
    return path


def make_graph(graph: Graph = Graph(), metadata: dict[str, str] | None = None) -> Any:
    """Return the network as ONNX's message."""
    rng = np.random.default_rng(3)
    nodes: list[Any] = []
    weights: list[Any] = []

    def add(kind: str, inputs: list[str], output: str, **settings: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], **settings))
        return output

    def constant(name: str, values: np.ndarray) -> str:
        weights.append(numpy_helper.from_array(values, name))
        return name

    def convolved(name: str, given: str, into: int, out: int, size: int, stride: int = 1) -> str:
        kind = np.float16 if graph.half else np.float32
        spread = 1.5 / np.sqrt(into * size * size)
        kernel = (rng.standard_normal((out, into, size, size)) * spread).astype(kind)
        bias = (rng.standard_normal(out) * 0.3).astype(kind)
        names = [constant(f"{name}_w", kernel), constant(f"{name}_b", bias)]
        if graph.half:
            names = [add("Cast", [each], f"{each}_32", to=TensorProto.FLOAT) for each in names]
        pad = 0 if graph.valid else size // 2
        return add("Conv", [given, *names], name, pads=[pad] * 4, strides=[stride] * 2)

    x = "pixels"
    if graph.input_type != TensorProto.FLOAT:
        x = add("Cast", [x], "as_float", to=TensorProto.FLOAT)
        if graph.input_type == TensorProto.UINT8:
            x = add("Div", [x, constant("full", np.float32(255))], "of_one")
    if graph.channels_last:
        x = add("Transpose", [x], "channels_first", perm=[0, 3, 1, 2])
    if graph.smoothed:
        for name, factor in (("small", 0.25), ("large", 4.0)):
            size = constant(f"{name}_factor", np.array([1, 1, factor, factor], np.float32))
            settings = {"mode": "linear", "antialias": int(factor < 1)}
            x = add("Resize", [x, "", size], name, **settings)
    hidden = add("Relu", [convolved("first", x, graph.bands, graph.hidden, 3)], "hidden")
    outputs = []
    for i in range(graph.outputs):
        given = convolved(f"last{i}", hidden, graph.hidden, graph.scores, 3, graph.stride)
        if graph.end in ("Softmax", "Sigmoid"):
            settings = {"axis": 1} if graph.end == "Softmax" else {}
            given = add(graph.end, [given], f"end{i}", **settings)
        if graph.end == "ArgMax":
            given = add("ArgMax", [given], f"end{i}", axis=1, keepdims=int(not graph.flat))
        elif graph.flat:
            axes = constant(f"axes{i}", np.array([1]))
            given = add("Squeeze", [given, axes], f"flat{i}")
        elif graph.channels_last:
            given = add("Transpose", [given], f"last_axis{i}", perm=[0, 2, 3, 1])
        outputs.append(add("Identity", [given], f"scores{i}"))
    shape = [graph.batch, graph.bands, graph.side, graph.side]
    if graph.channels_last:
        shape = [shape[0], *shape[2:], shape[1]]
    kind = TensorProto.INT64 if graph.end == "ArgMax" else TensorProto.FLOAT
    free = [None] * (3 if graph.flat else 4)
    made = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("pixels", graph.input_type, shape)],
        [helper.make_tensor_value_info(name, kind, free) for name in outputs],
        weights,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", graph.opset)])
    model.ir_version = 8
    model = onnx.shape_inference.infer_shapes(model)
    for key, value in (metadata or {}).items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    return model


def make_foreign(folder: Path, graph: Graph, interface: Interface) -> Bundle:
    """Write a bundle for uint8 scenes at 0.5 to 2 m, whose network is this one."""
    save_graph(folder / "model.onnx", graph)
    count = 2 if interface.one_score else graph.scores
    bands = BANDS
    if interface.input_type == "uint8":
        bands = tuple(replace(band, mean=0.0, std=1.0) for band in bands)
    card = ModelCard(
        name="foreign",
        description="Random weights",
        architecture="two convolutions",
        hyperparameters={},
        sensor="any",
        bands=bands,
        unit="digital number",
        scaling=Scaling(),
        dtypes=("uint8",),
        labels=tuple(Label(i, f"class {i}", COLOURS[i]) for i in range(count)),
        gsd=1.0,
        gsd_range=(0.5, 2.0),
        tile=SIDE,
        overlap=16,
        stride=SIDE if isinstance(graph.side, int) else graph.stride,
        fixed_tile=isinstance(graph.side, int),
        interface=interface,
        activation="none" if interface.result == "numbers" else "softmax",
    )
    write_card(card, folder / "card.json")
    return find_model(str(folder))


def make_onnx_bundle(folder: Path, labels: int = 5) -> Path:
    """Write a bundle of more than 100 kB; return its folder."""
    return make_foreign(folder, Graph(scores=labels, hidden=512), Interface()).path
