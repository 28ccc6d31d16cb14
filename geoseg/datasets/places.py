"""Where the files of a data set lie: beside one another, and never outside of its folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from ..core.errors import InputError

PICTURES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp", ".jp2")
LONGEST = 200  # letters of a file's name
PREFIXES = ("instances_", "panoptic_")  # of COCO's files, before the name of a part


def inner(name: str) -> PurePosixPath:
    """Return a path that a file names, once it stays inside of its folder.

    Parameters
    ----------
    name
        With slashes, or backslashes, between its parts.

    Returns
    -------
    PurePosixPath
        Relative, without "..".

    Raises
    ------
    ValueError
        If it leads out of its folder, or is none.
    """
    path = PurePosixPath(name.replace("\\", "/"))
    leads_out = path.is_absolute() or ".." in path.parts or ":" in "".join(path.parts[:1])
    is_none = not path.parts or "\0" in name or max(map(len, path.parts)) > LONGEST
    if leads_out or is_none:
        raise ValueError(
            f"the name {name[:80]!r}, which leads out of the data set's folder, or is none"
        )
    return path


def part_of(file: Path) -> str:
    """Return of which part of a data set a file of COCO tells.

    Parameters
    ----------
    file
        Such as instances_train2017.json, or train/_annotations.coco.json.

    Returns
    -------
    str
        Such as "train2017" or "train"; of another name all of it.
    """
    if file.name == "_annotations.coco.json":
        return file.parent.name
    stem = file.stem
    for prefix in PREFIXES:
        stem = stem.removeprefix(prefix)
    return stem


def find_image(name: str, file: Path, part: str, images: Path | None) -> Path:
    """Return where a picture lies that a file of COCO names.

    Parameters
    ----------
    name
        As the file calls it.
    file
        The file itself.
    part
        Of which part of the data set it tells.
    images
        Where the pictures lie; None is beside the file, or in a folder called as the part is.

    Returns
    -------
    Path
        There is a file.

    Raises
    ------
    InputError
        If there is none. ValueError, if the name leads out of the folder.
    """
    relative = inner(name)
    root = file.parent.parent if file.parent.name == "annotations" else file.parent
    folders = (
        [images / part, images]
        if images is not None
        else [root / part, root / "images" / part, root / "images", file.parent, root]
    )
    for folder in folders:
        if (folder / relative).is_file():
            return folder / relative
    raise InputError(
        f"the picture {name} of {file} is in none of {', '.join(map(str, folders))}",
        do="name the folder of the pictures with --images",
    )


def beside(image: Path, folder: Path, names: Iterable[str]) -> Path:
    """Return the first file of these names that is there.

    Parameters
    ----------
    image
        The picture that it belongs to.
    folder
        Where it lies.
    names
        Its name, or several that it may have.

    Returns
    -------
    Path
        There is a file.

    Raises
    ------
    InputError
        If there is none.
    """
    tried = [folder / name for name in names]
    for path in tried:
        if path.is_file():
            return path
    raise InputError(f"{image} has no {tried[0]}", "one for each picture of the data set")


def tidy(part: str, name: str) -> str:
    """Return what the targets of a picture are called.

    Parameters
    ----------
    part
        Of the data set; "" is none.
    name
        The picture's path inside of it.

    Returns
    -------
    str
        Both, without the suffix.

    Raises
    ------
    ValueError
        If the name leads out of its folder.
    """
    path = inner(name).with_suffix("")
    return str(PurePosixPath(part) / path) if part else str(path)


def listed(path: Path) -> list[list[str]]:
    """Return the fields of each line of a list of pictures.

    Parameters
    ----------
    path
        Text in UTF-8; lines that begin with # are left out.

    Returns
    -------
    list
        Of lists of words.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}", "a list in UTF-8") from error
    return [line.split() for line in lines if line.strip() and not line.startswith("#")]
