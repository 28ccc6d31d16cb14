"""Files of web servers: read whole, or by ranges, within limits of time that always end."""

from __future__ import annotations

import http.client
import io
import re
import time
from base64 import b64encode
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import HTTPHandler, HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from ..core.version import __version__

TIMEOUT = 30.0  # seconds without a byte
SLOW = 64  # bytes a second: what brings less for TIMEOUT seconds has failed
_TOTAL = re.compile(r"bytes (\d+)-\d+/(\d+)")


class NoRangesError(OSError):
    """A server gives files whole only."""


class _Watched(io.RawIOBase):
    """What comes of an answer, headers too; it fails where too little does."""

    def __init__(self, raw: io.RawIOBase) -> None:
        self._raw = raw
        self._began = time.monotonic()
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        count = self._raw.readinto(buffer)
        self._count += count or 0
        passed = time.monotonic() - self._began
        if passed >= TIMEOUT:
            if self._count < SLOW * passed:
                raise TimeoutError(f"{self._count} bytes in {passed:.0f} seconds")
            self._began = time.monotonic()
            self._count = 0
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fp: Any = io.BufferedReader(_Watched(self.fp.detach()))


class _Plain(http.client.HTTPConnection):
    response_class = _Answer


class _Secure(http.client.HTTPSConnection):
    response_class = _Answer


class _PlainHandler(HTTPHandler):
    def http_open(self, req: Request) -> Any:
        return self.do_open(_Plain, req)


class _SecureHandler(HTTPSHandler):
    def https_open(self, req: Request) -> Any:
        return self.do_open(_Secure, req, context=self._context)  # type: ignore[attr-defined]


class _Redirects(HTTPRedirectHandler):
    """Tells no other server, and none in the clear, what user and password are for the first."""

    def redirect_request(self, req: Request, *told: Any) -> Request | None:
        """Ask on where the server says, as urllib does.

        Parameters
        ----------
        req
            What was asked.
        *told
            What the server answered.

        Returns
        -------
        Request or None
            What is asked next.
        """
        found = super().redirect_request(req, *told)
        if found and (found.host != req.host or (req.type, found.type) == ("https", "http")):
            found.remove_header("Authorization")
        return found


def read_web(address: str, max_size: int) -> bytes:
    """Read a file whole.

    Parameters
    ----------
    address
        Of http or https.
    max_size
        Bytes beyond which it is not read on.

    Returns
    -------
    bytes
        At most one more than `max_size`.

    Raises
    ------
    OSError, HTTPException
        If the server does not give it.
    """
    with _ask(address) as answer:
        data: bytes = answer.read(max_size + 1)
        length = answer.headers.get("Content-Length")
    if length and len(data) < min(int(length), max_size + 1):
        raise http.client.IncompleteRead(data, int(length) - len(data))
    return data


def ask_web(address: str) -> None:
    """Ask for the first byte of a file: a signature may be for GET alone, and not for HEAD.

    Parameters
    ----------
    address
        Of http or https.

    Raises
    ------
    OSError, HTTPException
        If the server does not give it.
    """
    _ask(address, Range="bytes=0-0").close()


def web_state(address: str) -> tuple[int | None, str]:
    """Ask a server what it says of a file by which this is known again.

    Parameters
    ----------
    address
        Of http or https.

    Returns
    -------
    tuple
        Its bytes, None where they are not told; and `etag:` or `modified:` and what the server
        says, "" where it says neither.

    Raises
    ------
    OSError, HTTPException
        If the server does not give it.
    """
    with _ask(address, Range="bytes=0-0") as answer:
        told = _TOTAL.fullmatch(answer.headers.get("Content-Range", "").strip())
        length = answer.headers.get("Content-Length", "")
        whole = int(length) if answer.status == 200 and length.isdigit() else None
        marks = (("etag", "ETag"), ("modified", "Last-Modified"))
        found = (f"{mark}:{value}" for mark, key in marks if (value := answer.headers.get(key)))
        return int(told[2]) if told else whole, next(found, "")


def read_web_range(address: str, start: int, stop: int) -> tuple[bytes, int]:
    """Read a part of a file.

    Parameters
    ----------
    address
        Of http or https.
    start, stop
        Its bytes, half open; the file may end before.

    Returns
    -------
    tuple[bytes, int]
        These, and the size of the whole file.

    Raises
    ------
    NoRangesError
        If the server gives no ranges.
    OSError, HTTPException
        If it does not give this one.
    """
    with _ask(address, Range=f"bytes={start}-{stop - 1}") as answer:
        told = _TOTAL.fullmatch(answer.headers.get("Content-Range", "").strip())
        if answer.status != 206 or not told or int(told[1]) != start:
            raise NoRangesError("the server gives no ranges of files")
        size = int(told[2])
        wanted = min(stop, size) - start
        data: bytes = answer.read(wanted)
    if len(data) < wanted:
        raise http.client.IncompleteRead(data, wanted - len(data))
    return data, size


def _ask(address: str, **headers: str) -> Any:
    parts = urlsplit(address)
    user, _, server = parts.netloc.rpartition("@")
    plain = urlunsplit((parts.scheme, server, parts.path, parts.query, ""))
    headers["User-Agent"] = f"geoseg/{__version__}"
    if user:  # urllib would look for a server of that name
        headers["Authorization"] = "Basic " + b64encode(unquote(user).encode()).decode()
    request = Request(plain, headers=headers)  # noqa: S310 - http or https
    opener = build_opener(_Redirects, _PlainHandler, _SecureHandler)
    return opener.open(request, timeout=TIMEOUT)
