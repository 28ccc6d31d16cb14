"""What addresses keep secret, taken out of every text that people and files are told."""

from __future__ import annotations

import re

HIDDEN = "***"
_LETTER = r"\\+u[0-9A-Fa-f]{4}"  # beyond ASCII, as JSON has it, also JSON within JSON
# an address, or a name of GDAL's that holds one, up to what cannot be part of it; any other
# backslash ends it in JSON
_ADDRESS = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.-]*://|/vsi[a-z0-9_]+[/?])"
    rf"(?:[^\s'\"<>\\]|{_LETTER})*(?:[^\s'\"<>\\,.:;)]|{_LETTER})"
)
_USER = re.compile(
    r"(?<=://)[^/?#]*@"
)  # up to the last @ before the path: passwords may hold one, too
_QUERY_VALUE = re.compile(r"(?<==)[^&;?#]+")
_QUERY = re.compile(r"(&amp;|[?#&;])([^=&;?#]*=)?[^&;?#]+")
# NAME=SECRET outside of an address, as in PG:"host=h password=p" or GDAL's settings
_SETTING = re.compile(
    r"(?i)(?<![A-Za-z0-9])((?:[A-Z0-9_-]*[_-])?(?:password|passwd|pwd|token|secret|signature|sig|api_?key|access_?key(?:_?id)?"
    r"|credential|authorization)=)"
    # quotes hold spaces, or are escaped
    r"(?:(?:'(?:[^'\\]|\\.)+')+|\\'(?:[^'\\]|\\[^'])+\\'|\\?'?"
    rf"(?:[^\s'\"&;,<>\\]|{_LETTER})+)"
)


# a path with a query, as programs name it in errors, without the server: a.tif?sig=...
_BARE = re.compile(rf"(?<![\w%.~/-])[\w%.~/-]+\?[^\s'\"<>\\,]*=(?:[^\s'\"<>\\,]|{_LETTER})*")


def redact(text: str) -> str:
    """Return a text without what addresses keep secret.

    Which names of a query are secret differs from service to service (``token``, ``sig``,
    ``X-Amz-Signature``), so no value stays.

    Parameters
    ----------
    text
        What people or files are to be told.

    Returns
    -------
    str
        With ``***`` for users and passwords of addresses, and for all values of their queries. What
        was redacted stays as it is.
    """
    if "=" not in text and "@" not in text and "?" not in text:
        return text
    told = _ADDRESS.sub(lambda found: _plain(found[0]), text)
    told = _BARE.sub(lambda found: _plain(found[0]), told)
    return _SETTING.sub(rf"\1{HIDDEN}", told)


def without_secrets(text: str, address: str) -> str:
    """Return a text without what one address keeps secret, in whatever words it stands there.

    Parameters
    ----------
    text
        Of another program, which may tell parts of the address.
    address
        That it may tell.

    Returns
    -------
    str
        With ``***`` for the query, each value of it, and the user and password.
    """
    _, _, query = _split(address)
    secrets = {query, *re.split(r"[&;]", query), *_QUERY_VALUE.findall(query)}
    if user := _USER.search(address):
        secrets |= {user[0].rstrip("@"), user[0].rstrip("@").partition(":")[2]}
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) > 3:  # fewer letters are no secret, and stand in many words
            text = text.replace(secret, HIDDEN)
    return redact(text)


def _plain(address: str) -> str:
    place, mark, query = _split(_USER.sub(f"{HIDDEN}@", address))
    return place + _QUERY.sub(rf"\1\2{HIDDEN}", mark + query)


def _split(address: str) -> tuple[str, str, str]:
    """Return what comes before the query, its mark, and the query."""
    found = re.search(r"[?#]", address)
    return (
        (address[: found.start()], found[0], address[found.end() :]) if found else (address, "", "")
    )
