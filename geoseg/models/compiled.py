"""torch.compile as an engine: PyTorch's own network, put together anew for the device and the windows it computes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import numpy as np
import torch

from ..infer import Model
from .engine import Engine, EngineError, Patches
from .torch_model import TorchModel

Compile = Callable[[torch.nn.Module], torch.nn.Module]  # torch.compile, whose own type is as wide as its uses


def compiled(engine: Engine) -> Engine:
    """Return PyTorch's engine with its network compiled: faster on a GPU, after minutes of compiling.

    What it gives is compared with the engine itself. It is compiled on the first of the patches that it is loaded with.
    """

    def load(precision: str, patches: Patches) -> Model:
        model = cast(TorchModel, engine.load(precision, patches))
        model.network = cast(Compile, torch.compile)(model.network)
        first = patches[0]
        try:
            model(first.data[None], np.ones((1, *first.window.shape), bool))
        except RuntimeError as error:  # torch has dozens of kinds of them here, from a missing compiler onwards
            if isinstance(error, torch.cuda.OutOfMemoryError):
                raise
            reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
            raise EngineError(f"torch.compile failed: {reason}", "a C++ compiler, and Triton for a GPU",
                              "leave --engine torch.compile out") from error  # fmt: skip
        return model

    return replace(engine, name="torch.compile", load=load, reference=engine)
