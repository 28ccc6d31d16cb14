"""How much memory a network takes while it computes, told from its graph alone: the same on every
machine.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import openvino

# what OpenVINO computes in place where nobody else wants the input: an upper bound only where it
# fuses less than that
IN_PLACE = {
    "Add",
    "Clamp",
    "Convert",
    "Divide",
    "Elu",
    "Exp",
    "Gelu",
    "HSigmoid",
    "HSwish",
    "HardSigmoid",
    "Mish",
    "Multiply",
    "PRelu",
    "Relu",
    "Reshape",
    "Select",
    "Sigmoid",
    "SoftMax",
    "SoftPlus",
    "Squeeze",
    "Subtract",
    "Swish",
    "Tanh",
    "Unsqueeze",
}


def live_bytes(network: openvino.Model) -> int:
    """Return how many bytes the tensors hold that are alive at a time, at most.

    A tensor lives from the operation that makes it to the last one that takes it, in the order in
    which the graph is computed.

    Parameters
    ----------
    network
        Of fixed shapes. Constants, and what follows from them alone, are not counted.

    Returns
    -------
    int
        Bytes; what is of no fixed shape counts nothing.
    """
    order = network.get_ordered_ops()
    last = {_key(value): i for i, node in enumerate(order) for value in node.input_values()}
    constant: set[tuple[str, int]] = set()
    buffers: list[list[int]] = []  # bytes, first and last operation
    held_in: dict[tuple[str, int], list[int]] = {}
    for i, node in enumerate(order):
        given = [_key(value) for value in node.input_values()]
        made = node.outputs()
        kind = node.get_type_name()
        if kind == "Constant" or (given and constant.issuperset(given)):
            constant.update(map(_key, made))
            continue
        for output in made:
            size = _size(output)
            until = last.get(_key(output), i)
            taken = [held_in[key] for key in given if key in held_in] if kind in IN_PLACE else []
            reused = next((one for one in taken if one[0] == size and one[2] <= i), None)
            if reused is None:
                reused = [size, i, until]
                buffers.append(reused)
            reused[2] = max(reused[2], until)
            held_in[_key(output)] = reused
    change = [0] * (len(order) + 1)
    for size, first, until in buffers:
        change[first] += size
        change[until + 1] -= size
    return max(accumulate(change))


def _key(value: Any) -> tuple[str, int]:
    return value.get_node().get_friendly_name(), value.get_index()


def _size(output: Any) -> int:
    shape = output.get_partial_shape()
    if shape.is_dynamic:
        return 0
    size = int(output.get_element_type().size)
    for length in shape.to_shape():
        size *= int(length)
    return size
