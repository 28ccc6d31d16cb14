"""COCO panoptic: a picture of segment numbers for each picture, and a file that says their
classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from .coco_file import CocoImage, first_matching, read_coco
from .dataset import UNKNOWN, Class, Dataset, Picture, Targets
from .places import find_image, inner, part_of, tidy
from .rasters import decode, read_raster

PATTERNS = ("annotations/panoptic_*.json", "panoptic_*.json")
VOID = 0  # no segment


def files(folder: Path) -> list[Path]:
    """Return the files of segments, as COCO calls them.

    Parameters
    ----------
    folder
        Of a data set.

    Returns
    -------
    list of Path
        Sorted; of one pattern of PATTERNS.
    """
    return first_matching(folder, PATTERNS)


def read(folder: Path, told: Path | None, images: Path | None) -> Dataset:
    """Read COCO's panoptic segments.

    Parameters
    ----------
    folder
        Of the data set.
    told
        The one file that is meant; None is those of `files`.
    images
        Where the pictures lie; None is where COCO has them.

    Returns
    -------
    Dataset
        Of things and stuff; void is UNKNOWN.

    Raises
    ------
    InputError
        If a picture is missing, or a file is no JSON. ValueError and the like, if it is unsound.
    """
    names: dict[str, int] = {}
    things: dict[str, bool] = {}
    pictures = []
    for file in [told] if told else files(folder):
        found = read_coco(file)
        places = {
            key: names.setdefault(one["name"], len(names)) for key, one in found.categories.items()
        }
        for one in found.categories.values():
            is_thing = bool(one["isthing"])
            if things.setdefault(one["name"], is_thing) != is_thing:
                raise ValueError(f"{one['name']!r} is both a thing and stuff")
        part = part_of(file)
        segments = file.with_suffix("")  # the folder beside the file
        for image in found.images:
            path = find_image(image.file, file, part, images)
            read_one = partial(_targets, image, places, things, segments)
            name = tidy(part, image.file)
            pictures.append(Picture(path, name, part, name, read_one))
    classes = tuple(Class(name, things[name]) for name in names)
    return Dataset("coco-panoptic", classes, tuple(pictures), True)


def _targets(
    image: CocoImage,
    places: Mapping[Any, int],
    things: Mapping[str, bool],
    folder: Path,
    height: int,
    width: int,
) -> Targets:
    if len(image.drawn) != 1:
        raise ValueError(f"{image.file} has {len(image.drawn)} panoptic annotations, not one")
    told = image.drawn[0]
    file = folder / inner(str(told["file_name"]))
    red, green, blue = read_raster(file, height, width, 3).astype(np.uint32)
    segments = told["segments_info"]
    is_thing = list(things.values())
    classes = {VOID: UNKNOWN}
    objects = {VOID: 0}
    for one in segments:
        key = int(one["id"])
        if key in classes:
            raise ValueError(f"{image.file} has two segments {key}")
        classes[key] = places[one["category_id"]]
        single = is_thing[classes[key]] and one.get("iscrowd") != 1
        objects[key] = key if single else 0
    codes = red | green << 8 | blue << 16
    return Targets(
        decode(codes, classes, file).astype(np.uint16),
        decode(codes, objects, file).astype(np.uint32),
    )
