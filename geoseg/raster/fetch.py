"""Files that are no rasters, such as STAC items and metadata, from wherever they lie."""

from __future__ import annotations

import http.client
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError

from ..core.errors import InputError
from ..core.files import check_regular
from ..core.redact import without_secrets
from ..core.threads import call_within
from .clouds import store_of
from .locations import CLOUDS
from .patience import Patience
from .web import NoRangesError, ask_web, read_web, read_web_range, web_state

MOST = 64 << 20  # bytes: real items have about 20 kB
BUSY = (408, 429, 500, 502, 503, 504)
ABSENT = (403, 404, 410)  # stores that list nothing say 403 of what is not there
PIECE = 1 << 20  # bytes that a store has to give within LONGEST seconds
LONGEST = 90.0
AHEAD = 16 << 10  # bytes that are read at once of a file that is read by ranges
T = TypeVar("T")


class NotListedError(InputError):
    """A server does not tell what lies in a folder."""


def read_file(location: str, max_size: int = MOST) -> bytes:
    """Read a file whole, from this machine, the web or the store of a cloud.

    Parameters
    ----------
    location
        A path or an address.
    max_size
        Bytes beyond which it is refused.

    Returns
    -------
    bytes
        What it holds.

    Raises
    ------
    InputError
        If it cannot be read, or is larger.
    """
    scheme = _scheme(location)
    with _errors(location):
        if scheme in ("http", "https"):
            data = _patiently(lambda: read_web(location, max_size))
        elif scheme in CLOUDS:
            data = _patiently(lambda: _from_cloud(scheme, location, max_size))
        else:
            check_regular(location)
            with Path(location).open("rb") as file:
                data = file.read(max_size + 1)
    if len(data) > max_size:
        raise InputError(
            f"{location} is larger than {max_size / 1e6:,.0f} MB", f"at most {max_size} bytes"
        )
    return data


def is_there(location: str) -> bool:
    """Ask whether a file lies at an address.

    Parameters
    ----------
    location
        An address of the web, or of a cloud's store.

    Returns
    -------
    bool
        False, too, where the server forbids it.

    Raises
    ------
    InputError
        If the server does not answer.
    """
    scheme = _scheme(location)
    try:
        with _errors(location):
            if scheme in CLOUDS:
                return bool(_info(scheme, location).is_file)
            _patiently(lambda: ask_web(location))
    except InputError as error:
        cause = error.__cause__
        if isinstance(cause, HTTPError):
            if cause.code == 416:  # no byte is there: the file is empty
                return True
            if cause.code in ABSENT:
                return False
        if isinstance(cause, PermissionError):
            return False
        raise
    return True


def remote_state(location: str) -> tuple[int | None, str]:
    """Ask what is said of a file at an address by which it is known again.

    Parameters
    ----------
    location
        An address of the web, or of a cloud's store.

    Returns
    -------
    tuple
        Its bytes, None where they are not told; and `etag:` or `modified:` with what the server or
        store says, "" where it says neither.

    Raises
    ------
    InputError
        If it does not answer, or not us.
    """
    scheme = _scheme(location)
    with _errors(location):
        if scheme not in CLOUDS:
            return web_state(location)
        store = store_of(scheme)
        info = _of_cloud(lambda: store.get_file_info(_key(location)))
        return info.size, f"modified:{info.mtime.isoformat()}" if info.mtime else ""


def is_folder(location: str) -> bool:
    """Ask whether files lie behind an address.

    Parameters
    ----------
    location
        An address of a cloud's store.

    Returns
    -------
    bool
        False, too, where the store forbids to ask.

    Raises
    ------
    InputError
        If the store does not answer.
    """
    from pyarrow.fs import FileType

    scheme = _scheme(location)
    try:
        with _errors(location):
            return bool(_info(scheme, location).type == FileType.Directory)
    except InputError as error:
        if isinstance(error.__cause__, PermissionError):
            return False
        raise


def list_folder(location: str) -> list[str]:
    """List the files and folders that lie directly behind an address.

    Parameters
    ----------
    location
        Of a folder.

    Returns
    -------
    list
        Their names, sorted.

    Raises
    ------
    NotListedError
        If the server tells nothing of the kind.
    InputError
        If it does not answer.
    """
    from pyarrow.fs import FileSelector

    scheme = _scheme(location)
    if scheme not in CLOUDS:
        raise _not_listed(location)
    try:
        with _errors(location):
            store = store_of(scheme)
            within = FileSelector(_key(location))
            found = _patiently(lambda: _of_cloud(lambda: store.get_file_info(within)))
    except InputError as error:
        if isinstance(error.__cause__, PermissionError):
            raise _not_listed(location) from error
        raise
    return sorted(info.base_name for info in found)


