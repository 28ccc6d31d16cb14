"""A model as a program of torch.export's (.pt2)."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ...core.errors import ModelError
from ...core.version import installed
from ..archive import CARD_FILE
from ..engine import first_line
from .plan import Compute, Plan

LEAST = (2, 6)  # of PyTorch: earlier ones know no sizes that are multiples


def write(plan: Plan, target: Path) -> Compute:
    """Write a model as torch.export saves it.

    Parameters
    ----------
    plan
        What it is to be.
    target
        The file, in which its card lies as geoseg.json.

    Returns
    -------
    Compute
        The file, loaded again.

    Raises
    ------
    ModelError
        If PyTorch cannot export it.
    """
    torch.export.save(program(plan), target, extra_files={CARD_FILE: plan.card_text()})
    return computing(torch.export.load(target).module())


def computing(module: torch.nn.Module) -> Compute:
    """Return what computes a network that was loaded again.

    Parameters
    ----------
    module
        A tensor in, a tensor out.

    Returns
    -------
    Compute
        It raises ModelError where the network cannot compute an array.
    """

    def compute(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        try:
            with torch.inference_mode():
                found: npt.NDArray[np.float32] = module(torch.from_numpy(values)).numpy()
        except (RuntimeError, AssertionError, TypeError, ValueError) as error:
            raise ModelError(f"PyTorch: {first_line(error)}") from error
        return found

    return compute


def program(plan: Plan) -> torch.export.ExportedProgram:
    """Return a model as torch.export sees it.

    Parameters
    ----------
    plan
        What it is to be.

    Returns
    -------
    torch.export.ExportedProgram
        Of the sizes of the plan.

    Raises
    ------
    ModelError
        If PyTorch cannot export it.
    """
    version = tuple(int(part) for part in torch.__version__.split(".")[:2])
    if version < LEAST:
        raise ModelError(
            f"PyTorch {installed('torch')} exports no networks of free sizes",
            "PyTorch 2.6 or later",
            "pip install --upgrade torch",
        )
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what changes in later versions of its own parts
            return torch.export.export(
                plan.network, (plan.example(),), dynamic_shapes=({**_sizes(plan)},)
            )
    # torch.export has dozens of kinds, from its own compiler's to those of sympy
    except Exception as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(
            f"torch.export cannot export {plan.card.name}: {first_line(error)}"
        ) from error


def _sizes(plan: Plan) -> dict[int, Any]:
    """Return the axes that are free: rows and columns in multiples of the stride."""
    found: dict[int, Any] = {}
    if not plan.single:
        found[0] = torch.export.Dim("batch", min=1)
    if plan.free:
        stride = plan.card.stride
        for axis, name in ((2, "rows"), (3, "columns")):
            found[axis] = stride * torch.export.Dim(name, min=1)
    return found
