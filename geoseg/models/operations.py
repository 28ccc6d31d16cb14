"""How much a network computes, counted in its graph."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import openvino


def count_operations(network: openvino.Model) -> int | None:
    """Count the multiplications and additions of a network's convolutions and matrix products.

    Parameters
    ----------
    network
        Of a fixed shape of its input. What follows from constants is put in their place.

    Returns
    -------
    int | None
        Two for each product that is summed up; what else it does is next to nothing. None where
        shapes depend on values.
    """
    from openvino import passes

    folding = passes.Manager()
    folding.register_pass(passes.ConstantFolding())
    folding.run_passes(network)
    total = 0
    for node in network.get_ops():
        count = COUNTED.get(node.get_type_name())
        if count is None:
            continue
        shapes = [node.get_input_partial_shape(i) for i in range(2)]
        shapes.append(node.get_output_partial_shape(0))
        if any(shape.is_dynamic for shape in shapes):
            return None
        first, weights, result = (list(shape.to_shape()) for shape in shapes)
        total += 2 * count(node, first, weights, result)
    return total


Shape = list[int]


def _convolution(_: Any, __: Shape, weights: Shape, result: Shape) -> int:
    return prod(result) * prod(weights[1:])  # [output, input, ...]


def _grouped(_: Any, __: Shape, weights: Shape, result: Shape) -> int:
    return prod(result) * prod(weights[2:])  # [group, output, input, ...]


def _transposed(_: Any, first: Shape, weights: Shape, __: Shape) -> int:
    return prod(first) * prod(weights[1:])  # [input, output, ...]


def _transposed_groups(_: Any, first: Shape, weights: Shape, __: Shape) -> int:
    return prod(first) * prod(weights[2:])  # [group, input, output, ...]


def _product(node: Any, first: Shape, _: Shape, result: Shape) -> int:
    inner = first[-2 if node.get_attributes()["transpose_a"] and len(first) > 1 else -1]
    return prod(result) * inner


# by OpenVINO's name of an operation, the products that it sums up
COUNTED: dict[str, Callable[[Any, Shape, Shape, Shape], int]] = {
    "Convolution": _convolution,
    "GroupConvolution": _grouped,
    "ConvolutionBackpropData": _transposed,
    "GroupConvolutionBackpropData": _transposed_groups,
    "MatMul": _product,
}
