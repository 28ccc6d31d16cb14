"""What somebody drew on a picture, in its pixels; and checks of what a file tells of it."""

from __future__ import annotations

import json
import math
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import shapely
from shapely.affinity import rotate, scale

from ...core.errors import InputError
from ...core.files import check_regular

LARGEST = 1 << 28  # bytes of a file of annotations: Python makes some ten times as many of them
FURTHEST = 1e7  # pixels
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


def read_json(path: Path) -> Any:
    """Read JSON that a stranger wrote.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    Any
        What it holds; no number in it is NaN.

    Raises
    ------
    InputError
        If it is none, or too large.
    """
    check_regular(path)

    def refuse(text: str) -> None:
        raise ValueError(f"{text} is no number")

    try:
        if path.stat().st_size > LARGEST:
            raise InputError(f"{path} is of {path.stat().st_size:,} bytes", f"at most {LARGEST:,}")
        return json.loads(path.read_bytes(), parse_constant=refuse)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not JSON: {error}") from error


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


def number(told: Any) -> float:
    """Return a number of pixels or per cent.

    Parameters
    ----------
    told
        A number, or a text of one.

    Returns
    -------
    float
        Finite, and not beyond any picture.

    Raises
    ------
    ValueError
        If it is none.
    """
    found = math.nan if isinstance(told, bool) or told is None else float(told)
    if not abs(found) <= FURTHEST:
        raise ValueError(f"{told!r:.40} where a coordinate belongs")
    return found


def size(told: Any) -> int:
    """Return a number of rows or columns.

    Parameters
    ----------
    told
        A whole number, or a text of one.

    Returns
    -------
    int
        1 or more.

    Raises
    ------
    ValueError
        If it is none.
    """
    found = number(told)
    if found != int(found) or found < 1:
        raise ValueError(f"{told!r:.40} where a picture's size belongs")
    return int(found)


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
