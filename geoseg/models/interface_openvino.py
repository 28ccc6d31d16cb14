"""What stands before and behind a network, in OpenVINO's operators; `interface_torch` is the same
in PyTorch's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..core.card import ModelCard
from ..core.errors import ModelError
from ..core.interface import Interface
from .affine import limits, threshold_shift
from .engine import EngineError

if TYPE_CHECKING:
    import openvino

LEAST = 1e-30  # of a probability, so that it has a logarithm


def join(network: openvino.Model, values: Any, card: ModelCard) -> Any:
    """Feed a network, and return what it gives, in geoseg's own axes.

    Parameters
    ----------
    network
        It is changed in place.
    values
        The node of the normalised pixels, float32 [n, band, row, column].
    card
        Of the model.

    Returns
    -------
    openvino.Node
        float32 [n, label, row, column] of the same rows and columns: logits, or for a foreign
        network what its interface says, class indices as 0 and 1.

    Raises
    ------
    ModelError
        If the network takes no such pixels, or its output is not what the card says.
    """
    if card.interface is None:
        network.inputs[0].replace(values.output(0))
        return network.outputs[0].get_node().input_value(0)
    fed = _fed(values, card, card.interface)
    taken = network.inputs[0]
    if not taken.get_partial_shape().compatible(fed.output(0).get_partial_shape()):
        raise ModelError(
            f"{card.name} takes tiles of shape {taken.get_partial_shape()}",
            do=f"leave --tile out, or give --tile {card.tile}",
        )
    name = card.interface.output
    several = name and len(network.outputs) > 1
    result = network.output(name) if several else network.outputs[0]
    try:
        network.reshape({taken.get_any_name(): fed.output(0).get_partial_shape()})
    except RuntimeError as error:
        raise EngineError(f"OpenVINO cannot compute {card.name} in tiles of this size") from error
    taken.replace(fed.output(0))
    return _read(result.get_node().input_value(0), card, card.interface, values)


def _fed(values: Any, card: ModelCard, interface: Interface) -> Any:
    from openvino import opset13 as ops

    if ends := limits(card):
        values = ops.minimum(ops.maximum(values, ends[0]), ends[1])
    if margin := interface.margin:
        beside = np.array([0, 0, margin, margin], np.int64)
        values = ops.pad(values, beside, beside, "reflect")
    if interface.input_type != "float32":
        kind = np.dtype(interface.input_type)
        if kind.kind in "iu":
            whole = np.iinfo(kind)
            values = ops.round(values, "half_to_even")
            values = ops.clamp(values, float(whole.min), float(whole.max))
        values = ops.convert(
            values, {"float16": "f16", "float64": "f64"}.get(kind.name, _short(kind))
        )
    if interface.input_axes == "NHWC":
        values = ops.transpose(values, np.array([0, 2, 3, 1], np.int64))
    return values


def _short(kind: np.dtype[Any]) -> str:
    return f"{kind.kind}{8 * kind.itemsize}"


def _read(given: Any, card: ModelCard, interface: Interface, values: Any) -> Any:
    from openvino import opset13 as ops

    rank = given.get_partial_shape().rank
    if rank.is_dynamic or rank.get_length() != len(interface.output_axes):
        raise ModelError(
            f"{card.name} gives {given.get_partial_shape()}",
            f"an output of the axes {interface.output_axes}",
        )
    if interface.output_axes == "NHWC":
        given = ops.transpose(given, np.array([0, 3, 1, 2], np.int64)).output(0)
    elif interface.output_axes == "NHW":
        given = ops.unsqueeze(given, np.int64(1)).output(0)
    if interface.result == "classes":
        given = _one_hot(given, len(card.labels))
    given = ops.convert(given, "f32")
    if interface.output_stride > 1:
        given = _enlarged(given, card, interface, values)
    return given


def _one_hot(given: Any, count: int) -> Any:
    """Return 1 in the place of each index and 0 elsewhere; no number for one that is no class."""
    from openvino import opset13 as ops

    whole = ops.convert(ops.squeeze(given, np.int64(1)), "i64")
    hot = ops.one_hot(whole, np.int64(count), np.float32(1), np.float32(0), 1)
    return ops.divide(hot, ops.reduce_sum(hot, np.int64(1), keep_dims=True)).output(0)


def _enlarged(given: Any, card: ModelCard, interface: Interface, values: Any) -> Any:
    from openvino import opset13 as ops

    rows, columns = list(values.output(0).get_partial_shape())[2:]
    shape = given.output(0).get_partial_shape()
    stride = interface.output_stride
    if shape[2].is_dynamic or shape[3].is_dynamic:
        raise EngineError(f"OpenVINO cannot tell how large the output of {card.name} is")
    if (shape[2].get_length() * stride, shape[3].get_length() * stride) != (
        rows.get_length(),
        columns.get_length(),
    ):
        raise ModelError(
            f"{card.name} gives {shape} for tiles of {rows} x {columns} px",
            f"a score for every {stride} px, as its card says",
        )
    return ops.interpolate(
        given,
        np.array([rows.get_length(), columns.get_length()], np.int64),
        # votes of classes are not mixed
        mode="nearest" if interface.result == "classes" else "linear_onnx",
        shape_calculation_mode="sizes",
        axes=np.array([2, 3], np.int64),
        coordinate_transformation_mode="half_pixel",
        nearest_mode="round_prefer_floor",
    )


def activate(given: Any, card: ModelCard) -> Any:
    """Return the scores of what a network gives.

    Parameters
    ----------
    given
        As `join` returns it.
    card
        Its temperature, its activation, and what its interface says of the output.

    Returns
    -------
    openvino.Node
        float32 [n, label, row, column], 0 to 1; behind the labels the depth, where the card has
        one.
    """
    from openvino import opset13 as ops

    if card.depth is not None:
        lengths = np.array([len(card.labels), 1], np.int64)
        logits, depth = ops.variadic_split(given, np.int64(1), lengths).outputs()
        scores = activate(logits, replace(card, depth=None))
        return ops.concat([scores, ops.sigmoid(depth)], 1)
    interface = card.interface or Interface()
    if interface.result == "classes":
        return given
    if interface.result == "numbers":
        return ops.multiply(given, np.float32(interface.output_scale))
    single = interface.one_score
    if interface.result == "probabilities":
        if card.temperature == 1 and not (single and interface.threshold != 0.5):
            return _with_rest(given) if single else given
        sure = ops.clamp(given, LEAST, 1.0)
        given = ops.log(sure)
        if single or card.activation == "sigmoid":
            rest = ops.clamp(ops.subtract(np.float32(1), sure), LEAST, 1.0)
            given = ops.subtract(given, ops.log(rest))
    if single:
        given = ops.subtract(given, np.float32(threshold_shift(card)))
    cooled = ops.divide(given, np.float32(card.temperature))
    if single:
        return _with_rest(ops.sigmoid(cooled))
    return ops.sigmoid(cooled) if card.activation == "sigmoid" else ops.softmax(cooled, 1)


def _with_rest(score: Any) -> Any:
    from openvino import opset13 as ops

    return ops.concat([ops.subtract(np.float32(1), score), score], 1)


def checked(
    scores: npt.NDArray[np.float32], card: ModelCard, shape: tuple[int, ...]
) -> npt.NDArray[np.float32]:
    """Return scores if they are of the labels and pixels that were asked for.

    Parameters
    ----------
    scores
        [n, plane, row, column].
    card
        Of the model.
    shape
        Of the pixels, [n, band, row, column].

    Returns
    -------
    npt.NDArray[np.float32]
        The same.

    Raises
    ------
    ModelError
        If they are others.
    """
    expected = (shape[0], card.planes, *shape[2:])
    if scores.shape != expected:
        raise ModelError(
            f"{card.name} gives scores of shape {scores.shape}",
            f"{expected}, by its card",
            "see to classes, margin and stride of the card",
        )
    return scores
