"""Folders and small files wherever GDAL finds them: on disk, in archives and on servers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import InputError
from .fetch import NotListedError, is_folder
from .locations import CLOUDS, address_of, is_own_name
from .stores import AGAIN, ARCHIVES, DISK, LIMIT, Store, is_archive, open_archive, open_server

# what ends as a file does needs not be asked for: .SAFE and .v2.0 are ends of folders
_FILE = re.compile(r"\.(?!(?i:safe)$)[A-Za-z]\w{1,5}$", re.ASCII)
# folders of products, by their names, where none can be listed
_PRODUCT = re.compile(r"(?:^|/)(?:[^/]+\.SAFE|L[COTEM]0\d_\w+|L[12][AC]_T\w+)/?$")


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder on disk, inside an archive, or on a server."""

    path: str
    """Its path in the store; "" is the top of an archive or server."""
    store: Store = DISK
    """What holds it."""

    def gdal_path(self, name: str) -> str:
        """Name a file of the folder as GDAL opens it.

        Parameters
        ----------
        name
            Its path from here, with "/"; "" is the folder itself.

        Returns
        -------
        str
            Its path on disk or behind /vsizip/ or /vsitar/, or its address.
        """
        return self.store.gdal_path(self.store.join(self.path, name))

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
        return self.store.has(self.store.join(self.path, name))

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
        return self.store.has_folder(self.store.join(self.path, name))

    def names(self) -> list[str]:
        """List the files and folders that lie directly in the folder.

        Returns
        -------
        list
            Their names, sorted.

        Raises
        ------
        NotListedError
            If it lies on a server that lists none.
        InputError
            If it cannot be read.
        """
        return self.store.names(self.path)

    def matching(self, pattern: re.Pattern[str], usual: Sequence[str]) -> list[str]:
        """Find files by their names.

        Parameters
        ----------
        pattern
            What the names look like.
        usual
            The names that are asked for one by one where the folder is not listed.

        Returns
        -------
        list
            Those that are there.

        Raises
        ------
        InputError
            If the folder cannot be read.
        """
        try:
            return [name for name in self.names() if pattern.fullmatch(name)]
        except NotListedError:
            return [name for name in usual if self.has(name)]

    def folders(self) -> list[Folder]:
        """List the folders that are looked at for products.

        Returns
        -------
        list
            Of an archive all that hold files, from this one on down, the outer ones first; else
            this one.
        """
        return [Folder(path, self.store) for path in self.store.folders(self.path)]

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
        return Folder(self.store.join(self.path, name), self.store)

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
        return Folder(self.store.parent(self.path, levels), self.store)

    @property
    def name(self) -> str:
        """What it is called."""
        return self.store.name(self.path)

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
        data = self.store.read(self.store.join(self.path, name))
        if len(data) > LIMIT:
            raise InputError(f"{path} is larger than {LIMIT >> 20} MB", "a product's metadata")
        return data


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
        Of a folder, a file, an archive, or anything inside one behind /vsizip/ or /vsitar/; or an
        address of one of them.

    Returns
    -------
    Place or None
        None where nothing lies there, or only GDAL can tell. Of a file on a server it is not asked
        whether it is there.

    Raises
    ------
    InputError
        If it is an archive that is damaged, or a product's folder on a server that lists none.
    """
    for prefix, suffix in ARCHIVES.items():
        if path.startswith(prefix):
            return _find_inside(path[len(prefix) :], suffix)
    if is_own_name(path):
        return _find_on_server(address_of(path))
    place = Path(path)
    if place.is_dir():
        return Place(Folder(path))
    if not place.is_file():
        return None
    if is_archive(path):
        return Place(Folder("", open_archive(path)))
    return Place(Folder(str(place.parent)), place.name)


def _find_on_server(address: str) -> Place | None:
    """As find_place, for an address; "" leads nowhere."""
    if address and is_archive(address):
        return Place(Folder("", open_archive(address)))
    cloud = address.partition("://")[0] in CLOUDS
    plain, mark, query = (address, "", "") if cloud else address.partition("?")
    parts = re.fullmatch(r"(\w+://[^/]+)/+(.+?)(/*)", plain)
    if not parts:
        return None
    server = open_server(parts[1], mark + query)
    if not parts[3] and _FILE.search(parts[2]):
        outer, _, name = parts[2].rpartition("/")
        return Place(Folder(outer, server), name)
    folder = Folder(parts[2], server)
    if not cloud:
        if _PRODUCT.search(parts[2]):
            folder.names()  # which says what to give instead
        return None
    return Place(folder) if parts[2].endswith(".SAFE") or is_folder(address) else None


def _find_inside(inner: str, suffix: str) -> Place | None:
    """As find_place, for what follows /vsizip/ or /vsitar/."""
    parts = re.fullmatch(rf"\{{(.+)\}}/?(.*)|(.+?{suffix})(?:/(.*))?", inner, re.IGNORECASE)
    archive = (parts[1] or parts[3]) if parts else ""
    archive = f"/{archive}" if archive.startswith("vsi") else archive  # GDAL takes either
    if is_own_name(archive):
        archive = address_of(archive)
    elif not Path(archive).is_file():
        archive = ""
    if not parts or not archive:
        return None
    rest = (parts[2] or parts[4] or "").strip("/")
    store = open_archive(archive)
    if store.has(rest):
        before, _, name = rest.rpartition("/")
        return Place(Folder(before, store), name)
    return Place(Folder(rest, store)) if not rest or store.has_folder(rest) else None


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
    if place.name:
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
