"""A file of COCO: its pictures, its categories, and what was drawn
(https://cocodataset.org/#format-data).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .told import number, read_json, size

LARGEST = 1 << 30  # bytes: that of the training pictures of 2017 has 449 MB


@dataclass(frozen=True, slots=True)
class CocoImage:
    """A picture, as the file tells of it."""

    file: str
    """Its name, perhaps with folders."""
    height: int
    """Rows."""
    width: int
    """Columns."""
    drawn: tuple[Mapping[str, Any], ...]
    """The annotations on it, in the order of the file, unchecked."""


@dataclass(frozen=True, slots=True)
class CocoFile:
    """What a file holds."""

    images: tuple[CocoImage, ...]
    """In the order of the file."""
    categories: Mapping[Any, Mapping[str, Any]]
    """By their ids, unchecked but for the name, which is a text."""


def first_matching(folder: Path, patterns: Sequence[str]) -> list[Path]:
    """Return the files of the first pattern that any file of a folder has.

    Parameters
    ----------
    folder
        Of a data set.
    patterns
        As of `Path.glob`.

    Returns
    -------
    list of Path
        Sorted; none where no pattern fits.
    """
    for pattern in patterns:
        if found := sorted(folder.glob(pattern)):
            return found
    return []


def read_coco(path: Path) -> CocoFile:
    """Read a file of instances, or of panoptic segments.

    Parameters
    ----------
    path
        JSON.

    Returns
    -------
    CocoFile
        Every annotation is on a picture.

    Raises
    ------
    InputError
        If it is no JSON. ValueError, KeyError or TypeError, if it is unsound.
    """
    told = read_json(path, LARGEST)
    categories = {one["id"]: {**one, "name": str(one["name"])} for one in told["categories"]}
    by_image: dict[Any, list[Mapping[str, Any]]] = defaultdict(list)
    for one in told["annotations"]:
        by_image[one["image_id"]].append(one)
    images = {
        one["id"]: CocoImage(
            str(one["file_name"]),
            size(one["height"]),
            size(one["width"]),
            tuple(by_image.pop(one["id"], ())),
        )
        for one in told["images"]
    }
    if len(images) < len(told["images"]) or len(categories) < len(told["categories"]):
        raise ValueError("two pictures or categories of one id")
    if by_image:
        raise ValueError(
            f"annotations on pictures that it does not list, such as {next(iter(by_image))!r:.40}"
        )
    return CocoFile(tuple(images.values()), categories)


def corners(told: Sequence[Any]) -> list[tuple[float, float]]:
    """Return the corners of a polygon.

    Parameters
    ----------
    told
        x and y in turn.

    Returns
    -------
    list of tuple
        Columns and rows.

    Raises
    ------
    ValueError
        If they are no numbers, or of an odd count.
    """
    numbers = [number(one) for one in told]
    return list(zip(numbers[::2], numbers[1::2], strict=True))
