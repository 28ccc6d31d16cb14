"""Eight-bit networks: weights and activations quantised by NNCF, their ranges taken from the scene itself."""

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
    data, preset = nncf.Dataset(patches, values), nncf.QuantizationPreset.MIXED
    with redirect_stdout(StringIO()):  # it draws bars there, where --events writes JSON
        quantised: openvino.Model = nncf.quantize(network.clone(), data, preset=preset, subset_size=len(patches))
    return quantised
