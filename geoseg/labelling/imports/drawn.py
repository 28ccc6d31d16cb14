"""What somebody drew on a picture, in its pixels."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import shapely
from shapely.affinity import rotate, scale

LONGEST = 200  # letters of an author's name
QUARTER = 16  # straight pieces of a quarter of an ellipse


@dataclass(frozen=True, slots=True)
class Picture:
    """What was drawn on."""

    name: str
    """As the file calls it: a path or address of which the end counts."""
    height: int
    """Rows."""
    width: int
    """Columns."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One annotation."""

    picture: Picture
    """What it was drawn on."""
    label: str
    """What it is called there."""
    shape: Any
    """One of shapely's, x to the right and y down from the picture's corner, in pixels."""
    author: str | None = None
    """Who drew it."""
    time: str | None = None
    """When, ISO 8601 in UTC."""


@dataclass(frozen=True, slots=True)
class Annotations:
    """What a file of annotations holds."""

    drawn: tuple[Drawn, ...]
    """In the order of the file."""
    skipped: Counter[str] = field(default_factory=Counter)
    """How many entries say nothing of single pixels, such as tags, by their kind."""


def rectangle(left: float, top: float, width: float, height: float, angle: float = 0) -> Any:
    """Return a rectangle.

    Parameters
    ----------
    left, top, width, height
        As it is before it is turned.
    angle
        Degrees clockwise, as one sees it.

    Returns
    -------
    Any
        One of shapely's; turned about its first corner.
    """
    whole = shapely.box(left, top, left + width, top + height)
    return rotate(whole, angle, origin=(left, top))  # y counts down: it turns clockwise


def ellipse(x: float, y: float, across: float, down: float, angle: float = 0) -> Any:
    """Return an ellipse.

    Parameters
    ----------
    x, y
        Its centre.
    across, down
        Its radii before it is turned.
    angle
        Degrees clockwise, as one sees it.

    Returns
    -------
    Any
        One of shapely's.
    """
    circle = shapely.Point(x, y).buffer(1, quad_segs=QUARTER)
    return rotate(scale(circle, across, down, origin=(x, y)), angle, origin=(x, y))


def name_of(told: Any) -> str | None:
    """Return the name of somebody, fit to be shown.

    Parameters
    ----------
    told
        What a file says.

    Returns
    -------
    str or None
        Without control characters, of at most LONGEST letters; None where it says nothing.
    """
    if told is None or isinstance(told, bool | dict | list):
        return None
    kept = (letter for letter in str(told) if unicodedata.category(letter)[0] != "C")
    return " ".join("".join(kept).split())[:LONGEST] or None


def time_of(told: Any) -> str | None:
    """Return a time as labels keep it.

    Parameters
    ----------
    told
        What a file says; without a zone it is UTC.

    Returns
    -------
    str or None
        ISO 8601 in UTC, to the second; None where it is no time.
    """
    try:
        found = datetime.fromisoformat(str(told))
        found = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        return found.strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        return None
