"""Model bundles: finding them, by name or by path, and loading them by their format."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.card import ModelCard, Scaling, read_card
from ..core.errors import ModelError
from ..core.files import check_regular

if TYPE_CHECKING:
    from .engine import Engine
    from .protocol import Model


ZOO = Path(__file__).parent / "zoo"
# models of what hides the ground: a map of it is no map of the land, so none is chosen by itself
MASKS = Path(__file__).parent / "masks"
# weights file -> what computes it
FORMATS = {"model.safetensors": "geoseg.models.safetensors:engine"}


@dataclass(frozen=True, slots=True)
class Bundle:
    """A model on disk."""

    path: Path
    """Its folder."""
    weights: Path
    """The file of its weights, named by a key of FORMATS."""
    card: ModelCard
    """What it expects, and what its numbers mean."""

    @property
    def sha256(self) -> str:
        """Digest of the weights, as hexadecimal."""
        check_regular(self.weights)
        return hashlib.sha256(self.weights.read_bytes()).hexdigest()

    @property
    def failures(self) -> Path | None:
        """A picture of what the model confuses most on places held out, where it has one."""
        picture = self.path / "failures.jpg"
        return picture if picture.is_file() else None


def list_models() -> list[Bundle]:
    """Return the models that ship with the package, of which `auto` chooses.

    Returns
    -------
    list of Bundle
        By name; no weights are read.
    """
    return [_open(card.parent) for card in sorted(ZOO.glob("*/card.json"))]


def list_masks() -> list[Bundle]:
    """Return the models that ship and map what hides the ground: who wants one names it.

    Returns
    -------
    list of Bundle
        By name; no weights are read.
    """
    return [_open(card.parent) for card in sorted(MASKS.glob("*/card.json"))]


def find_model(name: str) -> Bundle:
    """Return a model by its name, or by where it lies.

    Parameters
    ----------
    name
        Of one that ships; or the path of a folder, or of a file in it.

    Returns
    -------
    Bundle
        No weights are read.

    Raises
    ------
    ModelError
        If there is none, its card cannot be read, or it has no weights.
    """
    path = Path(name)
    if path.is_file():
        path = path.parent
    if path.is_dir():
        return _open(path)
    for shipped in (ZOO, MASKS):
        if (shipped / name / "card.json").is_file() and Path(name).name == name:
            return _open(shipped / name)
    every = (*list_models(), *list_masks())
    known = ", ".join(bundle.card.name for bundle in every) or "none"
    raise ModelError(
        f"no model {name!r}",
        f"one of those that ship ({known}), or a folder with card.json and model.safetensors",
    )


def load_model(bundle: Bundle, scaling: Scaling, device: str = "auto") -> Model:
    """Load a model onto a device, in float32 and as its own format computes it.

    Parameters
    ----------
    bundle
        The model.
    scaling
        From digital numbers to the card's unit.
    device
        auto, cpu, cuda, or cuda:1; auto means a GPU where there is one.

    Returns
    -------
    Model
        Ready to be called.

    Raises
    ------
    InputError
        If there is no such device.
    ModelError
        If the weights cannot be read, or do not fit the card.
    """
    return own_engine(bundle, scaling, device).load("fp32", ())


def own_engine(bundle: Bundle, scaling: Scaling, device: str) -> Engine:
    """Return what computes the bundle's format by itself.

    Parameters
    ----------
    bundle
        The model.
    scaling
        From digital numbers to the card's unit.
    device
        As of `load_model`.

    Returns
    -------
    Engine
        It holds the network, and can load it in several precisions.

    Raises
    ------
    InputError
        If there is no such device.
    ModelError
        If the weights cannot be read, or do not fit the card.
    """
    module, _, function = FORMATS[bundle.weights.name].partition(":")
    engine: Engine = getattr(import_module(module), function)(bundle, scaling, device)
    return engine


def _open(folder: Path) -> Bundle:
    card = read_card(folder / "card.json")
    for name in FORMATS:
        if (folder / name).is_file():
            return Bundle(folder, folder / name, card)
    raise ModelError(
        f"the model folder {folder} holds no weights",
        f"a file named {' or '.join(FORMATS)} beside card.json",
    )
