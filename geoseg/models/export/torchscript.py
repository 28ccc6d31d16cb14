"""A model as TorchScript (.pt)."""

from __future__ import annotations

import warnings
from pathlib import Path

import torch

from ...core.errors import ModelError
from ..archive import CARD_FILE
from ..engine import first_line
from .plan import Compute, Plan
from .pt2 import computing


def write(plan: Plan, target: Path) -> Compute:
    """Write a model as TorchScript, traced.

    Parameters
    ----------
    plan
        What it is to be.
    target
        The file, in which its card lies as extra/geoseg.json.

    Returns
    -------
    Compute
        The file, loaded again.

    Raises
    ------
    ModelError
        If it cannot be traced.
    """
    try:
        with torch.no_grad(), warnings.catch_warnings():
            # the tracer announces its end, and warns of shapes that look constant: the comparison
            # finds those
            warnings.simplefilter("ignore")
            traced = torch.jit.trace(  # type: ignore[no-untyped-call]
                plan.network, plan.example(), check_trace=False
            )
            torch.jit.save(traced, target, _extra_files={CARD_FILE: plan.card_text()})
            module = torch.jit.load(target, map_location="cpu")  # type: ignore[no-untyped-call]
    except (RuntimeError, TypeError, ValueError) as error:
        raise ModelError(f"PyTorch cannot trace {plan.card.name}: {first_line(error)}") from error
    return computing(module)
