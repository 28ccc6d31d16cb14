"""A network that somebody else saved, in PyTorch, held as it is: nothing is cast or moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch

from ..core.errors import ModelError

# what such a network, or the file that it comes from, may raise where something does not fit
FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)


class Held(torch.nn.Module):
    """A network that takes a tensor and gives one, or one of several.

    Parameters
    ----------
    network
        What was saved, on its device.
    output
        Which of several outputs it gives, by the names of `named_outputs`; "" for the only one.
    name
        Of the model, for messages.
    """

    def __init__(self, network: torch.nn.Module, output: str, name: str) -> None:
        super().__init__()
        self.network = network
        self._output = output
        self._name = name

    def train(self, mode: bool = True) -> Held:  # noqa: ARG002 - a saved graph has one mode
        """Leave the network as it was saved.

        Parameters
        ----------
        mode
            Not heeded.

        Returns
        -------
        Held
            Itself.
        """
        return self

    def _apply(self, fn: Callable[[Any], Any], recurse: bool = True) -> Held:  # noqa: ARG002
        """Keep numbers in their type, order and place: what is in the graph cannot follow them."""
        return self

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Return what the network gives.

        Parameters
        ----------
        values
            Of the type and axes that its input has.

        Returns
        -------
        torch.Tensor
            Of the axes that its output has.

        Raises
        ------
        ModelError
            If it cannot compute values of this shape. MemoryError, if they do not fit the device.
        """
        with readable(self._name, tuple(values.shape)):
            given = named_outputs(self.network(values.contiguous()))
        if self._output in given:
            return given[self._output]
        if self._output or len(given) != 1:
            raise ModelError(
                f"{self._name} gives the outputs {', '.join(given) or 'none'}",
                self._output or "a single one",
                "name one with --output",
            )
        return next(iter(given.values()))


@contextmanager
def readable(name: str, shape: tuple[int, ...]) -> Iterator[None]:
    """Turn what a network raises into one line; memory that is not there stays what it is.

    Parameters
    ----------
    name
        Of the model, or of its file.
    shape
        Of what it is given.

    Yields
    ------
    None
        The network may run.

    Raises
    ------
    ModelError
        If it cannot compute values of this shape. MemoryError, if they do not fit the device.
    """
    try:
        yield
    except torch.cuda.OutOfMemoryError:
        raise
    except ModelError:
        raise
    except FAULTS as error:
        text = last_line(error)
        if "allocate memory" in text:
            raise MemoryError(text) from error
        raise ModelError(
            f"{name} cannot compute an input of {'x'.join(map(str, shape))}: {text}",
            do="leave --tile out; on a GPU, a network that was saved for another device may need "
            "--device cpu",
        ) from error


def named_outputs(given: Any, prefix: str = "") -> dict[str, torch.Tensor]:
    """Return the tensors that a network gives, by name.

    Parameters
    ----------
    given
        A tensor, or a list, tuple or dictionary of such, one within the other.
    prefix
        Before each name.

    Returns
    -------
    dict
        Of a single tensor the name is ""; else keys, or numbers from 0, with dots between.

    Raises
    ------
    ModelError
        If it gives something else.
    """
    if isinstance(given, torch.Tensor):
        return {prefix: given}
    if isinstance(given, Mapping):
        items = [(str(key), value) for key, value in given.items()]
    elif isinstance(given, list | tuple):
        items = [(str(i), value) for i, value in enumerate(given)]
    else:
        raise ModelError(f"the network gives {type(given).__name__}", "tensors")
    found: dict[str, torch.Tensor] = {}
    for key, value in items:
        if value is not None:
            found |= named_outputs(value, f"{prefix}.{key}" if prefix else key)
    return found


def last_line(error: BaseException) -> str:
    """Return what an error says: of TorchScript's, which tell the way there, the last line.

    Parameters
    ----------
    error
        Of FAULTS.

    Returns
    -------
    str
        One line.
    """
    lines = [line.strip() for line in str(error).strip().splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
