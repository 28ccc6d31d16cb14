"""Models in PyTorch whose weights lie in a safetensors file: nothing in it is ever executed."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from ..allocator import keep_memory
from ..architectures import build
from ..blend import Array
from ..card import Scaling
from ..errors import InputError, ModelError
from . import Bundle
from .activate import Activate
from .fold import fold_batch_norm
from .normalise import Normalise


def load(bundle: Bundle, scaling: Scaling, device: str) -> TorchModel:
    """Build the card's architecture, fill it with the bundle's weights, and put it on the device."""
    card = bundle.card
    network = build(card.architecture, len(card.bands), len(card.labels), card.hyperparameters)
    try:
        weights = load_file(bundle.weights)
        network.load_state_dict({name: tensor.float() for name, tensor in weights.items()})
    except (SafetensorError, OSError) as error:
        raise ModelError(f"the weights {bundle.weights} cannot be read: {error}", "a safetensors file") from error
    except RuntimeError as error:
        reason = str(error).splitlines()[1:2] or [str(error)]
        raise ModelError(f"the weights of {card.name} do not fit its card: {reason[0].strip()}") from error
    fold_batch_norm(network, len(card.bands), card.stride)
    keep_memory()
    return TorchModel(network, Normalise(card.bands, scaling), Activate(card.temperature), find_device(device))


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
    """A network on a device, with the scaling of its input and the softmax of its output."""

    def __init__(
        self, network: torch.nn.Module, normalise: Normalise, activate: Activate, device: torch.device
    ) -> None:
        # channels_last: 1.5 x faster convolutions on processors, the tensor cores' own layout on GPUs
        self._network = network.eval().to(device).to(memory_format=torch.channels_last)
        self._normalise = normalise.to(device)
        self._activate = activate
        self._device = device
        self.device = _describe(device)

    @torch.inference_mode()
    def __call__(self, pixels: npt.NDArray[Any], valid: npt.NDArray[np.bool_]) -> Array:
        """Return probabilities [n, label, row, column]; see infer.Model."""
        try:
            values = self._normalise(self._tensor(pixels), self._tensor(valid))
            logits = self._network(values.contiguous(memory_format=torch.channels_last))
            probabilities: torch.Tensor = self._activate(logits)
            return probabilities.numpy() if self._device.type == "cpu" else probabilities
        except torch.OutOfMemoryError as error:
            torch.cuda.empty_cache()
            raise MemoryError(str(error)) from error

    def asarray(self, array: npt.NDArray[Any]) -> Array:
        """Return the array in the kind that scores are: as it is, or as a tensor on the device."""
        return array if self._device.type == "cpu" else self._tensor(array)

    def _tensor(self, array: npt.NDArray[Any]) -> torch.Tensor:
        return torch.from_numpy(array).to(self._device)

    def to_uint8(self, array: torch.Tensor) -> npt.NDArray[np.uint8]:
        """Bring whole numbers below 256 back as numpy uint8."""
        return array.to(torch.uint8).cpu().numpy()


def _describe(device: torch.device) -> str:
    if device.type == "cuda":
        return f"{device} ({torch.cuda.get_device_name(device)})"
    return f"cpu ({torch.get_num_threads()} threads)"
