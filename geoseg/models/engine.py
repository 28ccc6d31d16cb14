"""What an engine is: one way to compute a network, on one device, in one or more precisions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..core.errors import ModelError
from ..core.grid import Patch
from .protocol import Model

Patches = Sequence[Patch]
Load = Callable[[str, Patches], Model]


class EngineError(ModelError):
    """An engine cannot compute this network; another one can."""


@dataclass(frozen=True, slots=True)
class Engine:
    """One way to compute a bundle's network, which it holds, not yet in any precision."""

    name: str
    """As ``--engine`` takes it."""
    able: tuple[str, ...]
    """Precisions that it computes in: fp32, bf16, fp16, int8."""
    fast: tuple[str, ...]
    """Those of them that the device has in hardware, the best first."""
    load: Load
    """Gives the model in a precision; int8 is calibrated on the patches of the scene."""
    reference: Engine | None = None
    """The engine whose fp32 its scores are compared with, even in fp32; None for its own."""


def first_line(error: Exception) -> str:
    """Return what an error says first.

    Parameters
    ----------
    error
        Any.

    Returns
    -------
    str
        A line, or the name of its kind.
    """
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
