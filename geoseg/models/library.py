"""The models that a user has added: a folder of bundles, each of which appears whole or not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from ..core.atomic import part_folder
from ..core.cache import models_folder
from ..core.card import ModelCard, read_card, write_card
from ..core.disk import failures
from ..core.errors import InputError, ModelError, OutputError
from ..raster.fetch import read_file
from . import Bundle, find_model, list_added, list_masks, list_models
from .sources import Facts, Found, read_source
from .sources.settle import settle
from .trust import CODE, check_trusted, digest_of, forget_unused, parse_digest, trusting

MOST = 2 << 30  # bytes of one file: an ONNX file holds no more
AUTO = "auto"  # as a name it means that geoseg chooses


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that may be added, with all that is known of it."""

    found: Found
    """What its source is and says."""
    card: ModelCard
    """What becomes of that."""
    facts: Facts
    """What the card was made of; empty where the source had one."""


@contextmanager
def open_source(
    location: str, told: Facts, card: Path | None = None, trust: str = ""
) -> Iterator[Offer]:
    """Look at a model, wherever it lies, and see that it runs.

    Parameters
    ----------
    location
        A file, a folder or an address.
    told
        What the user says of it.
    card
        A card that says all; its interface, where it has none, is found by running the network.
    trust
        The SHA-256 of the network's file, by which the user trusts it though it can hold code.

    Yields
    ------
    Offer
        Its files go when the block ends where they were brought from elsewhere.

    Raises
    ------
    ModelError
        If it is no model, what it takes is not certain, or it can hold code and is not trusted.
        InputError, if it cannot be read.
    """
    named = parse_digest(trust) if trust else ""
    with TemporaryDirectory(prefix="geoseg-") as folder:
        found = read_source(location, Fetching(Path(folder)))
        name, file = next(iter(found.files.items()))
        if name in CODE or named:
            check_trusted(file, named)
        with trusting(named) if named and name in CODE else nullcontext():
            made, facts = settle(found, told, read_card(card) if card else None)
            yield Offer(found, made, facts)


def open_file(path: Path) -> Bundle:
    """Open a model of another program where it lies, if its file says all for certain.

    Parameters
    ----------
    path
        The file, or the folder.

    Returns
    -------
    Bundle
        Its network was run once, on noise.

    Raises
    ------
    ModelError
        If it is no model, or leaves open what it takes: `add` asks for that.
    """
    inside = path.iterdir() if path.is_dir() else (path,)
    return _open_file(path, max(file.stat().st_mtime_ns for file in inside))


@lru_cache(8)  # a run asks several times
def _open_file(path: Path, _: int) -> Bundle:
    try:
        with open_source(str(path), {}) as offer:
            weights = next(iter(offer.found.files.values()))
    except ModelError as error:
        advice = f"geoseg models add {path}"
        raise ModelError(
            error.found,
            error.expected,
            f"add it first: {advice}; {error.do}" if error.do else advice,
        ) from error
    if not weights.is_file():  # it was brought from elsewhere, and went with the block
        raise ModelError(
            f"{path} points at a network that is not on this machine",
            do=f"add it first: geoseg models add {path}",
        )
    return Bundle(weights.parent, weights, offer.card)


@dataclass(frozen=True, slots=True)
class Fetching:
    """Brings files to this machine, below a folder."""

    folder: Path
    """Where they are put."""

    def __call__(self, location: str) -> Path:
        """Bring a file here; see `Fetch`.

        Parameters
        ----------
        location
            Where it lies.

        Returns
        -------
        Path
            Its own where it is here already.
        """
        if "://" not in location:
            return Path(location)
        name = Path(location.partition("?")[0]).name or "file"
        target = self.new_folder() / name  # files of one name may come from two places
        target.write_bytes(read_file(location, MOST))
        return target

    def new_folder(self) -> Path:
        """Make room for files; see `Fetch`.

        Returns
        -------
        Path
            A folder that is empty.
        """
        return Path(mkdtemp(dir=self.folder))


