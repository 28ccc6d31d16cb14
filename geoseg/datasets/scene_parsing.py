"""ADE20K as the challenge of scene parsing has it: 150 classes, a byte for each pixel."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from ..core.errors import InputError
from .dataset import UNKNOWN, Class, Dataset, Picture, Targets
from .places import beside
from .rasters import decode, read_raster

NAMES = "objectInfo150.txt"
OTHER = 0  # none of the classes, or not annotated: the data set does not say which


def fits(folder: Path) -> bool:
    """Return whether a folder is laid out as ADEChallengeData2016 is.

    Parameters
    ----------
    folder
        Of a data set.

    Returns
    -------
    bool
        By the names of folders, and the table of classes.
    """
    return (folder / NAMES).is_file() and (folder / "annotations").is_dir()


def read(folder: Path, told: Path | None, images: Path | None) -> Dataset:  # noqa: ARG001 - all is in the folder
    """Read ADE20K's challenge of scene parsing.

    Parameters
    ----------
    folder
        With images/PART, annotations/PART and the table of classes.
    told, images
        Not looked at.

    Returns
    -------
    Dataset
        Without objects; 0 is UNKNOWN.

    Raises
    ------
    InputError
        If a picture has no annotation. ValueError, if the table is unsound.
    """
    names = _names(folder / NAMES)
    meant = {OTHER: UNKNOWN} | {number: place for place, number in enumerate(names)}
    pictures = []
    for image in sorted(folder.glob("images/*/*.jpg")):
        part = image.parent.name
        told_by = beside(image, folder / "annotations" / part, [f"{image.stem}.png"])
        name = f"{part}/{image.stem}"
        pictures.append(Picture(image, name, part, name, partial(_targets, told_by, meant)))
    if not pictures:
        raise InputError(f"{folder} holds no images/PART/*.jpg")
    classes = tuple(Class(name, False) for name in names.values())
    return Dataset("ade20k-scene-parsing", classes, tuple(pictures), False)


def _names(path: Path) -> dict[int, str]:
    """Return the names by number: the first and the last column, which tabs part."""
    names: dict[int, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        fields = [field.strip() for field in line.split("\t")]
        if len(fields) < 2:
            continue
        number = int(fields[0])
        name = fields[-1].partition(",")[0].strip()  # synonyms follow
        if not 1 <= number <= 255 or number in names or not name:
            raise ValueError(f"{NAMES} holds the line {line[:60]!r}")
        # two classes may have one first name, and differ in the others
        names[number] = fields[-1] if name in names.values() else name
    if len(set(names.values())) < max(len(names), 1):
        raise ValueError(f"{NAMES} names no class, or one twice")
    return names


def _targets(path: Path, meant: dict[int, int], height: int, width: int) -> Targets:
    codes = read_raster(path, height, width)
    classes = decode(codes, meant, path).astype(np.uint16)
    return Targets(classes, np.zeros(classes.shape, np.uint32))
