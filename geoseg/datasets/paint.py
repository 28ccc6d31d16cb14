"""Objects that are drawn one by one, laid on one picture: which lies on top where they overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from .dataset import OPEN, UNKNOWN, Targets

MOST_PAINTED = 1 << 29  # pixels of the boxes of all objects of a picture


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """An object, or a crowd, on its picture."""

    place: int
    """Of its class, among those of the data set; UNKNOWN for ground of which nothing is known."""
    mask: npt.NDArray[np.bool_]
    """[row, column] of its bounding box."""
    top: int
    """The box's first row."""
    left: int
    """The box's first column."""
    is_crowd: bool = False
    """Whether it is things of one class that are not told apart."""


def lay(drawn: Sequence[Painted], height: int, width: int) -> Targets:
    """Lay objects on a picture.

    Where objects overlap, the smaller lies on top (a tie on a shirt, a bird before a house), of two
    of one size the later in the file. Crowds lie beneath objects, unknown ground beneath crowds.

    Parameters
    ----------
    drawn
        In the order of the file, by which objects are numbered from 1.
    height, width
        Of the picture.

    Returns
    -------
    Targets
        OPEN where nothing lies.
    """
    classes = np.full((height, width), OPEN, np.uint16)
    objects = np.zeros((height, width), np.uint32)
    overlaps = np.zeros((height, width), bool)
    single = [one.place != UNKNOWN and not one.is_crowd for one in drawn]
    numbers = np.cumsum(single)
    order = sorted(
        range(len(drawn)),
        key=lambda i: (single[i], drawn[i].place != UNKNOWN, -int(drawn[i].mask.sum()), i),
    )
    for i in order:
        one = drawn[i]
        rows, columns = one.mask.shape
        box = np.s_[one.top : one.top + rows, one.left : one.left + columns]
        if single[i]:
            overlaps[box] |= one.mask & (objects[box] > 0)
            objects[box][one.mask] = numbers[i]
        classes[box][one.mask] = one.place
    return Targets(classes, objects, int(overlaps.sum()))


class Budget:
    """What the objects of one picture may take.

    Many small texts can each tell of a mask as large as the picture.
    """

    def __init__(self) -> None:
        self._left = MOST_PAINTED

    def spend(self, pixels: int) -> None:
        """Take off what one object takes.

        Parameters
        ----------
        pixels
            Of its box.

        Raises
        ------
        ValueError
            If it is more than is left.
        """
        self._left -= pixels
        if self._left < 0:
            raise ValueError(f"the objects of one picture take more than {MOST_PAINTED:,} pixels")


def polygon(corners: Sequence[tuple[float, float]]) -> Any:
    """Return the area inside of corners.

    Parameters
    ----------
    corners
        Columns and rows.

    Returns
    -------
    Any
        One of shapely's, valid.

    Raises
    ------
    ValueError
        If there are fewer than three.
    """
    if len(corners) < 3:
        raise ValueError(f"a polygon of {len(corners)} corners")
    return shapely.make_valid(shapely.Polygon(corners))
