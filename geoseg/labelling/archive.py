"""Archives of strangers: unpacked whole within limits, or refused."""

from __future__ import annotations

import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from ..core.disk import failures, need_room
from ..core.errors import InputError
from ..core.files import check_regular

MOST_FILES = 100_000
MOST_RATIO = 200  # times as large as it is packed; rasters and tables of zeros reach about 100
FREE = 1 << 28  # bytes that may be packed as closely as they like
_BLOCK = 1 << 20


def extract(
    path: Path, folder: Path, expected: Callable[[PurePosixPath], bool] = lambda _: True
) -> list[PurePosixPath]:
    """Unpack a zip into a folder, which nothing leaves.

    Parameters
    ----------
    path
        The archive.
    folder
        Empty.
    expected
        Whether a file of that name belongs in it.

    Returns
    -------
    list of PurePosixPath
        The files in it.

    Raises
    ------
    InputError
        If it is no zip or damaged; holds names that lead elsewhere, links, names twice, encrypted
        files; or swells beyond all measure. Files may lie in the folder then.
    RunError
        If there is no room, or it cannot be written.
    """
    check_regular(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = list(_checked(path, archive, expected))
            need_room(folder, sum(info.file_size for info, _ in members))
            for info, name in members:
                target = folder / name
                with failures(target):
                    target.parent.mkdir(parents=True, exist_ok=True)
                # a member that is longer than it says fails, as does one of another checksum
                with archive.open(info) as source, failures(target), target.open("xb") as file:
                    shutil.copyfileobj(source, file, _BLOCK)
            return [name for _, name in members]
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist", "a zip") from error
    except (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error, OSError) as error:
        # one that is damaged may point before its own beginning, which the system refuses
        raise InputError(f"{path} is no sound zip: {error}", "an archive as it was made") from error


def _checked(
    path: Path, archive: zipfile.ZipFile, expected: Callable[[PurePosixPath], bool]
) -> Iterator[tuple[zipfile.ZipInfo, PurePosixPath]]:
    infos = archive.infolist()
    if len(infos) > MOST_FILES:
        raise InputError(f"{path} holds {len(infos):,} files", f"at most {MOST_FILES:,}")
    size = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    if size > FREE + MOST_RATIO * packed:
        raise InputError(
            f"{path} would swell from {packed:,} to {size:,} bytes",
            f"at most {MOST_RATIO} times as many",
            "do not trust this file",
        )
    seen = set()
    for info in infos:
        name = PurePosixPath(info.filename)
        kind = stat.S_IFMT(info.external_attr >> 16)
        if info.is_dir():
            continue
        told = ""
        if name.is_absolute() or not name.parts or any(p in ("..", ".") for p in name.parts):
            told = "leads out of it"
        elif any(c in info.orig_filename for c in "\\:\0") or not info.filename.isprintable():
            told = "is no plain name"
        elif kind and not stat.S_ISREG(kind):
            told = "is a link, or no file"
        elif info.flag_bits & 1:
            told = "is encrypted"
        elif str(name).casefold() in seen:
            told = "is there twice"
        elif not expected(name):
            told = "does not belong there"
        if told:
            raise InputError(
                f"{path} holds {info.filename!r:.100}, which {told}",
                "plain files under names of their own",
                "do not trust this file",
            )
        seen.add(str(name).casefold())
        yield info, name
