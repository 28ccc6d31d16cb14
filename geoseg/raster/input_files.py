"""What a command writes is never what it reads: outputs are looked at before a run, beside every
file of its inputs.
"""

from __future__ import annotations

import os
import re
import stat
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import rasterio
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from ..core.atomic import companions, real_path, sweep
from ..core.database import check_database
from ..core.errors import OutputError
from .handles import gdal_env, one_at_a_time
from .locations import check_local, is_remote

Identity = tuple[int, int]  # device and number of a file: links of both kinds share them
VIRTUAL = (".vrt", ".ovf")
HEAD = 1 << 10  # bytes of a file that tell whether it is a virtual one
ALONG = {
    ".tab": (".dat", ".map", ".id", ".ind"),
    ".mif": (".mid",),
    ".csv": (".csvt", ".prj"),
    ".gml": (".gfs", ".xsd"),
}
LONGEST = 4096  # letters of a name; what is longer is a geometry
STALE = (
    "-wal",
    "-shm",
    "-journal",
    ".ovr",
    ".msk",
    ".qix",
    ".sbn",
    ".sbx",
    ".fbn",
    ".fbx",
    ".shp.xml",
    ".idm",
    ".ind",
)
_VSI = re.compile(r"/vsi\w+[/?]")
_AFTER = re.compile(r"""[:=,"'{}!]""")  # what may stand before a file's name in a name of GDAL's
_BEFORE = re.compile(r"""[:|?&!,"'{}]""")  # what may stand behind it


def check_outputs(
    outputs: Iterable[str | None],
    inputs: Iterable[str | None],
    overwrite: bool,
    layer: str | None = None,
    classes: Sequence[str] | None = None,
) -> frozenset[str]:
    """Look at all that a command is to write, before it begins: it is never what the command reads.

    Parameters
    ----------
    outputs
        The paths of its outputs; None is left out.
    inputs
        All that it reads, under any name that GDAL takes: files, folders, parts of containers,
        virtual files. Other texts, such as WKT, are no files.
    overwrite
        Whether what exists may be replaced.
    layer
        Of the GeoPackage among the outputs, the layer, where the user has named it: it may be added
        to a file that exists.
    classes
        With a layer for each class, the names that these may have, as far as they are known; None
        is one layer.

    Returns
    -------
    frozenset[str]
        The outputs that may be replaced, for they are there.

    Raises
    ------
    OutputError
        If an output is an input, a file that such a one is made of, or another output, under
        whatever name; if it exists and may not be replaced, is in use, or cannot be written.
    """
    paths = [path for path in outputs if path]
    check_several(paths)
    there = {
        path
        for path in paths
        if check_output(
            path, overwrite, layer if is_geopackage(path) else None, classes is not None
        )
    }
    lost = {
        path: [real_path(path), *companions(real_path(path)), *companions(Path(path))]
        for path in paths
    }
    if any(os.path.lexists(place) for places in lost.values() for place in places):
        check_inputs(lost, [text for text in inputs if text])
    for path in paths:
        check_companions(path, overwrite)
        if path in there and is_geopackage(path):
            check_database(real_path(path), layer or Path(path).stem, overwrite, classes or ())
    for folder in {real_path(path).parent for path in paths}:
        sweep(folder)
    return frozenset(there if overwrite else ())


def is_geopackage(path: str) -> bool:
    """Return whether a name is a GeoPackage's, into which layers are put beside others.

    Parameters
    ----------
    path
        Of a file that need not be there.

    Returns
    -------
    bool
        By its suffix.
    """
    return Path(path).suffix.lower() == ".gpkg"


def check_several(paths: list[str]) -> None:
    """Refuse two outputs that are one file.

    Parameters
    ----------
    paths
        Of all outputs.

    Raises
    ------
    OutputError
        If two are the same, under whatever name.
    """
    seen: dict[object, int] = {}
    for number, path in enumerate(paths):
        real = real_path(path)
        for key in (os.path.normcase(real), identity(real)):
            first = seen.setdefault(key, number) if key else number
            if first != number:
                other = paths[first]
                raise OutputError(
                    f"{other} and {path} are the same file",
                    "one file for each output",
                    "give one of them another name",
                )


