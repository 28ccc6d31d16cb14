"""Superpixels: an image cut into compact segments of like pixels, about as large as asked for.

Simple linear iterative clustering (Achanta et al., SLIC Superpixels Compared to State-of-the-art
Superpixel Methods, IEEE TPAMI 34, 2012): k-means of colour and place, in which a cluster takes
pixels of its neighbourhood alone. What is too small afterwards joins the largest neighbour.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from rasterio.features import sieve

from ..core.jit import compiled, kernel_part
from ..raster.handles import gdal_env

Image = npt.NDArray[np.float32]
Segments = npt.NDArray[np.int32]
ROUNDS = 5  # after which hardly a pixel changes its segment
COMPACT = 0.5  # how much a segment's side counts beside a deviation of the image
LEAST = 4  # a segment has at least its usual area divided by this


def superpixels(
    image: npt.NDArray[Any], side: int, valid: npt.NDArray[np.bool_] | None = None
) -> Segments:
    """Cut an image into segments.

    Parameters
    ----------
    image
        Numbers [band, row, column], of any type; each band counts as far as it spreads.
    side
        Pixels along a segment, about.
    valid
        Where there is data, bool [row, column]; None is everywhere.

    Returns
    -------
    ndarray
        int32 [row, column]: the segment, from 1; 0 where not valid.

    Raises
    ------
    ValueError
        If a segment would have less than 2 pixels along its side.
    """
    if side < 2:
        raise ValueError(f"segments of {side} pixels: at least 2")
    _, height, width = image.shape
    known = np.ones((height, width), bool) if valid is None else valid
    if not known.any():
        return np.zeros((height, width), np.int32)
    pixels = np.ascontiguousarray(np.moveaxis(_spread(image, known), 0, -1))
    centres, found = _cells(pixels, side)
    assign(pixels, known, centres, side, COMPACT, ROUNDS, found)
    least = max(2, side * side // LEAST)
    if least < found.size:  # which GDAL asks for
        with gdal_env():
            found = sieve(found, least, mask=known, connectivity=4)
    return np.where(known, found, 0).astype(np.int32)


def _spread(image: npt.NDArray[Any], known: npt.NDArray[np.bool_]) -> Image:
    """Bring each band to a mean of 0 and a deviation of 1, then of 1 over all bands together."""
    values = image[:, known].astype(np.float32)
    mean = values.mean(axis=1)[:, None, None]
    deviation = np.maximum(values.std(axis=1), 1e-6)[:, None, None]
    spread = (image.astype(np.float32) - mean) / (deviation * np.sqrt(len(image)))
    return np.where(known, spread, np.float32(0)).astype(np.float32)


def _cells(pixels: Image, side: int) -> tuple[npt.NDArray[np.float32], Segments]:
    """Return a cluster for each cell of a square grid (row, column and the mean of its pixels), and
    which pixel is in which, from 1.
    """
    height, width, bands = pixels.shape
    rows = max(1, round(height / side))
    columns = max(1, round(width / side))
    tops = np.linspace(0, height, rows + 1).astype(int)
    lefts = np.linspace(0, width, columns + 1).astype(int)
    centres = np.empty((rows * columns, 2 + bands), np.float32)
    found = np.empty((height, width), np.int32)
    for i, (top, bottom) in enumerate(pairwise(tops)):
        for j, (left, right) in enumerate(pairwise(lefts)):
            cell = pixels[top:bottom, left:right]
            middle = (top + bottom - 1) / 2, (left + right - 1) / 2
            centres[i * columns + j] = (*middle, *cell.mean(axis=(0, 1)))
            found[top:bottom, left:right] = i * columns + j + 1
    return centres, found


@compiled
def assign(
    pixels: Image,
    known: npt.NDArray[np.bool_],
    centres: npt.NDArray[np.float32],
    side: int,
    compact: float,
    rounds: int,
    found: Segments,
) -> None:
    """Give each pixel to the nearest cluster, and move the clusters to their pixels, in turns.

    Parameters
    ----------
    pixels
        float32 [row, column, band].
    known
        Where there is data, [row, column].
    centres
        float32 [cluster, 2 + band]: row, column and colour; they are moved.
    side
        Pixels along a segment.
    compact
        How much this distance counts beside 1 of colour.
    rounds
        How many turns.
    found
        int32 [row, column], from 1: where each pixel begins, and then the nearest cluster.
    """
    near = np.empty(found.shape, np.float32)
    sums = np.zeros((len(centres), 3 + pixels.shape[2]), np.float64)
    for turn in range(rounds):
        near[:] = np.inf
        for cluster in range(len(centres)):
            _take(pixels, known, centres, cluster, side, (compact / side) ** 2, near, found)
        if turn < rounds - 1:
            _move(pixels, known, centres, found, sums)


@kernel_part
def _take(
    pixels: Image,
    known: npt.NDArray[np.bool_],
    centres: Image,
    cluster: int,
    side: int,
    share: float,
    near: Image,
    found: Segments,
) -> None:
    """Give a cluster the pixels around it that are nearer to it than to those before."""
    height, width, bands = pixels.shape
    middle = centres[cluster, 0]
    centre = centres[cluster, 1]
    left = max(0, int(centre) - side)
    right = min(width, int(centre) + side + 1)
    for row in range(max(0, int(middle) - side), min(height, int(middle) + side + 1)):
        for column in range(left, right):
            if not known[row, column]:
                continue
            apart = share * ((row - middle) ** 2 + (column - centre) ** 2)
            for band in range(bands):
                apart += (pixels[row, column, band] - centres[cluster, 2 + band]) ** 2
            if apart < near[row, column]:
                near[row, column] = apart
                found[row, column] = cluster + 1


@kernel_part
def _move(
    pixels: Image,
    known: npt.NDArray[np.bool_],
    centres: Image,
    found: Segments,
    sums: npt.NDArray[np.float64],
) -> None:
    """Move each cluster to the mean of its pixels."""
    height, width, bands = pixels.shape
    sums[:] = 0.0
    for row in range(height):
        for column in range(width):
            if known[row, column]:
                cluster = found[row, column] - 1
                sums[cluster, 0] += row
                sums[cluster, 1] += column
                for band in range(bands):
                    sums[cluster, 2 + band] += pixels[row, column, band]
                sums[cluster, 2 + bands] += 1.0
    for cluster in range(len(centres)):
        if sums[cluster, 2 + bands] > 0:
            for k in range(2 + bands):
                centres[cluster, k] = sums[cluster, k] / sums[cluster, 2 + bands]