def _not_listed(location: str) -> NotListedError:
    return NotListedError(
        f"what lies in the folder {location} is not listed by its server",
        "the address of a file",
        "give that of the product's zip file, or of its metadata, such as MTD_MSIL2A.xml, "
        "metadata.xml or ..._MTL.txt",
    )


def open_ranges(location: str) -> io.BufferedReader:
    """Open a file at an address, of which only what is read is fetched.

    Parameters
    ----------
    location
        An address of the web, or of a cloud's store.

    Returns
    -------
    BufferedReader
        To be closed by the caller.

    Raises
    ------
    InputError
        If it is not there, or the server gives no ranges.
    """
    return io.BufferedReader(_Ranges(location), AHEAD)


class _Ranges(io.RawIOBase):
    """A file at an address, read by ranges."""

    def __init__(self, location: str) -> None:
        self._location = location
        self._place = 0
        scheme = _scheme(location)
        with _errors(location):
            if scheme in CLOUDS:
                store = store_of(scheme)
                self._file = _patiently(
                    lambda: _of_cloud(lambda: store.open_input_file(_key(location)))
                )
                self._size = int(self._file.size())
            else:
                self._file = None
                self._size = _patiently(lambda: read_web_range(location, 0, 1))[1]

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError(f"no byte {start + offset}")
        self._place = start + offset
        return self._place

    def readinto(self, buffer: Any) -> int:
        stop = min(self._place + len(buffer), self._size)
        if stop <= self._place:
            return 0
        with _errors(self._location):
            data = _patiently(lambda: self._fetch(self._place, stop))
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)

    def _fetch(self, start: int, stop: int) -> bytes:
        if self._file is None:
            return read_web_range(self._location, start, stop)[0]
        return bytes(_of_cloud(lambda: self._file.read_at(stop - start, start)))


def _scheme(location: str) -> str:
    return location.partition("://")[0].lower() if "://" in location else ""


def _key(location: str) -> str:
    """What a store calls a file or folder: bucket/key."""
    return location.partition("://")[2].rstrip("/")


@contextmanager
def _errors(location: str) -> Iterator[None]:
    """Say in words why a file was not given."""
    try:
        yield
    except HTTPError as error:
        error.close()
        raise InputError(
            f"{location} was not given: the server answers {error.code} {error.reason}",
            do=_advice(error.code),
        ) from error
    except FileNotFoundError as error:
        raise InputError(f"{location} does not exist") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        said = without_secrets(" ".join(str(error).split()), location)
        raise InputError(f"{location} cannot be read: {said or type(error).__name__}") from error


def _advice(status: int) -> str:
    if status in (401, 403):
        return "see to the credentials, or whether the signature of the address has expired"
    return "see whether the address is right" if status == 404 else "try again later"


def _patiently(read: Callable[[], T]) -> T:
    """Return what read() gives; where the server fails, ask again a few times."""
    patience = Patience()
    while True:
        try:
            return read()
        except HTTPError as error:
            if error.code not in BUSY or not patience.wait():
                raise
            error.close()
        except (FileNotFoundError, PermissionError, NoRangesError):
            raise
        except (OSError, http.client.HTTPException):
            if not patience.wait():
                raise


def _info(scheme: str, location: str) -> Any:
    store = store_of(scheme)
    return _patiently(lambda: _of_cloud(lambda: store.get_file_info(_key(location))))


def _from_cloud(scheme: str, location: str, max_size: int) -> bytes:
    store = store_of(scheme)
    file = _of_cloud(lambda: store.open_input_file(_key(location)))
    size = min(_of_cloud(file.size), max_size + 1)
    parts = [
        _of_cloud(partial(file.read_at, min(PIECE, size - start), start))
        for start in range(0, size, PIECE)
    ]
    return b"".join(parts)


def _of_cloud(read: Callable[[], T]) -> T:
    """Return what read() gives; the errors of stores are those of files."""
    import pyarrow as pa

    try:
        return call_within(LONGEST, read)
    except TimeoutError as error:
        raise TimeoutError(f"the store gave nothing in {LONGEST:g} seconds") from error
    except pa.ArrowException as error:
        raise OSError(str(error)) from error
    except OSError as error:
        if "ACCESS_DENIED" in str(error):  # so Amazon's store says it, of all that it forbids
            raise PermissionError(str(error)) from error
        raise
