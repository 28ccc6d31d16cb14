"""ADE20K with all of its classes and objects: a picture of numbers and JSON for each
photograph.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from .dataset import UNKNOWN, Class, Dataset, Picture, Targets
from .places import beside
from .rasters import decode, read_raster
from .told import read_json

SUFFIX = "_seg.png"
TENS, PAGE = 10, 256  # a class is the tens of red, times 256, and green; blue tells objects apart


def fits(folder: Path) -> bool:
    """Return whether a folder holds pictures as ADE20K annotates them.

    Parameters
    ----------
    folder
        Of a data set.

    Returns
    -------
    bool
        By the first file's name, at any depth.
    """
    return next(folder.rglob(f"*{SUFFIX}"), None) is not None


def read(folder: Path, told: Path | None, images: Path | None) -> Dataset:  # noqa: ARG001 - all is in the folder
    """Read ADE20K; parts of objects are not looked at.

    Parameters
    ----------
    folder
        With NAME.jpg, NAME_seg.png and NAME.json beside one another, at any depth.
    told, images
        Not looked at.

    Returns
    -------
    Dataset
        What has no class is UNKNOWN.

    Raises
    ------
    InputError
        If a photograph or its JSON is missing. ValueError and the like, if a file is unsound.
    """
    names: dict[int, str] = {}
    found = []
    for seg in sorted(folder.rglob(f"*{SUFFIX}")):
        stem = seg.name.removesuffix(SUFFIX)
        image = beside(seg, seg.parent, [f"{stem}.jpg"])
        for number, name in _classes(beside(image, seg.parent, [f"{stem}.json"])).items():
            if names.setdefault(number, name) != name:
                raise ValueError(
                    f"{stem}.json calls the class {number} {name!r}, another {names[number]!r}"
                )
        found.append((image, seg))
    texts = dict.fromkeys(names.values())
    place = {text: index for index, text in enumerate(texts)}
    meant = {0: UNKNOWN} | {number: place[text] for number, text in names.items()}
    pictures = []
    for image, seg in found:
        inside = image.relative_to(folder)
        part = "validation" if "validation" in inside.parts else "training"
        name = str(inside.with_suffix("").as_posix())
        pictures.append(Picture(image, name, part, name, partial(_targets, seg, meant)))
    classes = tuple(Class(text, True) for text in texts)
    return Dataset("ade20k", classes, tuple(pictures), True)


def _classes(path: Path) -> dict[int, str]:
    """Return the names of a photograph's whole objects by the numbers of their classes."""
    objects: list[dict[str, Any]] = read_json(path)["annotation"]["object"]
    whole = [one for one in objects if int(one["parts"]["part_level"]) == 0]
    return {int(one["name_ndx"]): str(one["name"]).strip() for one in whole}


def _targets(path: Path, meant: dict[int, int], height: int, width: int) -> Targets:
    red, green, blue = read_raster(path, height, width, 3).astype(np.uint32)
    codes = red // TENS * PAGE + green
    classes = decode(codes, meant, path).astype(np.uint16)
    objects = np.where((classes != UNKNOWN) & (blue > 0), codes << 8 | blue, np.uint32(0))
    return Targets(classes, objects.astype(np.uint32))
