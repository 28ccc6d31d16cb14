"""Folders and small files wherever GDAL finds them: on disk, in zip files and in tar files."""

from __future__ import annotations

import os
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from lzma import LZMAError
from pathlib import Path

from ..core.errors import InputError
from ..core.files import check_regular

LIMIT = 16 << 20  # bytes of a file of metadata: real ones have at most 2 MB
DEEPEST = 20  # folders inside each other in an archive: products have at most six
AGAIN = "fetch the product again, whole"
_ARCHIVES = {"/vsizip/": r"\.zip", "/vsitar/": r"\.(?:tar|tgz|tar\.gz)"}
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


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder on disk, or inside an archive."""

    path: str
    """Its path on disk; in an archive, that from its top, "" for the top itself."""
    archive: str = ""
    """The zip or tar file; "" on disk."""
    members: frozenset[str] = frozenset()
    """The paths of all files in the archive."""

    def gdal_path(self, name: str) -> str:
        """Name a file of the folder as GDAL opens it.

        Parameters
        ----------
        name
            Its path from here, with "/"; "" is the folder itself.

        Returns
        -------
        str
            Its path, on disk or behind /vsizip/ or /vsitar/.
        """
        if not self.archive:
            return str(Path(self.path, name)) if name else self.path
        archive = os.path.abspath(self.archive)  # noqa: PTH100 - links stay what they are
        return f"{_prefix(archive)}{archive}/{self._member(name)}"

    def has(self, name: str) -> bool:
        """Tell whether a file is there.

        Parameters
        ----------
        name
            Its path from here, with "/".

        Returns
        -------
        bool
            False for a folder.
        """
        if not self.archive:
            return Path(self.path, name).is_file()
        return self._member(name) in self.members

    def has_folder(self, name: str) -> bool:
        """Tell whether a folder is there.

        Parameters
        ----------
        name
            Its path from here, with "/".

        Returns
        -------
        bool
            False for a file.
        """
        if not self.archive:
            return Path(self.path, name).is_dir()
        return self._member(name) in _tree(self.members)

    def names(self) -> list[str]:
        """List the files and folders that lie directly in the folder.

        Returns
        -------
        list
            Their names, sorted.

        Raises
        ------
        InputError
            If it cannot be read.
        """
        if self.archive:
            return list(_tree(self.members).get(self.path, ()))
        try:
            return sorted(found.name for found in Path(self.path).iterdir())
        except OSError as error:
            raise InputError(f"the folder {self.path} cannot be read: {error.strerror}") from error

    def folders(self) -> list[Folder]:
        """List all folders of an archive, from this one on down.

        Returns
        -------
        list
            Those that hold files, the outer ones first.
        """
        begins = self._member("")
        below = {path for path in _tree(self.members) if path.startswith(begins)} | {self.path}
        ordered = sorted(below, key=lambda path: (path.count("/") + bool(path), path))
        return [Folder(path, self.archive, self.members) for path in ordered]

    def child(self, name: str) -> Folder:
        """Go down.

        Parameters
        ----------
        name
            Of a folder in this one.

        Returns
        -------
        Folder
            That folder.
        """
        inner = self._member(name) if self.archive else str(Path(self.path, name))
        return Folder(inner, self.archive, self.members)

    def parent(self, levels: int = 1) -> Folder:
        """Go up.

        Parameters
        ----------
        levels
            How far.

        Returns
        -------
        Folder
            The folder that holds this one.
        """
        if self.archive:
            inner = "/".join(self.path.split("/")[:-levels])
            return Folder(inner, self.archive, self.members)
        return Folder(str(Path(self.path).absolute().parents[levels - 1]))

    @property
    def name(self) -> str:
        """What it is called."""
        return self.path.rpartition("/")[2] if self.archive else Path(self.path).absolute().name

    def read(self, name: str) -> bytes:
        """Read a file of metadata.

        Parameters
        ----------
        name
            Its path from here, with "/".

        Returns
        -------
        bytes
            All of it.

        Raises
        ------
        InputError
            If it is missing, damaged, or larger than any metadata.
        """
        path = self.gdal_path(name)
        if not self.has(name):
            raise InputError(f"{path} is missing", "all files of the product", AGAIN)
        try:
            data = _read_member(self.archive, self._member(name)) if self.archive else _read(path)
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error}", do=AGAIN) from error
        except _DAMAGE as error:
            raise InputError(f"{path} is damaged: {error}", do=AGAIN) from error
        if len(data) > LIMIT:
            raise InputError(f"{path} is larger than {LIMIT >> 20} MB", "a product's metadata")
        return data

    def _member(self, name: str) -> str:
        return "/".join(filter(None, (self.path, name))) if name else self.path and f"{self.path}/"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path leads: to a folder, or to a file in one."""

    folder: Folder
    """The folder; of an archive its top, or where the path leads inside it."""
    name: str = ""
    """The file's name; "" where the folder itself is meant."""