def add(
    offer: Offer,
    name: str | None = None,
    replaced: bool = False,
    finish: Callable[[Bundle], ModelCard] | None = None,
) -> Bundle:
    """Put a model into the user's folder.

    Parameters
    ----------
    offer
        Of `open_source`.
    name
        Under which it is used from now on; None for the card's.
    replaced
        Whether a model of that name may be replaced.
    finish
        Tries the model before it is there, and gives the card that it gets.

    Returns
    -------
    Bundle
        Where it lies now.

    Raises
    ------
    OutputError
        If there is one of that name. InputError, if there is no folder for models. RunError, if
        it cannot be written.
    """
    card = _named(offer.card, offer.card.name if name is None else name)
    folder = added_folder()
    target = folder / card.name
    if any_shipped(card.name):
        raise OutputError(f"{card.name} ships with geoseg", "another name", "give it with --name")
    if target.exists() and not replaced:
        raise _taken(target)
    with failures(target):
        folder.mkdir(parents=True, exist_ok=True)
        with part_folder(target) as hidden:
            whole = hidden / card.name
            for place, file in offer.found.files.items():
                (whole / place).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, whole / place)
            write_card(card, whole / "card.json")
            made = find_model(str(whole))  # nothing is moved that is not a model
            if finish is not None:
                write_card(finish(made), whole / "card.json")
            former = _code_of(target)
            if target.exists():
                if not replaced:  # somebody else has added one of that name meanwhile
                    raise _taken(target)
                target.rename(hidden / "former")
            whole.rename(target)
    if former:
        forget_unused(former)
    return find_model(str(target))


def _taken(target: Path) -> OutputError:
    return OutputError(
        f"there is a model {target.name} already, in {target}",
        "a new name",
        "give one with --name, or --overwrite",
    )


def _code_of(folder: Path) -> str:
    """Return the digest of a model's file that can hold code; "" where it has none."""
    return next((digest_of(folder / name) for name in CODE if (folder / name).is_file()), "")


def remove(name: str) -> Path:
    """Take a model out of the user's folder.

    Parameters
    ----------
    name
        As `geoseg models list` shows it.

    Returns
    -------
    Path
        Where it lay.

    Raises
    ------
    ModelError
        If the user has added none of that name. InputError, if there is no folder for models.
        RunError, if it cannot be removed.
    """
    target = added_folder() / name
    # also one whose card is damaged, which no list shows
    if Path(name).name != name or not (target / "card.json").is_file():
        added = [bundle.card.name for bundle in list_added()]
        raise ModelError(
            f"no model {name!r} was added",
            f"one of {', '.join(added)}" if added else "",
            "what ships with geoseg stays" if any_shipped(name) else "see `geoseg models list`",
        )
    code = _code_of(target)
    with failures(target), part_folder(target) as hidden:
        target.rename(hidden / "former")
    if code:
        forget_unused(code)
    return target


def any_shipped(name: str) -> bool:
    """Tell whether a model ships with geoseg.

    Parameters
    ----------
    name
        The model's.

    Returns
    -------
    bool
        Whether it does.
    """
    return any(name == bundle.card.name for bundle in (*list_models(), *list_masks()))


def added_folder() -> Path:
    """Return the user's folder of models.

    Returns
    -------
    Path
        Whether it is there or not.

    Raises
    ------
    InputError
        If there is none, because the environment says so or the process has no home.
    """
    folder = models_folder()
    if folder is None:
        raise InputError(
            "there is no folder for added models",
            "a home folder, or GEOSEG_MODELS",
            "set GEOSEG_MODELS to a folder" if not os.environ.get("GEOSEG_MODELS") else "",
        )
    return folder


def _named(card: ModelCard, name: str) -> ModelCard:
    if name == AUTO:
        raise InputError(
            f"no model can be called {AUTO}: --model {AUTO} chooses one of those that ship",
            "another name",
            "give it with --name",
        )
    try:
        return replace(card, name=name)
    except ValueError as error:
        raise InputError(f"--name {name}: {error}") from error
