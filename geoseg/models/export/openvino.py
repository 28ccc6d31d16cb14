"""A model as OpenVINO reads it: a file of its graph (.xml), and one of its numbers (.bin)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...core.errors import ModelError
from .. import interface_openvino
from ..affine import gain_and_bias
from ..engine import first_line
from ..openvino import compile_for_cpu, load_openvino, read_network, traced
from .plan import Compute, Plan

if TYPE_CHECKING:
    import openvino


def write(plan: Plan, target: Path) -> Compute:
    """Write a model for OpenVINO.

    Parameters
    ----------
    plan
        What it is to be.
    target
        The file of the graph, which holds its card; the numbers lie beside it.

    Returns
    -------
    Compute
        The files, in OpenVINO on the processor.

    Raises
    ------
    ModelError
        If it cannot be converted. EngineError, if OpenVINO is not installed.
    """
    ov = load_openvino()
    model = _around(plan) if plan.bundle.format == "model.onnx" else _converted(plan)
    model.inputs[0].get_tensor().set_names({"pixels"})
    model.outputs[0].get_tensor().set_names({plan.output})
    model.set_rt_info(plan.card_text(), ["geoseg", "card"])
    try:
        ov.save_model(model, target, compress_to_fp16=False)
    except RuntimeError as error:  # which is how it says that the disk is full
        raise OSError(str(error)) from error
    try:
        compiled = compile_for_cpu(ov.Core().read_model(target), "fp32")
    except RuntimeError as error:
        raise ModelError(f"OpenVINO cannot compute what it wrote: {first_line(error)}") from error

    def compute(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        try:
            found: npt.NDArray[np.float32] = compiled(values)[0].copy()
        except RuntimeError as error:
            raise ModelError(f"OpenVINO: {first_line(error)}") from error
        return found

    return compute


def _shape(plan: Plan) -> list[int]:
    sides = [-1, -1] if plan.free else [plan.card.tile] * 2
    return [1 if plan.single else -1, plan.bands, *sides]


def _converted(plan: Plan) -> openvino.Model:
    """Return a network of PyTorch's."""
    model = traced(plan.network, plan.example())
    model.reshape(_shape(plan))
    return model


def _around(plan: Plan) -> openvino.Model:
    """Return an ONNX network with what feeds and reads it, in OpenVINO's operators."""
    ov = load_openvino()
    from openvino import opset13 as ops

    card = plan.bundle.card
    shape = _shape(plan)
    pixels = ops.parameter(shape, ov.Type.f32, "pixels")
    values: Any = pixels
    if plan.wish.scaling == "inside":
        gain, bias = gain_and_bias(card.bands, card.scaling)
        values = ops.add(ops.multiply(pixels, gain), bias)
    else:
        values = ops.multiply(pixels, np.float32(1))  # a node of its own, which joins can replace
    network = read_network(plan.bundle)
    scores = interface_openvino.activate(interface_openvino.join(network, values, card), card)
    return ov.Model([scores], [pixels], card.name)
