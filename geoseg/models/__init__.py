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
FORMATS = {
    "model.safetensors": "geoseg.models.safetensors:engine"
}  # weights file -> what computes it


@dataclass(frozen=True, slots=True)
class Bundle:
    """A model on disk: a folder with a card and weights in one of FORMATS."""

    path: Path
    weights: Path
    card: ModelCard

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
    """Return the models that ship with the package, by name."""
    return [_open(card.parent) for card in sorted(ZOO.glob("*/card.json"))]


def find_model(name: str) -> Bundle:
    """Return the bundle of that name, or at that path (its folder, or a file in it)."""
    path = Path(name)
    if path.is_file():
        path = path.parent
    if path.is_dir():
        return _open(path)
    if (ZOO / name / "card.json").is_file() and Path(name).name == name:
        return _open(ZOO / name)
    known = ", ".join(bundle.card.name for bundle in list_models()) or "none"
    raise ModelError(
        f"no model {name!r}",
        f"one of those that ship ({known}), or a folder with card.json and model.safetensors",
    )


def load_model(bundle: Bundle, scaling: Scaling, device: str = "auto") -> Model:
    """Load the weights onto a device (auto, cpu, cuda, cuda:1), in float32; digital numbers
    follow `scaling`.
    """
    return own_engine(bundle, scaling, device).load("fp32", ())


def own_engine(bundle: Bundle, scaling: Scaling, device: str) -> Engine:
    """Return what computes the bundle's format by itself."""
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
