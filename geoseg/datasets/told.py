"""What the files of strangers tell: JSON, and numbers in it, each checked before it is used."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from ..core.errors import InputError
from ..core.files import check_regular

LARGEST = 1 << 28  # bytes of a file of annotations: Python makes some ten times as many of them
FURTHEST = 1e7  # pixels
# what readers raise where an entry lacks, or is of another type than the format has there
UNSOUND = (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError)


def read_json(path: Path, largest: int = LARGEST) -> Any:
    """Read JSON that a stranger wrote.

    Parameters
    ----------
    path
        The file.
    largest
        Bytes of it at most.

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
        if path.stat().st_size > largest:
            raise InputError(f"{path} is of {path.stat().st_size:,} bytes", f"at most {largest:,}")
        return json.loads(path.read_bytes(), parse_constant=refuse)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not JSON: {error}") from error


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
