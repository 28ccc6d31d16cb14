"""A majority filter: each pixel takes the class that is most frequent around it, in strips."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ...core.arrays import Bytes, Ints
from ...core.card import NODATA
from ...core.jit import compiled, kernel_part
from ..borders.corners import Rows


def majority(rows: Rows, size: int) -> Iterator[Bytes]:
    """Give each pixel the class that is most frequent in a window around it.

    Nodata and what lies around the raster has no vote, and nodata stays. Of classes that
    are equally frequent the pixel's own wins, else the lowest.

    Parameters
    ----------
    rows
        Gives the strips of the raster; it is read twice.
    size
        Side of the window in pixels, an odd number.

    Yields
    ------
    Bytes
        Classes, uint8 [row, column], from top to bottom; the strips are not those that were read.
    """
    half = size // 2
    classes = _classes(rows)
    # the last rows that were read, from `half` rows above the next to be yielded on
    held: Bytes | None = None
    done = 0  # rows of `held` that were yielded already
    for strip in rows():
        held = strip if held is None else np.concatenate([held, strip])
        ready = len(held) - half
        if ready > done:
            yield smoothed(held, classes, half, done, ready)
            cut = max(0, ready - half)
            held = held[cut:]
            done = ready - cut
    if held is not None and len(held) > done:
        yield smoothed(held, classes, half, done, len(held))


def _classes(rows: Rows) -> Bytes:
    """Return the values that occur, without nodata."""
    seen = np.zeros(NODATA + 1, np.int64)
    for strip in rows():
        seen += np.bincount(strip.ravel(), minlength=NODATA + 1)
    return np.flatnonzero(seen[:NODATA]).astype(np.uint8)


def smoothed(rows: Bytes, classes: Bytes, half: int, start: int, stop: int) -> Bytes:
    """Return some rows, filtered.

    Parameters
    ----------
    rows
        Classes, uint8 [row, column], with all rows that lie within `half` of the wanted ones and
        in the raster.
    classes
        The classes that occur, uint8 [class], in rising order.
    half
        Pixels of the window on each side of its middle.
    start, stop
        The first wanted row of `rows`, and the one after the last.

    Returns
    -------
    Bytes
        uint8 [stop - start, column].
    """
    place = np.full(NODATA + 1, -1, np.int32)
    place[classes] = np.arange(len(classes))
    found = np.full((stop - start, rows.shape[1]), NODATA, np.uint8)
    if len(classes):
        vote(
            rows,
            place,
            classes,
            half,
            start,
            np.zeros((rows.shape[1], len(classes)), np.int32),
            found,
        )
    return found


@kernel_part
def count_row(row: Bytes, place: Ints, sign: int, counts: npt.NDArray[np.int32]) -> None:
    """Add a row to the counts of each column, or take it away.

    Parameters
    ----------
    row
        Classes, uint8 [column].
    place
        int32 [256]: the place of each class among those that occur, -1 for none.
    sign
        1, or -1 to take away.
    counts
        int32 [column, class], changed in place.
    """
    for x in range(len(row)):
        k = place[row[x]]
        if k >= 0:
            counts[x, k] += sign


@compiled
def vote(
    rows: Bytes,
    place: Ints,
    classes: Bytes,
    half: int,
    start: int,
    counts: npt.NDArray[np.int32],
    found: Bytes,
) -> None:
    """Filter: counts are kept for the rows around the present one, and summed along it.

    Parameters
    ----------
    rows, classes, half, start
        See `smoothed`.
    place
        int32 [256]: the place of each class among `classes`, -1 for none.
    counts
        Room for counts of each column, int32 [column, class], all 0.
    found
        The rows from `start` on, uint8 [row, column], are written; nodata stays as it is.
    """
    height, width = rows.shape
    for y in range(max(0, start - half), min(height, start + half)):
        count_row(rows[y], place, 1, counts)
    total = np.empty(len(classes), np.int32)
    for i in range(len(found)):
        y = start + i
        if y + half < height:
            count_row(rows[y + half], place, 1, counts)
        if y - half - 1 >= 0 and i > 0:
            count_row(rows[y - half - 1], place, -1, counts)
        total[:] = 0
        for x in range(min(half, width)):
            total += counts[x]
        for x in range(width):
            if x + half < width:
                total += counts[x + half]
            if x - half - 1 >= 0:
                total -= counts[x - half - 1]
            own = place[rows[y, x]]
            if own < 0:
                continue
            best = own
            for k in range(len(classes)):
                if total[k] > total[best] or (total[k] == total[best] and best != own and k < best):
                    best = k
            found[i, x] = classes[best]
