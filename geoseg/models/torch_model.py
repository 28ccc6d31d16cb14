"""Models computed by PyTorch, on a processor or on a GPU."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ..allocator import keep_memory
from ..blend import Array, Bytes, to_uint8
from ..card import Scaling
from ..errors import InputError
from . import Bundle
from .activate import Activate
from .engine import Engine, Patches
from .hardware import cores, has_bf16
from .normalise import Normalise

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
TENSOR_CORES = (7, 0)  # the compute capability from which a GPU is faster in float16 than in float32


def engine(bundle: Bundle, network: torch.nn.Module, scaling: Scaling, device: torch.device) -> Engine:
    """Return the network on the device."""
    card = bundle.card
    keep_memory()
    if torch.get_num_threads() > cores():  # more than a container's quota only get in each other's way
        torch.set_num_threads(cores())

    def load(precision: str, _: Patches) -> TorchModel:
        ready = network if precision == "fp32" else deepcopy(network)
        return TorchModel(ready, Normalise(card.bands, scaling), Activate(card.temperature), device, precision)

    able = ("fp32", "bf16", "fp16") if device.type == "cuda" else ("fp32", "bf16")
    return Engine("torch", able, _fast(device), load)


def _fast(device: torch.device) -> tuple[str, ...]:
    if device.type == "cpu":
        return ("bf16",) if has_bf16() else ()
    if torch.cuda.is_bf16_supported(including_emulation=False):
        return ("bf16", "fp16")
    return ("fp16",) if torch.cuda.get_device_capability(device) >= TENSOR_CORES else ()


def find_device(name: str) -> torch.device:
    """Return the device of that name; auto means a GPU where there is one."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise InputError(f"--device {name}", "auto, cpu, cuda or cuda:1") from error
    if device.type not in ("cpu", "cuda"):
        raise InputError(f"--device {name}", "auto, cpu, cuda or cuda:1")
    if device.type == "cuda" and not (device.index or 0) < torch.cuda.device_count():
        raise InputError(f"--device {name}: {torch.cuda.device_count()} CUDA devices are here", do="use --device cpu")
    return device


class TorchModel:
    """A network on a device, with the scaling of its input and the softmax of its output.

    In reduced precision the network alone computes in it: scaling and softmax stay in float32.
    """

    def __init__(
        self,
        network: torch.nn.Module,
        normalise: Normalise,
        activate: Activate,
        device: torch.device,
        precision: str = "fp32",
    ) -> None:
        self._dtype = DTYPES[precision]
        # channels_last: 1.5 x faster convolutions on processors, the tensor cores' own layout on GPUs
        self._network = network.eval().to(device, self._dtype).to(memory_format=torch.channels_last)
        self._normalise = normalise.to(device)
        self._activate = activate
        self._device = device
        self.device = _describe(device)

    @torch.inference_mode()
    def __call__(self, pixels: npt.NDArray[Any], valid: npt.NDArray[np.bool_]) -> Array:
        """Return probabilities [n, label, row, column]; see infer.Model."""
        try:
            values = self._normalise(self._tensor(pixels), self._tensor(valid))
            logits = self._network(values.to(self._dtype, memory_format=torch.channels_last))
            probabilities: torch.Tensor = self._activate(logits)
            return probabilities.numpy() if self._device.type == "cpu" else probabilities
        except torch.cuda.OutOfMemoryError as error:
            torch.cuda.empty_cache()
            raise MemoryError(str(error)) from error

    def asarray(self, array: npt.NDArray[Any]) -> Array:
        """Return the array in the kind that scores are: as it is, or as a tensor on the device."""
        return array if self._device.type == "cpu" else self._tensor(array)

    def _tensor(self, array: npt.NDArray[Any]) -> torch.Tensor:
        return torch.from_numpy(array).to(self._device)

    def to_uint8(self, array: Array) -> Bytes:
        """Bring whole numbers below 256 back as numpy uint8."""
        return array.to(torch.uint8).cpu().numpy() if isinstance(array, torch.Tensor) else to_uint8(array)


def _describe(device: torch.device) -> str:
    if device.type == "cuda":
        return f"{device} ({torch.cuda.get_device_name(device)})"
    return f"cpu ({torch.get_num_threads()} threads)"