def check_output(
    path: str, overwrite: bool, layer: str | None = None, by_class: bool = False
) -> bool:
    """Look at one output.

    Parameters
    ----------
    path
        Where it is to appear.
    overwrite
        Whether it may be replaced.
    layer
        What is to be added to it, where it may exist for that.
    by_class
        Whether each class gets a layer, of its own name.

    Returns
    -------
    bool
        Whether it exists.

    Raises
    ------
    OutputError
        If it exists and may not, or its folder cannot be written.
    """
    check_local(path)
    target = real_path(path)
    if target.is_dir():
        raise OutputError(f"{path} is a folder", "the name of a file")
    exists = os.path.lexists(target)
    if exists and not (overwrite or layer):
        do = "choose another name, or replace it with --overwrite"
        if is_geopackage(path) and by_class:
            do = "choose another name, or replace the layers of its map with --overwrite"
        elif is_geopackage(path):
            do = (
                f"choose another name, add a layer with '{path}|layername=NAME', or "
                "replace its layer with --overwrite"
            )
        raise OutputError(f"{path} exists already", do=do)
    if exists:
        _check_file(path, target)
    folder = target.parent
    if not folder.is_dir():
        raise OutputError(f"the folder {folder} does not exist", do="create it first")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(
            f"the folder {folder} cannot be written",
            do="choose another place, or change its permissions",
        )
    return exists


def _check_file(path: str, target: Path) -> None:
    if not stat.S_ISREG(target.lstat().st_mode):
        raise OutputError(
            f"{path} is no file but a device, a pipe or a link to itself", "the name of a file"
        )
    try:
        with target.open(
            "r+b"
        ):  # on Windows, a file that another program holds cannot be opened so
            pass
    except OSError as error:
        raise OutputError(
            f"{path} cannot be replaced: {error.strerror}",
            do="close it in other programs, change its permissions, or choose another name",
        ) from error


def check_companions(path: str, overwrite: bool) -> None:
    """Refuse an output beside which files of another lie that would be taken for its own.

    Parameters
    ----------
    path
        Of an output; one that exists passes.
    overwrite
        Whether those files may go; the table of a shapefile that is not there may not.

    Raises
    ------
    OutputError
        If there are such files.
    """
    real = real_path(path)
    if real.exists():
        return
    if real.suffix.lower() == ".shp" and (table := real.with_suffix(".dbf")).exists():
        raise OutputError(
            f"{table}, a table without a {real.name}, would be replaced",
            "another name for the output",
        )
    if overwrite:
        return
    found = [
        place for place in companions(real) if place.name.endswith(STALE) and os.path.lexists(place)
    ]
    if found:
        names = ", ".join(place.name for place in found)
        raise OutputError(
            f"{names} of an earlier {real.name} would be taken for parts of the new one",
            do=f"remove what is left in {real.parent}, or replace it with --overwrite",
        )


def check_inputs(lost: Mapping[str, list[Path]], inputs: Iterable[str]) -> None:
    """Refuse outputs for which an input would be lost.

    Parameters
    ----------
    lost
        By output, the files that are replaced or removed for it.
    inputs
        All that is read, as in `check_outputs`.

    Raises
    ------
    OutputError
        If one of these files is read.
    """
    marks = {
        mark: (path, place)
        for path, places in lost.items()
        for place in places
        if (mark := identity(place))
    }
    for text in inputs:
        for file in files_of(text):
            if found := marks.get(identity(file) or (-1, -1)):
                path, place = found
                what = (
                    f"{path} is"
                    if place == real_path(path)
                    else f"{place}, which goes with {path}, is"
                )
                raise OutputError(
                    f"{what} an input as well: {_shown(text)}", "another name for the output"
                )


def identity(path: Path | str) -> Identity | None:
    """Return what all names of a file share.

    Parameters
    ----------
    path
        Any text.

    Returns
    -------
    Identity | None
        None where there is no such file.
    """
    try:
        found = os.stat(path)  # noqa: PTH116 - any text may come
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino


