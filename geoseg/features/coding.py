"""Which value of a label file means which class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.card import NODATA
from ..core.errors import InputError

Indices = npt.NDArray[np.uint8]  # class index [row, column], NODATA where unlabelled


Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Coding:
    """Which value of a label file means which class."""

    indices: Mapping[int | str, int]
    """By number, text (of vector features) or colour `#rrggbb`, the class's place on the card."""
    ignored: frozenset[int | str] = field(default_factory=frozenset)
    """Values that mean unlabelled."""
    others: bool = False
    """Whether all unknown values mean unlabelled."""
    column: str = ""
    """Where vector features keep the class; "" for the first usual one."""
    layer: str = ""
    """In which layer they lie; "" for the only one."""
    band: int | None = None
    """The number of the band that holds the classes, from 1 on; None for the only one."""

    @property
    def colours(self) -> dict[int, int]:
        """Class index by colour, as 0xrrggbb; NODATA for those that are ignored."""
        known = dict(self.indices) | dict.fromkeys(self.ignored, NODATA)
        return {
            int(key[1:], 16): i
            for key, i in known.items()
            if isinstance(key, str) and _is_colour(key)
        }

    @property
    def numbers(self) -> dict[int, int]:
        """Class index by value; NODATA for those that are ignored."""
        known = dict(self.indices) | dict.fromkeys(self.ignored, NODATA)
        return {key: i for key, i in known.items() if isinstance(key, int)}

    def refuse(self, path: str, strange: list[Any]) -> InputError:
        """Return the error for values that are no class's.

        Parameters
        ----------
        path
            The label file.
        strange
            The values.

        Returns
        -------
        InputError
            The first of them are named.
        """
        shown = ", ".join(map(str, strange[:8])) + (", ..." if len(strange) > 8 else "")
        return InputError(
            f"the labels {path} hold the values [{shown}]",
            f"classes of the card ({', '.join(str(key) for key in self.indices)}), or the "
            "nodata of the file",
            'name them with --ignore (data.ignore) if they mean unlabelled ("*" for all other '
            "values)",
        )


def shown_bounds(bounds: Bounds) -> str:
    """Return bounds as a message names them.

    Parameters
    ----------
    bounds
        The least x, the least y, the most x, the most y.

    Returns
    -------
    str
        Such as "x 3 to 4, y 1 to 2".
    """
    west, south, east, north = bounds
    return f"x {west:.8g} to {east:.8g}, y {south:.8g} to {north:.8g}"


def _is_colour(text: str) -> bool:
    return (
        len(text) == 7 and text[0] == "#" and all(c in "0123456789abcdefABCDEF" for c in text[1:])
    )
