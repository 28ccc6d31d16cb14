"""TorchScript files: code and numbers of a network in one, loaded only if the user trusts them."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import torch
from torch.jit import is_tracing, optimized_execution  # type: ignore[attr-defined]

from ..core.card import Scaling
from ..core.errors import ModelError
from . import Bundle, torch_model
from .archive import TORCHSCRIPT, check_archive
from .engine import Engine
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
        For fp32, which means what the file itself computes in.

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


def load(path: Path, device: torch.device) -> torch.nn.Module:
    """Load a file that the user trusts.

    Parameters
    ----------
    path
        The file.
    device
        Where its numbers go.

    Returns
    -------
    torch.nn.Module
        In evaluation mode.

    Raises
    ------
    ModelError
        If it is not trusted, or cannot be read.
    """
    data = read_trusted(path)
    check_archive(data, path, TORCHSCRIPT)
    try:
        with warnings.catch_warnings():
            # newer versions of PyTorch advise whoever writes such files
            warnings.simplefilter("ignore", FutureWarning)
            warnings.simplefilter("ignore", DeprecationWarning)
            load_script: Callable[..., torch.nn.Module] = torch.jit.load
            module = load_script(io.BytesIO(data), map_location=device)
        return module.eval()
    except FAULTS as error:
        raise ModelError(
            f"{path} cannot be read as TorchScript: {last_line(error)}",
            do="if it was saved by a newer PyTorch, update yours",
        ) from error


def _held(bundle: Bundle, device: torch.device) -> Held:
    output = bundle.card.interface.output if bundle.card.interface else ""
    return Scripted(load(bundle.weights, device), output, bundle.card.name)


def as_written() -> AbstractContextManager[None]:
    """Let TorchScript compute as its code stands.

    Its executor would watch the first batches and compute later ones otherwise: the same pixels
    would get other scores.

    Returns
    -------
    AbstractContextManager
        For as long as it is entered.
    """
    plain: AbstractContextManager[None] = optimized_execution(False)
    return plain


class Scripted(Held):
    """A network of TorchScript, computed as its code stands."""

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Return what the network gives; see `Held`.

        Parameters
        ----------
        values
            Of the type and axes that its input has.

        Returns
        -------
        torch.Tensor
            Of the axes that its output has.
        """
        if is_tracing():  # type: ignore[no-untyped-call]  # by what converts it, which wants its parts in one
            return super().forward(values)
        with as_written():
            return super().forward(values)
