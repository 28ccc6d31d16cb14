"""Small scenes made of plain fields side by side, and the maps of them: what the doctor looks
at.
"""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio

from .handles import gdal_env

TEXTURE = 0.03  # standard deviation of a field's brightness: no real surface is of one value


def fields(values: npt.NDArray[np.float64], side: int, seed: int = 0) -> npt.NDArray[np.float64]:
    """Return square fields from left to right.

    Parameters
    ----------
    values
        [field, band].
    side
        Pixels of a field.
    seed
        Of the brightness of the pixels.

    Returns
    -------
    npt.NDArray[np.float64]
        [band, row, column].
    """
    noise = 1 + TEXTURE * np.random.default_rng(seed).standard_normal((side, side * len(values)))
    return np.repeat(values.T[:, None, :], side, axis=2) * noise


def write_scene(
    path: str | PathLike[str], pixels: npt.NDArray[Any], names: Sequence[str], size: float
) -> None:
    """Write pixels as a GeoTIFF of named bands.

    Parameters
    ----------
    path
        Which is replaced.
    pixels
        [band, row, column], of any type of a raster.
    names
        Of the bands.
    size
        Metres of a pixel's side.
    """
    count, height, width = pixels.shape
    shape = {"count": count, "height": height, "width": width, "dtype": pixels.dtype.name}
    place = rasterio.Affine(size, 0.0, 500_000.0, 0.0, -size, 5_000_000.0)
    with (
        gdal_env(),
        rasterio.open(
            path, "w", driver="GTiff", crs="EPSG:32633", transform=place, **shape
        ) as raster,
    ):
        raster.write(pixels)
        raster.descriptions = tuple(names)


def read_fields(path: str | PathLike[str], count: int) -> list[npt.NDArray[np.uint8]]:
    """Return the classes of each field of a map.

    Parameters
    ----------
    path
        Of a map of `fields`.
    count
        How many fields there are.

    Returns
    -------
    list[npt.NDArray[np.uint8]]
        uint8 [row, column], without a field's outer eighth, which sees its neighbours.
    """
    with gdal_env(), rasterio.open(path) as raster:
        labels: npt.NDArray[np.uint8] = raster.read(1)
    edge = labels.shape[0] // 8
    return [field[edge:-edge, edge:-edge] for field in np.split(labels, count, axis=1)]


def versions() -> dict[str, str]:
    """Return the versions of the raster libraries.

    Returns
    -------
    dict[str, str]
        By name, as they run.
    """
    return {"rasterio": str(rasterio.__version__), "GDAL": str(rasterio.__gdal_version__)}
