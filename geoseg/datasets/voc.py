"""Pascal VOC: palette pictures of classes and of objects, whose borders are of nobody."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from .dataset import UNKNOWN, Class, Dataset, Picture, Targets
from .places import beside, inner, listed
from .rasters import decode, read_raster

# in the order of their numbers (Everingham et al. 2015, doi:10.1007/s11263-014-0733-5)
NAMES = (
    *("background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat"),
    *("chair", "cow", "diningtable", "dog", "horse", "motorbike", "person", "pottedplant"),
    *("sheep", "sofa", "train", "tvmonitor"),
)
BORDER = 255
PARTS = ("train", "val")
LISTS = Path("ImageSets", "Segmentation")


def fits(folder: Path) -> bool:
    """Return whether a folder is laid out as Pascal VOC's segmentation is.

    Parameters
    ----------
    folder
        Of a data set.

    Returns
    -------
    bool
        By the names of folders.
    """
    return (folder / "SegmentationClass").is_dir() and (folder / LISTS).is_dir()


def read(folder: Path, told: Path | None, images: Path | None) -> Dataset:  # noqa: ARG001 - all is in the folder
    """Read Pascal VOC.

    Parameters
    ----------
    folder
        With JPEGImages, SegmentationClass, SegmentationObject and ImageSets/Segmentation.
    told, images
        Not looked at.

    Returns
    -------
    Dataset
        Borders are UNKNOWN.

    Raises
    ------
    InputError
        If a list or a picture is missing. ValueError, if a name leads out of the folder.
    """
    pictures = []
    for part in PARTS:
        for fields in listed(folder / LISTS / f"{part}.txt"):
            name = str(inner(fields[0]))
            classes = folder / "SegmentationClass" / f"{name}.png"
            image = beside(classes, folder / "JPEGImages", [f"{name}.jpg"])
            objects = beside(image, folder / "SegmentationObject", [f"{name}.png"])
            beside(image, classes.parent, [classes.name])
            read_one = partial(_targets, classes, objects)
            pictures.append(Picture(image, name, part, name, read_one))
    told_classes = tuple(Class(name, place > 0) for place, name in enumerate(NAMES))
    return Dataset("voc", told_classes, tuple(pictures), True)


def _targets(path: Path, numbers: Path, height: int, width: int) -> Targets:
    meant = {number: number for number in range(len(NAMES))} | {BORDER: UNKNOWN}
    classes = decode(read_raster(path, height, width), meant, path).astype(np.uint16)
    objects = read_raster(numbers, height, width).astype(np.uint32)
    return Targets(classes, np.where((classes == UNKNOWN) | (classes == 0), np.uint32(0), objects))
