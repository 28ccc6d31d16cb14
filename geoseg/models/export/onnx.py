"""A model as an ONNX file: exported from PyTorch, or its own where it is one already."""

from __future__ import annotations

import logging
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ...core.errors import ModelError
from .. import Bundle, own_engine
from ..engine import EngineError, first_line
from ..onnx import load_onnxruntime
from ..onnx_file import CARD, LARGEST, check_fits, load_package, read_onnx
from . import deepness
from .plan import Compute, Plan
from .pt2 import program

TALKATIVE = ("torch.onnx", "onnxscript", "onnx_ir")  # loggers


def write(plan: Plan, target: Path) -> Compute:
    """Write a model as one ONNX file.

    Parameters
    ----------
    plan
        What it is to be.
    target
        The file, whose metadata hold its card, and what Deepness reads where that is asked for.

    Returns
    -------
    Compute
        The file, in ONNX Runtime.

    Raises
    ------
    ModelError
        If it cannot be exported. EngineError, if a package for it is missing.
    """
    onnx = load_package()
    load_onnxruntime()
    # with the numbers that lie beside it
    model = onnx.load(plan.bundle.weights) if plan.copied else _exported(plan)
    keys = {each.key: each.value for each in model.metadata_props} | {CARD: plan.card_text()}
    onnx.helper.set_model_props(model, keys | (deepness.keys(plan) if plan.wish.deepness else {}))
    if model.ByteSize() > LARGEST:
        raise ModelError(
            f"{plan.card.name} takes {model.ByteSize():,} bytes as ONNX",
            "at most 2 GiB, what one such file can hold",
        )
    onnx.save(model, target)
    check_fits(read_onnx(target), plan.card)
    return _copy(plan, target) if plan.copied else _session(target)


def _session(target: Path) -> Compute:
    runtime = load_onnxruntime()
    settings = runtime.SessionOptions()
    settings.log_severity_level = 4  # it writes to the terminal what is raised as well
    session = runtime.InferenceSession(str(target), settings, providers=["CPUExecutionProvider"])
    taken = session.get_inputs()[0].name

    def compute(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        try:
            found: npt.NDArray[np.float32] = session.run(None, {taken: values})[0]
        except Exception as error:
            if not type(error).__module__.startswith("onnxruntime"):
                raise
            raise ModelError(f"ONNX Runtime: {first_line(error)}") from error
        return found

    return compute


def _copy(plan: Plan, target: Path) -> Compute:
    """Return a file of somebody else's as geoseg feeds and reads it."""
    copied = Bundle(target.parent, target, plan.card)
    model = own_engine(copied, plan.card.scaling, "cpu").load("fp32", ())

    def compute(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        valid = np.ones((len(values), *values.shape[2:]), bool)
        found: npt.NDArray[np.float32] = model(values, valid)
        return found

    return compute


def _exported(plan: Plan) -> Any:
    """Return the network as ONNX's message, without what tells of this machine."""
    if find_spec("onnxscript") is None:
        raise EngineError(
            "PyTorch exports ONNX by the package onnxscript, which is not installed",
            do="install it with: pip install 'geoseg[export]'",
        )
    exported = program(plan)
    # they tell on the way what an error would say
    levels = {name: logging.getLogger(name).level for name in TALKATIVE}
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = torch.onnx.export(
                exported,
                (plan.example(),),
                dynamo=True,
                verbose=False,
                input_names=["pixels"],
                output_names=[plan.output],
            )
    except Exception as error:  # of PyTorch, onnxscript and onnx_ir, each of its own kind
        raise ModelError(
            f"PyTorch cannot export {plan.card.name} as ONNX: {first_line(error)}"
        ) from error
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
    model = made.model_proto  # type: ignore[union-attr]
    # names of files and lines of this machine
    for each in (model.graph, *model.functions):
        del each.metadata_props[:]
        for node in each.node:
            del node.metadata_props[:]
            node.doc_string = ""
    for value in model.graph.value_info:
        del value.metadata_props[:]
    return model
