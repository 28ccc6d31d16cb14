"""What turns gradients into steps, by the names that a configuration may give."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch

from ..core.errors import InputError
from .config import RunConfig

Parameters = Iterable[torch.nn.Parameter]


def make_optimiser(parameters: Parameters, run: RunConfig) -> torch.optim.Optimizer:
    """Return the optimiser that the configuration names.

    AdamW is Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv:1711.05101); SOAP
    is Adam in the eigenbasis of Shampoo's preconditioner (Vyas et al. 2024, arXiv:2409.11321).

    Parameters
    ----------
    parameters
        What it moves.
    run
        Its name, the peak rate and the weight decay.

    Returns
    -------
    Optimizer
        At the peak rate; each step sets its own.

    Raises
    ------
    InputError
        If its package is missing.
    """
    return {"adamw": _adamw, "soap": _soap}[run.optimiser](parameters, run)


def _adamw(parameters: Parameters, run: RunConfig) -> torch.optim.Optimizer:
    return torch.optim.AdamW(parameters, run.rate, weight_decay=run.weight_decay)


def _soap(parameters: Parameters, run: RunConfig) -> torch.optim.Optimizer:
    """Return SOAP: Adam in the eigenbasis of Shampoo's preconditioner (Vyas et al. 2024,
    arXiv:2409.11321).

    A step costs a few products of matrices of the layers' widths more, which for narrow networks
    is little beside the convolutions, and several of AdamW's steps are saved by each.
    """
    soap: torch.optim.Optimizer = load_soap()(
        parameters, run.rate, betas=(0.95, 0.999), shampoo_beta=0.95, weight_decay=run.weight_decay
    )
    return soap


def check_optimiser(run: RunConfig) -> None:
    """Refuse, before minutes are spent on the samples, an optimiser whose package is missing.

    Parameters
    ----------
    run
        Its name.

    Raises
    ------
    InputError
        If its package is missing.
    """
    if run.optimiser == "soap":
        load_soap()


def load_soap() -> Any:
    """Import the class of SOAP.

    Returns
    -------
    type
        pytorch_optimizer.SOAP.

    Raises
    ------
    InputError
        If the package pytorch-optimizer is missing.
    """
    try:
        from pytorch_optimizer import SOAP
    except ImportError as error:
        raise InputError(
            "training.optimiser = 'soap'",
            "the package pytorch-optimizer",
            "pip install 'geoseg[train]'",
        ) from error
    return SOAP
