"""Whether what was exported computes what the original does: three windows, in its own runtime."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ...core.errors import ModelError
from ...core.events import Report, watch
from .. import own_engine
from ..synthetic import synthetic
from .plan import Compute, Plan

CLOSE = 1e-4  # in probability, or as a share of the greatest logit
ASIDE = 64  # pixels between the windows of one size


def compare(
    plan: Plan, compute: Compute, report: Report
) -> tuple[float, tuple[tuple[int, ...], ...]]:
    """Compare what was exported with the original.

    Parameters
    ----------
    plan
        What it was to be.
    compute
        What was written, in its own runtime.
    report
        Is told how far it is.

    Returns
    -------
    tuple
        The greatest difference, and the shapes of the windows.

    Raises
    ------
    ModelError
        If it is greater than CLOSE, or the output is of another shape.
    """
    windows = windows_of(plan)
    expect = _original(plan)
    total = sum(map(_pixels, windows))
    apart = 0.0
    for pixels in watch(windows, _pixels, total, report, "compare"):
        expected = expect(pixels)
        found = compute(plan.fed(pixels))
        if found.shape != expected.shape:
            raise ModelError(f"what was exported gives {found.shape}", f"{expected.shape}")
        unit = 1.0
        if plan.output == "logits":
            unit = max(unit, float(np.abs(expected).max()))
        here = float(np.abs(found - expected).max()) / unit
        if not here <= CLOSE:  # also where it is no number
            raise ModelError(
                f"what was exported differs from {plan.card.name} by up to {here:.3g} in "
                f"{plan.output} of {'x'.join(map(str, pixels.shape))}",
                f"at most {CLOSE:g}: it is not written",
            )
        apart = max(apart, here)
    return apart, tuple(pixels.shape for pixels in windows)


def windows_of(plan: Plan) -> list[npt.NDArray[Any]]:
    """Return what both are given: values of all that the card knows, made up.

    Parameters
    ----------
    plan
        Its card, and whether its sizes are free.

    Returns
    -------
    list
        Three arrays of digital numbers [n, band, row, column]: of one tile, of two where it takes
        several, and of another size where it takes any.
    """
    tile = plan.card.tile
    low = tile
    high = tile
    if plan.free:  # two sizes more, of which neither makes a square
        stride = plan.card.stride
        low = max(64, tile // 4) // stride * stride or stride
        high = low + -(-32 // stride) * stride
    scene = synthetic(plan.bundle.card, max(tile, high) + 2 * ASIDE)

    def cut(row: int, column: int, rows: int, columns: int) -> npt.NDArray[Any]:
        return scene[:, row : row + rows, column : column + columns]

    shapes = [[(0, 0, tile, tile)], [(ASIDE, 0, low, high), (0, ASIDE, low, high)]]
    shapes += [[(2 * ASIDE, ASIDE, high, low)]]
    if plan.single:
        shapes[1] = shapes[1][:1]
    return [np.stack([cut(*each) for each in several]) for several in shapes]


def _original(plan: Plan) -> Compute:
    """Return what the original makes of digital numbers."""
    if plan.output == "logits":
        return lambda pixels: _logits(plan, pixels)
    card = plan.bundle.card
    model = own_engine(plan.bundle, card.scaling, "cpu").load("fp32", ())

    def scores(pixels: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        valid = np.ones((len(pixels), *pixels.shape[2:]), bool)
        found: npt.NDArray[np.float32] = model(pixels, valid)
        return found

    return scores


@torch.inference_mode()
def _logits(plan: Plan, pixels: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    found: npt.NDArray[np.float32] = plan.network(torch.from_numpy(plan.fed(pixels))).numpy()
    return found


def _pixels(window: npt.NDArray[Any]) -> int:
    count: int = len(window) * window.shape[2] * window.shape[3]
    return count
