"""The depth that a network learns beside the classes: how far inside its object a pixel lies.

It is 0 along the border of an object, also where two touch, and grows with the distance from it up
to 1 at a limit, in pixels as the network sees them: objects are told apart by what is low between
them. It blends over tiles as scores do.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

Depths = npt.NDArray[np.float16]  # pixels [row, column]; NaN where unknown
UNKNOWN = 255  # in coded depths, of bytes
WHOLE = 254  # a depth of 1


def measure_depth(numbers: npt.NDArray[np.uint32], reach: float) -> npt.NDArray[np.float32]:
    """Return how far inside its object each pixel lies.

    The distance from a pixel's centre to the nearest pixel at the border of its object, and half a
    pixel to the border itself: exact for straight borders. What lies beyond the array is unknown,
    and makes no border. What is farther away than the reach does not matter, so that any window
    with so many pixels around it gives what the whole raster does.

    Parameters
    ----------
    numbers
        Of objects, uint32 [row, column]; 0 is none.
    reach
        Pixels; no distance is larger.

    Returns
    -------
    ndarray
        Float32 [row, column], 0.5 to `reach` in objects (which is 0.5 or more), 0 elsewhere.
    """
    border = _differs(numbers)
    steps = int(np.ceil(reach))
    # the squared distance to the nearest border in the same column, and then over the columns
    # (Felzenszwalb and Huttenlocher 2012, Distance Transforms of Sampled Functions), by trying all
    # within reach
    far = np.float32((steps + 1) ** 2)
    down = np.where(border, np.float32(0), far)
    square = _nearest(_nearest(down, steps, 0), steps, 1)
    depth = np.minimum(np.sqrt(square) + np.float32(0.5), np.float32(reach))
    return np.where(numbers > 0, depth, np.float32(0))


def _differs(numbers: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Return which pixels have one of another number among their eight neighbours."""
    padded = np.pad(numbers, 1, mode="edge")
    rows, columns = numbers.shape
    found = np.zeros(numbers.shape, bool)
    for row in range(3):
        for column in range(3):
            found |= padded[row : row + rows, column : column + columns] != numbers
    return found


def _nearest(square: npt.NDArray[np.float32], steps: int, axis: int) -> npt.NDArray[np.float32]:
    """Return the least of the squared distances along an axis, each with that step's added."""
    found = square.copy()
    length = square.shape[axis]
    for step in range(1, min(steps, length - 1) + 1):
        near = [slice(None), slice(None)]
        far = [slice(None), slice(None)]
        near[axis] = slice(0, length - step)
        far[axis] = slice(step, length)
        for one, other in ((tuple(near), tuple(far)), (tuple(far), tuple(near))):
            np.minimum(found[one], square[other] + np.float32(step * step), out=found[one])
    return found


def code_depth(depth: Depths, limit: float) -> npt.NDArray[np.uint8]:
    """Return depths as bytes, as they travel with the target.

    Parameters
    ----------
    depth
        In pixels [row, column], NaN where unknown.
    limit
        Pixels of a depth of 1.

    Returns
    -------
    ndarray
        Uint8 [row, column]: WHOLE times the depth, UNKNOWN where it is not known.
    """
    share = np.clip(depth.astype(np.float32) / np.float32(limit), 0, 1)
    known = ~np.isnan(share)
    coded = np.rint(np.where(known, share, 0) * WHOLE).astype(np.uint8)
    return np.where(known, coded, np.uint8(UNKNOWN))


def depth_loss(logits: torch.Tensor, coded: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Return the mean binary cross entropy between a depth and what it is learned from, less the
    least that there can be: 0 where both are alike.

    Objects and all else count half each: else the ground between a few small objects would be all
    that is learned.

    Parameters
    ----------
    logits
        Float32 [n, row, column], before the sigmoid.
    coded
        Uint8 [n, row, column] as of `code_depth`.
    weight
        Float32 [n, row, column]; 0 leaves a pixel out.

    Returns
    -------
    Tensor
        A number, 0 or more; 0 where nothing is known.
    """
    share = (coded.float() / WHOLE).clamp(max=1)
    known = weight * (coded != UNKNOWN)
    least = -(torch.xlogy(share, share) + torch.xlogy(1 - share, 1 - share))
    losses = binary_cross_entropy_with_logits(logits, share, reduction="none") - least
    parts = []
    for inside in (share > 0, share == 0):
        mine = known * inside
        parts.append((losses * mine).sum() / mine.sum().clamp(min=1))
    return (parts[0] + parts[1]) / 2
