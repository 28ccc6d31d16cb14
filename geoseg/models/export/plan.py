"""What an export is to be: the network with what stands around it, its sizes, and its card."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ...core.card import ModelCard, to_stac
from ...core.errors import ModelError
from ...core.interface import Interface
from .. import FORMATS, Bundle, torch_network
from ..affine import gain_and_bias
from ..interface_torch import Adapted
from ..torch_model import Activate
from .padding import fix_padding
from .wish import Wish

FULL = 255  # what Deepness divides all numbers by, whatever their type
FILE_EXTENSION = "https://stac-extensions.github.io/file/v2.1.0/schema.json"
# what was written, computed in its own runtime: float32 [n, band, row, column] to
# [n, label, row, column]
Compute = Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]
SHA256 = "1220"  # how a multihash of SHA-256 begins: its code, and its 32 bytes


@dataclass(frozen=True)
class Plan:
    """One form that an export may have."""

    bundle: Bundle
    """The original."""
    wish: Wish
    """What is asked, with nothing left open."""
    free: bool
    """Whether batch and sizes are any; else they are those of the card's tile."""
    card: ModelCard
    """Of what is written: how geoseg feeds and reads it again."""
    href: str
    """The name of its file."""
    notes: tuple[str, ...] = ()
    """What whoever uses it should know."""
    copied: bool = False
    """Whether the file is the original's own: geoseg feeds and reads it as before."""

    @cached_property
    def network(self) -> Exported:
        """The original in PyTorch with what stands around it."""
        return Exported(self.bundle, self.wish)

    @property
    def bands(self) -> int:
        """How many it takes."""
        return len(self.card.bands)

    @property
    def output(self) -> str:
        """What is compared, and what the output is called."""
        return "probabilities" if self.wish.activation == "inside" else "logits"

    @property
    def single(self) -> bool:
        """Whether it takes one tile at a time."""
        interface = self.bundle.card.interface
        return interface is not None and interface.one_by_one

    @property
    def sizes_text(self) -> str:
        """Its sizes, in words."""
        batch = "one tile" if self.single else "any number of tiles"
        if self.free:
            return f"{batch} of any size, in multiples of {self.card.stride} px"
        return f"{batch} of {self.card.tile} x {self.card.tile} px"

    def example(self) -> torch.Tensor:
        """Return what a network is traced with.

        Returns
        -------
        torch.Tensor
            Zeros [n, band, row, column]; of free sizes no two are alike, and none is 1.
        """
        stride = self.card.stride
        least = -(-64 // stride)  # multiples that make some 64 px
        sides = (stride * (least + 1), stride * least) if self.free else (self.card.tile,) * 2
        return torch.zeros(1 if self.single else 2, self.bands, *sides)

    def fed(self, pixels: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """Return digital numbers as the graph takes them.

        Parameters
        ----------
        pixels
            As they stand in a file, [n, band, row, column].

        Returns
        -------
        npt.NDArray[np.float32]
            The same, a share of 255 for Deepness; or normalised, where the graph does not do it.
            Digital numbers of a file that geoseg feeds as before.
        """
        values = pixels.astype(np.float32)
        if self.wish.scaling == "outside" and not self.copied:
            gain, bias = gain_and_bias(self.bundle.card.bands, self.bundle.card.scaling)
            return values * gain + bias
        return values / np.float32(FULL) if self.wish.deepness else values

    def item(self, file: Path) -> dict[str, Any]:
        """Return the card as an item of STAC that points at the file.

        Parameters
        ----------
        file
            As it was written; its size and digest stand in the item.

        Returns
        -------
        dict[str, Any]
            JSON.
        """
        found = to_stac(self.card)
        data = file.read_bytes()
        found["stac_extensions"] = [*found["stac_extensions"], FILE_EXTENSION]
        found["assets"]["model"] |= {
            "href": self.href,
            "file:size": len(data),
            "file:checksum": SHA256 + sha256(data).hexdigest(),
        }
        return found

    def card_text(self) -> str:
        """Return the card as a file carries it within itself.

        Returns
        -------
        str
            JSON, which names the file but not its digest.
        """
        found = to_stac(self.card)
        found["assets"]["model"]["href"] = self.href
        return json.dumps(found, ensure_ascii=False)


def plans(bundle: Bundle, kind: str, artifact: str, wish: Wish, href: str) -> Iterator[Plan]:
    """Yield the forms that an export may have, the best first.

    Parameters
    ----------
    bundle
        The model.
    kind
        One of EXPORTS.
    artifact
        Its file in a bundle, one of ARTIFACTS.
    wish
        What is asked of it.
    href
        The name of its file.

    Yields
    ------
    Plan
        Of any sizes where the network takes them, then of the card's tile alone.

    Raises
    ------
    ModelError
        If a model of this format cannot be exported so.
    """
    card = bundle.card
    _check(bundle, kind, wish)
    usual = "outside" if kind == "mlm" else "inside"
    wish = replace(wish, scaling=wish.scaling or usual, activation=wish.activation or "inside")
    notes = (*_notes(card, wish),)
    if card.interface is not None and bundle.format == artifact == "model.onnx":
        alone = replace(card, interface=replace(card.interface, companions=()))
        yield Plan(bundle, wish, not card.fixed_tile, alone, href, notes, copied=True)
        return
    # Deepness asks the graph for its sizes
    if not (card.fixed_tile or wish.deepness):
        yield Plan(bundle, wish, True, exported_card(card, artifact, wish), href, notes)
    fixed = replace(card, stride=card.tile, fixed_tile=True)
    yield Plan(bundle, wish, False, exported_card(fixed, artifact, wish), href, notes)


def exported_card(card: ModelCard, artifact: str, wish: Wish) -> ModelCard:
    """Return the card of what is exported: the original's, but for how it is fed and read.

    Parameters
    ----------
    card
        The original's.
    artifact
        The file of the network in a bundle.
    wish
        What the graph does itself.

    Returns
    -------
    ModelCard
        Whose normalisation gives what the graph takes: digital numbers where it scales them.
    """
    single = card.interface is not None and card.interface.one_by_one
    inside = wish.activation == "inside"
    interface = Interface(
        artifact, one_by_one=single, result="probabilities" if inside else "logits"
    )
    bands = card.bands
    if wish.scaling == "inside":
        unit = card.scaling.scale * (FULL if wish.deepness else 1)
        bands = tuple(replace(band, mean=card.scaling.offset, std=unit) for band in bands)
    return replace(
        card,
        bands=bands,
        interface=interface,
        temperature=1.0 if inside else card.temperature,
        embedding=None,  # of features that only geoseg's own networks show
    )


def _check(bundle: Bundle, kind: str, wish: Wish) -> None:
    name = bundle.card.name
    foreign = bundle.card.interface is not None
    if bundle.card.maps_numbers:
        raise ModelError(
            f"{name} gives numbers and no classes",
            "a model of classes",
            f"its own file is {bundle.weights}",
        )
    if bundle.card.depth is not None:
        raise ModelError(
            f"{name} gives a depth of objects behind the scores of its classes, which other "
            "programs would take for a class",
            "a model of classes alone",
            f"its own file is {bundle.weights}",
        )
    if bundle.format == "model.onnx" and kind not in ("mlm", "openvino"):
        raise ModelError(
            f"{name} is an ONNX file, which cannot be made {kind} again",
            "--to mlm or openvino",
            f"its own file is {bundle.weights}",
        )
    if bundle.format == "model.onnx" and kind == "mlm" and (wish.scaling or wish.activation):
        raise ModelError(
            f"{name} is an ONNX file, which is handed on as it is",
            "neither --scaling nor --activation: its item says how it is fed",
        )
    if bundle.format != "model.onnx" and not hasattr(
        import_module(FORMATS[bundle.format]), "build_network"
    ):
        raise ModelError(f"{name} is a {bundle.format}", "a network of PyTorch's, or an ONNX file")
    if foreign and wish.activation == "outside":
        raise ModelError(
            f"{name} was made by somebody else, and is exported with what reads its scores",
            "--activation inside",
        )
    if wish.deepness and wish.activation == "outside":
        raise ModelError(
            "Deepness takes every score below its threshold for 0, and logits may be negative",
            "--activation inside with --deepness",
        )


def _notes(card: ModelCard, wish: Wish) -> Iterator[str]:
    yield f"bands in this order: {', '.join(card.band_names)}"
    if wish.activation == "outside" and card.temperature != 1:
        yield (
            f"probabilities are {card.activation} of the logits divided by {card.temperature:g}, "
            "the temperature on its card"
        )
    if wish.deepness and [label.value for label in card.labels] != list(range(len(card.labels))):
        yield "Deepness numbers classes from 0 on, whatever values the card gives them"


class Exported(torch.nn.Module):
    """A network with the scaling before it and the activation behind it, as far as asked.

    Parameters
    ----------
    bundle
        The model.
    wish
        What it does itself.
    """

    gain: torch.Tensor
    bias: torch.Tensor

    def __init__(self, bundle: Bundle, wish: Wish) -> None:
        super().__init__()
        card = bundle.card
        network = torch_network(bundle)
        fix_padding(network)
        foreign = card.interface is not None
        self.network = Adapted(network, card) if foreign else network
        self.scales = wish.scaling == "inside"
        gain, bias = gain_and_bias(card.bands, card.scaling)
        self.register_buffer("gain", torch.from_numpy(gain * (FULL if wish.deepness else 1)))
        self.register_buffer("bias", torch.from_numpy(bias))
        own = wish.activation == "inside" and not foreign
        self.activate = Activate.of(card) if own else torch.nn.Identity()
        self.eval()

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return what the network gives.

        Parameters
        ----------
        pixels
            float32 [n, band, row, column]: digital numbers, or normalised.

        Returns
        -------
        torch.Tensor
            float32 [n, label, row, column]: probabilities, or logits.
        """
        values = pixels * self.gain + self.bias if self.scales else pixels
        given: torch.Tensor = self.activate(self.network(values))
        return given
