"""From PyTorch to OpenVINO: a network is traced, converted, and compared with itself."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import torch

from ..card import ACTIVATIONS
from .activate import activate
from .engine import EngineError
from .openvino import compile_for_cpu, load_openvino

if TYPE_CHECKING:
    import openvino

CLOSE = 1e-3  # in probability; both compute in float32, and differ in the order of their sums


def convert(network: torch.nn.Module, bands: int, stride: int) -> openvino.Model:
    """Return the network, pixels float32 [n, band, row, column] to logits, for windows of any size.

    EngineError where it cannot be converted, or does not give the same numbers afterwards: it
    is compared on windows of another size than it was traced with.
    """
    model = _traced(network, torch.zeros(1, bands, 4 * stride, 4 * stride))
    model.reshape([-1, bands, -1, -1])
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randn(2, bands, 5 * stride, 3 * stride, generator=generator)
    with torch.inference_mode():
        expected = network(pixels)
    found = torch.from_numpy(compile_for_cpu(model, "fp32")(pixels.numpy())[0])
    if found.shape != expected.shape:
        raise EngineError(f"OpenVINO gives {tuple(found.shape)} scores where PyTorch gives {tuple(expected.shape)}")
    # either may follow: softmax hides what all classes are off by, sigmoid what is far from 0
    apart = max(float((activate(found, a) - activate(expected, a)).abs().max()) for a in ACTIVATIONS)
    if not np.isfinite(apart) or apart > CLOSE:
        raise EngineError(f"OpenVINO's probabilities differ from PyTorch's by up to {apart:.3g}")
    return model


def _traced(network: torch.nn.Module, example: torch.Tensor) -> openvino.Model:
    # not openvino.convert_model, which only wraps this and reports to its makers
    load_openvino()
    from openvino import frontend as errors
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    kinds = (errors.GeneralFailure, errors.NotImplementedFailure, errors.OpConversionFailure,
             errors.OpValidationFailure, RuntimeError, TypeError, ValueError)  # fmt: skip
    try:
        with torch.no_grad(), warnings.catch_warnings():
            # the tracer announces its end, and warns of shapes that look constant: the comparison finds those
            warnings.simplefilter("ignore")
            decoder = TorchScriptPythonDecoder(network, example_input=example)
        frontend = FrontEndManager().load_by_framework("pytorch")
        return frontend.convert(frontend.load(decoder))
    except kinds as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise EngineError(f"OpenVINO cannot convert the network: {reason}") from error
