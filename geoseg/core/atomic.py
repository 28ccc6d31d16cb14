"""Outputs appear whole or not at all, and replace nothing that they were not told to.

An output is written in a hidden folder beside its target and moved when it is finished: first what
programs read along with it, then the file itself. A folder says whose it is, so that what a killed
run left can be told from what a living one is writing.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

from .database import is_database, put_layers
from .disk import failures
from .errors import RunError
from .style import may_replace
from .worker_id import myself, read_worker_id

try:
    import fcntl
except ImportError:  # Windows has none
    fcntl = None  # type: ignore[assignment]

HOLDER = ".holder.json"  # in each hidden folder: the process whose folder it is
PART = ".part"
LONGEST = 180  # bytes of an output's name that stand in the name of its hidden folder
FORGOTTEN = 24 * 3600  # seconds after which a folder from before this host's last start is dead
NO_LINKS = {  # what file systems without hard links answer
    errno.EPERM,
    errno.ENOTSUP,
    errno.EOPNOTSUPP,
    errno.ENOSYS,
    errno.EMLINK,
    errno.EINVAL,
    errno.EXDEV,
    errno.EACCES,
}
# SQLite would write these of a GeoPackage into any file of that name
DATABASE = ("-wal", "-shm", "-journal")
RASTER = (".aux.xml", ".ovr", ".msk")
SHAPEFILE = (
    *(".shx", ".dbf", ".prj", ".cpg", ".qpj", ".qix", ".sbn", ".sbx", ".fbn"),
    *(".fbx", ".ain", ".aih", ".atx", ".idm", ".ind", ".mxs", ".ixs", ".shp.xml"),
)
# by a file's suffix, what programs read along with it, as endings of its name without the suffix
COMPANIONS = {
    ".gpkg": tuple(f".gpkg{end}" for end in (*DATABASE, ".aux.xml")),
    ".shp": SHAPEFILE,
    ".tif": tuple(f".tif{end}" for end in RASTER),
    ".tiff": tuple(f".tiff{end}" for end in RASTER),
}


@contextmanager
def atomic_output(target: Path, replace: bool = False, add: bool = False) -> Iterator[Path]:
    """Like `staged_output`, where nothing but writing happens in the block.

    Parameters
    ----------
    target
        Where the file is to appear.
    replace
        Whether a file there may be replaced.
    add
        Whether layers may be added to a GeoPackage there.

    Yields
    ------
    Path
        What to write to.

    Raises
    ------
    RunError
        As `staged_output`; and if the operating system or GDAL refuses something in the block.
    """
    with staged_output(target, replace, add) as path, failures(target):
        yield path


@contextmanager
def staged_output(target: Path, replace: bool = False, add: bool = False) -> Iterator[Path]:
    """Yield a path to write to, which moves to the target when the block ends without an error.

    Whatever is written beside it under its stem goes with it, but for a style (.qml) where one lies
    that was saved in QGIS. The layers of a GeoPackage go into one that exists. The hidden folder is
    removed in any case, Ctrl-C included.

    Parameters
    ----------
    target
        Where the file is to appear; a link is followed.
    replace
        Whether a file there may be replaced; of a GeoPackage, the layers of the same names.
    add
        Whether layers may be added to a GeoPackage there, beside others.

    Yields
    ------
    Path
        What to write to: of the target's name, in a folder of its own.

    Raises
    ------
    RunError
        If the folder cannot be made or the file not be moved, or if it would replace what it may
        not.
    """
    with ExitStack() as hidden:
        with failures(target):
            folder = hidden.enter_context(part_folder(target))
        yield folder / target.name
        with failures(target):
            _publish(folder / target.name, target, replace, add)


@contextmanager
def part_folder(target: Path) -> Iterator[Path]:
    """Yield a hidden folder that is removed when the block ends, Ctrl-C included.

    Parameters
    ----------
    target
        An output, beside whose real place the folder is made: on the same file system.

    Yields
    ------
    Path
        The folder; it says whose it is, in a file.
    """
    place = real_path(target).parent
    folder = Path(mkdtemp(prefix=part_prefix(target.name), suffix=PART, dir=place))
    try:
        (folder / HOLDER).write_text(json.dumps(asdict(myself())), encoding="utf-8")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def part_prefix(name: str) -> str:
    """Return how the names of an output's hidden folders begin.

    Parameters
    ----------
    name
        The output's, without its folder.

    Returns
    -------
    str
        The name between two dots; a digest stands for the end of one that is too long.
    """
    raw = name.encode(errors="surrogateescape")
    if len(raw) <= LONGEST:
        return f".{name}."
    return f".{raw[: LONGEST - 20].decode(errors='ignore')}-{sha256(raw).hexdigest()[:16]}."


def real_path(path: str | os.PathLike[str]) -> Path:
    """Return where a file lies, or will.

    Parameters
    ----------
    path
        Its name.

    Returns
    -------
    Path
        Absolute; links are followed, also one that leads to nothing yet.
    """
    return Path(os.path.realpath(path))


def companions(path: Path) -> list[Path]:
    """Return the files beside a file that programs read along with it.

    Parameters
    ----------
    path
        A raster, a vector file or any other.

    Returns
    -------
    list[Path]
        Whether they are there or not.
    """
    stem = path.name[: len(path.name) - len(path.suffix)]
    ends = COMPANIONS.get(path.suffix.lower(), (f"{path.suffix}.aux.xml",))
    return [path.with_name(stem + end) for end in ends]


def _publish(part: Path, target: Path, replace: bool, add: bool) -> None:
    """Move a file that is whole, and what was written beside it, to their places."""
    real = real_path(target)
    into = target.suffix.lower() == ".gpkg" and (replace or add)
    if into and is_database(real):
        put_layers(part, real, replace)
        return
    try:
        _move(part, target, replace)
    except RunError:
        if not (into and is_database(real)):
            raise
        put_layers(part, real, replace)  # another run has made the file after the look above


def _move(part: Path, target: Path, replace: bool) -> None:
    """Put a file in its place, behind those that go with it.

    What an earlier file of that name left, and programs would read along with the new one, goes.
    Unless `replace`, nothing is touched where something has come to lie there.
    """
    real = real_path(target)
    new = {
        _renamed(other, part, real): other
        for other in sorted(part.parent.iterdir())
        if other.is_file() and other.name not in (part.name, HOLDER)
    }
    kept = {
        place: other for place, other in new.items() if place.suffix != ".qml" or may_replace(place)
    }
    with in_turn(real.parent):
        if not replace and os.path.lexists(real):
            raise _appeared(real)
        if replace and any(place in kept for place in companions(real)):
            real.unlink(missing_ok=True)  # the old one would be read with what goes with the new
        for place in {*companions(real), *companions(target)} - set(kept):
            place.unlink(missing_ok=True)
        for place, other in kept.items():
            other.replace(place)
        if replace:
            part.replace(real)
            return
        try:
            _put_new(part, real)
        except FileExistsError:
            raise _appeared(real) from None


def _renamed(other: Path, part: Path, real: Path) -> Path:
    """Return where a file goes that was written beside `part`, which becomes `real`."""
    old, new = (
        (part.name, real.name) if other.name.startswith(part.name) else (part.stem, real.stem)
    )
    return real.with_name(new + other.name[len(old) :])


@contextmanager
def in_turn(folder: Path) -> Iterator[None]:
    """Have runs publish in a folder one after the other, where its file system can lock it.

    Parameters
    ----------
    folder
        That is there.

    Yields
    ------
    None
        When it is this one's turn, until the block ends.
    """
    if fcntl is None:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        # some network file systems lock no folders: what is put new is so in any case
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)  # the kernel unlocks it
        yield
    finally:
        os.close(descriptor)


def _put_new(part: Path, place: Path) -> None:
    """Move a file to a name that nothing has; FileExistsError where something has it."""
    if os.name == "nt":
        part.rename(place)  # fails there where the target exists
        return
    try:
        os.link(part, place)  # as a rename does not
    except FileExistsError:
        # network file systems may have lost the answer to a link that was made
        if not (place.exists() and part.samefile(place)):
            raise
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        os.close(os.open(place, os.O_CREAT | os.O_EXCL))  # the name is ours from here on
        part.replace(place)
        return
    part.unlink()


def _appeared(place: Path) -> RunError:
    return RunError(
        f"{place} was written by somebody else while this ran, and was not replaced",
        do="choose another name, or replace it with --overwrite",
    )


def sweep(place: Path) -> list[Path]:
    """Remove the hidden folders that dead runs have left.

    A process of this machine is looked up, so one that lives loses nothing; of other machines
    nothing is known, so theirs stay.

    Parameters
    ----------
    place
        The folder in which they lie.

    Returns
    -------
    list[Path]
        Those that were removed.
    """
    try:
        with os.scandir(place) as entries:
            found = [
                Path(entry.path)
                for entry in entries
                if entry.name.startswith(".") and entry.name.endswith(PART)
            ]
    except OSError:
        return []
    dead = [folder for folder in found if _is_dead(folder)]
    for folder in dead:
        shutil.rmtree(folder, ignore_errors=True)
    return [folder for folder in dead if not folder.exists()]


def _is_dead(folder: Path) -> bool:
    try:
        worker = read_worker_id(json.loads((folder / HOLDER).read_text(encoding="utf-8")))
        if worker.died:
            return True
        here = myself()
        known = worker.host == here.host and worker.boot and here.boot
        if not known or worker.boot == here.boot:
            return False  # another machine's, or alive
        # this machine was started anew since; that none of the same name writes here shows in the
        # times
        latest = max(path.stat().st_mtime for path in (folder, *folder.rglob("*")))
    except (OSError, ValueError, KeyError, TypeError):
        return False  # not one of ours, or just being made or removed
    return time.time() - latest > FORGOTTEN
