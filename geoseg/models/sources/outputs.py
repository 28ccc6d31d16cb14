"""What the output of a foreign network is, as runs on noise show it: axes, size, kind of scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import lcm
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.errors import ModelError
from ..engine import first_line
from ..onnx_file import shape_text
from . import Fact

if TYPE_CHECKING:
    import torch

FREE_SIDES = (256, 320)  # pixels on which a network of free size is tried
LOUD = 200.0  # what the largest and the least number differ by, of those far beyond pixels
# what PyTorch raises on windows that a network does not take
UNFIT = (RuntimeError, ValueError, TypeError, IndexError, AssertionError)


def torch_facts(
    network: torch.nn.Module, bands: int, stride: int, name: str, tile: int, one_size: bool = False
) -> dict[str, Fact]:
    """Run a network of PyTorch's on noise, and tell how it is fed and read.

    Parameters
    ----------
    network
        In evaluation mode, on the processor: pixels [n, band, row, column] to scores.
    bands
        Channels that it takes.
    stride
        What rows and columns must be multiples of, in pixels.
    name
        Of the network, for messages.
    tile
        Pixels of a tile's side; rounded up to what the network takes.
    one_size
        Whether it is known to see all of its window at once, so that it is run in tiles of one
        size alone; else that is found out.

    Returns
    -------
    dict
        Facts by name.

    Raises
    ------
    ModelError
        If it does not run, or gives no map of classes.
    """
    import torch

    generator = torch.Generator().manual_seed(0)
    tried: dict[int, Any] = {}
    for each in (tile,) if one_size else FREE_SIDES:
        side = _rounded(each, stride)
        pixels = torch.rand(1, bands, side, side, generator=generator)
        tried[side] = _run(network, pixels, name)

    def loud() -> Any:
        return _run(network, (pixels - 0.5) * LOUD, name)

    facts = output_facts(name, tried, "NCHW", "a run", loud)
    step = lcm(stride, facts["output_stride"].value if "output_stride" in facts else 1)
    counted = sum(each.numel() for each in network.parameters())
    return facts | {
        "channels": Fact(bands, "the network"),
        "parameters": Fact(counted, "the network"),
        "tile": Fact(_rounded(tile, step), "a run"),
        "stride": Fact(step, "a run"),
        "fixed_tile": Fact(one_size or _pools(network, bands, step), "a run"),
    }


def _run(network: torch.nn.Module, pixels: torch.Tensor, name: str) -> Any:
    import torch

    try:
        with torch.inference_mode():
            return network(pixels).float().numpy()
    except UNFIT as error:
        side = pixels.shape[-1]
        text = first_line(error)
        raise ModelError(f"{name} does not run on {side} x {side} px: {text}") from error


def _rounded(side: int, step: int) -> int:
    return -(-side // step) * step


def _pools(network: torch.nn.Module, bands: int, stride: int) -> bool:
    from ...architectures.context import pools_globally

    try:
        return pools_globally(network, bands, stride)
    except UNFIT:  # it takes no long windows
        return True


def output_facts(
    name: str,
    tried: Mapping[int, Any],
    axes: str,
    source: str,
    loud: Callable[[], Any],
    last: str = "",
) -> dict[str, Fact]:
    """Tell from what a network gives how it is to be read.

    Parameters
    ----------
    name
        Of the output, for messages.
    tried
        Arrays that it gave, by the side of the square of noise that it was fed.
    axes
        Of its input, NCHW or NHWC.
    source
        Where what is certain comes from.
    loud
        Gives what the network makes of large numbers, which only probabilities leave within 0 to 1.
    last
        What its graph ends in: softmax, sigmoid, classes, or "" where nobody knows.

    Returns
    -------
    dict
        Facts by name: output_axes, margin, output_stride, scores, result...

    Raises
    ------
    ModelError
        If it is no map of classes.
    """
    side, given = next(iter(tried.items()))
    shape = given.shape
    told = f"{name} gives {shape_text(shape)} for {side} x {side} px"
    order = _output_axes(shape, axes, told)
    lengths = dict(zip(order, shape, strict=True))
    ratio = lengths["H"] / side
    if lengths["H"] != lengths["W"] or not 0 < ratio <= 1:
        raise ModelError(told, "an output that is no larger than the input: a map of classes")
    facts: dict[str, Any] = {"output_axes": order}
    lost = {each: each - out.shape[order.index("H")] for each, out in tried.items()}
    stride, rest = divmod(side, lengths["H"])
    alike = len(set(lost.values())) == 1
    if any(lost.values()):
        if (len(tried) == 1 and rest) or (len(tried) > 1 and alike):
            if any(each % 2 for each in lost.values()):
                raise ModelError(told, "an output that lies in the middle of the input")
            facts["margin"] = next(iter(lost.values())) // 2
        elif rest == 0 and all(
            each == stride * out.shape[order.index("H")] for each, out in tried.items()
        ):
            facts["output_stride"] = stride
            facts["stride"] = max(32, stride)
        else:
            raise ModelError(told, "a score for each pixel, for every few, or for all but a margin")
    scores = lengths.get("C", 1)
    whole = given.dtype.kind in "iub" or last == "classes"
    if whole and scores == 1:
        facts["result"] = "classes"
        found = {key: Fact(value, source) for key, value in facts.items()}
        return found | {"scores": Fact(int(given.max()) + 1, "a run on noise", certain=False)}
    if scores == 1:
        facts["one_score"] = True
    facts["scores"] = max(2, scores)
    found = {key: Fact(value, source) for key, value in facts.items()}
    return found | _kind_of_scores(last, given.astype(float), order, source, loud)


def noise(lengths: Sequence[int], dtype: str, loud: bool = False) -> Any:
    """Return what a network is tried on.

    Parameters
    ----------
    lengths
        Of the axes.
    dtype
        Of its input.
    loud
        Whether numbers go far beyond those of pixels; of a type without fractions none do.

    Returns
    -------
    ndarray
        Noise, seeded.
    """
    values = np.random.default_rng(0).random(lengths)
    if np.dtype(dtype).kind in "iu":
        values *= 255
    elif loud:
        values = (values - 0.5) * LOUD
    return values.astype(dtype)


def _is_share(given: Any) -> bool:
    known = given[np.isfinite(given)]  # large numbers may have no logarithm or exponential
    return bool(known.size and known.min() >= 0 and known.max() <= 1)


def _output_axes(shape: tuple[int, ...], axes: str, told: str) -> str:
    if len(shape) == 3 and shape[0] == 1:
        return "NHW"
    if len(shape) != 4:
        raise ModelError(told, "scores of batch, classes, rows and columns")
    first, last = shape[2] == shape[3], shape[1] == shape[2]
    if first and last:
        return axes
    if not (first or last):
        raise ModelError(told, "as many rows as columns")
    return "NCHW" if first else "NHWC"


def _kind_of_scores(
    last: str, given: Any, order: str, source: str, loud: Callable[[], Any]
) -> dict[str, Fact]:
    single = "C" not in order or given.shape[order.index("C")] == 1
    if last in ("softmax", "sigmoid"):
        kind = "sigmoid" if single else last
        return {"result": Fact("probabilities", source), "activation": Fact(kind, source)}
    inside = _is_share(given) and _is_share(loud())
    if inside and single:
        return {"result": Fact("probabilities", "a run on noise", certain=False)}
    if inside:
        shared = np.allclose(given.sum(order.index("C")), 1, atol=1e-3)
        return {
            "result": Fact("probabilities", "a run on noise", certain=False),
            "activation": Fact("softmax" if shared else "sigmoid", "a run on noise", certain=False),
        }
    return {
        "result": Fact("logits", "a run on noise", certain=False),
        "activation": Fact("softmax", "a guess", certain=False),
    }
