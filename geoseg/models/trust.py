"""Files that can run code: none is loaded but by the digest of what the user has said to trust."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..core.cache import models_folder
from ..core.disk import failures
from ..core.errors import InputError, ModelError
from ..core.files import check_regular

# files of a bundle that may hold code; all others are data
CODE = ("model.pt", "model.pt2")
FOLDER = ".trusted"  # in that of the added models: an empty file for each digest, named after it
MOST = 2 << 30  # bytes


def parse_digest(text: str) -> str:
    """Read a digest as people paste it.

    Parameters
    ----------
    text
        64 hexadecimal digits of either case, with sha256: before them or without.

    Returns
    -------
    str
        In lower case.

    Raises
    ------
    InputError
        If it is none.
    """
    found = text.strip().lower().removeprefix("sha256:")
    if not re.fullmatch(r"[0-9a-f]{64}", found, re.ASCII):
        raise InputError(f"--trust {text}", "the SHA-256 of a file, 64 hexadecimal digits")
    return found


def read_trusted(path: Path) -> bytes:
    """Read a file that may hold code, if the user trusts what it holds.

    What is hashed is what comes back: a file that changes meanwhile changes nothing.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    bytes
        All of it.

    Raises
    ------
    ModelError
        If it is not trusted: the error tells its digest. InputError, if it cannot be read.
    """
    check_regular(path)
    try:
        with path.open("rb") as file:
            data = file.read(MOST + 1)
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error}") from error
    if len(data) > MOST:
        raise ModelError(f"{path} is larger than {MOST >> 30} GiB")
    digest = hashlib.sha256(data).hexdigest()
    if not is_trusted(digest):
        raise _refusal(path, digest)
    return data


def check_trusted(path: Path, named: str = "") -> str:
    """Refuse a file that may hold code, unless it is trusted.

    Parameters
    ----------
    path
        The file.
    named
        A digest that the user names beside those that are trusted already.

    Returns
    -------
    str
        The file's digest.

    Raises
    ------
    ModelError
        As `read_trusted`.
    """
    digest = digest_of(path)
    if named and digest != named:
        raise ModelError(
            f"{path} has the SHA-256 {digest}",
            f"{named}, as --trust names it",
            "it is another file than the one you trust: do not use it before you know why",
        )
    if not (named or is_trusted(digest)):
        raise _refusal(path, digest)
    return digest


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    ModelError
        If it cannot be read. InputError, if it is no file.
    """
    check_regular(path)
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error}") from error


def is_trusted(digest: str) -> bool:
    """Tell whether the user trusts a file.

    Parameters
    ----------
    digest
        Its SHA-256.

    Returns
    -------
    bool
        Whether the user has said so, and a model that was added needs it still.
    """
    place = _place(digest)
    return place is not None and place.is_file()


@contextmanager
def trusting(digest: str) -> Iterator[None]:
    """Remember that the user trusts a file, beyond the block if an added model needs it then.

    Parameters
    ----------
    digest
        Its SHA-256.

    Yields
    ------
    None
        The file can be read.

    Raises
    ------
    InputError
        If there is no folder for added models. RunError, if nothing can be written there.
    """
    place = _place(digest)
    if place is None:
        raise InputError("there is no folder for added models", "a home folder, or GEOSEG_MODELS")
    with failures(place):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    try:
        yield
    finally:
        forget_unused(digest)


def forget_unused(digest: str) -> None:
    """Trust a file no longer that no added model needs.

    Parameters
    ----------
    digest
        Its SHA-256.

    Raises
    ------
    RunError
        If that cannot be written.
    """
    from . import list_added

    place = _place(digest)
    if place is None or any(
        digest == digest_of(bundle.weights) for bundle in list_added() if bundle.format in CODE
    ):
        return
    with failures(place):
        place.unlink(missing_ok=True)


def _place(digest: str) -> Path | None:
    folder = models_folder()
    return None if folder is None else folder / FOLDER / digest


def _refusal(path: Path, digest: str) -> ModelError:
    return ModelError(
        f"{path} can hold code, and is no file that you trust: whoever made it could read, change "
        "and send your files once it is loaded",
        "a network as data, such as ONNX or safetensors, or a file that you trust",
        "if you know who made it, and got this very file from there, say so with `geoseg models "
        f"add` and --trust {digest}",
    )