def files_of(text: str) -> Iterator[Path]:
    """Yield the files on disk that are read when GDAL, or we, open what is called so.

    Parameters
    ----------
    text
        Any name that GDAL takes, or any other text.

    Yields
    ------
    Path
        Each once: sidecars, sources of virtual files and all files of a folder among them.
    """
    seen: set[Identity] = set()
    waiting = [text]
    while waiting:
        name = waiting.pop()
        named = list(_named(name))
        for file in [*named, *_from_gdal(name)]:
            mark = identity(file)
            if mark is None or mark in seen:
                continue
            seen.add(mark)
            if file.is_dir():
                waiting += [str(inner) for inner in sorted(file.rglob("*")) if inner.is_file()]
                continue
            yield file
            ends = ALONG.get(file.suffix.lower(), ())
            yield from (beside for beside in companions(file) if beside.is_file())
            yield from (beside for end in ends if (beside := file.with_suffix(end)).is_file())
            waiting += _sources(file)


def _named(text: str) -> Iterator[Path]:
    """Yield what on disk a name of GDAL's speaks of: itself, or what it holds behind prefixes and
    before suffixes.

    Such as scene.tif, file:///data/a%20b.tif, GTIFF_DIR:1:scene.tif, /vsizip//data/a.zip/b.tif,
    NETCDF:"a.nc":band, a.gpkg|layername=b, scene.tif:3,4, vrt://scene.tif?bands=1.
    """
    if len(text) > LONGEST or "\0" in text:
        return
    seen: set[str] = set()
    waiting = [text]
    while waiting:
        name = waiting.pop()
        # what remains of http://server:80/a.tif may be "/", which nobody means
        if not name.strip("/") or name in seen:
            continue
        seen.add(name)
        if os.path.exists(name):  # noqa: PTH110
            yield Path(name)
            continue  # what exists under its full name means that
        if outer := _container(name):
            yield outer
        if match := _VSI.match(name):
            waiting.append(name[match.end() :])
        if "%" in name:
            waiting.append(unquote(name))
        if name.startswith("//"):
            waiting += [
                name[1:],
                name[2:],
                "/" + name[2:].partition("/")[2],
            ]  # file:///path, zip://path, file://host/path
        waiting += [name[match.end() :] for match in _AFTER.finditer(name)]
        waiting += [name[: match.start()] for match in _BEFORE.finditer(name)]


def _container(name: str) -> Path | None:
    """Return the file that a path leads into, such as a.zip of a.zip/b.tif."""
    for outer in Path(name).parents:
        if outer.is_file():
            return outer
    return None


def _from_gdal(text: str) -> list[Path]:
    """Return the files that GDAL counts to a raster: its own, sidecars, sources of a virtual
    one.
    """
    if (
        is_remote(text)
        and "file:" not in text
        and not text.startswith(("vrt:", "zip", "tar", "gzip"))
    ):
        return []
    try:
        with gdal_env(), one_at_a_time, warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(text) as dataset:
                files = list(dataset.files)
    except (RasterioError, OSError, ValueError):
        return []  # vector data, a geometry, or what the reader of the inputs will refuse
    return [path for file in files for path in _named(file)]


def virtual_sources(path: str) -> list[str]:
    """Name the files that a virtual raster is made of.

    Parameters
    ----------
    path
        Of a file on this machine.

    Returns
    -------
    list of str
        Those of files that are virtual themselves as well, each once; empty for any other file.
    """
    found: dict[str, None] = {}
    waiting = [path] if Path(path).suffix.lower() in VIRTUAL and Path(path).is_file() else []
    while waiting:
        for name in _sources(Path(waiting.pop())):
            if name not in found and name != path:
                found[name] = None
                if Path(name).suffix.lower() in VIRTUAL and Path(name).is_file():
                    waiting.append(name)
    return list(found)


def _sources(file: Path) -> list[str]:
    """Return the names of the files that a virtual one is made of, raster or vector; GDAL names
    those of one level.
    """
    if file.suffix.lower() not in VIRTUAL:
        with file.open("rb") as opened:
            head = opened.read(HEAD)
        if b"<VRTDataset" not in head and b"<OGRVRT" not in head:
            return []
    try:
        tree = ElementTree.parse(file)  # noqa: S314 - only the names of files are taken from it
    except (ElementTree.ParseError, OSError):
        return []
    found = []
    for node in tree.iter():
        if node.tag in ("SourceFilename", "SrcDataSource", "SourceDataset") and node.text:
            relative = node.get("relativeToVRT", node.get("relativetoVRT", "0")) == "1"
            found.append(str(file.parent / node.text) if relative else node.text)
    return found


def _shown(text: str) -> str:
    return text if len(text) < 200 else f"{text[:200]}..."
