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
    """An engine that holds a bundle's network, not yet in any precision.

    It computes in each precision of `able`; of these the device has `fast` in hardware, the
    best first. load(precision, patches) gives the model; int8 is calibrated on the patches. With
    a `reference`, what it gives is compared with that engine's fp32, even in fp32.
    """

    name: str
    able: tuple[str, ...]
    fast: tuple[str, ...]
    load: Load
    reference: Engine | None = None
