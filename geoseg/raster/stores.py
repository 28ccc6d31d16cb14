"""What holds the files of a product: this disk, an archive wherever it lies, or a server."""

from __future__ import annotations

import os
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from io import SEEK_END
from lzma import LZMAError
from pathlib import Path
from typing import Any, Protocol

from ..core.errors import InputError
from ..core.files import check_regular
from .fetch import is_folder, is_there, list_folder, open_ranges, read_file
from .locations import CLOUDS, gdal_name, is_remote, without_query

LIMIT = 16 << 20  # bytes of a file of metadata: real ones have at most 2 MB
DEEPEST = 20  # folders inside each other in an archive: products have at most six
AGAIN = "fetch the product again, whole"
ARCHIVES = {"/vsizip/": r"\.zip", "/vsitar/": r"\.(?:tar|tgz|tar\.gz)"}
_PACKED = re.compile(r"(?i)gz$")  # tar files without a place for each of their files
# what zipfile and tarfile raise beside OSError: a zip file may be encrypted (RuntimeError), or
# packed by a method that Python lacks
_DAMAGE = (
    EOFError,
    RuntimeError,
    NotImplementedError,
    ValueError,
    LZMAError,
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
)


class Store(Protocol):
    """What holds files, by their paths in it; "" is the top of an archive or server."""

    def join(self, path: str, name: str) -> str:
        """Go down.

        Parameters
        ----------
        path
            Of a folder.
        name
            What lies in it, with "/"; "" is the folder itself.

        Returns
        -------
        str
            Its path.
        """
        ...

    def parent(self, path: str, levels: int) -> str:
        """Go up.

        Parameters
        ----------
        path
            In the store.
        levels
            How far.

        Returns
        -------
        str
            The path of the folder that holds it.
        """
        ...

    def name(self, path: str) -> str:
        """Call a folder.

        Parameters
        ----------
        path
            In the store.

        Returns
        -------
        str
            The last part of its path.
        """
        ...

    def gdal_path(self, path: str) -> str:
        """Name a file or folder as GDAL opens it, and people are told of it.

        Parameters
        ----------
        path
            In the store.

        Returns
        -------
        str
            A path on disk, or behind /vsizip/ or /vsitar/, or an address.
        """
        ...

    def has(self, path: str) -> bool:
        """Tell whether a file is there.

        Parameters
        ----------
        path
            In the store.

        Returns
        -------
        bool
            False for a folder.
        """
        ...

    def has_folder(self, path: str) -> bool:
        """Tell whether a folder is there.

        Parameters
        ----------
        path
            In the store.

        Returns
        -------
        bool
            False for a file.
        """
        ...

    def names(self, path: str) -> list[str]:
        """List what lies directly in a folder.

        Parameters
        ----------
        path
            In the store.

        Returns
        -------
        list
            Names, sorted.
        """
        ...

    def folders(self, path: str) -> list[str]:
        """List the folders that are looked at for products.

        Parameters
        ----------
        path
            In the store.

        Returns
        -------
        list
            Of an archive all from this one on down, the outer ones first; else this one.
        """
        ...

    def read(self, path: str) -> bytes:
        """Read a file of metadata.

        Parameters
        ----------
        path
            In the store.

        Returns
        -------
        bytes
            Up to LIMIT + 1 of them.
        """
        ...


@dataclass(frozen=True, slots=True)
class _Disk:
    """The files of this machine, by its own paths."""

    def join(self, path: str, name: str) -> str:
        return str(Path(path, name)) if name else path

    def parent(self, path: str, levels: int) -> str:
        return str(Path(path).absolute().parents[levels - 1])

    def name(self, path: str) -> str:
        return Path(path).absolute().name

    def gdal_path(self, path: str) -> str:
        return path

    def has(self, path: str) -> bool:
        return Path(path).is_file()

    def has_folder(self, path: str) -> bool:
        return Path(path).is_dir()

    def names(self, path: str) -> list[str]:
        try:
            return sorted(found.name for found in Path(path).iterdir())
        except OSError as error:
            raise InputError(f"the folder {path} cannot be read: {error.strerror}") from error

    def folders(self, path: str) -> list[str]:
        return [path]

    def read(self, path: str) -> bytes:
        check_regular(path)
        try:
            with Path(path).open("rb") as stream:
                return stream.read(LIMIT + 1)
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error}", do=AGAIN) from error


class _Inner:
    """Paths from the top of a store, with "/"; "" is the top."""

    __slots__ = ()

    def join(self, path: str, name: str) -> str:
        return "/".join(filter(None, (path, name)))

    def parent(self, path: str, levels: int) -> str:
        return "/".join(path.split("/")[:-levels])

    def name(self, path: str) -> str:
        return path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class _Archive(_Inner):
    """A zip or tar file, by the paths of its files."""

    location: str
    """Its path or address."""
    members: frozenset[str]
    """The paths of all files in it."""

    def gdal_path(self, path: str) -> str:
        if is_remote(self.location):  # whose end may be that of a signature
            return f"{_prefix(self.location)}{{{gdal_name(self.location)}}}/{path}"
        archive = os.path.abspath(self.location)  # noqa: PTH100 - links stay what they are
        return f"{_prefix(archive)}{archive}/{path}"

    def has(self, path: str) -> bool:
        return path in self.members

    def has_folder(self, path: str) -> bool:
        return path in _tree(self.members)

    def names(self, path: str) -> list[str]:
        return list(_tree(self.members).get(path, ()))

    def folders(self, path: str) -> list[str]:
        begins = path and f"{path}/"
        below = {inner for inner in _tree(self.members) if inner.startswith(begins)} | {path}
        return sorted(below, key=lambda inner: (inner.count("/") + bool(inner), inner))

    def read(self, path: str) -> bytes:
        whole = self.gdal_path(path)
        try:
            with _opened(self.location) as file:
                return _read_member(file, self.location, path)
        except OSError as error:
            raise InputError(f"{whole} cannot be read: {error}", do=AGAIN) from error
        except _DAMAGE as error:
            raise InputError(f"{whole} is damaged: {error}", do=AGAIN) from error


