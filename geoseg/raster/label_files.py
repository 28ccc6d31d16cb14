"""Labels as small files beside their picture: classes with their names, numbers of objects."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio import Affine
from rasterio.crs import CRS
from rasterio.errors import NotGeoreferencedWarning

from ..core.card import NODATA
from ..core.disk import failures
from ..core.grid import Grid
from ..core.style import CLASSES_TAG, Legend, colour_table
from .handles import gdal_env
from .sink import REFUSALS

BLOCK = 256  # pixels along a block of files that are larger


def write_classes(path: Path, grid: Grid, data: npt.NDArray[np.uint8], legend: Legend) -> None:
    """Write the classes of a picture as a GeoTIFF in which 255 is nodata.

    Parameters
    ----------
    path
        A new file, which is not looked at before it is whole.
    grid
        Of the picture.
    data
        [row, column] of values of the legend, and 255.
    legend
        Names and colours.

    Raises
    ------
    RunError
        If it cannot be written.
    """
    names = {label.value: label.name for label in legend.labels}
    tags = {CLASSES_TAG: json.dumps(names)}
    _write(path, grid, data, tags, {"nodata": NODATA}, colour_table(legend))


def write_numbers(path: Path, grid: Grid, data: npt.NDArray[np.uint32]) -> None:
    """Write the numbers of the objects of a picture as a GeoTIFF.

    Parameters
    ----------
    path
        A new file, which is not looked at before it is whole.
    grid
        Of the picture.
    data
        [row, column], 0 where no object is.

    Raises
    ------
    RunError
        If it cannot be written.
    """
    _write(path, grid, data, {}, {}, None)


def _write(
    path: Path,
    grid: Grid,
    data: npt.NDArray[Any],
    tags: Mapping[str, str],
    more: Mapping[str, Any],
    colours: Mapping[int, tuple[int, int, int, int]] | None,
) -> None:
    large = min(data.shape) > BLOCK
    tiled = {"tiled": True, "blockxsize": BLOCK, "blockysize": BLOCK} if large else {}
    profile = {
        "driver": "GTiff",
        "height": grid.height,
        "width": grid.width,
        "count": 1,
        "dtype": str(data.dtype),
        "crs": CRS.from_wkt(grid.crs) if grid.crs else None,
        "transform": Affine(*grid.transform),
        "compress": "deflate",
        **tiled,
        **more,
    }
    with failures(path, REFUSALS), gdal_env(), warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # so is its picture
        with rasterio.open(path, "w", **profile) as file:
            file.update_tags(**tags)
            if colours is not None:
                file.write_colormap(1, colours)
            file.write(data, 1)
