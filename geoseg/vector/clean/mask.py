"""What of a class raster is traced: inside a vector file or WKT, or where another raster is
valid and not 0.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.errors import RasterioError

from ...core.errors import InputError
from ...core.grid import Grid, Window
from ...features.aoi import load_aoi
from ...raster.band_info import BandInfo, describe_bands
from ...raster.handles import gdal_env, open_dataset
from ...raster.pixels import read_north_up

Inside = npt.NDArray[np.bool_]
NEAR = 1e-6  # pixels by which grids may differ


def load_mask(mask: str, grid: Grid) -> Callable[[int, int], Inside]:
    """Open what limits a class raster.

    Parameters
    ----------
    mask
        A vector file, WKT (with a CRS as EWKT has it), or a raster on the same grid with one band.
    grid
        The class raster's.

    Returns
    -------
    Callable[[int, int], Inside]
        Called with the first row and the one after the last, which pixels are inside: bool
        [row, column].

    Raises
    ------
    InputError
        If it cannot be read, has several bands, or does not lie on the grid.
    """
    if is_raster(mask):
        layer = _mask_layer(mask, grid)
        return lambda top, bottom: _raster_rows(layer, Window(top, 0, bottom, grid.width))
    area = load_aoi(mask, grid)
    return lambda top, bottom: area.mask(Window(top, 0, bottom, grid.width))


def is_raster(path: str) -> bool:
    """Tell whether GDAL opens this as a raster; a vector file or WKT it does not.

    Parameters
    ----------
    path
        What was given as mask.

    Returns
    -------
    bool
        Whether it is one, with at least one band.
    """
    if len(path) < 4096 and not Path(path).is_file():
        return False
    try:
        with rasterio.open(path) as raster:
            return bool(raster.count)
    except RasterioError:
        return False


def _mask_layer(path: str, grid: Grid) -> BandInfo:
    """Return the one band of a raster on the grid."""
    with gdal_env(), open_dataset(path) as raster:
        layers = describe_bands(raster, path)
    check_grid(path, layers[0].grid, grid)
    bands = [layer for layer in layers if layer.colour != "alpha"]
    if len(bands) != 1:
        raise InputError(
            f"the mask {path} has {len(bands)} bands",
            "one band, which is 0 outside",
            "make a file of the one that is meant with gdal_translate -b N",
        )
    return bands[0]


def check_grid(path: str, own: Grid, grid: Grid) -> None:
    """Check that a raster lies on the class raster's grid.

    Parameters
    ----------
    path
        What errors call it.
    own, grid
        Its grid, and the class raster's.

    Raises
    ------
    InputError
        If sizes or CRS differ, or corners by more than NEAR pixels.
    """
    if (own.height, own.width) != (grid.height, grid.width):
        raise InputError(
            f"{path} is {own.width} x {own.height} px",
            f"the class raster's {grid.width} x {grid.height}",
            "bring it to that grid with gdalwarp -te -ts",
        )
    pixel = max(abs(value) for value in (*grid.transform[:2], *grid.transform[3:5]))
    shifts = (abs(a - b) for a, b in zip(own.transform, grid.transform, strict=True))
    differ = (
        own.crs and grid.crs and rasterio.CRS.from_wkt(own.crs) != rasterio.CRS.from_wkt(grid.crs)
    )
    if max(shifts) > NEAR * pixel or differ:
        raise InputError(
            f"{path} does not lie on the class raster's grid",
            "the same CRS and corners",
            "bring it to that grid with gdalwarp -t_srs -te -ts",
        )


def _raster_rows(layer: BandInfo, window: Window) -> Inside:
    with open_dataset(layer.path) as raster:
        data, valid = read_north_up(raster, [layer], window)
    inside: Inside = data[0] != 0
    return inside if valid is None else inside & valid
