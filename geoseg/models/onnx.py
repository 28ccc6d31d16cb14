"""ONNX networks computed by ONNX Runtime; on processors OpenVINO computes them unless asked."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from ..core.card import ModelCard, Scaling
from ..core.errors import ModelError
from ..core.machine import cores
from . import Bundle, torch_model
from .engine import Engine, EngineError, first_line
from .interface_torch import Adapted
from .onnx_file import check_fits, one_input, read_onnx


def load_onnxruntime() -> Any:
    """Import the package onnxruntime.

    Returns
    -------
    Any
        The module.

    Raises
    ------
    EngineError
        If it is not installed.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise EngineError(
            f"ONNX Runtime cannot be imported: {error}",
            do="install it with: pip install 'geoseg[onnx]'; on a GPU, pip install onnxruntime-gpu",
        ) from error
    return onnxruntime


def engine(bundle: Bundle, scaling: Scaling, device: str) -> Engine:
    """Return the bundle's network in ONNX Runtime.

    Parameters
    ----------
    bundle
        The model.
    scaling
        From digital numbers to the card's unit.
    device
        auto, cpu, cuda, or cuda:1.

    Returns
    -------
    Engine
        For fp32, which means what the file itself computes in.

    Raises
    ------
    EngineError
        If ONNX Runtime is not installed, or not for this device, or cannot compute this network.
    InputError
        If there is no such device.
    ModelError
        If the file cannot be read, or does not fit the card.
    """
    found = torch_model.find_device(device)
    graph = read_onnx(bundle.weights)
    check_fits(graph, bundle.card)
    network = Adapted(Session(bundle, one_input(graph).name, found), bundle.card)
    return torch_model.foreign_engine("onnxruntime", bundle, network, scaling, found, ("fp32",))


class Session(torch.nn.Module):
    """A session of ONNX Runtime as a layer: a tensor in, a tensor out, on one device.

    Parameters
    ----------
    bundle
        The model; its file was checked.
    taken
        The name of the input.
    device
        Where it computes.
    """

    def __init__(self, bundle: Bundle, taken: str, device: torch.device) -> None:
        super().__init__()
        self._taken = taken
        self._card: ModelCard = bundle.card
        self._session = _start(bundle, device)
        name = bundle.card.interface.output if bundle.card.interface else ""
        self._given = name or self._session.get_outputs()[0].name

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Return what the network gives.

        Parameters
        ----------
        values
            Of the type and axes that its input has.

        Returns
        -------
        torch.Tensor
            Of the axes that its output has, on the same device.

        Raises
        ------
        ModelError
            If it cannot compute values of this shape. MemoryError, if they do not fit the device.
        """
        given = values.contiguous()
        try:
            if given.device.type == "cpu":
                (found,) = self._session.run([self._given], {self._taken: given.numpy()})
                return torch.from_numpy(found)
            return self._on_device(given)
        except Exception as error:
            if type(error).__module__.startswith("onnxruntime"):
                raise _refusal(self._card, error) from error
            raise

    def _on_device(self, given: torch.Tensor) -> torch.Tensor:
        """Compute without a way over the processor's memory."""
        torch.cuda.current_stream(given.device).synchronize()
        binding = self._session.io_binding()
        kind = np.dtype(str(given.dtype).removeprefix("torch."))
        index = given.device.index or 0
        binding.bind_input(self._taken, "cuda", index, kind, tuple(given.shape), given.data_ptr())
        binding.bind_output(self._given, "cuda", index)
        self._session.run_with_iobinding(binding)
        binding.synchronize_outputs()
        (found,) = binding.get_outputs()
        # copied: the runtime's own memory goes with the binding
        shared: torch.Tensor = torch.utils.dlpack.from_dlpack(found._ortvalue.to_dlpack())
        return shared.clone()


def _start(bundle: Bundle, device: torch.device) -> Any:
    runtime = load_onnxruntime()
    settings = runtime.SessionOptions()
    settings.intra_op_num_threads = cores()
    settings.log_severity_level = 4  # it writes to the terminal what is raised as well
    if device.type == "cuda":
        if "CUDAExecutionProvider" not in runtime.get_available_providers():
            raise EngineError(
                "ONNX Runtime is installed without CUDA",
                do="pip install onnxruntime-gpu, or use --device cpu",
            )
        # TF32 keeps 10 of the 23 bits: fp32 means it
        gpu = {"device_id": device.index or 0, "use_tf32": 0}
        providers: list[Any] = [("CUDAExecutionProvider", gpu), "CPUExecutionProvider"]
    else:
        providers = ["CPUExecutionProvider"]
    try:
        return runtime.InferenceSession(str(bundle.weights), settings, providers=providers)
    except Exception as error:
        if type(error).__module__.startswith("onnxruntime"):
            raise EngineError(
                f"ONNX Runtime cannot read the network: {first_line(error)}"
            ) from error
        raise


def _refusal(card: ModelCard, error: Exception) -> Exception:
    text = first_line(error)
    if "allocate" in text.lower():
        return MemoryError(text)
    return ModelError(
        f"ONNX Runtime cannot compute {card.name}: {text}",
        do=f"leave --tile out, or give --tile {card.tile}",
    )