def find_place(path: str) -> Place | None:
    """Find where a path leads.

    Parameters
    ----------
    path
        Of a folder, a file, an archive, or anything inside one behind /vsizip/ or /vsitar/.

    Returns
    -------
    Place or None
        None where nothing lies there, or it is not on this machine.

    Raises
    ------
    InputError
        If it is an archive that is damaged.
    """
    for prefix, suffix in _ARCHIVES.items():
        if path.startswith(prefix):
            return _find_inside(path[len(prefix) :], suffix)
    if "://" in path or path.startswith("/vsi"):
        return None
    place = Path(path)
    if place.is_dir():
        return Place(Folder(path))
    if not place.is_file():
        return None
    if is_archive(path):
        return Place(open_archive(path))
    return Place(Folder(str(place.parent)), place.name)


def is_archive(path: str) -> bool:
    """Tell whether a name is that of a zip or tar file.

    Parameters
    ----------
    path
        Of a file.

    Returns
    -------
    bool
        By its suffix.
    """
    return any(re.search(f"{end}$", path, re.IGNORECASE) for end in _ARCHIVES.values())


def open_archive(path: str) -> Folder:
    """List what an archive holds.

    Parameters
    ----------
    path
        Of a zip or tar file.

    Returns
    -------
    Folder
        Its top. Links and devices in it are left out.

    Raises
    ------
    InputError
        If it is no whole archive.
    """
    check_regular(path)
    kind = "tar" if _prefix(path) == "/vsitar/" else "zip"
    try:
        found = os.stat(path)  # noqa: PTH116
        names = _names(path, kind, (found.st_mtime_ns, found.st_size))
    except (OSError, *_DAMAGE) as error:
        message = f"{path} is no whole {kind} file: {error}"
        raise InputError(message, f"a {kind} file", AGAIN) from error
    return Folder("", path, names)


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
def _names(path: str, kind: str, state: tuple[int, int]) -> frozenset[str]:  # noqa: ARG001
    """The files in an archive, listed once for each of its states: a packed one is unpacked."""
    return _names_in_tar(path) if kind == "tar" else _names_in_zip(path)


def _plain(name: str) -> bool:
    """Whether a name is that of a file at most DEEPEST folders down, as those of a product are."""
    return not name.endswith("/") and name.count("/") <= DEEPEST


def _names_in_zip(path: str) -> frozenset[str]:
    with zipfile.ZipFile(path) as opened:
        return frozenset(filter(_plain, opened.namelist()))


def _names_in_tar(path: str) -> frozenset[str]:
    with tarfile.open(path) as opened:
        names = (member.name.removeprefix("./") for member in opened if member.isfile())
        return frozenset(filter(_plain, names))


def _prefix(archive: str) -> str:
    """GDAL's prefix of what lies in an archive."""
    tar = re.search(f"{_ARCHIVES['/vsitar/']}$", archive, re.IGNORECASE)
    return "/vsitar/" if tar else "/vsizip/"


def _find_inside(inner: str, suffix: str) -> Place | None:
    """As find_place, for what follows /vsizip/ or /vsitar/."""
    parts = re.fullmatch(rf"\{{(.+)\}}/?(.*)|(.+?{suffix})(?:/(.*))?", inner, re.IGNORECASE)
    archive = (parts[1] or parts[3]) if parts else ""
    if not parts or not Path(archive).is_file():
        return None
    rest = (parts[2] or parts[4] or "").strip("/")
    top = open_archive(archive)
    if not rest:
        return Place(top)
    if rest in top.members:
        before, _, name = rest.rpartition("/")
        return Place(Folder(before, top.archive, top.members), name)
    if any(name.startswith(f"{rest}/") for name in top.members):
        return Place(Folder(rest, top.archive, top.members))
    return None


def _read(path: str) -> bytes:
    check_regular(path)
    with Path(path).open("rb") as stream:
        return stream.read(LIMIT + 1)


def _read_member(archive: str, member: str) -> bytes:
    """Up to LIMIT + 1 bytes of a file in an archive, which is never unpacked on disk."""
    if _prefix(archive) == "/vsizip/":
        with zipfile.ZipFile(archive) as opened, opened.open(member) as file:
            return file.read(LIMIT + 1)
    with tarfile.open(archive) as packed:
        found = next(m for m in packed if m.isfile() and m.name.removeprefix("./") == member)
        stream = packed.extractfile(found)
        assert stream
        return stream.read(LIMIT + 1)


def search_place(
    place: Place, find: Callable[[Place], object | None]
) -> list[tuple[Place, object]]:
    """Look for something in a place; in an archive, in all of its folders.

    Parameters
    ----------
    place
        Where to look.
    find
        Tells what is in a place; None where it is nothing.

    Returns
    -------
    list
        Where something was found, and what: one at most outside of archives. Folders inside one
        in which something was found are not looked at.
    """
    if not place.folder.archive or place.name:
        found = find(place)
        return [] if found is None else [(place, found)]
    known: dict[str, tuple[Place, object]] = {}
    for folder in place.folder.folders():
        if any(outer in known for outer in _outer(folder.path)):
            continue
        found = find(Place(folder))
        if found is not None:
            known[folder.path] = Place(folder), found
    return list(known.values())


def _outer(path: str) -> Iterator[str]:
    """The folders that hold one of an archive, the inner ones first, "" last."""
    while path:
        path = path.rpartition("/")[0]
        yield path
