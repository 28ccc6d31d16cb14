"""COCO: objects as polygons and as runs, in one file of JSON for each part of the data set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from ..features.masks import fill
from .coco_file import CocoImage, corners, first_matching, read_coco
from .dataset import UNKNOWN, Class, Dataset, Picture, Targets
from .paint import Budget, Painted, lay, polygon
from .places import find_image, part_of, tidy
from .runs import mask_of_counts
from .told import number

PATTERNS = (
    "annotations/instances_*.json",
    "instances_*.json",
    "*/_annotations.coco.json",
    "_annotations.coco.json",
)
BOXES = "boxes without an outline, whose ground is unknown"


def files(folder: Path) -> list[Path]:
    """Return the files of objects, as COCO, or who exports it, calls them.

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
    """Read COCO's objects.

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
        Of things alone; ground that no object covers is OPEN.

    Raises
    ------
    InputError
        If a picture is missing, or a file is no JSON. ValueError and the like, if it is unsound.
    """
    names: dict[str, int] = {}
    pictures = []
    skipped: Counter[str] = Counter()
    for file in [told] if told else files(folder):
        found = read_coco(file)
        places = {
            key: names.setdefault(one["name"], len(names)) for key, one in found.categories.items()
        }
        part = part_of(file)
        for image in found.images:
            if any("segments_info" in one for one in image.drawn):
                raise ValueError("it holds panoptic segments: --format coco-panoptic")
            skipped[BOXES] += sum(not one.get("segmentation") for one in image.drawn)
            path = find_image(image.file, file, part, images)
            name = tidy(part, image.file)
            pictures.append(Picture(path, name, part, name, partial(_targets, image, places)))
    classes = tuple(Class(name, True) for name in names)
    return Dataset("coco", classes, tuple(pictures), True, +skipped)


def _targets(image: CocoImage, places: Mapping[Any, int], height: int, width: int) -> Targets:
    if (image.height, image.width) != (height, width):
        raise ValueError(
            f"{image.file} is told to have {image.height} x {image.width} pixels, and has "
            f"{height} x {width}"
        )
    budget = Budget()
    drawn = [_painted(one, places, image, budget) for one in image.drawn]
    return lay(drawn, height, width)


def _painted(
    one: Mapping[str, Any], places: Mapping[Any, int], image: CocoImage, budget: Budget
) -> Painted:
    told = one.get("segmentation")
    place = places[one["category_id"]]
    if not told:
        place = UNKNOWN
        left, top, width, height = map(number, one["bbox"])
        shape = shapely.box(left, top, left + width, top + height)
    elif isinstance(told, dict):
        if list(told["size"]) != [image.height, image.width]:
            raise ValueError(f"a mask of {told['size']} on {image.height} x {image.width} pixels")
        columns, first = mask_of_counts(told["counts"], image.height, image.width)
        budget.spend(columns.size)
        mask = np.ascontiguousarray(columns.T)
        return Painted(place, mask, 0, first, one.get("iscrowd") == 1)
    else:
        shape = shapely.union_all([polygon(corners(ring)) for ring in told])
    mask, top_row, first = fill(shape, image.height, image.width)
    budget.spend(mask.size)
    return Painted(place, mask, top_row, first, one.get("iscrowd") == 1)
