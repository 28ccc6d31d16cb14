"""Cityscapes: a picture of label ids for each photograph, and one that counts the things."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from ..core.errors import InputError
from .dataset import UNKNOWN, Class, Dataset, Picture, Targets
from .places import beside
from .rasters import decode, read_raster

# name of each class that is evaluated, in the order of its trainId: id, and whether things of it
# are counted (Cordts et al. 2016, doi:10.1109/CVPR.2016.350)
CLASSES: dict[str, tuple[int, bool]] = {
    "road": (7, False),
    "sidewalk": (8, False),
    "building": (11, False),
    "wall": (12, False),
    "fence": (13, False),
    "pole": (17, False),
    "traffic light": (19, False),
    "traffic sign": (20, False),
    "vegetation": (21, False),
    "terrain": (22, False),
    "sky": (23, False),
    "person": (24, True),
    "rider": (25, True),
    "car": (26, True),
    "truck": (27, True),
    "bus": (28, True),
    "train": (31, True),
    "motorcycle": (32, True),
    "bicycle": (33, True),
}
IDS = range(34)  # what is not evaluated (unlabelled, ego vehicle, parking, tunnel...) is unknown
EACH = 1000  # of a thing's number: id * EACH and a count
PHOTOGRAPH = "_leftImg8bit.png"
GROUND = ("gtFine", "gtCoarse")


def fits(folder: Path) -> bool:
    """Return whether a folder is laid out as Cityscapes is.

    Parameters
    ----------
    folder
        Of a data set.

    Returns
    -------
    bool
        By the names of folders.
    """
    return (folder / "leftImg8bit").is_dir() and any((folder / name).is_dir() for name in GROUND)


def read(folder: Path, told: Path | None, images: Path | None) -> Dataset:  # noqa: ARG001 - all is in the folder
    """Read Cityscapes, the finely annotated part where it is there.

    Parameters
    ----------
    folder
        With leftImg8bit/PART/CITY and gtFine/PART/CITY.
    told, images
        Not looked at.

    Returns
    -------
    Dataset
        Each city is a place. The part "test" is left out, for its labels are not published.

    Raises
    ------
    InputError
        If a photograph has no labels.
    """
    ground = next(name for name in GROUND if (folder / name).is_dir())
    pictures = []
    for image in sorted(folder.glob(f"leftImg8bit/*/*/*{PHOTOGRAPH}")):
        part, city = image.parts[-3:-1]
        if part == "test":
            continue
        stem = image.name.removesuffix(PHOTOGRAPH)
        where = folder / ground / part / city
        ids = beside(image, where, [f"{stem}_{ground}_labelIds.png"])
        numbers = beside(image, where, [f"{stem}_{ground}_instanceIds.png"])
        read_one = partial(_targets, ids, numbers)
        pictures.append(Picture(image, f"{part}/{city}/{stem}", part, city, read_one))
    if not pictures:
        raise InputError(
            f"{folder} holds no leftImg8bit/PART/CITY/*{PHOTOGRAPH} beside those of test"
        )
    classes = tuple(Class(name, is_thing) for name, (_, is_thing) in CLASSES.items())
    return Dataset("cityscapes", classes, tuple(pictures), True)


def _targets(ids: Path, numbers: Path, height: int, width: int) -> Targets:
    meant = dict.fromkeys(IDS, UNKNOWN)
    meant |= {key: place for place, (key, _) in enumerate(CLASSES.values())}
    codes = read_raster(ids, height, width)
    told = read_raster(numbers, height, width).astype(np.uint32)
    single = told >= EACH  # below, it is the id itself: stuff, or things in a crowd
    if not np.array_equal(np.where(single, told // EACH, told), codes):
        raise ValueError(f"{numbers.name} and {ids.name} tell different classes of one pixel")
    things = [key for key, is_thing in CLASSES.values() if is_thing]
    counted = single & np.isin(codes, things)
    return Targets(
        decode(codes, meant, ids).astype(np.uint16), np.where(counted, told, np.uint32(0))
    )
