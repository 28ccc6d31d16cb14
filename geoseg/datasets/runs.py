"""Masks that are told by the lengths of their runs, as COCO, CVAT and Label Studio write them.

What a text claims is checked against the picture before anything of that size is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..features.masks import outline

MOST = 1 << 28  # pixels of a picture with a mask
MOST_PAINTED = 1 << 26  # likewise, of Label Studio's, which tell four bytes of each
_DIGITS = 7  # letters of a number in COCO's texts: five bits each, of what MOST takes


def coco_mask(told: Any, height: int, width: int) -> Any:
    """Read a mask of COCO.

    Parameters
    ----------
    told
        ``{"size": [height, width], "counts": [...] or text}``.
    height, width
        Of the picture.

    Returns
    -------
    Any
        Its area, one of shapely's, in pixels.

    Raises
    ------
    ValueError
        If it is none, or not of the picture.
    """
    if list(told["size"]) != [height, width]:
        raise ValueError(f"a mask of {told['size']} on a picture of {height} x {width}")
    columns, first = mask_of_counts(told["counts"], height, width)
    return outline(np.ascontiguousarray(columns.T), 0, first)


def mask_of_counts(counts: Any, height: int, width: int) -> tuple[npt.NDArray[np.bool_], int]:
    """Read a mask of COCO as columns.

    Parameters
    ----------
    counts
        Lengths of runs, or the text that tells them.
    height, width
        Of the picture.

    Returns
    -------
    tuple
        The columns that hold something [column, row], and which is their first.

    Raises
    ------
    ValueError
        If they are none, or not of so many pixels.
    """
    lengths = read_counts(counts) if isinstance(counts, str) else counts
    return mask_of_runs(lengths, height, width)


def read_counts(text: str) -> list[int]:
    """Read the lengths of runs from COCO's text.

    Parameters
    ----------
    text
        Five bits in each letter, the lower ones first; from the third on, how much longer a run is
        than the one before the last (pycocotools' rleToString).

    Returns
    -------
    list of int
        In turn without and with the mask.

    Raises
    ------
    ValueError
        If the text is none such.
    """
    lengths: list[int] = []
    number = digits = 0
    for letter in text:
        code = ord(letter) - 48
        if not 0 <= code < 64 or digits == _DIGITS:
            raise ValueError(f"{text[:20]!r} is no run lengths of COCO")
        number |= (code & 31) << 5 * digits
        digits += 1
        if code & 32:  # goes on
            continue
        if code & 16:
            number -= 1 << 5 * digits
        lengths.append(number + (lengths[-2] if len(lengths) > 2 else 0))
        number = digits = 0
    if digits:
        raise ValueError(f"the run lengths end within a number: {text[-20:]!r}")
    return lengths


def mask_of_runs(
    lengths: Iterable[Any], minor: int, major: int
) -> tuple[npt.NDArray[np.bool_], int]:
    """Return the lines of a mask that hold something.

    Parameters
    ----------
    lengths
        Of runs, in turn without and with the mask.
    minor, major
        Pixels of a line, and lines: rows where the runs follow these, else columns.

    Returns
    -------
    tuple
        The mask [line, pixel], and which line is its first.

    Raises
    ------
    ValueError
        If the lengths are none, or not of so many pixels.
    """
    if minor * major > MOST:
        raise ValueError(f"a mask of {minor} x {major} pixels, of {MOST:,} at most")
    told = list(lengths)
    if len(told) > minor * major + 1 or not all(
        isinstance(n, int) and not isinstance(n, bool) and 0 <= n <= minor * major for n in told
    ):
        raise ValueError("runs of a mask that are no lengths")
    ends = np.cumsum(np.array(told, np.int64))
    if not len(ends) or ends[-1] != minor * major:
        raise ValueError(f"runs of {ends[-1] if len(ends) else 0} of {minor * major} pixels")
    starts, stops = ends[0:-1:2], ends[1::2]
    some = stops > starts
    starts = starts[some]
    stops = stops[some]
    if not len(starts):
        return np.zeros((1, minor), bool), 0
    first = int(starts[0]) // minor
    last = (int(stops[-1]) - 1) // minor
    edges = np.zeros((last - first + 1) * minor + 1, np.int8)
    np.add.at(edges, starts - first * minor, 1)
    np.add.at(edges, stops - first * minor, -1)
    return np.cumsum(edges[:-1], dtype=np.int8).reshape(-1, minor).astype(bool), first


def painted_mask(told: Sequence[Any], height: int, width: int) -> Any:
    """Read a mask of Label Studio's brush.

    Bits of a stream (thi.ng's rle-pack): the number of words (32), bits of a word less 1 (5), bits
    of lengths less 1 (4 x 4); then runs: whether one word is repeated (1), which of the lengths
    (2), the number of words less 1, and the word or the words. The words are red, green, blue and
    alpha of each pixel in turn, row by row; what is not transparent is painted.

    Parameters
    ----------
    told
        The bytes, 0 to 255.
    height, width
        Of the picture.

    Returns
    -------
    Any
        Its area, one of shapely's, in pixels.

    Raises
    ------
    ValueError
        If it is none, or not of the picture.
    """
    if height * width > MOST_PAINTED:
        raise ValueError(f"a brush on {height} x {width} pixels, of {MOST_PAINTED:,} at most")
    if not all(isinstance(n, int) and not isinstance(n, bool) and 0 <= n < 256 for n in told):
        raise ValueError("a brush that is not told in bytes")
    words = _unpacked(bytes(told), height * width * 4)
    return outline(words[3::4].reshape(height, width) > 0)


def _unpacked(data: bytes, expected: int) -> npt.NDArray[np.uint8]:
    bits = np.unpackbits(np.frombuffer(data, np.uint8))
    place = 0

    def take(count: int) -> int:
        nonlocal place
        found = bits[place : place + count]
        if len(found) < count:
            raise ValueError("a brush that ends too early")
        place += count
        return int("".join("1" if bit else "0" for bit in found), 2)

    count = take(32)
    if count != expected:
        raise ValueError(f"a brush of {count:,} words on a picture of {expected // 4:,} pixels")
    size = take(5) + 1
    if size != 8:
        raise ValueError(f"a brush in words of {size} bits, not 8")
    sizes = [take(4) + 1 for _ in range(4)]
    words = np.empty(count, np.uint8)
    done = 0
    while done < count:
        repeated = take(1)
        length = take(sizes[take(2)]) + 1
        if done + length > count:
            raise ValueError("a brush of more words than it says")
        if repeated:
            words[done : done + length] = take(8)
        else:
            found = bits[place : place + 8 * length]
            if len(found) < 8 * length:
                raise ValueError("a brush that ends too early")
            words[done : done + length] = np.packbits(found)
            place += 8 * length
        done += length
    return words


def boxed_mask(
    lengths: Sequence[int], top: int, left: int, height: int, width: int, picture: tuple[int, int]
) -> Any:
    """Read a mask of CVAT: runs row by row inside of a box.

    Parameters
    ----------
    lengths
        Of runs, in turn without and with the mask.
    top, left, height, width
        The box.
    picture
        Rows and columns of the picture.

    Returns
    -------
    Any
        Its area, one of shapely's, in pixels.

    Raises
    ------
    ValueError
        If it is none, or not of the picture.
    """
    inside = top >= 0 and left >= 0 and top + height <= picture[0] and left + width <= picture[1]
    if not (inside and height > 0 and width > 0):
        raise ValueError(f"a mask of {height} x {width} at {top}, {left} on a picture of {picture}")
    rows, first = mask_of_runs(lengths, width, height)
    return outline(rows, top + first, left)