@dataclass(frozen=True, slots=True)
class _Server(_Inner):
    """A server of the web, or a bucket of a cloud's store, by the paths of its files."""

    base: str
    """The begin of its addresses, such as https://server or s3://bucket."""
    query: str = ""
    """The end of its addresses, which may be a signature of all: ?token=..."""

    def gdal_path(self, path: str) -> str:
        return f"{self.base}/{path}{self.query}"

    def has(self, path: str) -> bool:
        return is_there(self.gdal_path(path))

    def has_folder(self, path: str) -> bool:
        if self.base.partition("://")[0] not in CLOUDS:
            return True  # the web has files alone
        return is_folder(self.gdal_path(path))

    def names(self, path: str) -> list[str]:
        return list_folder(self.gdal_path(path))

    def folders(self, path: str) -> list[str]:
        return [path]

    def read(self, path: str) -> bytes:
        return read_file(self.gdal_path(path), LIMIT)


DISK: Store = _Disk()


def is_archive(path: str) -> bool:
    """Tell whether a name is that of a zip or tar file.

    Parameters
    ----------
    path
        Of a file, or its address.

    Returns
    -------
    bool
        By its suffix.
    """
    plain = without_query(path)
    return any(re.search(f"{end}$", plain, re.IGNORECASE) for end in ARCHIVES.values())


def open_server(base: str, query: str = "") -> Store:
    """Name a server as what holds files; nothing is asked of it.

    Parameters
    ----------
    base
        The begin of its addresses, such as https://server or s3://bucket.
    query
        The end of its addresses, such as ?token=...

    Returns
    -------
    Store
        By the paths of its files.
    """
    return _Server(base, query)


def open_archive(location: str) -> Store:
    """List what an archive holds.

    Parameters
    ----------
    location
        The path or address of a zip or tar file.

    Returns
    -------
    Store
        Links and devices in it are left out.

    Raises
    ------
    InputError
        If it is no whole archive, or has no list of its files that can be fetched.
    """
    kind = _kind(location)
    if is_remote(location) and _PACKED.search(without_query(location)):
        raise InputError(
            f"{location} is a packed tar file, which tells what it holds only to who fetches all",
            "a zip file, or a tar file that is not packed",
            "give the address of the product's metadata or folder, or fetch it first",
        )
    check_regular(location)
    try:
        names = _names(location, kind, _state(location))
    except (OSError, *_DAMAGE) as error:
        message = f"{location} is no whole {kind} file: {error}"
        raise InputError(message, f"a {kind} file", AGAIN) from error
    return _Archive(location, names)


def _state(location: str) -> tuple[int, int]:
    """What changes with a file."""
    if is_remote(location):
        with open_ranges(location) as file:
            return 0, file.seek(0, SEEK_END)
    found = os.stat(location)  # noqa: PTH116
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=16)
def _tree(members: frozenset[str]) -> Mapping[str, Sequence[str]]:
    """By folder of an archive, "" its top, what lies directly in it, sorted; all in one go, as an
    archive may hold very many.
    """
    found: dict[str, set[str]] = {"": set()}
    for path in members:
        name = path
        while name:
            folder, _, last = name.rpartition("/")
            inside = found.setdefault(folder, set())
            if last in inside:
                break  # and so are the folders above
            inside.add(last)
            name = folder
    return {folder: sorted(inside) for folder, inside in found.items()}


@lru_cache(maxsize=16)
def _names(location: str, kind: str, state: tuple[int, int]) -> frozenset[str]:  # noqa: ARG001
    """The files in an archive, listed once for each of its states: a packed one is unpacked."""
    with _opened(location) as file:
        if kind == "zip":
            with zipfile.ZipFile(file) as opened:
                return frozenset(filter(_plain, opened.namelist()))
        with _open_tar(file, location) as opened_tar:
            names = (member.name.removeprefix("./") for member in opened_tar if member.isfile())
            return frozenset(filter(_plain, names))


def _plain(name: str) -> bool:
    """Whether a name is that of a file at most DEEPEST folders down, as those of a product are."""
    return not name.endswith("/") and name.count("/") <= DEEPEST


@contextmanager
def _opened(location: str) -> Iterator[Any]:
    """An archive's bytes, wherever it lies."""
    if is_remote(location):
        with open_ranges(location) as file:
            yield file
    else:
        with Path(location).open("rb") as local:
            yield local


def _open_tar(file: Any, location: str) -> tarfile.TarFile:
    return tarfile.open(fileobj=file, mode="r:" if is_remote(location) else "r")


def _read_member(file: Any, location: str, member: str) -> bytes:
    """Up to LIMIT + 1 bytes of a file in an archive, which is never unpacked on disk."""
    if _kind(location) == "zip":
        with zipfile.ZipFile(file) as opened, opened.open(member) as inner:
            return inner.read(LIMIT + 1)
    with _open_tar(file, location) as packed:
        found = next(m for m in packed if m.isfile() and m.name.removeprefix("./") == member)
        stream = packed.extractfile(found)
        assert stream
        return stream.read(LIMIT + 1)


def _kind(location: str) -> str:
    return "tar" if _prefix(location) == "/vsitar/" else "zip"


def _prefix(location: str) -> str:
    """GDAL's prefix of what lies in an archive."""
    tar = re.search(f"{ARCHIVES['/vsitar/']}$", without_query(location), re.IGNORECASE)
    return "/vsitar/" if tar else "/vsizip/"
