"""Outputs appear whole, and replace nothing that they were not told to: hidden folders, links,
companions.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

from .database import is_database, put_layers
from .disk import write_error
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
FORGOTTEN = (
    24 * 3600
)  # seconds after which a folder of this host is dead that was made before it was started anew
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
DATABASE = (
    "-wal",
    "-shm",
    "-journal",
)  # of a GeoPackage: SQLite would write them into any file of that name
RASTER = (".aux.xml", ".ovr", ".msk")
# by the suffix of a file: what programs read along with it; "*" stands for the name without its
# suffix
COMPANIONS = {
    ".gpkg": tuple(f".gpkg{end}" for end in (*DATABASE, ".aux.xml")),
    ".shp": (
        ".shx",
        ".dbf",
        ".prj",
        ".cpg",
        ".qpj",
        ".qix",
        ".sbn",
        ".sbx",
        ".fbn",
        ".fbx",
        ".ain",
        ".aih",
        ".atx",
        ".idm",
        ".ind",
        ".mxs",
        ".ixs",
        ".shp.xml",
    ),
    ".tif": tuple(f".tif{end}" for end in RASTER),
    ".tiff": tuple(f".tiff{end}" for end in RASTER),
}


def real_path(path: str | os.PathLike[str]) -> Path:
    """Return where a file lies, or will: links are followed, also one that leads to nothing yet."""
    return Path(os.path.realpath(path))


def companions(path: Path) -> list[Path]:
    """Return the files beside a file that programs read along with it, whether they are there or
    not.
    """
    stem = path.name[: len(path.name) - len(path.suffix)]
    ends = COMPANIONS.get(path.suffix.lower(), (f"{path.suffix}.aux.xml",))
    return [path.with_name(stem + end) for end in ends]


@contextmanager
def part_folder(target: Path) -> Iterator[Path]:
    """Yield a hidden folder beside where `target` really lies; it goes when the block ends, Ctrl-C
    included.

    It says whose it is, so that those of processes that were killed can be told and removed.
    """
    place = real_path(target).parent
    folder = Path(mkdtemp(prefix=part_prefix(target.name), suffix=PART, dir=place))
    try:
        (folder / HOLDER).write_text(json.dumps(asdict(myself())), encoding="utf-8")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def part_prefix(name: str) -> str:
    """Return how the names of an output's hidden folders begin: a digest stands for what is too
    long.
    """
    raw = name.encode(errors="surrogateescape")
    if len(raw) <= LONGEST:
        return f".{name}."
    return f".{raw[: LONGEST - 20].decode(errors='ignore')}-{sha256(raw).hexdigest()[:16]}."


def parts_in(folder: Path) -> list[Path]:
    """Return what lies in a hidden folder to be published."""
    return sorted(path for path in folder.iterdir() if path.name != HOLDER)


def sweep(place: Path) -> list[Path]:
    """Remove the hidden folders of dead runs in a folder, and return them.

    A process of this machine is looked up, so one that lives loses nothing; of other machines
    nothing is known, so theirs stay.
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
    gone = [folder for folder in found if _is_dead(folder)]
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)
    return [folder for folder in gone if not folder.exists()]


def _is_dead(folder: Path) -> bool:
    try:
        worker_id = read_worker_id(json.loads((folder / HOLDER).read_text(encoding="utf-8")))
        if worker_id.died:
            return True
        here = myself()
        anew = (
            worker_id.host == here.host
            and worker_id.boot
            and here.boot
            and worker_id.boot != here.boot
        )
        if not anew:
            return False  # another machine's, or alive
        # this machine was started anew since; that none of the same name writes here shows in the
        # times
        latest = max(path.stat().st_mtime for path in (folder, *folder.rglob("*")))
    except (OSError, ValueError, KeyError, TypeError):
        return False  # not one of ours, or just being made or removed
    return time.time() - latest > FORGOTTEN


def put(part: Path, place: Path, replace: bool) -> None:
    """Move a file to its place on the same file system; unless `replace`, nothing that lies there
    is replaced.

    Raises RunError where something has come to lie there.
    """
    if replace:
        part.replace(place)
        return
    try:
        _put_new(part, place)
    except FileExistsError:
        raise _appeared(place) from None


def _appeared(place: Path) -> RunError:
    return RunError(
        f"{place} was written by somebody else while this ran, and was not replaced",
        do="choose another name, or replace it with --overwrite",
    )


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


def publish(
    part: Path, target: Path, replace: bool, beside: Sequence[tuple[Path, Path]] = ()
) -> None:
    """Put a file that is whole in its place, behind those that go with it (`beside`: each with its
    place).

    What an earlier file of that name left, and programs would read along with the new one, goes.
    Unless `replace`, nothing is touched where something has come to lie there: RunError.
    """
    real = real_path(target)
    new = {place for _, place in beside}
    with _in_turn(real.parent):
        if not replace and os.path.lexists(real):
            raise _appeared(real)
        if replace and any(place in new for place in companions(real)):
            real.unlink(
                missing_ok=True
            )  # the old one would be read with the new ones that go with it
        for place in {*companions(real), *companions(target)} - new:
            place.unlink(missing_ok=True)
        for other, place in beside:
            other.replace(place)
        put(part, real, replace)


@contextmanager
def _in_turn(folder: Path) -> Iterator[None]:
    """Have runs publish in a folder one after the other, where the file system can lock it; the
    kernel unlocks it.
    """
    if fcntl is None:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(
            OSError
        ):  # some network file systems lock no folders: what is put new is so in any case
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def atomic_output(target: Path, replace: bool = False, add: bool = False) -> Iterator[Path]:
    """Like staged(); what the operating system or GDAL refuses in the block becomes a RunError."""
    with staged_output(target, replace, add) as path, failures(target):
        yield path


@contextmanager
def staged_output(target: Path, replace: bool = False, add: bool = False) -> Iterator[Path]:
    """Yield a path to write to; what lies there moves to `target` when the block ends without an
    error.

    Unless `replace`, nothing that exists is replaced: RunError. The layers of a GeoPackage go into
    one that exists, with `replace` in the place of those of the same name, with `add` beside
    others. The folder goes in any case, Ctrl-C included. A style that was saved in QGIS stays.
    """
    with ExitStack() as hidden:
        with failures(target):
            folder = hidden.enter_context(part_folder(target))
        yield folder / target.name
        with failures(target):
            _publish(folder, target, replace, add)


def _publish(folder: Path, target: Path, replace: bool, add: bool) -> None:
    real = real_path(target)
    part = folder / target.name
    into = target.suffix.lower() == ".gpkg" and (replace or add)
    if into and is_database(real):
        put_layers(part, real, replace)
        return
    beside = [
        (other, real.with_name(real.stem + other.name[len(part.stem) :]))
        for other in parts_in(folder)
        if other != part
    ]
    kept = [
        (other, place) for other, place in beside if other.suffix != ".qml" or may_replace(place)
    ]
    try:
        publish(part, target, replace, kept)
    except RunError:
        if not (into and is_database(real)):
            raise
        put_layers(part, real, replace)  # another run has made the file after the look above


@contextmanager
def failures(target: Path) -> Iterator[None]:
    """Turn what the operating system or GDAL refuses in the block into a RunError."""
    try:
        yield
    except (OSError, RuntimeError) as error:  # pyogrio's errors are RuntimeErrors
        raise write_error(target, error) from error
