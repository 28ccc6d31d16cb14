"""Eight-bit networks: weights and activations quantised by NNCF, their ranges taken from the scene itself.

The first convolution, which reads reflectances of 10,000 steps, the last, depthwise ones and sums stay in float32: of
landcover-s2 that brings the pixels that keep their class from 97 % to 99.5 %.
"""

from __future__ import annotations

from contextlib import redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..stitch import Patch
from .affine import Factors
from .engine import EngineError, Patches
from .openvino import load_openvino

if TYPE_CHECKING:
    import openvino

SPARED = ["Add", "AvgPool", "GroupConvolution", "Interpolate"]  # little work, and much is lost in them


def quantise(network: openvino.Model, patches: Patches, gain: Factors, bias: Factors) -> openvino.Model:
    """Return the network in int8, calibrated on the patches; EngineError where there are none."""
    if not patches:
        raise EngineError("the scene has no valid pixels to calibrate int8 on")
    load_openvino()
    import nncf

    def values(patch: Patch) -> npt.NDArray[np.float32]:
        scaled = patch.data[None].astype(np.float32) * gain + bias
        return scaled if patch.valid is None else np.where(patch.valid, scaled, np.float32(0))

    nncf.set_log_level("ERROR")
    options = {
        "preset": nncf.QuantizationPreset.MIXED,
        "subset_size": len(patches),
        "ignored_scope": nncf.IgnoredScope(names=_ends(network), types=SPARED, validate=False),
        # without VNNI, a processor's sums of products of eight bits by eight overflow
        "advanced_parameters": nncf.AdvancedQuantizationParameters(overflow_fix=nncf.OverflowFix.ENABLE),
    }
    with redirect_stdout(StringIO()):  # it draws bars there, where --events writes JSON
        quantised: openvino.Model = nncf.quantize(network.clone(), nncf.Dataset(patches, values), **options)
    return quantised


def _ends(network: openvino.Model) -> list[str]:
    """Return the names of the first and the last convolution."""
    convolutions = [node for node in network.get_ordered_ops() if node.get_type_name() == "Convolution"]
    return [node.get_friendly_name() for node in (convolutions[0], convolutions[-1])] if convolutions else []
