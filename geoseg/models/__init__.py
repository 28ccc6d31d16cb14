"""Model bundles: finding them, by name or by path, and loading them by their format."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.cache import models_folder
from ..core.card import ModelCard, Scaling, read_card
from ..core.errors import InputError, ModelError
from ..core.files import check_regular

if TYPE_CHECKING:
    import torch

    from .engine import Engine
    from .protocol import Model


ZOO = Path(__file__).parent / "zoo"
# models of what hides the ground: a map of it is no map of the land, so none is chosen by itself
MASKS = Path(__file__).parent / "masks"
# weights file -> the module that computes it by itself: `engine(bundle, scaling, device)`, and
# `build_network(bundle)` where it is a network of PyTorch's
FORMATS = {
    "model.safetensors": "geoseg.models.safetensors",
    "model.onnx": "geoseg.models.onnx",
    "smp.safetensors": "geoseg.models.smp",
    "transformers.safetensors": "geoseg.models.transformers",
    "model.pt": "geoseg.models.torchscript",
    "model.pt2": "geoseg.models.exported",
}


@dataclass(frozen=True, slots=True)
class Bundle:
    """A model on disk."""

    path: Path
    """Its folder."""
    weights: Path
    """The file of its weights."""
    card: ModelCard
    """What it expects, and what its numbers mean."""

    @property
    def format(self) -> str:
        """Which of FORMATS its weights are in."""
        return _format(self.card)

    @property
    def files(self) -> tuple[Path, ...]:
        """The file of the weights, and those beside it without which it is none."""
        beside = self.card.interface.companions if self.card.interface else ()
        return (self.weights, *(self.path / name for name in beside))

    @property
    def sha256(self) -> str:
        """Digest of the weights, as hexadecimal: that of their file where it is the only one."""
        for file in self.files:
            check_regular(file)
        states = [file.stat() for file in self.files]
        return _digest(
            self.files, tuple((one.st_ino, one.st_size, one.st_mtime_ns) for one in states)
        )

    @property
    def card_sha256(self) -> str:
        """Digest of what on the card decides the scores that the weights give."""
        return self.card.fingerprint

    @property
    def failures(self) -> Path | None:
        """A picture of what the model confuses most on places held out, where it has one."""
        picture = self.path / "failures.jpg"
        return picture if picture.is_file() else None


@lru_cache(64)  # the scenes of a batch have the same models
def _digest(files: tuple[Path, ...], states: tuple[tuple[int, ...], ...]) -> str:  # noqa: ARG001
    found = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                found.update(block)
    return found.hexdigest()


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


def list_added() -> list[Bundle]:
    """Return the models that the user has added: who wants one names it.

    Returns
    -------
    list of Bundle
        By name; no weights are read. One that cannot be read is left out, so that the others can
        be used.
    """
    folder = models_folder()
    if folder is None:
        return []
    found = []
    for card in sorted(folder.glob("*/card.json")):
        with suppress(InputError):
            found.append(_open(card.parent))
    return found


def find_model(name: str) -> Bundle:
    """Return a model by its name, or by where it lies.

    Parameters
    ----------
    name
        Of one that ships or was added; or the path of a folder, of a file in it, or of one that
        says all of a model by itself.

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
        # whatever else lies beside a card is no file of that model
        return _open(path.parent) if is_part(path) else _open_foreign(path)
    foreign = (path / "config.json").is_file() and not (path / "card.json").is_file()
    if path.is_dir() and not foreign:
        return _open(_model_of_the_moment(path) or path)
    for folder in filter(None, (ZOO, MASKS, models_folder())):
        if Path(name).name == name and (folder / name / "card.json").is_file():
            return _open(folder / name)  # also where the folder that it was added from lies here
    if foreign:
        return _open_foreign(path)
    every = (*list_models(), *list_masks())
    known = ", ".join(bundle.card.name for bundle in every) or "none"
    added = ", ".join(bundle.card.name for bundle in list_added()) or "none"
    raise ModelError(
        f"no model {name!r}",
        f"one of those that ship ({known}), of those that were added ({added}), or a folder with "
        "card.json",
        "bring one of another program with `geoseg models add`",
    )


def _model_of_the_moment(folder: Path) -> Path | None:
    """Return the model that a workspace of labels names in model.json; None of another folder."""
    named = folder / "model.json"
    if (folder / "card.json").is_file() or not (folder / "workspace.json").is_file():
        return None
    if not named.is_file():
        raise ModelError(
            f"the workspace {folder} has no model yet", do=f"make one: geoseg learn {folder}"
        )
    check_regular(named)
    try:
        model = str(json.loads(named.read_text(encoding="utf-8"))["model"])
        parts = Path(model).parts
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{named} cannot be read: {error}") from error
    # a folder of rounds in the workspace, and nothing elsewhere
    if len(parts) != 2 or parts[0] != "models" or parts[1] in ("..", "."):
        raise ModelError(f"{named} names {model!r}", "a folder in models/")
    return folder / model


def is_part(path: Path) -> bool:
    """Tell whether a file is one of a bundle's.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    bool
        Whether it is the card of the folder that it lies in, or one of the files that card names.

    Raises
    ------
    ModelError
        If that card cannot be read, or files are missing.
    """
    card = path.parent / "card.json"
    return card.is_file() and (path == card or path in _open(path.parent).files)


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
    engine: Engine = import_module(FORMATS[bundle.format]).engine(bundle, scaling, device)
    return engine


def torch_network(bundle: Bundle) -> torch.nn.Module:
    """Return the network of a bundle whose format is one of PyTorch's.

    Parameters
    ----------
    bundle
        The model.

    Returns
    -------
    torch.nn.Module
        On the processor, in evaluation mode: normalised pixels to what it gives.

    Raises
    ------
    ModelError
        If the weights cannot be read, or do not fit the card.
    """
    network: torch.nn.Module = import_module(FORMATS[bundle.format]).build_network(bundle)
    return network


def _open_foreign(path: Path) -> Bundle:
    found: Bundle = import_module("geoseg.models.library").open_file(path)
    return found


def _open(folder: Path) -> Bundle:
    card = read_card(folder / "card.json")
    name = _format(card)
    if name in FORMATS and (folder / name).is_file():
        return _whole(Bundle(folder, folder / name, card))
    raise ModelError(
        f"the model folder {folder} holds no weights", f"a file named {name} beside card.json"
    )


def _format(card: ModelCard) -> str:
    return card.interface.artifact if card.interface else "model.safetensors"


def _whole(bundle: Bundle) -> Bundle:
    folder = bundle.path.resolve()
    for file in bundle.files[1:]:
        if not (file.is_file() and file.resolve().is_relative_to(folder)):
            raise ModelError(
                f"{file} is missing, or leads out of the model's folder",
                f"the files that the card of {bundle.card.name} names",
            )
    return bundle
