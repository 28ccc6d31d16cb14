"""Oxford-IIIT Pet: a trimap for each photograph, of the pet, what is not, and what may be
either.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from .dataset import UNKNOWN, Class, Dataset, Picture, Targets
from .places import beside, inner, listed
from .rasters import decode, read_raster

LISTS = {"trainval.txt": "trainval", "test.txt": "test"}
MEANT = {1: 0, 2: 1, 3: UNKNOWN}  # the border is the pet's or not: nobody says
CLASSES = (Class("pet", True), Class("background", False))


def fits(folder: Path) -> bool:
    """Return whether a folder is laid out as Oxford-IIIT Pet is.

    Parameters
    ----------
    folder
        Of a data set.

    Returns
    -------
    bool
        By the names of folders.
    """
    return (folder / "annotations" / "trimaps").is_dir() and (folder / "images").is_dir()


def read(folder: Path, told: Path | None, images: Path | None) -> Dataset:  # noqa: ARG001 - all is in the folder
    """Read Oxford-IIIT Pet.

    Parameters
    ----------
    folder
        With images, annotations/trimaps and the lists of both parts.
    told, images
        Not looked at.

    Returns
    -------
    Dataset
        One object, the pet, in each picture.

    Raises
    ------
    InputError
        If a list, a picture or a trimap is missing. ValueError, if a name leads out of the folder.
    """
    pictures = []
    for file, part in LISTS.items():
        for fields in listed(folder / "annotations" / file):
            name = str(inner(fields[0]))
            trimap = folder / "annotations" / "trimaps" / f"{name}.png"
            image = beside(trimap, folder / "images", [f"{name}.jpg"])
            beside(image, trimap.parent, [trimap.name])
            pictures.append(Picture(image, name, part, name, partial(_targets, trimap)))
    return Dataset("oxford-pet", CLASSES, tuple(pictures), True)


def _targets(path: Path, height: int, width: int) -> Targets:
    classes = decode(read_raster(path, height, width), MEANT, path).astype(np.uint16)
    return Targets(classes, (classes == 0).astype(np.uint32))
