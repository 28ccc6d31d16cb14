"""Bundles of geoseg's own: their card says all."""

from __future__ import annotations

from pathlib import Path

from .. import find_model, is_part
from . import Fetch, Found


def read(location: str, fetch: Fetch) -> Found | None:  # noqa: ARG001 - as every reader
    """Read a folder with a card, or a file in it.

    Parameters
    ----------
    location
        A path; of anything else None comes back.
    fetch
        Not needed: a bundle lies on this machine.

    Returns
    -------
    Found or None
        With its card.

    Raises
    ------
    ModelError
        If the card cannot be read, or files are missing.
    """
    path = Path(location)
    folder = path.parent if path.is_file() else path
    if not (folder / "card.json").is_file() or (path.is_file() and not is_part(path)):
        return None
    bundle = find_model(str(folder))
    names = [file.relative_to(bundle.path).as_posix() for file in bundle.files]
    files = dict(zip(names, bundle.files, strict=True))
    if bundle.failures:
        files[bundle.failures.name] = bundle.failures
    return Found("a bundle of geoseg's", files, card=bundle.card)
