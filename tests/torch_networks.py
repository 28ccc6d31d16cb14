"""Small networks of PyTorch's with random weights, saved in each of its formats."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from bundles import BANDS, COLOURS
from torch.nn import functional

from geoseg.core.card import Label, ModelCard, Scaling, write_card
from geoseg.core.interface import Interface
from geoseg.models import Bundle, find_model

SIDE = 64  # pixels of a tile


@dataclass(frozen=True)
class Shape:
    """What a network is to look like."""

    bands: int = 3
    scores: int = 4
    fixed: bool = False
    """Whether it takes a single tile of SIDE px."""
    channels_last: bool = False
    bytes: bool = False
    """Whether it takes uint8."""
    end: str = ""
    """softmax, sigmoid or argmax; "" for logits."""
    flat: bool = False
    """Whether the output has no axis of classes."""
    valid: bool = False
    """Whether its convolutions cut off a pixel each, two in all, on each side."""
    stride: int = 1
    """Of the last convolution."""
    outputs: str = ""
    """tuple or dict of two; "" for a tensor."""


class Network(torch.nn.Module):
    """Two convolutions with batch normalisation, and what a shape asks for around them."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        pad = 0 if shape.valid else 1
        self.shape = shape
        self.first = torch.nn.Conv2d(shape.bands, 8, 3, padding=pad)
        self.norm = torch.nn.BatchNorm2d(8)
        self.last = torch.nn.Conv2d(8, shape.scores, 3, padding=pad, stride=shape.stride)
        self.other = torch.nn.Conv2d(8, shape.scores, 3, padding=pad, stride=shape.stride)

    def forward(self, values: Any) -> Any:
        shape = self.shape
        if shape.bytes:
            values = values.float() / 255
        if shape.channels_last:
            values = values.permute(0, 3, 1, 2)
        hidden = functional.relu(self.norm(self.first(values)))
        given = self._ended(self.last(hidden))
        if not shape.outputs:
            return given
        both = (self._ended(self.other(hidden)), given)
        return both if shape.outputs == "tuple" else {"aux": both[0], "out": both[1]}

    def _ended(self, given: Any) -> Any:
        shape = self.shape
        if shape.end == "softmax":
            given = given.softmax(1)
        if shape.end == "sigmoid":
            given = given.sigmoid()
        if shape.end == "argmax":
            return given.argmax(1, keepdim=not shape.flat)
        if shape.flat:
            return given.squeeze(1)
        return given.permute(0, 2, 3, 1) if shape.channels_last else given


def make_network(shape: Shape = Shape()) -> Network:
    """Return a network whose every class occurs somewhere."""
    torch.manual_seed(5)
    network = Network(shape)
    with torch.no_grad():
        for layer in (network.last, network.other):
            layer.weight.mul_(4)
        network.norm.running_mean.uniform_(-0.1, 0.1)
        network.norm.running_var.uniform_(0.5, 1.5)
    return network.eval()


def example(shape: Shape, batch: int = 1) -> torch.Tensor:
    side = SIDE + 4 * shape.valid
    lengths = (batch, side, side, shape.bands) if shape.channels_last else None
    values = torch.rand(lengths or (batch, shape.bands, side, side))
    return (values * 255).to(torch.uint8) if shape.bytes else values


def quietly(function: Callable[[], Any]) -> Any:
    """Newer versions of PyTorch call its older format deprecated."""
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        return function()


def save_script(
    path: Path, shape: Shape = Shape(), network: Any = None, extra: dict[str, str] | None = None
) -> Path:
    """Trace a network, and save it as TorchScript."""
    path.parent.mkdir(parents=True, exist_ok=True)
    traced = quietly(
        lambda: torch.jit.trace(network or make_network(shape), example(shape), strict=False)
    )
    quietly(lambda: torch.jit.save(traced, path, _extra_files=extra or {}))
    return path


def save_program(
    path: Path, shape: Shape = Shape(), network: Any = None, extra: dict[str, str] | None = None
) -> Path:
    """Export a network, for any batch and size if its shape is not fixed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    free = None
    if not shape.fixed:
        dim = torch.export.Dim
        sizes = [dim("rows", min=8, max=4096) * 4, dim("columns", min=8, max=4096) * 4]
        axes = [1, 2] if shape.channels_last else [2, 3]
        free = ({0: dim("batch", min=1, max=512)} | dict(zip(axes, sizes, strict=True)),)
    program = quietly(
        lambda: torch.export.export(
            network or make_network(shape),
            (example(shape, 1 if shape.fixed else 2),),
            dynamic_shapes=free,
        )
    )
    quietly(lambda: torch.export.save(program, path, extra_files=extra))
    return path


SAVERS: dict[str, Callable[..., Path]] = {"model.pt": save_script, "model.pt2": save_program}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def make_foreign(folder: Path, shape: Shape, interface: Interface) -> Bundle:
    """Write a bundle for uint8 scenes at 0.5 to 2 m, whose network is this one."""
    SAVERS[interface.artifact](folder / interface.artifact, shape)
    count = 2 if interface.one_score else shape.scores
    bands = BANDS
    if shape.bytes:
        bands = tuple(replace(band, mean=0.0, std=1.0) for band in bands)
    card = ModelCard(
        name="foreign",
        description="Random weights",
        architecture="two convolutions",
        hyperparameters={},
        sensor="any",
        bands=bands,
        unit="digital number",
        scaling=Scaling(),
        dtypes=("uint8",),
        labels=tuple(Label(i, f"class {i}", COLOURS[i]) for i in range(count)),
        gsd=1.0,
        gsd_range=(0.5, 2.0),
        tile=SIDE,
        overlap=16,
        stride=SIDE if shape.fixed else 4,
        fixed_tile=shape.fixed,
        interface=interface,
    )
    write_card(card, folder / "card.json")
    return find_model(str(folder))
