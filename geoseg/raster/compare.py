"""Where two rasters are not the same."""

from __future__ import annotations

import numpy as np

from .handles import gdal_env, open_dataset
from .texts import tags_of


def different_pixels(path: str, other: str) -> list[str]:
    """Tell where the pixels of two rasters are not the same.

    Parameters
    ----------
    path, other
        Of the rasters.

    Returns
    -------
    list of str
        A line for each difference in size, place, bands or values; empty where both hold the same.

    Raises
    ------
    InputError
        If one cannot be read.
    """
    with gdal_env(), open_dataset(path) as one, open_dataset(other) as two:
        for what, own, its in (
            ("size", one.shape, two.shape),
            ("place", tuple(one.transform)[:6], tuple(two.transform)[:6]),
            ("CRS", one.crs, two.crs),
            ("bands", one.count, two.count),
            ("data type", one.dtypes, two.dtypes),
            ("nodata", one.nodata, two.nodata),
        ):
            if own != its:
                return [f"{what}: {own}, and {its}"]
        different = 0
        for _, window in one.block_windows(1):
            unlike = one.read(window=window) != two.read(window=window)
            different += int(np.count_nonzero(unlike.any(axis=0)))
        total = one.width * one.height
        return [f"{different:,} of {total:,} pixels"] if different else []


def tags_in(path: str) -> dict[str, str]:
    """Return the tags of a raster.

    Parameters
    ----------
    path
        Of the raster.

    Returns
    -------
    dict
        Text by name.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    with gdal_env(), open_dataset(path) as dataset:
        return tags_of(dataset)
