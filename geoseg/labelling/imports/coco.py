"""COCO, as CVAT, Label Studio and many others export it: polygons and masks on pictures."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import shapely

from ...datasets.coco_file import corners
from ...datasets.paint import polygon
from ...datasets.runs import coco_mask
from ...datasets.told import read_json, size
from .drawn import Annotations, Drawn, Picture, name_of, time_of

BOX = "boxes, which are around things and not of them"


def fits(told: Any) -> bool:
    """Return whether what JSON holds is COCO.

    Parameters
    ----------
    told
        Anything.

    Returns
    -------
    bool
        By its keys.
    """
    return isinstance(told, dict) and {"images", "annotations", "categories"} <= told.keys()


def read(path: Path) -> Annotations:
    """Read a COCO file of instances (https://cocodataset.org/#format-data).

    Parameters
    ----------
    path
        JSON.

    Returns
    -------
    Annotations
        Boxes without an area are told, and left out.

    Raises
    ------
    ValueError
        If it is unsound. InputError, if it is no JSON.
    """
    told = read_json(path)
    time = time_of((told.get("info") or {}).get("date_created"))
    pictures = {
        one["id"]: Picture(str(one["file_name"]), size(one["height"]), size(one["width"]))
        for one in told["images"]
    }
    names = {one["id"]: str(one["name"]) for one in told["categories"]}
    drawn = []
    skipped: Counter[str] = Counter()
    for one in told["annotations"]:
        picture = pictures[one["image_id"]]
        area = _area(one.get("segmentation"), picture)
        if area is None:
            skipped[BOX] += 1
            continue
        attributes = one.get("attributes")
        author = attributes.get("author") if isinstance(attributes, dict) else None
        drawn.append(Drawn(picture, names[one["category_id"]], area, name_of(author), time))
    return Annotations(tuple(drawn), skipped)


def _area(told: Any, picture: Picture) -> Any:
    if isinstance(told, dict) and told:
        return coco_mask(told, picture.height, picture.width)
    rings = [ring for ring in told or () if ring]  # some write an empty one beside a box
    return shapely.union_all([polygon(corners(ring)) for ring in rings]) if rings else None
