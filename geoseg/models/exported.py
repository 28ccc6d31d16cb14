"""Programs of torch.export (.pt2), loaded only if the user trusts them: reading one runs its words.

What torch.export.load does with pickles: parameters are bytes, unusual tensors and example inputs
are pickled, and what PyTorch's careful unpickler does not take is given to the one that runs
anything. `archive.check_archive` refuses those before.
"""

from __future__ import annotations

import io
import logging
import warnings
from pathlib import Path
from typing import Any

import torch

from ..core.card import Scaling
from ..core.errors import ModelError
from . import Bundle, torch_model
from .archive import EXPORTED, check_archive
from .engine import Engine, EngineError
from .held import FAULTS, Held, last_line
from .interface_torch import Adapted
from .trust import read_trusted


def engine(bundle: Bundle, scaling: Scaling, device: str) -> Engine:
    """Return the bundle's network in PyTorch.

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
        For fp32, which means what the program itself computes in.

    Raises
    ------
    InputError
        If there is no such device.
    ModelError
        If the file is not trusted, or cannot be read.
    """
    found = torch_model.find_device(device)
    network = Adapted(_held(bundle, found), bundle.card)
    return torch_model.foreign_engine("torch", bundle, network, scaling, found, ("fp32",))


def build_network(bundle: Bundle) -> torch.nn.Module:
    """Return the network as it is in the file.

    Parameters
    ----------
    bundle
        The model.

    Returns
    -------
    torch.nn.Module
        On the processor: what its input takes to what its output gives.

    Raises
    ------
    ModelError
        If the file is not trusted, or cannot be read.
    """
    return _held(bundle, torch.device("cpu"))


def load(path: Path) -> Any:
    """Load a file that the user trusts.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    torch.export.ExportedProgram
        On the device that it was exported for.

    Raises
    ------
    ModelError
        If it is not trusted, cannot be read, or was exported while it was trained.
    """
    data = read_trusted(path)
    check_archive(data, path, EXPORTED)
    noisy = logging.getLogger("torch.export")
    level = noisy.level
    noisy.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of files of older versions, which it reads
            program = torch.export.load(io.BytesIO(data))
    except FAULTS as error:
        raise ModelError(
            f"{path} cannot be read as a program of torch.export: {last_line(error)}",
            do="it is meant for the version that wrote it: export it anew with this one, "
            f"{torch.__version__}",
        ) from error
    finally:
        noisy.setLevel(level)
    if layer := _trained_layer(program):
        raise ModelError(
            f"{path} was exported while it was trained: its {layer} would make of each tile "
            "another one's statistics",
            "a network that was exported after network.eval()",
        )
    return program


def on_device(program: Any, device: torch.device) -> torch.nn.Module:
    """Return the network of a program.

    Parameters
    ----------
    program
        As `load` returns it.
    device
        Where it is to compute.

    Returns
    -------
    torch.nn.Module
        What takes the input and gives the outputs.

    Raises
    ------
    EngineError
        If this PyTorch cannot move a program.
    """
    if {str(tensor.device) for tensor in program.state_dict.values()} != {str(device)}:
        try:
            from torch.export.passes import move_to_device_pass
        except ImportError as error:
            raise EngineError(
                f"PyTorch {torch.__version__} moves no program to {device}",
                "PyTorch 2.6 or newer",
                "use --device cpu",
            ) from error
        program = move_to_device_pass(program, str(device))
    network: torch.nn.Module = program.module()
    return network


def _held(bundle: Bundle, device: torch.device) -> Held:
    output = bundle.card.interface.output if bundle.card.interface else ""
    return Held(on_device(load(bundle.weights), device), output, bundle.card.name)


def _trained_layer(program: Any) -> str:
    """Return the kind of a layer that computes as in training, or ""."""
    for node in program.graph.nodes:
        kind = str(node.target)
        flags = {"aten.batch_norm.default": 5, "aten.dropout.default": 2}
        at = flags.get(kind)
        if at is not None and len(node.args) > at and node.args[at] is True:
            return kind.split(".")[1]
        if kind.startswith("aten._native_batch_norm_legit") and True in node.args:
            return "batch_norm"
    return ""
