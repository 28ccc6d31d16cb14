"""Where models come from: each reader looks at a file, folder or address and says what it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from ...core.card import ModelCard
from ...core.errors import InputError

# the first that knows what it is given reads it: "module:function", a Reader
SOURCES = (
    "geoseg.models.sources.hub:read",
    "geoseg.models.sources.bundle:read",
    "geoseg.models.sources.mlm:read",
    "geoseg.models.sources.onnx:read",
    "geoseg.models.sources.smp:read",
    "geoseg.models.sources.transformers:read",
    "geoseg.models.sources.torch_files:read",
    "geoseg.models.sources.esri:read",
)
KNOWN = (
    "a folder with card.json, a STAC MLM item (.json), an ONNX file (.onnx), TorchScript (.pt), a "
    "program of torch.export (.pt2), a package of ArcGIS (.dlpk, .emd), a folder with "
    "config.json and model.safetensors, or hf://OWNER/NAME of the hub"
)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that a card says, and how it is known."""

    value: Any
    """Of the type that the field of the card has."""
    source: str
    """Who says so, such as "the item" or "--gsd"."""
    certain: bool = True
    """False for what is guessed."""


Facts = Mapping[str, Fact]  # by what FACTS in settle.py names


class Fetch(Protocol):
    """Brings what a model is made of to this machine."""

    def __call__(self, location: str) -> Path:
        """Bring a file here.

        Parameters
        ----------
        location
            Where it lies: of a path the path itself comes back.

        Returns
        -------
        Path
            The file.
        """

    def new_folder(self) -> Path:
        """Make room for files that are unpacked.

        Returns
        -------
        Path
            A folder that is empty, and goes when the model has been added.
        """


@dataclass(frozen=True, slots=True)
class Found:
    """What a reader found."""

    kind: str
    """What it is, in words."""
    files: Mapping[str, Path]
    """The files of the bundle that it becomes, by their names there; the network first."""
    facts: Facts = field(default_factory=dict)
    """What it says of itself."""
    notes: tuple[str, ...] = ()
    """What a user should know, a line each."""
    card: ModelCard | None = None
    """The whole card, where it is a bundle of geoseg's own."""
    examine: Callable[[Found, Facts], Facts] | None = None
    """Says what the network itself tells once the facts of source and user are known."""


Reader = Callable[[str, Fetch], Found | None]


def read_source(location: str, fetch: Fetch, leave_out: str = "") -> Found:
    """Find out what a source is, and what it says.

    Parameters
    ----------
    location
        A file, a folder or an address.
    fetch
        Brings what lies elsewhere to this machine.
    leave_out
        One of SOURCES that is not asked.

    Returns
    -------
    Found
        No network has been run.

    Raises
    ------
    InputError
        If it is nothing that geoseg knows. ModelError, if it is, and cannot be read.
    """
    for source in SOURCES:
        if source == leave_out:
            continue
        module, _, function = source.partition(":")
        reader: Reader = getattr(import_module(module), function)
        found = reader(location, fetch)
        if found is not None:
            return found
    there = "://" in location or Path(location).exists()
    raise InputError(
        f"{location} is no model that geoseg can read" if there else f"{location} does not exist",
        KNOWN,
    )
