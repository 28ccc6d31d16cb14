"""Addresses with secrets, kept for their owner alone, apart from what is handed on.

The plan of a batch names its scenes, and is read by whoever gets the folder. In it an address with
a user, a password or a signature stands without them, with a key; the whole address is in a file of
the user's cache folder, by that key. An address that is signed anew has the key that it had.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from uuid import uuid4

from .cache import cache_folder
from .errors import InputError, OutputError
from .redact import redact

MARK = "#geoseg-address-"
_KEYED = re.compile(rf"{MARK}([0-9a-f]{{32}})$")
_USER = re.compile(r"(?<=://)[^/?#]*@")
# Names in a query that belong to a signature and not to the file: of Amazon, Google (CloudFront
# and Cloud CDN too), Azure, Akamai, and tokens of any kind
_SIGNATURE = re.compile(
    r"(?i)(?:x-(?:amz|goog|ms|oss)-.*|.*signature.*|.*token.*|.*api_?key.*|.*credential.*|expires?"
    r"|policy|key-pair-id|keyname|key|auth|hdnea|hdnts|awsaccesskeyid|googleaccessid|ossaccesskeyid"
    r"|sig|se|sp|sv|sr|st|sip|spr|ske|skoid|sks|skt|sktid|skv|skdutid|suoid)"
)


def plain_address(address: str) -> str:
    """Return an address as it may be told, with the key by which its whole is kept.

    Parameters
    ----------
    address
        Or a path.

    Returns
    -------
    str
        The same where nothing in it is secret.
    """
    told = redact(address)
    if told == address or _KEYED.search(address):
        return address
    place, mark, query = address.partition("?")
    kept = [pair for pair in query.split("&") if not _SIGNATURE.fullmatch(pair.partition("=")[0])]
    identity = _USER.sub("", place) + mark * bool(kept) + "&".join(kept)
    key = hashlib.sha256(identity.encode()).hexdigest()[:32]
    return f"{redact(identity)}{MARK}{key}"


def keep_address(address: str) -> str:
    """Keep an address whole in the user's cache folder, where it holds secrets.

    Parameters
    ----------
    address
        Or a path.

    Returns
    -------
    str
        What `plain_address` gives.

    Raises
    ------
    OutputError
        If it cannot be kept.
    """
    plain = plain_address(address)
    found = _KEYED.search(plain)
    if found is None or plain == address:
        return plain
    target = _place(found[1])
    part = target and target.with_name(f".{uuid4().hex}.part")
    try:
        if target is None or part is None:
            raise OSError("there is no cache folder")
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(address)
        part.replace(target)
    except OSError as error:
        raise OutputError(
            f"what is secret in {plain} cannot be kept apart: {error.strerror or error}",
            "a folder for it",
            "set GEOSEG_CACHE to one that can be written",
        ) from error
    return plain


def whole_address(plain: str) -> str:
    """Return the address that was kept by its key.

    Parameters
    ----------
    plain
        What `keep_address` gave; any other text.

    Returns
    -------
    str
        The same where it has no key, or nothing is kept by it here.
    """
    found = _KEYED.search(plain)
    target = _place(found[1]) if found else None
    try:
        return target.read_text(encoding="utf-8") if target else plain
    except OSError:
        return plain


def check_known(address: str) -> None:
    """Refuse an address whose secrets are kept elsewhere.

    Parameters
    ----------
    address
        That is to be opened.

    Raises
    ------
    InputError
        If it has a key by which nothing is kept here.
    """
    if _KEYED.search(address):
        raise InputError(
            f"what is secret in {address} is not known on this machine or to this user",
            "the cache folder (GEOSEG_CACHE) of who planned the batch",
            "run the same command again here, with its scenes",
        )


def _place(key: str) -> Path | None:
    folder = cache_folder()
    return folder / "addresses" / key if folder else None
